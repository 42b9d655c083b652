"""The relay with a real Redis: what waits is put there once, what a killed worker took away is put there again."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from redis import Redis
from rq import Queue
from sqlalchemy import select, update

from participation import jobs, outbox
from participation.database import Database, now
from participation.redis_server import EmbeddedRedis

KIND = "test.happened"


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[Redis]:
    server = EmbeddedRedis(tmp_path / "r")
    server.start()
    with Redis.from_url(server.url) as client:
        yield client
    server.stop()


def test_a_job_whose_worker_died_before_it_began_is_put_on_the_queue_again(database: Database, redis: Redis) -> None:
    queue, followers = Queue(jobs.QUEUE, connection=redis), {KIND: ["follower"]}
    with database.change() as session:
        outbox.happened(session, KIND, now(), thing_id=1)

    def again() -> int:
        with database.change() as session:  # the lease of a minute has ended
            session.execute(update(outbox.Task).values(due=now()))
        assert jobs.relay(database, redis, followers) == 1
        return len(queue)

    assert jobs.relay(database, redis, followers) == 1 and len(queue) == 1
    assert again() == 1  # it waits there: not twice
    assert redis.lpop(queue.key) is not None  # a worker takes it, and is killed before it begins
    assert again() == 1


def test_a_long_backlog_is_not_put_there_again_and_again(database: Database, redis: Redis) -> None:
    queue, followers = Queue(jobs.QUEUE, connection=redis), {KIND: ["follower"]}
    with database.change() as session:
        for number in range(600):
            outbox.happened(session, KIND, now(), thing_id=number)
    for done in range(1, 9):
        jobs.relay(database, redis, followers)
        with database.change() as session:  # a slow worker has done one of them, the leases of the others have ended
            outbox.finish(session, done, now())
            session.execute(update(outbox.Task).values(due=now()))
    assert queue.count == jobs.WAITING
    redis.ltrim(queue.key, 5, -1)
    assert jobs.relay(database, redis, followers) == 5 * jobs.BATCH and queue.count == jobs.WAITING


def test_what_somebody_waits_for_overtakes_letters_to_many(database: Database, redis: Redis) -> None:
    queue, followers = Queue(jobs.QUEUE, connection=redis), {KIND: ["follower"]}
    with database.change() as session:
        for number in range(600):
            outbox.happened(session, KIND, now(), rank=outbox.BULK, thing_id=number)
    for _ in range(4):
        jobs.relay(database, redis, followers)
    assert queue.count == jobs.WAITING  # no room for more of the same
    with database.change() as session:
        outbox.happened(session, KIND, now(), thing_id=601)
        outbox.happened(session, KIND, now(), rank=outbox.URGENT, thing_id=602)
    assert jobs.relay(database, redis, followers) == 1 and queue.count == jobs.WAITING + 1
    first = queue.fetch_job(queue.get_job_ids()[0])
    with database.reading() as session:
        urgent = session.scalars(select(outbox.Task.id).where(outbox.Task.rank == outbox.URGENT)).one()
        assert first is not None and [task for task, _ in first.args[0]] == [urgent]
    redis.ltrim(queue.key, jobs.WAITING - 5, -1)
    assert jobs.relay(database, redis, followers) > 0
    with database.reading() as session:  # and the usual goes before the rest of the many
        usual = session.scalars(select(outbox.Task).where(outbox.Task.rank == outbox.USUAL)).one()
        assert usual.due > now()
