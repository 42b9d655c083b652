"""Reports: what stays, what is forgotten, what nobody learns, and what cannot be reported or hidden."""

from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select, update

from moderation import following
from moderation.model import Report, ReportCase
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from tests.counting import counted
from tests.moderation.answers import (
    AUTHOR,
    BODY,
    WHY,
    a_comment,
    a_minute_passes,
    an_idea,
    report,
    statement_link,
    text_of,
    uphold,
)
from tests.people import AN_IDEA, Guest, Moderator, Resident

READER = "reader@example.org"


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


def test_reports_are_limited(guest: Guest, ref: str, limited: None) -> None:
    guest.open(f"/ideas/{ref}/report")
    form = guest.page.form("/report")
    for _ in range(20):
        guest.send(form, category="insult", body=BODY)
    guest.send(form, status=429, category="insult", body="One more, with words that stay.")
    assert "One more, with words that stay." in guest.page.html


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
