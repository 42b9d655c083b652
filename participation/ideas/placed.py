"""Ideas by district and place, for maps: counts, and the newest with where each of them is about."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, text, tuple_
from sqlalchemy.orm import Session

from participation.ideas.model import COUNTED, PLACED, Idea
from participation.ideas.queries import Wanted, after_row, key_of, narrowed
from participation.places import Spot


@dataclass(frozen=True, slots=True)
class Placed:
    """A public idea as a map or a list of places shows it."""

    ref: str
    title: str
    language: str
    field: str
    district: str | None
    state: str
    published_at: datetime | None
    supports: int
    spot: Spot


@dataclass(frozen=True, slots=True)
class PlacedList:
    """A page of such ideas; `after` is the key of the next page, empty on the last."""

    ideas: tuple[Placed, ...]
    after: str


_COLUMNS = (Idea.id, Idea.ref, Idea.title, Idea.language, Idea.field, Idea.district, Idea.state, Idea.published_at,
            Idea.supports_total, Idea.place, Idea.latitude, Idea.longitude)


def by_district(session: Session, wanted: Wanted) -> dict[str | None, int]:
    """How many public ideas each district has, by its key; None are those about the whole city."""
    query = narrowed(select(Idea.district, func.count()), session, wanted).where(text(COUNTED))
    return {row[0]: row[1] for row in session.execute(query.group_by(Idea.district))}


def newest(session: Session, wanted: Wanted, limit: int, *, placed: bool) -> PlacedList:
    """A page of the public ideas, the newest first; `placed`: of those alone that name a place or a point. Raises
    NotThere for a key that no list of ours gave out."""
    query = narrowed(select(*_COLUMNS), session, wanted)
    if placed:
        query = query.where(text(f"({PLACED})"))  # word for word as the index says it, or SQLite does not take it
    if wanted.after:
        query = query.where(tuple_(Idea.published_at, Idea.id) < tuple_(*key_of("newest", wanted.after)))
    rows = session.execute(query.order_by(Idea.published_at.desc(), Idea.id.desc()).limit(limit + 1)).all()
    return PlacedList(tuple(map(_placed, rows[:limit])),
                      after_row("newest", rows[limit - 1]) if len(rows) > limit else "")


def _placed(row: Any) -> Placed:
    return Placed(row.ref or "", row.title, row.language, row.field, row.district, row.state, row.published_at,
                  row.supports_total, Spot(row.place, row.latitude, row.longitude))
