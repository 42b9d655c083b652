"""Delivery to a pool of somebody else's, over a real socket: in order, again and again, counted once."""

import json
import threading
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import func, select

from participation import reaching
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea, IdeaStep
from participation.jobs import GiveUp, House, TryLater
from participation.pool import delivery, queries
from participation.pool.model import Delivery, Record
from participation.pool.model import Receiver as Receiver_
from participation.settings import BUILT_IN, Settings
from participation.web.door import Door
from tests.pool.making import Receiver, accepted, delivered, in_parallel, written
from tests.working import attempt


def test_a_batch_at_another_pool(database: Database, city: City, abroad: Callable[[], House],
                                 receiver: Receiver) -> None:
    events = written(database, city, abroad, 3)
    assert delivered(database, events[2], abroad) is True  # the newest one's task takes the older ones along
    assert receiver.batches == [3] and len(receiver.kept) == 3
    assert [delivered(database, event, abroad) for event in events] == [None, None, None]
    with database.reading() as session:
        assert set(session.scalars(select(Idea.state))) == {"received"}
        assert session.scalar(select(func.count()).where(Delivery.confirmed_at.is_not(None))) == 3


@pytest.mark.parametrize(("status", "headers", "body", "trouble"), [
    (500, {}, b"", TryLater), (503, {"Retry-After": "90"}, b"", TryLater),
    (429, {"Retry-After": "soon"}, b"", TryLater),
    (200, {}, b"thank you", TryLater), (200, {}, b'{"accepted": []}', TryLater), (200, {}, b'[]', TryLater),
    (409, {}, b"seen", TryLater), (413, {}, b"", GiveUp), (200, {}, b'{"accepted": ["x"], "refused": [7]}', TryLater),
    (400, {}, b"no", GiveUp), (302, {"Location": "http://elsewhere.example/"}, b"", GiveUp), (404, {}, b"", GiveUp),
])
def test_nothing_counts_as_delivered_that_the_receiver_did_not_name(
        database: Database, city: City, abroad: Callable[[], House], receiver: Receiver, status: int,
        headers: dict[str, str], body: bytes, trouble: type[Exception]) -> None:
    [event] = written(database, city, abroad, 1)
    receiver.answer = lambda _ids: (status, headers, body)
    with pytest.raises(trouble) as raised:
        delivered(database, event, abroad)
    assert getattr(raised.value, "after", None) == (90.0 if headers.get("Retry-After") == "90" else None)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
    receiver.answer = receiver.keep_all
    assert delivered(database, event, abroad) is True


def test_a_batch_that_is_partly_taken(database: Database, city: City, abroad: Callable[[], House],
                                      receiver: Receiver) -> None:
    events = written(database, city, abroad, 3)
    receiver.answer = lambda ids: (200, {}, json.dumps(
        {"accepted": ids[:1], "refused": [{"id": ids[1], "why": "no room"}]}).encode())
    assert delivered(database, events[2], abroad) is False  # its own was left out: it goes on at once
    receiver.answer = receiver.keep_all
    assert delivered(database, events[2], abroad) is True and receiver.batches == [3, 1]
    with database.reading() as session:
        [(seq, _, why)] = queries.unconfirmed(session, queries.receiver_id(session, receiver.url))
        assert (seq, why) == (2, "no room")


def test_a_receiver_that_hangs_or_is_not_there(database: Database, city: City, abroad: Callable[[], House],
                                               receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "TIMEOUT", (0.5, 0.2))
    [event] = written(database, city, abroad, 1)
    patience = threading.Event()

    def hang(ids: list[str]) -> tuple[int, dict[str, str], bytes]:
        patience.wait(5)
        return receiver.keep_all(ids)

    receiver.answer = hang
    with pytest.raises(TryLater, match="ReadTimeout"):
        delivered(database, event, abroad)
    patience.set()
    receiver.answer = receiver.keep_all
    assert delivered(database, event, abroad) is True and len(receiver.kept) == 1
    [later] = written(database, city, abroad, 1)[1:]
    receiver.server.shutdown()
    receiver.server.server_close()
    with pytest.raises(TryLater, match="ConnectionError"):
        delivered(database, later, abroad)


def test_an_answer_lost_on_its_way_counts_once(database: Database, city: City, abroad: Callable[[], House],
                                               receiver: Receiver) -> None:
    [event] = written(database, city, abroad, 1)
    with database.change() as session:
        batch = delivery.deliver(session, event, abroad())
    assert batch is not None
    batch.send()  # it arrives, and the worker dies before it notes that
    assert delivered(database, event, abroad) is True
    assert receiver.batches == [1, 1] and len(receiver.kept) == 1


def test_an_answer_that_cannot_be_stored_is_no_trouble_of_ours(database: Database, city: City, receiver: Receiver,
                                                                abroad: Callable[[], House]) -> None:
    [event] = written(database, city, abroad, 1)
    receiver.answer = lambda _ids: (400, {}, b"no\x00\xff thanks")
    with pytest.raises(GiveUp) as raised:
        delivered(database, event, abroad)
    assert "\x00" not in str(raised.value) and "thanks" in str(raised.value)
    receiver.answer = lambda ids: (200, {}, json.dumps(
        {"accepted": [], "refused": [{"id": ids[0], "why": "no\x00 \ud800 thanks" + "!" * 5000}]}).encode())
    assert delivered(database, event, abroad) is True
    with database.reading() as session:
        [(_, _, why)] = queries.unconfirmed(session, queries.receiver_id(session, receiver.url))
    assert why.startswith("no � thanks!") and len(why) <= 500


def test_two_workers_deliver_the_same_records(database: Database, city: City, abroad: Callable[[], House],
                                              receiver: Receiver) -> None:
    events = written(database, city, abroad, 6)
    batches = []
    for event in events:  # every worker has looked and sent before any of them notes the answer
        with database.change() as session:
            batch = delivery.deliver(session, event, abroad())
        assert batch is not None
        batch.send()
        batches.append(batch)

    def note(batch: delivery.Batch) -> None:
        with database.change() as session:
            assert batch.record(session, abroad())

    assert not in_parallel(note, batches)
    assert len(receiver.kept) == 6
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Delivery.confirmed_at.is_not(None))) == 6
        assert session.scalar(select(func.count()).where(IdeaStep.move == "receive")) == 6


@pytest.mark.parametrize(("here", "old", "there"), [
    ("old" * 20, "", "old" * 20), ("new" * 20, "old" * 20, "old" * 20), ("new" * 20, "old" * 20, "new" * 20),
    ("new" * 20, "", "new" * 20)])
def test_the_secret_is_changed_without_a_break(database: Database, city: City, settings: Settings, receiver: Receiver,
                                               here: str, old: str, there: str) -> None:
    receiver.secret = there  # the other side, written with the standards' own packages, changes when it likes
    mine = replace(settings, pool_url=receiver.url, pool_allow_private="yes", pool_secret=here, pool_secret_old=old)
    house = lambda: House(mine, city, now())  # noqa: E731
    [event] = written(database, city, house, 1)
    assert delivered(database, event, house) is True and len(receiver.kept) == 1


def test_a_secret_that_the_receiver_does_not_know(database: Database, city: City, receiver: Receiver,
                                                  abroad: Callable[[], House]) -> None:
    [event] = written(database, city, abroad, 1)
    receiver.secret = "another" * 10
    with pytest.raises(TryLater):  # it hangs up
        delivered(database, event, abroad)
    assert receiver.kept == {}


def test_several_receivers_each_for_itself(app: Flask, database: Database, city: City, settings: Settings,
                                           receiver: Receiver, deliver: Callable[[], int]) -> None:
    def point(*keys: str) -> None:
        app.extensions["door"] = Door(replace(settings, pool_url=" ".join(keys), pool_allow_private="yes"), city,
                                      database)

    def held() -> dict[str, int]:
        with database.reading() as session:
            rows = session.execute(select(Receiver_.key, func.count(Delivery.confirmed_at))
                                   .join(Delivery, Delivery.receiver_id == Receiver_.id).group_by(Receiver_.key))
            return {key: count for key, count in rows}  # noqa: C416 - rows are not tuples to mypy

    point(BUILT_IN, receiver.url)
    receiver.answer = lambda _ids: (503, {}, b"closed on Saturdays")
    accepted(database, city)
    attempt(app)  # the acceptance becomes a record
    attempt(app)  # which goes both ways
    assert held() == {BUILT_IN: 1}
    with database.reading() as session:
        assert session.scalars(select(Idea.state)).all() == ["received"]  # one of them has it
        [other] = session.scalars(select(Receiver_).where(Receiver_.key == receiver.url))
        assert (other.last_status, other.last_answer) == (503, "HTTP 503: closed on Saturdays") and other.last_at
    receiver.answer = receiver.keep_all
    attempt(app)
    assert held() == {BUILT_IN: 1, receiver.url: 1}
    point(BUILT_IN)
    accepted(database, city)
    deliver()
    assert held() == {BUILT_IN: 2, receiver.url: 1} and len(receiver.kept) == 1
    point(receiver.url)
    accepted(database, city)
    deliver()
    assert held() == {BUILT_IN: 2, receiver.url: 3}  # what it missed comes along, in order
    assert [record["sequence"] for record in receiver.kept.values()] == [1, 2, 3]
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(IdeaStep.move == "receive")) == 3
        [other] = session.scalars(select(Receiver_).where(Receiver_.key == receiver.url))
        assert (other.last_status, other.last_answer) == (200, "2 kept, 0 refused")


def test_what_was_confirmed_stays_confirmed(database: Database, city: City, abroad: Callable[[], House],
                                            receiver: Receiver) -> None:
    events = written(database, city, abroad, 2)
    with database.change() as session:
        slow = delivery.deliver(session, events[0], abroad())
    assert delivered(database, events[1], abroad) is True and slow is not None
    receiver.answer = lambda ids: (200, {}, json.dumps(
        {"accepted": [], "refused": [{"id": ids[0], "why": ""}]}).encode())
    slow.send()
    with database.change() as session:
        assert slow.record(session, abroad())
        assert session.scalar(select(func.count()).where(Delivery.confirmed_at.is_not(None),
                                                         Delivery.refused == "")) == 2


def test_no_batch_is_larger_than_agreed(database: Database, city: City, abroad: Callable[[], House],
                                        receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    events = written(database, city, abroad, 5)
    with database.reading() as session:
        one = max(len(body.encode()) for body in session.scalars(select(Record.body)))
    monkeypatch.setattr(delivery, "BATCH_BYTES", 3 * one)  # with their envelopes, fewer than three go in
    assert [delivered(database, events[4], abroad) for _ in range(5)][-1] in (True, None)
    assert len(receiver.kept) == 5 and max(receiver.batches) < 3
    monkeypatch.setattr(delivery, "BATCH_BYTES", 1)  # a single one that is too large travels alone
    [later] = written(database, city, abroad, 1)[5:]
    assert delivered(database, later, abroad) is True
