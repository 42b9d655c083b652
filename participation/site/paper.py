"""The sheet of paper for proposing an idea by hand, with a code that leads a telephone to the form on the site."""

from functools import lru_cache

import segno
from flask import Blueprint, render_template, url_for

from participation.web.door import door, open_to_all

blueprint = Blueprint("paper", __name__)

QUIET = 4  # modules of white around the code, as ISO/IEC 18004 asks


@blueprint.get("")
@open_to_all
def show() -> str:
    """The sheet, to be printed."""
    address = door().settings.public_url.rstrip("/") + url_for("proposing.new")
    size, path = code(address)
    return render_template("site/paper.html", address=address, size=size, path=path)


@lru_cache(maxsize=64)
def code(address: str) -> tuple[int, str]:
    """The QR code of an address: how many modules it is wide with its white margin, and its dark modules as the path
    of an SVG. Level Q, so that it can still be read with a quarter of it smudged."""
    runs = []
    matrix = segno.make_qr(address, error="q").matrix
    for y, row in enumerate(matrix, QUIET):
        x = 0
        while x < len(row):
            length = 1
            while x + length < len(row) and row[x + length] == row[x]:
                length += 1
            if row[x]:
                runs.append(f"M{x + QUIET} {y}h{length}v1h-{length}z")
            x += length
    return len(matrix) + 2 * QUIET, "".join(runs)
