"""Pull: another system fetches the records with a token, to the byte, without a gap, and waits for the next."""

import gzip
import threading
import time
from collections.abc import Callable
from typing import Any

import brotli  # type: ignore[import-untyped]
import pytest
from flask import Flask
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database, now
from participation.desk import pull
from participation.ideas.model import Acceptance
from participation.jobs import House
from participation.people import tokens
from participation.people.rights import Right
from participation.pool import pulling, queries, record
from participation.pool.model import Record
from participation.web.limits import limiter
from tests.counting import counted
from tests.pool.making import accepted, in_parallel, written

Fetch = Callable[..., Any]
PATH = "/api/v1/pool/records"


@pytest.fixture
def secret(database: Database) -> str:
    with database.change() as session:
        return tokens.issue(session, None, "Test", [Right.RECORDS_EXPORT], now())[1]


@pytest.fixture
def fetch(app: Flask, secret: str) -> Fetch:
    """Ask as a program does; an empty `Authorization` sends none."""

    def ask(query: str = "", **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {secret}"} | headers
        path = query if query.startswith("/") else PATH + query
        return app.test_client().get(path, headers={name: value for name, value in sent.items() if value})

    return ask


def test_all_records_page_by_page(database: Database, city: City, house: Callable[[], House], fetch: Fetch) -> None:
    empty = fetch()
    assert empty.get_json() == {"after": 0, "last": 0, "next": None, "records": []}
    written(database, city, house, 5)
    with database.reading() as session:
        kept = list(queries.bodies(session))
    got, address, pages = [], PATH + "?limit=2", 0
    while address:
        said = fetch(address).get_json()
        got += [record.canonical(each) for each in said["records"]]
        address, pages = said["next"], pages + 1
    assert got == kept and pages == 3 and said["after"] == said["last"] == 5
    lines, address = b"", PATH + "?limit=3"
    while address:
        answer = fetch(address, Accept="application/x-ndjson")
        assert answer.mimetype == "application/x-ndjson" and answer.headers["Pool-Last-Sequence"] == "5"
        assert answer.content_length == len(answer.data)
        lines += answer.data
        address = answer.headers.get("Link", "").partition(">")[0].removeprefix("<")
    assert lines == "".join(f"{body}\n" for body in kept).encode()
    assert fetch("?after=5").get_json() == {"after": 5, "last": 5, "next": None, "records": []}
    assert fetch("?after=9").get_json()["last"] == 5  # a site that was set back: whoever asks can see it


def test_a_page_ends_before_it_grows_too_large(database: Database, city: City, house: Callable[[], House],
                                               fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    written(database, city, house, 3)
    monkeypatch.setattr(pulling, "PAGE_BYTES", 10)
    said = fetch("?limit=1000").get_json()
    assert [each["sequence"] for each in said["records"]] == [1] and "after=1" in said["next"]


def test_an_answer_that_is_known_is_not_sent_again(database: Database, city: City, house: Callable[[], House],
                                                   fetch: Fetch) -> None:
    written(database, city, house, 2)
    tags = set()
    for accept in ("application/json", "application/x-ndjson"):
        for coding, unpack in (("", bytes), ("gzip", gzip.decompress), ("br", brotli.decompress)):
            spoken = {"Accept": accept, "Accept-Encoding": coding}
            answer = fetch(**spoken)
            assert answer.headers.get("Content-Encoding", "") == coding
            assert unpack(answer.data) == fetch(Accept=accept).data
            tag = answer.headers["ETag"]
            assert not tag.startswith("W/") and {"Accept", "Accept-Encoding", "Authorization"} <= {
                each.strip() for each in answer.headers["Vary"].split(",")}
            assert answer.headers["Cache-Control"] == "private, no-cache" and "Set-Cookie" not in answer.headers
            again = fetch(**spoken, **{"If-None-Match": tag})
            assert (again.status_code, again.data) == (304, b"")
            tags.add(tag)
    assert len(tags) == 6  # each form is other bytes, so none stands for another
    written(database, city, house, 1)
    assert fetch(**{"If-None-Match": next(iter(tags))}).status_code == 200
    assert "Access-Control-Allow-Origin" not in fetch(Origin="https://elsewhere.example").headers


def test_who_is_refused_and_why(app: Flask, database: Database, fetch: Fetch, secret: str) -> None:
    with database.change() as session:
        other, other_secret = tokens.issue(session, None, "Other", [Right.RECORDS_EXPORT], now())
        other.scopes = "pool:something:else"
        gone, gone_secret = tokens.issue(session, None, "Gone", [Right.RECORDS_EXPORT], now())
        tokens.revoke(session, None, gone.id, now())
    for header, status, challenge, says in (
            ("", 401, 'Bearer realm="idea pool"', "Ask the operator"),
            ("Basic YTpi", 401, 'Bearer realm="idea pool"', "Bearer pt_"),
            ("Bearer nonsense", 401, 'error="invalid_token"', "copied whole"),
            (f"Bearer {gone_secret}", 401, 'error="invalid_token"', "revoked"),
            (f"Bearer {other_secret}", 403, 'error="insufficient_scope"', "pool:records:export")):
        answer = fetch(Authorization=header)
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), header
        assert challenge in answer.headers["WWW-Authenticate"] and says in answer.get_json()["detail"]
        assert answer.headers["Cache-Control"] == "no-store"
    for name, values in (("after", ("-1", "x", "1.5", "", "2147483648", "٣")), ("limit", ("0", "1001", "x")),
                         ("wait", ("31", "-1", "x"))):
        for value in values:
            answer = fetch(f"?{name}={value}")
            said = answer.get_json()
            assert (answer.status_code, said["parameter"]) == (422, name), value
            assert name in said["detail"] and said["instance"] == PATH


def test_a_program_that_asks_too_often(fetch: Fetch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limiter, "enabled", True)
    limiter.reset()
    statuses = [fetch().status_code for _ in range(602)]
    answer = fetch()
    assert set(statuses[:600]) == {200} and answer.status_code == 429
    assert answer.mimetype == "application/problem+json" and int(answer.headers["Retry-After"]) <= 60
    limiter.reset()


def test_waiting_for_the_next_record(database: Database, city: City, house: Callable[[], House], fetch: Fetch,
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pull, "LOOK_EVERY", 0.05)
    written(database, city, house, 1)
    fetch()
    began = time.monotonic()
    assert fetch("?after=0&wait=30").get_json()["after"] == 1 and time.monotonic() - began < 5
    with counted(database) as seen:
        answer = fetch("?after=1&wait=1")
    assert time.monotonic() - began >= 1 and answer.get_json()["records"] == []
    assert fetch("?after=1", **{"If-None-Match": answer.headers["ETag"]}).status_code == 304
    assert len(seen) <= 30  # one a look, and what every answer costs
    answers: list[Any] = []
    asking = threading.Thread(target=lambda: answers.append(fetch("?after=1&wait=30")))
    asking.start()
    time.sleep(0.3)
    pool: Any = database.engine.pool
    assert asking.is_alive() and pool.checkedout() <= 1  # nothing is held while it waits
    written(database, city, house, 1)
    asking.join(10)
    assert [each["sequence"] for each in answers[0].get_json()["records"]] == [2]


def test_no_more_wait_than_there_is_room_for(fetch: Fetch) -> None:
    assert [pull._room.acquire(blocking=False) for _ in range(2)] == [True, True]  # as two that wait already
    began = time.monotonic()
    answer = fetch("?wait=30")
    assert answer.status_code == 200 and answer.headers["Retry-After"] == "5" and time.monotonic() - began < 20
    pull._room.release(2)
    for _ in range(3):  # whoever has waited makes room again
        assert "Retry-After" not in fetch("?wait=1").headers


def test_no_number_is_ever_skipped(database: Database, city: City, house: Callable[[], House], fetch: Fetch) -> None:
    for _ in range(12):
        accepted(database, city)
    with database.reading() as session:
        steps = session.execute(select(Acceptance.step_id, Acceptance.idea_id)).all()
    done = threading.Event()
    followed: list[int] = []

    def follow() -> None:
        until = time.monotonic() + 60
        while not (done.is_set() and len(followed) >= len(steps)) and time.monotonic() < until:
            for each in fetch(f"?after={len(followed)}&limit=3").get_json()["records"]:
                followed.append(each["sequence"])

    def write(number: int) -> None:
        step_id, idea_id = steps[number]
        for fails in (number % 3 == 0, False):  # a third of them gives up once, after it has taken a number
            with database.writing() as session:
                record.add(session, house(), idea_id, step_id, f"step:{step_id}", "accepted")
                time.sleep(0.02 * (number % 4))  # a slow commit, which the next number has to wait for
                if fails:
                    session.rollback()
                else:
                    session.commit()

    reader = threading.Thread(target=follow, daemon=True)
    reader.start()
    troubles = in_parallel(write, range(len(steps)))
    done.set()
    reader.join(70)
    assert not troubles and followed == list(range(1, len(steps) + 1))
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Record)) == len(steps)
