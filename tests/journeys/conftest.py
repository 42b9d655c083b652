"""A running site, a browser, and visitors whose every page is watched."""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, Request, sync_playwright

from participation.web.language import catalogue
from tests.journeys.real_site import Site, chromium, launch

# A form that is refused, and a page that is not there, are answers too: the browser notes them in its console.
_ANSWERS = ("status of 422", "status of 409", "status of 404")
_PATIENCE_MS = 8000


def german(text: str) -> str:
    """What a text of the pages is called on the German ones."""
    return catalogue("de").gettext(text)


def until(true: Callable[[], Any], seconds: float, what: str) -> None:
    """Look again and again until it is so."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end, f"not within {seconds} s: {what}"
        time.sleep(0.3)


class Visitors:
    """People who come with a browser of their own."""

    def __init__(self, browser: Browser, url: str, staff: dict[str, Any]) -> None:
        self.browser = browser
        self.url = url
        self._staff = staff
        self._contexts: list[BrowserContext] = []
        self.troubles: list[str] = []

    def come(self, role: str = "guest", **with_: Any) -> Page:
        """Somebody opens a browser: a guest, or signed in as "resident", "moderator" or "cdo"."""
        values = {"locale": "de-DE", "base_url": self.url, "storage_state": self._staff.get(role)}
        context = self.browser.new_context(**{**values, **with_})
        context.set_default_timeout(_PATIENCE_MS)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))
        context.on("request", self._asked)
        context.on("requestfailed", self._failed)
        self._contexts.append(context)
        return context.new_page()

    def leave(self) -> None:
        """Everybody closes their browser; whatever a page complained of fails the test."""
        for context in self._contexts:
            context.close()
        assert not self.troubles, "\n".join(self.troubles)

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in _ANSWERS):
            self.troubles.append(f"console of {message.page and message.page.url}: {message.text}")

    def _asked(self, request: Request) -> None:
        address = urlsplit(request.url)
        if address.scheme not in ("data", "blob", "about") and f"{address.scheme}://{address.netloc}" != self.url:
            self.troubles.append(f"another host was asked: {request.url}")

    def _failed(self, request: Request) -> None:
        if request.failure != "net::ERR_ABORTED":  # one left the page while it was loading
            self.troubles.append(f"{request.url}: {request.failure}")


@pytest.fixture(scope="session")
def executable() -> str:
    """Chromium; without it the journeys are skipped, except in CI."""
    found = chromium()
    if found is None and os.environ.get("CI") == "true":
        pytest.fail("CI needs Chromium for the journeys in the browser, and there is none")
    if found is None:
        pytest.skip("THE JOURNEYS IN THE BROWSER WERE NOT TRIED: there is no chromium on this machine")
    return found


@pytest.fixture(scope="package")  # not longer: it would go on working beside the other tests
def site(executable: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[str, dict[str, str]]]:
    """The running demo: its address, and the one-time sign-in address of each role."""
    running = Site(tmp_path_factory.mktemp("site"))
    try:
        links = running.wait()
        yield running.url, links
    except BaseException:
        with suppress(AssertionError):
            running.stop()
        raise
    running.stop()
    assert "Traceback" not in running.said(), running.said()[running.said().index("Traceback"):][:3000]


@pytest.fixture(scope="module")  # not longer: its event loop would stand in the way of other tests
def browser(executable: str) -> Iterator[Browser]:
    """Chromium."""
    with sync_playwright() as playwright:
        started = launch(playwright, executable)
        yield started
        started.close()


@pytest.fixture(scope="package")
def signed_in() -> dict[str, Any]:
    """What the browsers of staff keep, once they have signed in."""
    return {}


@pytest.fixture(scope="module")
def staff(browser: Browser, site: tuple[str, dict[str, str]], signed_in: dict[str, Any]) -> dict[str, Any]:
    """Each role's browser after it has used its one-time address; an address works once only."""
    kept = signed_in
    if kept:
        return kept
    for role, address in site[1].items():
        context = browser.new_context(locale="de-DE")
        page = context.new_page()
        page.goto(address)
        page.get_by_role("main").get_by_role("button").click()
        page.wait_for_url("**/de/")
        kept[role] = context.storage_state()
        context.close()
    assert set(kept) == {"resident", "moderator", "cdo"}
    return kept


@pytest.fixture
def visitors(browser: Browser, site: tuple[str, dict[str, str]], staff: dict[str, Any]) -> Iterator[Visitors]:
    """Who comes to the site in this test."""
    coming = Visitors(browser, site[0], staff)
    yield coming
    coming.leave()
