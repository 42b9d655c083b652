"""A big city's data, seeded from real contributions: 100,000 ideas, 300,000 comments, 1,000,000 supports."""

import json
import random
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import insert, text

from participation.city import City
from participation.comments.model import Comment
from participation.database import Database
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.support import Support
from participation.text import fold

ROWS = 5_000  # in one statement
PEOPLE = 50_000
LONG_TALK = 500  # comments of the idea whose page is measured
STATES = ("published",) * 16 + ("accepted", "received", "declined", "done")


def generate(database: Database, city: City, real: Path, ideas: int, comments: int, supports: int, now: datetime,
             progress: Callable[[str, int, int], None]) -> None:
    """Fill an empty, migrated database; `progress` is told what, how much is done, and of how much."""
    chance = random.Random(42)
    texts = [json.loads(line) for line in open(real, encoding="utf-8")]  # noqa: SIM115
    said = [c["body"] for row in texts for c in row["comments"]]
    people = max(min(PEOPLE, supports), 100)
    districts = [district.key for district in city.districts]
    _many(database, Person, people, "people", progress, (
        {"id": i, "email": f"p{i}@bench.example", "name": f"P {i}", "role": "resident", "language": "de",
         "lives_here": True, "district": districts[i % 15], "epoch": 0, "created_at": now}
        for i in range(1, people + 1)))
    talks = _shares(chance, ideas, comments)
    backing = _shares(chance, ideas, supports)
    _many(database, Idea, ideas, "ideas", progress, _ideas(chance, city, texts, ideas, talks, backing, people, now))
    _many(database, Comment, sum(talks), "comments", progress, _comments(chance, said, talks, people, now))
    _many(database, Support, sum(backing), "supports", progress, (
        {"idea_id": idea, "person_id": (start + j) % people + 1, "at": now, "from_city": True,
         "district": districts[(start + j) % 15]}
        for idea, count in enumerate(backing, 1) for start in [chance.randrange(people)] for j in range(count)))
    with database.engine.connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _shares(chance: random.Random, ideas: int, total: int) -> list[int]:
    """How many each idea has: most few, some many; the first one a long talk."""
    weights = [chance.paretovariate(1.2) for _ in range(ideas)]
    scale = total / sum(weights)
    shares = [min(int(weight * scale), 20_000) for weight in weights]
    shares[0] = LONG_TALK
    return shares


def _ideas(chance: random.Random, city: City, texts: list[dict[str, Any]], ideas: int, talks: list[int],
           backing: list[int], people: int, now: datetime) -> Iterator[dict[str, Any]]:
    fields, districts = [f.key for f in city.fields], [d.key for d in city.districts]
    for i in range(1, ideas + 1):
        row = chance.choice(texts)
        title, body = f"{row['title'][:200]} ({i})", row["body"]
        at = now - timedelta(minutes=15 * (ideas - i) + chance.random())
        yield {
            "id": i, "ref": f"MZ-2026-{i:05d}", "state": chance.choice(STATES), "public": True,
            "author_id": i % people + 1, "title": title, "body": body, "benefit": body[:200],
            "language": chance.choices(("de", "en", "tr", "fr", "uk", "ar"), (70, 12, 6, 4, 4, 4))[0],
            "field": chance.choice(fields), "district": chance.choice([*districts, None]),
            "folded": fold(f"{title}\n{body}"), "version": 1, "link_salt": "", "created_at": at, "submitted_at": at,
            "published_at": at, "quorum_until": at + timedelta(days=56), "supports": backing[i - 1],
            "supports_city": backing[i - 1], "supports_imported": 0, "supports_total": backing[i - 1],
            "comments": talks[i - 1], "source_url": "",
        }


def _comments(chance: random.Random, said: list[str], talks: list[int], people: int,
              now: datetime) -> Iterator[dict[str, Any]]:
    number = 0
    for idea, count in enumerate(talks, 1):
        roots: list[int] = []
        for j in range(count):
            number += 1
            root = chance.choice(roots) if roots and chance.random() < 0.5 else None
            if root is None:
                roots.append(number)
            yield {"id": number, "idea_id": idea, "parent_id": root, "thread_id": root,
                   "author_id": number % people + 1,
                   "body": chance.choice(said), "language": "de", "official": False, "state": "published",
                   "public": True, "created_at": now + timedelta(seconds=j), "published_at": now}


def _many(database: Database, table: Any, total: int, what: str, progress: Callable[[str, int, int], None],
          rows: Iterator[dict[str, Any]]) -> None:
    done, part = 0, []
    for row in rows:
        part.append(row)
        if len(part) == ROWS:
            done = _put(database, table, part, done)
            part = []
            progress(what, done, total)
    _put(database, table, part, done)
    progress(what, total, total)


def _put(database: Database, table: Any, part: list[dict[str, Any]], done: int) -> int:
    if part:
        with database.writing() as session, session.begin():
            session.execute(insert(table.__table__), part)
    return done + len(part)
