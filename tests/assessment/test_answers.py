"""The rules of an answer: what it needs, what comes with it, and what it leaves to be translated."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from participation.assessment import answers, preparing
from participation.assessment.answers import Written
from participation.assessment.model import Act, Outcome, PreparedAnswer, Promise
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item
from participation.translations import Translation
from tests.making import staff
from tests.pool.making import in_parallel


def say(database: Database, city: City, idea_id: int, officer_id: int, written: Written) -> int:
    """Publish an answer; the id of its step."""
    with database.change() as session:
        return answers.publish(session, city, session.get_one(Person, officer_id), session.get_one(Idea, idea_id),
                               written, now()).id


def words(database: Database, step_id: int) -> dict[str, tuple[str, str, str]]:
    """What is there of a step's statement in other languages: text, origin and part by language."""
    with database.reading() as session:
        rows = session.scalars(select(Translation).where(Translation.kind == "idea_step",
                                                         Translation.thing_id == step_id))
        return {f"{row.language}.{row.part}": (row.text, row.origin, "done" if row.done_at else "wanted")
                for row in rows}


def walk(database: Database, city: City, idea_id: int, officer_id: int, *moves: str) -> None:
    """Move an idea on, step by step."""
    for move in moves:
        say(database, city, idea_id, officer_id, Written(move, "en", {"en": "Yes."}))


def test_an_answer_in_one_language_is_wanted_in_the_others(database: Database, city: City, idea_id: int,
                                                           officer_id: int) -> None:
    step = say(database, city, idea_id, officer_id, Written("pass", "en", {"en": "It meets all criteria."}))
    assert words(database, step) == {"de.statement": ("", "", "wanted")}


def test_what_the_office_translated_is_kept_and_not_wanted(database: Database, city: City, idea_id: int,
                                                           officer_id: int) -> None:
    step = say(database, city, idea_id, officer_id, Written("pass", "en", {"en": "Good.", "de": " Gut.\x00 "}))
    assert words(database, step) == {"de.statement": ("Gut.", "staff", "done")}


def test_a_ready_made_text_left_as_it_is_brings_its_languages(database: Database, city: City, idea_id: int,
                                                              officer_id: int) -> None:
    with database.reading() as session:
        title = session.get_one(Idea, idea_id).title
    made = answers.filled_in(city, "pass", title)
    assert title in made["en"] and made.keys() == set(city.languages)
    step = say(database, city, idea_id, officer_id, Written("pass", "en", {"en": made["en"]}))
    assert words(database, step) == {"de.statement": (made["de"], "city", "done")}
    # Changed by a word it is the office's own, and the city's German would say something else.
    made = answers.filled_in(city, "rate", title)
    step = say(database, city, idea_id, officer_id, Written("rate", "en", {"en": made["en"] + " Thank you."}))
    assert words(database, step) == {"de.statement": ("", "", "wanted")}
    assert answers.filled_in(city, "nonsense", title) == {}


def test_a_city_without_ready_made_texts(database: Database, city: City, idea_id: int, officer_id: int) -> None:
    step = say(database, replace(city, answers=(), languages=("en",)), idea_id, officer_id,
               Written("pass", "en", {"en": "Good."}))
    assert words(database, step) == {}


def test_everything_that_is_wrong_is_said_at_once(database: Database, city: City, idea_id: int,
                                                  officer_id: int) -> None:
    walk(database, city, idea_id, officer_id, "pass", "rate", "plan", "start")
    yesterday = today(city, now()) - timedelta(days=1)
    long = "x" * (city.limits.statement_max + 1)
    with pytest.raises(Invalid) as refused:
        say(database, city, idea_id, officer_id,
            Written("complete", "xx", {"de": long, "zz": "?"}, yesterday, " ", "so"))
    assert {(each.field, each.why) for each in refused.value.all} == {
        ("statement_de", "too_long"), ("statement_language", "not_offered"), ("statement_zz", "not_offered"),
        ("statement", "required"), ("outcome", "required"), ("met", "not_offered")}
    with pytest.raises(Invalid) as refused:
        say(database, city, idea_id, officer_id, Written("drop", "en", {}, None, None))
    assert [each.field for each in refused.value.all] == ["statement"]
    for move, why in (("publish", "unknown_move"), ("nonsense", "unknown_move"), ("rate", "moved_on")):
        with pytest.raises(Conflict) as gone:
            say(database, city, idea_id, officer_id, Written(move, "xx"))
        assert gone.value.why == why


def test_a_promise_is_kept_and_the_next_one_made(database: Database, city: City, idea_id: int,
                                                 officer_id: int) -> None:
    soon = today(city, now()) + timedelta(days=30)
    for day, why in ((today(city, now()), "not_in_the_future"), (soon.replace(year=9000), "too_far_away")):
        with pytest.raises(Invalid) as refused:
            say(database, city, idea_id, officer_id, Written("pass", "en", {"en": "Yes."}, day))
        assert (refused.value.field, refused.value.why) == ("promised_on", why)
    step = say(database, city, idea_id, officer_id, Written("pass", "en", {"en": "Yes."}, soon))
    with database.reading() as session:
        first, second = session.scalars(select(Promise).order_by(Promise.id)).all()
        item = session.scalars(select(Item)).one()
        assert first.kept_step_id == step and second.due_on == soon == item.promised_on == item.deadline
    walk(database, city, idea_id, officer_id, "rate", "plan")
    say(database, city, idea_id, officer_id, Written("drop", "en", {"en": "No."}, soon))  # nothing is owed after that
    with database.reading() as session:
        assert session.scalars(select(Promise).where(Promise.kept_at.is_(None))).all() == []
        assert session.scalars(select(Item.promised_on)).one() is None


def test_what_was_reached_is_recorded_with_the_last_step(database: Database, city: City, idea_id: int,
                                                         officer_id: int) -> None:
    walk(database, city, idea_id, officer_id, "pass", "rate", "plan", "start")
    step = say(database, city, idea_id, officer_id, Written("complete", "en", {"en": "Done.", "de": "Fertig."}, None,
                                                            "Two shelters.", "partly"))
    with database.reading() as session:
        outcome = session.get_one(Outcome, step)
        assert (outcome.benefit, outcome.met, outcome.idea_id) == ("Two shelters.", "partly", idea_id)
    assert words(database, step)["de.outcome"] == ("", "", "wanted")


def prepare(database: Database, city: City, officer_id: int, written: Written, ready: bool = True,
            seen: int = 0) -> int:
    """Prepare an answer for the only record; its id."""
    with database.change() as session:
        item = session.scalars(select(Item)).one()
        return preparing.prepare(session, city, session.get_one(Person, officer_id), item, written, ready, now(),
                                 seen=seen).id


def version(database: Database, number: int) -> int:
    with database.reading() as session:
        return preparing.version_of(session.get_one(PreparedAnswer, number))


def test_a_draft_may_lack_something_and_a_ready_answer_may_not(database: Database, city: City, idea_id: int,
                                                               officer_id: int) -> None:
    number = prepare(database, city, officer_id, Written("pass", "en"), ready=False)
    with pytest.raises(Invalid) as refused:
        prepare(database, city, officer_id, Written("pass", "en"), seen=version(database, number))
    assert refused.value.field == "statement"
    with pytest.raises(Conflict) as unready, database.change() as session:
        preparing.publish(session, city, session.get_one(Person, officer_id), number, now(),
                          seen=version(database, number))
    assert unready.value.why == "not_ready"
    assert prepare(database, city, officer_id, Written("pass", "en", {"en": "Yes."}),
                   seen=version(database, number)) == number
    with database.reading() as session:
        assert session.scalars(select(Act.kind)).all() == ["answer_prepared"] * 2


def test_nobody_overwrites_what_a_colleague_prepared(database: Database, city: City, idea_id: int,
                                                     officer_id: int) -> None:
    number = prepare(database, city, officer_id, Written("pass", "en", {"en": "One."}))
    for seen in (0, 1, version(database, number) - 1):
        with pytest.raises(Conflict) as meanwhile:
            prepare(database, city, officer_id, Written("fail", "en", {"en": "Two."}), seen=seen)
        assert meanwhile.value.why == "prepared_meanwhile"
    troubles = in_parallel(lambda seen: prepare(database, city, officer_id, Written("fail", "en", {"en": "x"}),
                                                seen=seen), [version(database, number)] * 3)
    assert [type(trouble) for trouble in troubles] == [Conflict, Conflict]


def test_a_prepared_answer_is_published_once(database: Database, city: City, idea_id: int, officer_id: int) -> None:
    number = prepare(database, city, officer_id, Written("pass", "en", {"en": "Yes.", "de": "Ja."}))
    seen = version(database, number)

    def publish(_turn: int) -> None:
        with database.change() as session:
            preparing.publish(session, city, session.get_one(Person, officer_id), number, now(), seen=seen)

    troubles = in_parallel(publish, range(3))
    assert {trouble.why for trouble in troubles if isinstance(trouble, Conflict)} == {"published_already"}
    assert len(troubles) == 2
    with database.reading() as session:
        step = session.scalars(select(IdeaStep).where(IdeaStep.move == "pass")).one()
        kept = session.get_one(PreparedAnswer, number)
        assert kept.step_id == step.id and kept.published_at and not preparing.of_item(session, kept.item_id)
        assert session.scalars(select(Act.kind).order_by(Act.id)).all() == ["answer_prepared", "answer_published"]
    assert words(database, step.id) == {"de.statement": ("Ja.", "staff", "done")}


def test_discarding_and_whoever_may_not(database: Database, city: City, idea_id: int, officer_id: int,
                                        deliver: Callable[[], int]) -> None:
    number = prepare(database, city, officer_id, Written("pass", "en", {"en": "Yes."}))
    with database.change() as session:
        item, moderator = session.scalars(select(Item)).one(), staff(session, "moderator")
        with pytest.raises(NotAllowed):
            preparing.discard(session, moderator, item, now(), seen=version(database, number))
        with pytest.raises(NotAllowed):
            preparing.publish(session, city, moderator, number, now(), seen=version(database, number))
        with pytest.raises(Conflict):
            preparing.discard(session, session.get_one(Person, officer_id), item, now(), seen=0)
    seen = version(database, number)
    with database.change() as session:
        preparing.discard(session, session.get_one(Person, officer_id), session.scalars(select(Item)).one(), now(),
                          seen=seen)
    with database.change() as session, pytest.raises(NotThere):
        preparing.publish(session, city, session.get_one(Person, officer_id), number, now(), seen=seen)
