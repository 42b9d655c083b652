"""`python -m tests.bench.duplicates`: whether an idea is found again when somebody else says it in other words.

For 200 real ideas a second wording was written by somebody who had read the idea and did not know the search
(rewordings.jsonl: `source` and `source_id` are the idea's, which stands under CC BY 4.0). Counted is how often the
idea is among the first five; the search was made with the first half, never with the second.
With `--ideas 100000` the same texts are loaded with changes until there are so many, to see how long a search takes.
"""

import argparse
import json
import random
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from participation import schema
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.ideas.similar import index, similar
from participation.settings import HOUSE
from participation.text import fold
from tests.databases import start_postgres

REAL = HOUSE.parent.parent / "shared" / "data" / "proposals.jsonl"
REWORDED = Path(__file__).with_name("rewordings.jsonl")
FIRST = 5
console = Console()


def main() -> None:
    """Fill both databases, ask both, print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.duplicates")
    words.add_argument("--backend", choices=("both", "sqlite", "postgresql"), default="both")
    words.add_argument("--ideas", type=int, default=0, help="fill up with changed texts to so many")
    words.add_argument("--least", type=float, default=0, help="the least score; 0: the five that moderators see")
    asked = words.parse_args()
    table = Table("database", "ideas", "found of the first half", "second half", "together", "median ms", "p95 ms")
    if asked.backend != "postgresql":
        with tempfile.TemporaryDirectory() as folder:
            table.add_row("SQLite", *_measured(f"sqlite:///{folder}/bench.sqlite", asked.ideas, asked.least))
    if asked.backend != "sqlite":
        server = start_postgres()
        try:
            table.add_row("PostgreSQL", *_measured(server.url, asked.ideas, asked.least))
        finally:
            server.stop()
    console.print(table)


def _measured(url: str, ideas: int, least: float) -> list[str]:
    database = Database(url)
    try:
        schema.upgrade(database.engine)
        count = fill(database, ideas)
        found, took = ask(database, least)
    finally:
        database.engine.dispose()
    half = len(found) // 2
    return [f"{count:,}", f"{sum(found[:half])} of {half}", f"{sum(found[half:])} of {len(found) - half}",
            f"{sum(found)} of {len(found)}", f"{statistics.median(took) * 1000:.1f}",
            f"{sorted(took)[int(len(took) * 0.95)] * 1000:.1f}"]


def fill(database: Database, ideas: int = 0) -> int:
    """Load and index every real idea, and changed ones up to that many; how many there are then."""
    texts = [json.loads(line) for line in REAL.read_text(encoding="utf-8").splitlines()]
    rows = [*texts, *_changed(texts, ideas - len(texts))]
    at = now()
    for start in range(0, len(rows), 2_000):
        with database.change() as session:
            session.execute(insert(Idea), [
                {"id": n, "ref": f"R-{n}", "state": "published", "public": True, "title": row["title"][:300],
                 "body": row["body"], "language": row["language"], "field": "mobility", "created_at": at,
                 "folded": fold(f"{row['title'][:300]}\n{row['body']}\n"), "source": row["source"],
                 "source_id": row["source_id"]} for n, row in enumerate(rows[start:start + 2_000], start + 1)])
            for idea in session.scalars(select(Idea).where(Idea.id > start, Idea.id <= start + 2_000)):
                index(session, idea)
    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")
    return len(rows)


def ask(database: Database, least: float) -> tuple[list[bool], list[float]]:
    """For each rewording, whether its idea came among the first, and the seconds it took."""
    found, took = [], []
    with database.reading() as session:
        for line in REWORDED.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            begun = time.perf_counter()
            hits = similar(session, row["title"], row["body"], "de", limit=FIRST, least=least)
            took.append(time.perf_counter() - begun)
            found.append(_id_of(session, row) in {hit.id for hit in hits})
    return found, took


def _id_of(session: Session, row: dict[str, Any]) -> int | None:
    return session.scalar(select(Idea.id).where(Idea.source == row["source"], Idea.source_id == row["source_id"]))


def _changed(texts: list[dict[str, Any]], count: int) -> Iterator[dict[str, Any]]:
    """Real sentences in new company: half of one idea, half of another, every tenth word made a new one."""
    chance = random.Random(7)
    for n in range(max(count, 0)):
        one, other = chance.choice(texts), chance.choice(texts)
        body = one["body"].split()[::2] + other["body"].split()[1::2]
        for at in range(0, len(body), 10):
            body[at] += f"{chance.choice(('weg', 'platz', 'ecke', 'hof'))}{chance.randrange(5_000)}"
        yield {"title": other["title"], "body": " ".join(body), "language": one["language"], "source": "changed",
               "source_id": str(n)}


if __name__ == "__main__":
    main()
