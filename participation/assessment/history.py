"""What happened to a record, newest first: what the office did, the steps of its journey, the revisions that came.

Three tables in one order: by moment, then by source, then by number. A page takes as many of each behind its key as it
could need and keeps the newest of them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, false, or_, select, true
from sqlalchemy.orm import Session

from participation.assessment.model import Act, Project
from participation.errors import NotThere
from participation.ideas.model import IdeaStep
from participation.people.model import Person
from participation.pool.model import Item, Received

PAGE = 50
SOURCES = ("received", "step", "act")  # of the same moment, the later one is shown above
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Happening:
    """One entry of a record's history. `kind` is an act's kind, a step's move, or "revision"; `about` has, beside
    what was noted, the `person` and `project` it names by their names."""

    source: str
    id: int
    at: datetime
    kind: str
    by: str
    words: str
    language: str
    about: Mapping[str, Any] = field(default_factory=dict)


def history(session: Session, item: Item, after: str = "", limit: int = PAGE) -> tuple[list[Happening], str]:
    """A page of the history and the key of the next ("" at the end). Raises NotThere for a foreign key."""
    key = _key(after) if after else None
    found = [*_acts(session, item, key, limit), *_steps(session, item, key, limit),
             *_revisions(session, item, key, limit)]
    found.sort(key=lambda one: (one.at, SOURCES.index(one.source), one.id), reverse=True)
    page = found[:limit]
    return _named(session, page), _after(page[-1]) if len(found) > limit else ""


def _acts(session: Session, item: Item, key: Any, limit: int) -> list[Happening]:
    rows = session.execute(
        select(Act.id, Act.at, Act.kind, Act.body, Act.about, Person.name, Person.email)
        .outerjoin(Person, Person.id == Act.by_id).where(Act.item_id == item.id, _behind("act", Act.at, Act.id, key))
        .order_by(Act.at.desc(), Act.id.desc()).limit(limit + 1))
    return [Happening("act", row.id, row.at, row.kind, row.name or row.email or "", row.body, "", row.about)
            for row in rows]


def _steps(session: Session, item: Item, key: Any, limit: int) -> list[Happening]:
    if item.idea_id is None:
        return []
    rows = session.execute(
        select(IdeaStep.id, IdeaStep.at, IdeaStep.move, IdeaStep.by, IdeaStep.statement, IdeaStep.statement_language,
               Person.name, Person.email)
        .outerjoin(Person, Person.id == IdeaStep.by_id)
        .where(IdeaStep.idea_id == item.idea_id, ~IdeaStep.undone, _behind("step", IdeaStep.at, IdeaStep.id, key))
        .order_by(IdeaStep.at.desc(), IdeaStep.id.desc()).limit(limit + 1))
    # Who of the city made a step is for colleagues; an author's name is not the pool's.
    return [Happening("step", row.id, row.at, row.move, (row.name or row.email or "") if row.by == "city" else "",
                      row.statement, row.statement_language) for row in rows]


def _revisions(session: Session, item: Item, key: Any, limit: int) -> list[Happening]:
    rows = session.execute(
        select(Received.id, Received.received_at, Received.revision)
        .where(Received.ref == item.ref, Received.site == item.site,
               _behind("received", Received.received_at, Received.id, key))
        .order_by(Received.received_at.desc(), Received.id.desc()).limit(limit + 1))
    return [Happening("received", row.id, row.received_at, "revision", "", "", "", {"revision": row.revision})
            for row in rows]


def _named(session: Session, page: list[Happening]) -> list[Happening]:
    """The same with the names of the people and projects that the acts are about."""
    people = {each.about["person_id"] for each in page if each.about.get("person_id")}
    projects = {each.about["project_id"] for each in page if each.about.get("project_id")}
    names = {row.id: row.name or row.email or "?" for row in session.execute(
        select(Person.id, Person.name, Person.email).where(Person.id.in_(people)))} if people else {}
    titles = {row.id: row.title for row in session.execute(
        select(Project.id, Project.title).where(Project.id.in_(projects)))} if projects else {}
    return [Happening(each.source, each.id, each.at, each.kind, each.by, each.words, each.language, {
        **each.about, "person": names.get(each.about.get("person_id", 0), ""),
        "project": titles.get(each.about.get("project_id", 0), "")}) for each in page]


def _behind(source: str, at: Any, number: Any, key: Any) -> ColumnElement[bool]:
    if key is None:
        return true()
    moment, from_source, from_number = key
    place, from_place = SOURCES.index(source), SOURCES.index(from_source)
    same = true() if place < from_place else number < from_number if place == from_place else false()
    return or_(at < moment, and_(at == moment, same))


def _after(last: Happening) -> str:
    return f"{(last.at - _EPOCH) // timedelta(microseconds=1)}.{last.source}.{last.id}"


def _key(after: str) -> tuple[datetime, str, int]:
    found = re.fullmatch(rf"([0-9]{{1,18}})\.({'|'.join(SOURCES)})\.([0-9]{{1,18}})", after)
    try:
        if found is not None:
            return _EPOCH + timedelta(microseconds=int(found[1])), found[2], min(int(found[3]), 2**31 - 1)
    except OverflowError:
        pass
    raise NotThere("unknown_page")
