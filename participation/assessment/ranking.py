"""The ranking: priorities first, then the score by the city's formula; every list of it reads by index, whatever its
length. Also keeps the scores true when supporters or the city file change."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, func, select, tuple_, union_all, update
from sqlalchemy.orm import Session

from participation.assessment.rating import NO_PRIORITY
from participation.city import City
from participation.database import Query
from participation.errors import NotThere
from participation.jobs import House
from participation.outbox import Event, happened
from participation.pool.items import score
from participation.pool.model import Item

PAGE = 25
STREAMED = 2000  # lines held at once while a file is written
_SHOWN = (Item.id, Item.ref, Item.title, Item.language, Item.field, Item.stage, Item.priority, Item.supporters,
          Item.maturity, Item.benefit, Item.score)
_AT_ONCE = 2000  # scores looked at in one transaction


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the ranking is narrowed down to; empty means everything. `unrated` lists what has no score yet."""

    field: str = ""
    stage: str = ""
    priority: str = ""
    unrated: bool = False


@dataclass(frozen=True, slots=True)
class Points:
    """A score and what it is made of, in hundredths of the 100 points."""

    maturity: int
    benefit: int
    supporters: int
    total: int


@dataclass(frozen=True, slots=True)
class Line:
    """A record in the ranking. `maturity` and `benefit` in hundredths, 0 to 300; `points` None while not rated."""

    place: int
    id: int
    ref: str
    title: str
    language: str
    field: str
    stage: str
    priority: str
    supporters: int
    maturity: int
    benefit: int
    points: Points | None


def ranked(session: Session, city: City, wanted: Wanted, after: str = "", limit: int = PAGE) -> tuple[list[Line], str]:
    """A page of the ranking and the key of the next ("" at the end). Raises NotThere for a foreign key.

    Of two with the same score the one that came later stands first.
    """
    before = int(after.split(".")[3]) if after and _key(after) else 0
    rows = session.execute(page_of(city, wanted, after, limit)).all()
    chosen = sorted(rows, key=lambda row: (row.priority_rank, -(row.score or 0), -row.id))[:limit + 1]
    found = {row.id: row for row in session.execute(
        select(*_SHOWN).where(Item.id.in_([row.id for row in chosen[:limit]])))}
    lines = [_line(city, found[row.id], before + n) for n, row in enumerate(chosen[:limit], start=1)]
    if len(chosen) <= limit:
        return lines, ""
    last = chosen[limit - 1]
    return lines, f"{last.priority_rank}.{last.score or 0}.{last.id}.{before + limit}"


def page_of(city: City, wanted: Wanted, after: str = "", limit: int = PAGE) -> Any:
    """The query for the rows of a page, in no order: the first ones of each rank.

    One part for each rank, because no index runs up in one column and down in the next on both databases.
    """
    where = [Item.score.is_(None) if wanted.unrated else Item.score.is_not(None), *_narrowed(wanted)]
    rank, points, last = _key(after) if after else (0, 0, 0)
    parts = []
    for each in (each for each in _ranks(city, wanted) if each >= rank):
        part: list[ColumnElement[bool]] = [*where, Item.priority_rank == each]
        if each == rank:
            part.append(Item.id < last if wanted.unrated else tuple_(Item.score, Item.id) < tuple_(points, last))
        parts.append(_part(part, limit))
    if not parts:
        raise NotThere("unknown_page")
    return union_all(*(select(part.subquery()) for part in parts))


def _part(where: list[ColumnElement[bool]], limit: int) -> Query:
    return (select(Item.id, Item.priority_rank, Item.score).where(*where)
            .order_by(Item.score.desc(), Item.id.desc()).limit(limit + 1))


def _ranks(city: City, wanted: Wanted) -> list[int]:
    """The ranks that can hold what is wanted."""
    named = [each.rank for each in city.priorities if each.key == wanted.priority]
    return named or list(range(1, NO_PRIORITY + 1))


def _narrowed(wanted: Wanted) -> list[ColumnElement[bool]]:
    return [column == value for column, value in (
        (Item.field, wanted.field), (Item.stage, wanted.stage), (Item.priority, wanted.priority)) if value]


def unrated(session: Session, city: City, wanted: Wanted) -> int:
    """How many of these records have no score yet; the ranks are named, so that the indexes serve."""
    return session.scalar(select(func.count()).select_from(Item).where(
        Item.priority_rank.in_(_ranks(city, wanted)), Item.score.is_(None), *_narrowed(wanted))) or 0


def whole(session: Session, city: City, wanted: Wanted) -> Iterator[Line]:
    """The whole ranking, a few thousand lines at a time."""
    after = ""
    while True:
        lines, after = ranked(session, city, wanted, after, STREAMED)
        yield from lines
        if not after:
            return


def points(city: City, item: Any) -> Points | None:
    """What the score of an item, or of a row of its columns, is made of; None without a consensus. Rounding goes to
    the last part, so that the parts add up to what is shown."""
    if item.score is None or item.maturity is None or item.benefit is None:
        return None
    maturity = round(city.ranking.maturity * item.maturity / 3)
    benefit = round(city.ranking.benefit * item.benefit / 3)
    return Points(maturity, benefit, max(item.score - maturity - benefit, 0), item.score)


def rescored(session: Session, event: Event, house: House) -> None:
    """Follower of item.supported: a record came with another number of supporters."""
    item = session.get(Item, event.about["item_id"], with_for_update=True)
    if item is not None:
        item.score = score(house.city, item.maturity, item.benefit, item.supporters)


def reweighed(session: Session, event: Event, house: House) -> None:
    """Follower of time.sweep and of ranking.looked: the scores and ranks follow the city file, some at a time."""
    ranks = {each.key: each.rank for each in house.city.priorities}
    rows = session.execute(
        select(Item.id, Item.maturity, Item.benefit, Item.supporters, Item.score, Item.priority, Item.priority_rank)
        .where(Item.id > event.about.get("after", 0)).order_by(Item.id).limit(_AT_ONCE)
        .with_for_update()).all()
    changed = []
    for row in rows:
        now = (score(house.city, row.maturity, row.benefit, row.supporters), ranks.get(row.priority, NO_PRIORITY))
        if now != (row.score, row.priority_rank):
            changed.append({"id": row.id, "score": now[0], "priority_rank": now[1]})
    if changed:
        session.execute(update(Item), changed)
    if len(rows) == _AT_ONCE:
        happened(session, "ranking.looked", house.now, after=rows[-1].id)


def _key(after: str) -> tuple[int, int, int]:
    parts = after.split(".")
    if len(parts) != 4 or not all(part.isascii() and part.isdecimal() and len(part) < 10 for part in parts):
        raise NotThere("unknown_page")
    return int(parts[0]), int(parts[1]), int(parts[2])


def _line(city: City, row: Any, place: int) -> Line:
    return Line(place, row.id, row.ref, row.title, row.language, row.field, row.stage, row.priority, row.supporters,
                row.maturity or 0, row.benefit or 0, points(city, row))
