"""Boards' decisions: whole, with a day that can be, and an address that leads where it says."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from participation.assessment import boards
from participation.assessment.boards import Entered
from participation.city import City
from participation.database import Database, now
from participation.errors import Invalid, NotAllowed
from participation.pool.items import today
from participation.pool.model import Item
from tests.making import staff
from tests.pool.making import accepted


def test_a_decision_is_checked(database: Database, city: City, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    day = today(city, now())
    good = Entered("council", day, "for")
    with database.change() as session:
        item, officer = session.scalars(select(Item)).one(), staff(session, "cdo")
        with pytest.raises(NotAllowed):
            boards.decide(session, city, staff(session, "moderator"), item, good, now())
        wrong: tuple[tuple[dict[str, Any], str], ...] = (
                ({"board": "parliament"}, "not_offered"), ({"board": ""}, "required"),
                ({"outcome": "maybe"}, "not_offered"),
                ({"decided_on": None}, "required"), ({"decided_on": day + timedelta(days=1)}, "in_the_future"),
                ({"decided_on": day - timedelta(days=2)}, "before_acceptance"), ({"note": "x" * 2001}, "too_long"),
                ({"url": "https://a.example/" + "x" * 500}, "too_long"),
                *(({"url": url}, "not_an_address") for url in (
                    "http://a.example", "javascript:alert(1)", "https://", "https://localhost", "//a.example",
                    "https://mainz.de@evil.example", 'https://a.example/"onclick', "https://[a.example", "a.example")))
        for changes, why in wrong:
            with pytest.raises(Invalid) as trouble:
                boards.decide(session, city, officer, item, replace(good, **changes), now())
            assert trouble.value.why == why, changes
        boards.decide(session, city, officer, item, replace(good, url=" https://rats.mainz.example/7 "), now())
        [kept] = boards.of_each(session, [item.id])[item.id]
        assert (kept.host, kept.url, kept.outcome) == ("rats.mainz.example", "https://rats.mainz.example/7", "for")


def test_the_latest_first_and_so_many(database: Database, city: City, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    day = today(city, now())
    with database.change() as session:
        item, officer = session.scalars(select(Item)).one(), staff(session, "cdo")
        for outcome in ("deferred", "against", "for", "for"):  # the last is a second click
            boards.decide(session, city, officer, item, Entered("council", day, outcome), now())
        found = boards.of_each(session, [item.id, -1], 2)
        assert {key: [each.outcome for each in there] for key, there in found.items()} == {item.id: ["for", "against"]}
        assert len(boards.of_each(session, [item.id])[item.id]) == 3
