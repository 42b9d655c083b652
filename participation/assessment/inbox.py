"""Reading the desk's inbox: what wants attention, filters, four orders, pages by key, how much there is of each.

Every order has an index of its own, and so has every filter in the usual order, so that a page costs the same with a
hundred records and with a hundred thousand. The rows of what lacks the value of an order (no date, no score) come
last, by their number.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, func, literal, or_, select, tuple_, union_all
from sqlalchemy.orm import Session

from participation.assessment.model import Tag
from participation.database import Query
from participation.errors import NotThere
from participation.ideas.model import Idea
from participation.ideas.search import matching, words
from participation.people.model import Person
from participation.pool.model import CHANGED, NEW, Item
from participation.text import fold

PAGE = 25
ATTENTION = ("new", "changed", "overdue", "mine", "unassigned")
ORDERS: dict[str, Any] = {"changed": Item.changed_at, "deadline": Item.deadline, "score": Item.score,
                          "supporters": Item.supporters}
ELSEWHERE = "elsewhere"  # stands for the stage of another site's ideas, which is not known here
FOREIGN = 2000  # the newest of other sites' titles that a search reads
_FOREIGN = Item.stage == ""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_REF = re.compile(r"[A-Z]{2,4}-[0-9]{4}-[0-9]{5,12}")


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the inbox is narrowed down to; empty means everything. `assignee` is a person's number, `tag` is
    "kind:key", `project` is yes or no, `order` one of ORDERS."""

    q: str = ""
    attention: str = ""
    stage: str = ""
    field: str = ""
    district: str = ""
    language: str = ""
    assignee: str = ""
    priority: str = ""
    tag: str = ""
    project: str = ""
    order: str = ""

    def query(self) -> dict[str, Any]:
        """The same as the query of an address, without what is empty."""
        return {name: value for name in Wanted.__slots__ if (value := getattr(self, name))}

    @property
    def narrowed(self) -> bool:
        """Whether anything is left out."""
        return bool(self.query().keys() - {"order"})


@dataclass(frozen=True, slots=True)
class Line:
    """A record in the inbox. `news` is new, changed or ""; `stage` is "" for an idea of another site; `score` is in
    hundredths of the 100 points."""

    id: int
    ref: str
    title: str
    language: str
    field: str
    district: str | None
    supporters: int
    comments: int
    stage: str
    revision: int
    news: str
    received_at: datetime
    changed_at: datetime
    assignee: str
    deadline: date | None
    overdue: bool
    priority: str
    score: int | None
    in_project: bool


@dataclass(frozen=True, slots=True)
class Counts:
    """How many records there are of each kind of attention, and in each stage."""

    attention: Mapping[str, int]
    stages: Mapping[str, int]

    @property
    def total(self) -> int:
        """All records."""
        return sum(self.stages.values())


def listed(session: Session, wanted: Wanted, me: Person, today: date, after: str = "",
           limit: int = PAGE, *, elsewhere: bool = True) -> tuple[list[Line], str]:
    """A page of the inbox and the key of the next ("" at the end). `elsewhere` says whether there are records of other
    sites, to be searched as well. Raises NotThere for a foreign key."""
    where, order = conditions(session, wanted, me, today, elsewhere=elsewhere), wanted.order or "changed"
    value, number = _key(order, after)
    column = ORDERS[order]
    if value is None and number is not None:
        query = unvalued(where, order, number, limit)
    else:
        query = valued(where, order, wanted, value, number, limit)
        if column.nullable:  # one statement for both parts, though the second is seldom needed
            query = select(union_all(*(select(part.subquery()) for part in (
                query, unvalued(where, order, None, limit)))).subquery())
    rows: Sequence[Any] = session.execute(query).all()
    if column.nullable:
        rows = _in_order(rows, order)
    return [_line(row, today) for row in rows[:limit]], _after(order, rows[limit - 1]) if len(rows) > limit else ""


def counts(session: Session, me: Person, today: date) -> Counts:
    """How much there is of everything; one statement, each part of it answered by an index."""
    parts: dict[str, Any] = {"new": NEW, "changed": CHANGED, "overdue": Item.deadline < today,
                             "mine": Item.assignee_id == me.id}
    attention = [select(literal(name).label("what"), literal("").label("stage"), func.count().label("number"))
                 .select_from(Item).where(where) for name, where in parts.items()]
    stages = select(literal("stage"), Item.stage, func.count()).group_by(Item.stage)
    rows = session.execute(union_all(*attention, stages)).all()
    return Counts({row.what: row.number for row in rows if row.what in parts},
                  {row.stage or ELSEWHERE: row.number for row in rows if row.what == "stage"})


def conditions(session: Session, wanted: Wanted, me: Person, today: date, *,
               elsewhere: bool = True) -> list[ColumnElement[bool]]:
    """What the rows of a list have in common."""
    where: list[Any] = []
    if wanted.attention:
        where.append({"new": NEW, "changed": CHANGED, "overdue": Item.deadline < today,
                      "mine": Item.assignee_id == me.id, "unassigned": Item.assignee_id.is_(None)}[wanted.attention])
    for column, value in ((Item.field, wanted.field), (Item.district, wanted.district),
                          (Item.language, wanted.language), (Item.priority, wanted.priority)):
        if value:
            where.append(column == value)
    if wanted.stage:
        where.append(_FOREIGN if wanted.stage == ELSEWHERE else Item.stage == wanted.stage)
    if wanted.assignee:
        where.append(Item.assignee_id == int(wanted.assignee))
    if wanted.project:
        where.append(Item.project_id.is_not(None) if wanted.project == "yes" else Item.project_id.is_(None))
    if wanted.tag:
        kind, _, key = wanted.tag.partition(":")
        where.append(Item.id.in_(select(Tag.item_id).where(Tag.kind == kind, Tag.key == key)))
    if wanted.q:
        where.append(_found(session, wanted.q, elsewhere))
    return where


def valued(where: Sequence[ColumnElement[bool]], order: str, wanted: Wanted, value: Any = None,
           number: int | None = None, limit: int = PAGE) -> Query:
    """The query for a page of what has a value to order by: one more row than the page has."""
    column = ORDERS[order]
    query = _columns().where(*where)
    if column.nullable:
        query = query.where(column.is_not(None))
    behind = tuple_(column, Item.id)
    if order == "deadline":
        if value is not None:
            query = query.where(behind > tuple_(value, number))
        return query.order_by(column, Item.id).limit(limit + 1)
    if value is not None:
        query = query.where(behind < tuple_(value, number))
    if wanted.attention == "unassigned" and order == "changed":
        query = query.order_by(Item.assignee_id.desc())  # changes nothing; PostgreSQL sees by it that the index fits
    return query.order_by(column.desc(), Item.id.desc()).limit(limit + 1)


def unvalued(where: Sequence[ColumnElement[bool]], order: str, number: int | None = None, limit: int = PAGE) -> Query:
    """The query for a page of what lacks the value, by its number."""
    column = ORDERS[order]
    query = _columns().where(*where, column.is_(None))
    if number is not None:
        query = query.where(Item.id > number)
    return query.order_by(column, Item.id).limit(limit + 1)


def _columns() -> Query:
    return select(Item.id, Item.ref, Item.title, Item.language, Item.field, Item.district, Item.supporters,
                  Item.comments, Item.stage, Item.revision, Item.seen_revision, Item.received_at, Item.changed_at,
                  Item.deadline, Item.priority, Item.score, Item.project_id, Item.assignee_id,
                  Person.name, Person.email).outerjoin(Person, Person.id == Item.assignee_id)


def _line(row: Any, today: date) -> Line:
    news = "" if row.seen_revision >= row.revision else "changed" if row.seen_revision else "new"
    return Line(row.id, row.ref, row.title, row.language, row.field, row.district, row.supporters, row.comments,
                row.stage, row.revision, news, row.received_at, row.changed_at, row.name or row.email or "",
                row.deadline, row.deadline is not None and row.deadline < today, row.priority, row.score,
                row.project_id is not None)


def _in_order(rows: Sequence[Any], order: str) -> list[Any]:
    """Two parts that came in one statement, whose order no database promises."""
    column = ORDERS[order].key
    there = sorted((row for row in rows if getattr(row, column) is not None), key=lambda row: (getattr(row, column),
                   row.id), reverse=order != "deadline")
    return there + sorted((row for row in rows if getattr(row, column) is None), key=lambda row: row.id)


def _found(session: Session, q: str, elsewhere: bool) -> ColumnElement[bool]:
    """What has that number, or every word of it: this site's ideas by all their words, others' by their titles."""
    if _REF.fullmatch(ref := q.strip().upper()):
        return Item.ref == ref
    here = Item.idea_id.in_(matching(select(Idea.id), session, q))
    if not elsewhere:
        return here
    titles = session.execute(select(Item.id, Item.title).where(_FOREIGN, Item.idea_id.is_(None))
                             .order_by(Item.changed_at.desc(), Item.id.desc()).limit(FOREIGN))
    parts = words(q)
    if others := [row.id for row in titles if all(part in fold(row.title) for part in parts)]:
        return or_(here, Item.id.in_(others))
    return here


def _after(order: str, row: Any) -> str:
    """The key behind a row: microseconds since 1970, a day's number or a count, "-" for none, and the number."""
    value = getattr(row, ORDERS[order].key)
    if isinstance(value, datetime):
        value = (value - _EPOCH) // timedelta(microseconds=1)
    elif isinstance(value, date):
        value = value.toordinal()
    return f"{'-' if value is None else value}.{row.id}"


def _key(order: str, after: str) -> tuple[Any, int | None]:
    """The value and the number behind which a page begins; the value None stands for what lacks it."""
    if not after:
        return None, None
    found = re.fullmatch(r"(-|[0-9]{1,18})\.([0-9]{1,18})", after)
    if found is None or (found[1] == "-" and not ORDERS[order].nullable):
        raise NotThere("unknown_page")
    number = min(int(found[2]), 2**31 - 1)  # no column holds more
    if found[1] == "-":
        return None, number
    try:
        value: Any = min(int(found[1]), 2**31 - 1)
        if order == "changed":
            value = _EPOCH + timedelta(microseconds=int(found[1]))
        elif order == "deadline":
            value = date.fromordinal(value)
    except (OverflowError, ValueError):
        raise NotThere("unknown_page") from None
    return value, number
