"""The exported record: its shape, its canonical text, its digest, and how it is written.

The shape is published as a JSON Schema (`idea-record-1.json` beside this file). A record holds no
personal data: no names, no addresses, no ids of people; districts with few supporters are withheld.
"""

import hashlib
import json
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments.queries import published_bodies
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.jobs import House
from participation.outbox import Event, happened
from participation.pool.model import Record
from participation.support import per_district

VERSION = "1"
SCHEMA_FILE = Path(__file__).with_name(f"idea-record-{VERSION}.json")
COMMENTS = 1000  # of an idea go into its record; the count tells whether there are more
_LOCK = 0x706F6F6C  # "pool": PostgreSQL's advisory lock around the pool's books


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema of a record."""
    read: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return read


def canonical(record: dict[str, Any]) -> str:
    """The one text of a record: keys sorted, no spaces, UTF-8. Digests and files are made of it."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(record: dict[str, Any]) -> str:
    """SHA-256 of the canonical text without the digest itself, in hexadecimal."""
    provenance = {key: value for key, value in record["provenance"].items() if key != "digest"}
    return hashlib.sha256(canonical(record | {"provenance": provenance}).encode()).hexdigest()


def write(session: Session, event: Event, house: House) -> None:
    """Follower of idea.accepted: write the record of that very step, once, and say so.

    Numbering is one at a time, so that the sequence has no gaps and each record can name the digest
    of the one before.
    """
    step_id, idea_id = event.about["step_id"], event.about["idea_id"]
    alone(session)
    if session.scalar(select(Record.seq).where(Record.step_id == step_id)) is not None:
        return
    last = session.execute(select(Record.seq, Record.digest).order_by(Record.seq.desc()).limit(1)).first()
    seq = last.seq + 1 if last else 1
    revision = (session.scalar(select(func.max(Record.revision)).where(Record.idea_id == idea_id)) or 0) + 1
    idea = session.get_one(Idea, idea_id)
    record = record_of(session, house.city, idea, step_id, house.settings.public_url)
    record |= {"sequence": seq, "revision": revision}
    record["provenance"]["previous"] = last.digest if last else ""
    record["provenance"]["digest"] = digest(record)
    session.add(Record(seq=seq, step_id=step_id, idea_id=idea_id, ref=idea.ref, revision=revision,
                       body=canonical(record), digest=record["provenance"]["digest"], created_at=house.now))
    happened(session, "record.written", house.now, seq=seq)


def alone(session: Session) -> None:
    """Let nobody else number, note deliveries or receive records until this transaction ends.

    Several workers carry overlapping batches as a matter of course; each must see what the one before
    it wrote. SQLite's writer is alone anyway.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def record_of(session: Session, city: City, idea: Idea, step_id: int, site: str) -> dict[str, Any]:
    """The record of an accepted idea as it stands, without its number and digests."""
    accepted = session.get_one(Acceptance, step_id)
    step = session.get_one(IdeaStep, step_id)
    field = city.field(idea.field)
    return {
        "schema": f"idea-record-{VERSION}",
        "ref": idea.ref,
        "address": f"{site.rstrip('/')}/{city.languages[0]}/ideas/{idea.ref}",
        "title": idea.title,
        "body": idea.body,
        "benefit": idea.benefit,
        "language": idea.language,
        "translations": [],
        "field": idea.field,
        "needs": [need.key for need in field.needs] if field and len(field.needs) == 1 else [],
        "district": idea.district,
        "dates": {"submitted": _iso(idea.submitted_at), "published": _iso(idea.published_at),
                  "accepted": _iso(step.at), "quorum_reached": _iso(idea.quorum_reached_at)},
        "supporters": {"total": idea.supports, "from_city": idea.supports_city, "imported": idea.supports_imported,
                       "per_district": per_district(session, idea.id)},
        "comments": {"count": idea.comments,
                     "published": [{"body": body, "language": language, "at": _iso(at)}
                                   for body, language, at in published_bodies(session, idea.id, COMMENTS)]},
        "guidelines": [{"key": accepted.guideline, "benefit": accepted.benefit, "who_benefits": accepted.who_benefits,
                        "evidence": {"supporters": accepted.supporters,
                                     "supporters_from_city": accepted.supporters_city,
                                     "comments": accepted.comments}}],
        "decision": {"move": step.move, "at": _iso(step.at), "statement": step.statement,
                     "statement_language": step.statement_language},
        "provenance": {"site": site.rstrip("/"), "city": city.key, "version": VERSION},
    }


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
