"""The outbox with a real Redis, real workers and a real web server: nothing lost, nothing doubled."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.outbox import DONE, Task
from participation.people.model import Person
from participation.pool.model import Delivery, Received, Record
from participation.process import stop_group, tied
from participation.redis_server import EmbeddedRedis
from participation.settings import HOUSE
from tests.people import AN_IDEA


class Running:
    """A running site's processes on one database."""

    def __init__(self, url: str, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.redis = EmbeddedRedis(folder / "data")
        self.env = {**os.environ, "DATABASE_URL": url, "DATA_DIR": str(folder / "data"), "REDIS_URL": self.redis.url,
                    "PUBLIC_URL": f"http://127.0.0.1:{self.port}"}
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self.log = open(folder / "log", "wb")  # noqa: SIM115

    def start(self, *names: str) -> None:
        """Start web, worker or scheduler."""
        command = ["-c", "import wsgi; wsgi.cli()"]
        argv = {"web": ["-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "4", "--no-ws",
                        "--log-level", "error", "--host", "127.0.0.1", "--port", str(self.port), "wsgi:app"],
                "worker": [*command, "worker"], "scheduler": [*command, "scheduler"]}
        for name in names:
            self.processes[name] = subprocess.Popen([sys.executable, *argv[name]], env=self.env,
                                                    cwd=HOUSE.parent, stderr=self.log, stdout=self.log, **tied())

    def kill(self, name: str) -> None:
        """kill -9 a process and, as a power cut would, its children."""
        os.killpg(self.processes[name].pid, signal.SIGKILL)
        self.processes.pop(name).wait()

    def stop(self) -> None:
        """End everything."""
        stop_group(list(self.processes.values()), 3)
        self.redis.stop()
        self.log.close()


@pytest.fixture
def running(database_url: str, tmp_path: Path) -> Iterator[Running]:
    found = Running(database_url, tmp_path)
    found.redis.start()
    yield found
    found.stop()


def _accepted(database: Database, city: City, count: int) -> list[int]:
    """That many ideas, accepted for the pool, each in a transaction of its own."""
    made = []
    with database.change() as session:
        author = Person(email="author@example.org", created_at=now(), language="de")
        staff = Person(email="staff@example.org", role="admin", created_at=now())
        session.add_all([author, staff])
    for number in range(count):
        with database.change() as session:
            draft = ideas.Draft(f"{AN_IDEA['title']} {number}", AN_IDEA["body"], AN_IDEA["benefit"],
                                AN_IDEA["field"], None, "en")
            idea = ideas.submit(session, city, author, draft, now())
            ideas.decide(session, city, staff, idea, "publish", now())
            ideas.decide(session, city, staff, idea, "accept", now(), benefit="Shade", who_benefits="Everyone")
            made.append(idea.id)
    return made


def _until(true: Callable[[], bool], seconds: float, what: str) -> None:
    until = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < until, f"not within {seconds} s: {what}"
        time.sleep(0.2)


def _count(database: Database, column: Any, *where: Any) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(column)).where(*where)) or 0


def _each_once(database: Database, made: list[int]) -> None:
    with database.reading() as session:
        seqs = session.scalars(select(Record.seq).order_by(Record.seq)).all()
        assert list(seqs) == list(range(1, len(made) + 1))
        assert sorted(session.scalars(select(Record.idea_id))) == sorted(made)
        received = session.scalars(select(Received.event)).all()
        assert len(received) == len(set(received)) == len(made)
        assert set(session.scalars(select(Idea.state))) == {"received"}


def test_a_worker_killed_in_the_middle_loses_and_doubles_nothing(running: Running, database: Database,
                                                                 city: City) -> None:
    running.start("web", "scheduler", "worker")
    made = _accepted(database, city, 40)
    for _ in range(4):
        before = _count(database, Task.id, Task.state == DONE)
        _until(lambda b=before: _count(database, Task.id, Task.state == DONE) > b, 120, "the worker works")  # type: ignore[misc]
        running.kill("worker")
        running.start("worker")
    # A task that died with its worker is taken up again when its lease of a minute has ended; one that was unlucky
    # five times pauses 300 s.
    _until(lambda: _count(database, Received.id) == len(made) and
           _count(database, Delivery.seq, Delivery.confirmed_at.is_not(None)) == len(made), 420,
           "every record arrives")
    _each_once(database, made)


def test_accepting_goes_on_without_redis_and_the_record_arrives_after_it(running: Running, database: Database,
                                                                         city: City) -> None:
    running.start("web", "scheduler", "worker")
    running.redis.stop()
    made = _accepted(database, city, 3)
    time.sleep(3)
    assert _count(database, Received.id) == 0
    running.redis.start()

    def arrived() -> bool:
        if running.processes["worker"].poll() is not None:  # a worker may end with Redis; its keeper starts it again
            running.start("worker")
        return _count(database, Received.id) == len(made)

    _until(arrived, 120, "the records arrive after Redis is back")
    _until(lambda: _count(database, Idea.id, Idea.state == "received") == len(made), 30, "the ideas are received")
    _each_once(database, made)
