"""What changes about an accepted idea is a new revision of its record, with the reason; nothing else is."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participation import translations
from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.database import Database, now
from participation.ideas import revising as texts
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.outbox import happened
from participation.pool import queries, record
from participation.pool.model import Item, Received, Record
from participation.settings import Settings
from participation.web.door import Door
from tests.making import staff
from tests.moderation.answers import WHY, an_idea
from tests.people import Moderator, Officer, Resident
from tests.pool.making import accepted


def revisions(database: Database) -> list[dict[str, Any]]:
    """Every record, in order; each fits its schema, its digest, and the built-in pool has it."""
    with database.reading() as session:
        found = [json.loads(body) for body in queries.bodies(session)]
        kept = session.scalars(select(Received.body).order_by(Received.seq)).all()
        reasons = session.scalars(select(Record.reason).order_by(Record.seq)).all()
    assert [json.loads(body) for body in kept] == found
    assert [each["revision_reason"] for each in found] == reasons
    for each in found:
        record.validator().validate(each)
        assert record.digest(each) == each["provenance"]["digest"]
    return found


@pytest.fixture
def milestones(app: Flask, settings: Settings, city: City, database: Database) -> City:
    """A city that wants to know of the first supporter and of the third."""
    eager = replace(city, pool=replace(city.pool, milestones=(1, 3)))
    app.extensions["door"] = Door(settings, eager, database)
    return eager


def test_a_correction(officer: Officer, database: Database, city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    for _ in range(2):  # the second time it says nothing new
        with database.change() as session:
            idea = session.scalars(select(Idea)).one()
            texts.correct(session, city, staff(session), idea, now(), field=idea.field, district="mombach",
                          language="de")
        deliver()
    first, second = revisions(database)
    assert [(r["revision"], r["revision_reason"], r["district"], r["language"]) for r in (first, second)] == [
        (1, "accepted", "neustadt", "en"), (2, "correction", "mombach", "de")]
    assert second["provenance"]["previous"] == first["provenance"]["digest"]
    assert officer.open(f"/pool/{ref}").has("Mombach")
    with database.reading() as session:
        assert session.scalars(select(Item.revision)).one() == 2


def test_what_is_masked_stands_in_no_newer_record(moderator: Moderator, database: Database, city: City,
                                                  deliver: Callable[[], int]) -> None:
    secret = "Klara Beispiel"
    ref = accepted(database, city, body=f"Ask {secret} who has measured the heat at the stops all summer long.")
    with database.change() as session:
        idea = session.scalars(select(Idea)).one()
        for part in ("title", "body", "benefit"):
            translations.keep(session, "idea", idea.id, part, "de", f"Fragt {secret}: {part}", getattr(idea, part),
                              translations.STAFF, None, now())
        comment = comments.say(session, city, staff(session), idea, f"{secret} lives next door", "en", None, now())
        comments.decide(session, city, staff(session), comment, "publish", now())
    deliver()
    [first] = revisions(database)
    assert secret in json.dumps(first["translations"]) and secret in json.dumps(first["comments"])
    with database.change() as session:
        texts.mask_idea(session, staff(session), session.scalars(select(Idea)).one(), [secret], now())
        number = session.scalars(select(Comment.id).where(Comment.body.contains(secret))).one()
    moderator.decide(f"comments/{number}", "hide", reason="advertising", statement=WHY)
    deliver()
    newest = revisions(database)[-1]
    assert newest["revision_reason"] == "correction" and newest["ref"] == ref
    assert secret not in json.dumps(newest) and "█" in newest["body"] and newest["translations"] == []


def test_milestones(resident: Resident, someone: Callable[..., Any], database: Database, milestones: City,
                    deliver: Callable[[], int]) -> None:
    ref = accepted(database, milestones)
    deliver()
    for email in ("a@example.org", "b@example.org", "c@example.org"):
        someone(Resident, email, lives_here=True, district="neustadt").support(ref)
        deliver()
    resident.support(ref)
    deliver()
    assert [(r["revision_reason"], r["supporters"]["total"]) for r in revisions(database)] == [
        ("accepted", 0), ("milestone", 1), ("milestone", 3)]


def test_a_merged_idea_and_a_merge_taken_apart(moderator: Moderator, database: Database, city: City,
                                               deliver: Callable[[], int]) -> None:
    into, other, elsewhere = accepted(database, city), an_idea(database, city), an_idea(database, city)
    deliver()
    moderator.decide(f"ideas/{other}", "merge", target=into, statement="They say the same.")
    deliver()
    moderator.decide(f"ideas/{other}", "unmerge", statement="They are about different stops.")
    deliver()
    moderator.decide(f"ideas/{other}", "merge", target=elsewhere, statement="They say the same.")
    deliver()
    assert [(r["revision_reason"], r["merged"]) for r in revisions(database)] == [
        ("accepted", []), ("merged", [other]), ("unmerged", [])]


def test_a_merge_that_is_undone_at_once_is_no_news(moderator: Moderator, database: Database, city: City,
                                                   deliver: Callable[[], int]) -> None:
    into, other = accepted(database, city), an_idea(database, city)
    deliver()
    moderator.decide(f"ideas/{other}", "merge", target=into, statement="They say the same.")
    moderator.send("/undo")
    deliver()
    assert [r["revision_reason"] for r in revisions(database)] == ["accepted"]


def test_translations(database: Database, city: City, milestones: City, resident: Resident,
                      deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()

    def kept(kind: str, thing_id: int, part: str, text: str, original: str) -> None:
        with database.change() as session:
            row = translations.keep(session, kind, thing_id, part, "de", text, original, translations.STAFF, None,
                                    now())
            happened(session, "translation.kept", now(), translation_id=row.id)
        deliver()

    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        accepting = session.scalars(select(Acceptance)).one().step_id
        received = session.scalars(select(IdeaStep.id).where(IdeaStep.move == "receive")).one()
    kept("idea", idea.id, "title", "Schatten", idea.title)
    kept("idea", idea.id, "body", "Schatten an der Haltestelle", idea.body)
    kept("idea_step", received, "statement", "Angekommen", "")  # no part of the record
    assert len(revisions(database)) == 1
    kept("idea", idea.id, "benefit", "Gesund warten", idea.benefit)
    kept("idea_step", accepting, "statement", "Wir sehen es uns an.", "We will look into it.")
    kept("idea_step", accepting, "statement", "Wir sehen es uns an.", "We will look into it.")
    assert [(r["revision_reason"], r["translations"], r["decision"]["translations"]) for r in revisions(database)] == [
        ("accepted", [], {}),
        ("translation", [whole := {"language": "de", "title": "Schatten", "body": "Schatten an der Haltestelle",
                                   "benefit": "Gesund warten"}], {}),
        ("translation", [whole], {"de": "Wir sehen es uns an."})]
    assert ref


def test_without_a_first_record_there_is_no_second(resident: Resident, moderator: Moderator, database: Database,
                                                   milestones: City, deliver: Callable[[], int]) -> None:
    ref = an_idea(database, milestones)
    resident.support(ref)
    moderator.open(f"/moderation/ideas/{ref}")
    form = moderator.page.form(f"/moderation/ideas/{ref}")
    form.action += "/correct"
    moderator.send(form, district="mombach", language="en")
    deliver()
    assert revisions(database) == []
    moderator.decide(f"ideas/{ref}", "accept", benefit="Shade", who_benefits="Everyone")
    moderator.support(ref)  # before the record is written: it holds that already
    deliver()
    [only] = revisions(database)
    assert (only["revision_reason"], only["supporters"]["total"]) == ("accepted", 2)


def test_the_same_cause_writes_once(database: Database, city: City, deliver: Callable[[], int],
                                    house: Callable[[], Any]) -> None:
    accepted(database, city)
    deliver()
    with database.change() as session:
        idea = session.scalars(select(Idea)).one()
        step_id = session.scalars(select(Acceptance.step_id)).one()
        idea.title = "Shade for each of the bus stops"
        session.flush()
        written = [record.add(session, house(), idea.id, step_id, "event:x", "correction") for _ in range(2)]
    assert [each.revision if each else None for each in written] == [2, None]
