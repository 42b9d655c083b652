"""Moderators side by side: claims, handing over, second moderators, undoing, scopes, notes."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from moderation import reports
from moderation.model import Decision, LogLine, Note
from participation import support
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.outbox import Event
from participation.people.model import Person
from participation.waiting import Waiting, find
from participation.web.door import Door
from tests.making import a_draft, people, published
from tests.moderation.claiming import claims_end
from tests.people import Guest, Moderator, Resident


def waiting(database: Database, city: City, number: int = 1, days: float = 0, **changes: Any) -> str:
    """An idea that waits; its reference."""
    with database.change() as session:
        [author] = people(database, 1, start=5000 + number, session=session)
        return str(ideas.submit(session, city, author, a_draft(**changes), now() - timedelta(days=days)).ref)


def state(database: Database, ref: str) -> str:
    with database.reading() as session:
        return str(session.scalar(select(Idea.state).where(Idea.ref == ref)))




@pytest.fixture
def cautious(app: Flask, city: City, settings: Any, database: Database) -> Iterator[City]:
    """A city that wants a second moderator for rejecting, hiding and merging."""
    made = replace(city, moderation=replace(city.moderation, four_eyes=frozenset({"reject", "hide", "merge"})))
    app.extensions["door"] = Door(settings, made, database)
    yield made


def test_opening_claims_and_nobody_else_decides(moderator: Moderator, other: Moderator, database: Database,
                                                city: City) -> None:
    ref = waiting(database, city)
    assert moderator.open(f"/moderation/ideas/{ref}").has("Claimed by you until")
    assert other.open(f"/moderation/ideas/{ref}").has("Mo is working on this until")
    other.send(f"/moderation/ideas/{ref}", status=409, move="return", statement="Words I want to keep")
    assert other.page.has("Somebody else is working on this entry")
    assert other.page.form(f"ideas/{ref}").values  # the form is there, with the words
    assert "Words I want to keep" in other.page.html
    assert other.open("/moderation/").has("claimed by Mo")
    assert moderator.open("/moderation/?who=mine").has(a_draft().title)
    assert other.open("/moderation/?who=free").has("Nothing waits that fits.")
    claims_end(database)  # a stale claim frees itself
    assert other.open(f"/moderation/ideas/{ref}").has("Claimed by you until")
    other.send(f"/moderation/ideas/{ref}", move="publish")
    assert state(database, ref) == "published"


def test_the_next_one_is_nobody_elses(moderator: Moderator, other: Moderator, database: Database, city: City) -> None:
    first, second = waiting(database, city, 1, 3), waiting(database, city, 2, 2)
    assert moderator.open("/moderation/next").path.endswith(first)
    assert other.open("/moderation/next").path.endswith(second)
    assert moderator.open("/moderation/next").path.endswith(first)  # my own claim goes on
    moderator.send(f"/moderation/ideas/{first}", move="publish")
    assert moderator.page.path.endswith("/moderation/")  # the other one is taken


def test_every_count_is_the_length_of_its_list(moderator: Moderator, other: Moderator, database: Database,
                                               city: City) -> None:
    for number in range(4):
        waiting(database, city, number, days=8 * (number % 2))
    wide = published(database, city)
    with database.change() as session:
        crowd = people(database, city.quorum.supporters, session=session)
        for person in crowd:
            support.give(session, city, person, session.get_one(Idea, wide), now())
        for person in crowd[:3]:
            comments.say(session, city, person, session.get_one(Idea, wide), "Yes, please.", "en", None, now())
        reports.file(session, city, session.get_one(Idea, wide), None, now(), category="advertising", language="en",
                     body="It names a shop.")
    moderator.open("/moderation/comments/1")
    page = moderator.open("/moderation/")
    tabs = re.findall(r"(Everything|Ideas|Comments|Reports|undecided|Claimed by me|Unclaimed) \((\d+)\)", page.text)
    assert dict(tabs) == {"Everything": "9", "Ideas": "4", "Comments": "3", "Reports": "1", "undecided": "1",
                          "Claimed by me": "1", "Unclaimed": "8"}
    for query, count in (("", 9), ("kind=idea", 4), ("kind=comment", 3), ("kind=report", 1), ("kind=quorum", 1),
                         ("who=mine", 1), ("who=free", 8)):
        assert len(moderator.open(f"/moderation/?{query}").all(".//ol[@class='queue']/li")) == count, query
    assert page.has("2 entries are overdue.")


def test_the_filters_travel_with_the_entries(moderator: Moderator, database: Database, city: City) -> None:
    waiting(database, city, 1, 5, district="altstadt", title="Something about the old town here")
    one = waiting(database, city, 2, 4, district="mombach", title="Something about Mombach here")
    two = waiting(database, city, 3, 3, district="mombach", title="More about Mombach here")
    moderator.open("/moderation/?district=mombach")
    assert not moderator.page.has("old town")
    moderator.open(moderator.page.link(one))
    moderator.send(f"/moderation/ideas/{one}", move="publish")
    assert moderator.page.path.endswith(two)
    moderator.send(f"/moderation/ideas/{two}", move="publish")
    assert moderator.page.has("Nothing waits that fits.")


def test_undo_brings_everything_back_and_nothing_is_sent(moderator: Moderator, resident: Resident, database: Database,
                                                         city: City) -> None:
    ref = waiting(database, city, days=2)
    with database.reading() as session:
        before = session.scalars(select(Waiting)).one()
    moderator.decide(f"ideas/{ref}", "publish", mask="Two trees", district="mombach", trust="y")
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert idea.public and "█████" in idea.body and idea.district == "mombach" and idea.published_at
        assert session.scalar(select(Person.trusted).where(Person.id == idea.author_id))
        assert find(session, "idea", idea.id) is None
    assert moderator.page.has("Undo my last decision")
    moderator.send("/moderation/undo")
    assert moderator.page.has("Undone. Nothing was sent.") and moderator.page.path.endswith(ref)
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert (idea.state, idea.public, idea.published_at, idea.quorum_until) == ("submitted", False, None, None)
        assert "Two trees" in idea.body and idea.district == "neustadt" and not idea.masked
        assert not session.scalar(select(Person.trusted).where(Person.id == idea.author_id))
        row = session.scalars(select(Waiting)).one()
        assert (row.since, row.due, row.rank) == (before.since, before.due, before.rank)
        steps = session.execute(select(IdeaStep.move, IdeaStep.undone).order_by(IdeaStep.id)).all()
        assert [tuple(step) for step in steps] == [("submit", False), ("publish", True)]
        assert "idea.publish" not in set(session.scalars(select(Event.kind)))
    moderator.mailbox.deliver()
    assert not moderator.mailbox.letters("person-5001@example.org")[1:]  # the receipt alone
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LogLine)) == 0
    moderator.decide(f"ideas/{ref}", "publish")  # and it can be decided anew
    assert resident.open(f"/ideas/{ref}").has("Two trees")


def test_undo_comes_too_late_or_from_somebody_else(moderator: Moderator, other: Moderator, database: Database,
                                                   city: City) -> None:
    ref = waiting(database, city)
    moderator.decide(f"ideas/{ref}", "publish")
    moderator.open("/moderation/")
    form = moderator.page.form("/moderation/undo")
    other.open("/moderation/keys")
    response = other.client.post(form.action, data={"csrf_token": _token(other)})
    assert response.status_code == 403
    moderator.mailbox.deliver()  # told: the minute is over
    moderator.send(form, status=409)
    assert moderator.page.has("too late to undo") and state(database, ref) == "published"
    with database.change() as session:
        session.execute(update(Decision).values(undo_until=now() - timedelta(seconds=1)))
    assert not moderator.open("/moderation/").has("Undo my last decision")


def _token(visitor: Guest) -> str:
    visitor.open("/moderation/absence")
    return visitor.page.form("/absence").values["csrf_token"]


def test_undoing_an_acceptance_takes_the_evidence_back(moderator: Moderator, database: Database, city: City) -> None:
    ref = waiting(database, city)
    moderator.decide(f"ideas/{ref}", "publish")
    moderator.mailbox.deliver()
    moderator.decide(f"ideas/{ref}", "accept", benefit="Shade", who_benefits="All")
    moderator.open("/moderation/")
    moderator.send("/moderation/undo")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Acceptance)) == 0
    assert state(database, ref) == "published"
    moderator.decide(f"ideas/{ref}", "accept", benefit="Shade", who_benefits="All")
    assert state(database, ref) == "accepted"


def test_four_eyes(cautious: City, moderator: Moderator, other: Moderator, database: Database) -> None:
    ref = waiting(database, cautious)
    moderator.decide(f"ideas/{ref}", "reject", status=422)  # what it lacks is told to the first one
    assert moderator.page.has("Please fill this in.")
    moderator.send(f"/moderation/ideas/{ref}", move="reject", reason="unclear", statement="I do not understand it.")
    assert moderator.page.has("Proposed; a second moderator confirms it")
    assert state(database, ref) == "submitted"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 0
    moderator.open(f"/moderation/ideas/{ref}")
    assert moderator.page.has("You proposed it") and not moderator.page.has("Publish and open the next")
    assert not moderator.open("/moderation/next").path.endswith(ref)
    other.open("/moderation/?kind=confirm")
    claims_end(database)
    other.open(other.page.link(ref))
    assert other.page.has("A decision is proposed", "I do not understand it.", "Not clear")
    other.send("/confirm", status=422, agrees="0", note="")  # sending back needs a note
    other.send("/confirm", agrees="0", note="I think it is clear enough.")
    claims_end(database)
    assert moderator.open(f"/moderation/ideas/{ref}").has("I think it is clear enough.", "Publish and open the next")
    moderator.send(f"/moderation/ideas/{ref}", move="reject", reason="unclear", statement="Still unclear to me.")
    claims_end(database)
    other.open(f"/moderation/ideas/{ref}")
    form = other.page.form("/confirm")
    other.send(form, agrees="1")
    assert state(database, ref) == "rejected"
    other.send(form, status=409, agrees="1")  # a double click
    with database.reading() as session:
        made = session.scalars(select(Decision)).one()
        names = {person.id: person.name for person in session.scalars(select(Person))}
        assert (names[made.by_id or 0], names[made.confirmed_by_id or 0]) == ("Mo", "Ottilie")


def test_what_is_hidden_with_four_eyes_stays_public_until_confirmed(cautious: City, moderator: Moderator,
                                                                    other: Moderator, database: Database) -> None:
    ref = waiting(database, cautious)
    moderator.decide(f"ideas/{ref}", "publish")
    moderator.decide(f"ideas/{ref}", "hide", reason="personal-data", statement="It names somebody.")
    assert state(database, ref) == "published"
    other.open("/moderation/next")
    assert other.page.path.endswith(ref)
    other.send("/confirm", agrees="1")
    assert state(database, ref) == "hidden"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Waiting)) == 0


def test_a_moderator_of_one_field_and_district(someone: Callable[..., Any], database: Database, city: City) -> None:
    field = city.fields[1].key
    limited = someone(Moderator, "limited@example.org", role="moderator", name="Lim", fields=field, districts="mombach")
    inside = waiting(database, city, 1, field=field, district="mombach", title="Inside of what is mine")
    whole = waiting(database, city, 2, field=field, district=None, title="About the whole city here")
    outside = waiting(database, city, 3, district="mombach", title="Another field altogether here")
    elsewhere = waiting(database, city, 4, field=field, district="altstadt", title="Another district altogether")
    page = limited.open("/moderation/")
    assert page.has("Inside of what is mine", "About the whole city", "Everything (2)")
    assert not page.has("Another field") and not page.has("Another district")
    for ref in (outside, elsewhere):
        limited.open(f"/moderation/ideas/{ref}", 403)
        assert limited.page.has("outside your fields of action or districts")
    for ref in (inside, whole):
        limited.decide(f"ideas/{ref}", "publish")
    assert limited.page.has("Nothing waits. Thank you.")


def test_a_role_taken_away_while_the_page_is_open(moderator: Moderator, database: Database, city: City) -> None:
    ref = waiting(database, city)
    moderator.open(f"/moderation/ideas/{ref}")
    form = moderator.page.form(f"ideas/{ref}")
    with database.change() as session:
        session.execute(update(Person).where(Person.email == "moderator@example.org").values(role="resident"))
    response = moderator.client.post(form.action, data=form.values | {"move": "return", "statement": "My long words"})
    assert response.status_code == 403 and "My long words" in response.get_data(as_text=True)
    assert state(database, ref) == "submitted"


def test_notes_stay_inside_and_entries_are_handed_over(moderator: Moderator, other: Moderator, guest: Guest,
                                                       resident: Resident, database: Database, city: City) -> None:
    ref = waiting(database, city)
    moderator.open(f"/moderation/ideas/{ref}")
    moderator.send("/note", status=422, note="")
    moderator.send("/note", note="Is this the same as last year’s?")
    assert moderator.page.has("Is this the same as last year’s?")
    moderator.send("/note", status=422, note="x" * 2001)
    assert "x" * 2001 in moderator.page.html
    with database.reading() as session:
        key = session.scalars(select(Person.id).where(Person.email == "other@example.org")).one()
    moderator.open(f"/moderation/ideas/{ref}")
    moderator.send("/note", note="You know the place.", colleague=str(key))
    assert moderator.page.has("The entry is handed over.")
    assert other.open("/moderation/?who=mine").has(a_draft().title)
    assert other.open(f"/moderation/ideas/{ref}").has("You know the place.", "handed to Ottilie")
    other.send(f"/moderation/ideas/{ref}", move="publish")
    for visitor in (guest, resident):
        page = visitor.open(f"/ideas/{ref}")
        assert not page.has("You know the place.") and not page.has("last year")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Note)) == 2


def test_before_an_absence_all_claims_go_to_a_colleague(moderator: Moderator, other: Moderator, database: Database,
                                                        city: City) -> None:
    refs = [waiting(database, city, number) for number in range(3)]
    for ref in refs:
        moderator.open(f"/moderation/ideas/{ref}")
    moderator.open("/moderation/absence")
    assert moderator.page.has("You have claimed 3 entries.")
    moderator.send("/absence", status=422, colleague="")
    with database.reading() as session:
        key = session.scalars(select(Person.id).where(Person.email == "other@example.org")).one()
    moderator.send("/absence", colleague=str(key))
    assert moderator.page.has("3 entries are handed over.")
    assert other.open("/moderation/").has("Claimed by me (3)")
