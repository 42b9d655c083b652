"""The record of an accepted idea: its shape, its digest, its number; nothing personal in it."""

import json
from collections.abc import Callable
from itertools import pairwise

from jsonschema import Draft202012Validator
from sqlalchemy import select

from participation.city import City
from participation.database import Database
from participation.jobs import House
from participation.outbox import Event
from participation.pool import queries, record
from participation.pool.model import Record
from tests.pool.making import accepted, in_parallel

SECRETIVE = ("author@example.org", "Ann Author", "Carla Commenter", "carla@example.org")


def test_the_record_keeps_its_promise(database: Database, city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    with database.reading() as session:
        [body] = queries.bodies(session)
    content = json.loads(body)
    Draft202012Validator(record.schema()).validate(content)
    assert not any(secret in body for secret in SECRETIVE)
    assert record.canonical(content) == body and record.digest(content) == content["provenance"]["digest"]
    assert (content["ref"], content["sequence"], content["comments"]["count"]) == (ref, 1, 1)
    assert content["guidelines"] == [{"key": "citizens-at-the-centre", "benefit": "Shade", "who_benefits": "Everyone",
                                      "evidence": {"supporters": 0, "supporters_from_city": 0, "comments": 1}}]
    changed = content | {"title": "Another title"}
    assert record.digest(changed) != content["provenance"]["digest"]


def test_the_sequence_has_no_gaps_when_many_are_accepted_at_once(database: Database, city: City,
                                                                 house: Callable[[], House]) -> None:
    refs = [accepted(database, city) for _ in range(8)]
    with database.reading() as session:
        events = session.scalars(select(Event).where(Event.kind == "idea.accept")).all()

    def write(event: Event) -> None:
        for _ in range(2):  # every task may come twice
            with database.change() as session:
                record.write(session, event, house())

    assert not in_parallel(write, events)
    with database.reading() as session:
        records = session.scalars(select(Record).order_by(Record.seq)).all()
    assert [r.seq for r in records] == list(range(1, 9)) and {r.ref for r in records} == set(refs)
    for before, after in pairwise(records):
        assert json.loads(after.body)["provenance"]["previous"] == before.digest
