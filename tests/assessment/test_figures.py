"""The figures of the strategy's review, counted by hand beside them."""

import random
from datetime import UTC, date, datetime, timedelta

import pytest

from participation.assessment import figures, promises
from participation.assessment.answers import answer
from participation.assessment.figures import small, withheld
from participation.assessment.model import Outcome
from participation.city import City
from participation.database import Database
from participation.ideas.actions import decide
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.journey import make, undo
from tests.making import published, staff

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
MAY = datetime(2026, 5, 4, 9, tzinfo=UTC)


def test_small_numbers_are_withheld_and_cannot_be_worked_out() -> None:
    assert [small(count) for count in (0, 1, 4, 5)] == [0, None, None, 5]
    big, other, tiny = withheld({"tiny": [1, 0], "big": [20, 9], "other": [7, 8]})
    assert (big.key, other.key, tiny.key) == ("big", "other", "tiny")
    # In the first period "tiny" alone would be withheld: the next smallest goes with it, and neither has a total.
    assert tiny.counts == (None, 0) and tiny.total is None
    assert other.counts == (None, 8) and other.total is None
    assert big.counts == (20, 9) and big.total == 29
    assert withheld({}) == ()


@pytest.mark.parametrize("seed", range(20))
def test_no_total_gives_a_withheld_number_away(seed: int) -> None:
    chance = random.Random(seed)
    counted = {str(key): [chance.randrange(12) for _ in range(6)] for key in range(5)}
    rows = withheld(counted)
    assert all(row.total is None for row in rows if None in row.counts)
    shown = {row.key: row.counts for row in rows}
    for key, counts in shown.items():
        assert [count for count in counts if count is not None] == [
            real for real, count in zip(counted[key], counts, strict=True) if count is not None]
        assert all(count is None for real, count in zip(counted[key], counts, strict=True) if 0 < real < 5)
    for column in zip(*shown.values(), strict=True):
        assert column.count(None) != 1 or not any(column)


def test_periods_begin_by_the_citys_clock(database: Database, city: City) -> None:
    published(database, city, at=datetime(2026, 9, 30, 22, 30, tzinfo=UTC))  # half past midnight in Mainz: October
    published(database, city, at=datetime(2026, 9, 30, 21, 30, tzinfo=UTC))
    with database.reading() as session:
        quarters = figures.figures(session, city, "quarter", NOW)
        months = figures.figures(session, city, "month", NOW)
        years = figures.figures(session, city, "year", NOW)
    assert quarters.begins[-1] == date(2026, 10, 1) and quarters.begins[0] == date(2024, 1, 1)
    assert months.begins[-1] == date(2026, 11, 1) and months.begins[0] == date(2025, 12, 1)
    assert years.begins == tuple(date(year, 1, 1) for year in range(2015, 2027))
    [field] = quarters.published["field"]
    assert field.counts[-2:] == (None, None) and set(field.counts[:-2]) == {0}  # one idea each: withheld
    with pytest.raises(KeyError):
        figures.figures(session, city, "week", NOW)


def test_ideas_by_field_district_language_and_where_they_stood(database: Database, city: City) -> None:
    for place in ("altstadt", "mombach"):
        for _ in range(6):
            published(database, city, at=MAY, district=place)
    published(database, city, at=MAY, district=None, language="fr")
    with database.change() as session:
        ideas = [session.get_one(Idea, number) for number in range(1, 7)]
        for idea in ideas:
            decide(session, city, staff(session), idea, "accept", NOW - timedelta(days=40), benefit="Shade",
                   who_benefits="All")
        step = decide(session, city, staff(session), session.get_one(Idea, 7), "decline", NOW, statement="No.")
        undo(session, IDEA, session.get_one(Idea, 7), step)
    with database.reading() as session:
        found = figures.figures(session, city, "quarter", NOW)
    spring = found.begins.index(date(2026, 4, 1))
    districts = {row.key: row.counts[spring] for row in found.published["district"]}
    assert districts["altstadt"] in (6, None) and districts["mombach"] in (6, None) and districts[""] is None
    assert list(districts.values()).count(None) == 2  # the small one, and one beside it
    standing = {row.key: row.counts for row in found.standing}
    assert standing["published"][spring] == 13 and standing["accepted"][-1] == 6 and standing["published"][-1] == 7
    assert "draft" not in standing and "declined" not in standing  # undone: it never happened
    assert dict(found.conversion)["published"] == 13 and dict(found.conversion)["accepted"] == 6


def test_how_long_each_step_took_and_who_was_answered_in_time(database: Database, city: City) -> None:
    days = city.pool.answer_days
    for number, wait in enumerate((10, 20, 30, 40, days + 1)):
        published(database, city, at=MAY + timedelta(hours=number))
        with database.change() as session:
            decide(session, city, staff(session), session.get_one(Idea, number + 1), "decline",
                   MAY + timedelta(days=wait, hours=number), statement="No.")
    published(database, city, at=NOW - timedelta(days=3))  # its time is not up: it does not count yet
    with database.reading() as session:
        found = figures.figures(session, city, "quarter", NOW)
    kept = {state: (often, median) for state, often, median in found.durations}
    assert kept["published"] == (5, 30.0) and kept["submitted"] == (6, 0.0)
    # Five had their time, four were answered in it: the one that was not would be given away.
    assert found.answered[found.begins.index(date(2026, 4, 1))] == (5, None)
    assert found.answered[-1] == (0, 0)


def test_promises_projects_and_benefits(database: Database, city: City) -> None:
    for number in range(6):
        published(database, city, at=MAY)
        with database.change() as session:
            idea, by, at = session.get_one(Idea, number + 1), staff(session), MAY + timedelta(days=10)
            step = decide(session, city, by, idea, "accept", at, benefit="Shade", who_benefits="All")
            make(session, IDEA, idea, "receive", None, at)
            promises.promise(session, idea.id, date(2026, 7, 1), at, step.id)
            late = timedelta(days=200 if number == 5 else 20)
            for move in ("pass", "rate", "plan", "start", "complete"):
                done = answer(session, city, by, idea, move, f"About {move}.", "en", at + min(late, NOW - at))
            session.add(Outcome(step_id=done.id, idea_id=idea.id, benefit="Two degrees less.", met="fully"))
    with database.reading() as session:
        found = figures.figures(session, city, "quarter", NOW)
    summer = found.begins.index(date(2026, 7, 1))
    assert found.promises[summer] == (6, None)  # five kept, one not
    assert dict(found.conversion) == dict.fromkeys(
        ("published", "accepted", "check_passed", "rated", "planned", "under_way", "done"), 6)
    assert dict(found.met) == {"fully": 6, "partly": 0, "not": 0}
    newest = found.benefits[0]
    assert (newest.claimed, newest.recorded, newest.met) == ("Shade", "Two degrees less.", "fully")
    assert len(found.benefits) == 6 and found.with_project == 0
