"""From the outbox to the followers: relay to RQ, run one task, keep the heartbeat and the timetable.

The relay alone enqueues. An RQ job carries task ids; what the job runs is the roof's function, which
hands `run` the followers by name. Redis may vanish at any moment: leases end, pauses are kept in the
database, and a worker that died leaves its tasks to the next one.
"""

import hashlib
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol, runtime_checkable

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue
from rq.exceptions import DuplicateJobError
from sqlalchemy import String, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation import outbox
from participation.city import City
from participation.database import Base, Database, now, touched
from participation.settings import Settings

log = logging.getLogger("participation.jobs")

QUEUE = "participation"
JOB = "wsgi.work"  # the roof's function; named, not imported: nobody imports the roof
JOB_SECONDS = 300
BATCH = 25
WAITING = 20  # jobs on the queue, at most: what they hold is done before its lease ends, else it is put there again
SILENCE = timedelta(seconds=60)  # after which a worker or scheduler counts as absent
BEAT = timedelta(seconds=10)


@dataclass(frozen=True, slots=True)
class House:
    """What every follower is handed beside its session: the settings, the city, the time."""

    settings: Settings
    city: City
    now: datetime


class Outgoing(Protocol):
    """What a follower returns that has to send something: sent with no transaction open, then recorded."""

    def send(self) -> None: ...
    def record(self, session: Session, house: House) -> bool: ...  # False: some is left, go on at once


@runtime_checkable
class Remembering(Protocol):
    """Something to send that also notes, in a transaction of its own, that it could not be sent."""

    def failed(self, session: Session, house: House, trouble: Exception) -> None: ...


Follower = Callable[[Session, outbox.Event, House], Outgoing | None]


class TryLater(Exception):
    """A follower's word that the other side could not take it now; `after` seconds where it said so."""

    def __init__(self, why: str, after: float | None = None) -> None:
        super().__init__(why)
        self.after = after


class GiveUp(Exception):
    """A follower's word that trying again cannot help; a person has to look."""


class Heartbeat(Base):
    """When each kind of process was last seen."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(String(20), primary_key=True)
    seen_at: Mapped[datetime]


class LastRun(Base):
    """When each line of the timetable last ran."""

    __tablename__ = "last_run"

    name: Mapped[str] = mapped_column(String(60), primary_key=True)
    at: Mapped[datetime]


@dataclass(frozen=True, slots=True)
class Timed:
    """A line of the timetable: an event that happens by itself every so often."""

    name: str
    every: timedelta


def beat(session: Session, name: str, at: datetime) -> None:
    """A process says that it is alive."""
    if not touched(session.execute(update(Heartbeat).where(Heartbeat.name == name).values(seen_at=at))):
        session.add(Heartbeat(name=name, seen_at=at))


def missing(session: Session, at: datetime) -> tuple[str, ...]:
    """Which of worker and scheduler has not been seen for a minute; both where none ever was."""
    seen = {row.name: row.seen_at for row in session.execute(select(Heartbeat.name, Heartbeat.seen_at))}
    return tuple(name for name in ("worker", "scheduler") if name not in seen or at - seen[name] > SILENCE)


def ring(session: Session, timetable: Sequence[Timed], at: datetime) -> None:
    """Let each line of the timetable that is due happen; of several schedulers, one wins the line."""
    for line in timetable:
        due = update(LastRun).where(LastRun.name == line.name, LastRun.at <= at - line.every).values(at=at)
        if touched(session.execute(due)):
            outbox.happened(session, f"time.{line.name}", at)
        elif session.get(LastRun, line.name) is None:
            try:
                with session.begin_nested():
                    session.add(LastRun(name=line.name, at=at))
            except IntegrityError:  # another scheduler wrote the first line at this very moment
                continue
            outbox.happened(session, f"time.{line.name}", at)


def relay(database: Database, redis: Redis, followers: Mapping[str, Sequence[str]], limit: int = 500) -> int:
    """Spread new events into tasks and put due tasks on the queue; says how many tasks it put there.

    Raises RedisError when the queue cannot be reached; the tasks then stay due.
    """
    at = now()
    with database.change() as session:
        outbox.spread(session, followers, at)
    queue = Queue(QUEUE, connection=redis)
    room = (WAITING - queue.count) * BATCH
    # What somebody waits for at this moment, as a code to sign in, overtakes ten thousand letters about an idea.
    urgent = _lease_and_put(database, queue, at, limit, (outbox.URGENT,), front=True)
    others = (outbox.USUAL, outbox.BULK)
    return urgent + (_lease_and_put(database, queue, at, min(limit, room), others) if room > 0 else 0)


def _lease_and_put(database: Database, queue: Queue, at: datetime, limit: int, ranks: Sequence[int],
                   front: bool = False) -> int:
    with database.change() as session:
        leased = outbox.claim(session, at, limit, ranks)
    for start in range(0, len(leased), BATCH):
        part = leased[start:start + BATCH]
        try:
            _put(queue, part, front)
        except RedisError:
            with database.change() as session:
                outbox.release(session, [task_id for task_id, _ in leased[start:]], at)
            raise
    return len(leased)


def run(database: Database, house: Callable[[], House], followers: Mapping[str, Follower],
        tasks: Sequence[tuple[int, int]]) -> None:
    """What a worker does with one job: each task in its own transaction, its end recorded whatever happens."""
    for task_id, attempts in tasks:
        with database.change() as session:
            begun = outbox.begin(session, task_id, attempts, now())
        if begun is None:
            continue
        task, event = begun
        facts = {"task": task_id, "event": event.kind, "follower": task.follower, "try": attempts + 1,
                 "request_id": event.request_id}
        try:
            _one(database, house, followers[task.follower], event, task_id)
        except Exception as trouble:
            with database.change() as session:
                dead = outbox.fail(session, task_id, in_our_words(trouble), now(), getattr(trouble, "after", None),
                                   for_good=isinstance(trouble, GiveUp))
            log.log(logging.ERROR if dead else logging.WARNING, "task failed",
                    extra=facts | {"error": type(trouble).__name__, "dead": dead}, exc_info=dead)
        else:
            log.info("task done", extra=facts)


def _one(database: Database, house: Callable[[], House], follower: Follower, event: outbox.Event,
         task_id: int) -> None:
    """Call the follower; its changes and the task's end are one transaction, so they happen once.

    What has to be sent is sent between two transactions: a death in between sends it again, which is
    why every receiver keeps ids.
    """
    with database.change() as session:
        session.info["request_id"] = event.request_id
        outgoing = follower(session, event, house())
        if outgoing is None:
            outbox.finish(session, task_id, now())
            return
    try:
        outgoing.send()
    except Exception as trouble:
        if isinstance(outgoing, Remembering):
            with database.change() as session:
                outgoing.failed(session, house(), trouble)
        raise
    with database.change() as session:
        session.info["request_id"] = event.request_id
        if outgoing.record(session, house()):
            outbox.finish(session, task_id, now())
        else:
            outbox.go_on(session, task_id, now())


def in_our_words(trouble: Exception) -> str:
    """What is kept of a failure: only our own words, because another exception's message could hold what
    somebody typed."""
    return str(trouble) if isinstance(trouble, TryLater | GiveUp) else type(trouble).__name__


def _put(queue: Queue, tasks: Sequence[tuple[int, int]], front: bool) -> None:
    """Put a try of these tasks on the queue, unless it waits there already. A worker that was killed before it began
    leaves the job's name behind for a day, so the name alone does not mean that it waits."""
    name = _job_id(tasks)
    for unique in (True, False):
        try:
            queue.enqueue(JOB, tasks, job_id=name, unique=unique, job_timeout=JOB_SECONDS, result_ttl=0,
                          failure_ttl=86_400, at_front=front)
            return
        except DuplicateJobError:
            if queue.connection.lpos(queue.key, name) is not None:
                return


def _job_id(tasks: Sequence[tuple[int, int]]) -> str:
    """One id for one try of the same tasks, so that a waiting job is not put there twice."""
    return "tasks-" + hashlib.sha256(repr(list(tasks)).encode()).hexdigest()[:32]
