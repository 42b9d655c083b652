"""The idea pool with 100,000 accepted ideas: export, push, pull, import and reconciliation, measured.

    python -m tests.bench.pool [--backend sqlite|postgresql] [--records 100000]

Each is a process of its own, as an operator or a worker runs it: rows per second, and the most memory it held.
"""

import argparse
import os
import re
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from rich.console import Console
from rich.table import Table

from participation import schema
from participation.city import read_city
from participation.database import Database
from participation.process import stop_group, tied
from participation.settings import HOUSE
from tests.bench.records import fill, keep
from tests.chaos.keeper import Keeper
from tests.databases import children, fresh_database, start_postgres

console = Console()
SECRETS = {"SECRET_KEY": "bench-secret-key-" * 3, "POOL_SECRET": "bench-pool-secret-" * 3}
SITE = "http://127.0.0.1:8961"
COMMAND = [sys.executable, "-c", "import wsgi; wsgi.cli()"]


@dataclass
class Bench:
    """A site with its records, an empty pool beside it, and what was measured."""

    site: str  # addresses of the databases
    pool: str
    folder: Path
    records: int
    table: Table = field(default_factory=lambda: Table("what", "rows", "seconds", "rows/s", "peak MB", "and"))

    def env(self, url: str, **more: str) -> dict[str, str]:
        """What a process of the site with that database is given."""
        return {**os.environ, **SECRETS, "DATABASE_URL": url, "DATA_DIR": str(self.folder / "data"),
                "PUBLIC_URL": SITE, "POOL_ALLOW_PRIVATE": "yes", **more}

    def measure(self, what: str, argv: list[str], env: dict[str, str]) -> bool:
        """Run a process to its end; a line of the table. Says whether it did what it was to do."""
        begun = time.perf_counter()
        with open(self.folder / "said", "w+") as said:
            process = subprocess.Popen(argv, env=env, cwd=HOUSE.parent, stdout=said, stderr=said)
            peak = 0.0
            while process.poll() is None:  # not getrusage: it begins with what this very process holds
                peak = max(peak, _peak(process.pid))
                time.sleep(0.05)
            seconds = time.perf_counter() - begun
            said.seek(0)
            words = said.read().strip()
        console.print(f"{what}: {seconds:.1f} s, {peak:.0f} MB")
        if process.returncode:
            self.table.add_row(what, "–", f"{seconds:.1f}", "–", "–", words.splitlines()[-1][-80:] if words else "")
            return False
        self.table.add_row(what, f"{self.records:,}", f"{seconds:.1f}", f"{self.records / seconds:,.0f}",
                           f"{peak:.0f}", words.splitlines()[-1][-80:])
        return True

    @contextmanager
    def web(self, url: str, port: int) -> Iterator[subprocess.Popen[bytes]]:
        """The web server of one process on that database; its memory stands in the table when it ends."""
        argv = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4",
                "--no-ws", "--log-level", "error", "--host", "127.0.0.1", "--port", str(port), "wsgi:app"]
        process = subprocess.Popen(argv, env=self.env(url), cwd=HOUSE.parent, **tied())
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=2).read()
                    break
                except OSError:
                    time.sleep(0.1)
            yield process
            self.table.add_row("  its web server", "", "", "", f"{_peak(process.pid):.0f}", "")
        finally:
            stop_group([process], 3)


def main() -> None:
    """Fill, measure, print."""
    words = argparse.ArgumentParser(prog="python -m tests.bench.pool")
    words.add_argument("--backend", choices=("sqlite", "postgresql"), default="sqlite")
    words.add_argument("--records", type=int, default=100_000)
    asked = words.parse_args()
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(dir=HOUSE.parent / "var"
                                                                      if (HOUSE.parent / "var").exists() else None)))
        if asked.backend == "postgresql":
            server = start_postgres(durable=True)
            stack.callback(server.stop)
            site, pool = fresh_database(server), fresh_database(server)
        else:
            site, pool = (f"sqlite:///{folder / name}.sqlite" for name in ("site", "pool"))
        for url in (site, pool):
            database = Database(url)
            schema.upgrade(database.engine)
            database.engine.dispose()
        bench = Bench(site, pool, folder, asked.records)
        begun = time.perf_counter()
        filled = Database(site)
        fill(filled, read_city(HOUSE / "cities" / "mainz.toml"), asked.records, SITE, lambda *_: None)
        filled.engine.dispose()
        console.print(f"{asked.records:,} records written in {time.perf_counter() - begun:.0f} s")
        for step in (exports, pushed, pulled, imported, reconciled):
            step(bench)
        bench.table.title = f"{asked.backend}, {asked.records:,} records"
        console.print(bench.table)


def exports(bench: Bench) -> None:
    """Each kind of file."""
    for kind in ("jsonl", "csv", "xlsx"):
        out = bench.folder / f"pool.{kind}"
        if bench.measure(f"export {kind}", [*COMMAND, "pool", "export", "--format", kind, "--out", str(out)],
                         bench.env(bench.site)):
            console.print(f"{kind}: {out.stat().st_size / 1e6:.0f} MB")


def pushed(bench: Bench) -> None:
    """The delivery's own beats, batch by batch, to a receiver on this machine that checks every digest."""
    keeper = Keeper(SECRETS["POOL_SECRET"])
    try:
        bench.measure("push", [sys.executable, "-m", "tests.bench.records"],
                      bench.env(bench.site, POOL_URL=keeper.url))
        console.print(f"the receiver keeps {len(keeper.kept):,}")
    finally:
        keeper.stop()


def pulled(bench: Bench) -> None:
    """A client that follows the pages of a thousand."""
    made = subprocess.run([*COMMAND, "token", "add", "bench"], env=bench.env(bench.site), cwd=HOUSE.parent,
                          capture_output=True, text=True, check=False)
    token = re.search(r"pt_[\w-]{43}", made.stdout)
    if token is None:
        bench.table.add_row("pull", "–", "–", "–", "–", "there is no `participation token add` yet")
        return
    client = f"""
import json, urllib.request
after = done = 0
while True:
    request = urllib.request.Request(f"http://127.0.0.1:8962/api/v1/pool/records?after={{after}}&limit=1000",
                                     headers={{"Authorization": "Bearer {token[0]}"}})
    with urllib.request.urlopen(request, timeout=60) as answer:
        said = answer.read()
    records = json.loads(said)["records"] if said else []
    if not records:
        break
    after, done = records[-1]["sequence"], done + len(records)
print(done, "pulled")
"""
    with bench.web(bench.site, 8962):
        bench.measure("pull", [sys.executable, "-c", client], bench.env(bench.site))


def imported(bench: Bench) -> None:
    """The JSONL file into an empty pool; the other kinds into copies are the same after reading."""
    argv = [*COMMAND, "pool", "import", str(bench.folder / "pool.jsonl")]
    if bench.measure("import jsonl", argv, bench.env(bench.pool)):
        bench.measure("import again", argv, bench.env(bench.pool))
        return
    site, pool = Database(bench.site), Database(bench.pool)  # so that reconciliation has something to compare
    keep(site, pool, bench.records, lambda *_: None)
    site.engine.dispose()
    pool.engine.dispose()


def reconciled(bench: Bench) -> None:
    """The site beside that pool, over HTTP."""
    inbox = "http://127.0.0.1:8962/api/v1/pool/inbox"
    with bench.web(bench.pool, 8962):
        for more in ((), ("--thorough",)):
            bench.measure(" ".join(("reconcile", *more)), [*COMMAND, "pool", "reconcile", *more],
                          bench.env(bench.site, POOL_URL=inbox))


def _peak(pid: int) -> float:
    """The most memory that a process or one of its children has held, in MB."""
    most = 0
    for each in (pid, *children(pid)):
        try:
            said = Path(f"/proc/{each}/status").read_text()
        except OSError:  # it has ended
            continue
        if high := re.search(r"^VmHWM:\s+(\d+)", said, re.M):
            most = max(most, int(high[1]))
    return most / 1024


if __name__ == "__main__":
    main()
