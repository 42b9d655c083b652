"""Push: records travel to POOL_URL as batches of CloudEvents, signed as Standard Webhooks.

The pool built in is reached the same way, at this site's own address. A batch begins with the oldest
record that the receiver has not confirmed, so records arrive in order; a record is delivered when
the receiver has named its id, never before. The receiver keeps ids, so sending twice counts once.
"""

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased
from standardwebhooks import Webhook

from participation import reaching
from participation.errors import Conflict
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.jobs import GiveUp, House, TryLater, in_our_words
from participation.journey import make
from participation.outbox import Event, happened, revive, write_off
from participation.pool.items import staged
from participation.pool.model import Delivery, Receiver, Record
from participation.pool.record import alone, receivers
from participation.settings import BUILT_IN

MEDIA_TYPE = "application/cloudevents-batch+json"
EVENT_TYPE = "participation.idea-record.v1"
TASK = f"{__name__}.deliver"  # the follower's name in the outbox
BATCH = 100
BATCH_BYTES = 2_000_000
SILENT = timedelta(seconds=5)
_ENVELOPE = 1_000  # bytes of an event around its record, at most
_TOO_LARGE = 413


@dataclass
class Batch:
    """Records on their way to one receiver."""

    receiver_id: int
    url: str
    secrets: tuple[str, ...]
    private: bool  # whether the address may lie inside a private network
    proxies: bool  # whether the way there may lead through what the environment names
    at: datetime
    seq: int  # the record whose task this is
    records: Sequence[Record]
    status: int = 0  # of the answer; 0: none came
    confirmed: set[str] = field(default_factory=set)
    refused: dict[str, str] = field(default_factory=dict)
    lacks: str = ""  # numbers that the receiver says it lacks before these

    def send(self) -> None:
        """POST the batch. Raises TryLater for what may pass, GiveUp for what will not."""
        body = json.dumps([event_of(record) for record in self.records], ensure_ascii=False, separators=(",", ":"))
        ids = event_id(self.records[0]), event_id(self.records[-1])
        headers = signed(f"{ids[0]}..{ids[1]}", self.at, body, *self.secrets) | {"Content-Type": MEDIA_TYPE}
        answer = reaching.post(self.url, body.encode(), headers, private=self.private, proxies=self.proxies)
        self.status = answer.status
        if answer.status in reaching.LATER or answer.status >= 500:
            raise TryLater(f"HTTP {answer.status}: {answer.words}", reaching.pause(answer, self.at))
        if answer.status == _TOO_LARGE:
            raise GiveUp(f"HTTP {answer.status}: the receiver has to take batches of up to {BATCH_BYTES} bytes, then "
                         "try again")
        if answer.status >= 400:
            raise GiveUp(f"HTTP {answer.status}: {answer.words}")
        self._understand(answer)

    def _understand(self, answer: reaching.Said) -> None:
        """Which records the receiver named. One that answers without naming any has confirmed none."""
        try:
            said = json.loads(answer.body)
            self.confirmed = {str(key) for key in said["accepted"]}
            self.refused = {str(item["id"]): reaching.cleaned(str(item["why"])) for item in said.get("refused", ())}
            self.lacks = reaching.cleaned(json.dumps(said["gaps"])) if said.get("gaps") else ""
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as trouble:
            raise TryLater("the receiver did not say which records it keeps") from trouble
        if not {event_id(record) for record in self.records} & (self.confirmed | self.refused.keys()):
            raise TryLater("the receiver named none of the records sent")

    def record(self, session: Session, house: House) -> bool:
        """Note what was confirmed and refused, and let each confirmed idea be received: with several receivers, as
        soon as the first of them has confirmed it.

        A refused record waits for a person: its line says why, and the desk shows it. Says whether
        this task's own record was among them; in a long queue the older ones travel first.
        """
        alone(session)
        kept = refused = 0
        known = {line.seq: line for line in session.scalars(select(Delivery).where(
            Delivery.receiver_id == self.receiver_id, Delivery.seq.in_([record.seq for record in self.records])))}
        for record in self.records:
            key = event_id(record)
            if key not in self.confirmed and key not in self.refused:
                continue
            line = known.get(record.seq) or Delivery(seq=record.seq, receiver_id=self.receiver_id)
            session.add(line)
            if line.confirmed_at is not None:
                continue  # a faster worker carried it, too
            if key in self.confirmed:
                line.confirmed_at, line.refused, line.refused_at = house.now, "", None
                kept += 1
                received(session, record.idea_id, house.now)
            else:
                line.refused, line.refused_at = self.refused[key] or "no reason given", house.now
                refused += 1
        if kept:  # it answers again: what had failed to the end at this receiver has its turn, or finds itself done
            revive(session, TASK, house.now, receiver_id=self.receiver_id)
        self._noted(session, house, f"{kept} kept, {refused} refused"
                    + (f", lacking before them: {self.lacks}" if self.lacks else ""))
        return session.get(Delivery, (self.seq, self.receiver_id)) is not None

    def failed(self, session: Session, house: House, trouble: Exception) -> None:
        """Note at the receiver why the batch did not arrive."""
        self.status = trouble.status if isinstance(trouble, reaching.Redirected) else self.status
        self._noted(session, house, in_our_words(trouble))
        if after := getattr(trouble, "after", None):
            session.get_one(Receiver, self.receiver_id).not_before = house.now + timedelta(seconds=after)

    def _noted(self, session: Session, house: House, words: str) -> None:
        receiver = session.get_one(Receiver, self.receiver_id)
        receiver.last_at, receiver.last_status, receiver.last_answer = house.now, self.status, words
        receiver.not_before = None


def deliver(session: Session, event: Event, house: House) -> Batch | None:
    """Follower of record.written: the oldest records that the receiver has not answered for. Nothing when it has
    answered for this one, when it is taken out of POOL_URL, and while it is paused: going on sends all that waits.
    Raises TryLater for a moment after a try that nobody answered."""
    if "receiver_id" not in event.about:  # written before receivers had rows of their own
        for each in receivers(session, house.settings.receivers):
            happened(session, "record.written", house.now, seq=event.about["seq"], receiver_id=each.id)
        return None
    receiver, seq = session.get_one(Receiver, event.about["receiver_id"]), event.about["seq"]
    if (receiver.key not in house.settings.receivers or receiver.paused_at is not None
            or session.get(Delivery, (seq, receiver.id)) is not None):
        return None
    if receiver.not_before is not None and house.now < receiver.not_before:
        raise TryLater(receiver.last_answer, (receiver.not_before - house.now).total_seconds())
    if receiver.last_at is not None and not receiver.last_status and house.now - receiver.last_at < SILENT:
        # Each of a thousand tasks would wait for its own timeout, and the letters behind them for all of these.
        raise TryLater(receiver.last_answer)
    oldest = session.scalars(
        select(Record).outerjoin(Delivery, (Delivery.seq == Record.seq) & (Delivery.receiver_id == receiver.id))
        .where(Record.seq >= _first_open(session, receiver.id), Delivery.seq.is_(None))
        .order_by(Record.seq).limit(BATCH)
    ).all()
    room = BATCH_BYTES
    batch: list[Record] = []
    for record in oldest:
        room -= len(record.body.encode()) + _ENVELOPE
        if room < 0 and batch:
            break
        batch.append(record)
    allowed = house.settings.pool_allow_private == "yes"
    return Batch(receiver.id, house.settings.address_of(receiver.key), house.settings.pool_secrets,
                 allowed or receiver.key == BUILT_IN, allowed and receiver.key != BUILT_IN, house.now, seq, batch)


def let_go(session: Session, house: House) -> None:
    """What failed for a receiver that is not set up any more is nobody's duty."""
    gone = session.scalars(select(Receiver.id).where(Receiver.key.not_in(house.settings.receivers))).all()
    write_off(session, TASK, house.now, receiver_id=gone)


def _first_open(session: Session, receiver_id: int) -> int:
    """The lowest number that a receiver has not answered for, found without a look at the records themselves: they
    are long, and nearly all of a hundred thousand are answered for."""
    mine = Delivery.receiver_id == receiver_id
    count, last = session.execute(select(func.count(), func.max(Delivery.seq)).where(mine)).one()
    if count == (last or 0):  # the numbers have no gaps, so neither have the answers
        return int(count) + 1
    if session.get(Delivery, (1, receiver_id)) is None:
        return 1
    after = aliased(Delivery)
    followed = exists().where(after.receiver_id == receiver_id, after.seq == Delivery.seq + 1)
    return session.scalars(select(Delivery.seq + 1).where(mine, ~followed).order_by(Delivery.seq).limit(1)).one()


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


def signed(key: str, at: datetime, body: str, *secrets: str) -> dict[str, str]:
    """The three headers of Standard Webhooks for a message, with a signature of each secret: while one is replaced
    by another, the receiver may know either."""
    return {"webhook-id": key, "webhook-timestamp": str(int(at.timestamp())),
            "webhook-signature": " ".join(signer(secret).sign(key, at, body) for secret in secrets)}
