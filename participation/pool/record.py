"""The exported record: its shape, its canonical text, its digest, and how it is written.

The shape is published as a JSON Schema (`idea-record-1.json` beside this file). A record holds no
personal data: no names, no addresses, no ids of people; districts with few supporters are withheld.
"""

import hashlib
import json
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from participation import translations
from participation.city import City
from participation.comments.queries import published_bodies
from participation.ideas import spots
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.jobs import House
from participation.outbox import Event, happened
from participation.places import Spot
from participation.pool.model import Receiver, Record
from participation.support import per_district

# Additions are compatible: receivers ignore properties they do not know, and the schema requires none that was added
# later. Whatever takes away, renames, narrows or changes a meaning is a new version, published beside this one.
VERSION = "1"
SCHEMA_FILE = Path(__file__).with_name(f"idea-record-{VERSION}.json")
# Why there is a revision, and what then has to be different for one to be written: a translation that does not show
# in the record is no reason, though there are more supporters by now.
REASONS: dict[str, tuple[str, ...]] = {
    "correction": ("title", "body", "benefit", "language", "translations", "field", "needs", "district",
                   "place", "comments"),
    "milestone": ("supporters",),
    "merged": ("merged",),
    "unmerged": ("merged",),
    "translation": ("translations", "decision"),
}
COMMENTS = 1000  # of an idea go into its record; the count tells whether there are more
_LOCK = 0x706F6F6C  # "pool": PostgreSQL's advisory lock around the pool's books


@cache
def schema() -> dict[str, Any]:
    """The published JSON Schema of a record."""
    read: dict[str, Any] = json.loads(SCHEMA_FILE.read_text(encoding="utf-8"))
    return read


@cache
def validator() -> Draft202012Validator:
    """What checks a record against the schema; made once, because making it takes longer than the check."""
    return Draft202012Validator(schema())


def canonical(record: dict[str, Any]) -> str:
    """The one text of a record: keys sorted, no spaces, UTF-8. Digests and files are made of it."""
    return json.dumps(record, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest(record: dict[str, Any]) -> str:
    """SHA-256 of the canonical text without the digest itself, in hexadecimal."""
    provenance = {key: value for key, value in record["provenance"].items() if key != "digest"}
    return hashlib.sha256(canonical(record | {"provenance": provenance}).encode()).hexdigest()


def write(session: Session, event: Event, house: House) -> None:
    """Follower of idea.accept: write the record of that very step, once, and say so."""
    step_id = event.about["step_id"]
    add(session, house, event.about["idea_id"], step_id, f"step:{step_id}", "accepted")


def add(session: Session, house: House, idea_id: int, step_id: int, cause: str, reason: str) -> Record | None:
    """Write the next revision of an idea's record, unless this cause has written one or nothing is different that the
    reason is about.

    Numbering is one at a time, so that the sequence has no gaps and each record can name the digest
    of the one before.
    """
    alone(session)
    if session.scalar(select(Record.seq).where(Record.cause == cause)) is not None:
        return None
    last = session.execute(select(Record.seq, Record.digest).order_by(Record.seq.desc()).limit(1)).first()
    before = session.scalar(select(Record).where(Record.idea_id == idea_id).order_by(Record.revision.desc()).limit(1))
    idea = session.get_one(Idea, idea_id)
    record = record_of(session, house.city, idea, step_id, house.settings.public_url)
    if before is not None and content(record, reason) == content(json.loads(before.body), reason):
        return None
    seq, revision = last.seq + 1 if last else 1, before.revision + 1 if before else 1
    record |= {"sequence": seq, "revision": revision, "revision_reason": reason}
    record["provenance"] |= {"site": site_of(session, house.settings.public_url),
                             "previous": last.digest if last else ""}
    record["provenance"]["digest"] = digest(record)
    written = Record(seq=seq, step_id=step_id, cause=cause, reason=reason, idea_id=idea_id, ref=idea.ref,
                     revision=revision, body=canonical(record), digest=record["provenance"]["digest"],
                     created_at=house.now)
    session.add(written)
    session.flush()
    for receiver in receivers(session, house.settings.receivers):
        happened(session, "record.written", house.now, seq=seq, receiver_id=receiver.id)
    return written


def site_of(session: Session, public_url: str) -> str:
    """What this site's chain of records is called: as its newest record says, whatever PUBLIC_URL is by now. Another
    name in the middle would break the chain for everyone who holds its beginning; the address of each idea follows."""
    body = session.scalar(select(Record.body).order_by(Record.seq.desc()).limit(1))
    return str(json.loads(body)["provenance"]["site"]) if body else public_url.rstrip("/")


def content(record: dict[str, Any], reason: str) -> dict[str, Any]:
    """What a revision for that reason is about; without a reason of its own, all but what numbers and seals it."""
    sealed = ("sequence", "revision", "revision_reason", "provenance")
    return {key: record.get(key) for key in REASONS.get(reason, [key for key in record if key not in sealed])}


def receivers(session: Session, keys: Sequence[str]) -> list[Receiver]:
    """The rows of the receivers that are set up now; made when one is new."""
    known = {row.key: row for row in session.scalars(select(Receiver).where(Receiver.key.in_(keys)))}
    for key in keys:
        if key not in known:
            known[key] = Receiver(key=key)
            session.add(known[key])
    session.flush()
    return [known[key] for key in keys]


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
    words = {"title": idea.title, "body": idea.body, "benefit": idea.benefit}
    return {
        "schema": f"idea-record-{VERSION}",
        "ref": idea.ref,
        "address": f"{site.rstrip('/')}/{city.languages[0]}/ideas/{idea.ref}",
        **words,
        "language": idea.language,
        "translations": [{"language": tag, "benefit": "", **parts} for tag, parts in
                         translations.fitting(session, "idea", idea.id, words, machine=False).items()
                         if all(parts.get(name) for name, text in words.items() if text)],
        "field": idea.field,
        "needs": [need.key for need in field.needs] if field and len(field.needs) == 1 else [],
        "district": idea.district,
        "place": _place(city, idea),
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
                     "statement_language": step.statement_language,
                     "translations": {tag: parts["statement"] for tag, parts in translations.fitting(
                         session, "idea_step", step.id, {"statement": step.statement}, machine=False).items()}},
        "merged": list(session.scalars(select(Idea.ref).where(Idea.merged_into_id == idea.id).order_by(Idea.ref))),
        "provenance": {"site": site.rstrip("/"), "city": city.key, "version": VERSION},
    }


def _place(city: City, idea: Idea) -> dict[str, Any] | None:
    """Where the idea is about, as its public page says: by the name of a place, a point in WGS 84, or both."""
    point = spots.point_of(city, Spot(idea.place, idea.latitude, idea.longitude))
    if point is None:
        return None
    named = city.place(idea.place)
    # A whole number is written without its ".0", as other languages write it: the digest is made of these letters.
    latitude, longitude = (int(degrees) if degrees == int(degrees) else degrees for degrees in point)
    return {"name": named.name if named else "", "latitude": latitude, "longitude": longitude}


def _iso(moment: datetime | None) -> str | None:
    return moment.isoformat(timespec="seconds") if moment else None
