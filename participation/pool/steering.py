"""Steering the delivery: what each receiver has, what did not arrive and why; pausing, going on, trying again.

What did not arrive is a record that its receiver refused, or one whose task has failed to the end.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, exists, func, select, update
from sqlalchemy.orm import Session

from participation.database import touched
from participation.errors import Invalid, NotAllowed, NotThere
from participation.outbox import DEAD, Event, Task, happened, revive
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.delivery import TASK
from participation.pool.model import Delivery, Receiver, Record
from participation.pool.record import alone, receivers

PAGE = 25


@dataclass(frozen=True, slots=True)
class Standing:
    """How the delivery to one receiver stands. `name` stands for its address in forms."""

    key: str
    name: str
    id: int = 0  # 0: nothing was ever written for it
    written: int = 0
    confirmed: int = 0
    refused: int = 0
    paused_at: datetime | None = None
    paused_by: str = ""
    last_at: datetime | None = None
    last_status: int = 0
    last_answer: str = ""

    @property
    def waiting(self) -> int:
        """Records that it has not answered for."""
        return self.written - self.confirmed - self.refused


@dataclass(frozen=True, slots=True)
class Undelivered:
    """A record that did not arrive, and the last word about it."""

    seq: int
    ref: str
    why: str
    at: datetime | None
    refused: bool  # by the receiver; else no try came through


def name_of(key: str) -> str:
    """A short name of a receiver; its address may hold what is not for the history of a browser."""
    return hashlib.sha256(key.encode()).hexdigest()[:12]


def named(session: Session, keys: Sequence[str], name: str) -> Receiver:
    """The receiver of that name among those that are set up. Raises NotThere."""
    for key in keys:
        if name_of(key) == name:
            return receivers(session, [key])[0]
    raise NotThere("unknown_receiver")


def standings(session: Session, keys: Sequence[str]) -> list[Standing]:
    """How the delivery to each of these receivers stands, in their order."""
    written = session.scalar(select(func.count()).select_from(Record)) or 0
    answered = (select(Delivery.receiver_id, func.count(Delivery.confirmed_at).label("confirmed"),
                       func.count().filter(Delivery.confirmed_at.is_(None)).label("refused"))
                .group_by(Delivery.receiver_id).subquery())
    rows = {receiver.key: (receiver, by or "", confirmed or 0, refused or 0) for receiver, by, confirmed, refused
            in session.execute(select(Receiver, Person.name, answered.c.confirmed, answered.c.refused)
                               .outerjoin(answered, answered.c.receiver_id == Receiver.id)
                               .outerjoin(Person, Person.id == Receiver.paused_by_id)
                               .where(Receiver.key.in_(keys)))}
    found = []
    for key in keys:
        if key not in rows:
            found.append(Standing(key, name_of(key), written=written))
            continue
        receiver, by, confirmed, refused = rows[key]
        found.append(Standing(key, name_of(key), receiver.id, written, confirmed, refused, receiver.paused_at, by,
                              receiver.last_at, receiver.last_status, receiver.last_answer))
    return found


def undelivered(session: Session, receiver_id: int, after: int = 0,
                limit: int = PAGE) -> tuple[list[Undelivered], int | None]:
    """A page of what did not arrive at a receiver, oldest first, and the number to continue behind."""
    refused = session.execute(
        select(Delivery.seq, Record.ref, Delivery.refused, Delivery.refused_at)
        .join(Record, Record.seq == Delivery.seq)
        .where(Delivery.receiver_id == receiver_id, Delivery.confirmed_at.is_(None), Delivery.seq > after)
        .order_by(Delivery.seq).limit(limit + 1))
    seq = Event.about["seq"].as_integer()
    answered = exists().where(Delivery.seq == seq, Delivery.receiver_id == receiver_id)
    last = (select(seq.label("seq"), func.max(Task.id).label("task_id")).join(Event, Event.id == Task.event_id)
            .where(Task.state == DEAD, Task.follower == TASK, Event.about["receiver_id"].as_integer() == receiver_id,
                   seq > after, ~answered)
            .group_by(seq).order_by(seq).limit(limit + 1).subquery())
    dead = session.execute(select(Record.seq, Record.ref, Task.error, Task.due).select_from(last)
                           .join(Task, Task.id == last.c.task_id).join(Record, Record.seq == last.c.seq))
    rows = sorted([Undelivered(*row, refused=True) for row in refused]
                  + [Undelivered(*row, refused=False) for row in dead], key=lambda row: row.seq)
    return rows[:limit], rows[limit - 1].seq if len(rows) > limit else None


def other_failures(session: Session) -> int:
    """How many duties that are no deliveries have failed to the end."""
    return session.scalar(select(func.count()).where(Task.state == DEAD, Task.follower != TASK)) or 0


def pause(session: Session, by: Person, receiver: Receiver, now: datetime) -> bool:
    """Send nothing more to a receiver; what is on its way arrives. Says whether it was not paused before. Raises
    NotAllowed."""
    _refuse(by)
    return bool(touched(session.execute(
        update(Receiver).where(Receiver.id == receiver.id, Receiver.paused_at.is_(None))
        .values(paused_at=now, paused_by_id=by.id).execution_options(synchronize_session=False))))


def resume(session: Session, by: Person, receiver: Receiver, now: datetime) -> bool:
    """Let the delivery go on: all that waits is sent, in order. Says whether it was paused. Raises NotAllowed."""
    _refuse(by)
    alone(session)  # a record written at this very moment is sent by its own task, or is among these
    went_on = touched(session.execute(
        update(Receiver).where(Receiver.id == receiver.id, Receiver.paused_at.is_not(None))
        .values(paused_at=None, paused_by_id=None).execution_options(synchronize_session=False)))
    if went_on:
        _send_up_to(session, receiver, session.scalar(select(func.max(Record.seq))), now)
    return bool(went_on)


def retry(session: Session, by: Person, receiver: Receiver, chosen: Sequence[int] | None, now: datetime) -> int:
    """Send again what did not arrive: the chosen numbers, or with None everything that the receiver has not
    confirmed. Says how many records wait for it by that; doing it twice sends nothing twice. Raises NotAllowed, and
    Invalid for no number or too many."""
    _refuse(by)
    if chosen is not None and not 0 < len(chosen) <= PAGE:
        raise Invalid("chosen", "too_many" if chosen else "no_record_chosen", limit=PAGE, length=len(chosen))
    alone(session)
    mine = [Delivery.receiver_id == receiver.id, Delivery.confirmed_at.is_(None)]
    about: dict[str, int | Sequence[int]] = {"receiver_id": receiver.id}
    if chosen is not None:
        mine.append(Delivery.seq.in_(chosen))
        about["seq"] = chosen
    refused = session.execute(delete(Delivery).where(*mine).returning(Delivery.seq)
                              .execution_options(synchronize_session=False)).scalars().all()
    revived = revive(session, TASK, now, **about)
    if chosen is not None:
        _send_up_to(session, receiver, max(refused, default=None), now)
        return len(refused) or min(revived, len(chosen))
    waiting = select(Record.seq).where(~exists().where(Delivery.seq == Record.seq,
                                                       Delivery.receiver_id == receiver.id)).subquery()
    last, count = session.execute(select(func.max(waiting.c.seq), func.count()).select_from(waiting)).one()
    _send_up_to(session, receiver, last, now)
    return int(count)


def _send_up_to(session: Session, receiver: Receiver, last: int | None, now: datetime) -> None:
    """One task is enough: it goes on until everything up to its record is answered for."""
    if last is not None:
        happened(session, "record.written", now, seq=last, receiver_id=receiver.id)


def _refuse(by: Person) -> None:
    if not (answer := may(by, Right.DELIVERY_STEER)):
        raise NotAllowed(answer.why, right=str(Right.DELIVERY_STEER))
