"""Translating what the city said: the list of what is missing, corrections, and an accepted idea's own text."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from participation.assessment import translating
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from participation.pool.model import Record
from participation.translations import Translation
from tests.counting import counted
from tests.people import Guest, Officer


@pytest.fixture(scope="session")
def city(two_languages: City) -> City:
    """A city of two languages."""
    return two_languages


def rows(officer: Officer) -> list[str]:
    """The forms of the list, by their addresses."""
    return [form.action for form in officer.page.forms() if "/translations/" in form.action]


def test_a_missing_statement_is_translated_and_read(officer: Officer, guest: Guest, ref: str) -> None:
    officer.answer(ref, "pass", "It meets all criteria.")
    guest.lang = "de"
    assert guest.open(f"/ideas/{ref}").has("It meets all criteria.")
    page = officer.open("/pool/translations")
    assert page.has("We will look into it.", "It meets all criteria.", "Into the language: German") and len(rows(
        officer)) == 2
    form = officer.page.form(rows(officer)[1])
    officer.send(form, status=422, text="  ")
    assert officer.page.has("Translation – Please fill this in.")
    officer.send(form, text="Sie erfüllt alle Kriterien.")
    assert officer.page.has("The translation is kept.") and len(rows(officer)) == 1
    page = guest.open(f"/ideas/{ref}")
    assert page.has("Sie erfüllt alle Kriterien.", "It meets all criteria.")  # the original one click away
    assert page.text.index("Sie erfüllt") < page.text.index("It meets all")
    officer.send(form, status=409, text="Zu spät.")
    assert officer.page.has("Somebody else has translated this meanwhile", "Sie erfüllt alle Kriterien.")
    assert officer.page.form(rows(officer)[0]).values["text"] == "Zu spät."


def test_a_translation_is_corrected_and_the_list_narrowed_down(officer: Officer, database: Database,
                                                               ref: str) -> None:
    officer.open(f"/pool/{ref}")
    officer.send(f"/pool/{ref}", move="pass", statement="Yes.", statement_de="Jaa.")
    page = officer.open("/pool/translations?done=1&only=de")
    assert page.has("Translated", "Ode") and page.form(rows(officer)[0]).values["text"] == "Jaa."
    officer.send(rows(officer)[0], text="Ja.")
    assert officer.page.form(rows(officer)[0]).values["text"] == "Ja."  # and still in the same list
    assert officer.open("/pool/translations?only=en").has("Nothing is missing.")
    assert officer.open("/pool/translations?done=1&only=en").has("Nothing is translated yet.")
    assert officer.open("/pool/translations?only=xx&after=x&done=2").has("We will look into it.")


def test_many_are_listed_by_key_with_few_queries(officer: Officer, database: Database, ref: str) -> None:
    with database.change() as session:
        idea = session.scalars(select(Idea)).one()
        for turn in range(translating.PAGE + 1):
            step = IdeaStep(idea_id=idea.id, move="return", from_state="a", to_state="b", at=now(), by="city",
                            statement=f"Said {turn}.", statement_language="en")
            session.add(step)
            session.flush()
            session.add(Translation(kind="idea_step", thing_id=step.id, part="statement", language="de", source="",
                                    wanted_at=now()))
    with counted(database) as seen:
        page = officer.open("/pool/translations")
    assert len(seen) <= 5 and len(rows(officer)) == translating.PAGE, seen
    assert officer.open(page.link("after=")).has(f"Said {translating.PAGE}.") and len(rows(officer)) == 2


def test_an_ideas_text_is_translated_from_its_record(officer: Officer, database: Database, ref: str) -> None:
    page = officer.open(f"/pool/{ref}/translations")
    assert page.has("Original (English)", "The stops stand in the sun")
    form = page.form(f"/pool/{ref}/translations")
    assert form.values["title"] == ""
    officer.send(form, status=422, title="Schatten", body="Die Haltestellen.", benefit="")
    assert officer.page.has("What residents gain – Please fill this in.")
    assert officer.page.form(f"/pool/{ref}/translations").values["title"] == "Schatten"
    officer.send(form, status=422, language="xx", title="a", body="b", benefit="c")
    officer.send(form, title="Schatten", body="Die Haltestellen.", benefit="Kühler.")
    assert officer.page.form(f"/pool/{ref}/translations").values["benefit"] == "Kühler."
    with database.change() as session:
        session.scalars(select(Idea)).one().title += " and more"
    assert officer.open(f"/pool/{ref}/translations").has("The original has been changed since it was translated.")


def test_translating_at_once_with_the_wrong_right(officer: Officer, someone: Callable[..., Any], database: Database,
                                                  city: City, ref: str) -> None:
    officer.open("/pool/translations")
    form = officer.page.form(rows(officer)[0])
    with database.change() as session:  # the role is taken away while the page is open
        session.scalars(select(Person).where(Person.email == "officer@example.org")).one().role = "moderator"
    officer.send(form, status=403, text="Ja.")
    with database.reading() as session:
        assert session.scalars(select(Translation.text)).all() == [""]
        assert len(session.scalars(select(Record.seq)).all()) == 1
    officer.open("/pool/translations/7", 405)
