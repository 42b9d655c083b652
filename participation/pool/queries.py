"""Reading the pool: one record, all of them, what delivery is waiting for."""

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
STREAMED = 100  # records held at once while a file is written


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


def one(session: Session, ref: str) -> PoolRecord:
    """The newest revision of a record; raises NotThere."""
    row = session.execute(
        select(Item, Received, Idea).join(Received, (Received.site == Item.site) & (Received.ref == Item.ref)
                                          & (Received.revision == Item.revision))
        .outerjoin(Idea, Idea.id == Item.idea_id).where(Item.ref == ref)
        .order_by(Item.idea_id.is_(None), Item.id).limit(1)).first()  # another site may use the same number
    if row is None:
        raise NotThere("unknown_record")
    item, kept, idea = row
    return PoolRecord(kept.ref, kept.revision, kept.received_at, json.loads(kept.body), idea, item)


def delivery_line(session: Session, receiver_id: int) -> DeliveryLine:
    """How many acceptances there were here, and how many of their records the receiver confirmed or refused.

    Acceptances are counted, not records, so that one whose record could not be written is missed, too.
    """
    accepted = select(func.count()).select_from(Acceptance).scalar_subquery()
    row = session.execute(
        select(accepted, func.count(Delivery.confirmed_at), func.count().filter(Delivery.refused != ""))
        .select_from(Delivery).join(Record, (Record.seq == Delivery.seq) & (Record.reason == "accepted"))
        .where(Delivery.receiver_id == receiver_id)
    ).one()
    return DeliveryLine(*row)


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
