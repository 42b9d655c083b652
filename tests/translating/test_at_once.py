"""Translations given at the same moment, outside one's field or district, and forgotten before their letter."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, select

from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.outbox import DEAD, Task
from participation.people.signing_in import person_of
from participation.translating import offers
from participation.translating.model import TranslationOffer
from participation.translating.things import thing
from participation.translations import Translation
from tests.making import published
from tests.people import Guest, Moderator, Resident
from tests.pool.making import in_parallel
from tests.translating.test_reading import ENGLISH, GERMAN


@pytest.fixture
def idea(database: Database, city: City) -> Idea:
    """A published idea in German, by author@example.org."""
    published(database, city, language="de", **GERMAN)
    with database.reading() as session:
        return session.scalars(select(Idea)).one()


@pytest.mark.parametrize("email", ["author@example.org", "resident@example.org"])
def test_the_same_person_in_two_windows(database: Database, city: City, idea: Idea, email: str) -> None:
    with database.change() as session:
        person_of(session, email, "en", now())

    def give(title: str) -> None:
        with database.change() as session:
            person = person_of(session, email, "en", now())
            offers.give(session, city, person, thing(session, "idea", idea.id), "en", ENGLISH | {"title": title}, now())

    titles = [f"Shade for the stops, window {number}" for number in range(4)]
    assert in_parallel(give, titles) == []
    with database.reading() as session:
        assert session.scalars(select(TranslationOffer)).one().texts["title"] in titles
        kept = session.scalars(select(Translation.part).where(Translation.language == "en")).all()
        assert sorted(kept) == (["benefit", "body", "title"] if email.startswith("author") else [])


def test_a_moderator_translates_at_once_only_what_is_theirs(someone: Callable[..., Any], idea: Idea) -> None:
    limited: Guest = someone(Moderator, "other@example.org", role="moderator", districts="drais")
    limited.open(f"/ideas/{idea.ref}/translate")
    limited.send("/translate", **ENGLISH)
    assert limited.page.has("Thank you. Staff read your translation")


def test_an_offer_that_is_forgotten_before_its_letter_fails_nobody(
        resident: Resident, moderator: Moderator, database: Database, idea: Idea) -> None:
    resident.open(f"/ideas/{idea.ref}/translate")
    resident.send("/translate", **ENGLISH)
    moderator.open("/moderation/translations")
    moderator.open(moderator.page.link("/moderation/translations/"))
    moderator.send("/translations/", then="refuse", reason="It says something else.")
    with database.change() as session:
        session.execute(delete(TranslationOffer))
    before = len(resident.mailbox.letters("resident@example.org"))
    with database.reading() as session:
        assert before == 0 and session.scalars(select(Task).where(Task.state == DEAD)).all() == []
        assert [task.state for task in session.scalars(select(Task).where(Task.follower.like("%letters.notice")))]
