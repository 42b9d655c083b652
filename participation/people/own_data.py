"""Everything that is kept about one person, found by walking the declarations of all tables: a table or a column that
is new tomorrow is in it by itself.

A row is a person's own when one of its columns says so: it points to them, it holds their address, or it belongs to a
row of theirs and names nobody else. Of what a member of staff did to somebody else's row they get when and what, not
the row.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Column, ColumnElement, Date, MetaData, Table, false, or_, select, tuple_
from sqlalchemy.orm import Session

from participation.database import ACTED, INTERNAL, OWN, Base, Personal, UTCDateTime
from participation.people.model import Person

_AT_ONCE = 500  # rows that are held in memory
_PERSON = Person.__tablename__


@dataclass(frozen=True, slots=True)
class Kept:
    """A column with personal data, for people to read: the table it stands in and its declaration."""

    table: str
    column: str
    declared: Personal


def kept(metadata: MetaData = Base.metadata) -> tuple[Kept, ...]:
    """Every declaration there is, by table in the order in which they build on each other."""
    return tuple(Kept(table.name, column.name, column.info["personal"])
                 for table in metadata.sorted_tables for column in _declared(table))


def handed_out(session: Session, person: Person, about: Mapping[str, Any], say: Callable[[str], str] = str,
               metadata: MetaData = Base.metadata) -> Iterator[str]:
    """One JSON document in pieces: `about` first, then each table with the person's rows and, beside its columns, what
    was declared, in the words of `say`. Read in portions, so that memory does not grow with the rows."""
    yield json.dumps({"about": about}, ensure_ascii=False, indent=1, default=_plain)[:-2] + ',\n "data": ['
    begun = False
    for table in metadata.sorted_tables:
        for what, where, columns in _parts(table, person):
            rows = _rows(session, table, where, columns, person.id)
            first = next(rows, None)
            if first is None:
                continue
            said = {column.name: _said(column, say) for column in columns if "personal" in column.info}
            head = json.dumps({"table": table.name, "rows_are": what, "declared": said}, ensure_ascii=False)
            yield f'{"," if begun else ""}\n  {head[:-1]}, "rows": [\n   {first}'
            yield from (f",\n   {row}" for row in rows)
            yield "]}"
            begun = True
    yield "\n ]\n}\n"


def ways(table: Table) -> dict[str, str]:
    """How each column with personal data is handed out: "own" row, "part" of an own row, "acted", or "internal" and so
    not at all; "" where no way leads to it, which the house's tests do not allow."""
    own = "" if _own(table, 0, "") is None else OWN if _part_of(table) is None else "part"
    return {column.name: own if _whose(column) == OWN else _whose(column) for column in _declared(table)}


def _parts(table: Table, person: Person) -> Iterable[tuple[str, ColumnElement[bool], list[Column[Any]]]]:
    """What of a table is handed to a person: in which sense, which rows, which columns."""
    columns = [column for column in table.columns if not column.info.get("machinery")]
    where = _own(table, person.id, person.email or "")
    if where is not None:
        yield "own", where, [column for column in columns if _whose(column) == OWN]
    acted = [column for column in columns if _whose(column) == ACTED]
    if acted:
        when = [column for column in columns if column.primary_key or isinstance(column.type, UTCDateTime | Date)
                or (column.foreign_keys and not _points_to_person(column))]
        yield "acted", or_(*(column == person.id for column in acted)), [*dict.fromkeys((*when, *acted))]


def _own(table: Table, person_id: int, email: str) -> ColumnElement[bool] | None:
    """The condition of a person's own rows; None for a table that has none of anybody."""
    if table.name == _PERSON:
        return table.c.id == person_id
    ways_in: list[ColumnElement[bool]] = []
    for column in _declared(table):
        declared: Personal = column.info["personal"]
        if declared.whose == OWN and _points_to_person(column):
            mine = column == person_id
            ways_in.append(mine & table.c[declared.unless].is_(None) if declared.unless else mine)
        elif declared.whose == OWN and column.name == "email":
            ways_in.append(column == email if email else false())
    if ways_in:
        return or_(*ways_in)
    belongs = _part_of(table)
    if belongs is None:
        return None
    whole, theirs = belongs.column.table, _own(belongs.column.table, person_id, email)
    return None if theirs is None else belongs.parent.in_(select(whole.c[belongs.column.name]).where(theirs))


def _part_of(table: Table) -> Any:
    """The foreign key by which a table's rows belong to rows of people: of one that names nobody itself, and says by
    its declarations that it holds something of them."""
    declared = _declared(table)
    if table.name == _PERSON or not any(_whose(column) == OWN for column in declared) \
            or any(_points_to_person(column) for column in table.columns) or any(c.name == "email" for c in declared):
        return None
    return next((key for column in table.columns for key in column.foreign_keys
                 if key.column.table is not table and _own(key.column.table, 0, "") is not None), None)


def _declared(table: Table) -> list[Column[Any]]:
    return [column for column in table.columns if "personal" in column.info]


def _whose(column: Column[Any]) -> str:
    declared: Personal | None = column.info.get("personal")
    if declared is not None:
        return declared.whose
    return INTERNAL if _points_to_person(column) else OWN


def _points_to_person(column: Column[Any]) -> bool:
    return any(key.column.table.name == _PERSON for key in column.foreign_keys)


def _rows(session: Session, table: Table, where: ColumnElement[bool], columns: list[Column[Any]],
          person_id: int) -> Iterator[str]:
    """The rows as JSON, in the order of their keys. A column that names somebody else is left out of them."""
    key = list(table.primary_key.columns)
    query = select(*dict.fromkeys((*columns, *key))).where(where).order_by(*key).limit(_AT_ONCE)
    behind: tuple[Any, ...] | None = None
    while True:
        rows = session.execute(query if behind is None else query.where(tuple_(*key) > tuple_(*behind))).all()
        for row in rows:
            values = {column.name: value for column in columns for value in (row._mapping[column],)
                      if value == person_id or not _points_to_person(column)}
            yield json.dumps(values, ensure_ascii=False, default=_plain)
        if len(rows) < _AT_ONCE:
            return
        behind = tuple(rows[-1]._mapping[column] for column in key)


def _said(column: Column[Any], say: Callable[[str], str]) -> dict[str, str]:
    declared: Personal = column.info["personal"]
    return {"what": say(declared.what), "why": say(declared.why), "keep": say(declared.keep), "ends": declared.ends}


def _plain(value: object) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} is not handed out")
