"""A translating service, and a site that asks it."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
from flask import Flask

from participation.city import City
from participation.database import Database
from participation.settings import Settings
from participation.web.door import Door
from tests.translating.translator import Translator


@pytest.fixture
def translator() -> Iterator[Translator]:
    """A service on this machine."""
    made = Translator()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def site(app: Flask, translator: Translator, settings: Settings, city: City, database: Database,
         deliver: Callable[[], int]) -> Flask:
    """The site with that service switched on."""
    app.extensions["door"] = Door(replace(settings, translate_url=translator.url, translate_key="a-key"), city,
                                  database)
    return app
