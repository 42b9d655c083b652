"""The portfolio: the picture and the table say the same."""

from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

from participation.assessment.ranking import Line, Points
from participation.city import City
from participation.database import Database
from participation.desk.portfolio import AT_ONE_SPOT, LARGEST, SMALLEST, STEP, dots, radius, x_of, y_of
from tests.desk.assessing import rated
from tests.page import words
from tests.people import Officer
from tests.pool.making import accepted

A_LINE = Line(1, 1, "MZ-1", "An idea", "en", "field", "rated", "", 10, 200, 100, Points(1, 1, 1, 3))


def test_the_picture_and_the_table(officer: Officer, database: Database, city: City,
                                   deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city, title=f"Idea number {n} & <more>") for n in range(3)]
    deliver()
    assert officer.open("/pool/portfolio").has("Nothing here is rated yet.")
    rated(database, city, refs[0], 3, 3, supporters=50)
    rated(database, city, refs[1], 1, 2, priority="lighthouse")
    page = officer.open("/pool/portfolio")
    assert page.has("2 records as circles", "Idea number 0 & <more>", "▲ Lighthouse project", "The same as a table")
    [picture] = [e for e in page.root.iter() if e.tag.endswith("svg") and e.get("role") == "group"]
    links = [e for e in picture.iter() if e.tag.endswith("}a") or e.tag == "a"]
    # The largest first, so that the small ones lie on top; each is a link with its name.
    assert [link.get("href") for link in links] == [f"/en/pool/{refs[0]}/rating", f"/en/pool/{refs[1]}/rating"]
    assert links[1].get("aria-label") == "1: Idea number 1 & <more>, Lighthouse project"
    assert "1▲" in words(links[1]) and len([e for e in links[1].iter() if e.tag.endswith("circle")]) == 2
    region = page.root.find(".//div[@role='region']")
    assert region is not None and region.get("tabindex") == "0" and region.get("aria-label")
    assert officer.open("/pool/portfolio?priority=lighthouse").has("1 record as a circle")
    assert officer.open("/pool/portfolio?rated=no").has("2 records as circles")


def test_circles_of_the_same_marks_stand_one_above_the_other() -> None:
    lines = [replace(A_LINE, place=n, id=n, supporters=0) for n in range(1, 13)]
    few = dots(lines[:3], [])
    assert {dot.x for dot in few} == {x_of(200)} and {dot.y for dot in few} == {y_of(100), y_of(100) - STEP,
                                                                               y_of(100) + STEP}
    many = dots(lines, [])
    assert len(many) == AT_ONE_SPOT and [dot.more for dot in many if dot.more] == [8]
    assert dots(lines, []) == many, "the same picture every time"
    heights = sorted(dot.y for dot in many)
    assert all(lower - upper >= 2 * SMALLEST for upper, lower in pairwise(heights))


def test_the_area_grows_with_the_supporters() -> None:
    assert radius(0, 0) == radius(0, 100) == SMALLEST and radius(100, 100) == LARGEST
    grown = [radius(n, 100) ** 2 for n in (0, 50, 100)]
    assert abs((grown[1] - grown[0]) - (grown[2] - grown[1])) < 10


def test_priorities_are_told_by_sign_and_outline() -> None:
    lines = [replace(A_LINE, place=n, id=n, priority=key) for n, key in enumerate(("", "b", "a", "gone"), start=1)]
    assert {(dot.line.priority, dot.sign, dot.ring) for dot in dots(lines, ["a", "b"])} == {
        ("", "", 0), ("a", "▲", 1), ("b", "■", 2), ("gone", "", 0)}
