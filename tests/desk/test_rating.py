"""The second check at the desk: rating without seeing the others, agreeing, the score, the priority."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select

from participation.assessment.model import Act, Consensus, Rating
from participation.city import City
from participation.database import Database
from participation.pool.model import Item
from tests.counting import counted
from tests.desk.assessing import marks
from tests.people import Officer, Resident
from tests.pool.making import accepted


def test_assessors_rate_without_seeing_each_other(officer: Officer, someone: Callable[..., Any], database: Database,
                                                  city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    colleague = someone(Officer, "colleague@example.org", role="cdo", name="Col")
    page = officer.open(f"/pool/{ref}/rating")
    assert page.has("Nobody has rated this record yet.", "2 – Several departments or companies of the city",
                    "How much do the people of Mainz gain by it?")
    officer.send("/rating", **marks(city, 3, 2, note="Splendid."))
    assert officer.page.has("Your rating is recorded.", "Splendid.", "3–3")
    page = colleague.open(f"/pool/{ref}/rating")
    assert page.has("1 other person has rated.") and not page.has("Splendid.") and not page.has("3–3")
    assert not page.has("Record what you agreed on")
    colleague.send("/rating", **marks(city, 0, 1, note="I doubt it."))
    assert colleague.page.has("Splendid.", "I doubt it.", "0–3", "⌀ 1.5", "1–2", "Ode", "Col")
    # Changing one's mind adds a row; the newest counts.
    officer.open(f"/pool/{ref}/rating")
    assert officer.page.form("/rating").values["note"] == "Splendid."
    officer.send("/rating", **marks(city, 2, 2))
    assert officer.page.has("0–2", "⌀ 1") and not officer.page.has("0–3")
    with database.reading() as session:
        assert len(session.scalars(select(Rating)).all()) == 3


def test_a_consensus_gives_the_score_and_the_answer(officer: Officer, resident: Resident, database: Database,
                                                    city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.answer(ref, "pass", "It meets all criteria.")
    officer.open(f"/pool/{ref}/rating")
    officer.send("/rating", **marks(city, 2, 3))
    form = officer.page.form("/consensus")
    assert form.values["agreed-benefit"] == "3" and form.values["agreed-degree_effect"] == "2", "the rounded mean"
    assert "now stands in the ranking" in form.values["agreed-statement"]
    more: dict[str, Any] = {"agreed-degree_effect": "3", "agreed-note": "We agree."}
    officer.send(form, publish="yes", **more)
    # 2.67/3 × 50, rounded to the degrees' mean of 267 hundredths, and 3/3 × 30; nobody supports it.
    degrees = len(city.degrees)
    mean = round(100 * (2 * (degrees - 1) + 3) / degrees)
    score = round(100 * (50 * mean / 300 + 30)) / 100
    assert officer.page.has("The consensus is recorded and answered publicly.", "We agree.", f"Together {score:g}",
                            "Benefit 3/3 × 30 = 30", "Consensus entered by Ode")
    assert resident.open(f"/ideas/{ref}").has("Rated by the office", "now stands in the ranking")
    assert not resident.page.has("We agree.")
    with database.reading() as session:
        item = session.scalars(select(Item)).one()
        assert (item.maturity, item.benefit, item.score) == (mean, 300, round(100 * score))
        assert session.scalars(select(Act.kind).order_by(Act.id)).all() == ["rated", "consensus"]


def test_a_consensus_may_stay_internal_and_change(officer: Officer, resident: Resident, database: Database, city: City,
                                                  deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.open(f"/pool/{ref}/rating")
    officer.send("/rating", **marks(city, 1, 1))
    assert not officer.page.has("Record and answer publicly"), "it has not passed the first check"
    officer.send("/consensus")
    officer.send("/consensus", **marks(city, 3, 3, "agreed-"))
    assert officer.page.has("The consensus is recorded.", "Benefit 3/3 × 30 = 30")
    assert not resident.open(f"/ideas/{ref}").has("Rated by the office")
    with database.reading() as session:
        assert len(session.scalars(select(Consensus)).all()) == 2


def test_what_is_missing_is_asked_for_and_nothing_is_lost(officer: Officer, someone: Callable[..., Any],
                                                          database: Database, city: City,
                                                          deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.open(f"/pool/{ref}/rating")
    officer.send("/rating", status=422, note="Half done.", degree_effect="7", benefit="1")
    assert officer.page.has("Networking – Please fill this in.", "Synergies – Please fill this in.")
    assert officer.page.form("/rating").values["note"] == "Half done."
    officer.send("/rating", status=422, **marks(city, 1, 1, note="x" * 2001))
    assert officer.page.has("This is 1 character too long.")
    token = officer.page.form("/rating").values["csrf_token"]
    refused = officer.client.post(f"/en/pool/{ref}/consensus", data=marks(city, 1, 1, "agreed-", csrf_token=token)
                                  | {"csrf_token": token, "agreed-note": "Ours."})
    assert refused.status_code == 409 and b"give your own rating first" in refused.data and b"Ours." in refused.data
    officer.open(f"/pool/{ref}/rating")
    officer.send("/rating", **marks(city, 1, 1))
    # A colleague was faster: the answer is refused, its words stay.
    officer.answer(ref, "pass", "Yes.")
    officer.open(f"/pool/{ref}/rating")
    form = officer.page.form("/consensus")
    officer.send(form, status=422, publish="yes", **{"agreed-statement": " "})
    assert officer.page.has("Public answer – Please fill this in.")
    colleague = someone(Officer, "colleague@example.org", role="cdo")
    colleague.answer(ref, "rate", "Rated already.")
    officer.send(form, status=409, publish="yes", **{"agreed-statement": "My words."})
    assert officer.page.form("/consensus").values["agreed-statement"] == "My words."
    with database.reading() as session:
        assert not session.scalars(select(Consensus)).all()


def test_a_priority_is_given_and_taken(officer: Officer, database: Database, city: City,
                                       deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.open(f"/pool/{ref}/rating")
    for key, rank in (("lighthouse", 1), ("lighthouse", 1), ("speedboat", 2), ("", 9)):
        officer.send("/priority", priority=key)
        assert officer.page.form("/priority").values["priority"] == key
        with database.reading() as session:
            item = session.scalars(select(Item)).one()
            assert (item.priority, item.priority_rank) == (key, rank)
    officer.send("/priority", priority="submarine", status=422)
    assert officer.page.has("Priority – Please choose one of the offered answers.")
    with database.reading() as session:
        acts = session.scalars(select(Act).order_by(Act.id)).all()
    assert [act.about["key"] for act in acts] == ["lighthouse", "speedboat", ""]


def test_the_page_costs_few_queries(officer: Officer, someone: Callable[..., Any], database: Database, city: City,
                                    deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    for number in range(4):
        colleague = someone(Officer, f"c{number}@example.org", role="cdo", name=f"C {number}")
        colleague.open(f"/pool/{ref}/rating")
        colleague.send("/rating", **marks(city, number % 4, 1))
    with counted(database) as seen:
        colleague.open(f"/pool/{ref}/rating")
    assert len(seen) <= 5, seen
