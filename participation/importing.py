"""Contributions from elsewhere: one JSON object a line, each with its comments, loaded once.

A row is loaded whole or not at all, a hundred in a transaction; one that was loaded before is
recognised by its source and id, so a second run changes nothing. Support counts of the other
platform are kept as what they are: a number, not people.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments.journey import COMMENT
from participation.comments.model import Comment
from participation.database import Database
from participation.errors import Unsafe
from participation.ideas.actions import new_refs, waits
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaVersion
from participation.journey import make
from participation.text import fold, one_line, plain

BATCH = 100
TITLE_MAX, BODY_MAX = 300, 20_000
COUNT_MAX = 10_000_000


class Refused(Exception):
    """A row or a comment that cannot be loaded, and why."""


@dataclass
class Report:
    """What came of an import."""

    ideas: int = 0
    comments: int = 0
    known: int = 0
    refused: list[tuple[int, str]] = field(default_factory=list)  # line, reason


@dataclass(frozen=True, slots=True)
class Row:
    """A row that can be loaded."""

    line: int
    source: str
    source_id: str
    url: str
    title: str
    body: str
    language: str
    field: str
    at: datetime
    supports: int
    comments: tuple[tuple[str, str | None, str, datetime], ...]  # id, parent, body, moment


def load(database: Database, city: City, file: Path, published: bool, now: datetime,
         progress: Callable[[int], None] = lambda lines: None) -> Report:
    """Load a file. Raises Unsafe when it cannot be read as UTF-8 text; `progress` is told lines done."""
    report, batch = Report(), []
    for number, line in _lines(file):
        if line.strip():
            try:
                batch.append(_row(number, line, city, now, report))
            except Refused as trouble:
                report.refused.append((number, str(trouble)))
        if len(batch) == BATCH:
            _load_batch(database, city, batch, published, now, report)
            batch = []
        if number % BATCH == 0:
            progress(number)
    _load_batch(database, city, batch, published, now, report)
    return report


def count_lines(file: Path) -> int:
    """How many lines a file has, for the progress bar. Raises Unsafe when it cannot be read."""
    return sum(1 for _ in _lines(file))


def _lines(file: Path) -> Iterator[tuple[int, str]]:
    number = 0
    try:
        with open(file, encoding="utf-8-sig") as lines:
            for number, line in enumerate(lines, start=1):
                yield number, line
    except OSError as trouble:
        raise Unsafe("unreadable", what=f"{file.name} cannot be read: {trouble.strerror}") from trouble
    except UnicodeDecodeError as trouble:
        raise Unsafe("unreadable", what=f"{file.name}, after line {number}: this is not UTF-8 text; "
                                        "save the file as UTF-8 and try again") from trouble


def _row(number: int, line: str, city: City, now: datetime, report: Report) -> Row:
    """Check a line. Raises Refused, naming the property at fault; comments at fault are left out and reported."""
    try:
        found = json.loads(line)
    except ValueError as trouble:
        raise Refused(f"this is not JSON: {trouble}") from trouble
    if not isinstance(found, dict):
        raise Refused("a row must be a JSON object")
    at = _moment(found.get("created_at"), "created_at", now + timedelta(microseconds=number))
    language = _language(found.get("language"), city)
    comments = []
    for index, each in enumerate(_list(found.get("comments"))):
        try:
            comments.append(_comment(each, index, at))
        except Refused as trouble:
            report.refused.append((number, f"comment {index + 1}: {trouble}"))
    known = city.import_fields
    return Row(
        line=number, source=_words(found, "source", 80), source_id=_words(found, "source_id", 80),
        url=_url(found.get("url")), title=one_line(_words(found, "title", TITLE_MAX)),
        body=plain(_words(found, "body", BODY_MAX)), language=language,
        field=known.get(str(found.get("category")), known.get("*", city.fields[0].key)), at=at,
        supports=_count(found.get("supports")), comments=tuple(comments),
    )


def _words(found: dict[str, Any], name: str, most: int) -> str:
    value = found.get(name)
    if not isinstance(value, str):
        raise Refused(f"“{name}” must be a text")
    value = plain(value)
    if not value:
        raise Refused(f"“{name}” is empty")
    if len(value) > most:
        raise Refused(f"“{name}” has {len(value)} characters; at most {most} fit")
    return value


def _language(value: Any, city: City) -> str:
    if value not in city.content_languages:
        raise Refused(f"“language” {value!r} is not among the city file's content_languages")
    return str(value)


def _moment(value: Any, name: str, otherwise: datetime) -> datetime:
    if value is None:
        return otherwise
    try:
        moment = datetime.fromisoformat(value)
    except (ValueError, TypeError) as trouble:
        raise Refused(f"“{name}” {value!r} is no date such as 2026-01-31") from trouble
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _count(value: Any) -> int:
    if value is None:
        return 0
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= COUNT_MAX:
        raise Refused(f"“supports” {value!r} is no count")
    return value


def _url(value: Any) -> str:
    return value if isinstance(value, str) and value.startswith(("http://", "https://")) and len(value) <= 500 else ""


def _list(value: Any) -> list[Any]:
    if value is None:
        return []
    if not isinstance(value, list):
        raise Refused("“comments” must be a list")
    return value


def _comment(each: Any, index: int, idea_at: datetime) -> tuple[str, str | None, str, datetime]:
    if not isinstance(each, dict):
        raise Refused("a comment must be a JSON object")
    parent = each.get("parent")
    return (str(each.get("id", index))[:80], None if parent is None else str(parent)[:80],
            _words(each, "body", BODY_MAX), _moment(each.get("created_at"), "created_at", idea_at))


def _load_batch(database: Database, city: City, batch: list[Row], published: bool, now: datetime,
                report: Report) -> None:
    if not batch:
        return
    with database.change() as session:
        keys = [row.source_id for row in batch]
        known = {tuple(pair) for pair in session.execute(
            select(Idea.source, Idea.source_id).where(Idea.source_id.in_(keys)))}
        fresh: dict[tuple[str, str], Row] = {}
        for row in batch:
            if (row.source, row.source_id) in known or (row.source, row.source_id) in fresh:
                report.known += 1
            else:
                fresh[row.source, row.source_id] = row
        refs = new_refs(session, city, now, len(fresh)) if fresh else []
        for ref, row in zip(refs, fresh.values(), strict=True):
            _load_row(session, city, ref, row, published, now)
            report.ideas += 1
            report.comments += len(row.comments)


def _load_row(session: Session, city: City, ref: str, row: Row, published: bool, now: datetime) -> None:
    idea = Idea(ref=ref, title=row.title, body=row.body, language=row.language, field=row.field,
                created_at=row.at, submitted_at=row.at, supports_imported=row.supports, supports_total=row.supports,
                source=row.source, source_id=row.source_id, source_url=row.url,
                comments=len(row.comments) if published else 0, folded=fold(f"{row.title}\n{row.body}"))
    session.add(idea)
    session.flush()
    session.add(IdeaVersion(idea_id=idea.id, number=1, title=row.title, body=row.body, benefit="",
                            language=row.language, field=row.field, at=row.at))
    if published:
        make(session, IDEA, idea, "take_over", None, row.at, published_at=row.at)
    else:
        make(session, IDEA, idea, "hand_in", None, now, waits=waits(city, idea, now))
    made: dict[str, Comment] = {}
    for key, parent, body, at in sorted(row.comments, key=lambda c: c[3]):
        first = made.get(parent) if parent else None
        comment = Comment(idea_id=idea.id, parent_id=first.id if first else None,
                          thread_id=(first.thread_id or first.id) if first else None, body=body,
                          language=row.language, created_at=at, source_id=key)
        session.add(comment)
        session.flush()
        made[key] = comment
        if published:
            make(session, COMMENT, comment, "take_over", None, at, published_at=at)
        else:
            make(session, COMMENT, comment, "hand_in", None, now, waits=waits(city, idea, now))
