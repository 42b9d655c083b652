"""Every page in every state, once: no finding of axe in any colours, nothing cut off at any width, valid HTML."""

import os
import shutil
import subprocess
from collections import defaultdict
from pathlib import Path

import pytest
from playwright.sync_api import Page

from participation.settings import HOUSE
from tests.access.scenes import ELSEWHERE, MACHINES, SCENES, Scene
from tests.access.site import Sites
from tests.access.stage import MODES, NARROW, WIDE, ZOOMED, Stage, ask, axe, resize

pytestmark = pytest.mark.browser

TAGS = ("de", "ar", "de-simple")  # `make access` looks at every scene in each of them
VNU = HOUSE.parent / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"


def tag_of(scene: Scene) -> str:
    """The language that a scene is looked at in."""
    return TAGS[SCENES.index(scene) % len(TAGS)]


def findings(stage: Stage, scene: Scene, tag: str) -> list[str]:
    """Everything that is wrong with a scene in one language: broad and narrow (by every rule at one of the two, each
    other scene at the other), in all colours, at 400 % and with wider spacing."""
    page = stage.show(scene, tag, WIDE, "light")
    found = []
    if scene.status == 422 and page.evaluate("() => document.activeElement.id") != "error-summary":
        found.append("the summary of what is wrong has not got the focus")
    for number, (size, width) in enumerate(((WIDE, "1280 px"), (NARROW, "360 px"))):
        resize(page, size)
        looked = axe(page, "layout" if (SCENES.index(scene) + number) % 2 else "")
        found += [f"{width}: {each}" for each in looked + ask(page, "wide") + ask(page, "spoiled")]
    for mode in ("dark", "forced"):
        page.emulate_media(**MODES[mode])
        found += [f"360 px, {mode}: {each}" for each in axe(page, "colours")]
    page.emulate_media(**MODES["light"])
    found += measured(page) + stage.troubles
    stage.troubles.clear()
    return found


def measured(page: Page) -> list[str]:
    """What is wrong with a page at 400 % and with wider spacing, what moves, what would scramble."""
    found = ask(page, "moving") + ask(page, "mixed")
    resize(page, ZOOMED)
    found += [f"at 400 %: {each}" for each in ask(page, "wide") + ask(page, "spoiled")]
    ask(page, "spaced")
    return [*found, *(f"at 400 %, spaced: {each}" for each in ask(page, "wide") + ask(page, "spoiled"))]


@pytest.mark.parametrize("scene", SCENES, ids=[scene.name for scene in SCENES])
def test_everyone_can_use(stage: Stage, scene: Scene) -> None:
    found = findings(stage, scene, tag_of(scene))
    assert not found, "\n".join(found)


def test_every_page_has_a_scene(sites: Sites) -> None:
    app = sites.full.app
    address = app.url_map.bind("")
    seen = {address.match(("" if scene.path.startswith("/dev/") else "/de") + scene.path.format_map(sites.names)
                          .partition("?")[0])[0] for scene in SCENES if scene.name != "nothing here"}
    there = {rule.endpoint for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())
             and not rule.endpoint.startswith(MACHINES)}
    assert there - seen == set(ELSEWHERE)
    assert len({scene.name for scene in SCENES}) == len(SCENES)


def test_different_pages_have_different_titles(stage: Stage) -> None:
    address = stage.sites.full.app.url_map.bind("")
    pages: dict[tuple[str, str], set[str]] = defaultdict(set)
    for (name, tag), title in stage.titles.items():
        scene = next(each for each in SCENES if each.name == name)
        if scene.status == 200 and not scene.sends:
            path = ("" if scene.path.startswith("/dev/") else f"/{tag}") + scene.path.format_map(stage.sites.names)
            pages[tag, title].add(address.match(path.partition("?")[0])[0])
    both = {"signing_in.email", "signing_in.link"}  # two ways to the same
    assert not {title: names for title, names in pages.items() if len(names) > 1 and names != both}


def test_the_html_is_valid(stage: Stage, tmp_path: Path) -> None:
    if shutil.which("java") is None:
        assert os.environ.get("CI") != "true", "CI needs Java for the validator of HTML, and there is none"
        pytest.skip("THE HTML WAS NOT VALIDATED: there is no Java on this machine")
    for scene in SCENES:
        if (scene.name, tag_of(scene)) not in stage.kept:
            stage.show(scene, tag_of(scene))
    files = {}
    for place, (name, html) in enumerate(stage.kept.items()):
        files[f"{place}.html"] = name
        (tmp_path / f"{place}.html").write_text(html, encoding="utf-8")
    # It guesses languages, and a page of names and figures is easily taken for English.
    done = subprocess.run(["java", "-jar", str(VNU), "--format", "gnu", "--exit-zero-always",
                           "--filterpattern", ".*appears to be written in.*", *files],
                          cwd=tmp_path, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    wrong = [line.split(f"{tmp_path}/")[-1] for line in done.stderr.splitlines()]
    assert not wrong, "\n".join(f"{files[line[:line.index('.html') + 5]][0]}: {line}" for line in wrong[:60])
