"""Delivery to a pool of somebody else's, over a real socket: in order, again and again, counted once."""

import json
import threading
from collections.abc import Callable

import pytest
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database
from participation.ideas.model import Idea, IdeaStep
from participation.jobs import GiveUp, House, TryLater
from participation.pool import delivery, queries, sending
from participation.pool.model import Delivery
from tests.pool.making import Receiver, delivered, in_parallel, written


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
    monkeypatch.setattr(sending, "TIMEOUT", (0.5, 0.2))
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
