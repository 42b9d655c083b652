"""The outbox: what must happen later happens once, with pauses, and what finally fails waits for a person."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from redis import Redis
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation import jobs, outbox
from participation.database import Database, now
from participation.jobs import GiveUp, House, TryLater
from participation.outbox import DEAD, DONE, PENDING, Event, Task

KIND = "test.happened"


class Outgoing:
    """Something that is sent; says how often."""

    def __init__(self, trouble: Exception | None = None, rounds: int = 1) -> None:
        self.trouble = trouble
        self.rounds = rounds
        self.sent = 0

    def send(self) -> None:
        self.sent += 1
        if self.trouble is not None:
            raise self.trouble

    def record(self, _session: object, _house: object) -> bool:
        return self.sent >= self.rounds


def _happen(database: Database) -> None:
    with database.change() as session:
        outbox.happened(session, KIND, now(), thing_id=7)


def _work(database: Database, house: Callable[[], House], follower: jobs.Follower) -> Task:
    """One round: spread, lease, run; the task as it stands then."""
    with database.change() as session:
        outbox.spread(session, {KIND: ["follower"]}, now())
        leased = outbox.claim(session, now() + timedelta(days=3), 10)
    jobs.run(database, house, {"follower": follower}, leased)
    with database.reading() as session:
        return session.scalars(select(Task)).one()


def test_a_follower_is_called_once(database: Database, house: Callable[[], House]) -> None:
    seen: list[dict[str, int]] = []

    def follower(_session: object, event: Event, _house: House) -> None:
        seen.append(event.about)

    _happen(database)
    task = _work(database, house, follower)
    assert (task.state, task.attempts, seen) == (DONE, 1, [{"thing_id": 7}])
    _work(database, house, follower)
    assert len(seen) == 1


def test_what_fails_changes_nothing_and_comes_again_later(database: Database, house: Callable[[], House],
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(outbox, "uniform", lambda _least, _most: 1.0)

    def follower(session: object, _event: Event, _house: House) -> None:
        outbox.happened(session, "half.done", now())  # type: ignore[arg-type]
        raise RuntimeError("in the middle")

    _happen(database)
    task = _work(database, house, follower)
    assert task.state == PENDING and task.error == "RuntimeError"
    assert timedelta(seconds=1) < task.due - now() <= timedelta(seconds=outbox.PAUSES[0])
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "half.done")) == 0
    assert _work(database, house, lambda *_: None).state == DONE


def test_the_other_side_says_when(database: Database, house: Callable[[], House]) -> None:
    _happen(database)
    task = _work(database, house, lambda *_: Outgoing(TryLater("busy", after=120)))
    assert timedelta(seconds=110) < task.due - now() <= timedelta(seconds=120)
    task = _work(database, house, lambda *_: Outgoing(TryLater("busy", after=0)))  # which is no reason to hammer
    assert timedelta(seconds=outbox.PAUSES[1] * 0.8 - 1) < task.due - now()


def test_what_failed_together_does_not_come_back_together(database: Database, house: Callable[[], House]) -> None:
    for _ in range(12):
        _happen(database)
    with database.change() as session:
        outbox.spread(session, {KIND: ["follower"]}, now())
        leased = outbox.claim(session, now() + timedelta(seconds=1), 20)
        for task_id, attempts in leased:
            outbox.begin(session, task_id, attempts, now())
            outbox.fail(session, task_id, "no", now())
        dues = session.scalars(select(Task.due)).all()
    assert len(set(dues)) == 12
    assert all(1.5 < (due - now()).total_seconds() <= 2.4 for due in dues)


def test_giving_up_waits_for_a_person(database: Database, house: Callable[[], House]) -> None:
    _happen(database)
    assert _work(database, house, lambda *_: Outgoing(GiveUp("wrong address"))).state == DEAD
    with database.reading() as session:
        assert outbox.dead_tasks(session) == 1


def test_what_is_dead_comes_alive_again(database: Database, house: Callable[[], House]) -> None:
    _happen(database)
    assert _work(database, house, lambda *_: Outgoing(GiveUp("wrong address"))).state == DEAD
    with database.change() as session:
        assert outbox.revive(session, "another", now()) == 0
        assert outbox.revive(session, "follower", now(), thing_id=8) == 0
        assert outbox.revive(session, "follower", now(), thing_id=[7, 8]) == 1
        assert outbox.revive(session, "follower", now(), thing_id=7) == 0
    assert _work(database, house, lambda *_: None).state == DONE


def test_who_sends_is_told_that_it_failed(database: Database, house: Callable[[], House]) -> None:
    class Remembering(Outgoing):
        def failed(self, session: Session, _house: House, trouble: Exception) -> None:
            outbox.happened(session, f"told.{jobs.in_our_words(trouble)}", now())

    for trouble in (TryLater("busy"), ValueError("what somebody typed")):
        _happen(database)
        with database.change() as session:
            outbox.spread(session, {KIND: ["follower"]}, now())
            leased = outbox.claim(session, now() + timedelta(seconds=1), 10)
        jobs.run(database, house, {"follower": lambda *_, said=trouble: Remembering(said)}, leased)
    with database.reading() as session:
        assert session.scalars(select(Event.kind).where(Event.kind != KIND).order_by(Event.id)).all() == [
            "told.busy", "told.ValueError"]


def test_after_the_last_pause_it_is_dead(database: Database, house: Callable[[], House]) -> None:
    _happen(database)
    for _ in range(len(outbox.PAUSES)):
        assert _work(database, house, lambda *_: Outgoing(TryLater("no"))).state == PENDING
    assert _work(database, house, lambda *_: Outgoing(TryLater("no"))).state == DEAD


def test_what_is_done_in_parts_goes_on_at_once(database: Database, house: Callable[[], House]) -> None:
    outgoing = Outgoing(rounds=3)
    _happen(database)
    for _ in range(2):
        task = _work(database, house, lambda *_: outgoing)
        assert task.state == PENDING and task.due <= now() and task.error == ""
    assert _work(database, house, lambda *_: outgoing).state == DONE


def test_the_same_try_runs_once_though_two_workers_have_it(database: Database, house: Callable[[], House]) -> None:
    seen: list[int] = []
    _happen(database)
    with database.change() as session:
        outbox.spread(session, {KIND: ["follower"]}, now())
        leased = outbox.claim(session, now() + timedelta(seconds=1), 10)
    for _ in range(2):
        jobs.run(database, house, {"follower": lambda *_: seen.append(1)}, leased)
    assert seen == [1]


def test_a_lease_ends_by_itself(database: Database) -> None:
    _happen(database)
    moment = now()
    with database.change() as session:
        outbox.spread(session, {KIND: ["follower"]}, moment)
        assert len(outbox.claim(session, moment, 10)) == 1
        assert outbox.claim(session, moment, 10) == []
        assert len(outbox.claim(session, moment + outbox.LEASE, 10)) == 1


def test_without_redis_nothing_is_leased(database: Database) -> None:
    _happen(database)
    with Redis.from_url("unix:///nowhere/redis.sock") as redis, pytest.raises(Exception, match="No such file"):
        jobs.relay(database, redis, {KIND: ["follower"]})
    with database.reading() as session:
        task = session.scalars(select(Task)).one()
        assert task.due <= now() and task.attempts == 0


def test_the_timetable_rings_once(database: Database) -> None:
    line, moment = jobs.Timed("sweep", timedelta(hours=6)), now()
    for later in (0, 1, 5.9, 6, 6.1, 12.1):
        with database.change() as session:
            jobs.ring(session, [line], moment + timedelta(hours=later))
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Event.kind == "time.sweep")) == 3


def test_who_is_missing(database: Database) -> None:
    with database.change() as session:
        assert jobs.missing(session, now()) == ("worker", "scheduler")
        jobs.beat(session, "worker", now())
        jobs.beat(session, "worker", now())
        session.flush()
        assert jobs.missing(session, now()) == ("scheduler",)
        assert jobs.missing(session, now() + timedelta(seconds=61)) == ("worker", "scheduler")


def test_the_outbox_forgets_what_was_done_but_not_what_failed(database: Database, house: Callable[[], House]) -> None:
    _happen(database)
    _work(database, house, lambda *_: None)
    with database.change() as session:
        outbox.sweep(session, now() + timedelta(days=29))
        assert session.scalar(select(func.count()).select_from(Event)) == 1
        outbox.sweep(session, now() + timedelta(days=31))
        assert session.scalar(select(func.count()).select_from(Event)) == 0
    _happen(database)
    _work(database, house, lambda *_: Outgoing(GiveUp("wrong address")))
    with database.change() as session:
        outbox.sweep(session, now() + timedelta(days=99))
        assert outbox.dead_tasks(session) == 1
