"""Contributions from elsewhere: loaded whole or refused with line and reason, once."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from participation import importing
from participation.city import City
from participation.comments.model import Comment
from participation.database import Database, now
from participation.errors import Unsafe
from participation.ideas.model import Idea
from participation.waiting import find

ROW: dict[str, Any] = {
    "source": "Elsewhere 2020", "source_id": "1", "language": "de", "title": "Mehr Bänke",
    "body": "Am Rhein fehlen Bänke.",
    "category": "mobility", "url": "https://example.org/1", "created_at": "2020-05-01", "supports": 12,
    "comments": [{"id": "a", "parent": None, "created_at": "2020-05-02T10:00:00", "body": "Ja!", "up": 1, "down": 0},
                 {"id": "b", "parent": "a", "created_at": "2020-05-03T10:00:00", "body": "Genau.", "up": 0, "down": 0}],
}


def _file(folder: Path, *rows: Any) -> Path:
    file = folder / "rows.jsonl"
    file.write_text("\n".join(row if isinstance(row, str) else json.dumps(row) for row in rows), encoding="utf-8")
    return file


def test_a_row_with_its_comments(database: Database, city: City, tmp_path: Path) -> None:
    file = _file(tmp_path, ROW)
    assert importing.load(database, city, file, True, now()).ideas == 1
    again = importing.load(database, city, file, True, now())
    assert (again.ideas, again.comments, again.known) == (0, 0, 1)
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert (idea.supports, idea.supports_imported, idea.supports_total, idea.comments) == (0, 12, 12, 2)
        assert idea.public and idea.published_at and idea.published_at.date().isoformat() == "2020-05-01"
        first, answer = session.scalars(select(Comment).order_by(Comment.id)).all()
        assert (answer.parent_id, answer.thread_id, first.thread_id) == (first.id, first.id, None)


def test_not_published_they_wait(database: Database, city: City, tmp_path: Path) -> None:
    importing.load(database, city, _file(tmp_path, ROW), False, now())
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert not idea.public and find(session, "idea", idea.id) is not None and idea.comments == 0
        assert all(find(session, "comment", c.id) for c in session.scalars(select(Comment)))


@pytest.mark.parametrize(("row", "reason"), [
    ("{not json", "not JSON"), ("[1]", "JSON object"), (ROW | {"title": None}, "“title” must be a text"),
    (ROW | {"title": " \x00 "}, "“title” is empty"), (ROW | {"body": "x" * 20_001}, "20001 characters"),
    (ROW | {"language": "xx"}, "content_languages"), (ROW | {"created_at": "yesterday"}, "no date"),
    (ROW | {"supports": -1}, "no count"), (ROW | {"supports": "many"}, "no count"), (ROW | {"comments": {}}, "a list"),
    ({}, "created_at|language|source"),
])
def test_refused_with_line_and_reason(database: Database, city: City, tmp_path: Path, row: Any, reason: str) -> None:
    report = importing.load(database, city, _file(tmp_path, ROW, row, ROW | {"source_id": "2"}), True, now())
    assert report.ideas == 2
    [(line, said)] = report.refused
    assert line == 2 and any(part in said for part in reason.split("|")), said


def test_a_bad_comment_is_named_and_the_rest_is_loaded(database: Database, city: City, tmp_path: Path) -> None:
    row = ROW | {"comments": [{"id": "a", "parent": None, "body": ""}, *ROW["comments"][:1], "text"]}
    report = importing.load(database, city, _file(tmp_path, row), True, now())
    assert (report.ideas, report.comments) == (1, 1)
    assert [said.split(":")[0] for _, said in report.refused] == ["comment 1", "comment 3"]


def test_a_file_that_is_no_text(database: Database, city: City, tmp_path: Path) -> None:
    (tmp_path / "latin.jsonl").write_bytes('{"title": "Bänke"}'.encode("latin-1"))
    with pytest.raises(Unsafe) as trouble:
        importing.load(database, city, tmp_path / "latin.jsonl", True, now())
    assert "UTF-8" in str(trouble.value)
    with pytest.raises(Unsafe, match="cannot be read"):
        importing.count_lines(tmp_path / "nothing.jsonl")


def test_the_real_contributions_and_the_hostile_ones(database: Database, city: City, shared: Path,
                                                     tmp_path: Path) -> None:
    report = importing.load(database, city, shared / "proposals.jsonl", True, now())
    assert (report.ideas, report.comments, report.known, report.refused) == (3238, 3074, 0, [])
    again = importing.load(database, city, shared / "proposals.jsonl", True, now())
    assert (again.ideas, again.comments, again.known) == (0, 0, 3238)
    hostile = [json.loads(line)["text"] for line in (shared / "hostile_strings.jsonl").read_text().splitlines()]
    rows = [ROW | {"source_id": f"h{n}", "title": words, "body": words, "comments": [{"id": "1", "body": words}]}
            for n, words in enumerate(hostile)]
    mixed = importing.load(database, city, _file(tmp_path, *rows), True, now())
    refused = {line for line, said in mixed.refused if not said.startswith("comment")}
    assert mixed.ideas + len(refused) == len(rows)
    assert all("is empty" in said or "characters" in said for _, said in mixed.refused), mixed.refused
    with database.reading() as session:
        assert (session.scalar(select(func.sum(Idea.supports_imported))) or 0) > 0
