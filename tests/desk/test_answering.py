"""Answering from the record's page: languages, ready-made texts, dates, the end; and what everyone reads of it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from participation.assessment.model import Outcome, Promise
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import IdeaStep
from participation.pool.items import today
from participation.pool.model import Item
from tests.counting import counted
from tests.people import Guest, Officer, Resident
from tests.pool.making import accepted


def day(city: City, days: int) -> str:
    return (today(city, now()) + timedelta(days=days)).isoformat()


def steps(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(IdeaStep)) or 0


def test_what_other_programs_send_is_enough(officer: Officer, database: Database, ref: str) -> None:
    for move in ("pass", "rate", "plan", "start", "complete"):
        officer.open(f"/pool/{ref}")
        token = officer.page.form(f"/pool/{ref}").values["csrf_token"]
        answer = officer.client.post(f"/en/pool/{ref}", data={"csrf_token": token, "move": move, "statement": "Yes."})
        assert answer.status_code == 303
    with database.reading() as session:  # no date was sent, so none is promised
        assert session.scalars(select(Promise).where(Promise.kept_at.is_(None))).all() == []
        assert session.scalars(select(Outcome)).all() == []


def test_the_form_suggests_a_date_and_keeps_what_was_typed(officer: Officer, city: City, ref: str) -> None:
    officer.open(f"/pool/{ref}")
    form = officer.page.form(f"/pool/{ref}")
    assert form.values["promised_on"] == day(city, city.pool.answer_days)
    assert form.values["statement_language"] == "en" and "outcome" not in form.values
    typed: dict[str, Any] = {"move": "pass", "statement": "Good.", "statement_de": "Gut."}
    for wrong, field in (({"promised_on": "31.12.2030"}, "The next answer comes by – Please enter a day"),
                         ({"promised_on": day(city, 0)}, "The next answer comes by – Please choose a day after today."),
                         ({"statement_de": "x" * 9000}, "Translation: German – This is"),
                         ({"statement_en": "Twice."}, "Translation: English – The answer itself is in this language."),
                         ({"statement_language": "es"}, "Language of the answer – Please choose one of"),
                         ({"statement": ""}, "Public answer – Please fill this in."),
                         ({"move": ""}, "Next step – Please fill this in.")):
        officer.send(form, status=422, **(typed | wrong))
        assert officer.page.has(field), officer.page.text[:900]
        kept = officer.page.form(f"/pool/{ref}").values
        assert {**typed, **wrong}.items() - kept.items() <= {("move", ""), ("statement_language", "es")}
    officer.send(form, **typed)
    assert officer.page.has("The public is promised an answer by")


def test_an_answer_in_both_languages(officer: Officer, guest: Guest, ref: str) -> None:
    officer.open(f"/pool/{ref}")
    officer.send(f"/pool/{ref}", move="pass", statement="Sie erfüllt alles.", statement_language="de",
                 statement_en="It meets all criteria.")
    page = guest.open(f"/ideas/{ref}")
    assert page.has("It meets all criteria.", "Translated by the city. Show the original (German)",
                    "Sie erfüllt alles.")
    assert {"de"} <= {element.get("lang") for element in page.all(".//details/div")}
    guest.lang = "de"
    page = guest.open(f"/ideas/{ref}")
    assert page.has("Sie erfüllt alles.") and not page.has("It meets all criteria.")
    text = guest.mailbox.text("author@example.org")  # the author's letters are English
    assert "It meets all criteria." in text and "Sie erfüllt" not in text


def test_what_is_not_translated_is_marked_and_the_letter_says_the_language(officer: Officer, guest: Guest,
                                                                           ref: str) -> None:
    officer.open(f"/pool/{ref}")
    officer.send(f"/pool/{ref}", move="pass", statement="Sie erfüllt alles.", statement_language="de")
    page = guest.open(f"/ideas/{ref}")
    assert page.has("This answer is not there in English yet. Here is the original (German): Sie erfüllt alles.")
    assert "The city writes (language: German):" in guest.mailbox.text("author@example.org")
    guest.lang = "de"
    # What was written in German is not marked there; the acceptance, in English, is.
    assert guest.open(f"/ideas/{ref}").text.count("noch nicht. Hier steht das Original") == 1


def test_a_ready_made_text_fills_the_form_without_a_script(officer: Officer, guest: Guest, ref: str) -> None:
    officer.open(f"/pool/{ref}")
    officer.open(officer.page.link("ready=pass").partition("#")[0])
    form = officer.page.form(f"/pool/{ref}")
    assert form.values["move"] == "pass" and "meets all basic criteria" in form.values["statement"]
    officer.send(form)
    guest.lang = "de"
    assert guest.open(f"/ideas/{ref}").has("erfüllt alle Grundkriterien")
    assert "meets all basic" in guest.mailbox.text("author@example.org")
    for key in ("nonsense", "pass"):  # what is not possible here is not filled in
        officer.open(f"/pool/{ref}?ready={key}")
        assert officer.page.form(f"/pool/{ref}").values["statement"] == ""


def test_at_the_end_the_office_says_what_was_reached(officer: Officer, guest: Guest, database: Database,
                                                     ref: str) -> None:
    for move in ("pass", "rate", "plan", "start"):
        officer.answer(ref, move, "Yes.")
    officer.open(f"/pool/{ref}")
    form = officer.page.form(f"/pool/{ref}")
    officer.send(form, status=422, move="complete", statement="It is done.")
    assert officer.page.has("What residents gain from it now – Please fill this in.",
                            "Is that what was promised at the acceptance? – Please fill this in.")
    officer.send(form, move="complete", statement="It is done.", outcome="Two shelters stand.", met="partly")
    page = guest.open(f"/ideas/{ref}")
    assert page.has("What was promised and what was reached", "Promised at the acceptance Shade",
                    "Reached at the end Partly reached Two shelters stand.")
    assert officer.open(f"/pool/{ref}").has("From where it stands there is no further step.")
    with database.reading() as session:  # a date that the form suggested promises nothing after the end
        assert session.scalars(select(Promise).where(Promise.kept_at.is_(None))).all() == []


def test_a_double_click_answers_once(officer: Officer, database: Database, ref: str) -> None:
    officer.open(f"/pool/{ref}")
    form = officer.page.form(f"/pool/{ref}")
    officer.send(form, move="pass", statement="Yes.")
    before = steps(database)
    officer.send(form, status=409, move="pass", statement="Yes.")
    assert steps(database) == before


def test_what_the_public_reads_of_a_promise(officer: Officer, resident: Resident, database: Database, city: City,
                                            ref: str) -> None:
    assert resident.open(f"/ideas/{ref}").has("The city has promised its next answer by")
    with database.change() as session:
        session.execute(update(Promise).values(due_on=today(city, now()) - timedelta(days=1)))
    page = resident.open(f"/ideas/{ref}")
    assert page.has("The city promised an answer by", "and is late.") and not page.has("has promised its next answer")
    officer.answer(ref, "fail", "No.")
    page = resident.open(f"/ideas/{ref}")
    assert page.has("The city had promised this answer by", "it came late.", "has promised its next answer by")


def test_the_page_of_an_accepted_idea_costs_few_queries(guest: Guest, officer: Officer, database: Database,
                                                        ref: str) -> None:
    officer.answer(ref, "fail", "No.")
    with counted(database) as seen:
        guest.open(f"/ideas/{ref}")
    assert len(seen) <= 8, seen


def test_no_answer_without_a_token(app: Flask, officer: Officer, database: Database, ref: str) -> None:
    before = steps(database)
    for path in (f"/pool/{ref}", f"/pool/{ref}/answer", f"/pool/{ref}/promise", "/pool/answers"):
        answer = officer.client.post(f"/en{path}", data={"move": "pass", "statement": "My words."})
        assert answer.status_code == 400 and b"My words." in answer.data
    assert steps(database) == before


@pytest.mark.parametrize("role", ["resident", "moderator"])
def test_others_do_not_answer(someone: Callable[..., Any], database: Database, city: City, ref: str,
                              role: str) -> None:
    visitor = someone(Officer, "other@example.org", role=role)
    for path in (f"/pool/{ref}/answer", "/pool/answers", "/pool/translations", f"/pool/{ref}/translations"):
        visitor.open(path, 403)


def test_a_record_of_another_site_copes(officer: Officer, database: Database, city: City,
                                        deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    with database.change() as session:
        session.execute(update(Item).values(idea_id=None, stage=""))
    assert officer.open(f"/pool/{ref}/answer").has("another site, where it is answered")
    assert officer.open(f"/pool/{ref}/translations").has("another site, where it is translated")
