"""`make access`: every scene in every language, width and colours, and with the Tab key; a table of what was found.

`--renew` writes the accessibility trees anew instead; `--only home` looks at the scenes whose name has that word.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from playwright.sync_api import sync_playwright

from participation.settings import HOUSE
from tests.access.scenes import SCENES, Scene
from tests.access.site import Sites
from tests.access.stage import MODES, NARROW, WIDE, Stage, ask, axe, resize
from tests.access.test_scenes import TAGS, measured
from tests.access.test_with_keys import stops
from tests.journeys.real_site import chromium, launch

SHARED = HOUSE.parent.parent / "shared" / "data"


def main() -> None:
    """Look at everything; exits 1 where something was found, 2 without Chromium."""
    words = argparse.ArgumentParser(prog="make access ARGS=…")
    words.add_argument("--renew", action="store_true", help="write the kept accessibility trees anew")
    words.add_argument("--only", default="", help="a word of the names of the scenes to look at")
    asked = words.parse_args()
    if asked.renew:
        sys.exit(subprocess.call([sys.executable, "-m", "pytest", "-q", "tests/access/test_as_heard.py"],
                                 env={**os.environ, "RENEW_SNAPSHOTS": "yes"}))
    executable = chromium()
    if executable is None:
        print("Chromium is needed to look at the pages. On Debian: apt install chromium", file=sys.stderr)
        sys.exit(2)
    scenes, begun, found = [scene for scene in SCENES if asked.only in scene.name], time.monotonic(), 0
    print(f"| {'Scene':44} | {' | '.join(f'{tag:9}' for tag in TAGS)} | keys |")
    print(f"|{'-' * 46}|{'|'.join('-' * 11 for _ in TAGS)}|------|")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        sites = Sites(Path(folder), SHARED)
        browser = launch(playwright, executable)
        stage = Stage(browser, sites)
        for scene in scenes:
            found += _row(stage, scene)
        browser.close()
        sites.stop()
    looks = len(scenes) * len(TAGS) * 2 * len(MODES)
    print(f"\n{len(scenes)} scenes × {len(TAGS)} languages × 2 widths × {len(MODES)} colours = {looks} looks, "
          f"{found} findings, {time.monotonic() - begun:.0f} s.")
    sys.exit(1 if found else 0)


def _row(stage: Stage, scene: Scene) -> int:
    """Look at one scene, print its line and what was found; how much that was."""
    columns = [_in(stage, scene, tag) for tag in TAGS]
    keys = [f"{tag}, keys: {each}" for tag, size in (("de", WIDE), ("ar", NARROW))
            for each in stops(stage.show(scene, tag, size))]
    columns.append(keys)
    marks = [f"{len(each) or 'ok':<9}" for each in columns[:-1]] + [f"{len(keys) or 'ok':<4}"]
    print(f"| {scene.name:44} | {' | '.join(marks)} |", flush=True)
    for each in (one for column in columns for one in column):
        print(f"    {each}", file=sys.stderr, flush=True)
    return sum(len(each) for each in columns)


def _in(stage: Stage, scene: Scene, tag: str) -> list[str]:
    page, found = stage.show(scene, tag), []
    for name, size in (("1280 px", WIDE), ("360 px", NARROW)):
        resize(page, size)
        for mode, media in MODES.items():
            page.emulate_media(**media)
            # What does not depend on colours is the same in all of them.
            found += [f"{tag}, {name}, {mode}: {each}" for each in axe(page, "" if mode == "light" else "colours")]
        found += [f"{tag}, {name}: {each}" for each in ask(page, "wide") + ask(page, "spoiled")]
    page.emulate_media(**MODES["light"])
    return found + [f"{tag}: {each}" for each in measured(page)]


if __name__ == "__main__":
    main()
