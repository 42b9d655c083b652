"""Whether the site is alive and ready, and who hears that it is not."""

import dataclasses
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update

from participation import outbox
from participation.city import City
from participation.database import Database, now
from participation.jobs import SILENCE, beat
from participation.redis_server import EmbeddedRedis
from participation.settings import Settings
from participation.web.door import Door
from tests.making import published
from tests.people import Guest, Moderator, Officer, Resident

NOBODY = "have not been seen for a minute"


@pytest.fixture(scope="module")
def redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedRedis]:
    """A Redis of this test run."""
    server = EmbeddedRedis(tmp_path_factory.mktemp("redis"))
    server.start()
    yield server
    server.stop()


@pytest.fixture
def ready(app: Flask, redis: EmbeddedRedis) -> Callable[..., None]:
    """Give the site its Redis (or another address)."""

    def give(url: str = redis.url) -> None:
        made_of: Door = app.extensions["door"]
        settings = dataclasses.replace(made_of.settings, redis_url=url)
        app.extensions["door"] = dataclasses.replace(made_of, settings=settings)

    give()
    return give


def _seen(database: Database, *names: str, ago: timedelta = timedelta()) -> None:
    with database.change() as session:
        for name in names:
            beat(session, name, now() - ago)


def test_alive_whatever_is_missing(app: Flask, client: FlaskClient, settings: Settings, city: City) -> None:
    app.extensions["door"] = Door(settings, city, Database("postgresql+psycopg://postgres@127.0.0.1:1/nothing"))
    assert client.get("/healthz").get_json() == {"status": "alive"}


def test_ready(client: FlaskClient, database: Database, ready: Callable[..., None]) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 503
    said = answer.get_json()
    assert said["status"] == "not ready" and said["database"] == said["queue"] == "ok"
    assert "not seen" in said["worker"] and "not seen" in said["scheduler"]

    _seen(database, "worker", "scheduler")
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.get_json() == {"status": "ready", "database": "ok", "queue": "ok", "worker": "ok", "scheduler": "ok",
                                 "waiting": 0, "failed": 0}

    _seen(database, "worker", ago=SILENCE + timedelta(seconds=1))
    answer = client.get("/readyz")
    assert answer.status_code == 503 and answer.get_json()["scheduler"] == "ok"
    assert "not seen" in answer.get_json()["worker"]


def test_no_queue(client: FlaskClient, database: Database, ready: Callable[..., None]) -> None:
    _seen(database, "worker", "scheduler")
    for address in ("redis://127.0.0.1:1/0", "unix:///nowhere/redis.sock"):
        ready(address)
        answer = client.get("/readyz")
        assert answer.status_code == 503 and "Error" in answer.get_json()["queue"], address
        assert answer.get_json()["worker"] == "ok"


@pytest.mark.parametrize("how", ["gone", "not_migrated"])
def test_no_database(app: Flask, client: FlaskClient, settings: Settings, city: City, ready: Callable[..., None],
                     tmp_path: Path, how: str) -> None:
    made_of: Door = app.extensions["door"]
    url = "postgresql+psycopg://postgres@127.0.0.1:1/x" if how == "gone" else f"sqlite:///{tmp_path / 'empty.sqlite'}"
    broken = Database(url)
    app.extensions["door"] = dataclasses.replace(made_of, database=broken)
    answer = client.get("/readyz")
    broken.engine.dispose()
    assert answer.status_code == 503
    said = answer.get_json()
    assert said["database"] == "OperationalError" and said["queue"] == "ok" and said["worker"] == "unknown"


def test_staff_hear_the_alarm_and_nobody_else(guest: Guest, resident: Resident, moderator: Moderator, officer: Officer,
                                              database: Database, city: City) -> None:
    published(database, city)
    for visitor in (guest, resident):
        for path in ("/", "/ideas", "/ideas/new", *(("/me",) if visitor is resident else ())):
            assert NOBODY not in visitor.open(path).text
    for visitor, path in ((moderator, "/moderation/"), (officer, "/pool/"), (moderator, "/ideas"), (officer, "/")):
        assert visitor.open(path).has(f"Worker and scheduler {NOBODY}"), path
    _seen(database, "scheduler")
    assert moderator.open("/moderation/").has("The worker has not been seen for a minute")
    assert moderator.open("/de/moderation/").has("seit einer Minute") and "not been seen" not in moderator.page.text
    _seen(database, "worker")
    _seen(database, "scheduler", ago=timedelta(minutes=2))
    assert moderator.open("/moderation/").has("The scheduler has not been seen for a minute")
    _seen(database, "scheduler")
    assert "has not been seen" not in moderator.open("/moderation/").text


def test_what_failed_for_good_is_told(moderator: Moderator, resident: Resident, client: FlaskClient, database: Database,
                                      city: City) -> None:
    published(database, city)
    _seen(database, "worker", "scheduler")
    with database.change() as session:
        outbox.spread(session, {"idea.publish": ["x.y"]}, now())
        session.execute(update(outbox.Task).values(state=outbox.DEAD, error="gone"))
    assert moderator.open("/moderation/").has("could not be delivered after many tries")
    assert "could not be delivered" not in resident.open("/").text
    assert client.get("/readyz").get_json()["failed"] == 1
