"""The page of the delivery: what the office sees when records do not arrive, and what it can do about it."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from participation import outbox
from participation.city import City
from participation.database import Database, now
from participation.pool.model import Receiver as Row
from participation.pool.steering import name_of
from participation.settings import BUILT_IN, Settings
from participation.web.door import Door
from tests.counting import counted
from tests.page import Page
from tests.people import Guest, Moderator, Officer
from tests.pool.conftest import receiver as receiver
from tests.pool.making import Receiver, accepted
from tests.working import attempt


@pytest.fixture
def both(app: Flask, settings: Settings, city: City, database: Database, receiver: Receiver,
         deliver: Callable[[], int]) -> Receiver:
    """Records go to the pool of this site and to somebody else's."""
    two = f"{BUILT_IN} {receiver.url}?key=not-for-everybody"
    app.extensions["door"] = Door(replace(settings, pool_url=two, pool_allow_private="yes"), city, database)
    return receiver


def refuse_all(ids: list[str]) -> tuple[int, dict[str, str], bytes]:
    return 200, {}, json.dumps({"accepted": [], "refused": [{"id": i, "why": "<b>no room</b>"} for i in ids]}).encode()


def part(page: Page, act: str, receiver: Receiver) -> Any:
    """The form of an act for the other pool."""
    name = name_of(f"{receiver.url}?key=not-for-everybody")
    [form] = [form for form in page.forms() if act in form.action and form.values.get("receiver") == name]
    return form


def test_nothing_yet(officer: Officer) -> None:
    page = officer.open("/pool/delivery")
    assert page.has("Delivery of records", "The pool of this site", "Nothing was sent yet.")
    assert page.has("No record was written yet.")
    assert not page.has("Try again")


def test_pausing_and_going_on(officer: Officer, both: Receiver, database: Database, city: City,
                              deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    page = officer.open("/pool/delivery")
    assert page.has("The pool of this site", f"{both.url}", "HTTP 200", "1 kept, 0 refused", "Everything has arrived.")
    assert "not-for-everybody" not in page.html
    form = part(page, "/pause", both)
    for _ in range(2):  # a double click
        officer.send(form)
        assert officer.page.has("The delivery is paused.", "by Ode.")
    accepted(database, city)
    deliver()
    assert len(both.kept) == 1
    assert officer.open("/pool/delivery").has("Waiting1", "Confirmed2")  # the other one goes on
    form = part(officer.page, "/resume", both)
    for _ in range(2):
        officer.send(form)
        assert officer.page.has("The delivery goes on.") and not officer.page.has("is paused")
    deliver()
    assert len(both.kept) == 2 and officer.open("/pool/delivery").has("Everything has arrived.")


def test_refused_records_one_by_one_chosen_and_all(officer: Officer, both: Receiver, database: Database, city: City,
                                                   deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city) for _ in range(5)]
    both.answer = refuse_all
    deliver()
    page = officer.open("/pool/delivery")
    assert page.has("Refused5", "What did not arrive", "Refused: <b>no room</b>", *refs)
    officer.send(part(page, "/retry", both), status=422)
    assert officer.page.has("Please choose the records that are to be sent again.")
    both.answer = both.keep_all
    form = part(officer.open("/pool/delivery"), "/retry", both)
    officer.send(form, one="2")
    assert officer.page.has("1 record is sent again.")
    officer.send(form, one="2")
    assert officer.page.has("There was nothing left to send again.")
    deliver()
    assert [record["ref"] for record in both.kept.values()] == [refs[1]]
    officer.send(form, chosen=["3", "4", "nonsense"])
    assert officer.page.has("2 records are sent again.")
    deliver()
    officer.send(form, all="1")
    deliver()
    assert [record["sequence"] for record in both.kept.values()] == [2, 3, 4, 1, 5]
    assert officer.open("/pool/delivery").has("Everything has arrived.")


def test_what_was_given_up_and_tried_again_while_paused(app: Flask, officer: Officer, both: Receiver,
                                                        database: Database, city: City,
                                                        deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    both.answer = lambda _ids: (301, {"Location": "https://new.example/records"}, b"")
    attempt(app)
    attempt(app)
    page = officer.open("/pool/delivery")
    assert page.has(": HTTP 301: it redirects", "Given up: HTTP 301", "https://new.example/records")
    assert page.has("set POOL_URL to that one", ref, "Waiting1")
    officer.send(part(page, "/pause", both))
    officer.send(part(officer.page, "/retry", both), one="1")
    assert officer.page.has("1 record is sent again as soon as the delivery goes on.")
    both.answer = both.keep_all
    officer.send(part(officer.page, "/resume", both))
    deliver()
    assert len(both.kept) == 1


def test_a_long_list_page_by_page(officer: Officer, both: Receiver, database: Database, city: City,
                                  deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city) for _ in range(27)]
    both.answer = refuse_all
    deliver()
    page = officer.open("/pool/delivery")
    assert page.has(refs[0], refs[24]) and not page.has(refs[25])
    page = officer.open(page.link("after="))
    assert page.has(refs[25], refs[26]) and not page.has(refs[24])
    officer.open(page.link("Back to the first page"))
    assert officer.page.has(refs[0])
    assert officer.open("/pool/delivery?receiver=x&after=nonsense").has(refs[0])


def test_other_duties_that_failed_are_counted(officer: Officer, database: Database) -> None:
    with database.change() as session:
        event = outbox.happened(session, "code.asked", now(), code_id=1)
        session.flush()
        session.add(outbox.Task(event_id=event.id, follower="letters.code", state=outbox.DEAD, due=now()))
    assert officer.open("/pool/delivery").has("1 other background duty has failed for good")


def test_who_may(guest: Guest, moderator: Moderator, officer: Officer, both: Receiver, database: Database) -> None:
    moderator.open("/pool/delivery", 403)
    guest.open("/pool/delivery")
    assert guest.page.path == "/en/sign-in"
    form = part(officer.open("/pool/delivery"), "/pause", both)
    officer.send(form, status=404, receiver="another")
    assert officer.page.has("Records are not delivered to this address any more.")
    officer.send(form, status=400, csrf_token="")
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Row.paused_at.is_not(None))) == 0


def test_it_costs_few_queries(officer: Officer, both: Receiver, database: Database, city: City,
                              deliver: Callable[[], int]) -> None:
    for _ in range(6):
        accepted(database, city)
    both.answer = refuse_all
    deliver()
    with counted(database) as seen:
        officer.open("/pool/delivery")
    assert len(seen) <= 9, seen
