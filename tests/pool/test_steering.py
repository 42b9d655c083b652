"""Steering the delivery: pausing loses nothing, going on keeps the order, trying again sends nothing twice."""

import json
from collections.abc import Callable
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import reaching
from participation.city import City
from participation.database import Database, now
from participation.errors import Invalid, NotAllowed, NotThere
from participation.jobs import TryLater
from participation.outbox import DEAD, Task
from participation.pool import delivery, steering
from participation.pool.model import Receiver as Row
from participation.pool.model import Record
from participation.settings import Settings
from participation.web.door import Door
from tests.making import staff
from tests.pool.making import Receiver, accepted, in_parallel
from tests.working import attempt


@pytest.fixture
def elsewhere(app: Flask, settings: Settings, city: City, database: Database, receiver: Receiver,
              deliver: Callable[[], int]) -> Receiver:
    """The application delivers to somebody else's pool."""
    app.extensions["door"] = Door(replace(settings, pool_url=receiver.url, pool_allow_private="yes"), city, database)
    return receiver


def the_row(session: Session, receiver: Receiver) -> Row:
    return steering.named(session, [receiver.url], steering.name_of(receiver.url))


def retry(database: Database, receiver: Receiver, chosen: list[int] | None) -> int:
    with database.change() as session:
        return steering.retry(session, staff(session), the_row(session, receiver), chosen, now())


def left(database: Database, receiver: Receiver) -> list[tuple[int, str, bool]]:
    with database.reading() as session:
        [standing] = steering.standings(session, [receiver.url])
        return [(row.seq, row.why, row.refused) for row in steering.undelivered(session, standing.id)[0]]


def several(database: Database, city: City, count: int) -> None:
    for _ in range(count):
        accepted(database, city)


def order(receiver: Receiver) -> list[int]:
    return [record["sequence"] for record in receiver.kept.values()]


def test_paused_nothing_is_sent_and_nothing_is_lost(database: Database, city: City, elsewhere: Receiver,
                                                    deliver: Callable[[], int]) -> None:
    several(database, city, 1)
    deliver()
    with database.change() as session:
        assert steering.pause(session, staff(session, "cdo"), the_row(session, elsewhere), now()) is True
        assert steering.pause(session, staff(session), the_row(session, elsewhere), now()) is False  # a double click
    several(database, city, 3)
    deliver()
    assert order(elsewhere) == [1] and elsewhere.batches == [1]
    with database.reading() as session:
        [standing] = steering.standings(session, [elsewhere.url])
        assert (standing.written, standing.confirmed, standing.waiting) == (4, 1, 3) and standing.paused_at is not None
    with database.change() as session:
        assert steering.resume(session, staff(session), the_row(session, elsewhere), now()) is True
        assert steering.resume(session, staff(session), the_row(session, elsewhere), now()) is False
    deliver()
    assert order(elsewhere) == [1, 2, 3, 4] and elsewhere.batches == [1, 3]
    with database.reading() as session:
        assert session.scalars(select(Row.paused_by_id)).all() == [None]


def test_going_on_while_records_are_written(database: Database, city: City, elsewhere: Receiver,
                                            deliver: Callable[[], int], app: Flask) -> None:
    several(database, city, 2)
    deliver()
    with database.change() as session:
        steering.pause(session, staff(session), the_row(session, elsewhere), now())
    several(database, city, 2)

    def at_once(act: str) -> None:
        if act == "work":
            attempt(app)
            return
        with database.change() as session:
            steering.resume(session, staff(session), the_row(session, elsewhere), now())

    assert not in_parallel(at_once, ["work", "resume", "work"])
    deliver()
    assert order(elsewhere) == [1, 2, 3, 4]


def test_a_refused_record_is_tried_again(database: Database, city: City, elsewhere: Receiver,
                                         deliver: Callable[[], int]) -> None:
    several(database, city, 3)
    elsewhere.answer = lambda ids: (200, {}, json.dumps(
        {"accepted": ids[2:], "refused": [{"id": each, "why": "no room"} for each in ids[:2]]}).encode())
    deliver()
    gone = left(database, elsewhere)
    assert [(seq, refused) for seq, _, refused in gone if refused] == [(seq, True) for seq, _, _ in gone]
    assert gone and all(why == "no room" for _, why, _ in gone)
    elsewhere.answer = elsewhere.keep_all
    before = set(order(elsewhere))
    assert retry(database, elsewhere, [gone[-1][0]]) == 1
    assert retry(database, elsewhere, [gone[-1][0]]) == 0  # a double click
    deliver()
    assert set(order(elsewhere)) - before == {gone[-1][0]}
    assert retry(database, elsewhere, None) == len(gone) - 1
    deliver()
    assert sorted(order(elsewhere)) == [1, 2, 3] and left(database, elsewhere) == []
    assert retry(database, elsewhere, None) == 0


def test_what_was_given_up_is_tried_again(app: Flask, database: Database, city: City, elsewhere: Receiver,
                                          deliver: Callable[[], int]) -> None:
    several(database, city, 3)
    elsewhere.answer = lambda _ids: (400, {}, b"not like that")
    attempt(app)
    attempt(app)
    assert left(database, elsewhere) == [(seq, "HTTP 400: not like that", False) for seq in (1, 2, 3)]
    assert retry(database, elsewhere, [3]) == 1
    attempt(app)
    assert len(left(database, elsewhere)) == 3  # it did not help
    elsewhere.answer = elsewhere.keep_all
    assert retry(database, elsewhere, [2]) == 1
    attempt(app)
    assert order(elsewhere) == [1, 2, 3]  # all that waits, in its order
    attempt(app)  # the receiver answers again, so the others come alive by themselves, and find themselves done
    assert left(database, elsewhere) == []
    with database.reading() as session:
        assert session.scalars(select(Task).where(Task.state == DEAD)).all() == []
    assert deliver() == 0 and elsewhere.batches[-1] == 3


def test_trying_again_while_it_is_paused(app: Flask, database: Database, city: City, elsewhere: Receiver,
                                         deliver: Callable[[], int]) -> None:
    several(database, city, 2)
    elsewhere.answer = lambda _ids: (404, {}, b"")
    attempt(app)
    attempt(app)
    with database.change() as session:
        steering.pause(session, staff(session), the_row(session, elsewhere), now())
    elsewhere.answer = elsewhere.keep_all
    assert retry(database, elsewhere, None) == 2
    deliver()
    assert order(elsewhere) == []
    with database.change() as session:
        steering.resume(session, staff(session), the_row(session, elsewhere), now())
    deliver()
    assert order(elsewhere) == [1, 2]


def test_a_receiver_that_is_new_gets_what_was_written_before(app: Flask, database: Database, city: City,
                                                             settings: Settings, receiver: Receiver,
                                                             deliver: Callable[[], int]) -> None:
    several(database, city, 3)
    deliver()  # to the pool built in
    app.extensions["door"] = Door(replace(settings, pool_url=receiver.url, pool_allow_private="yes"), city, database)
    with database.reading() as session:
        assert [(each.id, each.waiting) for each in steering.standings(session, [receiver.url])] == [(0, 3)]
    assert retry(database, receiver, None) == 3
    deliver()
    assert order(receiver) == [1, 2, 3]


def test_what_did_not_arrive_page_by_page(app: Flask, database: Database, city: City, elsewhere: Receiver) -> None:
    several(database, city, 3)
    elsewhere.answer = lambda ids: (200, {}, json.dumps(
        {"accepted": [], "refused": [{"id": ids[0], "why": "no"}]}).encode())
    attempt(app)
    with database.reading() as session:
        assert session.scalars(select(Record.seq)).all() == [1, 2, 3]
    attempt(app)
    elsewhere.answer = lambda _ids: (400, {}, b"no")
    attempt(app)
    with database.reading() as session:
        [standing] = steering.standings(session, [elsewhere.url])
        seen, behind = [], 0
        while True:
            rows, more = steering.undelivered(session, standing.id, behind, limit=1)
            seen += [row.seq for row in rows]
            if more is None:
                break
            behind = more
    assert seen == sorted(set(seen)) and len(seen) == 3


def test_a_receiver_that_says_nothing_holds_nobody_up(app: Flask, database: Database, city: City, elsewhere: Receiver,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    several(database, city, 4)
    attempt(app)  # the records are written
    asked: list[str] = []

    def silence(url: str, *_args: object, **_rest: object) -> reaching.Said:
        asked.append(url)
        raise TryLater("ReadTimeout")

    with monkeypatch.context() as patched:
        patched.setattr(reaching, "post", silence)
        attempt(app)
    assert asked == [elsewhere.url]  # once, and the others heard that it is of no use now
    with database.change() as session:
        row = the_row(session, elsewhere)
        assert (row.last_status, row.last_answer) == (0, "ReadTimeout")
        row.last_at = now() - delivery.SILENT
    attempt(app)
    assert order(elsewhere) == [1, 2, 3, 4]


def test_who_may_and_what_is_asked(database: Database, city: City, elsewhere: Receiver) -> None:
    with database.change() as session:
        row = the_row(session, elsewhere)
        moderator = staff(session, "moderator")
        for act in (steering.pause, steering.resume):
            with pytest.raises(NotAllowed):
                act(session, moderator, row, now())
        with pytest.raises(NotAllowed):
            steering.retry(session, moderator, row, None, now())
        for chosen, why in (([], "no_record_chosen"), (list(range(1, 50)), "too_many")):
            with pytest.raises(Invalid, match=why):
                steering.retry(session, staff(session), row, chosen, now())
        for keys, name in (([elsewhere.url], "x"), ([], steering.name_of(elsewhere.url))):
            with pytest.raises(NotThere, match="unknown_receiver"):
                steering.named(session, keys, name)
