"""The rules of the second check, below the pages."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select, update

from participation.assessment import rating
from participation.assessment.model import Rating
from participation.assessment.rating import Marks
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict, NotAllowed
from participation.people.model import Person
from participation.pool.model import Item
from tests.making import people, staff
from tests.pool.making import accepted


def test_spread_and_mean() -> None:
    assert rating.spread([]) is None
    found = rating.spread([0, 3, 2])
    assert found is not None and (found.low, found.high, found.mean, found.middle) == (0, 3, 167, 2)
    half = rating.spread([1, 2])
    assert half is not None and (half.mean, half.middle) == (150, 2)


def test_only_the_office_rates_and_nobody_agrees_alone(database: Database, city: City,
                                                       deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    marks = Marks({each.key: 1 for each in city.degrees}, 1)
    with database.change() as session:
        item = session.scalars(select(Item)).one()
        officer, moderator = staff(session, "cdo"), staff(session, "moderator")
        for act in (rating.rate, rating.agree):
            with pytest.raises(NotAllowed):
                act(session, city, moderator, item, marks, now())
        with pytest.raises(NotAllowed):
            rating.prioritise(session, city, moderator, item, "", now())
        with pytest.raises(Conflict, match="rate_first"):
            rating.agree(session, city, officer, item, marks, now())


def test_a_city_without_degrees_ranks_by_benefit(database: Database, city: City, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    bare = replace(city, degrees=(), priorities=())
    with database.change() as session:
        item, officer = session.scalars(select(Item)).one(), staff(session, "cdo")
        rating.rate(session, bare, officer, item, Marks({}, 3), now())
        rating.agree(session, bare, officer, item, Marks({}, 3), now())
        assert (item.maturity, item.benefit, item.score) == (0, 300, 3000)


def test_ratings_of_people_who_were_erased_still_count(database: Database, city: City,
                                                       deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    degrees = {each.key: 1 for each in city.degrees}
    with database.change() as session:
        item = session.scalars(select(Item)).one()
        gone = people(database, 2, session=session)
        for number, person in enumerate(gone):
            person.role = "cdo"
            for benefit in (0, number + 1):
                rating.rate(session, city, person, item, Marks(degrees, benefit), now())
        assert [each.benefit for each in rating.of_each(session, [item.id])[item.id]] == [1, 2]
        session.execute(update(Rating).where(Rating.benefit > 0).values(by_id=None))
        rated = rating.of_each(session, [item.id])[item.id]
        assert {(each.by, each.benefit) for each in rated if each.by_id is None} == {("", 1), ("", 2)}
        assert rating.seen_by(Person(id=-1, role="cdo"), rated) == ()
        assert rating.seen_by(Person(id=-1, role="resident"), rated) == rated
