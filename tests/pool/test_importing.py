"""Receiving: what the built-in pool keeps, once, and what it refuses, by name."""

import copy
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeAlias
from uuid import uuid4

import pytest
from flask import Flask
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database, now
from participation.desk.api import LARGEST
from participation.jobs import House
from participation.pool import delivery, importing, queries, record
from participation.pool.model import Item, Received, Record, SeenMessage
from participation.settings import Settings
from participation.web.door import Door
from tests.pool.making import in_parallel, written
from tests.working import work_off

Post: TypeAlias = Callable[..., Any]


@pytest.fixture
def post(app: Flask, settings: Settings) -> Post:
    """Deliver events, or any text, signed as the sender does; headers change what is sent along."""

    def send(events: Any, **headers: str) -> Any:
        body = events if isinstance(events, str) else json.dumps(events)
        return app.test_client().post("/api/v1/pool/inbox", data=body.encode(), headers={
            "Content-Type": delivery.MEDIA_TYPE,
            **delivery.signed(str(uuid4()), now(), body, settings.pool_secret), **headers})

    return send


def changed(event: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """An event with another record and a digest that fits it; `previous` and `id` go where they belong."""
    event = copy.deepcopy(event)
    event["id"] = changes.pop("id", event["id"])
    if "previous" in changes:
        event["data"]["provenance"]["previous"] = changes.pop("previous")
    event["data"] |= changes
    event["data"]["provenance"]["digest"] = record.digest(event["data"])
    return event


def test_what_the_pool_refuses(app: Flask, database: Database, city: City, post: Post, house: Callable[[], House],
                               deliver: Callable[[], int]) -> None:
    written(database, city, house, 2)
    with database.reading() as session:
        first, second = (delivery.event_of(r) for r in session.scalars(select(Record).order_by(Record.seq)))
    assert post([first], **{"webhook-signature": "v1,bm9uZQ=="}).status_code == 401
    assert post([first], **{"Content-Type": "application/json"}).status_code == 415
    assert post("{").status_code == 422 and post("{}").status_code == 422 and post("[1]").status_code == 422
    assert post([first] * 101).status_code == 422
    wrong = [(first | {"type": "unknown"}, "unknown event type"), (first | {"data": {}}, "idea-record-1"),
             (first | {"data": first["data"] | {"title": "changed"}}, "digest"),
             (first | {"data": first["data"] | {"schema": "idea-record-9"}}, "idea-record-1")]
    for event, why in wrong:
        answer = post([event]).get_json()
        assert answer["accepted"] == [] and why in answer["refused"][0]["why"], answer
    ids = [first["id"], second["id"], first["id"]]
    assert post([first, second, first]).get_json() == {"accepted": ids, "refused": []}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Received)) == 2
    broken = changed(second, sequence=3, previous="0" * 64)
    assert "chain is broken" in post([broken]).get_json()["refused"][0]["why"]
    assert work_off(app) >= 0


def test_importing_is_the_same_twice(database: Database, city: City, house: Callable[[], House]) -> None:
    written(database, city, house, 1)
    with database.change() as session:
        event = delivery.event_of(session.scalars(select(Record)).one())
        assert [importing.receive(session, event, now()) for _ in range(2)] == ["", ""]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Received)) == 1


def test_a_problem_says_what_to_do(post: Post) -> None:
    for answer, status, word in ((post([], **{"webhook-signature": "v1,bm9uZQ=="}), 401, "POOL_SECRET"),
                                 (post([], **{"webhook-signature": "nonsense"}), 401, "POOL_SECRET"),
                                 (post([], **{"webhook-id": ""}), 401, "POOL_SECRET"),
                                 (post([], **{"webhook-timestamp": "1000000000"}), 401, "older than five minutes"),
                                 (post([], **{"webhook-timestamp": "nan"}), 401, "POOL_SECRET"),
                                 (post(" " * LARGEST + "[]"), 413, "fewer records"),
                                 (post("{"), 422, "JSON"), (post("{}"), 422, "array"),
                                 (post([{"id": "x"}] * 101), 422, "100"),
                                 (post([], **{"Content-Type": "text/plain"}), 415, "cloudevents-batch+json")):
        assert (answer.status_code, answer.mimetype) == (status, "application/problem+json")
        assert word in answer.get_json()["detail"], answer.get_json()
    assert post("[" * 200_000).status_code == 422


def test_a_record_that_cannot_be_kept_spoils_no_batch(database: Database, city: City, house: Callable[[], House],
                                                      post: Post) -> None:
    written(database, city, house, 2)
    with database.reading() as session:
        first, second = (delivery.event_of(r) for r in session.scalars(select(Record).order_by(Record.seq)))
    surrogate = copy.deepcopy(second)
    surrogate["data"]["sequence"], surrogate["data"]["title"] = 15, "half \ud800 a letter"
    strange = [changed(second, id="x" * 2000, field="f" * 5000, sequence=11,
                       ref="MZ-2026-" + "0" * 400),
               changed(second, sequence=2**70), changed(second, sequence=13, title="a \x00 b"), surrogate,
               changed(second, id=first["id"], sequence=17)]
    answer = post([first, *strange, second])
    assert answer.status_code == 200
    said = answer.get_json()
    assert said["accepted"][0] == first["id"] and said["accepted"][-1] == second["id"]
    # SQLite takes texts of any length and NUL; whatever a database cannot take is named with a reason.
    assert len(said["accepted"]) + len(said["refused"]) == 7 and all(each["why"] for each in said["refused"])
    assert first["id"] in [each["id"] for each in said["refused"]]  # an id that stands for another record already


def test_the_same_batch_twice_at_once(database: Database, city: City, house: Callable[[], House], post: Post,
                                      settings: Settings) -> None:
    written(database, city, house, 5)
    with database.reading() as session:
        events = [delivery.event_of(r) for r in session.scalars(select(Record).order_by(Record.seq))]
    answers: list[int] = []
    same = delivery.signed("same", now(), json.dumps(events), settings.pool_secret)
    sends: list[Callable[[], Any]] = [lambda: post(events, **same)] * 2
    sends += [lambda upto=upto: post(events[:upto]) for upto in (5, 4, 3, 2)]  # type: ignore[misc]
    assert not in_parallel(lambda send: answers.append(send().status_code), sends)
    assert sorted(answers) == [200] * 5 + [409]  # the very same message counts once
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Received)) == 5


def test_whatever_the_order_the_chain_is_checked_and_the_newest_is_current(database: Database, city: City,
                                                                           house: Callable[[], House]) -> None:
    written(database, city, house, 3)
    with database.change() as session:
        first, second, third = (delivery.event_of(r) for r in session.scalars(select(Record).order_by(Record.seq)))
        assert importing.receive(session, third, now()) == ""
        assert "chain is broken" in importing.receive(session, changed(second, title="Slipped in afterwards"), now())
        newer = changed(first, id=f"{first['subject']}/2", sequence=9, revision=2, title="The newer text")
        assert [importing.receive(session, event, now()) for event in (newer, second, first)] == ["", "", ""]
    with database.reading() as session:
        current = session.scalars(select(Received.title)
                                  .where(Received.current, Received.ref == first["subject"])).all()
        assert current == ["The newer text"]
        assert queries.one(session, first["subject"]).revision == 2


@pytest.fixture
def events(database: Database, city: City, house: Callable[[], House]) -> list[dict[str, Any]]:
    """Eight records as they are delivered."""
    written(database, city, house, 8)
    with database.reading() as session:
        return [delivery.event_of(each) for each in session.scalars(select(Record).order_by(Record.seq))]


def test_a_message_is_taken_in_once(events: list[dict[str, Any]], post: Post, database: Database,
                                    settings: Settings) -> None:
    same = delivery.signed("same", now(), json.dumps(events[:2]), settings.pool_secret)
    assert post(events[:2], **same).status_code == 200
    disguised = same | {"webhook-timestamp": same["webhook-timestamp"] + ".5"}  # the signature fits that, too
    for headers in (same, disguised):
        again = post(events[:2], **headers)
        assert (again.status_code, again.mimetype) == (409, "application/problem+json")
        assert "taken in before" in again.get_json()["detail"]
    assert post(events[:2]).get_json()["accepted"] == [each["id"] for each in events[:2]]  # with another time
    with database.change() as session:
        importing.forget(session, now() + timedelta(hours=23))
        assert session.scalar(select(func.count()).select_from(SeenMessage)) == 2
        importing.forget(session, now() + timedelta(hours=25))
        assert session.scalar(select(func.count()).select_from(SeenMessage)) == 0


def test_what_was_refused_whole_may_be_mended_and_sent_again(events: list[dict[str, Any]], post: Post,
                                                             database: Database) -> None:
    assert post([*events, "no event"]).status_code == 422
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Received)) == 0
        assert session.scalar(select(func.count()).select_from(SeenMessage)) == 0
    assert len(post(events).get_json()["accepted"]) == 8


def test_a_message_signed_with_the_secret_before(app: Flask, events: list[dict[str, Any]], post: Post, city: City,
                                                 settings: Settings, database: Database) -> None:
    body = json.dumps(events)
    for new, old, signer, status in (("new" * 20, settings.pool_secret, settings.pool_secret, 200),
                                     ("new" * 20, settings.pool_secret, "new" * 20, 200),
                                     ("new" * 20, "", settings.pool_secret, 401)):
        app.extensions["door"] = Door(replace(settings, pool_secret=new, pool_secret_old=old), city, database)
        assert post(events, **delivery.signed(f"{new}{signer}", now(), body, signer)).status_code == status


def test_a_gap_is_named_and_holds_nothing_up(events: list[dict[str, Any]], post: Post) -> None:
    assert "gaps" not in post(events[:2]).get_json()
    said = post([events[3], events[4], events[7], events[3]]).get_json()
    assert len(said["accepted"]) == 4 and said["gaps"] == [[3, 3], [6, 7]]
    assert post([events[6]]).get_json()["gaps"] == [[6, 6]]
    assert "gaps" not in post([events[5], events[2]]).get_json()
    assert post([{"id": "x"}]).get_json().keys() == {"accepted", "refused"}


def test_a_copy_that_is_damaged_here_is_put_right(events: list[dict[str, Any]], post: Post,
                                                  database: Database) -> None:
    post(events[:3])
    for damaged in ("{half a record", json.dumps(events[1]["data"] | {"title": "Another title"})):
        with database.change() as session:
            kept = session.scalars(select(Received).where(Received.seq == 2)).one()
            kept.body, kept.title = damaged, "Another title"
        assert post([events[2]]).get_json()["refused"] == [] and post([events[0]]).get_json()["refused"] == []
        assert post([events[1]]).get_json()["accepted"] == [events[1]["id"]]
        with database.reading() as session:
            kept = session.scalars(select(Received).where(Received.seq == 2)).one()
            assert (json.loads(kept.body), kept.title) == (events[1]["data"], events[1]["data"]["title"])
    slipped = changed(events[1], title="Another title")
    assert "another record has the number 2" in post([slipped]).get_json()["refused"][0]["why"]


def test_events_may_say_more_than_we_know(events: list[dict[str, Any]], post: Post) -> None:
    more = events[0] | {"traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", "comexampleextra": 7}
    assert post([more]).get_json() == {"accepted": [more["id"]], "refused": []}
    odd = events[1] | {"type": {"not": "a string"}}
    assert "this pool reads" in post([odd]).get_json()["refused"][0]["why"]


def test_another_sites_record_takes_no_line_of_ours(database: Database, city: City, post: Post,
                                                    house: Callable[[], House], deliver: Callable[[], int]) -> None:
    written(database, city, house, 1)
    with database.reading() as session:
        ours = delivery.event_of(session.scalars(select(Record)).one())
    theirs = copy.deepcopy(ours)
    theirs["data"]["provenance"]["site"] = "https://elsewhere.example"
    theirs = changed(theirs, title="An idea of another city", previous="")
    assert post([theirs]).get_json()["refused"] == []
    deliver()
    with database.reading() as session:
        lines = {item.site: item for item in session.scalars(select(Item))}
    assert lines["https://elsewhere.example"].idea_id is None and lines["https://elsewhere.example"].stage == ""
    assert lines["http://localhost"].idea_id == 1 and lines["http://localhost"].stage == "received"


def test_what_could_not_be_exported_again_is_not_kept(database: Database, city: City, post: Post,
                                                      house: Callable[[], House]) -> None:
    written(database, city, house, 1)
    with database.reading() as session:
        first = delivery.event_of(session.scalars(select(Record)).one())
    for changes, why in (({"sequence": 1.0}, "number"), ({"more": float("nan")}, "no number in JSON"),
                         ({"body": "a\x00b"}, "NUL"), ({"field": "f" * 61}, "longer than can be stored")):
        [refused] = post([changed(first, **changes)]).get_json()["refused"]
        assert why in refused["why"], refused
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Received)) == 0
