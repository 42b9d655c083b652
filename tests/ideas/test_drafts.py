"""Drafts: kept as they grow, found by their browser and their author, by nobody else and not for ever."""

from datetime import timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.city import City
from participation.database import Database, now
from participation.ideas import actions, drafts, queries
from participation.ideas.drafts import IdeaDraft
from participation.ideas.similar import similar
from participation.people.model import Person
from tests.making import a_draft, people

WORDS = {"title": "Shade for the square", "body": "There is none.", "district": ""}


def _count(session: Session) -> int:
    return session.scalar(select(func.count()).select_from(IdeaDraft)) or 0


def _found(session: Session, key: str, person: Person | None = None) -> dict[str, str] | None:
    draft = drafts.kept(session, key, person)
    return draft.entered if draft else None


def test_a_browser_finds_what_it_began_and_goes_on(database: Database) -> None:
    with database.change() as session:
        key = drafts.keep(session, "", None, "body", WORDS, now())
    with database.change() as session:
        assert drafts.keep(session, key, None, "benefit", WORDS | {"body": "There is hardly any."}, now()) == key
    with database.reading() as session:
        assert _count(session) == 1
        draft = drafts.kept(session, key, None)
        assert draft and draft.step == "benefit"
        assert draft.entered == {"title": "Shade for the square", "body": "There is hardly any."}
        assert _found(session, "") is None and _found(session, "0" * 32) is None


def test_a_person_finds_it_on_every_device_and_others_never(database: Database) -> None:
    first, second = people(database, 2)
    with database.change() as session:
        key = drafts.keep(session, "", None, "body", WORDS, now())
        drafts.adopt(session, key, first)
        drafts.adopt(session, key, second)  # it is somebody's already
    with database.reading() as session:
        assert _found(session, "", first) and _found(session, key, first)
        assert _found(session, key, second) is None and _found(session, "", second) is None
        assert _found(session, key) is None, "its author has signed out: this browser shows it no more"
    with database.change() as session:
        other = drafts.keep(session, key, second, "body", WORDS, now())
        assert other != key
        drafts.forget(session, key, second)
        drafts.forget(session, key, second)
    with database.reading() as session:
        assert _found(session, "", first) and _found(session, "", second) is None


def test_a_second_draft_leaves_the_first_to_be_found(database: Database) -> None:
    [person] = people(database, 1)
    with database.change() as session:
        drafts.keep(session, "", person, "body", WORDS, now() - timedelta(hours=1))
        key = drafts.keep(session, "", None, "title", {"title": "Another one"}, now())
        drafts.adopt(session, key, person)
    with database.change() as session:
        assert _found(session, key, person) == {"title": "Another one"} == _found(session, "", person)
        drafts.forget(session, key, person)
    with database.reading() as session:
        found = _found(session, key, person)
        assert found and found["title"] == WORDS["title"]


def test_what_is_sent_is_no_draft_any_more_and_is_known(database: Database, city: City) -> None:
    person, other = people(database, 2)
    with database.change() as session:
        key = drafts.keep(session, "", person, "preview", WORDS, now())
        assert drafts.begin_sending(session, key, person) is None
        idea = actions.submit(session, city, session.get_one(Person, person.id), a_draft(), now())
        drafts.sent(session, key, person, idea)
    with database.change() as session:
        again = drafts.begin_sending(session, key, person)
        assert again is not None and again.id == idea.id
        assert drafts.begin_sending(session, key, other) is None
        assert _found(session, key, person) is None
        assert session.scalars(select(IdeaDraft)).one().entered == {}, "the text stands once, with the idea"


def test_it_is_in_no_list(database: Database) -> None:
    [person] = people(database, 1)
    with database.change() as session:
        drafts.keep(session, "", person, "body", WORDS, now())
    with database.reading() as session:
        assert not queries.listed(session, queries.Wanted()).cards
        assert not queries.mine(session, person.id).cards
        assert not similar(session, WORDS["title"], WORDS["body"], "en", least=0)


def test_it_is_swept_when_nobody_went_on(database: Database, city: City) -> None:
    days = timedelta(days=city.deadlines.draft_days)
    with database.change() as session:
        old = drafts.keep(session, "", None, "body", WORDS, now() - days - timedelta(minutes=1))
        drafts.keep(session, "", None, "body", WORDS, now() - days + timedelta(minutes=1))
        renewed = drafts.keep(session, "", None, "body", WORDS, now() - days * 2)
        session.flush()
        drafts.keep(session, renewed, None, "body", WORDS, now())
    with database.change() as session:
        drafts.sweep(session, city, now())
        assert _count(session) == 2 and _found(session, old) is None and _found(session, renewed)


def test_answers_together_cannot_fill_the_table_either(database: Database) -> None:
    with database.change() as session:
        entered = {"body": "x" * 30_000, "benefit": "y" * 9_000, "field": "f"}
        key = drafts.keep(session, "", None, "body", entered, now())
        found = drafts.kept(session, key, None)
        assert found is not None and found.entered["field"] == "f" and len(found.entered["benefit"]) == 9_000
        assert sum(map(len, found.entered.values())) == drafts.LONGEST


def test_one_answer_cannot_fill_the_table(database: Database) -> None:
    with database.change() as session:
        key = drafts.keep(session, "", None, "body", {"body": "ß" * 100_000}, now())
        found = _found(session, key)
        assert found and len(found["body"]) == drafts.LONGEST
