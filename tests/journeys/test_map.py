"""The maps in Chromium: what they show, how they are worked, and that no other host is asked before a click."""

import re
import struct
import threading
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect
from werkzeug.serving import make_server

import wsgi
from participation.city import City
from participation.database import Database
from participation.ideas.model import Idea
from participation.places import Spot
from participation.settings import NO_TILES, Settings
from tests.access.stage import axe
from tests.making import published

pytestmark = pytest.mark.browser


def _png() -> bytes:
    """A grey tile of 256 × 256 pixels."""
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", struct.pack(">IIBBBBB", 256, 256, 8, 0, 0, 0, 0))
            + chunk(b"IDAT", zlib.compress((b"\x00" + b"\xd8" * 256) * 256)) + chunk(b"IEND", b""))


class _Tiles(BaseHTTPRequestHandler):
    asked: list[str]

    def do_GET(self) -> None:
        self.asked.append(self.path)
        self.send_response(200)
        self.send_header("Content-Type", "image/png")
        self.end_headers()
        self.wfile.write(_png())

    def log_message(self, *_args: Any) -> None:
        """Nothing: the test says what was asked."""


@pytest.fixture
def tiles() -> Iterator[tuple[str, list[str]]]:
    """A tile server of the test: the address for TILES_URL, and what it was asked for."""
    asked: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Tiles", (_Tiles,), {"asked": asked}))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/{{z}}/{{y}}/{{x}}.png", asked
    server.shutdown()
    server.server_close()


@contextmanager
def served(city: City, database: Database, settings: Settings, **changes: str) -> Iterator[str]:
    """A site with three ideas, two of them at a place; its address."""
    made = Settings(**{name: getattr(settings, name) for name in settings.__dataclass_fields__} | changes)
    app = wsgi.create_app(made, city, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
    server = make_server("127.0.0.1", 0, app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
        app.extensions["door"].database.engine.dispose()


@pytest.fixture
def open_page(browser: Browser) -> Iterator[Callable[..., tuple[Page, list[str]]]]:
    """Open pages; each comes with the hosts it asks, and its console has to stay silent."""
    contexts, troubles = [], []

    def come(base: str, **with_: Any) -> tuple[Page, list[str]]:
        context = browser.new_context(base_url=base, locale="de-DE", reduced_motion="reduce", **with_)
        contexts.append(context)
        hosts: list[str] = []
        context.on("request", lambda request: hosts.append(re.sub(r"(//[^/]+)/.*", r"\1", request.url)))
        context.on("console", lambda said: troubles.append(said.text)
                   if said.type in ("error", "warning") and "status of 422" not in said.text else None)
        context.on("weberror", lambda error: troubles.append(str(error.error)))
        page = context.new_page()
        page.set_default_timeout(20_000)
        return page, hosts

    yield come
    for context in contexts:
        context.close()
    assert not troubles, troubles


@pytest.fixture
def ideas(database: Database, city: City) -> list[str]:
    """Three ideas: at a place of the list, at the same place, at a point; their references."""
    keys = [published(database, city, title=title, district="", spot=spot) for title, spot in (
        ("Bänke mit Lehne am Bahnhof", Spot("hauptbahnhof")),
        ("A map for blind people in the hall", Spot("hauptbahnhof")),
        ("ظلال أكثر على ضفة النهر", Spot(None, 50.0121, 8.2602)))]
    with database.reading() as session:
        return [session.get_one(Idea, key).ref or "" for key in keys]


def test_ideas_on_the_map(city: City, database: Database, settings: Settings, ideas: list[str],
                          tiles: tuple[str, list[str]], open_page: Callable[..., tuple[Page, list[str]]]) -> None:
    address, asked = tiles
    with served(city, database, settings, tiles_url=address, tiles_attribution="© <b>Tiles</b>") as base:
        page, hosts = open_page(base, viewport={"width": 360, "height": 740})
        page.goto("/de/ideas/map")
        assert set(hosts) == {base} and not asked and not any("leaflet" in host for host in hosts)
        expect(page.locator("[data-district=altstadt]")).to_contain_text("2")
        assert axe(page) == []
        page.locator("[data-map-show]").click()
        view = page.get_by_role("application")
        expect(view).to_be_focused()
        expect(view.locator(".map__pin")).to_have_count(2)  # two ideas share a place
        expect(view.locator(".map__count")).to_have_count(2)  # a district without ideas stays empty
        expect(view.locator(".leaflet-tile-loaded").first).to_be_visible()
        assert asked and set(hosts) == {base, address.split("/{z}")[0]}
        expect(view.get_by_text("© <b>Tiles</b>")).to_be_visible()  # as text, never as HTML
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        view.locator(".map__pin", has_text="2").click()
        expect(view.locator(".map__words a")).to_have_count(2)
        assert view.locator(".map__words a").first.get_attribute("href") in {f"/de/ideas/{ref}" for ref in ideas}
        assert axe(page) == []


def test_without_tiles_no_other_host_is_asked(city: City, database: Database, settings: Settings, ideas: list[str],
                                              open_page: Callable[..., tuple[Page, list[str]]]) -> None:
    with served(city, database, settings, tiles_url=NO_TILES) as base:
        page, hosts = open_page(base)
        for path in ("/de/ideas/map", f"/de/ideas/{ideas[2]}"):
            answer = page.goto(path)
            assert answer and "img-src 'self' data:" in answer.headers["content-security-policy"]
            page.locator("[data-map-show]").click()
            expect(page.locator(".map__pin").first).to_be_visible()
            expect(page.locator(".map__district")).to_have_count(len(city.districts))
        assert set(hosts) == {base}


def test_choosing_a_point_with_the_keyboard_alone(city: City, database: Database, settings: Settings,
                                                  tiles: tuple[str, list[str]],
                                                  open_page: Callable[..., tuple[Page, list[str]]]) -> None:
    with served(city, database, settings, tiles_url=tiles[0]) as base:
        page, _ = open_page(base)
        page.goto("/de/ideas/new?step=where")
        page.locator(".place-point summary").press("Enter")
        page.locator("[data-map-show]").press("Enter")
        view, said = page.get_by_role("application"), page.locator("[data-map-said]")
        expect(view).to_be_focused()
        expect(page.locator(".map__cross")).to_be_visible()
        view.press("ArrowUp")
        page.keyboard.press("Tab")
        middle, drop = page.locator("[data-map-tools] button").all()
        middle.press("Enter")
        expect(page.get_by_label(re.compile("Breitengrad|Latitude"))).to_have_value(re.compile(r"^(49|50)\.\d{5}$"))
        expect(said).to_contain_text(re.compile(r"(49|50)\.\d{5}, 8\.\d{5}"))
        assert page.locator("select[name=district]").input_value() != ""  # the point has filled it in
        assert axe(page) == []
        drop.press("Enter")
        assert page.locator("[name=latitude]").input_value() == ""
        expect(middle).to_be_focused()
        page.locator("select[name=place]").select_option("hauptbahnhof")
        view.click(position={"x": 100, "y": 100})
        expect(said).to_contain_text(re.compile(r"50\.\d{5}, 8\.\d{5}"))
        page.locator("button[name=go][value=next]").click()  # no field of action was chosen: what was chosen stays
        page.wait_for_selector("#error-summary")
        assert page.locator("[name=latitude]").input_value().startswith("50.")
        assert page.locator("[name=place]").input_value() == "hauptbahnhof"
