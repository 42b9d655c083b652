"""Receiving: what the pool does with a delivered batch, whoever sent it.

Each record is checked (signature of the batch, version, digest, chain) and kept once by its id; the
answer names what was kept and what was refused, so that the sender can mend exactly that.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import exists, or_, select, update
from sqlalchemy.exc import DataError, IntegrityError
from sqlalchemy.orm import Session
from standardwebhooks import WebhookVerificationError

from participation.errors import Invalid, NotAllowed
from participation.pool.delivery import BATCH, EVENT_TYPE, signer
from participation.pool.items import arrived
from participation.pool.model import Received
from participation.pool.record import alone, canonical, digest, schema


@dataclass
class Receipt:
    """The answer to a batch: ids kept (now or before), and ids refused with the reason."""

    accepted: list[str] = field(default_factory=list)
    refused: list[dict[str, str]] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        """The answer's body."""
        return {"accepted": self.accepted, "refused": self.refused}


def receive_batch(session: Session, body: bytes, headers: Mapping[str, str], secret: str, now: datetime) -> Receipt:
    """Check and keep a delivered batch. Raises NotAllowed for a wrong, missing or old signature and
    Invalid for something that is no batch of events; nothing of it is kept then."""
    try:
        signer(secret).verify(body, {key.lower(): value for key, value in headers.items()}, json_parse=False)
    except (WebhookVerificationError, ValueError) as trouble:
        raise NotAllowed("wrong_signature") from trouble
    try:
        events = json.loads(body)
    except (ValueError, RecursionError) as trouble:
        raise Invalid("body", "not_json") from trouble
    if not isinstance(events, list) or not all(isinstance(e, dict) and "id" in e for e in events):
        raise Invalid("body", "not_a_batch")
    if len(events) > BATCH:
        raise Invalid("body", "batch_too_long", limit=BATCH)
    alone(session)
    receipt = Receipt()
    for event in events:
        if why := receive(session, event, now):
            receipt.refused.append({"id": str(event["id"]), "why": why})
        else:
            receipt.accepted.append(str(event["id"]))
    return receipt


def receive(session: Session, event: Mapping[str, Any], now: datetime) -> str:
    """Keep one record, once; returns why it was refused, or nothing."""
    if event.get("specversion") != "1.0" or event.get("type") != EVENT_TYPE:
        return f"unknown event type {event.get('type')!r}"
    record: Any = event.get("data")
    problem = next(iter(Draft202012Validator(schema()).iter_errors(record)), None)
    if problem is not None:
        return f"{problem.json_path}: {problem.message[:300]}"
    try:
        with session.begin_nested():
            return _keep(session, str(event["id"]), record, now)
    except (IntegrityError, DataError, OverflowError, UnicodeError):
        # Half a letter, NUL, a number or a key beyond a column: one such record spoils no batch.
        return "the record holds something that cannot be stored"


def _keep(session: Session, key: str, record: dict[str, Any], now: datetime) -> str:
    provenance = record["provenance"]
    if digest(record) != provenance["digest"]:
        return "the digest does not fit the record"
    site, seq, ref, revision = provenance["site"], record["sequence"], record["ref"], record["revision"]
    known = session.execute(
        select(Received.seq, Received.digest, Received.event)
        .where(Received.site == site, or_(Received.seq.in_([seq - 1, seq]), Received.event == key))
    ).all()
    digests: dict[int, str] = {row.seq: row.digest for row in known}
    if seq in digests:
        return "" if digests[seq] == provenance["digest"] else f"another record has the number {seq}"
    if seq - 1 in digests and digests[seq - 1] != provenance["previous"]:
        return f"the chain is broken: record {seq - 1} has another digest"
    after = session.scalar(select(Received.body).where(Received.site == site, Received.seq == seq + 1))
    if after is not None and json.loads(after)["provenance"]["previous"] != provenance["digest"]:
        return f"the chain is broken: record {seq + 1} follows another digest"
    if any(row.event == key for row in known):
        return "the event's id stands for another record already"
    same = (Received.ref == ref, Received.site == site)
    session.execute(update(Received).where(*same, Received.revision < revision).values(current=False))
    newer = session.scalar(select(exists().where(*same, Received.revision > revision)))
    received = Received(
        site=site, event=key, seq=seq, ref=ref, revision=revision, title=record["title"][:300],
        field=record["field"], district=record["district"], supporters=record["supporters"]["total"],
        body=canonical(record), digest=provenance["digest"], current=not newer, received_at=now,
    )
    session.add(received)
    session.flush()
    arrived(session, received, record)
    return ""
