"""From right to left: what points, ticks and opens does so on the other side, and figures are the same everywhere."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.access.scenes import SCENES
from tests.access.stage import NARROW, WIDE, Stage

pytestmark = pytest.mark.browser


def _at(stage: Stage, name: str, tag: str, size: dict[str, int] = WIDE) -> Page:
    return stage.show(next(scene for scene in SCENES if scene.name == name), tag, size)


@pytest.mark.parametrize(("tag", "mirrored"), [("de", False), ("ar", True)])
def test_arrows_point_on(stage: Stage, tag: str, mirrored: bool) -> None:
    page = _at(stage, "ideas", tag)
    arrow = page.locator(".pager .kern-icon--arrow-forward").first
    turned = "matrix(-1, 0, 0, 1, 0, 0)" if mirrored else "none"
    assert arrow.evaluate("(it) => getComputedStyle(it).transform") == turned
    label = page.locator(".pager [rel=next] .kern-label").bounding_box()
    box = arrow.bounding_box()
    assert label and box and (box["x"] < label["x"]) is mirrored  # it stands behind the words


@pytest.mark.parametrize(("tag", "left"), [("de", False), ("ar", True)])
def test_the_arrow_of_a_choice_stands_beside_its_words(stage: Stage, tag: str, left: bool) -> None:
    page = _at(stage, "ideas", tag)
    place = page.locator(".kern-form-input__select-wrapper").first.evaluate("""(it) => {
        const style = getComputedStyle(it, "::after"), box = it.getBoundingClientRect();
        const select = getComputedStyle(it.querySelector("select"));
        return [parseFloat(style.left) + parseFloat(style.width), parseFloat(style.left), box.width,
                parseFloat(select.paddingLeft), parseFloat(select.paddingRight)];
    }""")
    end, start, width, padding_left, padding_right = place
    assert (end <= padding_left) if left else (start >= width - padding_right), place


def test_a_page_is_its_mirror(stage: Stage) -> None:
    """Parts of the frame stand as far from one edge in Arabic as from the other one in German."""
    for size in (WIDE, NARROW):
        sides = {}
        for tag in ("de", "ar"):
            page = _at(stage, "home", tag, size)
            whole = page.locator("body").bounding_box()  # without the scroll bar, which stays where it is
            assert whole
            sides[tag] = [(round(box["x"] - whole["x"]), round(whole["x"] + whole["width"] - box["x"] - box["width"]))
                          for box in (page.locator(part).first.bounding_box()
                                      for part in (".page", "main", ".site-nav", "footer")) if box]
        assert [(b, a) for a, b in sides["ar"]] == sides["de"], sides


def test_a_tick_and_a_name_keep_their_own_direction(stage: Stage) -> None:
    page = _at(stage, "inbox", "ar")
    box = page.locator(".kern-form-check__checkbox").first
    assert box.evaluate("(it) => getComputedStyle(it).direction") == "ltr"
    page = _at(stage, "idea, hostile", "ar")
    title = page.locator("#idea-title")
    assert title.evaluate("(it) => getComputedStyle(it).direction") == "ltr"  # it begins with German
    assert _at(stage, "idea, in Arabic", "de").locator("#idea-title").evaluate(
        "(it) => getComputedStyle(it).direction") == "rtl"


def test_figures_are_the_same_from_the_server_and_from_the_script(stage: Stage) -> None:
    page = _at(stage, "propose", "ar")
    page.locator("[name=title]").fill("ظل لمحطة الحافلات")
    expect(page.locator(".count").first).to_contain_text("17")
    for name in ("idea", "ideas", "transparency", "inbox", "queue"):
        assert not re.search("[٠-٩۰-۹]", _at(stage, name, "ar").locator("body").inner_text()), name


@pytest.mark.parametrize("name", ["home", "idea", "deciding on an idea"])
def test_letters_come_from_fonts_that_have_them(stage: Stage, name: str) -> None:
    page = _at(stage, name, "ar")
    family = page.evaluate("() => getComputedStyle(document.body).fontFamily")
    assert "Arabic" in family and not family.startswith('"Fira'), family
    torn = page.evaluate("""() => [...document.querySelectorAll("body *")].filter((it) =>
        !["normal", "0px"].includes(getComputedStyle(it).letterSpacing) && /[\u0600-\u06ff]/.test(it.innerText))
        .map((it) => it.className)""")
    assert not torn, f"spaces tear joined letters: {torn}"
