"""The revisions of a record that the pool has received, and what each changed of the one before."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.pool.model import Item, Received

PAGE = 5  # each is read whole
TEXTS = ("title", "body", "benefit")


@dataclass(frozen=True, slots=True)
class Change:
    """A part of a record before and after: a text, a number, or languages by spaces."""

    part: str
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Revision:
    """A revision that was received, why there is it, and what is different in it; `language` is of its texts."""

    number: int
    at: datetime
    reason: str
    language: str
    changes: tuple[Change, ...]


def revisions(session: Session, item: Item, before: int | None = None, limit: int = PAGE) -> tuple[
        list[Revision], int | None]:
    """The revisions of a record, newest first, and the number to continue behind (None at the end)."""
    query = (select(Received.revision, Received.received_at, Received.body)
             .where(Received.ref == item.ref, Received.site == item.site)
             .order_by(Received.revision.desc()).limit(limit + 1))
    if before is not None:
        query = query.where(Received.revision < before)
    rows = [(row.revision, row.received_at, json.loads(row.body)) for row in session.execute(query)]
    made = [_revision(new, old[2]) for new, old in pairwise(rows)]
    if 0 < len(rows) <= limit:
        made.append(_revision(rows[-1], None))
    return made, made[-1].number if len(rows) > limit else None


def _revision(row: tuple[int, datetime, dict[str, Any]], before: Mapping[str, Any] | None) -> Revision:
    number, at, record = row
    return Revision(number, at, str(record.get("revision_reason", "")), record["language"],
                    _changes(before, record) if before is not None else ())


def _changes(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[Change, ...]:
    found = [Change(part, before[part], after[part]) for part in TEXTS]
    found += [Change("supporters", before["supporters"]["total"], after["supporters"]["total"]),
              Change("comments", before["comments"]["count"], after["comments"]["count"]),
              Change("translations", _languages(before), _languages(after)),
              Change("merged", " ".join(before.get("merged", ())), " ".join(after.get("merged", ())))]
    return tuple(change for change in found if change.before != change.after)


def _languages(record: Mapping[str, Any]) -> str:
    return " ".join(each["language"] for each in record["translations"])
