"""Dates the public was promised: moved openly, and the office is told first."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import delete, select, update

from participation.assessment import answers, promises, warning
from participation.assessment.model import Act, Promise
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotAllowed
from participation.ideas.model import Idea
from participation.jobs import House
from participation.notices.model import Notice
from participation.outbox import Event
from participation.people.model import Person
from participation.pool import items
from participation.pool.items import today
from participation.pool.model import Item, Received
from participation.translations import Translation
from tests.making import staff
from tests.people import Mailbox
from tests.pool.making import accepted, in_parallel


def move(database: Database, city: City, idea_id: int, officer_id: int, due_on: date | None, reason: str = "Late.",
         language: str = "en", seen: int | None = None) -> None:
    with database.change() as session:
        promises.move(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id), due_on,
                      reason, language, now(), seen=newest(database) if seen is None else seen)


def newest(database: Database) -> int:
    with database.reading() as session:
        return session.scalars(select(Promise.id).order_by(Promise.id.desc()).limit(1)).one()


def read(database: Database, city: City, idea_id: int, at: datetime | None = None) -> tuple[promises.Promised, ...]:
    with database.reading() as session:
        return promises.public(session, city, idea_id, at or now())


def test_acceptance_promises_the_first_answer(database: Database, city: City, idea_id: int) -> None:
    [only] = read(database, city, idea_id)
    assert only.due_on == promises.usual(city, now()) and only.open and not only.late
    [late] = read(database, city, idea_id, now() + timedelta(days=city.pool.answer_days + 1))
    assert late.late


def test_an_answer_that_was_faster_than_the_promise_has_kept_it(database: Database, city: City, idea_id: int,
                                                                officer_id: int, house: Callable[[], House]) -> None:
    with database.change() as session:
        session.execute(delete(Promise))
        step = answers.answer(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id),
                              "pass", "Yes.", "en", now())
        accept = session.scalars(select(Event).where(Event.kind == "idea.accept")).one()
        promises.accepted(session, accept, house())
        promises.accepted(session, accept, house())  # a follower may run twice
    [only] = read(database, city, idea_id)
    assert only.kept_step_id == step.id and not only.open


def test_a_line_that_arrives_later_says_what_was_promised(database: Database, city: City, idea_id: int,
                                                          deliver: Callable[[], int]) -> None:
    with database.change() as session:
        session.execute(delete(Item))
        received = session.scalars(select(Received)).one()
        items.arrived(session, received, json.loads(received.body))
    deliver()
    with database.reading() as session:
        assert session.scalars(select(Item.promised_on)).one() == promises.usual(city, now())


def test_another_date_is_promised_with_a_reason_that_everyone_reads(database: Database, city: City, idea_id: int,
                                                                    officer_id: int) -> None:
    later = promises.usual(city, now()) + timedelta(days=20)
    move(database, city, idea_id, officer_id, later, "The council meets later.")
    first, second = read(database, city, idea_id)
    assert (first.moved_to, first.reason, first.reason_language, first.open) == (
        later, "The council meets later.", "en", False)
    assert second.open and second.due_on == later
    with database.reading() as session:
        item = session.scalars(select(Item)).one()
        assert item.promised_on == item.deadline == later
        assert session.scalars(select(Act.kind)).all() == ["promise_moved"]
        wanted = session.scalars(select(Translation).where(Translation.kind == "promise")).one()
        assert (wanted.part, wanted.language, wanted.done_at) == ("reason", "de", None)
    with database.change() as session:
        answers.answer(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id), "pass",
                       "Yes.", "en", now())
    first, second = read(database, city, idea_id)
    assert first.kept_at is None and second.kept_at and not second.late


def test_what_cannot_be_promised(database: Database, city: City, idea_id: int, officer_id: int) -> None:
    usual = promises.usual(city, now())
    for due_on, reason, language, expected in (
            (None, "", "en", {("due_on", "required")}),
            (today(city, now()), "", "xx", {("due_on", "not_in_the_future"), ("reason", "required"),
                                            ("reason_language", "not_offered")}),
            (usual, "x" * (city.limits.statement_max + 1), "en", {("due_on", "same_day"), ("reason", "too_long")}),
            (usual + timedelta(days=4000), "Because.", "en", {("due_on", "too_far_away")})):
        with pytest.raises(Invalid) as refused:
            move(database, city, idea_id, officer_id, due_on, reason, language)
        assert {(each.field, each.why) for each in refused.value.all} == expected
    with database.change() as session:
        moderator = staff(session, "moderator").id
    with pytest.raises(NotAllowed):
        move(database, city, idea_id, moderator, usual + timedelta(days=1))


def test_of_two_at_once_one_is_refused(database: Database, city: City, idea_id: int, officer_id: int) -> None:
    seen, usual = newest(database), promises.usual(city, now())
    troubles = in_parallel(lambda days: move(database, city, idea_id, officer_id, usual + timedelta(days=days),
                                             seen=seen), [1, 2, 3])
    assert [type(trouble) for trouble in troubles] == [Conflict, Conflict]
    assert len(read(database, city, idea_id)) == 2


def test_no_promise_outlives_the_answer(database: Database, city: City, idea_id: int, officer_id: int) -> None:
    seen = newest(database)

    def act(what: str) -> None:
        if what == "move":
            move(database, city, idea_id, officer_id, promises.usual(city, now()) + timedelta(days=1), seen=seen)
        else:
            with database.change() as session:
                answers.answer(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id),
                               "fail", "No.", "en", now())

    troubles = in_parallel(act, ["move", "answer"])
    assert all(isinstance(trouble, Conflict) for trouble in troubles)
    assert not any(each.open for each in read(database, city, idea_id))


def test_after_the_end_nothing_is_promised_and_without_a_promise_no_reason_is_needed(
        database: Database, city: City, idea_id: int, officer_id: int) -> None:
    with database.change() as session:
        answers.answer(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id), "fail",
                       "No.", "en", now())
    later = promises.usual(city, now())
    move(database, city, idea_id, officer_id, later, "", seen=0)
    assert [each.open for each in read(database, city, idea_id)] == [False, True]
    with database.change() as session:
        answers.answer(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id), "drop",
                       "No.", "en", now())
    with pytest.raises(Conflict):
        move(database, city, idea_id, officer_id, later, seen=0)


@pytest.fixture
def hour(database: Database, house: Callable[[], House]) -> Callable[..., list[int | None]]:
    """Let an hour of the scheduler pass so many days from now; who is told something then."""

    def pass_(days: int, clock: int = 8) -> list[int | None]:
        made = house()
        at = (now() + timedelta(days=days)).astimezone(made.city.zone).replace(hour=clock)
        with database.change() as session:
            before = set(session.scalars(select(Notice.id)))
            event = Event(kind="time.hour", about={}, at=at, due=at, spread_at=at)  # for this follower alone
            session.add(event)
            session.flush()
            warning.warned(session, event, replace(made, now=at))
            return [notice.person_id for notice in session.scalars(select(Notice).where(Notice.letter == "promise_near")
                                                                   .order_by(Notice.person_id))
                    if notice.id not in before]

    return pass_


def person(database: Database, email: str, **columns: Any) -> int:
    with database.change() as session:
        made = Person(email=email, role="cdo", language="en", created_at=now(), **columns)
        session.add(made)
        session.flush()
        return made.id


def test_the_office_is_told_a_week_ahead_and_again_when_it_is_late(
        database: Database, city: City, idea_id: int, ref: str, officer_id: int,
        hour: Callable[..., list[int | None]], mailbox: Mailbox) -> None:
    days = city.pool.answer_days
    with database.change() as session:  # the admin is of the office, too; without an address nobody is told
        session.execute(update(Person).where(Person.role == "admin").values(role="resident"))
    assert hour(days - city.pool.warn_days - 1) == []
    assert hour(days - city.pool.warn_days, clock=5) == []  # before the morning
    assert hour(days - city.pool.warn_days) == [officer_id]
    letter = mailbox.text("cdo@staff.example")
    assert ref in letter and "Promised by" in letter and "late" not in letter and f"/en/pool/{ref}/answer" in letter
    assert hour(days - 3) == hour(days) == []
    assert hour(days + 1) == [officer_id]
    assert mailbox.last("cdo@staff.example")["Subject"] == "1 promised answer is late"
    assert ": late" in mailbox.text("cdo@staff.example")
    assert hour(days + 2) == []


def test_whose_promise_it_is(database: Database, city: City, idea_id: int, officer_id: int,
                             hour: Callable[..., list[int | None]]) -> None:
    with database.reading() as session:
        field = session.get_one(Idea, idea_id).field
    coordinator = person(database, "coordinator@example.org", fields=f"other {field}")
    assignee = person(database, "assignee@example.org")
    assert hour(city.pool.answer_days) == [coordinator]
    with database.change() as session:
        session.execute(update(Item).values(assignee_id=assignee))
    assert hour(city.pool.answer_days + 1) == [assignee]


def test_many_promises_make_one_letter(database: Database, city: City, idea_id: int, officer_id: int,
                                       deliver: Callable[[], int], hour: Callable[..., list[int | None]],
                                       mailbox: Mailbox) -> None:
    for _ in range(warning.NAMED + 1):
        accepted(database, city)
    deliver()
    assert officer_id in hour(city.pool.answer_days)
    assert mailbox.last("cdo@staff.example")["Subject"] == f"{warning.NAMED + 2} promised answers are due soon"
    assert "and 2 more" in mailbox.text("cdo@staff.example")


def test_what_was_answered_meanwhile_is_not_told(database: Database, city: City, idea_id: int, officer_id: int,
                                                 hour: Callable[..., list[int | None]]) -> None:
    with database.change() as session:
        answers.answer(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id), "fail",
                       "No.", "en", now())
    assert hour(city.pool.answer_days + 1) == []
