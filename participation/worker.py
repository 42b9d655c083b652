"""The two processes behind the site: the worker that runs jobs, and the scheduler that relays them.

Both tell the database that they are alive; whoever starts them restarts them, because an RQ worker
ends when Redis is gone at a job's end.
"""

import logging
import signal
import threading
import time
from collections.abc import Mapping, Sequence
from typing import Any

from redis import Redis
from redis.exceptions import RedisError
from rq import Queue, Worker
from rq.job import Job
from sqlalchemy.exc import SQLAlchemyError

from participation.database import Database, now
from participation.jobs import BEAT, QUEUE, Timed, beat, relay, ring
from participation.process import die_with_parent

log = logging.getLogger("participation.worker")

ROUND_SECONDS = 0.5


class SeenWorker(Worker):
    """RQ's forking worker, which also says in the database that it is there."""

    def __init__(self, database: Database, redis: Redis) -> None:
        super().__init__([Queue(QUEUE, connection=redis)], connection=redis, job_monitoring_interval=5,
                         maintenance_interval=60, worker_ttl=30)
        self.database = database
        self._said = 0.0

    def heartbeat(self, *args: Any, **kwargs: Any) -> None:
        """RQ's own heartbeat first: a worker that has lost Redis is not there."""
        super().heartbeat(*args, **kwargs)
        if time.monotonic() - self._said < BEAT.total_seconds():
            return
        self._said = time.monotonic()
        try:
            with self.database.change() as session:
                beat(session, "worker", now())
        except SQLAlchemyError as trouble:
            log.error("heartbeat not written", extra={"error": type(trouble).__name__})

    def main_work_horse(self, job: Job, queue: Queue) -> None:
        """The child that runs one job ends with its worker, at once: its task's lease ends too, and two
        must not work at it. It forgets the parent's connections before it opens its own."""
        die_with_parent(signal.SIGKILL)
        self.database.forked()
        super().main_work_horse(job, queue)


def work(database: Database, redis_url: str) -> None:
    """Run jobs until told to stop."""
    with Redis.from_url(redis_url) as redis:
        SeenWorker(database, redis).work(logging_level="WARNING", with_scheduler=False)


def schedule(database: Database, redis_url: str, followers: Mapping[str, Sequence[str]],
             timetable: Sequence[Timed]) -> None:
    """Relay the outbox and keep the timetable until told to stop; survives Redis and database being away."""
    stop = threading.Event()
    for each in (signal.SIGTERM, signal.SIGINT):
        signal.signal(each, lambda *_: stop.set())
    said, troubled = 0.0, ""
    redis = Redis.from_url(redis_url, socket_connect_timeout=2, socket_timeout=5)
    while not stop.is_set():
        try:
            if time.monotonic() - said >= BEAT.total_seconds():
                with database.change() as session:
                    beat(session, "scheduler", now())
                    ring(session, timetable, now())
                said = time.monotonic()
            moved = relay(database, redis, followers)
            trouble = ""
        except (RedisError, SQLAlchemyError, OSError) as problem:
            moved, trouble = 0, type(problem).__name__
        if trouble != troubled:  # once when it begins and once when it is over, not twice a second
            log.log(logging.ERROR if trouble else logging.INFO, "relay is stuck" if trouble else "relay goes on again",
                    extra={"error": trouble})
            troubled = trouble
        stop.wait(2 if trouble else 0 if moved else ROUND_SECONDS)
