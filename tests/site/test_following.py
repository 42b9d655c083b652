"""Following an idea: who is told of an answer or a milestone, who is not, and how each can end it."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from participation import support, translations
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import CoAuthor, Idea, IdeaStep
from participation.notices import following
from participation.notices.model import Follow, Notice
from participation.outbox import Event, happened
from participation.people.model import Person
from tests.assessment.making import a_milestone, a_project
from tests.counting import counted
from tests.making import people
from tests.people import Guest, Mailbox, Moderator, Officer, Resident
from tests.pool.making import accepted
from tests.site.writing import Desk

ME = "resident@example.org"


@pytest.fixture
def ref(database: Database, city: City, deliver: Callable[[], int]) -> str:
    """An idea in the pool, its author told of all so far."""
    found = accepted(database, city)
    deliver()
    return found


def subjects(mailbox: Mailbox, to: str) -> list[str]:
    """What the letters to an address are about."""
    return [str(letter["Subject"]).strip() for letter in mailbox.letters(to)]


def test_who_follows_is_told(resident: Resident, officer: Officer, ref: str, database: Database) -> None:
    resident.open(f"/ideas/{ref}")
    assert resident.page.has("Follow this idea")
    form = resident.page.form("/follow")
    resident.send(form)
    assert resident.page.has("You follow this idea. You are told what becomes of it.", "Tell me no more of it")
    resident.send(form)  # a double click
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Follow)) == 1
    officer.answer(ref, "pass", "It meets all criteria.")
    [subject] = subjects(resident.mailbox, ME)
    assert subject == f"The idea {ref}: First check passed"
    text = resident.mailbox.text(ME)
    assert "It meets all criteria." in text and f"/ideas/{ref}" in text
    assert "You get this letter because you support or follow this idea." in text
    resident.open(f"/ideas/{ref}")
    resident.send("/follow")
    assert resident.page.has("You are told no more of this idea.", "Follow this idea")
    officer.answer(ref, "rate", "Rated.")
    assert len(subjects(resident.mailbox, ME)) == 1


def test_who_supports_is_told_unless_they_chose_otherwise(resident: Resident, officer: Officer, ref: str,
                                                          someone: Callable[..., Any]) -> None:
    resident.support(ref)
    assert resident.page.has("You are told what becomes of this idea.")
    quiet = someone(Resident, "quiet@example.org")
    quiet.support(ref)
    quiet.open("/me/settings")
    form = quiet.page.form("/me/settings")
    assert form.values.pop("tells_supported")
    quiet.send(form)
    assert "tells_supported" not in quiet.page.form("/me/settings").values
    assert quiet.open(f"/ideas/{ref}").has("Follow this idea")
    officer.answer(ref, "fail", "It misses a criterion.")
    assert subjects(resident.mailbox, ME) == [f"The idea {ref}: First check not passed"]
    assert not subjects(resident.mailbox, "quiet@example.org")
    quiet.open(f"/ideas/{ref}")
    quiet.send("/follow")  # this one idea they want to hear of all the same
    officer.answer(ref, "recheck", "We look at it again.")
    assert subjects(resident.mailbox, "quiet@example.org") == [f"The idea {ref}: Being checked once more"]


def test_authors_have_a_letter_of_their_own(officer: Officer, ref: str, database: Database, city: City,
                                            someone: Callable[..., Any]) -> None:
    co = someone(Resident, "co@example.org")
    merged = Desk(database, city).idea("An idea merged here", "publish", author="co@example.org")
    with database.change() as session:
        rows = {row.ref: row for row in session.scalars(select(Idea))}
        author = session.get_one(Person, rows[ref].author_id)
        second = session.scalars(select(Person).where(Person.email == "co@example.org")).one()
        session.add(CoAuthor(idea_id=rows[ref].id, from_id=rows[merged].id, person_id=second.id))
        for person in (author, second):
            support.give(session, city, person, rows[ref], now())
            following.follow(session, person, rows[ref], True, now())
    before = {to: len(subjects(officer.mailbox, to)) for to in ("author@example.org", "co@example.org")}
    officer.answer(ref, "pass", "It meets all criteria.")
    for to, many in before.items():
        assert subjects(co.mailbox, to)[many:] == [f"Your idea {ref}: First check passed"]


def test_who_cannot_be_told_is_left_out(officer: Officer, ref: str, database: Database, city: City) -> None:
    gone, blocked, back = people(database, 3)
    with database.change() as session:
        idea = session.scalars(select(Idea).where(Idea.ref == ref)).one()
        for person in (gone, blocked, back):
            support.give(session, city, session.get_one(Person, person.id), idea, now())
        session.get_one(Person, gone.id).email = None
        session.get_one(Person, blocked.id).blocked_until = now() + timedelta(days=3)
        session.get_one(Person, back.id).blocked_until = now() - timedelta(days=3)
    officer.answer(ref, "pass", "It meets all criteria.")
    officer.mailbox.deliver()
    with database.reading() as session:
        assert session.scalars(select(Notice.person_id).where(Notice.letter == "progress")).all() == [back.id]


def test_one_taken_back_is_not_told_and_taking_up_always_is(resident: Resident, moderator: Moderator,
                                                              database: Database, city: City) -> None:
    ref = Desk(database, city).idea()
    resident.support(ref)
    moderator.decide(f"ideas/{ref}", "decline", statement="The city cannot do this.")
    moderator.open("/moderation/")
    moderator.send("/moderation/undo")
    assert not subjects(resident.mailbox, ME)
    moderator.decide(f"ideas/{ref}", "accept", benefit="Shade", who_benefits="Everyone")  # without more words
    [subject] = subjects(resident.mailbox, ME)
    assert subject.endswith("Accepted for the idea pool")
    assert "The city writes" not in resident.mailbox.text(ME)


def test_a_declined_idea(resident: Resident, moderator: Moderator, database: Database, city: City) -> None:
    ref = Desk(database, city).idea()
    resident.support(ref)
    moderator.decide(f"ideas/{ref}", "decline", statement="The city cannot do this.")
    assert subjects(resident.mailbox, ME) == [f"The idea {ref}: Declined with an answer"]


def test_each_in_their_language(someone: Callable[..., Any], officer: Officer, ref: str, database: Database) -> None:
    people_of = {tag: someone(Resident, f"{tag}@example.org", language=tag) for tag in ("de", "en")}
    for visitor in people_of.values():
        visitor.support(ref)
    officer.answer(ref, "pass", "It meets all criteria.")
    with database.change() as session:
        step = session.scalars(select(IdeaStep).where(IdeaStep.move == "pass")).one()
        translations.keep(session, "idea_step", step.id, "statement", "de", "Sie erfüllt alles.", step.statement,
                          translations.STAFF, None, now())
    assert "Sie erfüllt alles." in officer.mailbox.text("de@example.org")
    assert officer.mailbox.last("de@example.org")["Content-Language"] == "de"
    assert "It meets all criteria." in officer.mailbox.text("en@example.org")


def test_thousands_are_told_once_each_in_portions(officer: Officer, ref: str, database: Database, city: City,
                                                  app: Flask, house: Callable[[], Any]) -> None:
    many = [person.id for person in people(database, 450)]
    with database.change() as session:
        idea = session.scalars(select(Idea).where(Idea.ref == ref)).one()
        session.execute(support.Support.__table__.insert(), [  # type: ignore[attr-defined]
            {"idea_id": idea.id, "person_id": key, "at": now(), "from_city": True} for key in many[:300]])
        session.execute(Follow.__table__.insert(), [  # type: ignore[attr-defined]
            {"idea_id": idea.id, "person_id": key, "on": key % 2 == 0, "at": now()} for key in many[200:]])
        idea_id = idea.id
    expected = {key for place, key in enumerate(many) if place < 200 or key % 2 == 0}
    officer.answer(ref, "pass", "It meets all criteria.")
    with database.change() as session:
        step_id = session.scalars(select(IdeaStep.id).where(IdeaStep.move == "pass")).one()
        event = Event(kind="idea.pass", about={"idea_id": idea_id, "step_id": step_id}, at=now(), due=now())
        following.progress(session, event, house())
        following.progress(session, event, house())  # told twice by an impatient queue
    done: set[int] = set()
    while True:
        with database.change() as session:
            portions = [each for each in session.scalars(select(Event).where(Event.kind == "following.portion")
                                                         .order_by(Event.id)) if each.id not in done]
            for event in portions:
                before = session.scalar(select(func.count()).select_from(Notice)) or 0
                following.portion(session, event, house())
                assert (session.scalar(select(func.count()).select_from(Notice)) or 0) - before <= following.AT_ONCE
                done.add(event.id)
        if not portions:
            break
    with database.reading() as session:
        told = session.scalars(select(Notice.person_id).where(Notice.step_id == step_id,
                                                              Notice.letter == "progress")).all()
    assert len(told) == len(set(told)) and set(told) == expected


def test_a_link_in_the_letter_ends_it_without_signing_in(resident: Resident, guest: Guest, officer: Officer,
                                                         ref: str) -> None:
    resident.support(ref)
    officer.answer(ref, "pass", "It meets all criteria.")
    link = resident.mailbox.link(ME, "/unfollow/")
    assert guest.open(link).has("Letters about an idea", "You get an e-mail")
    guest.open(link)  # opening it changes nothing
    assert guest.page.response.headers["Cache-Control"] == "no-store"
    guest.send("/unfollow/")
    assert guest.page.path == link and guest.page.has("You are told no more of this idea.")
    officer.answer(ref, "rate", "Rated.")
    assert len(subjects(resident.mailbox, ME)) == 1
    for wrong in (link[:-1] + ("0" if link[-1] != "0" else "1"), "/en/unfollow/x", "/en/unfollow/99.abc"):
        guest.open(wrong, 404)


def test_a_mail_program_ends_it_with_one_click(resident: Resident, officer: Officer, ref: str, app: Flask) -> None:
    resident.support(ref)
    officer.answer(ref, "pass", "It meets all criteria.")
    letter = resident.mailbox.last(ME)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    found = re.fullmatch(r"<http://localhost(/en/unfollow/\S+)>", str(letter["List-Unsubscribe"]).strip())
    assert found is not None
    for _ in range(2):
        answer = app.test_client().post(found[1], data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200  # no redirect: such programs do not follow one
    assert resident.open(f"/ideas/{ref}").has("Follow this idea")
    assert officer.mailbox.last("author@example.org")["List-Unsubscribe"] is None


def test_a_guest_follows_by_signing_in(guest: Guest, ref: str, database: Database) -> None:
    guest.open(f"/ideas/{ref}")
    guest.send("/follow")
    assert guest.page.has("Please sign in to follow this idea.")
    guest.finish_sign_in("new@example.org")
    assert guest.page.has("You follow this idea.", "Tell me no more of it") and guest.page.path.endswith(ref)
    guest.send("/out")
    answer = guest.client.post(f"/en/ideas/{ref}/follow")
    assert answer.status_code == 400  # without a token
    hidden = Desk(database, guest_city(guest)).idea("Not public at all", "return")
    guest.open(f"/ideas/{ref}")
    form = guest.page.form("/follow")
    form.action = form.action.replace(ref, hidden)
    guest.send(form, status=404)


def guest_city(guest: Guest) -> City:
    """The city of the site."""
    city = guest.client.application.extensions["door"].city
    assert isinstance(city, City)
    return city


def test_the_list_of_what_i_am_told_of(resident: Resident, database: Database, city: City) -> None:
    assert resident.open("/me/following").has("You are not told of any idea yet.")
    refs = Desk(database, city).ideas([f"Idea number {n:02d}" for n in range(25)], "publish")
    with database.change() as session:
        me = session.scalars(select(Person).where(Person.email == ME)).one()
        rows = session.scalars(select(Idea).order_by(Idea.id)).all()
        for idea in rows[:24]:
            support.give(session, city, me, idea, now())
        following.follow(session, me, rows[24], True, now())
        following.follow(session, me, rows[0], False, now())
    with counted(database) as seen:
        page = resident.open("/me/following")
    assert len(seen) <= 3, seen
    assert page.has("Idea number 24", "You follow it.", "You support it.", "Idea number 05")
    page = resident.open(page.link("before="))
    assert page.has("Idea number 01") and not page.has("Idea number 00")
    resident.send(f"{refs[1]}/follow")
    assert resident.page.path == "/en/me/following"
    assert not resident.open("/me/following?before=4").has("Idea number 01")
    resident.client.post("/en/me/settings")
    with database.change() as session:
        session.execute(update(Person).values(tells_supported=False))
    page = resident.open("/me/following")
    assert page.has("Idea number 24", "Of ideas you only support you are not told") and not page.has("number 23")


def test_a_milestone_is_told_to_everyone_concerned_once(resident: Resident, ref: str, database: Database, city: City,
                                                        officer: Officer, deliver: Callable[[], int]) -> None:
    other = accepted(database, city, title="Shade at another stop")
    deliver()
    resident.support(ref)
    resident.support(other)
    number = a_project(database, city, [ref, other])
    a_milestone(database, city, number, "The roof stands", reached="2026-11-02")
    assert subjects(resident.mailbox, ME) == ["A milestone is reached: Shade everywhere"]
    text = resident.mailbox.text(ME)
    assert "The roof stands" in text and f"/projects/{number}" in text and "November 2, 2026" in text
    mine = [each for each in subjects(resident.mailbox, "author@example.org") if "milestone" in each]
    assert mine == ["A milestone is reached: Shade everywhere"]
    with database.change() as session:
        happened(session, "project.milestone", now(), project_id=number, milestone_id=1)
    assert len(subjects(resident.mailbox, ME)) == 1
    resident.open(resident.mailbox.link(ME, "/unfollow/"))
    resident.send("/unfollow/")
    author = resident.mailbox.link("author@example.org", "/unfollow/")
    resident.open(author)
    resident.send("/unfollow/")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Follow).where(~Follow.on)) == 2
