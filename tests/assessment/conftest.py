"""An idea in the pool, and somebody of the office."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from participation.city import City
from participation.database import Database
from participation.ideas.model import Idea
from tests.making import staff
from tests.pool.making import accepted


@pytest.fixture(scope="session")
def city(two_languages: City) -> City:
    """A city of two languages."""
    return two_languages


@pytest.fixture
def ref(database: Database, city: City, deliver: Callable[[], int]) -> str:
    """The reference of an idea that has arrived in the pool."""
    made = accepted(database, city)
    deliver()
    return made


@pytest.fixture
def idea_id(database: Database, ref: str) -> int:
    """Its number."""
    with database.reading() as session:
        return session.scalars(select(Idea.id).where(Idea.ref == ref)).one()


@pytest.fixture
def officer_id(database: Database) -> int:
    """Somebody of the CDO office."""
    with database.change() as session:
        return staff(session, "cdo").id
