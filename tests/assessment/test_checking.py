"""The rules of the first check, below the pages."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from participation.assessment import checking
from participation.assessment.checking import Finding
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotAllowed
from participation.pool.model import Item
from tests.making import staff
from tests.pool.making import accepted


def test_who_may_check_and_what_a_check_needs(database: Database, city: City, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    good = [Finding(each.key, True, "Because.") for each in city.criteria]
    with database.change() as session:
        item = session.scalars(select(Item)).one()
        with pytest.raises(NotAllowed):
            checking.check(session, city, staff(session, "moderator"), item, good, now(), "Fine.", "en")
        officer = staff(session, "cdo")
        with pytest.raises(Invalid) as trouble:
            checking.check(session, city, officer, item, [Finding("digital", None, " ")], now())
        assert len(trouble.value.all) == 2 * len(city.criteria)
        with pytest.raises(Invalid) as trouble:
            checking.check(session, city, officer, item, good, now())
        assert (trouble.value.field, trouble.value.why) == ("statement", "required")
    with database.change() as session, pytest.raises(Conflict, match="no_criteria"):
        checking.check(session, replace(city, criteria=()), staff(session, "cdo"), session.scalars(select(Item)).one(),
                       (), now(), "Fine.", "en")


def test_the_newest_check_of_each_counts(database: Database, city: City, deliver: Callable[[], int]) -> None:
    for _ in range(2):
        accepted(database, city)
    deliver()
    with database.change() as session:
        first, second = session.scalars(select(Item).order_by(Item.id)).all()
        for item in (first, second, first):
            item.idea_id = None  # of another site: no public answer
            session.flush()
            checking.check(session, city, staff(session, "cdo"), item,
                           [Finding(each.key, item is second, "So.") for each in city.criteria], now())
        found = checking.newest(session, [first.id, second.id])
        assert [found[item.id].passed for item in (first, second)] == [False, True]
        assert len(checking.history(session, first.id)) == 2
