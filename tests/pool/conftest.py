"""A pool of somebody else's, and a house that delivers to it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from participation.city import City
from participation.database import now
from participation.jobs import House
from participation.settings import Settings
from tests.chaos.keeper import Keeper
from tests.pool.making import Receiver


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    found = Receiver(settings.pool_secret)
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def abroad(settings: Settings, receiver: Receiver, city: City) -> Callable[[], House]:
    """A house whose pool is somebody else's."""
    return lambda: House(replace(settings, pool_url=receiver.url, pool_allow_private="yes"), city, now())


@pytest.fixture
def keeper(settings: Settings) -> Iterator[Keeper]:
    """A pool of somebody else's that can be compared."""
    found = Keeper(settings.pool_secret)
    yield found
    found.stop()


@pytest.fixture
def elsewhere(settings: Settings, keeper: Keeper, city: City) -> Callable[[], House]:
    """A house whose pool is that one."""
    return lambda: House(replace(settings, pool_url=keeper.url, pool_allow_private="yes"), city, now())
