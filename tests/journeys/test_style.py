"""The parts look as somebody has seen them look: pictures of the style page beside those in `style/`."""

import os
from pathlib import Path

import pytest
from PIL import Image
from playwright.sync_api import Browser

from tests.journeys.style_pictures import (
    ARABIC,
    DIRECTIONS,
    HERE,
    LARGEST,
    PARTS,
    WIDTHS,
    arabic_font,
    difference,
    name_of,
    open_page,
    picture,
)

pytestmark = pytest.mark.browser

# Letters are drawn a little differently from machine to machine; a part that moves by a line differs by far more.
MOST = 0.02


@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("width", WIDTHS)
def test_the_parts_look_as_they_did(browser: Browser, site: tuple[str, dict[str, str]], tmp_path: Path, width: int,
                                    direction: str) -> None:
    page = open_page(browser, site[0], width)
    if direction == "rtl" and (font := arabic_font(page)) != ARABIC:
        page.context.close()
        if os.environ.get("CI") == "true":
            pytest.fail(f"CI needs {ARABIC} (fonts-noto-core) to compare the pictures from right to left")
        pytest.skip(f"THE PICTURES FROM RIGHT TO LEFT WERE NOT COMPARED: Arabic is written with “{font}” here, and "
                    f"with {ARABIC} (fonts-noto-core) on them")
    wrong = []
    for part in PARTS:
        name = name_of(part, direction, width)
        now = picture(page, part, direction)
        share, where = difference(Image.open(HERE / name).convert("RGB"), now)
        if share > MOST:
            now.save(tmp_path / name)
            where.save(tmp_path / f"difference-{name}")
            wrong.append(f"{name}: {share:.1%} of it differs. How it looks now: {tmp_path / name}; where it differs: "
                         f"{tmp_path / f'difference-{name}'}")
    page.context.close()
    assert not wrong, "\n".join([*wrong, "If it is to look so now: make style, look at the pictures, commit them."])


def test_a_part_that_moves_is_noticed() -> None:
    page = Image.open(HERE / name_of("forms", "ltr", 1280)).convert("RGB")
    moved = Image.new("RGB", page.size, "white")
    moved.paste(page, (0, 8))
    assert difference(page, page)[0] == 0
    assert difference(page, moved)[0] > MOST
    assert difference(page, page.crop((0, 0, page.width, page.height - 40)))[0] > MOST


def test_the_pictures_are_small_and_all_are_needed() -> None:
    wanted = {name_of(part, direction, width) for part in PARTS for direction in DIRECTIONS for width in WIDTHS}
    assert {file.name for file in HERE.iterdir()} == wanted
    assert all(file.stat().st_size < LARGEST for file in HERE.iterdir())
