"""News in one letter a day or a week: what stands in it, when it comes, that each thing is told once, and how each
person chooses."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from participation import support, translations
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea, IdeaStep
from participation.jobs import House
from participation.notices import digests, following
from participation.notices.actions import tell
from participation.notices.model import WAITS, Notice
from participation.outbox import Event
from participation.people.model import DAILY, WEEKLY, Person
from participation.web import letters
from tests.assessment.making import a_milestone, a_project
from tests.counting import counted
from tests.making import people
from tests.page import words
from tests.people import Guest, Moderator, Officer, Resident
from tests.pool.making import accepted
from tests.site.writing import Desk
from tests.web.posting import morning
from tests.web.test_letters import _links, _parts

ME = "resident@example.org"
DAY = timedelta(days=1)


@pytest.fixture
def ref(database: Database, city: City, deliver: Callable[[], int]) -> str:
    """An idea in the pool, its author told of all so far."""
    found = accepted(database, city)
    deliver()
    return found


@pytest.fixture
def monday(city: City) -> datetime:
    """The next Monday that is at least a day away, a little after the city's hour."""
    local = (now() + DAY).astimezone(city.zone)
    return (local + timedelta(days=(1 - local.isoweekday()) % 7)).replace(hour=7, minute=20)


def wants(database: Database, rhythm: str, email: str = ME, **values: Any) -> None:
    with database.change() as session:
        session.execute(update(Person).where(Person.email == email).values(digest=rhythm, **values))


def digest_letters(who: Guest, to: str = ME) -> list[Any]:
    """The letters to somebody that gather news."""
    return [letter for letter in who.mailbox.letters(to) if "news about ideas" in letter["Subject"]]


def test_once_a_day_everything_in_one_letter(resident: Resident, officer: Officer, ref: str, app: Flask,
                                             database: Database, city: City, deliver: Callable[[], int]) -> None:
    other = accepted(database, city, title="A lift at the station")
    deliver()
    resident.support(ref)
    resident.open(f"/ideas/{other}")
    resident.send("/follow")
    resident.open("/me/settings")
    resident.send("/me/settings", digest="daily")
    assert resident.page.has("Your settings are kept.") and resident.page.form("/me/settings").values[
        "digest"] == "daily"
    assert resident.open("/me/following").has("All of a day come in one e-mail.")
    officer.answer(ref, "pass", "It meets all criteria.")
    officer.answer(other, "fail", "It misses one.")
    officer.answer(ref, "rate", "It is worth it.")
    a_milestone(database, city, a_project(database, city, [other]), "The shaft is dug", reached="2026-11-02")
    assert not resident.mailbox.letters(ME)
    morning(app, database, now() - DAY)  # of a day when nothing had happened yet
    assert not resident.mailbox.letters(ME)
    morning(app, database, now() + DAY)
    [letter] = resident.mailbox.letters(ME)
    assert letter["Subject"] == "4 pieces of news about ideas you support or follow"
    text, root = _parts(letter)
    letter_root = next(e for e in root.iter("div") if e.get("class") == "letter")
    for whole in (text, words(letter_root)):
        for said in ("It meets all criteria.", "It misses one.", "It is worth it.", "The shaft is dug",
                     "First check not passed", "Rated by the office", "A lift at the station", "once a day"):
            assert whole.count(said) == 1, said
    assert text.index("Rated by the office") < text.index("First check passed")  # the newest first
    found = _links(text, root)
    assert {link.rpartition("/en/")[2] for link in found if "unfollow" not in link} == {
        f"ideas/{ref}", f"ideas/{other}", "me/following"}
    for day in (1, 2, 3):  # nothing has happened since
        morning(app, database, now() + day * DAY)
    assert len(resident.mailbox.letters(ME)) == 1
    officer.answer(ref, "plan", "We build it.")
    resident.mailbox.deliver()
    morning(app, database, now() + 4 * DAY)
    assert [each["Subject"] for each in digest_letters(resident)][1:] == [
        "1 piece of news about ideas you support or follow"]


def test_once_a_week_on_the_citys_day(resident: Resident, officer: Officer, ref: str, app: Flask, database: Database,
                                      monday: datetime) -> None:
    resident.support(ref)
    wants(database, WEEKLY)
    officer.answer(ref, "pass", "It meets all criteria.")
    resident.mailbox.deliver()
    with database.change() as session:  # on the Tuesday before
        session.execute(update(Notice).where(Notice.digest_id == WAITS).values(created_at=monday - 6 * DAY))
    for day in range(1, 7):
        morning(app, database, monday - day * DAY)
    assert not digest_letters(resident)
    morning(app, database, monday)
    [letter] = digest_letters(resident)
    assert "once a week" in _parts(letter)[0]


def test_a_standstill_on_that_day_is_made_up_for(resident: Resident, officer: Officer, ref: str, app: Flask,
                                                 database: Database, monday: datetime) -> None:
    resident.support(ref)
    wants(database, WEEKLY)
    officer.answer(ref, "pass", "It meets all criteria.")
    resident.mailbox.deliver()
    with database.change() as session:
        session.execute(update(Notice).where(Notice.digest_id == WAITS).values(created_at=monday - 6 * DAY))
    morning(app, database, monday + 2 * DAY)
    assert len(digest_letters(resident)) == 1


def test_by_the_citys_clock(database: Database, city: City, house: Callable[[], House]) -> None:
    """Whoever's news came before the city's hour of this day gets them from then on, in summer as in winter."""
    [person] = people(database, 1)
    wants(database, DAILY, person.email or "")
    for month, hour in ((1, 6), (7, 5)):  # seven o'clock in Mainz, in UTC
        at = now().replace(month=month, day=13, hour=hour, minute=0)
        with database.change() as session:
            told = tell(session, f"progress:{month}", "progress", at - DAY / 3, person_id=person.id, gathered=True)
            assert told is not None
            for minutes, due in ((-1, False), (1, True)):
                there = House(house().settings, city, at + timedelta(minutes=minutes))
                assert (session.scalar(digests._due(there)) is not None) is due, (month, minutes)
            told.digest_id = 1


def test_nothing_that_is_not_public_any_more(resident: Resident, officer: Officer, moderator: Moderator, app: Flask,
                                             database: Database, city: City, deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city, title=f"Shade on square number {n}") for n in range(5)]
    deliver()
    for ref in refs:
        resident.support(ref)
    wants(database, DAILY)
    for ref in refs:
        officer.answer(ref, "pass", f"About {ref}.")
    resident.mailbox.deliver()
    with database.change() as session:
        ideas = {row.ref: row for row in session.scalars(select(Idea))}
        ideas[refs[0]].public = False
        session.execute(update(IdeaStep).where(IdeaStep.idea_id == ideas[refs[1]].id).values(undone=True))
        me = session.scalars(select(Person).where(Person.email == ME)).one()
        following.follow(session, me, ideas[refs[2]], False, now())
        following.follow(session, me, ideas[refs[3]], True, now())
        me.tells_supported = False  # of what they only support: no more
    morning(app, database, now() + DAY)
    [letter] = digest_letters(resident)
    text, _ = _parts(letter)
    assert [ref for ref in refs if f"/ideas/{ref}" in text] == [refs[3]] and "1 piece" in letter["Subject"]


def test_no_letter_when_nothing_is_left_to_tell(resident: Resident, officer: Officer, ref: str, app: Flask,
                                                database: Database) -> None:
    resident.support(ref)
    wants(database, DAILY)
    officer.answer(ref, "pass", "It meets all criteria.")
    resident.mailbox.deliver()
    with database.change() as session:
        session.execute(update(Idea).values(public=False))
    morning(app, database, now() + DAY)
    assert not resident.mailbox.letters(ME)


def test_one_s_own_idea_is_told_of_at_once(officer: Officer, ref: str, database: Database, app: Flask) -> None:
    wants(database, WEEKLY, "author@example.org")
    officer.answer(ref, "pass", "It meets all criteria.")
    assert officer.mailbox.last("author@example.org")["Subject"] == f"Your idea {ref}: First check passed"


def test_a_killed_worker_and_an_impatient_queue_tell_nobody_twice(
        officer: Officer, ref: str, database: Database, city: City, house: Callable[[], House], app: Flask) -> None:
    many = [person.id for person in people(database, 450)]
    with database.change() as session:
        idea = session.scalars(select(Idea).where(Idea.ref == ref)).one()
        session.execute(update(Person).where(Person.id.in_(many)).values(digest=DAILY))
        session.execute(support.Support.__table__.insert(), [  # type: ignore[attr-defined]
            {"idea_id": idea.id, "person_id": key, "at": now(), "from_city": True} for key in many])
    officer.answer(ref, "pass", "It meets all criteria.")
    officer.mailbox.deliver()
    there = House(house().settings, city, (now() + DAY).astimezone(city.zone).replace(hour=9))
    with database.change() as session:
        digests.hourly(session, Event(kind="time.hour", key="a"), there)
        digests.hourly(session, Event(kind="time.hour", key="b"), there)
    done: set[int] = set()
    while True:
        with database.reading() as session:
            waiting = [each for each in session.scalars(select(Event.id).where(Event.kind == "digest.portion")
                                                        .order_by(Event.id)) if each not in done]
        if not waiting:
            break
        for number in waiting:
            with pytest.raises(ZeroDivisionError), database.change() as session:
                digests.portion(session, session.get_one(Event, number), there)
                assert 1 / 0, "killed before the end"
            with database.change() as session:
                before = session.scalar(select(func.count()).where(Notice.letter == "digest")) or 0
                digests.portion(session, session.get_one(Event, number), there)
                made = (session.scalar(select(func.count()).where(Notice.letter == "digest")) or 0) - before
                assert made <= digests.AT_ONCE
            done.add(number)
    with database.reading() as session:
        told = session.scalars(select(Notice.person_id).where(Notice.letter == "digest")).all()
        assert sorted(number or 0 for number in told) == sorted(many)
        assert not session.scalar(select(func.count()).where(Notice.digest_id == WAITS))
        assert session.scalar(select(func.count()).where(Notice.digest_id > WAITS)) == len(many)


def test_a_long_one_is_cut_and_costs_few_queries(resident: Resident, database: Database, city: City, app: Flask,
                                                 house: Callable[[], House]) -> None:
    Desk(database, city).ideas([f"Idea number {n:02d}" for n in range(40)], "publish", "decline")
    wants(database, DAILY)
    with database.change() as session:
        me = session.scalars(select(Person).where(Person.email == ME)).one()
        me.tells_supported = True
        for step in session.scalars(select(IdeaStep).where(IdeaStep.move == "decline").order_by(IdeaStep.id)):
            tell(session, f"progress:{step.id}:{me.id}", "progress", now(), person_id=me.id, idea_id=step.idea_id,
                 step_id=step.id, gathered=True)
    morning(app, database, now() + DAY)
    with database.change() as session, app.app_context(), counted(database) as seen:
        notice = session.scalars(select(Notice).where(Notice.letter == "digest")).one()
        event = Event(kind="notice.due", key="k", about={"notice_id": notice.id})
        assert letters.notice(session, event, house()) is not None
    assert len(seen) <= 8, seen
    [letter] = digest_letters(resident)
    text, root = _parts(letter)
    assert "40 pieces" in letter["Subject"] and "and 10 more" in text and "and 10 more" in words(root)
    assert text.count("/en/ideas/MZ-") == 30 and "Idea number 39" in text and "Idea number 09" not in text


def test_in_the_reader_s_language(someone: Callable[..., Any], officer: Officer, ref: str, database: Database,
                                  app: Flask) -> None:
    visitor = someone(Resident, "de@example.org", language="de", digest=DAILY)
    visitor.support(ref)
    officer.answer(ref, "pass", "It meets all criteria. " * 40)
    visitor.mailbox.deliver()
    with database.change() as session:
        step = session.scalars(select(IdeaStep).where(IdeaStep.move == "pass")).one()
        translations.keep(session, "idea_step", step.id, "statement", "de", "Sie erfüllt alles. " * 40, step.statement,
                          translations.STAFF, None, now())
    morning(app, database, now() + DAY)
    letter = visitor.mailbox.last("de@example.org")
    text, _ = _parts(letter)
    assert letter["Content-Language"] == "de" and "Sie erfüllt alles." in text and "meets all" not in text
    assert text.count("Sie erfüllt") < 20 and "…" in text  # the beginning; all of it stands on the idea's page
