"""The sheet of paper on which an idea may come, and the code on it."""

import re

import pytest
import segno

from participation.settings import Settings
from tests.people import Guest, Moderator

SVG = "{http://www.w3.org/2000/svg}"


def modules(size: int, path: str) -> list[list[int]]:
    """The dark modules that a path fills, white margin and all."""
    assert re.fullmatch(r"(M\d+ \d+h\d+v1h-\d+z)+", path)
    grid = [[0] * size for _ in range(size)]
    for x, y, right, left in re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path):
        assert right == left
        for n in range(int(right)):
            grid[int(y)][int(x) + n] += 1
    return grid


@pytest.mark.parametrize(("tag", "words_on_it"), [
    ("en", ("My idea for the city", "CDO office of the City of Mainz", "Landeshauptstadt Mainz")),
    ("de", ("CDO-Büro der Landeshauptstadt Mainz", "Landeshauptstadt Mainz")),
])
def test_the_sheet_of_paper(guest: Guest, settings: Settings, tag: str, words_on_it: tuple[str, ...]) -> None:
    page = guest.open(f"/{tag}/paper")
    address = f"{settings.public_url}/{tag}/ideas/new"
    assert page.has(*words_on_it, address)
    [svg] = page.all(f".//main//{SVG}svg")
    size = int(svg.get("viewBox", "").split()[2])
    ground, dark = svg.findall(f"{SVG}path")
    assert ground.get("d") == f"M0 0h{size}v{size}H0z"
    code = segno.make_qr(address, error="q")
    assert modules(size, dark.get("d", "")) == [list(row) for row in code.matrix_iter(border=4)]
    assert "style" not in svg.attrib and not page.all(".//main//form")
    answer = page.response
    assert "Set-Cookie" not in answer.headers and "Cookie" not in answer.headers.get("Vary", "")
    assert guest.open(f"/{tag}/ideas/new").link("/paper") == f"/{tag}/paper"


def test_the_sheet_asks_for_no_address(guest: Guest) -> None:
    text = guest.open("/en/paper").text.split("My idea for the city")[1]
    assert "mail" not in text and "Telephone" not in text


def test_the_sheet_prints_alone(guest: Guest) -> None:
    page = guest.open("/en/paper")
    css = next(link.get("href", "") for link in page.all(".//link") if "/site." in link.get("href", ""))
    with guest.client.get(css) as answer:
        sheet = answer.get_data(as_text=True)
    assert re.search(r"@page sheet ?\{[^}]*size:A4", sheet)
    assert "body:has(.paper)>:is(header,footer,nav" in sheet


def test_staff_find_the_sheet(moderator: Moderator) -> None:
    for path in ("/moderation/enter", "/moderation/enter/workshop"):
        assert moderator.open(path).link("/paper") == "/en/paper"
