"""The filled sites, kept up for all of these tests, and a browser before them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser

from tests.access.site import Sites
from tests.access.stage import Stage
from tests.journeys.conftest import browser as browser
from tests.journeys.conftest import executable as executable


@pytest.fixture(scope="package")
def sites(tmp_path_factory: pytest.TempPathFactory, shared: Path) -> Iterator[Sites]:
    """A filled site and an empty one."""
    made = Sites(tmp_path_factory.mktemp("access"), shared)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def stage(browser: Browser, sites: Sites) -> Iterator[Stage]:
    """Chromium before the sites; whatever a page complained of fails the tests."""
    made = Stage(browser, sites)
    yield made
    made.leave()
