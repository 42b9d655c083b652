"""Posters in a browser: each is one sheet of the paper it is set for, and the address is copied by one press."""

import re

import pytest

from tests.journeys.conftest import Visitors

pytestmark = pytest.mark.browser

MM = 72 / 25.4  # points of a PDF


def _sheets(pdf: bytes) -> tuple[int, list[int]]:
    """How many pages a PDF has, and the first one's size in millimetres."""
    box = re.search(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    assert box
    return len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)), [round(float(part) / MM) for part in box.groups()]


def test_a_poster_is_one_sheet(visitors: Visitors) -> None:
    page = visitors.come()
    page.goto("/de/ideas")
    titles = {each.inner_text(): each.get_attribute("href") or "" for each in page.locator(".idea-card__title a").all()}
    longest = titles[max(titles, key=len)]
    arabic = next((href for title, href in titles.items() if re.search("[\u0600-\u06ff]", title)), longest)
    for path in (f"{longest}/poster", f"{arabic}/poster", f"{arabic.replace('/de/', '/ar/')}/poster",
                 "/de/poster?field=mobility-environment-urban", "/ar/poster"):
        for size, sheet in (("", [210, 297]), ("a3", [297, 420])):
            page.goto(f"{path}{'&' if '?' in path else '?'}size={size}")
            assert _sheets(page.pdf(prefer_css_page_size=True)) == (1, sheet), (path, size)
    # A title as long as an imported one may be, with the shorter words that it leaves room for: still one sheet.
    page.goto(f"{longest}/poster")
    page.evaluate("""() => {
      const title = document.querySelector('.poster__title');
      title.textContent = 'Donaudampfschifffahrt und '.repeat(12).slice(0, 300);
      title.classList.add('poster__title--longest');
      document.querySelector('.poster__words').textContent = 'Viele lange Worte '.repeat(8).slice(0, 132);
    }""")
    assert _sheets(page.pdf(prefer_css_page_size=True)) == (1, [210, 297])
    assert page.evaluate("document.querySelector('.poster__sheet').scrollHeight"
                         " <= document.querySelector('.poster__sheet').clientHeight + 1")


def test_the_address_is_copied_by_one_press(visitors: Visitors) -> None:
    page = visitors.come(permissions=["clipboard-read", "clipboard-write"])
    page.goto("/en/ideas")
    page.locator(".idea-card__title a").first.click()
    page.locator("[data-copy]").click()
    page.get_by_role("status").filter(has_text="The address is copied.").wait_for(state="attached")
    copied = page.evaluate("navigator.clipboard.readText()")
    assert copied == page.locator("#share-address").input_value() and "/i/MZ-" in copied
    page.goto(copied)
    assert re.search(r"/de/ideas/MZ-\d{4}-\d{5}$", page.url)  # the browser speaks German
