"""What several tests of moderation begin with."""

from collections.abc import Callable
from typing import Any

import pytest

from participation.city import City
from participation.database import Database
from tests.moderation.answers import an_idea
from tests.people import Moderator


@pytest.fixture
def other(someone: Callable[..., Any]) -> Moderator:
    """A second moderator."""
    found: Moderator = someone(Moderator, "other@example.org", role="moderator", name="Ottilie")
    return found


@pytest.fixture
def ref(database: Database, city: City) -> str:
    """A public idea."""
    return an_idea(database, city)
