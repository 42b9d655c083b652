"""The answer back from another system: with a token, in the name of whoever issued it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participation.assessment.model import Promise
from participation.city import City
from participation.database import Database, now
from participation.people import tokens
from participation.people.model import Person
from participation.people.rights import Right
from participation.pool.items import today
from tests.making import staff
from tests.people import Guest, Resident
from tests.pool.making import accepted

Say = Callable[..., Any]


@pytest.fixture
def secret(database: Database) -> str:
    with database.change() as session:
        return tokens.issue(session, staff(session), "Their pool", [Right.IDEA_ANSWER], now())[1]


@pytest.fixture
def say(app: Flask, secret: str) -> Say:
    """Answer as a program does."""

    def post(ref: str, body: Any, **headers: str) -> Any:
        return app.test_client().post(f"/api/v1/pool/records/{ref}/answers", json=body,
                                      headers={"Authorization": f"Bearer {secret}"} | headers)

    return post


def test_another_system_answers(database: Database, city: City, deliver: Callable[[], int], say: Say, guest: Guest,
                                resident: Resident) -> None:
    ref = accepted(database, city)
    deliver()
    day = today(city, now()) + timedelta(days=100)
    said = say(ref, {"move": "pass", "statement": "It meets all criteria.", "statement_language": "en",
                     "translations": {"de": "Sie erfüllt alle Kriterien."}, "promised_on": day.isoformat()})
    assert said.status_code == 200, said.get_json()
    assert said.get_json() | {"at": ""} == {"ref": ref, "state": "check_passed", "move": "pass", "moves": ["rate"],
                                            "at": ""}
    assert guest.open(f"/ideas/{ref}").has("First check passed", "It meets all criteria.")
    assert "Sie erfüllt alle Kriterien." in guest.client.get(f"/de/ideas/{ref}").get_data(as_text=True)
    assert "It meets all criteria." in resident.mailbox.text("author@example.org")
    with database.reading() as session:
        assert list(session.scalars(select(Promise.due_on).where(Promise.kept_at.is_(None)))) == [day]
    again = say(ref, {"move": "pass", "statement": "It meets all criteria."})  # the answer was lost on its way
    assert again.status_code == 409 and again.get_json()["state"] == "check_passed"
    assert again.mimetype == "application/problem+json" and again.get_json()["moves"] == ["rate"]


@pytest.mark.parametrize(("body", "field"), [
    ({}, "move"), ([], "body"), ({"move": "pass"}, "statement"), ({"move": 7}, "move"),
    ({"move": "pass", "statement": "Yes.", "statement_language": "xx"}, "statement_language"),
    ({"move": "pass", "statement": "Yes.", "translations": ["de"]}, "translations"),
    ({"move": "pass", "statement": "Yes.", "promised_on": "soon"}, "promised_on"),
    ({"move": "pass", "statement": "Yes.", "promised_on": "2020-01-01"}, "promised_on"),
    ({"move": "pass", "statement": "x" * 5000}, "statement"), ({"move": "pass", "state": "done"}, "state"),
])
def test_what_is_missing_or_wrong_is_named(database: Database, city: City, deliver: Callable[[], int], say: Say,
                                           body: Any, field: str) -> None:
    ref = accepted(database, city)
    deliver()
    said = say(ref, body)
    assert said.status_code == 422 and field in [each["field"] for each in said.get_json()["errors"]], said.get_json()


def test_whose_token_may_not(database: Database, city: City, deliver: Callable[[], int], say: Say) -> None:
    ref = accepted(database, city)
    deliver()
    words = {"move": "pass", "statement": "Yes."}
    assert say(ref, words, Authorization="").status_code == 401
    assert say(ref, words, Authorization="Bearer pt_nonsense").status_code == 401
    assert say("MZ-2026-99999", words).status_code == 404
    for move in ("receive", "publish", "hide", "nonsense"):  # not the desk's
        assert say(ref, words | {"move": move}).status_code == 409
    with database.change() as session:
        reader = tokens.issue(session, staff(session), "Reader", [Right.RECORDS_EXPORT], now())[1]
        nobodys = tokens.issue(session, None, "Nobody's", [Right.IDEA_ANSWER], now())[1]
    for secret in (reader, nobodys):
        refused = say(ref, words, Authorization=f"Bearer {secret}")
        assert refused.status_code == 403 and "insufficient_scope" in refused.headers["WWW-Authenticate"]
    with database.change() as session:  # whoever issued it has left the office
        for person in session.scalars(select(Person).where(Person.role == "admin")):
            person.role = "resident"
    assert say(ref, words).status_code == 403
    assert say(ref, "x" * 300_000).status_code == 413
