"""The portfolio: maturity against benefit, one circle a record, drawn as SVG; the same as a table beside it.

The circles are placed here, so that the same records always make the same picture. Lengths are those of the SVG's
view box.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import sqrt

from flask import render_template, request

from participation.assessment import ranking
from participation.assessment.ranking import Line
from participation.desk.frame import blueprint
from participation.desk.ranking import address_of, offered, wanted_of
from participation.desk.rating import name_of
from participation.people.rights import Right
from participation.web.door import door, needs, reading

MOST = 200
WIDTH, HEIGHT = 720, 620
LEFT, RIGHT, TOP, BOTTOM = 90, 660, 110, 530  # of the square in which the marks lie
SMALLEST, LARGEST = 13.0, 25.0
AT_ONE_SPOT = 5  # circles of the same marks, one above the other; what is more is a number with a link
STEP = 30
SIGNS = ("▲", "■", "◆", "★", "▼", "●", "✚", "✖")  # one for each of the city's priorities


@dataclass(frozen=True, slots=True)
class Dot:
    """A circle of the picture; `sign` and `ring` (0: none) say its priority. `more`: so many records stand at this
    spot beyond the circles, and it leads to the first of them in the table."""

    line: Line
    x: float
    y: float
    r: float
    sign: str = ""
    ring: int = 0
    more: int = 0


@blueprint.get("/portfolio", endpoint="portfolio")
@needs(Right.RECORDS_SEE)
def show_portfolio() -> str:
    """The first of the ranking as a picture and a table."""
    session, city, wanted = reading(), door().city, replace(wanted_of(request.args), unrated=False)
    lines, behind = ranking.ranked(session, city, wanted, limit=MOST)
    keys = [each.key for each in sorted(city.priorities, key=lambda each: each.rank)]
    return render_template(
        "desk/portfolio.html", lines=lines, dots=dots(lines, keys), wanted=wanted, here=address_of(wanted),
        offered=offered(), most=MOST, cut=bool(behind), name_of=name_of, width=WIDTH, height=HEIGHT, left=LEFT,
        right=RIGHT, top=TOP, bottom=BOTTOM, signs=dict(zip(keys, SIGNS, strict=False)),
        across=[(mark, x_of(100 * mark)) for mark in range(4)], up=[(mark, y_of(100 * mark)) for mark in range(4)])


def x_of(maturity: int) -> float:
    """Where a maturity in hundredths lies."""
    return LEFT + (RIGHT - LEFT) * maturity / 300


def y_of(benefit: int) -> float:
    """Where a benefit in hundredths lies; more is higher."""
    return BOTTOM - (BOTTOM - TOP) * benefit / 300


def dots(lines: Sequence[Line], priorities: Sequence[str]) -> list[Dot]:
    """The circles, the largest first, so that small ones lie on top. Records with the same marks stand one above the
    other around their spot, in the order of the ranking."""
    most = max((line.supporters for line in lines), default=0)
    spots: dict[tuple[int, int], list[Line]] = {}
    for line in lines:
        spots.setdefault((line.maturity, line.benefit), []).append(line)
    found = []
    for (maturity, benefit), there in spots.items():
        shown = there if len(there) <= AT_ONE_SPOT else there[:AT_ONE_SPOT - 1]
        for n, line in enumerate(there[:AT_ONE_SPOT]):
            y = y_of(benefit) + STEP * ((n + 1) // 2) * (-1 if n % 2 else 1)
            if n >= len(shown):
                found.append(Dot(line, x_of(maturity), y, SMALLEST, more=len(there) - len(shown)))
                continue
            place = priorities.index(line.priority) + 1 if line.priority in priorities else 0
            found.append(Dot(line, x_of(maturity), y, radius(line.supporters, most),
                             SIGNS[place - 1] if 0 < place <= len(SIGNS) else "", place))
    return sorted(found, key=lambda dot: (-dot.r, dot.line.place))


def radius(supporters: int, most: int) -> float:
    """Of a circle whose area grows with the supporters, between the smallest that can be hit and the largest."""
    grows = supporters / most if most else 0
    return round(sqrt(SMALLEST**2 + (LARGEST**2 - SMALLEST**2) * grows), 1)
