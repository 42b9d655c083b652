"""What waits for moderation: every kind of entry in one line, what is urgent first, then what is due first."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, case, exists, func, or_, select, tuple_
from sqlalchemy.orm import Session, aliased

from moderation.model import NEAR, Appeal, Decision, Hint, Proposal, ReportCase
from participation.comments.model import Comment
from participation.database import Query
from participation.errors import NotThere
from participation.ideas.model import Idea, IdeaEdit
from participation.people.model import Person
from participation.text import excerpt
from participation.waiting import CONFIRM, QUORUM, Waiting

PAGE = 25
KINDS = ("idea", "comment", "edit", "report", "appeal")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_ORDER = (Waiting.rank, Waiting.due, Waiting.id)
_READ = 500  # characters of a text that a list reads


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the queue is narrowed down to; empty means everything. `who` is "mine" or "free"; `kind` may also be
    "quorum" or "confirm"."""

    kind: str = ""
    field: str = ""
    district: str = ""
    language: str = ""
    hint: str = ""
    who: str = ""

    def query(self) -> dict[str, Any]:
        """The same as the query of an address, without what is empty."""
        return {name: value for name in ("kind", "field", "district", "language", "hint", "who")
                if (value := getattr(self, name))}

    def query_behind(self) -> dict[str, Any]:
        """The same for the page of an entry, whose own kind stands in its address: `kind` becomes `of`."""
        return {"of" if name == "kind" else name: value for name, value in self.query().items()}


@dataclass(frozen=True, slots=True)
class QueueEntry:
    """One entry of the queue. `due` is when the city has promised to decide."""

    kind: str
    thing_id: int
    ref: str
    title: str
    excerpt: str
    language: str
    field: str
    district: str | None
    author: str
    since: datetime
    due: datetime
    cause: str
    holder: str
    mine: bool
    reports: int
    version: int
    hints: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        """What names it in addresses."""
        return self.ref if self.kind == "idea" else str(self.thing_id)


@dataclass(frozen=True, slots=True)
class Counts:
    """How much waits for this moderator, and what of it."""

    total: int
    overdue: int
    mine: int
    free: int
    kinds: Mapping[str, int]


def urgency(since: datetime, due: datetime, at: datetime) -> str:
    """How an entry's waiting is shown: success while at least half of the promised time is left, warning
    after that, danger once the promise is broken."""
    if at > due:
        return "danger"
    return "warning" if at - since > (due - since) / 2 else "success"


def waiting(session: Session, moderator: Person, wanted: Wanted, now: datetime, after: str = "",
            limit: int = PAGE) -> tuple[list[QueueEntry], str]:
    """A page of the queue and the key of the next ("" at the end). Raises NotThere for a foreign key."""
    # Two queries: PostgreSQL joined the whole queue with everything before it looked which rows the page has.
    page = session.scalars(page_of(moderator, wanted, now, after, limit)).all()
    rows = session.execute(_shown().where(Waiting.id.in_(page)).order_by(*_ORDER)).all() if page else []
    entries = [_entry(row, moderator, now) for row in rows[:limit]]
    return _with_hints(session, entries), _after(rows[limit - 1]) if len(rows) > limit else ""


def page_of(moderator: Person, wanted: Wanted, now: datetime, after: str = "", limit: int = PAGE) -> Query:
    """The query for the rows of a page: chosen by an index alone, so that its cost does not grow with the queue; what
    they show is looked up for these few. Raises NotThere for a foreign key."""
    where = [*_scope(moderator), *_wanted(wanted, moderator, now)]
    if after:
        where.append(tuple_(Waiting.rank, Waiting.due, Waiting.id) > tuple_(*_key(after)))
    return select(Waiting.id).where(*where).order_by(*_ORDER).limit(limit + 1)


def counts(session: Session, moderator: Person, now: datetime) -> Counts:
    """How much waits, by kind; one look at the table."""
    name = case((Waiting.cause.in_([QUORUM, CONFIRM]), Waiting.cause), else_=Waiting.kind)
    held = and_(Waiting.holder_id.is_not(None), Waiting.held_until > now)
    rows = session.execute(
        select(name, func.count(), func.count().filter(Waiting.due < now),
               func.count().filter(held, Waiting.holder_id == moderator.id), func.count().filter(~held))
        .where(*_scope(moderator)).group_by(name)).all()
    total, overdue, mine, free = (sum(row[n] for row in rows) for n in (1, 2, 3, 4))
    return Counts(total, overdue, mine, free, {row[0]: row[1] for row in rows})


def hint_counts(session: Session, moderator: Person) -> dict[str, int]:
    """How many waiting entries carry each hint."""
    rows = session.execute(
        select(Hint.key, func.count(func.distinct(Waiting.id)))
        .join(Waiting, and_(Waiting.kind == Hint.kind, Waiting.thing_id == Hint.thing_id))
        .where(*_scope(moderator), Hint.key != NEAR).group_by(Hint.key).order_by(Hint.key))
    return {row[0]: row[1] for row in rows}


def free(session: Session, moderator: Person, wanted: Wanted, now: datetime, limit: int = 5) -> list[Waiting]:
    """The entries due first that this moderator could claim and decide on now, or holds already. Locked against
    others who ask at the same moment, where the database can."""
    mine = Appeal.id.in_(select(Appeal.id).join(Decision, Decision.id == Appeal.decision_id).where(
        or_(Decision.by_id == moderator.id, Decision.confirmed_by_id == moderator.id)))
    own_appeal = exists(select(Appeal.id).where(Appeal.id == Waiting.thing_id, mine))
    own_proposal = exists(select(Proposal.id).where(
        Proposal.kind == Waiting.kind, Proposal.thing_id == Waiting.thing_id, Proposal.by_id == moderator.id))
    return list(session.scalars(
        select(Waiting)
        .where(*_scope(moderator), *_wanted(wanted, moderator, now), ~_held_by_another(moderator, now),
               or_(Waiting.kind != "appeal", ~own_appeal), or_(Waiting.cause != CONFIRM, ~own_proposal))
        .order_by(*_ORDER).limit(limit).with_for_update(skip_locked=True)))


def key_of(session: Session, row: Waiting) -> str:
    """What names a waiting row in addresses."""
    return ref_of(session, row.thing_id) if row.kind == "idea" else str(row.thing_id)


def ref_of(session: Session, idea_id: int) -> str:
    """The reference of an idea."""
    return session.scalar(select(Idea.ref).where(Idea.id == idea_id)) or ""


def _scope(moderator: Person) -> list[ColumnElement[bool]]:
    """The part of the queue that is this moderator's, as `rights.in_scope` says for one entry."""
    fields, districts = moderator.fields.split(), moderator.districts.split()
    where: list[ColumnElement[bool]] = []
    if fields:
        where.append(Waiting.field.in_(["", *fields]))
    if districts:
        where.append(or_(Waiting.district.is_(None), Waiting.district.in_(districts)))
    return where


def _held_by_another(moderator: Person, now: datetime) -> ColumnElement[bool]:
    return and_(Waiting.holder_id.is_not(None), Waiting.holder_id != moderator.id, Waiting.held_until > now)


def _wanted(wanted: Wanted, moderator: Person, now: datetime) -> list[ColumnElement[bool]]:
    where: list[ColumnElement[bool]] = []
    if wanted.kind in (QUORUM, CONFIRM):
        where.append(Waiting.cause == wanted.kind)
    elif wanted.kind:
        where += [Waiting.kind == wanted.kind, Waiting.cause.not_in([QUORUM, CONFIRM])]  # as they are counted
    for column, value in ((Waiting.field, wanted.field), (Waiting.district, wanted.district),
                          (Waiting.language, wanted.language)):
        if value:
            where.append(column == value)
    if wanted.hint:
        where.append(exists(select(Hint.id).where(Hint.key == wanted.hint, Hint.kind == Waiting.kind,
                                                  Hint.thing_id == Waiting.thing_id)))
    if wanted.who == "mine":
        where += [Waiting.holder_id == moderator.id, Waiting.held_until > now]
    if wanted.who == "free":
        where.append(or_(Waiting.holder_id.is_(None), Waiting.held_until <= now))
    return where


def _shown() -> Query:
    """What a row shows, whatever its kind."""
    holder, author = aliased(Person), aliased(Person)
    writer = case((Waiting.kind == "idea", Idea.author_id), (Waiting.kind == "comment", Comment.author_id),
                  (Waiting.kind == "edit", IdeaEdit.author_id), else_=Appeal.author_id)

    def of(kind: str, column: Any) -> Any:
        return and_(Waiting.kind == kind, Waiting.thing_id == column)

    body = case((Waiting.kind == "idea", Idea.body), (Waiting.kind == "comment", Comment.body),
                (Waiting.kind == "edit", IdeaEdit.body), else_=Appeal.body)
    return (select(Waiting.id, Waiting.kind, Waiting.thing_id, Waiting.language, Waiting.field, Waiting.district,
                   Waiting.since, Waiting.due, Waiting.rank, Waiting.cause, Waiting.holder_id, Waiting.held_until,
                   Idea.ref, Idea.title, func.substr(func.coalesce(body, ""), 1, _READ).label("body"),
                   Idea.language.label("idea_language"), Idea.author_name,
                   holder.name.label("holder"), author.name.label("author"), ReportCase.reports,
                   case((Waiting.kind == "idea", Idea.version), (Waiting.kind == "comment", Comment.version),
                        else_=0).label("version"))
            .outerjoin(Idea, Idea.id == Waiting.idea_id)
            .outerjoin(Comment, of("comment", Comment.id)).outerjoin(IdeaEdit, of("edit", IdeaEdit.id))
            .outerjoin(ReportCase, of("report", ReportCase.id)).outerjoin(Appeal, of("appeal", Appeal.id))
            .outerjoin(holder, holder.id == Waiting.holder_id).outerjoin(author, author.id == writer))


def _entry(row: Any, moderator: Person, now: datetime) -> QueueEntry:
    held = row.holder_id is not None and row.held_until is not None and row.held_until > now
    return QueueEntry(row.kind, row.thing_id, row.ref or "", row.title or "", excerpt(row.body or ""), row.language,
                      row.field, row.district, row.author or row.author_name or "", row.since, row.due, row.cause,
                      (row.holder or "?") if held else "", held and row.holder_id == moderator.id, row.reports or 0,
                      row.version or 0)


def _with_hints(session: Session, entries: list[QueueEntry]) -> list[QueueEntry]:
    if not entries:
        return entries
    found: dict[tuple[str, int], list[str]] = {}
    for kind, thing_id, key in session.execute(
            select(Hint.kind, Hint.thing_id, Hint.key).distinct()
            .where(tuple_(Hint.kind, Hint.thing_id).in_([(e.kind, e.thing_id) for e in entries]),
                   Hint.key != NEAR)):
        found.setdefault((kind, thing_id), []).append(key)
    return [replace(e, hints=tuple(sorted(found.get((e.kind, e.thing_id), ())))) for e in entries]


def _after(row: Any) -> str:
    return f"{row.rank}.{(row.due - _EPOCH) // timedelta(microseconds=1)}.{row.id}"


def _key(after: str) -> tuple[int, datetime, int]:
    parts = after.split(".")
    if not (len(parts) == 3 and after.isascii() and all(part.isdecimal() for part in parts) and len(after) < 50):
        raise NotThere("unknown_page")
    rank, due, number = map(int, parts)
    try:
        return min(rank, 9), _EPOCH + timedelta(microseconds=due), min(number, 2**62)
    except OverflowError:
        raise NotThere("unknown_page") from None
