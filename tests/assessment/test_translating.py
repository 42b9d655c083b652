"""What the city said, in every language of the site: wanted, written, corrected."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from participation.assessment import answers, promises, translating
from participation.assessment.model import Act
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.ideas.model import Idea
from participation.outbox import Event
from participation.people.model import Person
from participation.translations import Translation
from tests.making import published, staff


@pytest.fixture
def row_id(database: Database, city: City, idea_id: int, officer_id: int) -> int:
    """A statement that waits to be translated into German."""
    with database.change() as session:
        step = answers.answer(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id),
                              "pass", "It meets all criteria.", "en", now())
        return session.scalars(select(Translation.id).where(Translation.thing_id == step.id)).one()


def write(database: Database, city: City, officer_id: int, number: int, text: str, seen: str = "") -> None:
    with database.change() as session:
        translating.write(session, city, session.get_one(Person, officer_id), number, text, now(), seen=seen)


def test_the_statement_of_the_acceptance_is_wanted_too(database: Database, idea_id: int) -> None:
    with database.reading() as session:
        [wanted], more = translating.listed(session)
    assert (wanted.move, wanted.original, wanted.original_language, wanted.language, more) == (
        "accept", "We will look into it.", "en", "de", None)


def test_a_translation_is_kept_with_who_and_when_and_told(database: Database, city: City, officer_id: int,
                                                          row_id: int) -> None:
    write(database, city, officer_id, row_id, " Sie erfüllt alles. ")
    with database.reading() as session:
        found, _ = translating.listed(session, "de", done=True)
        assert [(each.id, each.text, each.origin, each.stale) for each in found] == [
            (row_id, "Sie erfüllt alles.", "staff", False)]
        row = session.get_one(Translation, row_id)
        assert row.by_id == officer_id and row.done_at
        event = session.scalars(select(Event).where(Event.kind == "translation.kept")).one()
        assert event.about == {"translation_id": row_id}
        assert row_id not in {each.id for each in translating.listed(session)[0]}
        assert translating.listed(session, "en", done=True) == ([], None)


def test_what_is_refused(database: Database, city: City, officer_id: int, row_id: int) -> None:
    for text, why in ((" \n ", "required"), ("x" * (city.limits.statement_max + 1), "too_long")):
        with pytest.raises(Invalid) as refused:
            write(database, city, officer_id, row_id, text)
        assert (refused.value.field, refused.value.why) == ("text", why)
    with pytest.raises(NotThere):
        write(database, city, officer_id, 999, "Ja.")
    with database.change() as session:
        moderator = staff(session, "moderator").id
    with pytest.raises(NotAllowed):
        write(database, city, moderator, row_id, "Ja.")


def test_of_two_translators_the_second_sees_what_the_first_wrote(database: Database, city: City, officer_id: int,
                                                                 row_id: int) -> None:
    write(database, city, officer_id, row_id, "Ja.")
    with pytest.raises(Conflict):
        write(database, city, officer_id, row_id, "Nein.")
    with database.reading() as session:
        seen = translating.one(session, row_id).version
    write(database, city, officer_id, row_id, "Doch.", seen)  # a correction
    with database.reading() as session:
        assert session.get_one(Translation, row_id).text == "Doch."


def test_the_list_pages_by_key_and_names_every_kind(database: Database, city: City, idea_id: int, officer_id: int,
                                                    row_id: int) -> None:
    with database.change() as session:
        officer, idea = session.get_one(Person, officer_id), session.get_one(Idea, idea_id)
        day = promises.usual(city, now())
        made = promises.move(session, city, officer, idea, day, "", "de", now(), seen=0)
        promises.move(session, city, officer, idea, day + timedelta(days=1), "Später.", "de", now(), seen=made.id)
    with database.reading() as session:
        first, after = translating.listed(session, limit=2)
        rest, end = translating.listed(session, after=after, limit=2)
    assert [(each.part, each.language, each.original) for each in (*first, *rest)] == [
        ("statement", "de", "We will look into it."), ("statement", "de", "It meets all criteria."),
        ("reason", "en", "Später.")]
    assert after == first[-1].id and end is None


def test_an_accepted_ideas_text_is_translated_whole(database: Database, city: City, idea_id: int, officer_id: int,
                                                    deliver: Callable[[], int]) -> None:
    texts = {"title": "Schatten\nfür alle", "body": "Die Haltestellen liegen in der Sonne.", "benefit": "Kühler."}
    with database.change() as session:
        officer, idea = session.get_one(Person, officer_id), session.get_one(Idea, idea_id)
        for language, words, field in (("en", texts, "language"), ("tr", texts, "language"),
                                       ("de", texts | {"benefit": " "}, "benefit"), ("de", {}, "title"),
                                       ("de", texts | {"title": "x" * 301}, "title")):
            with pytest.raises(Invalid) as refused:
                translating.write_idea(session, city, officer, idea, language, words, now())
            assert refused.value.field == field
        translating.write_idea(session, city, officer, idea, "de", texts, now())
        assert translating.of_idea(session, idea)["de"] == texts | {"title": "Schatten für alle"}
        assert not translating.stale(session, idea)
        idea.body += " Changed."
        session.flush()
        assert translating.stale(session, idea) == {"de"}
    with database.reading() as session:
        assert session.scalars(select(Event.kind).where(Event.kind == "translation.kept")).all() == ["translation.kept"]
        assert session.scalars(select(Act.kind)).all() == ["translated"]


def test_an_idea_that_was_not_accepted_is_not_translated(database: Database, city: City, idea_id: int,
                                                         officer_id: int) -> None:
    other = published(database, city)
    with database.change() as session, pytest.raises(NotThere):
        translating.write_idea(session, city, session.get_one(Person, officer_id), session.get_one(Idea, other), "de",
                               {"title": "a", "body": "b", "benefit": "c"}, now())
