"""What must happen later: written in the transaction of the change that causes it, so never lost.

An Event says what happened, by ids only. The relay spreads it into one Task for each follower that
the roof's table names; a Task is leased, tried, and ends as done or, after the last pause, as dead,
where a person sees it. The database is the truth; Redis and RQ only carry task ids.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from random import uniform
from typing import Any
from uuid import uuid4

from sqlalchemy import (
    JSON,
    ColumnElement,
    ForeignKey,
    Index,
    String,
    Text,
    UniqueConstraint,
    Update,
    delete,
    exists,
    func,
    select,
    update,
)
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import Base, touched

# Pauses between tries, in seconds: about a day in all, then a person has to look.
PAUSES = (2, 5, 15, 60, 300, 900, 3600, 3 * 3600, 6 * 3600, 12 * 3600)
JITTER = 0.2  # of a pause, so that what failed together does not come back together
LEASE = timedelta(seconds=60)
SPREAD_AT_ONCE = 200
KEPT = timedelta(days=30)

PENDING, DONE, DEAD = "pending", "done", "dead"
URGENT, USUAL, BULK = RANKS = (0, 1, 2)  # what somebody waits for at this moment; everything; letters to many


class Event(Base):
    """Something that happened: a kind and the ids of what it is about; never contents, never secrets."""

    __tablename__ = "outbox_event"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(36), unique=True, default=lambda: str(uuid4()))
    kind: Mapped[str] = mapped_column(String(60))
    about: Mapped[dict[str, int]] = mapped_column(JSON)
    at: Mapped[datetime]
    rank: Mapped[int] = mapped_column(default=USUAL)
    due: Mapped[datetime]  # when its followers may begin; until then it can be called back
    request_id: Mapped[str] = mapped_column(String(36), default="")
    spread_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_outbox_event_unspread", "spread_at", "rank", "due", "id"),)


def untold(event_id: Any, now: datetime) -> ColumnElement[bool]:
    """For queries: whether the event that a column names is held back and may still be called back."""
    return exists().where(Event.id == event_id, Event.spread_at.is_(None), Event.due > now)


class Task(Base):
    """One follower's duty to one event. `due` is both the pause before the next try and the lease, and of a dead one
    when it was given up."""

    __tablename__ = "outbox_task"

    id: Mapped[int] = mapped_column(primary_key=True)
    event_id: Mapped[int] = mapped_column(ForeignKey("outbox_event.id", ondelete="CASCADE"))
    follower: Mapped[str] = mapped_column(String(60))
    state: Mapped[str] = mapped_column(String(10), default=PENDING)
    rank: Mapped[int] = mapped_column(default=USUAL)
    attempts: Mapped[int] = mapped_column(default=0)
    due: Mapped[datetime]
    error: Mapped[str] = mapped_column(Text, default="")
    done_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("event_id", "follower"),
        Index("ix_outbox_task_state_due", "state", "rank", "due", "id"),
    )


def happened(session: Session, kind: str, now: datetime, hold: timedelta = timedelta(0), rank: int = USUAL,
             **about: int) -> Event:
    """Record, in the caller's transaction, that something happened. `about` holds ids only; `hold` keeps its
    followers waiting, so that it can be called back meanwhile; `rank` says what goes first."""
    event = Event(kind=kind, about=about, at=now, due=now + hold, rank=rank,
                  request_id=session.info.get("request_id", ""))
    session.add(event)
    return event


def call_back(session: Session, event_id: int) -> bool:
    """Take an event back that no follower has been told of; says whether it was early enough."""
    return bool(touched(session.execute(delete(Event).where(Event.id == event_id, Event.spread_at.is_(None))
                                        .execution_options(synchronize_session="fetch"))))


def spread(session: Session, followers: Mapping[str, Sequence[str]], now: datetime) -> int:
    """Make a task for each follower of each event that has none yet; says how many events it took."""
    taken: list[Event] = []
    for rank in RANKS:  # each by its own stretch of the index
        taken += session.scalars(
            select(Event).where(Event.spread_at.is_(None), Event.rank == rank, Event.due <= now)
            .order_by(Event.due, Event.id).limit(SPREAD_AT_ONCE - len(taken)).with_for_update(skip_locked=True))
        if len(taken) == SPREAD_AT_ONCE:
            break
    for event in taken:
        event.spread_at = now
        session.add_all(Task(event_id=event.id, follower=name, rank=event.rank, due=now)
                        for name in followers.get(event.kind, ()))
    return len(taken)


def claim(session: Session, now: datetime, limit: int, ranks: Sequence[int] = RANKS) -> list[tuple[int, int]]:
    """Lease due tasks to the caller: (task id, tries so far), by rank, the oldest first.

    A lease that nobody uses ends by itself; the tries are counted when a worker begins, so a queue
    without workers costs no task its tries.
    """
    rows: list[Any] = []
    for rank in ranks:
        if len(rows) < limit:
            rows += session.execute(
                select(Task.id, Task.attempts).where(Task.state == PENDING, Task.rank == rank, Task.due <= now)
                .order_by(Task.due, Task.id).limit(limit - len(rows)).with_for_update(skip_locked=True))
    if rows:
        session.execute(update(Task).where(Task.id.in_([row.id for row in rows])).values(due=now + LEASE))
    return [(row.id, row.attempts) for row in rows]


def begin(session: Session, task_id: int, attempts: int, now: datetime) -> tuple[Task, Event] | None:
    """Take a leased task up; None when it is done, or another worker has taken this very try."""
    taken = session.execute(
        update(Task).where(Task.id == task_id, Task.state == PENDING, Task.attempts == attempts)
        .values(attempts=Task.attempts + 1, due=now + LEASE)
    )
    if not touched(taken):
        return None
    row = session.execute(
        select(Task, Event).join(Event, Event.id == Task.event_id).where(Task.id == task_id)
    ).one()
    return row[0], row[1]


def finish(session: Session, task_id: int, now: datetime) -> None:
    """The task's duty is done, once and for all."""
    session.execute(update(Task).where(Task.id == task_id, Task.state == PENDING)
                    .values(state=DONE, done_at=now, error=""))


def go_on(session: Session, task_id: int, now: datetime) -> None:
    """The try did a part and something is left: due again at once, with all its tries."""
    session.execute(update(Task).where(Task.id == task_id, Task.state == PENDING)
                    .values(attempts=0, due=now, error=""))


def fail(session: Session, task_id: int, why: str, now: datetime,
         after: float | None = None, for_good: bool = False) -> bool:
    """The try failed: pause (at least `after` seconds where the other side asked for it), or give up.

    Says whether the task is dead now, which a person has to see.
    """
    task = session.get_one(Task, task_id, with_for_update=True)
    if task.state != PENDING:  # another worker took it up when the lease ended, and has finished it
        return False
    dead = for_good or task.attempts > len(PAUSES)
    grown = PAUSES[min(task.attempts, len(PAUSES)) - 1] * uniform(1 - JITTER, 1 + JITTER)
    pause = max(grown, after or 0)  # "in a second", said again and again, must not use up all tries at once
    task.error = why[:2000]
    task.state = DEAD if dead else PENDING
    task.due = now if dead else now + timedelta(seconds=pause)
    return dead


def revive(session: Session, follower: str, now: datetime, **about: int | Sequence[int]) -> int:
    """Give the dead tasks of a follower all their tries again, those whose event is about these ids; says how many."""
    return touched(session.execute(
        _dead(follower, about).values(state=PENDING, attempts=0, due=now, error="")
        .execution_options(synchronize_session=False)))


def write_off(session: Session, follower: str, now: datetime, **about: int | Sequence[int]) -> int:
    """Nobody has to see to the dead tasks of a follower whose event is about these ids any more; says how many."""
    return touched(session.execute(
        _dead(follower, about).values(state=DONE, done_at=now).execution_options(synchronize_session=False)))


def _dead(follower: str, about: Mapping[str, int | Sequence[int]]) -> Update:
    chosen = [Event.about[name].as_integer().in_([wanted] if isinstance(wanted, int) else wanted)
              for name, wanted in about.items()]
    events = select(Event.id).where(Event.id == Task.event_id, *chosen).exists()
    return update(Task).where(Task.state == DEAD, Task.follower == follower, events)


def release(session: Session, task_ids: Sequence[int], now: datetime) -> None:
    """Give leases back at once, because the queue could not be reached."""
    session.execute(update(Task).where(Task.id.in_(task_ids), Task.state == PENDING).values(due=now))


def sweep(session: Session, now: datetime) -> None:
    """Forget what was done a month ago; what failed for good stays until a person has seen to it."""
    old = now - KEPT
    session.execute(delete(Task).where(Task.state == DONE, Task.done_at < old))
    left = select(Task.id).where(Task.event_id == Event.id).exists()
    session.execute(delete(Event).where(Event.spread_at < old, ~left).execution_options(synchronize_session=False))


def dead_tasks(session: Session) -> int:
    """How many duties wait for a person, having failed to the end."""
    return session.scalar(select(func.count()).where(Task.state == DEAD)) or 0


def waiting_tasks(session: Session) -> int:
    """How many duties are not done yet."""
    return session.scalar(select(func.count()).where(Task.state == PENDING)) or 0
