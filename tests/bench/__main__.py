"""`make bench`: how many requests a second each page stands on a big city's data, beside a bare page.

Every round measures the bare page and all of ours in turn, so that a noisy machine disturbs both;
what is printed are medians of the rounds and their ratio.
"""

import argparse
import os
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.progress import Progress
from rich.table import Table
from sqlalchemy import select

from participation import schema
from participation.city import City, read_city
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.ideas.queries import SORTS, Wanted, listed
from participation.process import stop_group, tied
from participation.settings import HOUSE
from tests.bench.generate import generate
from tests.bench.load import Load, measure
from tests.databases import start_postgres

console = Console()
REAL = HOUSE.parent.parent / "shared" / "data" / "proposals.jsonl"
SIZES = {"ideas": 100_000, "comments": 300_000, "supports": 1_000_000}


def main() -> None:
    """Generate what is missing, start both servers, measure, print."""
    words = argparse.ArgumentParser(prog="make bench ARGS=…")
    words.add_argument("--backend", choices=("sqlite", "postgresql"), default="sqlite")
    words.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    words.add_argument("--rounds", type=int, default=5)
    words.add_argument("--seconds", type=float, default=3.0, help="per page and round")
    asked = words.parse_args()
    city = read_city(HOUSE / "cities" / "mainz.toml")
    with ExitStack() as stack:
        if asked.backend == "sqlite":
            folder = HOUSE.parent / "var" / f"bench-{asked.scale}"
            folder.mkdir(parents=True, exist_ok=True)
            url = f"sqlite:///{folder / 'bench.sqlite'}"
        else:
            server = start_postgres()
            stack.callback(server.stop)
            url = server.url
        database = Database(url)
        _filled(database, city, asked.scale)
        _print(_measured(database, url, asked.rounds, asked.seconds, stack), asked.backend, asked.scale)


def _filled(database: Database, city: City, scale: float) -> None:
    schema.upgrade(database.engine)
    with database.reading() as session:
        if session.scalar(select(Idea.id).limit(1)) is not None:
            return
    begun = time.perf_counter()
    with Progress(console=console) as progress:
        tasks: dict[str, object] = {}

        def tell(what: str, done: int, total: int) -> None:
            if what not in tasks:
                tasks[what] = progress.add_task(what, total=total)
            progress.update(tasks[what], completed=done)  # type: ignore[arg-type]

        ideas, comments, supports = (max(int(size * scale), 1000) for size in SIZES.values())
        generate(database, city, REAL, ideas, comments, supports, now(), tell)
    console.print(f"generated in {time.perf_counter() - begun:.0f} s")


def _pages(database: Database) -> dict[str, str]:
    """The pages measured: the list's first page, one far in, every filter and sort, a long talk."""
    pages = {"list": "/de/ideas", "list, English": "/en/ideas"}
    with database.reading() as session:
        far = listed(session, Wanted(), limit=10_000).after
        pages["list, 10,000 in"] = f"/de/ideas?after={far}" if far else "/de/ideas"
        talk = session.scalars(select(Idea.ref).where(Idea.id == 1)).one()
    pages |= {f"sorted: {sort}": f"/de/ideas?sort={sort}" for sort in SORTS if sort != "newest"}
    pages |= {"filter: field": "/de/ideas?field=digital-administration", "filter: district": "/de/ideas?district=drais",
              "filter: language": "/de/ideas?language=uk", "search": "/de/ideas?q=radweg+ampel",
              "idea, 500 comments": f"/de/ideas/{talk}", "home": "/de/"}
    return pages


def _measured(database: Database, url: str, rounds: int, seconds: float, stack: ExitStack) -> dict[str, list[Load]]:
    data = Path(stack.enter_context(tempfile.TemporaryDirectory()))
    env = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(data), "PUBLIC_URL": "http://127.0.0.1:8951"}
    for port, target in ((8951, "wsgi:app"), (8952, "tests.bench.bare:app")):
        argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "2", "--blocking-threads", "4",
                "--no-ws", "--log-level", "error", "--host", "127.0.0.1", "--port", str(port), target]
        process = subprocess.Popen(argv, env=env, cwd=HOUSE.parent, stderr=subprocess.DEVNULL, **tied())
        stack.callback(stop_group, [process], 3)
        _await(f"http://127.0.0.1:{port}/")
    results: dict[str, list[Load]] = {}
    pages = _pages(database)
    for _ in range(rounds):
        results.setdefault("bare Flask, 20 rows", []).append(measure(8952, "/", seconds))
        for name, path in pages.items():
            results.setdefault(name, []).append(measure(8951, path, seconds))
    return results


def _await(url: str) -> None:
    until = time.monotonic() + 30
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).read()
            return
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.2)


def _print(results: dict[str, list[Load]], backend: str, scale: float) -> None:
    table = Table(title=f"{backend}, {int(SIZES['ideas'] * scale):,} ideas; medians of the rounds, 8 connections")
    for name in ("page", "requests/s", "of bare", "p50 ms", "p99 ms", "KB"):
        table.add_column(name, justify="left" if name == "page" else "right")
    bare = statistics.median(load.rate for load in results["bare Flask, 20 rows"])
    for name, loads in results.items():
        rate = statistics.median(load.rate for load in loads)
        table.add_row(name, f"{rate:,.0f}", f"{rate / bare:.2f}", f"{statistics.median(x.p50 for x in loads):.1f}",
                      f"{statistics.median(x.p99 for x in loads):.1f}", f"{loads[0].size / 1024:.1f}")
    console.print(table)


if __name__ == "__main__":
    main()
