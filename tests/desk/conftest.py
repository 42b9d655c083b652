"""A record in the pool, for the desk's pages."""

from collections.abc import Callable

import pytest

from participation.city import City
from participation.database import Database
from tests.pool.making import accepted


@pytest.fixture
def ref(database: Database, city: City, deliver: Callable[[], int]) -> str:
    """The reference of an idea that has arrived in the pool."""
    made = accepted(database, city)
    deliver()
    return made
