"""Reporting an entry (DSA Art. 16): by anyone, with a receipt, a decision with reasons, and an answer for each."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from moderation.model import Report, ReportCase
from participation.city import City
from participation.comments.model import Comment
from participation.database import Database
from participation.ideas.model import Idea, IdeaStep
from participation.settings import Settings
from participation.waiting import Waiting
from participation.web.door import Door
from tests.moderation.answers import (
    AUTHOR,
    BODY,
    WHY,
    a_comment,
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




















