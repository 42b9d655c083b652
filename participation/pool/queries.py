"""Reading the pool: the inbox, one record, what delivery is waiting for."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from participation.errors import NotThere
from participation.ideas.model import Acceptance, Idea
from participation.pool.model import Delivery, Item, Received, Receiver, Record

PAGE = 25
STREAMED = 500  # records held at once while a file is written


@dataclass(frozen=True, slots=True)
class InboxRow:
    """A record in the desk's inbox; `state` is "" for an idea of another site."""

    id: int
    ref: str
    title: str
    field: str
    district: str | None
    supporters: int
    received_at: datetime
    state: str


@dataclass(frozen=True, slots=True)
class PoolRecord:
    """One received record, unfolded, with the local idea it came from if it did."""

    ref: str
    revision: int
    received_at: datetime
    content: dict[str, Any]
    idea: Idea | None
    item: Item


@dataclass(frozen=True, slots=True)
class DeliveryLine:
    """Accepted and delivered, in one line for the desk."""

    accepted: int
    confirmed: int
    refused: int


def inbox(session: Session, state: str = "", before: int | None = None, limit: int = PAGE) -> tuple[
        list[InboxRow], int | None]:
    """A page of current records, newest first, and the id to continue behind (None at the end)."""
    query = (
        select(Received.id, Received.ref, Received.title, Received.field, Received.district, Received.supporters,
               Received.received_at, Idea.state)
        .outerjoin(Idea, Idea.ref == Received.ref).where(Received.current).order_by(Received.id.desc())
        .limit(limit + 1)
    )
    if state:
        query = query.where(Idea.state == state)
    if before is not None:
        query = query.where(Received.id < before)
    rows = [InboxRow(*row[:-1], row[-1] or "") for row in session.execute(query)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def counts(session: Session) -> dict[str, int]:
    """Current records by their idea's state."""
    rows = session.execute(select(Idea.state, func.count()).join(Received, Received.ref == Idea.ref)
                           .where(Received.current).group_by(Idea.state))
    return {state: number for state, number in rows}  # noqa: C416 - rows are not tuples to mypy


def one(session: Session, ref: str) -> PoolRecord:
    """The newest revision of a record; raises NotThere."""
    row = session.execute(
        select(Item, Received, Idea).join(Received, (Received.site == Item.site) & (Received.ref == Item.ref)
                                          & (Received.revision == Item.revision))
        .outerjoin(Idea, Idea.id == Item.idea_id).where(Item.ref == ref).order_by(Item.id).limit(1)).first()
    if row is None:
        raise NotThere("unknown_record")
    item, kept, idea = row
    return PoolRecord(kept.ref, kept.revision, kept.received_at, json.loads(kept.body), idea, item)


def delivery_line(session: Session, receiver_id: int) -> DeliveryLine:
    """How many acceptances there were here, and how many of their records the receiver confirmed or refused.

    Acceptances are counted, not records, so that one whose record could not be written is missed, too.
    """
    accepted = session.scalar(select(func.count()).select_from(Acceptance)) or 0
    confirmed, refused = session.execute(
        select(func.count(Delivery.confirmed_at), func.count().filter(Delivery.refused != ""))
        .join(Record, (Record.seq == Delivery.seq) & (Record.reason == "accepted"))
        .where(Delivery.receiver_id == receiver_id)
    ).one()
    return DeliveryLine(accepted, confirmed, refused)


def receiver_id(session: Session, key: str) -> int:
    """The number of a receiver; 0 while nothing was ever written for it."""
    return session.scalar(select(Receiver.id).where(Receiver.key == key)) or 0


def bodies(session: Session, since: int = 0) -> Iterator[str]:
    """The canonical texts of this site's records after a sequence number, in order, a few at a time."""
    while True:
        rows = session.execute(select(Record.seq, Record.body).where(Record.seq > since)
                               .order_by(Record.seq).limit(STREAMED)).all()
        if not rows:
            return
        for row in rows:
            yield row.body
        since = rows[-1].seq


def received_bodies(session: Session, site: str, since: int = 0) -> Iterator[str]:
    """The canonical texts that the built-in pool received from a site, every revision, by their numbers there."""
    while True:
        rows = session.execute(select(Received.seq, Received.body).where(Received.site == site, Received.seq > since)
                               .order_by(Received.seq).limit(STREAMED)).all()
        if not rows:
            return
        for row in rows:
            yield row.body
        since = rows[-1].seq


def kept_bodies(session: Session) -> Iterator[str]:
    """The canonical texts of what the built-in pool holds now, in the order of arrival, a few at a time."""
    last = 0
    while True:
        rows = session.execute(select(Received.id, Received.body).where(Received.id > last, Received.current)
                               .order_by(Received.id).limit(STREAMED)).all()
        if not rows:
            return
        for row in rows:
            yield row.body
        last = rows[-1].id


def unconfirmed(session: Session, receiver_id: int, limit: int = PAGE) -> list[tuple[int, str, str]]:
    """What was accepted and the receiver has not confirmed: (sequence, ref, the receiver's reason).

    Records oldest first, then ideas whose record is not written yet, with the sequence 0.
    """
    rows = session.execute(
        select(Record.seq, Idea.ref, Delivery.refused).select_from(Acceptance).join(Idea, Idea.id == Acceptance.idea_id)
        .outerjoin(Record, (Record.step_id == Acceptance.step_id) & (Record.reason == "accepted"))
        .outerjoin(Delivery, (Delivery.seq == Record.seq) & (Delivery.receiver_id == receiver_id))
        .where(or_(Delivery.seq.is_(None), Delivery.confirmed_at.is_(None)))
        .order_by(Record.seq.is_(None), Record.seq, Acceptance.step_id).limit(limit)
    )
    return [(seq or 0, ref or "", refused or "") for seq, ref, refused in rows]
