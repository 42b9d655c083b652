"""The CDO office at its desk: what has arrived, one record, the answer that goes public."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import delete, select

from participation.city import City
from participation.database import Database
from participation.ideas.model import IdeaStep
from participation.jobs import House
from participation.pool import queries, record
from participation.pool.model import Delivery, Item, Received
from participation.settings import BUILT_IN
from tests.counting import counted
from tests.people import Guest, Moderator, Officer, Resident
from tests.pool.making import accepted, written


def test_the_whole_way_and_back(database: Database, city: City, deliver: Callable[[], int], officer: Officer,
                                resident: Resident) -> None:
    ref = accepted(database, city)
    deliver()
    assert resident.open(f"/ideas/{ref}").has("In the idea pool", "Arrived in the idea pool")
    page = officer.open("/pool/")
    assert page.has("1 accepted, 1 received, 0 missing", ref, "In the idea pool")
    officer.open(f"/pool/{ref}")
    assert officer.page.has("Shade", "Good for my mother", "checked: it fits", "This is the first record.")
    officer.answer(ref, "fail", status=422)  # a failed check needs a public answer
    officer.send(f"/pool/{ref}", move="pass", statement="It meets all criteria.")
    officer.answer(ref, "rate", "Rated.")
    officer.answer(ref, "plan", "Two shelters are planned for spring.")
    assert officer.page.has("Planned", "Two shelters are planned for spring.")
    officer.answer(ref, "plan", "Again", status=409)
    assert officer.page.form(f"/pool/{ref}").values["statement"] == "Again"
    assert resident.open(f"/ideas/{ref}").has("Planned as a project", "Two shelters are planned for spring.")
    assert "Two shelters are planned for spring." in officer.mailbox.text("author@example.org")


def test_the_pool_of_nothing(officer: Officer) -> None:
    assert officer.open("/pool/").has("0 accepted, 0 received, 0 missing", "No record here yet")
    officer.open("/pool/MZ-2020-00001", 404)


def test_the_line_tells_of_every_accepted_idea(officer: Officer, database: Database, city: City,
                                               house: Callable[[], House], deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)  # and no worker is there yet to write its record
    page = officer.open("/pool/")
    assert page.has("1 accepted, 0 received, 1 missing", "Not everything has arrived", ref)
    written(database, city, house, 2)
    assert officer.open("/pool/").has("3 accepted, 0 received, 3 missing", f"{ref} (1)")
    deliver()
    assert officer.open("/pool/").has("3 accepted, 3 received, 0 missing")
    with database.change() as session:
        line = session.get_one(Delivery, (2, queries.receiver_id(session, BUILT_IN)))
        line.confirmed_at, line.refused = None, "the digest does not fit the record"
    assert officer.open("/pool/").has("3 accepted, 2 received, 1 missing", "(2): the digest does not fit the record")


def test_records_by_where_they_stand_and_page_by_page(officer: Officer, database: Database, city: City,
                                                      deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city) for _ in range(27)]
    deliver()
    officer.answer(refs[4], "pass", "It meets all criteria.")
    page = officer.open("/pool/?stage=check_passed")
    assert page.has(refs[4], "In the idea pool (26)", "First check passed (1)") and not page.has(refs[5])
    page = officer.open("/pool/")
    assert page.has(refs[26], refs[2]) and not page.has(refs[1])
    officer.open(page.link("after="))
    assert officer.page.has(refs[1], refs[0]) and not officer.page.has(refs[2])
    assert officer.open("/pool/?stage=nonsense&cols=x").has(refs[26])


def test_a_record_that_was_touched_shows_it(officer: Officer, database: Database, city: City,
                                            deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    with database.change() as session:
        kept = session.scalars(select(Received)).one()
        kept.body = record.canonical(json.loads(kept.body) | {"title": "Something else"})
    assert officer.open(f"/pool/{ref}").has("checked: it does NOT fit")


def test_an_answer_is_not_lost_when_a_colleague_was_faster(officer: Officer, someone: Callable[..., Any],
                                                           database: Database, city: City,
                                                           deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.open(f"/pool/{ref}")
    form = officer.page.form(f"/pool/{ref}")
    colleague = someone(Officer, "colleague@example.org", role="cdo")
    colleague.answer(ref, "fail", "It misses a criterion.")
    officer.send(form, status=409, move="pass", statement="My words")
    # What is offered is what can be done now.
    assert {radio.get("value") for radio in officer.page.all(".//input[@name='move']")} == {"recheck", "drop"}
    assert officer.page.form(f"/pool/{ref}").values["statement"] == "My words"
    colleague.answer(ref, "drop", "The answer stays no.")
    officer.send(officer.page.form(f"/pool/{ref}"), status=409, move="drop")
    assert {radio.get("value") for radio in officer.page.all(".//input[@name='move']")} == {"recheck"}
    assert officer.page.has("The answer stays no.")


def test_the_desk_makes_the_desks_moves_only(officer: Officer, database: Database, city: City,
                                             deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    for move in ("receive", "publish", "hide", "withdraw", "rate", "nonsense"):
        officer.answer(ref, move, "x", status=409)
    officer.answer(ref, "", status=422)
    assert officer.page.has("Next step – Please fill this in.")
    officer.answer(ref, "fail", "x" * (city.limits.statement_max + 1), status=422)
    assert officer.page.form(f"/pool/{ref}").values["statement"].startswith("xxx")
    with database.reading() as session:
        steps = session.scalars(select(IdeaStep.move).order_by(IdeaStep.id)).all()
    assert steps == ["submit", "publish", "accept", "receive"]


def test_a_record_of_another_site_is_read_and_not_answered(officer: Officer, database: Database, city: City,
                                                           deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    with database.change() as session:
        kept = session.scalars(select(Received)).one()
        kept.site, kept.ref = "https://elsewhere.example", "XX-2026-00001"
        item = session.scalars(select(Item)).one()
        item.site, item.ref, item.idea_id, item.stage = kept.site, kept.ref, None, ""
    assert officer.open("/pool/").has("XX-2026-00001", "Another site")
    page = officer.open("/pool/XX-2026-00001")
    assert not page.has("Move it on and answer")


def test_the_office_alone_has_the_pool(guest: Guest, resident: Resident, moderator: Moderator, database: Database,
                                       city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    for path in ("/pool/", f"/pool/{ref}", "/pool/records.csv"):
        resident.open(path, 403)
        moderator.open(path, 403)
        guest.open(path)
        assert guest.page.path == "/en/sign-in"


def test_the_desk_costs_few_queries(officer: Officer, database: Database, city: City,
                                    deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city) for _ in range(5)]
    deliver()
    with database.change() as session:
        session.execute(delete(Delivery).where(Delivery.seq == 3))
    for path in ("/pool/", "/pool/?stage=received", f"/pool/{refs[0]}"):
        with counted(database) as seen:
            officer.open(path)
        assert len(seen) <= 10, seen
