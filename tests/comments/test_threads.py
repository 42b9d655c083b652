"""Threads: in reading order, a page at a time, two queries by index however long the talk."""

import re
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, text

from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.comments.queries import THREADS, threads
from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotThere
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from tests.counting import counted
from tests.making import people, published, staff


def _talk(database: Database, idea_id: int, shape: dict[int, int | None]) -> None:
    """Public comments by number and by the number they answer, in order."""
    roots: dict[int, int] = {}
    with database.change() as session:
        for place, (key, parent) in enumerate(shape.items()):
            roots[key] = key if parent is None else roots[parent]
            session.execute(insert(Comment), [{
                "id": key, "idea_id": idea_id, "parent_id": parent, "thread_id": None if parent is None else roots[key],
                "body": f"c{key}", "language": "en", "state": "published", "public": True,
                "created_at": now() + timedelta(seconds=place)}])


def test_answers_stand_below_what_they_answer(database: Database, city: City) -> None:
    idea_id = published(database, city)
    _talk(database, idea_id, {1: None, 2: None, 3: 1, 4: 2, 5: 3, 6: 1, 7: 5})
    with database.reading() as session:
        page = threads(session, idea_id)
    told = [[(c.body, c.depth) for c in (first, *first.answers)] for first in page.threads]
    assert told == [[("c1", 0), ("c3", 1), ("c5", 2), ("c7", 3), ("c6", 1)], [("c2", 0), ("c4", 1)]]


def test_a_hidden_comment_does_not_take_its_answers_along(database: Database, city: City) -> None:
    idea_id = published(database, city)
    _talk(database, idea_id, {1: None, 2: 1, 3: 2})
    with database.change() as session:
        comments.decide(session, city, staff(session), session.get_one(Comment, 2), "hide", now(),
                        reason="insult", statement="Rude")
    with database.reading() as session:
        [first] = threads(session, idea_id).threads
    assert [c.body for c in first.answers] == ["c3"]


def test_a_very_deep_talk(database: Database, city: City) -> None:
    idea_id = published(database, city)
    _talk(database, idea_id, {n: n - 1 if n > 1 else None for n in range(1, 280)})
    with database.reading() as session:
        [first] = threads(session, idea_id).threads
    assert [c.depth for c in first.answers] == list(range(1, 279))


def test_every_thread_is_on_one_page(database: Database, city: City) -> None:
    idea_id = published(database, city)
    _talk(database, idea_id, dict.fromkeys(range(1, 51)))
    seen: list[int] = []
    after = None
    with counted(database) as queries, database.reading() as session:
        while True:
            page = threads(session, idea_id, after)
            seen += [first.id for first in page.threads]
            if page.after is None:
                break
            after = page.after
    assert seen == list(range(1, 51)) and len(queries) <= 3 * (50 // THREADS + 1)


def test_the_talk_is_read_by_index(database: Database, city: City) -> None:
    idea_id = published(database, city)
    _talk(database, idea_id, {n: n - 1 if n % 3 else None for n in range(3, 300)})
    asked: list[Any] = []
    with counted(database) as seen, database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            for setting in ("seqscan", "bitmapscan"):
                session.execute(text(f"SET LOCAL enable_{setting} = off"))  # three hundred rows are read whole faster
        before = len(seen)
        threads(session, idea_id)
        asked = seen[before:]
        plans = [_plan(session, statement, idea_id) for statement in asked]
    for plan in plans:  # which of the idea's indexes is taken, the planner may choose; the whole table it may not
        assert re.search(r"(ix|uq)_comment_\w+", plan), plan
        assert "Seq Scan" not in plan and "SCAN comment" not in plan, plan


def _plan(session: Any, statement: str, idea_id: int) -> str:
    sqlite = session.get_bind().dialect.name == "sqlite"
    if sqlite:
        marks = statement.count("?")
        rows = session.connection().exec_driver_sql("EXPLAIN QUERY PLAN " + statement, (idea_id,) * marks)
    else:
        filled = re.sub(r"%\(\w+\)s(::\w+)?", str(idea_id), statement)
        rows = session.connection().exec_driver_sql("EXPLAIN " + filled)
    return "\n".join(str(row) for row in rows)


def test_what_cannot_be_said(database: Database, city: City) -> None:
    idea_id = published(database, city)
    _talk(database, idea_id, {1000: None})
    with database.writing() as session:
        [author] = people(database, 1, start=5, session=session)
        idea = session.get_one(Idea, idea_id)
        for body, language, answers, trouble in (("", "en", None, Invalid), ("x" * 2001, "en", None, Invalid),
                                                 ("Fine", "xx", None, Invalid), ("Fine", "en", 99, NotThere)):
            with pytest.raises(trouble):
                comments.say(session, city, author, idea, body, language, answers, now())
        comments.say(session, city, author, idea, "Fine", "en", 1000, now())
        session.rollback()
    declined = published(database, city)
    with database.writing() as session:
        [author] = people(database, 1, start=6, session=session)
        idea = session.get_one(Idea, declined)
        ideas.decide(session, city, staff(session), idea, "decline", now(), statement="No")
        with pytest.raises(Conflict):
            comments.say(session, city, author, idea, "Fine", "en", None, now())
        session.rollback()
