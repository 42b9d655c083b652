"""How often somebody may do what costs others something, with and without Redis."""

import dataclasses
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from flask_limiter import Limiter
from limits.storage import MemoryStorage, storage_from_string
from limits.strategies import FixedWindowRateLimiter
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database
from participation.ideas.drafts import IdeaDraft
from participation.web.limits import limiter, network
from tests.making import published
from tests.people import AN_IDEA, Guest, Resident

HERE, ELSEWHERE = {"REMOTE_ADDR": "198.51.100.7"}, {"REMOTE_ADDR": "203.0.113.9"}


def _count_in(storage: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the one limiter of the process count in this storage, in memory while that is gone."""
    fallback = MemoryStorage()
    for name, value in {"_storage": storage, "_limiter": FixedWindowRateLimiter(storage), "_storage_dead": False,
                        "_fallback_storage": fallback, "_fallback_limiter": FixedWindowRateLimiter(fallback),
                        "enabled": True}.items():
        monkeypatch.setattr(limiter, name, value)


@pytest.fixture(params=["memory", "no redis"])
def counted(request: pytest.FixtureRequest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Limiter]:
    """The limits switched on; once with Redis gone."""
    dead = "redis+unix:///nowhere/redis.sock"
    storage = MemoryStorage() if request.param == "memory" else storage_from_string(dead, socket_connect_timeout=1)
    _count_in(storage, monkeypatch)
    yield limiter


def _from(visitor: Guest, place: dict[str, str]) -> Guest:
    visitor.client.environ_base.update(place)
    return visitor


def test_asking_for_codes(guest: Guest, app: Flask, counted: Limiter) -> None:
    _from(guest, HERE)
    for number in range(10):
        guest.open("/sign-in")
        guest.send("sign-in", email=f"new-{number}@example.org")
    guest.open("/sign-in")
    page = guest.send("sign-in", status=429, email="eleventh@example.org")
    assert page.title == "That was a lot in a short time"
    assert 0 < int(page.response.headers["Retry-After"]) <= 61
    assert page.form("sign-in").values["email"] == "eleventh@example.org"
    assert len(guest.mailbox.letters()) == 10

    guest.open("/de/ideas")  # reading is never limited
    other = _from(Guest(app.test_client(), guest.mailbox), ELSEWHERE)
    other.sign_in("other@example.org")
    other.open("/me")


def test_a_full_network_does_not_lock_out_who_is_signed_in(guest: Guest, resident: Resident, counted: Limiter) -> None:
    _from(guest, HERE), _from(resident, HERE)
    for number in range(10):
        guest.propose(title=f"Idea number {number} from the library")
    guest.open("/ideas/new")
    page = guest.send("ideas/new", status=429, **AN_IDEA)
    assert int(page.response.headers["Retry-After"]) > 60
    assert page.form("ideas/new").values["body"] == AN_IDEA["body"]
    resident.propose()  # at the very same address
    _from(resident, ELSEWHERE).propose(title="A second idea from somewhere else")


def test_who_is_signed_in_has_one_count_everywhere(resident: Resident, counted: Limiter) -> None:
    for number in range(10):
        _from(resident, {"REMOTE_ADDR": f"198.51.100.{number}"}).propose(title=f"My idea number {number}, please")
    resident.open("/ideas/new")
    resident.send("ideas/new", status=429, **AN_IDEA)


def test_what_was_sent_back_costs_nothing(guest: Guest, counted: Limiter) -> None:
    guest.open("/ideas/new")
    for _ in range(12):
        guest.send("ideas/new", status=422, title="x")
    guest.propose()


def test_support_and_comments_go_on_without_redis(resident: Resident, database: Database, city: City,
                                                  counted: Limiter, caplog: pytest.LogCaptureFixture) -> None:
    published(database, city)
    caplog.set_level(logging.INFO)
    resident.open("/ideas")
    ref = resident.page.link("/ideas/MZ-").rsplit("/", 1)[1]
    resident.support(ref)
    resident.comment(ref, "Good.")
    assert len([r for r in caplog.records if "falling back" in r.getMessage()]) <= 1  # said once, not each time


def test_networks(app: Flask) -> None:
    for asked, counted in (("192.0.2.1", "192.0.2.1"), ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
                           ("2001:db8:1:2::9", "2001:db8:1:2::/64"), ("", "127.0.0.1"), ("@unix", "unknown")):
        with app.test_request_context("/", environ_base={"REMOTE_ADDR": asked}):
            assert network() == counted, asked


def test_a_database_that_is_away_is_not_the_counters_fault(
        resident: Resident, app: Flask, counted: Limiter, monkeypatch: pytest.MonkeyPatch,
        caplog: pytest.LogCaptureFixture, without_people: Callable[[], None]) -> None:
    resident.open("/ideas/new")
    without_people()
    resident.send("ideas/new", status=503, **AN_IDEA)
    assert not [r for r in caplog.records if "Swallowing" in r.getMessage()]


@pytest.fixture
def without_people(app: Flask, settings: Any, city: City, database: Database, tmp_path: Any) -> Iterator[Any]:
    """Put an empty database in place."""
    empty = Database(f"sqlite:///{tmp_path / 'empty.sqlite'}")

    def away() -> None:
        app.extensions["door"] = dataclasses.replace(app.extensions["door"], database=empty)

    yield away
    empty.engine.dispose()


def test_the_client_is_never_told_who_else(client: FlaskClient, counted: Limiter) -> None:
    answer = client.get("/en/ideas")
    assert not [name for name in dict(answer.headers) if "ratelimit" in name.lower()]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_one_network_begins_so_many_ideas_an_hour(app: Flask, guest: Guest, database: Database, limited: None) -> None:
    def begin(number: int, status: int = 200) -> Guest:
        another = Guest(app.test_client(), guest.mailbox)
        another.open("/ideas/new")
        another.send("ideas/new", status=status, go="next", title=f"Shade for bus stop number {number}")
        return another

    last = [begin(number) for number in range(100)][-1]
    refused = begin(100, 429).page
    assert refused.has("That was a lot in a short time") and "Shade for bus stop number 100" in refused.html
    last.open("/ideas/new?step=body")
    last.send("ideas/new", go="next", body=AN_IDEA["body"])  # whoever has begun goes on
    with database.reading() as session:
        assert session.scalar(select(func.count(IdeaDraft.id))) == 100
