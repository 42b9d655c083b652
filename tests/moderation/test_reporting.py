"""Reporting an entry (DSA Art. 16): by anyone, with a receipt, a decision with reasons, and an answer for each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from moderation import following
from moderation.model import Report, ReportCase
from participation.city import City
from participation.comments.model import Comment
from participation.database import Database, now
from participation.ideas.model import Idea, IdeaStep
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from participation.settings import Settings
from participation.waiting import Waiting
from participation.web.door import Door
from participation.web.limits import limiter
from tests.counting import counted
from tests.moderation.answers import (
    AUTHOR,
    BODY,
    WHY,
    a_comment,
    a_minute_passes,
    an_idea,
    decisions,
    report,
    statement_link,
    subjects,
    text_of,
    uphold,
)
from tests.people import AN_IDEA, Guest, Moderator, Resident

READER = "reader@example.org"


@pytest.fixture
def ref(database: Database, city: City) -> str:
    """A public idea."""
    return an_idea(database, city)


@pytest.fixture
def quick(app: Flask, city: City, settings: Settings, database: Database) -> Iterator[City]:
    """A city in which three people's reports hide an entry until a moderator decides."""
    made = replace(city, moderation=replace(city.moderation, hide_after_reports=3))
    app.extensions["door"] = Door(settings, made, database)
    yield made


def _readers(someone: Callable[..., Any], count: int) -> list[Resident]:
    return [someone(Resident, f"reader-{n}@example.org") for n in range(count)]


def test_a_guest_reports_without_a_name(guest: Guest, ref: str, city: City) -> None:
    guest.open(f"/ideas/{ref}")
    guest.open(guest.page.link("Report this idea"))
    assert guest.page.has(AN_IDEA["title"], "within 2 days", "without a name and without an address")
    offered = [e.get("value") for e in guest.page.all(".//input[@type='radio']")]
    assert offered == [reason.key for reason in city.reasons if reason.report and "idea" in reason.kinds]
    guest.send("/report", category="advertising", body=BODY)
    assert "/reports/" in guest.page.path
    assert guest.page.has("Your report has arrived", "Being looked at", "keep the address of this page", BODY)
    headers = guest.page.response.headers
    assert headers["Referrer-Policy"] == "strict-origin" and headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"
    assert not [letter for letter in guest.mailbox.letters() if "report" in letter["Subject"].lower()]


def test_a_guest_with_an_address_gets_receipt_and_answer(guest: Guest, moderator: Moderator, ref: str,
                                                         database: Database) -> None:
    report(guest, ref, email=" Reader@example.org ")
    receipt = text_of(guest.mailbox.last(READER))
    assert ref in receipt and "decides by" in receipt and "somebody entered this address" in receipt
    assert BODY not in receipt  # the address may be a stranger's
    uphold(moderator)
    answer = guest.mailbox.last(READER)
    assert "Hidden after a report" in answer["Subject"] and WHY in text_of(answer)
    assert "House rules no. 7" in text_of(answer) and "No program took part" in text_of(answer)
    page = guest.open(guest.mailbox.link(READER, "/reports/"))
    assert page.has("Hidden after a report", WHY, "House rules no. 7", "not public")
    assert not page.has(AN_IDEA["title"])  # it is hidden now, from reporters, too
    assert len(subjects(guest, READER)) == 2


def test_a_resident_reports_a_comment(resident: Resident, moderator: Moderator, ref: str, database: Database,
                                      city: City) -> None:
    comment = a_comment(database, city, ref)
    resident.open(f"/ideas/{ref}")
    resident.open(resident.page.link(f"/report?comment={comment}"))
    assert resident.page.has("Report a comment", "Buy my sunshades")
    assert "email" not in resident.page.form("/report").values
    resident.send("/report", category="insult", body=BODY)
    assert resident.page.has(f"A comment on {ref}", "You get the answer by e-mail")
    uphold(moderator)
    with database.reading() as session:
        hidden, idea = session.get_one(Comment, comment), session.scalars(select(Idea)).one()
        assert not hidden.public and idea.comments == 0 and idea.public
    assert WHY in resident.mailbox.text("resident@example.org")
    assert resident.open(statement_link(resident, "talker@example.org")).has("A decision on your comment", WHY)


def test_a_flood_is_one_entry(guest: Guest, moderator: Moderator, ref: str, database: Database) -> None:
    for _ in range(30):
        report(guest, ref)
    with database.reading() as session:
        assert session.scalars(select(ReportCase.reports)).all() == [30]
        assert session.scalar(select(func.count()).select_from(Report)) == 30
        assert session.scalars(select(Waiting.kind)).all() == ["report"]
    assert moderator.open("/moderation/reports/1").has("30 reports", "Advertising: 30", BODY)


def test_the_same_person_twice(resident: Resident, ref: str, database: Database) -> None:
    report(resident, ref)
    report(resident, ref, status=409, body="The same again, and more of it.")
    assert resident.page.has("You have reported this already")
    assert "The same again, and more of it." in resident.page.html
    with database.reading() as session:
        assert session.scalars(select(ReportCase.reports)).all() == [1]


def test_upholding_hides_answers_and_tells_the_author(guest: Guest, resident: Resident, moderator: Moderator,
                                                      ref: str, database: Database, city: City) -> None:
    report(guest, ref, email=READER)
    report(resident, ref)
    uphold(moderator)
    assert guest.open(f"/ideas/{ref}", 404)
    for reporter in (READER, "resident@example.org"):
        assert [s for s in subjects(guest, reporter) if "Hidden after a report" in s]
    letter = text_of(guest.mailbox.last(AUTHOR))
    for words in ("Hidden.", city.explain("advertising", "en", AN_IDEA["title"]), WHY, "House rules no. 7",
                  "No program took part", "You can appeal until", "/statements/"):
        assert words in letter, words
    page = guest.open(statement_link(guest, AUTHOR))
    assert page.has("Hidden", AN_IDEA["title"], WHY, "House rules no. 7", "Send the appeal")
    assert not page.has(BODY)  # what reporters wrote is for moderators
    assert page.response.headers["Cache-Control"] == "no-store"
    assert sorted(decisions(database)) == [("idea", "hide"), ("report", "uphold_report")]


def test_dismissing_leaves_it(guest: Guest, moderator: Moderator, ref: str) -> None:
    report(guest, ref, email=READER)
    moderator.decide("reports/1", "dismiss", statement="It is a proposal for the city.")
    assert guest.open(f"/ideas/{ref}").has(AN_IDEA["title"])
    page = guest.open(guest.mailbox.link(READER, "/reports/"))
    assert page.has("Report dismissed", "It is a proposal for the city.", ref)
    assert not [s for s in subjects(guest, AUTHOR) if "Report" in s]  # nothing was decided against the author
    report(guest, ref)  # what comes after is a case of its own
    assert moderator.open("/moderation/reports/2").has("1 report")


def test_nothing_hides_by_itself_unless_the_city_says_so(someone: Callable[..., Any], ref: str) -> None:
    for reader in _readers(someone, 4):
        report(reader, ref)
    assert reader.open(f"/ideas/{ref}").has(AN_IDEA["title"])


def test_enough_reports_hide_it_for_a_while(quick: City, someone: Callable[..., Any], guest: Guest, ref: str,
                                            moderator: Moderator, database: Database) -> None:
    readers = _readers(someone, 3)
    report(readers[0], ref)
    report(guest, ref)  # somebody without a name is not counted as one more person
    report(readers[1], ref)
    assert guest.open(f"/ideas/{ref}").has(AN_IDEA["title"])
    report(readers[2], ref)
    guest.open(f"/ideas/{ref}", 404)
    letter = text_of(guest.mailbox.last(AUTHOR))
    assert "made by a rule, not by a person" in letter and "/statements/" in letter
    assert guest.open(statement_link(guest, AUTHOR)).has("until a moderator decides", "made by a rule")
    moderator.decide("reports/1", "dismiss", statement="It is a proposal for the city.")
    assert guest.open(f"/ideas/{ref}").has(AN_IDEA["title"])
    assert "Published after all" in guest.mailbox.last(AUTHOR)["Subject"]


def test_what_was_hidden_for_a_while_stays_hidden_with_a_reason(quick: City, someone: Callable[..., Any], ref: str,
                                                                moderator: Moderator, database: Database) -> None:
    for reader in _readers(someone, 3):
        report(reader, ref)
    uphold(moderator)
    letter = reader.mailbox.last(AUTHOR)
    assert "Stays hidden" in letter["Subject"]
    assert WHY in text_of(letter) and "House rules no. 7" in text_of(letter)
    page = reader.open(statement_link(reader, AUTHOR))
    assert page.has("Stays hidden", WHY, "Send the appeal")
    reader.open(f"/ideas/{ref}", 404)
    assert ("idea", "hide_reported") in decisions(database) and ("idea", "stay_hidden") in decisions(database)


def test_staying_hidden_can_be_undone(quick: City, someone: Callable[..., Any], ref: str, moderator: Moderator,
                                      database: Database) -> None:
    for reader in _readers(someone, 3):
        report(reader, ref)
    uphold(moderator)
    moderator.send("/undo/")
    with database.reading() as session:
        steps = session.execute(select(IdeaStep.move, IdeaStep.undone).order_by(IdeaStep.id)).all()
        assert [tuple(row) for row in steps[-2:]] == [("hide_reported", False), ("stay_hidden", True)]
        assert session.scalars(select(Waiting.kind)).all() == ["report"]
    moderator.decide("reports/1", "dismiss", statement="It is a proposal for the city.")
    assert reader.open(f"/ideas/{ref}").has(AN_IDEA["title"])


def test_a_hidden_comment_of_the_crowd(quick: City, someone: Callable[..., Any], ref: str, moderator: Moderator,
                                       database: Database, city: City) -> None:
    comment = a_comment(database, city, ref)
    for reader in _readers(someone, 3):
        report(reader, ref, comment)
    with database.reading() as session:
        assert session.scalars(select(Idea.comments)).one() == 0
    uphold(moderator)
    assert reader.open(statement_link(reader, "talker@example.org")).has("Stays hidden", "Buy my sunshades")


@pytest.mark.parametrize(("field", "value", "said"), [
    ("body", "x" * 100_000, "96000 characters too long"), ("body", "", "Please fill this in"),
    ("category", "duplicate", "one of the offered answers"), ("category", "", "Please fill this in"),
    ("email", "nobody", "Please enter an e-mail address"), ("email", "x" * 100_000, "Please enter an e-mail")])
def test_what_is_wrong_is_named_and_everything_stays(guest: Guest, ref: str, database: Database, field: str,
                                                     value: str, said: str) -> None:
    typed: dict[str, Any] = {"category": "insult", "body": BODY, "email": READER, field: value}
    report(guest, ref, status=422, **typed)
    assert guest.page.has(said)
    kept = guest.page.form("/report").values
    assert all(kept.get(name, "") == text for name, text in typed.items() if name != "category" or text == "insult")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Report)) == 0


def test_several_things_wrong_are_told_at_once(guest: Guest, ref: str) -> None:
    report(guest, ref, status=422, category="", body="short", email="nobody")
    assert guest.page.has("Please fill this in", "at least 10 characters", "Please enter an e-mail address")


def test_hidden_meanwhile_the_words_stay(guest: Guest, moderator: Moderator, ref: str) -> None:
    guest.open(f"/ideas/{ref}/report")
    form = guest.page.form("/report")
    moderator.decide(f"ideas/{ref}", "hide", reason="advertising", statement=WHY)
    guest.send(form, status=409, category="insult", body=BODY, email=READER)
    assert guest.page.has("not public any more") and BODY in guest.page.html
    assert not guest.page.has(AN_IDEA["title"])
    guest.open(f"/ideas/{ref}/report", 404)


def test_what_is_not_there_cannot_be_reported(guest: Guest, resident: Resident, ref: str, database: Database,
                                              city: City) -> None:
    resident.propose()
    with database.reading() as session:
        waiting = session.scalars(select(Idea.ref).where(Idea.published_at.is_(None))).one()
    other = an_idea(database, city)
    comment = a_comment(database, city, other)
    for path in (f"{waiting}/report", "MZ-2020-99999/report", f"{ref}/report?comment={comment}",
                 f"{ref}/report?comment=99", f"{ref}/report?comment=%00", f"{ref}/report?comment=²"):
        guest.open(f"/ideas/{path}", 404)
    guest.open(f"/ideas/{ref}/report")
    form = guest.page.form("/report")
    guest.send(form, status=404, category="insult", body=BODY, comment=str(comment))
    assert BODY in guest.page.html  # on the error page, to be copied or sent again


def test_a_report_link_that_was_tampered_with(guest: Guest, ref: str) -> None:
    report(guest, ref)
    path = guest.page.path
    for wrong in (path[:-1] + ("0" if path[-1] != "0" else "1"), path.replace("/1.", "/2."), "/en/reports/1",
                  "/en/reports/%00", "/en/reports/²." + "0" * 40, "/en/reports/99999999999.x"):
        guest.open(wrong, 404)


def test_nobody_learns_who_reported_or_decided(resident: Resident, guest: Guest, moderator: Moderator,
                                               ref: str, database: Database) -> None:
    report(resident, ref)
    receipt = resident.page.path
    uphold(moderator)
    pages = [guest.open(receipt), guest.open(statement_link(guest, AUTHOR))]
    for secret in ("resident@example.org", "Rosa", AUTHOR, "moderator@example.org", "Mo "):
        assert not any(secret in page.text for page in pages), secret
        assert secret not in text_of(guest.mailbox.last(AUTHOR)), secret
        assert secret not in text_of(guest.mailbox.last("resident@example.org")), secret


def test_reports_are_limited(app: Flask, guest: Guest, ref: str) -> None:
    guest.open(f"/ideas/{ref}/report")
    form = guest.page.form("/report")
    limiter.enabled = True
    limiter.reset()
    try:
        for _ in range(20):
            guest.send(form, category="insult", body=BODY)
        guest.send(form, status=429, category="insult", body="One more, with words that stay.")
        assert "One more, with words that stay." in guest.page.html
    finally:
        limiter.reset()
        limiter.enabled = False


def test_letters_speak_the_language_of_the_report(guest: Guest, moderator: Moderator, ref: str) -> None:
    guest.lang = "de"
    report(guest, ref, email=READER)
    uphold(moderator)
    letters = guest.mailbox.letters(READER)
    assert [letter["Content-Language"] for letter in letters] == ["de", "de"]
    assert "/de/reports/" in text_of(letters[0]) and "Teilnahmeregeln Nr. 7" in text_of(letters[1])


def test_addresses_are_forgotten_a_month_after_the_answer(guest: Guest, moderator: Moderator, ref: str,
                                                          database: Database, house: Callable[[], House]) -> None:
    report(guest, ref, email=READER)
    uphold(moderator)
    assert len(guest.mailbox.letters(READER)) == 2
    for days, kept in ((29, READER), (31, "")):
        with database.change() as session:
            session.execute(update(ReportCase).values(decided_at=now() - timedelta(days=days)))
            following.forgotten(session, Event(kind="time.sweep"), house())
        with database.reading() as session:
            assert session.scalars(select(Report.email)).one() == kept


def test_a_report_of_somebody_erased_is_still_answered_for_the_others(resident: Resident, guest: Guest, ref: str,
                                                                      moderator: Moderator, database: Database,
                                                                      ) -> None:
    report(resident, ref)
    report(guest, ref, email=READER)
    with database.change() as session:
        session.execute(update(Person).where(Person.email == "resident@example.org").values(email=None))
    uphold(moderator)
    assert "Hidden after a report" in guest.mailbox.last(READER)["Subject"]


def test_the_cards_of_comments_are_everybodys(resident: Resident, guest: Guest, ref: str, database: Database,
                                              city: City) -> None:
    comment = a_comment(database, city, ref)
    links = [[link for link in who.open(f"/ideas/{ref}").links() if "/report" in link] for who in (resident, guest)]
    assert links[0] == links[1] == [f"/en/ideas/{ref}/report", f"/en/ideas/{ref}/report?comment={comment}"]
    a_minute_passes(database)
    with counted(database) as seen:
        guest.open(f"/ideas/{ref}/report?comment={comment}")
    assert len(seen) <= 4, seen


def test_what_the_pool_has_taken_up_is_not_hidden_by_a_report(guest: Guest, moderator: Moderator, database: Database,
                                                              city: City) -> None:
    ref = an_idea(database, city)
    report(guest, ref)
    moderator.decide(f"ideas/{ref}", "accept", benefit="Shade", who_benefits="All")
    moderator.decide("reports/1", "uphold_report", reason="insult", statement="They are right.", status=409)
    assert moderator.page.has("The idea pool has taken this idea up") and "They are right." in moderator.page.html
    moderator.send("/moderation/reports/1", move="dismiss", statement="We have asked the office about it.")
    assert guest.open(f"/ideas/{ref}").has("Accepted")
