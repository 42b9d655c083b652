"""Proposing in a real browser: ideas alike while one types, nothing lost on the way, and without a connection."""

import dataclasses
import re
import threading
from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

from tests.access.stage import NARROW, everywhere
from tests.journeys.conftest import Visitors, german, until
from tests.journeys.proposing import GO_ON, to_the_preview

pytestmark = pytest.mark.browser

TITLE, BODY = "Shade for the benches at the stop", "The stop stands in the sun all afternoon. A tree would do."
# Every cache of the site with the addresses of what it keeps.
KEPT = """async () => Object.fromEntries(await Promise.all((await caches.keys()).map(async (name) => (
    [name, (await (await caches.open(name)).keys()).map((each) => new URL(each.url).pathname)]))))"""


def _kept(page: Page) -> list[str]:
    return [path for paths in page.evaluate(KEPT).values() for path in paths]


def test_ideas_alike_are_said_while_one_types(visitors: Visitors) -> None:
    page = visitors.come(locale="de-DE", viewport=NARROW)
    page.goto("/de/ideas/new")
    page.get_by_role("textbox").press_sequentially("Die Bücherei sonntags öffnen", delay=15)
    alike = page.locator("div#alike").get_by_role("listitem").first
    expect(alike.get_by_role("link", name=re.compile("Bücherei"))).to_be_visible()
    expect(page.locator("#announcement")).not_to_be_empty()
    expect(page.locator("#title")).to_be_focused()
    assert page.evaluate("() => document.scrollingElement.scrollWidth") <= NARROW["width"]
    assert not everywhere(page)
    page.get_by_role("textbox").fill("Qxyz")
    expect(page.locator("div#alike")).to_be_empty()


def test_every_step_is_fit_for_everyone(visitors: Visitors) -> None:
    page = visitors.come(locale="en-GB")
    page.goto("/en/ideas/new")
    to_the_preview(page, "Open the library in Gonsenheim on Sundays, Bücherei sonntags öffnen", BODY, "All can read.")
    found: list[str] = []
    for step in ("title", "similar", "body", "where", "preview"):
        page.goto(f"/en/ideas/new?step={step}")
        if step == "similar":
            expect(page.get_by_role("heading", level=1)).to_have_text("Is it here already?")
        page.set_viewport_size({"width": 320, "height": 740})
        assert page.evaluate("() => document.scrollingElement.scrollWidth") <= 320, step
        found += everywhere(page)
    page.goto("/en/offline")
    found += everywhere(page)
    page.goto("/en/ideas/new?step=title")
    page.locator("#title").fill("")
    page.get_by_role("button", name="Go on").click()
    expect(page.get_by_role("group", name="Something is missing or not right yet")).to_be_focused()
    found += everywhere(page)
    assert not found, "\n".join(found)


def test_enter_goes_on_and_the_way_back_is_harmless(visitors: Visitors) -> None:
    page = visitors.come(locale="en-GB")
    page.goto("/en/ideas/new")
    page.get_by_label("What is your idea, in one sentence?").fill("Qxyz wvut srqp")
    page.keyboard.press("Enter")
    page.get_by_label("What should change?").fill(BODY)
    page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_label("What do residents gain?")).to_be_visible()
    page.go_back()
    expect(page.get_by_label("What should change?")).to_have_value(BODY)
    page.go_back()
    expect(page.get_by_label("What is your idea, in one sentence?")).to_have_value("Qxyz wvut srqp")
    page.go_forward()
    page.reload()
    expect(page.get_by_label("What should change?")).to_have_value(BODY)


def test_another_language_keeps_what_is_half_typed(visitors: Visitors) -> None:
    page = visitors.come(locale="en-GB")
    page.goto("/en/ideas/new")
    page.get_by_label("What is your idea, in one sentence?").fill(TITLE)
    page.locator("summary").filter(has_text="English").click()
    page.get_by_role("link", name="Deutsch", exact=True).click()
    expect(page.get_by_label(german("What is your idea, in one sentence?"))).to_have_value(TITLE)


def test_the_steps_need_no_script(visitors: Visitors) -> None:
    page = visitors.come(java_script_enabled=False, locale="en-GB")
    page.goto("/en/ideas/new")
    to_the_preview(page, "Die Bücherei in Gonsenheim sonntags öffnen", BODY, "People who wait.")
    page.get_by_role("button", name="Change it – What changes").click()
    page.get_by_label("What should change?").fill(f"{BODY} And a bench.")
    page.get_by_role("button", name="Go on and see how it looks").click()
    expect(page.get_by_text("And a bench.")).to_be_visible()
    page.get_by_role("button", name="Send my idea").click()
    expect(page.get_by_text("Your idea is kept.")).to_be_visible()


def test_an_idea_begun_without_a_connection(visitors: Visitors) -> None:
    page = visitors.come(locale="en-GB", viewport=NARROW)
    page.goto("/en/")
    until(lambda: "/en/offline" in _kept(page), 10, "the offline page is kept")
    page.context.set_offline(True)
    page.goto("/en/ideas?sort=supported")
    expect(page.get_by_role("heading", level=1)).to_have_text("There is no connection")
    page.get_by_label("What is your idea, in one sentence?").fill(TITLE)
    page.get_by_label("What should change?").fill(BODY)
    page.get_by_role("button", name="Keep it on this device").click()
    expect(page.get_by_text("Kept on this device.")).to_be_visible()
    page.context.set_offline(False)

    page.goto("/en/ideas/new")
    box = page.locator("#begun")
    expect(box).to_contain_text(TITLE)
    box.get_by_role("button", name="Take it over").click()
    expect(box).to_be_hidden()
    expect(page.get_by_label("What is your idea, in one sentence?")).to_have_value(TITLE)
    assert page.evaluate("() => localStorage.length") == 0, "it is a draft like any other now"
    page.get_by_role("button", name=GO_ON).click()
    if page.get_by_role("heading", level=1).inner_text() == "Is it here already?":
        page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_label("What should change?")).to_have_value(BODY)

    page.context.set_offline(True)
    page.get_by_label("What should change?").fill(f"{BODY} Or two.")
    page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_role("alert")).to_contain_text("kept on this device")
    page.context.set_offline(False)
    expect(page.locator("#offline-notice")).to_be_hidden()
    page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_label("What do residents gain?")).to_be_visible()
    page.goto("/en/ideas/new?step=body")
    expect(page.get_by_label("What should change?")).to_have_value(f"{BODY} Or two.")
    assert page.evaluate("() => localStorage.length") == 0
    visitors.troubles[:] = [each for each in visitors.troubles if "ERR_INTERNET_DISCONNECTED" not in each]


def test_nothing_personal_is_kept_in_the_browser(visitors: Visitors) -> None:
    page = visitors.come("resident", locale="en-GB")
    for path in ("/en/", "/en/me", "/en/ideas/new", "/de/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
    until(lambda: {"/en/offline", "/de/offline"} <= set(_kept(page)), 10, "two offline pages are kept")
    pages = [path for path in _kept(page) if not re.search(r"[.-][0-9a-f]{10,12}\.(css|js|svg)$", path)]
    assert sorted(pages) == ["/de/offline", "/en/offline"]
    text = page.evaluate("async () => (await (await caches.match('/en/offline')).text())")
    assert "Sign in" in text and "Sign out" not in text


@pytest.fixture
def served(app: Flask) -> Iterator[str]:
    """The application behind a real port, in this process, so that its settings can change meanwhile."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def test_the_worker_takes_itself_away(app: Flask, served: str, browser: Browser) -> None:
    context = browser.new_context(locale="en-GB")
    page = context.new_page()
    page.goto(f"{served}/en/")
    until(lambda: "/en/offline" in _kept(page), 10, "the offline page is kept")
    made = app.extensions["door"]
    app.extensions["door"] = dataclasses.replace(made, settings=dataclasses.replace(made.settings, offline_page="no"))

    def gone() -> bool:
        page.goto(f"{served}/en/")
        page.wait_for_timeout(2000)  # browsers look for another worker a while after a page has come
        workers = page.evaluate("async () => (await navigator.serviceWorker.getRegistrations()).length")
        return not workers and not _kept(page)

    until(gone, 20, "worker and caches are gone")
    context.close()
