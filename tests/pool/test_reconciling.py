"""Reconciliation: what was accepted here beside what each receiver really holds, named and mended."""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, func, select, update

from participation.city import City
from participation.database import Database, now
from participation.jobs import House
from participation.outbox import Event
from participation.pool import delivery, reconciling, runs
from participation.pool.model import Delivery, Received, Receiver, Reconciliation, Record
from participation.pool.record import receivers
from participation.pool.runs import Found
from participation.settings import Settings
from tests.chaos.keeper import Keeper
from tests.pool.making import accepted, delivered, written


def compared(database: Database, house: House, repair: bool = False, thorough: bool = False) -> Found:
    with database.change() as session:
        [receiver] = receivers(session, house.settings.receivers)
        comparison = reconciling.begin(session, receiver, house, repair=repair, thorough=thorough)
    comparison.send()
    with database.change() as session:
        return comparison.name(session, now())


def told_again(database: Database, kind: str) -> Event:
    with database.reading() as session:
        return session.scalars(select(Event).where(Event.kind == kind).order_by(Event.id.desc()).limit(1)).one()


def last(database: Database, receiver_id: int = 1) -> runs.Run:
    with database.reading() as session:
        found = runs.last_line(session, receiver_id)
    assert found is not None
    return found


def test_what_a_receiver_said_it_kept_and_did_not_is_found_and_mended(
        database: Database, city: City, elsewhere: Callable[[], House], keeper: Keeper) -> None:
    events = written(database, city, elsewhere, 3)
    keeper.fault = lambda: "nothing"
    assert delivered(database, events[2], elsewhere) is True and not keeper.kept
    keeper.fault = lambda: ""
    found = compared(database, elsewhere())
    assert (found.accepted, found.received, len(found.missing), found.repaired) == (3, 0, 3, 0)
    assert all(each.confirmed for each in found.missing) and [each.seq for each in found.missing] == [1, 2, 3]
    found = compared(database, elsewhere(), repair=True)
    assert found.repaired == 3
    assert delivered(database, told_again(database, "record.written"), elsewhere) is True
    found = compared(database, elsewhere())
    assert found.equal and found.received == 3 and len(keeper.kept) == 3
    line = last(database)
    assert line.equal and (line.accepted, line.received, line.missing) == (3, 3, 0)


def test_a_record_that_is_still_waiting_is_missing_but_was_not_confirmed(
        database: Database, city: City, elsewhere: Callable[[], House], keeper: Keeper) -> None:
    written(database, city, elsewhere, 1)
    [missing] = compared(database, elsewhere()).missing
    assert not missing.confirmed


def test_other_records_under_our_numbers_and_beyond(database: Database, city: City,
                                                    elsewhere: Callable[[], House], keeper: Keeper) -> None:
    events = written(database, city, elsewhere, 2)
    assert delivered(database, events[1], elsewhere)
    second = next(kept for kept in keeper.kept.values() if kept.seq == 2)
    keeper.kept[second.key] = replace(second, digest="0" * 64)
    keeper.kept["later/1"] = replace(second, key="later/1", seq=1500)
    found = compared(database, elsewhere(), repair=True)
    assert [each.seq for each in found.different] == [2] and [each.seq for each in found.extra] == [1500]
    assert (found.received, found.repaired, found.equal) == (1, 1, False)
    assert "later/1" in keeper.kept  # what only they have is never touched
    keeper.kept["far/1"] = replace(second, key="far/1", seq=2_000_000_000)
    assert "2000000000" in compared(database, elsewhere()).trouble


def test_a_record_that_came_while_we_asked_is_not_missed(database: Database, city: City, keeper: Keeper,
                                                         elsewhere: Callable[[], House]) -> None:
    events = written(database, city, elsewhere, 1)
    with database.change() as session:
        comparison = reconciling.begin(session, session.get_one(Receiver, 1), elsewhere())
    comparison.send()
    assert delivered(database, events[0], elsewhere)
    with database.change() as session:
        assert comparison.name(session, now()).equal
    more = written(database, city, elsewhere, 1)
    with database.change() as session:  # and one that was written and delivered in between is not extra
        comparison = reconciling.begin(session, session.get_one(Receiver, 1), elsewhere())
        comparison.ours = []
    assert delivered(database, more[-1], elsewhere)
    comparison.send()
    assert comparison.beyond
    with database.change() as session:
        assert comparison.name(session, now()).equal


@pytest.mark.parametrize(("answer", "trouble"), [
    ((404, b""), "cannot be compared"), ((405, b""), "cannot be compared"), ((503, b""), "HTTP 503"),
    ((302, b""), "HTTP 302"), ((200, b"thanks"), "something else"), ((200, b'{"highest": 1}'), "something else"),
    ((200, b'{"highest": -1, "ranges": []}'), "something else"), ((200, b'{"highest": 1, "ranges": [3]}'), "something"),
    ((200, b'{"highest": 1, "ranges": [{}]}'), "did not name"),
])
def test_a_receiver_that_cannot_be_compared(database: Database, city: City, elsewhere: Callable[[], House],
                                            monkeypatch: pytest.MonkeyPatch, keeper: Keeper,
                                            answer: tuple[int, bytes], trouble: str) -> None:
    written(database, city, elsewhere, 1)
    monkeypatch.setattr(keeper, "answer", lambda request: _plain(request, *answer))
    found = compared(database, elsewhere(), repair=True)
    assert trouble in found.trouble and not found.equal and not found.missing and found.repaired == 0
    assert last(database).trouble == found.trouble


def _plain(request: Any, status: int, body: bytes) -> None:
    request.rfile.read(int(request.headers["Content-Length"]))
    request.send_response(status)
    request.send_header("Content-Length", str(len(body)))
    if status == 302:
        request.send_header("Location", "http://elsewhere.example/")
    request.end_headers()
    request.wfile.write(body)


def test_a_receiver_that_is_not_there(database: Database, city: City, elsewhere: Callable[[], House],
                                      keeper: Keeper) -> None:
    written(database, city, elsewhere, 1)
    keeper.stop()
    assert "did not answer" in compared(database, elsewhere()).trouble


def test_many_ranges(database: Database, city: City, elsewhere: Callable[[], House], keeper: Keeper,
                     monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reconciling, "WIDTH", 2)
    monkeypatch.setattr(reconciling, "RANGES", 2)
    monkeypatch.setattr(reconciling, "LISTED", 1)
    events = written(database, city, elsewhere, 7)
    assert delivered(database, events[6], elsewhere)
    for key in [kept.key for kept in keeper.kept.values() if kept.seq in (1, 4, 7)]:
        del keeper.kept[key]
    found = compared(database, elsewhere())
    assert [each.seq for each in found.missing] == [1, 4, 7] and found.received == 4
    assert compared(database, elsewhere(), thorough=True).missing == found.missing


def test_accepted_without_a_record(database: Database, city: City, app: Flask, deliver: Callable[[], int],
                                   house: Callable[[], House]) -> None:
    refs = [accepted(database, city) for _ in range(2)]
    deliver()
    with database.change() as session:
        for table in (Delivery, Received, Record):
            session.execute(delete(table))
    found = compared(database, house(), repair=True)
    assert found.unwritten == tuple(refs) and (found.accepted, found.received, found.repaired) == (2, 0, 2)
    deliver()
    found = compared(database, house())
    assert found.equal and found.received == 2
    # While a decision can still be undone, nobody is told, so nothing is missed.
    accepted(database, city)
    with database.change() as session:
        session.execute(update(Event).where(Event.kind == "idea.accept", Event.spread_at.is_(None))
                        .values(due=now() + timedelta(minutes=1)))
    found = compared(database, house())
    assert found.accepted == 2 and found.equal


def test_a_copy_that_was_damaged_later_is_found_by_reading_thoroughly(
        database: Database, city: City, app: Flask, deliver: Callable[[], int], house: Callable[[], House]) -> None:
    accepted(database, city)
    accepted(database, city)
    deliver()
    with database.change() as session:
        body = session.scalars(select(Received.body).where(Received.seq == 2)).one()
        session.execute(update(Received).where(Received.seq == 2).values(body=body.replace("Shade", "Spade")))
    assert compared(database, house()).equal
    found = compared(database, house(), thorough=True)
    assert [each.seq for each in found.different] == [2] and found.received == 1
    with database.change() as session:
        session.execute(update(Received).where(Received.seq == 1).values(body="not a record"))
    assert len(compared(database, house(), thorough=True).different) == 2


def test_every_night_once(database: Database, city: City, app: Flask, deliver: Callable[[], int],
                          settings: Settings) -> None:
    accepted(database, city)
    deliver()
    midnight = now().astimezone(city.zone).replace(hour=0, minute=0, second=0) + timedelta(days=1)
    for hour, expected in ((1, 0), (city.pool.night_hour, 1), (city.pool.night_hour + 1, 1)):
        at = midnight + timedelta(hours=hour, minutes=5)
        with database.change() as session:
            reconciling.nightly(session, Event(about={}), House(settings, city, at))
        deliver()
        with database.change() as session:
            assert session.scalar(select(func.count()).select_from(Reconciliation)) == expected, hour
            session.execute(update(Reconciliation).values(at=at))
    assert last(database).equal


QUESTIONS: list[tuple[Any, int]] = [
    ({"site": "http://localhost", "ranges": [[1, 1000]]}, 200), ({"site": "s", "ranges": []}, 200),
    ({"site": "http://localhost", "ranges": [[1, 1001]]}, 422), ({"site": "s", "ranges": [[0, 5]]}, 422),
    ({"site": "s", "ranges": [[5, 1]]}, 422), ({"site": "s", "ranges": [[1, 10**18]]}, 422),
    ({"site": "s", "ranges": [[True, 2]]}, 422), ({"site": "s", "ranges": [["1", "2"]]}, 422),
    ({"site": "s", "ranges": [[1, 2]] * 101}, 422), ({"site": "s", "ranges": [[1, 2]] * 11, "list": True}, 422),
    ({"site": 7, "ranges": []}, 422), ({"ranges": []}, 422), ([], 422), ("x", 422), (None, 422), (7, 422),
    ({"site": "s", "ranges": [[1]]}, 422), ({"site": "s", "ranges": 5}, 422),
    ({"site": "s", "ranges": [], "list": "yes"}, 422),
]


@pytest.mark.parametrize(("question", "status"), QUESTIONS)
def test_questions_that_are_none(app: Flask, settings: Settings, question: Any, status: int) -> None:
    body = json.dumps(question)
    headers = delivery.signed("q", now(), body, settings.pool_secret)
    answer = app.test_client().post("/api/v1/pool/inbox/compare", data=body, headers=headers)
    assert answer.status_code == status
    if status != 200:
        assert answer.mimetype == "application/problem+json" and answer.get_json()["detail"]


def test_questions_that_nobody_signed(app: Flask, settings: Settings) -> None:
    body, client = '{"site": "s", "ranges": []}', app.test_client()
    old = delivery.signed("q", now() - timedelta(minutes=6), body, settings.pool_secret)
    other = delivery.signed("q", now(), body, "another-secret-" * 3)
    for headers in ({}, old, other, delivery.signed("q", now(), "{}", settings.pool_secret)):
        assert client.post("/api/v1/pool/inbox/compare", data=body, headers=headers).status_code == 401
    assert client.get("/api/v1/pool/inbox/compare").status_code == 405
