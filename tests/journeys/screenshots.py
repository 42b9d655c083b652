"""`make screenshots`: the README's pictures, in German, from a demo of its own."""

import argparse
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Browser, Locator, Page, StorageState, sync_playwright

from tests.journeys.conftest import german
from tests.journeys.real_site import Site, chromium, launch

HERE = Path(__file__).parent / "pictures"
LARGEST = 150_000  # bytes: they are committed
WIDE, NARROW = (1280, 900), (360, 740)


def main() -> None:
    """Start a demo, take every picture, say what was written; exits 2 without Chromium."""
    words = argparse.ArgumentParser(prog="make screenshots ARGS=…")
    words.add_argument("--out", type=Path, default=HERE, help="folder for the pictures")
    out: Path = words.parse_args().out
    executable = chromium()
    if executable is None:
        print("Chromium is needed for the pictures. On Debian: apt install chromium", file=sys.stderr)
        sys.exit(2)
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder))
        try:
            links = site.wait()
            browser = launch(playwright, executable)
            _public(browser, site.url, out)
            _staff(browser, site.url, links, out)
            browser.close()
        finally:
            site.stop()


def _public(browser: Browser, url: str, out: Path) -> None:
    for size, name_of in ((WIDE, "{}"), (NARROW, "{}-narrow")):
        page = _page(browser, size)
        page.goto(f"{url}/de/")
        _take(page, out / f"{name_of.format('home')}.jpg")
        page.goto(f"{url}/de/ideas?sort=discussed")
        _follow(page, page.get_by_role("article").get_by_role("link").first)
        _take(page, out / f"{name_of.format('idea')}.jpg")
    page = _page(browser, WIDE)
    page.goto(f"{url}/de/ideas")
    _take(page, out / "list.jpg")
    page.goto(f"{url}/de/ideas/new")
    _take(page, out / "propose.jpg")


def _staff(browser: Browser, url: str, links: dict[str, str], out: Path) -> None:
    page = _page(browser, WIDE, _signed_in(browser, links["moderator"]))
    page.goto(f"{url}/de/moderation/")
    _take(page, out / "queue.jpg")
    page.goto(f"{url}/de/moderation/?kind=idea&who=free")
    _follow(page, page.get_by_role("region", name=german("Most urgent first")).get_by_role("link").first)
    _take(page, out / "decide.jpg")
    page.goto(f"{url}/de/paper")
    _take(page, out / "paper.jpg")
    page = _page(browser, WIDE, _signed_in(browser, links["cdo"]))
    page.goto(f"{url}/de/pool/")
    _take(page, out / "pool.jpg")
    _follow(page, page.get_by_role("row").filter(has_text=" für ").get_by_role("link").first)
    _take(page, out / "record.jpg")
    for name in ("ranking", "portfolio"):
        page.goto(f"{url}/de/pool/{name}")
        _take(page, out / f"{name}.jpg")
    page.goto(f"{url}/de/projects/1")
    _take(page, out / "project.jpg")


def _signed_in(browser: Browser, link: str) -> StorageState:
    """A one-time address works once only: what the browser holds afterwards."""
    page = _page(browser, WIDE)
    page.goto(link)
    _follow(page, page.get_by_role("main").get_by_role("button"))
    return page.context.storage_state()


def _follow(page: Page, target: Locator) -> None:
    """Press it and wait for the page it leads to."""
    with page.expect_navigation():
        target.click()


def _page(browser: Browser, size: tuple[int, int], state: StorageState | None = None) -> Page:
    return browser.new_context(locale="de-DE", viewport={"width": size[0], "height": size[1]}, color_scheme="light",
                               reduced_motion="reduce", storage_state=state).new_page()


def _take(page: Page, file: Path) -> None:
    """What the window shows, small enough to be committed."""
    # The room that KERN keeps for a scrollbar would stand empty at the edge: a picture has no scrollbar.
    page.evaluate("() => { document.documentElement.style.scrollbarGutter = 'auto'; return document.fonts.ready; }")
    for quality in (80, 70, 55, 40):
        taken = page.screenshot(path=file, type="jpeg", quality=quality, animations="disabled")
        if len(taken) <= LARGEST:
            break
    print(f"{file.name}: {len(taken) // 1000} KB")


if __name__ == "__main__":
    main()
