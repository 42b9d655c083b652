"""A city that names no criteria, degrees, boards, goals or priorities: the pages hide what there is none of."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

import wsgi
from participation.city import City
from participation.database import Database
from participation.pool.model import Item
from participation.settings import Settings
from tests.people import Officer
from tests.pool.making import accepted


@pytest.fixture
def bare_officer(settings: Settings, city: City, officer: Officer, database: Database) -> Officer:
    """The officer of such a city, on the same database."""
    bare = replace(city, criteria=(), degrees=(), boards=(), goals=(), themes=(), priorities=(), answers=(),
                   fields=tuple(replace(each, needs=()) for each in city.fields))
    app = wsgi.create_app(settings, bare, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
    app.extensions["door"] = replace(app.extensions["door"], database=database)  # one engine, which the test closes
    there = Officer(app.test_client(), officer.mailbox)
    with officer.client.session_transaction() as known, there.client.session_transaction() as kept:
        kept.update(known)
    return there


def test_the_pages_without_lists(bare_officer: Officer, database: Database, city: City, app: Any,
                                 deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    page = bare_officer.open(f"/pool/{ref}/checks")
    assert page.has("Tags", "Guidelines") and not page.has("First check")
    assert not page.has("Decisions of boards") and not page.has("Goals of the United Nations")
    token = page.form("/tags").values["csrf_token"]
    for path, status in (("checks", 409), ("decisions", 422), ("priority", 422)):
        answer = bare_officer.client.post(f"/en/pool/{ref}/{path}", data={"csrf_token": token})
        assert answer.status_code == status, path
    bare_officer.open(f"/pool/{ref}/rating")
    assert not bare_officer.page.has("Priority")
    bare_officer.send("/rating", benefit="2")
    bare_officer.send("/consensus")
    assert bare_officer.page.has("The consensus is recorded.", "Benefit 2/3 × 30 = 20")
    assert not bare_officer.page.has("Maturity")
    page = bare_officer.open("/pool/ranking")
    assert page.has("The score is the sum of the benefit", "Together 20", ref) and not page.has("in this order")
    assert bare_officer.open("/pool/portfolio").has("1 record", ref)
    assert bare_officer.open("/pool/meeting").has("The first 1 idea of the ranking")
    with database.reading() as session:
        assert session.scalars(select(Item.score)).one() == 2000
