"""Receiving: what the pool does with a delivered batch, whoever sent it.

Each record is checked (signature of the batch, version, digest, chain) and kept once by its id; the answer names what
was kept and what was refused, so that the sender can mend exactly that. A gap in the sequence is no reason to refuse:
one lost record would hold up everything behind it. It is named in the answer, and reconciliation finds and mends it.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from math import floor
from typing import Any

from sqlalchemy import delete, exists, func, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from standardwebhooks import WebhookVerificationError

from participation.errors import Conflict, Invalid, NotAllowed
from participation.pool.checking import previous_of, trouble_of
from participation.pool.delivery import BATCH, EVENT_TYPE, signer
from participation.pool.items import arrived, received_columns
from participation.pool.model import Received, SeenMessage
from participation.pool.record import alone, canonical
from participation.pool.strict import Wrong, record_of

REMEMBERED = timedelta(days=1)  # a message; by its own time it is too old after five minutes


@dataclass
class Receipt:
    """The answer to a batch: ids kept (now or before), ids refused with the reason, and the numbers [first, last]
    that are missing right before a record of it."""

    accepted: list[str] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)
    gaps: list[list[int]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer's body."""
        return {"accepted": self.accepted, "refused": self.refused} | ({"gaps": self.gaps} if self.gaps else {})


def receive_batch(session: Session, body: bytes, headers: Mapping[str, str], secrets: Sequence[str],
                  now: datetime) -> Receipt:
    """Check and keep a delivered batch, signed with any of the secrets. Raises NotAllowed for a wrong, missing or old
    signature, Conflict for a message that was taken in before and Invalid for something that is no batch of events;
    nothing of it is kept then."""
    headers = {key.lower(): value for key, value in headers.items()}
    verify(body, headers, secrets)
    try:
        events = json.loads(body)
    except (ValueError, RecursionError) as trouble:
        raise Invalid("body", "not_json") from trouble
    if not isinstance(events, list) or not all(isinstance(e, dict) and "id" in e for e in events):
        raise Invalid("body", "not_a_batch")
    if len(events) > BATCH:
        raise Invalid("body", "batch_too_long", limit=BATCH)
    alone(session)
    _take_in(session, body, headers, now)
    receipt = Receipt()
    kept: list[tuple[str, int]] = []
    for event in events:
        if why := receive(session, event, now):
            receipt.refused.append({"id": str(event["id"]), "why": why})
        else:
            receipt.accepted.append(str(event["id"]))
            kept.append((event["data"]["provenance"]["site"], event["data"]["sequence"]))
    receipt.gaps = gaps(session, kept)
    return receipt


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Raises NotAllowed unless one of the secrets has signed these bytes within the last five minutes. Names of
    headers are in small letters."""
    why = "wrong_signature"
    for secret in secrets:
        try:
            signer(secret).verify(body, dict(headers), json_parse=False)
        except WebhookVerificationError as trouble:
            why = "wrong_time" if "timestamp" in str(trouble) else why  # the package has no kinds of its own
        except ValueError:  # not the letters of a signature, or a body that is not UTF-8
            continue
        else:
            return
    raise NotAllowed(why)


def _take_in(session: Session, body: bytes, headers: Mapping[str, str], now: datetime) -> None:
    # The signature is over whole seconds: "17.0" and "17.5" are one message.
    said = f"{headers['webhook-id']}.{floor(float(headers['webhook-timestamp']))}.".encode()
    seen = hashlib.sha256(said + body).hexdigest()
    if session.get(SeenMessage, seen) is not None:
        raise Conflict("seen_before")
    session.add(SeenMessage(digest=seen, at=now))


def forget(session: Session, now: datetime) -> None:
    """Forget the messages of the day before."""
    session.execute(delete(SeenMessage).where(SeenMessage.at < now - REMEMBERED))


def receive(session: Session, event: Mapping[str, Any], now: datetime) -> str:
    """Keep one record, once; returns why it was refused and what to do, or nothing."""
    if event.get("specversion") != "1.0" or event.get("type") != EVENT_TYPE:
        return f"unknown event type {str(event.get('type'))[:100]!r}: this pool reads {EVENT_TYPE} of CloudEvents 1.0"
    try:  # by the same measure as a file, so that whatever is kept can be exported and loaded again
        record, body = record_of(json.dumps(event.get("data"), ensure_ascii=False))
    except Wrong as trouble:
        return str(trouble)
    if why := trouble_of(record, body):
        return why
    try:
        with session.begin_nested():
            return _keep(session, str(event["id"]), record, now)
    except (IntegrityError, DataError, OverflowError, UnicodeError):
        # Half a letter, NUL, a number or a key beyond a column: one such record spoils no batch.
        return "the record holds something that cannot be stored"


def _keep(session: Session, key: str, record: dict[str, Any], now: datetime) -> str:
    provenance = record["provenance"]
    site, seq, ref, revision = provenance["site"], record["sequence"], record["ref"], record["revision"]
    known = session.execute(
        select(Received.seq, Received.digest, Received.event)
        .where(Received.site == site, or_(Received.seq.in_([seq - 1, seq]), Received.event == key))
    ).all()
    digests: dict[int, str] = {row.seq: row.digest for row in known}
    if seq in digests:
        return _again(session, record)
    if seq - 1 in digests and digests[seq - 1] != provenance["previous"]:
        return f"the chain is broken: record {seq - 1} has another digest here; compare the two (reconcile)"
    after = session.scalar(select(Received.body).where(Received.site == site, Received.seq == seq + 1))
    if after is not None and previous_of(after) not in (None, provenance["digest"]):
        return f"the chain is broken: record {seq + 1} follows another digest here; compare the two (reconcile)"
    if any(row.event == key for row in known):
        return "the event's id stands for another record already"
    same = (Received.ref == ref, Received.site == site)
    session.execute(update(Received).where(*same, Received.revision < revision).values(current=False))
    newer = session.scalar(select(exists().where(*same, Received.revision > revision)))
    received = Received(
        site=site, event=key, seq=seq, ref=ref, revision=revision, digest=provenance["digest"], current=not newer,
        received_at=now, **received_columns(record, canonical(record)),
    )
    session.add(received)
    session.flush()
    arrived(session, received, record)
    return ""


def _again(session: Session, record: dict[str, Any]) -> str:
    """A number that is here already: the same record is kept as it is, or put right where the copy here is damaged."""
    provenance = record["provenance"]
    stored = session.scalars(select(Received).where(Received.site == provenance["site"],
                                                    Received.seq == record["sequence"])).one()
    if stored.digest != provenance["digest"]:
        return f"another record has the number {stored.seq} here; compare the two (reconcile)"
    if stored.body != canonical(record):  # the digest says that it was the same once
        for name, value in received_columns(record, canonical(record)).items():
            setattr(stored, name, value)
        session.flush()
    return ""


def gaps(session: Session, kept: Sequence[tuple[str, int]]) -> list[list[int]]:
    """The numbers missing right before each of these records, given by site and number, as [first, last]."""
    found = []
    records = set(kept)
    for site, seq in sorted(records):
        if seq == 1 or (site, seq - 1) in records:
            continue
        before = session.scalar(select(func.max(Received.seq)).where(Received.site == site, Received.seq < seq)) or 0
        if before < seq - 1:
            found.append([before + 1, seq - 1])
    return found
