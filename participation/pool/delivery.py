"""Push: records travel to POOL_URL as batches of CloudEvents, signed as Standard Webhooks.

The pool built in is reached the same way, at this site's own address. A batch begins with the oldest
record that the receiver has not confirmed, so records arrive in order; a record is delivered when
the receiver has named its id, never before. The receiver keeps ids, so sending twice counts once.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import requests
from sqlalchemy import select
from sqlalchemy.orm import Session
from standardwebhooks import Webhook

from participation.errors import Conflict
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.jobs import GiveUp, House, TryLater
from participation.journey import make
from participation.outbox import Event
from participation.pool.items import staged
from participation.pool.model import Delivery, Receiver, Record
from participation.pool.record import alone
from participation.text import plain

MEDIA_TYPE = "application/cloudevents-batch+json"
EVENT_TYPE = "participation.idea-record.v1"
BATCH = 100
BATCH_BYTES = 2_000_000
TIMEOUT = (5, 20)  # seconds to connect, seconds to answer
_SAID = 500  # characters kept of a receiver's words; foreign text, so it is cleaned like a person's


@dataclass
class Batch:
    """Records on their way to one receiver."""

    receiver_id: int
    url: str
    secret: str
    at: datetime
    seq: int  # the record whose task this is
    records: Sequence[Record]
    confirmed: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)

    def send(self) -> None:
        """POST the batch. Raises TryLater for what may pass, GiveUp for what will not."""
        body = json.dumps([event_of(record) for record in self.records], ensure_ascii=False)
        ids = event_id(self.records[0]), event_id(self.records[-1])
        headers = signed(f"{ids[0]}..{ids[1]}", self.at, body, self.secret) | {"Content-Type": MEDIA_TYPE}
        try:
            answer = requests.post(self.url, data=body.encode(), headers=headers, timeout=TIMEOUT,
                                   allow_redirects=False)
        except requests.RequestException as trouble:
            raise TryLater(type(trouble).__name__) from trouble
        if answer.status_code in (408, 425, 429) or answer.status_code >= 500:
            wait = answer.headers.get("Retry-After", "")
            raise TryLater(f"HTTP {answer.status_code}", float(min(int(wait), 86_400)) if wait.isdecimal() else None)
        if not answer.ok or answer.is_redirect:
            raise GiveUp(f"HTTP {answer.status_code}: {plain(answer.text[:_SAID])}")
        self._understand(answer)

    def _understand(self, answer: requests.Response) -> None:
        """Which records the receiver named. One that answers without naming any has confirmed none."""
        try:
            said = answer.json()
            self.confirmed = {str(key) for key in said["accepted"]}
            self.refused = {str(item["id"]): plain(str(item["why"])[:_SAID]) for item in said.get("refused", ())}
        except (ValueError, KeyError, TypeError) as trouble:
            raise TryLater("the receiver did not say which records it keeps") from trouble
        if not {event_id(record) for record in self.records} & (self.confirmed | self.refused.keys()):
            raise TryLater("the receiver named none of the records sent")

    def record(self, session: Session, house: House) -> bool:
        """Note what was confirmed and refused, and let each confirmed idea be received.

        A refused record waits for a person: its line says why, and the desk shows it. Says whether
        this task's own record was among them; in a long queue the older ones travel first.
        """
        alone(session)
        for record in self.records:
            key = event_id(record)
            if key not in self.confirmed and key not in self.refused:
                continue
            line = (session.get(Delivery, (record.seq, self.receiver_id))
                    or Delivery(seq=record.seq, receiver_id=self.receiver_id))
            session.add(line)
            line.refused = self.refused.get(key, "")
            if key in self.confirmed and line.confirmed_at is None:
                line.confirmed_at = house.now
                received(session, record.idea_id, house.now)
        return session.get(Delivery, (self.seq, self.receiver_id)) is not None


def deliver(session: Session, event: Event, house: House) -> Batch | None:
    """Follower of record.written: a batch up to this record, or nothing when the receiver has answered for it."""
    receiver, seq = session.get_one(Receiver, event.about["receiver_id"]), event.about["seq"]
    if receiver.key not in house.settings.receivers or session.get(Delivery, (seq, receiver.id)) is not None:
        return None
    oldest = session.scalars(
        select(Record).outerjoin(Delivery, (Delivery.seq == Record.seq) & (Delivery.receiver_id == receiver.id))
        .where(Record.seq <= seq, Delivery.seq.is_(None)).order_by(Record.seq).limit(BATCH)
    ).all()
    room = BATCH_BYTES
    batch: list[Record] = []
    for record in oldest:
        room -= len(record.body.encode())
        if room < 0 and batch:
            break
        batch.append(record)
    return Batch(receiver.id, house.settings.address_of(receiver.key), house.settings.pool_secret, house.now, seq,
                 batch)


def received(session: Session, idea_id: int, now: datetime) -> None:
    """The pool has confirmed an idea's record: the idea is received, unless it has gone on already."""
    idea = session.get_one(Idea, idea_id, populate_existing=True)
    if IDEA.begins("receive", idea):
        try:
            make(session, IDEA, idea, "receive", None, now)
        except Conflict:
            return  # moved on between the look and the move
        staged(session, idea)


def event_id(record: Record) -> str:
    """The id under which a receiver keeps a record: the same on every try."""
    return f"{record.ref}/{record.revision}"


def event_of(record: Record) -> dict[str, Any]:
    """A record as a CloudEvent 1.0 in structured JSON."""
    body = json.loads(record.body)
    site = body["provenance"]["site"]
    return {
        "specversion": "1.0", "id": event_id(record), "source": site, "type": EVENT_TYPE, "subject": record.ref,
        "time": record.created_at.isoformat(), "datacontenttype": "application/json",
        "dataschema": f"{site}/api/v1/schemas/idea-record-1.json", "sequence": f"{record.seq:012d}", "data": body,
    }


def signer(secret: str) -> Webhook:
    """Standard Webhooks with POOL_SECRET's bytes as the key (receivers are given it as base64)."""
    return Webhook(base64.b64encode(secret.encode()).decode())


def signed(key: str, at: datetime, body: str, secret: str) -> dict[str, str]:
    """The three headers of Standard Webhooks for a message."""
    return {"webhook-id": key, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": signer(secret).sign(key, at, body)}
