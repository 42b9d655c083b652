"""The record of an accepted idea: its shape, its digest, its number; nothing personal in it."""

import copy
import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from jsonschema import Draft202012Validator
from sqlalchemy import select

from participation import support, translations
from participation.city import City
from participation.database import Database, now
from participation.ideas.journey import IDEA, POOL_STATES
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.jobs import House
from participation.journey import Move, make
from participation.outbox import Event
from participation.places import Spot
from participation.pool import files, queries, record
from participation.pool.model import Record
from tests.making import people, staff
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


def ways() -> list[tuple[Move, ...]]:
    """A way from the acceptance to each state behind it, as the journey's table leads there: the shortest."""
    accept = IDEA.move("accept")
    found: dict[str, tuple[Move, ...]] = {accept.to: (accept,)}
    for state, way in (queue := list(found.items())):
        for move in IDEA.moves:
            if state in move.come_from and move.to not in found:
                found[move.to] = (*way, move)
                queue.append((move.to, found[move.to]))
    return list(found.values())


@pytest.mark.parametrize("way", ways(), ids=lambda way: way[-1].to)
def test_the_record_fits_its_schema_wherever_the_idea_stands(way: tuple[Move, ...], database: Database,
                                                             city: City) -> None:
    accepted(database, city)
    with database.change() as session:
        idea = session.scalars(select(Idea)).one()
        for move in way[1:]:
            make(session, IDEA, idea, move.key, staff(session) if move.right else None, now(), statement="So it is.",
                 statement_language="en")
        assert idea.state == way[-1].to
        step_id = session.scalars(select(Acceptance.step_id)).one()
        content = sealed(record.record_of(session, city, idea, step_id, "https://ideas.example"))
    record.validator().validate(content)
    assert content["decision"]["move"] == "accept" and content["guidelines"][0]["benefit"] == "Shade"


def test_every_state_of_the_pool_is_walked_to() -> None:
    assert {way[-1].to for way in ways()} == {IDEA.move("accept").to, *POOL_STATES}


def sealed(content: dict[str, Any]) -> dict[str, Any]:
    """A record with numbers and digests, as `add` writes them."""
    content = copy.deepcopy(content) | {"sequence": 1, "revision": 1, "revision_reason": "accepted"}
    content["provenance"]["previous"] = ""
    content["provenance"]["digest"] = record.digest(content)
    return content


def test_with_everything_that_is_optional_and_with_nothing(database: Database, city: City) -> None:
    needy = next(field for field in city.fields if field.needs)
    one_need = replace(city, fields=(replace(needy, needs=needy.needs[:1]),))
    accepted(database, city, field=needy.key, district=None)
    with database.change() as session:
        idea = session.scalars(select(Idea)).one()
        step = session.get_one(IdeaStep, session.scalars(select(Acceptance.step_id)).one())
        bare = record.record_of(session, city, idea, step.id, "https://ideas.example/")
        full = {"title": idea.title, "body": idea.body, "benefit": idea.benefit}
        for language in city.languages[1:]:
            for part, text in full.items():
                translations.keep(session, "idea", idea.id, part, language, f"{language} {text}", text, "staff", None,
                                  now())
            translations.keep(session, "idea_step", step.id, "statement", language, "…", step.statement, "staff",
                              None, now())
        session.add(Idea(ref="MZ-2020-00001", title="Another", body="Another", language="en", field=idea.field,
                         created_at=now(), merged_into_id=idea.id))
        for person in people(database, 6, district="neustadt", session=session):
            support.give(session, city, person, idea, now())
        session.flush()
        session.refresh(idea)
        rich = record.record_of(session, one_need, idea, step.id, "https://ideas.example/")
        idea.benefit = ""  # imported from elsewhere, where nobody asked for it
        unasked = record.record_of(session, city, idea, step.id, "https://ideas.example/")
    for content in (bare, rich, unasked):
        record.validator().validate(sealed(content))
    assert (bare["translations"], bare["merged"], bare["decision"]["translations"]) == ([], [], {})
    assert bare["district"] is None
    assert [each["language"] for each in rich["translations"]] == sorted(city.languages[1:])
    assert rich["decision"]["translations"].keys() == set(city.languages[1:])
    assert rich["merged"] == ["MZ-2020-00001"] and rich["needs"] == [needy.needs[0].key]
    assert rich["supporters"]["per_district"] == {"neustadt": 6} and rich["supporters"]["total"] == 6
    assert [each["benefit"] for each in unasked["translations"]] != [] and unasked["benefit"] == ""


def test_it_says_where_the_idea_is_about(database: Database, city: City) -> None:
    for spot in (Spot("dom"), Spot(latitude=50.0, longitude=8.25), Spot("dom", 49.9987, 8.2742), Spot()):
        accepted(database, city, spot=spot)
    with database.reading() as session:
        steps = session.scalars(select(IdeaStep).join(Acceptance).order_by(IdeaStep.id))
        told = [record.record_of(session, city, session.get_one(Idea, step.idea_id), step.id, "https://ideas.example")
                for step in steps]
    for content in told:
        record.validator().validate(sealed(content))
    assert [content["place"] and tuple(content["place"].values()) for content in told] == [
        ("Dom und Markt", 49.999, 8.274), ("", 50, 8.25), ("Dom und Markt", 49.9987, 8.2742), None]
    assert '"latitude":50,' in record.canonical(told[1])  # as every other language writes it
    sheet = b"".join(files.csv_lines(record.canonical(sealed(content)) for content in told)).decode("utf-8-sig")
    assert [row["place"] for row in csv.DictReader(io.StringIO(sheet), delimiter=";")] == [
        "Dom und Markt (49.999, 8.274)", "50, 8.25", "Dom und Markt (49.9987, 8.2742)", ""]


def test_additions_are_compatible(database: Database, city: City, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    with database.reading() as session:
        [body] = queries.bodies(session)
    older = json.loads(body)
    for added in ("revision_reason", "merged"):
        del older[added]
    del older["decision"]["translations"]
    record.validator().validate(older)  # as it was written before there were revisions
    record.validator().validate(older | {"something": {"of": "tomorrow"}})
    for wrong in ({"merged": ["no reference"]}, {"revision_reason": 7},
                  {"decision": older["decision"] | {"translations": {"de": None}}}):
        assert list(record.validator().iter_errors(older | wrong))


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
