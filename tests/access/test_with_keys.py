"""With nothing but keys: every stop is seen and in order, no page is a trap, whole journeys end where they should."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.access.scenes import SCENES, Scene
from tests.access.stage import NARROW, WIDE, Stage, ask

pytestmark = pytest.mark.browser

MOST_STOPS = 400
MAIN = [scene for scene in SCENES if scene.tree]


def stops(page: Page) -> list[str]:
    """What is wrong with the way of the Tab key through a page, from its beginning until it leaves it and back."""
    found, before, first = [], None, None
    rtl = page.evaluate("() => document.documentElement.dir") == "rtl"
    page.evaluate("""() => {
        document.body.tabIndex = -1;  // the way begins at the beginning, wherever a page has put the focus
        document.body.focus();
        document.body.removeAttribute("tabindex");
        scrollTo(0, 0);
    }""")
    number = 0
    for number in range(MOST_STOPS):  # noqa: B007 - how many there were is asked for below
        page.keyboard.press("Tab")
        here = ask(page, "focus")
        if here is None or (first is not None and here["place"] == first["place"]):
            break
        first = first or here
        again = before is not None and here["place"] == before["place"]  # a date has a stop for each of its parts
        found += [f"{what}: {here['name']}" for what, so in (
            ("nothing shows the focus", not here["ringed"] and not again), ("something lies over it", here["covered"]),
            ("it is out of sight", not here["inside"])) if so]
        if before is not None:
            if here["place"] < before["place"]:
                found.append(f"out of order: {here['name']} after {before['name']}")
            beside = min(here["bottom"], before["bottom"]) - max(here["top"], before["top"]) > 0.6 * min(
                here["bottom"] - here["top"], before["bottom"] - before["top"])
            back = here["left"] > before["right"] if rtl else here["right"] < before["left"]
            if beside and back and here["row"] == before["row"]:
                found.append(f"against the reading direction: {here['name']} after {before['name']}")
        before = here
    else:
        found.append(f"a trap: {MOST_STOPS} stops and no end")
    if number < 5:
        found.append(f"only {number} stops")
    page.keyboard.press("Shift+Tab")
    there = ask(page, "focus")
    if before is not None and there is not None and there["place"] not in (before["place"], first and first["place"]):
        found.append(f"Shift+Tab leads to {there['name']}, not back to {before['name']}")
    return found


@pytest.mark.parametrize("scene", MAIN, ids=[scene.name for scene in MAIN])
def test_tab_leads_through_the_page_and_out_of_it(stage: Stage, scene: Scene) -> None:
    wrong = [f"{tag} at {size['width']} px: {each}" for tag, size in (("de", WIDE), ("ar", NARROW))
             for each in stops(stage.show(scene, tag, size))]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("tag", ["de", "ar"])
def test_the_first_key_skips_to_the_content(stage: Stage, tag: str) -> None:
    for name in ("home", "ideas", "propose", "queue", "inbox"):
        page = stage.show(next(scene for scene in SCENES if scene.name == name), tag)
        page.keyboard.press("Tab")
        link = page.locator(".skip-link")
        expect(link).to_be_focused()
        box = link.bounding_box()
        assert box is not None and box["y"] >= 0 and box["height"] >= 24
        page.keyboard.press("Enter")
        expect(page.locator("main")).to_be_focused()
        page.keyboard.press("Tab")
        assert page.evaluate("() => document.querySelector('main').contains(document.activeElement)")


def _go(page: Page, selector: str, most: int = 120, key: str = "Tab") -> None:
    """Press Tab until that has the focus; it must be seen that it has."""
    for _ in range(most):
        page.keyboard.press(key)
        if page.evaluate("(one) => document.activeElement.matches(one)", selector):
            here = ask(page, "focus") if page.evaluate("() => Boolean(window.look)") else None
            assert here is None or (here["ringed"] and not here["covered"]), f"nothing shows the focus on {selector}"
            return
    raise AssertionError(f"{selector} is not reached with {most} times {key} on {page.url}")


def _press(page: Page, key: str = "Enter") -> None:
    """Press a key that leads to another page."""
    with page.expect_navigation():
        page.keyboard.press(key)


def _at(stage: Stage, name: str, tag: str = "de") -> Page:
    return stage.show(next(scene for scene in SCENES if scene.name == name), tag)


def test_proposing_and_signing_in(stage: Stage) -> None:
    page = _at(stage, "home")
    _go(page, "a[href='/de/ideas/new']")
    _press(page)
    for name, words in (("title", "Zzwasserspender xxdomplatz"), ("body", "An heißen Tagen gibt es dort kein Wasser."),
                        ("benefit", "Wer durstig ist, trinkt.")):
        _go(page, f"[name={name}]")
        page.keyboard.type(words)
        _go(page, "main form [name=go][value=next]")
        _press(page)
    _go(page, "main form [name=go][value=next]")
    _press(page)
    summary = page.locator("#error-summary")  # no field was chosen
    expect(summary).to_be_focused()
    _go(page, "#error-summary a")
    page.keyboard.press("Enter")
    expect(page.locator("[name=field]")).to_be_focused()
    page.keyboard.press("ArrowDown")
    _go(page, "main form [name=go]")
    _press(page)
    _go(page, "main form [type=submit]:not([name=go])")
    _press(page)
    assert page.url.endswith("/de/sign-in")
    _go(page, "[name=email]")
    page.keyboard.type("tastatur@example.org")
    _press(page)
    code = stage.code("tastatur@example.org")
    _go(page, "[name=code]")
    page.keyboard.insert_text(f" {code[:3]} {code[3:]} ")  # as it is pasted: with whatever was copied along
    _press(page)
    assert "/de/ideas/thanks/" in page.url
    _go(page, ".account [type=submit]")
    _press(page)  # out again, for the scenes that follow


def test_supporting_and_commenting(stage: Stage) -> None:
    page = _at(stage, "idea, signed in")
    _go(page, "#support [type=submit]")
    page.keyboard.press("Enter")
    expect(page.locator("#announcement")).not_to_be_empty()
    assert page.evaluate("() => document.querySelector('#support').contains(document.activeElement)")
    page.keyboard.press("Enter")  # and taken back again
    _go(page, "form[action$='/comments'] [name=body]")
    page.keyboard.type("Dort ginge das auch.")
    _go(page, "form[action$='/comments'] [type=submit]")
    _press(page)
    expect(page.get_by_text("Dort ginge das auch.").first).to_be_visible()


def test_filtering_and_changing_the_language(stage: Stage) -> None:
    page = _at(stage, "ideas")
    _go(page, "[name=q]")
    page.keyboard.type("Bank")
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile("q=Bank"))
    for key, tag in (("Tab", "en"), ("Tab", "ar")):
        page.evaluate("() => document.activeElement.blur()")
        page.keyboard.press("Home")
        _go(page, ".languages summary", key=key)
        page.keyboard.press("Enter")
        page.keyboard.press("Escape")
        expect(page.locator(".languages summary")).to_be_focused()
        page.keyboard.press("Enter")
        _go(page, f".languages a[hreflang={tag}]")
        _press(page)
        assert f"/{tag}/ideas" in page.url and "q=Bank" in page.url


def test_moderating(stage: Stage) -> None:
    page = _at(stage, "queue, narrowed down")
    _go(page, ".queue__title a")
    _press(page)
    _go(page, "[name=move]")
    page.keyboard.press("e")  # the keys that the page of keys lists
    expect(page.locator("[name=statement]")).to_be_focused()
    page.keyboard.type("Bitte schreiben Sie noch, wo das ist.")
    _go(page, "form[data-decide] [type=submit]")
    _press(page)
    expect(page.locator(".messages [role=status]").first).to_be_visible()


def test_answering_at_the_desk(stage: Stage) -> None:
    page = _at(stage, "record, new")
    _go(page, "input[name=move]")
    page.keyboard.press("Space")
    assert page.evaluate("() => document.activeElement.checked")
    _go(page, "[name=statement]")
    page.keyboard.type("Die Idee erfüllt alle Grundkriterien.")
    _go(page, ".desk__decide form[action*='/pool/'] [type=submit], form.form [type=submit]")
    _press(page)
    expect(page.locator(".messages [role=status]").first).to_be_visible()
