"""The accessibility statement, reporting a barrier, and the staff's list."""

from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from sqlalchemy import func, select

from participation import feedback
from participation.city import City, read_city
from participation.database import Database, now
from participation.feedback import Feedback
from participation.notices.model import Notice
from participation.settings import HOUSE
from participation.statements import Accessibility, missing
from tests.counting import counted
from tests.people import Guest, Moderator, Officer, Resident

OFFICE = "ideen@mainz.example"


def _kept(database: Database) -> list[Feedback]:
    with database.reading() as session:
        return list(session.scalars(select(Feedback).order_by(Feedback.id)))


def test_the_statement_says_what_the_law_asks_for(guest: Guest, database: Database) -> None:
    with counted(database) as queries:
        page = guest.open("/accessibility")
    assert not queries, queries
    assert page.title == "Accessibility" and page.has(
        "EN 301 549 in part", "German Sign Language", "What the law does not ask for", "BITV RP", "2016/2102",
        "This statement was written on November 21, 2026.", "The city assessed the site itself.", "within 30 days",
        "durchsetzungsstelle@mastd.rlp.de", OFFICE, "http://localhost",
        "you can have a new one as often as you need it")
    assert guest.open("/de/accessibility").root.get("lang") == "de"


def test_a_city_that_says_nothing_gets_the_honest_minimum() -> None:
    other = read_city(Path(__file__).parents[1] / "cities" / "neuenfurt.toml")
    assert other.accessibility == Accessibility() and other.accessibility.conformity == "partly"
    assert missing(other.accessibility) == tuple(f"accessibility.{name}" for name in (
        "prepared_on", "checked_on", "laws", "enforcement", "gaps"))
    assert missing(read_city(HOUSE / "cities" / "mainz.toml").accessibility) == ()


def test_every_page_leads_there_and_says_where_one_came_from(guest: Guest, resident: Resident) -> None:
    page = guest.open("/ideas?q=water")
    assert page.link("Accessibility") == "/en/accessibility?page=/en/ideas"
    for footer in page.all(".//footer//nav//a")[:1]:
        assert footer.text == "Accessibility"
    guest.open(page.link("Accessibility"))
    assert guest.page.form("/accessibility").values["page"] == "/en/ideas"
    assert guest.open("/nothing-here", 404).link("Could you not use a page?").startswith("/en/accessibility")
    assert guest.open("/ideas/MZ-2020-00001", 404).link("Could you not").endswith("page=/en/ideas/MZ-2020-00001")


def test_a_secret_address_is_not_carried_on(resident: Resident) -> None:
    resident.propose()
    resident.open(resident.mailbox.link("resident@example.org", "/follow/"))
    assert resident.page.link("Accessibility") == "/en/accessibility"


@pytest.mark.parametrize("away", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                                  "/\t/evil", "/" + "a" * 5000, "\u202e/x"])
def test_only_a_page_of_this_site_is_filled_in(guest: Guest, away: str) -> None:
    page = guest.open(f"/accessibility?{urlencode({'page': away})}")
    assert page.form("/accessibility").values["page"] == ("/" + "a" * 299 if "aaa" in away else "")


def test_somebody_reports_a_barrier(guest: Guest, database: Database) -> None:
    guest.open("/accessibility?page=/en/ideas")
    guest.send("/accessibility", body="My screen reader\nsays nothing here. <b>", email=" Ada@Example.org ")
    assert guest.page.has("Thank you. Your message has arrived.") and guest.page.path == "/en/accessibility"
    assert not guest.page.form("/accessibility").values["body"]
    [kept] = _kept(database)
    assert (kept.body, kept.page, kept.email, kept.language) == (
        "My screen reader\nsays nothing here. <b>", "/en/ideas", "ada@example.org", "en")
    letter = guest.mailbox.last(OFFICE)
    assert letter["Content-Language"] == "de" and guest.mailbox.letters("ada@example.org") == []
    for part in ("plain", "html"):
        body = letter.get_body((part,))
        assert body is not None and all(word in body.get_content() for word in (
            "says nothing here", "/en/ideas", "ada@example.org", "http://localhost/de/accessibility/reported"))
    with database.reading() as session:
        assert session.scalars(select(Notice.email)).all() == [""]  # the address is forgotten with the letter


def test_without_an_address_and_twice(guest: Guest, database: Database) -> None:
    guest.open("/accessibility")
    form = guest.page.form("/accessibility")
    for _ in range(2):  # the second click
        guest.send(form, body="The contrast is too low.")
    assert len(_kept(database)) == 1 and len(guest.mailbox.letters(OFFICE)) == 1
    guest.send(form, body="The contrast is too low, here as well.")
    assert len(_kept(database)) == 2


def test_what_is_wrong_is_said_and_kept(guest: Guest, database: Database) -> None:
    for wrong in ({"body": ""}, {"body": "abc"}, {"body": "x" * 4001}, {"email": "no address"}, {"page": "x" * 301}):
        guest.open("/accessibility")
        sent = {"body": "I cannot read it.", "page": "The list", "email": "a@example.org"} | wrong
        guest.send("/accessibility", status=422, **sent)
        assert guest.page.has("Something is missing or not right yet")
        assert {name: value for name, value in guest.page.form("/accessibility").values.items() if name in sent} == sent
    assert _kept(database) == []


def test_a_program_that_fills_in_everything_is_thanked_and_forgotten(guest: Guest, database: Database) -> None:
    page = guest.open("/accessibility")
    [trap] = [e for e in page.all(".//input") if e.get("name") == "website"]
    [around] = [e for e in page.all(".//div") if e.get("class") == "trap"]
    assert trap.get("tabindex") == "-1" and trap.get("autocomplete") == "off" and around.get("aria-hidden") == "true"
    guest.send("/accessibility", body="Buy cheap watches here", website="https://evil.example")
    assert guest.page.has("Thank you. Your message has arrived.")
    assert _kept(database) == [] and guest.mailbox.letters() == []


def test_floods_end(guest: Guest, database: Database, limited: None) -> None:
    guest.open("/accessibility")
    form = guest.page.form("/accessibility")
    for number in range(10):
        guest.send(form, body=f"Barrier number {number}")
    page = guest.send(form, status=429, body="Barrier number ten, with care")
    assert page.form("/accessibility").values["body"] == "Barrier number ten, with care"
    assert len(_kept(database)) == 10


def test_staff_see_it_and_note_it_as_done(guest: Guest, moderator: Moderator, officer: Officer, resident: Resident,
                                          database: Database, city: City) -> None:
    assert moderator.open("/accessibility/reported").has("Nothing is open.")
    for number in range(25):
        with database.change() as session:
            feedback.give(session, city, body=f"Barrier number {number:02d}",
                          page="//evil.example" if number else "/en/ideas", email="a@example.org" if number % 2 else "",
                          language="en", now=now())
    with counted(database) as queries:
        page = moderator.open("/accessibility/reported")
    assert len(queries) <= 4, queries
    assert page.has("Barrier number 24", "a@example.org", "No answer was asked for.")
    assert not page.has("Barrier number 04")
    assert not [link for link in page.links() if "evil" in link]
    moderator.open(page.link("Next page"))
    assert moderator.page.has("Barrier number 00") and "/en/ideas" in moderator.page.links()
    form = next(form for form in moderator.page.forms() if form.values.get("number") == "1")
    for _ in range(2):
        assert moderator.send(form).has("Noted as dealt with.")
    assert not moderator.open("/accessibility/reported?before=4").has("Barrier number 00")
    assert officer.open("/accessibility/reported?all=1&before=4").has("Barrier number 00", "Dealt with by")
    officer.send(next(form for form in officer.page.forms() if form.values.get("number") == "1"))
    assert officer.page.has("Noted as open again.") and _kept(database)[0].done_by_id is None
    resident.open("/accessibility/reported", 403)
    assert officer.open("/ideas").link("Barriers") == "/en/accessibility/reported"


def test_the_office_hears_of_the_first_one_after_all_were_forgotten(guest: Guest, database: Database) -> None:
    for words in ("The contrast is too low.", "The map cannot be used."):
        guest.open("/accessibility")
        guest.send("/accessibility", body=words)
        assert words in guest.mailbox.text(OFFICE)
        with database.change() as session:
            feedback.sweep(session, now() + timedelta(days=366))  # SQLite gives its number to the next


def test_it_is_forgotten_after_a_year(database: Database, city: City) -> None:
    def given(words: str, days: int) -> Any:
        return feedback.give(session, city, body=words, page="", email="", language="en",
                             now=now() - timedelta(days=days))

    with database.change() as session:
        given("An old one", 366)
        given("A newer one", 364)
        feedback.sweep(session, now())
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Feedback)) == 1
