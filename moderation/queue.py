"""What waits for moderation: ideas and comments in one line, the one that waits longest first."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, tuple_
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments.model import Comment
from participation.database import Query
from participation.errors import NotThere
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.ideas.queries import IdeaCard, card, card_columns
from participation.people.model import Person
from participation.text import excerpt

PAGE = 25
KINDS = ("comment", "idea")  # in this order where both wait since the same moment
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One entry of the queue. `due` is when the city has promised to decide."""

    kind: str
    id: int
    ref: str
    title: str
    excerpt: str
    language: str
    field: str
    district: str | None
    author: str
    since: datetime
    due: datetime

    def overdue(self, now: datetime) -> bool:
        """Whether the promise is broken."""
        return now > self.due


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits."""

    ideas: int
    comments: int
    quorum: int


def waiting(session: Session, city: City, kind: str = "", after: str = "", limit: int = PAGE) -> tuple[
        list[QueueEntry], str]:
    """A page of the queue and the key of the next ("" at the end). Raises NotThere for a foreign key."""
    behind = _key(after) if after else None
    found: list[tuple[str, Any]] = []
    if kind != "comment":
        found += [("idea", row) for row in session.execute(_page(_ideas(), Idea, "idea", behind, limit))]
    if kind != "idea":
        found += [("comment", row) for row in session.execute(_page(_comments(), Comment, "comment", behind, limit))]
    found.sort(key=lambda pair: (pair[1].since, pair[0], pair[1].id))
    shown = [_entry(name, row, city) for name, row in found[:limit]]
    return shown, _after(shown[-1]) if len(found) > limit else ""


def counts(session: Session) -> Counts:
    """How many ideas and comments wait, and how many published ideas reached the quorum undecided."""
    ideas, comments, quorum = (
        session.scalar(select(func.count()).where(which)) or 0
        for which in (Idea.waiting_since.is_not(None), Comment.waiting_since.is_not(None), _with_quorum())
    )
    return Counts(ideas, comments, quorum)


def reached_quorum(session: Session, limit: int = PAGE) -> list[IdeaCard]:
    """Published ideas that gathered the quorum and are not decided, the first to do so first."""
    rows = session.execute(card_columns().where(_with_quorum()).order_by(Idea.quorum_reached_at, Idea.id).limit(limit))
    return [card(row) for row in rows]


def next_after(session: Session, city: City) -> QueueEntry | None:
    """The entry that waits longest now: what opens by itself after a decision."""
    entries, _ = waiting(session, city, limit=1)
    return entries[0] if entries else None


def _with_quorum() -> ColumnElement[bool]:
    return and_(Idea.quorum_reached_at.is_not(None), Idea.state.in_(IDEA.keys(takes_support=True)))


def _ideas() -> Query:
    return select(Idea.id, Idea.ref, Idea.title, Idea.body, Idea.language, Idea.field, Idea.district,
                  Person.name, Idea.waiting_since.label("since")).outerjoin(Person, Person.id == Idea.author_id)


def _comments() -> Query:
    return (select(Comment.id, Idea.ref, Idea.title, Comment.body, Comment.language, Idea.field, Idea.district,
                   Person.name, Comment.waiting_since.label("since"))
            .join(Idea, Idea.id == Comment.idea_id).outerjoin(Person, Person.id == Comment.author_id))


def _page(query: Query, table: Any, name: str, behind: tuple[datetime, str, int] | None, limit: int) -> Query:
    query = query.where(table.waiting_since.is_not(None)).order_by(table.waiting_since, table.id).limit(limit + 1)
    if behind is None:
        return query
    since, kind, number = behind
    if kind == name:
        return query.where(tuple_(table.waiting_since, table.id) > tuple_(since, number))
    return query.where(table.waiting_since >= since if name > kind else table.waiting_since > since)


def _entry(kind: str, row: Any, city: City) -> QueueEntry:
    return QueueEntry(kind, row.id, row.ref or "", row.title, excerpt(row.body[:500]), row.language, row.field,
                      row.district, row.name or "", row.since,
                      row.since + timedelta(days=city.deadlines.decide_days))


def _after(entry: QueueEntry) -> str:
    return f"{(entry.since - _EPOCH) // timedelta(microseconds=1)}.{entry.kind}.{entry.id}"


def _key(after: str) -> tuple[datetime, str, int]:
    since, _, rest = after.partition(".")
    kind, _, number = rest.partition(".")
    if not (after.isascii() and since.isdecimal() and number.isdecimal() and kind in KINDS and len(after) < 50):
        raise NotThere("unknown_page")
    try:
        return _EPOCH + timedelta(microseconds=int(since)), kind, min(int(number), 2**62)
    except OverflowError:
        raise NotThere("unknown_page") from None
