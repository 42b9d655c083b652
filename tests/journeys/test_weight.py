"""What a telephone on a slow line has to fetch."""

import pytest
from playwright.sync_api import Browser

from tests.bench.weight import FIRST, SECOND, public_pages, weigh

pytestmark = pytest.mark.browser


def test_every_public_page_is_light(browser: Browser, site: tuple[str, dict[str, str]]) -> None:
    heavy = []
    for url in public_pages(browser.new_page(), site[0]):
        weight = weigh(browser, url)
        assert {"Document", "Stylesheet", "Script"} <= set(weight.kinds), weight
        if weight.first > FIRST or weight.second > SECOND:
            heavy.append(weight)
    assert not heavy, heavy
