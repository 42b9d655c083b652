"""What a screen reader is told, in its order: Chromium's accessibility tree of the main pages, kept as text to read.

`make access ARGS=--renew` writes the files anew; what changed in them is to be read before it is committed. These tests
come first by their name: what others do changes what is told.
"""

import os
import re
from pathlib import Path

import pytest
from babel import Locale
from playwright.sync_api import Page

from tests.access.scenes import SCENES, Scene
from tests.access.stage import Stage

pytestmark = pytest.mark.browser

SNAPSHOTS = Path(__file__).parent / "snapshots"
RENEW = os.environ.get("RENEW_SNAPSHOTS") == "yes"
_MONTHS = "|".join(Locale.parse("de").months["format"]["wide"].values())
_ADDRESS = re.compile(r"\n +- /url: .*")
# What is another one on another day.
_PASSING = ((re.compile(rf"\d{{1,2}}\. (?:{_MONTHS}) \d{{4}}"), "1. Januar 2000"),
            (re.compile(r"\d\d\.\d\d\.\d\d, \d\d:\d\d"), "01.01.00, 00:00"),
            (re.compile(r"\d{4}-\d\d-\d\d"), "2000-01-01"), (re.compile(r"vor \d+ \w+"), "vor 1 Tag"),
            (re.compile(r"127\.0\.0\.1:\d+"), "localhost"), (re.compile(r"\b[0-9a-f]{16,64}\b"), "digest"),
            (re.compile(r"\bMZ-\d{4}-\d{5}"), "MZ-2000-00001"),
            (re.compile(r"\b\d+ (Tagen?|Tage|Stunden?|Wochen?|Minuten?|Sekunden?|Monaten?|Monate?)\b"), "1 Tag"),
            (re.compile(r" \(\d+\)(?=\")"), " (1)"),  # how many wait: another scene may have claimed one
            (re.compile(r"\n +- listitem: Von mir übernommen"), ""))


def tree(page: Page) -> str:
    """The accessibility tree, without what is another one on another day."""
    told = page.locator("body").aria_snapshot()
    # Where a link leads is nothing that is heard, and it changes with every visit.
    told = _ADDRESS.sub("", re.sub(r":\n( +)- /url: .*(?!\n\1)$", "", told, flags=re.MULTILINE))
    for pattern, instead in _PASSING:
        told = pattern.sub(instead, told)
    return told + "\n"


def file_of(scene: Scene) -> Path:
    """Where the tree of a scene is kept."""
    return SNAPSHOTS / f"{re.sub(r'[^a-z]+', '-', scene.name.lower())}.yaml"


@pytest.mark.parametrize("scene", [scene for scene in SCENES if scene.tree], ids=lambda scene: scene.name)
def test_a_screen_reader_is_told(stage: Stage, scene: Scene) -> None:
    told, file = tree(stage.show(scene, "de")), file_of(scene)
    if RENEW:
        SNAPSHOTS.mkdir(exist_ok=True)
        file.write_text(told, encoding="utf-8")
    assert told == file.read_text(encoding="utf-8"), f"{file.name} is another one: read what is new, then renew it"


def test_no_tree_is_left_over() -> None:
    assert {file.name for file in SNAPSHOTS.iterdir()} == {file_of(scene).name for scene in SCENES if scene.tree}
