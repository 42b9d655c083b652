"""`python -m tests.bench.weight [ADDRESS]`: what public pages weigh on the wire, and when something is seen on a slow
line.

Bytes are what Chromium has received, headers included, compressed as they travel: of the first visit with an empty
cache and of the second one to the same page. The slow line is WebPageTest's "slow 3G": 400 kbit/s, and 400 ms until an
answer begins. (DevTools' preset of that name adds 2,000 ms to every request: nothing could be painted within 1.5 s
there.) Without an address it starts a demo of its own.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from rich.console import Console
from rich.table import Table

from tests.journeys.real_site import Site, chromium, launch

FIRST, SECOND = 60 * 1024, 15 * 1024  # bytes: what a first and a second visit may weigh at most
PAGES = ("", "ideas", "ideas/new", "projects")
LANGUAGES = ("de", "pl", "uk", "ar", "de-simple")
_KBIT, _LATENCY_MS, _ROUNDS = 400, 400, 3


@dataclass(frozen=True, slots=True)
class Weight:
    """A page's bytes on the wire: in all and by kind on the first visit, in all on the second."""

    path: str
    first: int
    second: int
    kinds: dict[str, int]


def weigh(browser: Browser, url: str) -> Weight:
    """Visit a page twice with one browser that knew nothing before. Without the service worker, which keeps the page
    for when there is no connection (some 5 KB, once a day) and would fetch the second visit's bytes out of our sight.
    """
    context = browser.new_context(locale="de-DE", service_workers="block")
    first = _visit(context, url)
    second = sum(_visit(context, url).values())
    context.close()
    return Weight(urlsplit(url).path, sum(first.values()), second, first)


def _visit(context: BrowserContext, url: str) -> dict[str, int]:
    page = context.new_page()
    kinds: dict[str, str] = {}
    sizes: dict[str, int] = {}
    wire = context.new_cdp_session(page)
    wire.on("Network.responseReceived", lambda event: kinds.update({event["requestId"]: event["type"]}))
    wire.on("Network.loadingFinished",
            lambda event: sizes.update({event["requestId"]: round(event["encodedDataLength"])}))
    wire.send("Network.enable")
    page.goto(url, wait_until="load")
    page.evaluate("() => document.fonts.ready.then(() => null)")
    page.wait_for_timeout(100)  # for the last notice of what has arrived
    page.close()
    return {kind: sum(size for each, size in sizes.items() if kinds.get(each) == kind)
            for kind in sorted(set(kinds.values()))}


def public_pages(page: Page, url: str) -> list[str]:
    """Addresses of public pages in each of our languages that the site offers, one idea among them."""
    page.goto(f"{url}/de/ideas?sort=discussed")
    idea = str(page.locator("main article a").first.get_attribute("href")).removeprefix("/de/")
    offered = page.eval_on_selector_all(".languages a", "links => links.map((link) => link.lang)")
    return [f"{url}/{tag}/{path}" for tag in LANGUAGES if tag in offered for path in (*PAGES, idea)]


def first_paint(browser: Browser, url: str) -> float:
    """Milliseconds until something is seen on a first visit over the slow line; the median of some."""
    seen = []
    for _ in range(_ROUNDS):
        context = browser.new_context(locale="de-DE", service_workers="block")
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        wire.send("Network.emulateNetworkConditions", {
            "offline": False, "latency": _LATENCY_MS, "downloadThroughput": _KBIT * 1000 / 8,
            "uploadThroughput": _KBIT * 1000 / 8})
        page.goto(url, wait_until="load")
        page.wait_for_timeout(300)
        seen.append(float(page.evaluate("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? 0")))
        context.close()
    return statistics.median(seen)


def main(words: Sequence[str] | None = None) -> None:
    """Measure and print; exits 1 where a page is too heavy, 2 without Chromium."""
    parser = argparse.ArgumentParser(prog="python -m tests.bench.weight")
    parser.add_argument("address", nargs="?", help="a site that runs already, such as http://localhost:8000")
    address = parser.parse_args(words).address
    executable = chromium()
    if executable is None:
        print("Chromium is needed. On Debian: apt install chromium", file=sys.stderr)
        sys.exit(2)
    with ExitStack() as at_end, sync_playwright() as playwright:
        if address is None:
            site = Site(Path(at_end.enter_context(tempfile.TemporaryDirectory())))
            at_end.callback(site.stop)
            site.wait()
            address = site.url
        browser = launch(playwright, executable)
        table = Table("page", "first, bytes", "second", "document", "style", "script", "fonts", "first paint, ms")
        heavy = False
        for url in public_pages(browser.new_page(), address.rstrip("/")):
            weight = weigh(browser, url)
            heavy |= weight.first > FIRST or weight.second > SECOND
            kinds = (weight.kinds.get(kind, 0) for kind in ("Document", "Stylesheet", "Script", "Font"))
            table.add_row(weight.path, *(f"{size:,}" for size in (weight.first, weight.second, *kinds)),
                          f"{first_paint(browser, url):,.0f}")
        browser.close()
    Console().print(table)
    sys.exit(1 if heavy else 0)


if __name__ == "__main__":
    main()
