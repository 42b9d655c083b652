"""The figures of a half-year, counted by hand beside them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import appeals, decisions
from moderation.figures import Figures, figures, half_of, half_years
from moderation.following import trusted
from moderation.model import Decision
from participation import support
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.jobs import House
from participation.outbox import Event
from participation.people.signing_in import person_of
from participation.settings import Settings
from tests.making import a_draft, staff
from tests.moderation.taking import appeal, days, report, take, waits

BERLIN = ZoneInfo("Europe/Berlin")
LATER = datetime(2027, 3, 1, tzinfo=UTC)


def at(month: int, day: int, hour: int = 12, year: int = 2026) -> datetime:
    """A moment of Mainz's clock."""
    return datetime(year, month, day, hour, tzinfo=BERLIN).astimezone(UTC)


def counted(database: Database, city: City, period: str = "2026-2", now: datetime = LATER) -> Figures:
    with database.reading() as session:
        return figures(session, city, period, now)


def a_public(session: Session, city: City, moment: datetime, who: str = "author@example.org") -> Idea:
    """An idea that was published without the moderation's decision, as if before."""
    idea = waits(session, city, moment, who)
    ideas.decide(session, city, staff(session), idea, "publish", moment)
    return idea


def test_half_years_follow_the_citys_clock(city: City) -> None:
    for moment, half in (("2026-06-30T21:59:59", "2026-1"), ("2026-06-30T22:00:00", "2026-2"),
                         ("2026-12-31T22:59:59", "2026-2"), ("2026-12-31T23:00:00", "2027-1")):
        assert half_of(city, datetime.fromisoformat(moment).replace(tzinfo=UTC)) == half


def test_a_half_year_ends_at_midnight_in_mainz(database: Database, city: City) -> None:
    edges = [at(7, 1, 0) - timedelta(microseconds=1), at(7, 1, 0), at(1, 1, 0, 2027) - timedelta(microseconds=1),
             at(1, 1, 0, 2027)]
    assert edges[1] == datetime(2026, 6, 30, 22, tzinfo=UTC) and edges[3] == datetime(2026, 12, 31, 23, tzinfo=UTC)
    with database.change() as session:
        for number, edge in enumerate(edges):
            idea = waits(session, city, edge - days(1), f"author-{number}@example.org")
            take(session, city, "idea", idea.ref, "publish", edge)
    found = [counted(database, city, half) for half in ("2026-1", "2026-2", "2027-1")]
    assert [each.decisions for each in found] == [(("idea", "publish", n),) for n in (1, 2, 1)]
    assert (found[1].begins, found[1].ends) == (edges[1], edges[3])
    with database.reading() as session:
        assert half_years(session, city, LATER) == ["2027-1", "2026-2", "2026-1"]
        assert half_years(session, city, LATER + days(365))[0] == "2028-1"


def test_no_half_year_before_anything_happened(database: Database, city: City) -> None:
    with database.reading() as session:
        assert half_years(session, city, LATER) == []
    found = counted(database, city)
    assert found.empty and found.share_within is None and found.monthly == (0,) * 6 and found.monthly_active == 0
    for unknown in (found.report_hours, found.first_days, found.appeal_days):
        assert unknown is None
    begun = counted(database, city, now=at(8, 2))
    assert begun.monthly == (0, 0)  # months that have not begun do not pull the average down


def test_reports(database: Database, city: City) -> None:
    with database.change() as session:
        one, two, three, four = (a_public(session, city, at(7, 1), f"a{n}@example.org") for n in range(4))
        report(session, city, one, at(7, 10, 10), who="x@example.org")
        report(session, city, one, at(7, 10, 11), who="y@example.org", category="illegal")
        take(session, city, "report", 1, "uphold_report", at(7, 10, 16))  # 6 hours, an idea hidden
        report(session, city, two, at(8, 1), who="")
        take(session, city, "report", 2, "dismiss", at(8, 3))  # 48 hours
        report(session, city, three, at(10, 24))
        take(session, city, "report", 3, "uphold_report", at(10, 25))  # the night has an hour more: 25 hours
        report(session, city, four, at(12, 31, 23))
        take(session, city, "report", 4, "uphold_report", at(1, 2, 23, 2027))
    found = counted(database, city)
    assert found.reports == (("insult", 4, 3), ("illegal", 1, 1))
    assert (found.report_cases, found.report_hours) == (3, 25.0)
    assert found.reasons == (("insult", 0, 2),)
    assert found.decisions == (("idea", "hide", 2), ("report", "uphold_report", 2), ("report", "dismiss", 1))
    after = counted(database, city, "2027-1")
    assert (after.reports, after.report_cases, after.report_hours) == ((), 1, 48.0) and not after.empty


def test_decisions_by_reason_and_what_is_undone(database: Database, city: City) -> None:
    with database.change() as session:
        rejected = waits(session, city, at(7, 1), "a@example.org")
        take(session, city, "idea", rejected.ref, "reject", at(7, 3), reason="advertising", block_days=3)
        public = a_public(session, city, at(7, 1), "b@example.org")
        take(session, city, "idea", public.ref, "hide", at(7, 4))
        idea = a_public(session, city, at(7, 1), "c@example.org")
        author = person_of(session, "c@example.org", "en", at(7, 1))
        said = comments.say(session, city, author, idea, "A nasty comment", "en", None, at(7, 5))
        take(session, city, "comment", said.id, "reject", at(7, 6))
        wrong = waits(session, city, at(7, 1), "d@example.org")
        made = take(session, city, "idea", wrong.ref, "reject", at(7, 7), block_days=2)
        decisions.undo(session, city, staff(session), made, at(7, 7))
        report(session, city, idea, at(7, 8))
        made = take(session, city, "report", 1, "uphold_report", at(7, 9))
        decisions.undo(session, city, staff(session), made, at(7, 9))
    found = counted(database, city)
    assert found.reasons == (("insult", 2, 0), ("advertising", 1, 0))
    assert found.decisions == (("comment", "reject", 1), ("idea", "hide", 1), ("idea", "reject", 1),
                               ("person", "block", 1))
    assert found.blocks == 1 and found.reports == (("insult", 1, 0),) and found.report_cases == 0


def test_what_the_house_decides_is_counted_apart(database: Database, city: City, settings: Settings) -> None:
    with database.change() as session:
        idea = waits(session, city, at(7, 1))
        person_of(session, "author@example.org", "de", at(7, 1)).trusted = True
        event = session.scalars(select(Event).where(Event.kind == "idea.submit")).one()
        trusted(session, event, House(settings, city, at(7, 1)))
        take(session, city, "idea", idea.ref, "hide", at(9, 1))
    found = counted(database, city)
    assert found.automated == (("publish_trusted", 1), ("hide_reported", 0))
    assert found.decisions == (("idea", "hide", 1),)
    assert (found.first_decisions, found.first_days) == (0, None)  # it never waited


def test_appeals(database: Database, city: City) -> None:
    with database.change() as session:
        def rejected(number: int, moment: datetime) -> tuple[Decision, str]:
            who = f"author-{number}@example.org"
            idea = waits(session, city, moment, who)
            return take(session, city, "idea", idea.ref, "reject", moment), who

        def filed(number: int, moment: datetime) -> tuple[Decision, str, int]:
            decision, who = rejected(number, at(6, 1))
            return decision, who, appeal(session, city, decision, moment, who).id

        before = filed(1, at(6, 20))
        take(session, city, "appeal", before[2], "reverse", at(6, 25), role="moderator")  # the half-year before
        quick = filed(2, at(7, 1))
        take(session, city, "appeal", quick[2], "reverse", at(7, 5), role="moderator")  # 4 days
        slow = filed(3, at(7, 1))
        take(session, city, "appeal", slow[2], "uphold", at(7, 11), role="moderator")  # 10 days, and then a reply
        appeals.reply(session, city, person_of(session, slow[1], "de", at(7, 12)), slow[0], "Please look again.",
                      at(7, 12))
        take(session, city, "appeal", slow[2], "reverse", at(7, 20), role="moderator")  # only the last answer counts
        stands = filed(4, at(6, 29))
        take(session, city, "appeal", stands[2], "uphold", at(7, 5), role="moderator")  # 6 days, filed before
        waiting = filed(5, at(8, 1))
        wrong = take(session, city, "appeal", waiting[2], "uphold", at(8, 3), role="moderator")
        decisions.undo(session, city, staff(session, "moderator"), wrong, at(8, 3))
        take(session, city, "appeal", waiting[2], "uphold", at(1, 3, 12, 2027), role="moderator")
    found = counted(database, city)
    assert (found.appeals_filed, found.appeals_upheld, found.appeals_reversed, found.appeals_open) == (3, 1, 2, 1)
    assert found.appeal_days == 6.0
    after = counted(database, city, "2027-1")
    assert (after.appeals_filed, after.appeals_upheld, after.appeals_open) == (0, 1, 0)


def test_how_long_the_first_decision_took(database: Database, city: City) -> None:
    with database.change() as session:
        first = waits(session, city, at(6, 29))
        take(session, city, "idea", first.ref, "return", at(7, 1))  # 2 days
        author = person_of(session, "author@example.org", "de", at(7, 1))
        ideas.change(session, city, author, first, a_draft(), at(7, 2))
        take(session, city, "idea", first.ref, "publish", at(8, 20))  # not the first
        late = waits(session, city, at(10, 20), "b@example.org")
        take(session, city, "idea", late.ref, "publish", at(10, 30))  # 10 days and an hour, summer time ends
        said = comments.say(session, city, author, late, "A friendly comment", "en", None, at(11, 1))
        take(session, city, "comment", said.id, "publish", at(11, 1, 18))  # a quarter of a day
        public = a_public(session, city, at(7, 1), "c@example.org")
        take(session, city, "idea", public.ref, "hide", at(12, 1))  # did not wait
    found = counted(database, city)
    assert (found.first_decisions, found.first_days) == (3, 2.0)
    assert found.promised_days == city.deadlines.decide_days == 7 and found.within_promise == 2
    assert found.share_within == pytest.approx(2 / 3)


def test_active_people(database: Database, city: City) -> None:
    with database.change() as session:
        def person(name: str) -> Any:
            return person_of(session, f"{name}@example.org", "en", at(6, 1))

        idea = a_public(session, city, at(7, 1, 0), "ann@example.org")  # the first moment of July
        support.give(session, city, person("ben"), idea, at(7, 31, 23))  # the last hour of July
        comments.say(session, city, person("ben"), idea, "A comment of Ben's", "en", None, at(7, 5))
        comments.say(session, city, person("ann"), idea, "A comment of Ann's", "en", None, at(8, 1, 0))
        support.give(session, city, person("cem"), idea, at(12, 31, 23))
        support.give(session, city, person("dee"), idea, at(1, 1, 0, 2027))
    found = counted(database, city)
    assert found.monthly == (2, 1, 0, 0, 0, 1) and found.monthly_active == pytest.approx(4 / 6)
    assert counted(database, city, now=at(8, 15)).monthly == (2, 1)
    assert counted(database, city, "2027-1").monthly == (1, 0, 0)
