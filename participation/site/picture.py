"""Draws the picture that messengers and networks show beside a link: words in the city's colour, in any of our scripts.

Two fonts, so a line of Latin and Arabic words is cut into runs by direction (Unicode's bidirectional algorithm, as far
as titles need it) and font, each shaped by HarfBuzz. What neither font has letters for is left out whole.
"""

import unicodedata
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO

from PIL import Image, ImageDraw, ImageFont, features

from participation.text import MASK
from participation.web.assets import STATIC, manifest

WIDTH, HEIGHT = 1200, 630
KEPT = 64  # pictures of about 20 KB each
_EDGE, _INK, _GREY = 72, "#171a1c", "#4b5359"
_SIZES = ((76, 3), (64, 3), (54, 4), (46, 5))  # the title's, and the lines it may take
_FONTS = ("card-latin.woff2", "card-arabic.woff2")


@dataclass(frozen=True, slots=True)
class Card:
    """What stands on a picture: the site's name, a title, a line of facts below, the city's colour; `rtl` is the
    direction of the site's words."""

    site: str
    title: str
    facts: str
    accent: str
    rtl: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A part of a line that is drawn at once."""

    text: str
    font: int
    rtl: bool


@lru_cache(maxsize=KEPT)
def draw(card: Card) -> bytes:
    """The picture of a card, as PNG."""
    image = Image.new("RGB", (WIDTH, HEIGHT), "#ffffff")
    pen = ImageDraw.Draw(image)
    _line(pen, card.site, 44, 112, card.accent, card.rtl)
    pen.rectangle((_EDGE, 150, WIDTH - _EDGE, 157), card.accent)
    pen.rectangle((_EDGE, 163, WIDTH - _EDGE, 164), card.accent)
    title = readable(card.title)
    size, lines = _wrapped(title)
    step = size * 1.2
    top = 180 + (350 - len(lines) * step) / 2 + size
    for number, line in enumerate(lines):
        _line(pen, line, size, top + number * step, _INK, _begins_rtl(title))
    _line(pen, card.facts, 34, 566, _GREY, card.rtl)
    made = BytesIO()
    image.quantize(32, dither=Image.Dither.NONE).save(made, "PNG", optimize=True)
    return made.getvalue()


def readable(text: str) -> str:
    """The text as it can be drawn: what was masked as […], without pictograms; "" where letters would be missing."""
    text = text.replace(MASK, "[…]")
    shapes = features.check("raqm") and features.check("fribidi")
    made = []
    for char in text:
        kind = unicodedata.category(char)
        if _font_for(char) is not None and (shapes or unicodedata.bidirectional(char) not in ("R", "AL")):
            made.append(char)
        elif kind[0] in "LNM":
            return ""
    return " ".join("".join(made).split())


def runs(text: str, rtl: bool) -> list[Run]:
    """A line cut into runs, from left to right as they are drawn."""
    levels = _levels(text, rtl)
    parts: list[tuple[str, int, int]] = []  # text, level, font, in the order of reading
    for char, level in zip(text, levels, strict=True):
        last = parts[-1] if parts else None
        stays = last is not None and char == " " and last[1] == level and _has(last[2], char)
        font = last[2] if last and stays else _font_for(char) or 0
        if last and last[1:] == (level, font):
            parts[-1] = (last[0] + char, level, font)
        else:
            parts.append((char, level, font))
    for level in range(max(levels, default=0), 0, -1):  # rule L2: what is embedded is turned round
        at = 0
        while at < len(parts):
            end = at
            while end < len(parts) and parts[end][1] >= level:
                end += 1
            parts[at:end] = parts[at:end][::-1]
            at = max(end, at + 1)
    return [Run(text, font, bool(level % 2)) for text, level, font in parts]


def _levels(text: str, rtl: bool) -> list[int]:
    """How deep each letter is embedded: even numbers run to the right, odd ones to the left."""
    base = int(rtl)
    kinds: list[str] = []
    strong = "R" if rtl else "L"
    for char in text:
        kind = {"L": "L", "R": "R", "AL": "R", "EN": "N", "AN": "N"}.get(unicodedata.bidirectional(char), "")
        if kind in ("L", "R"):
            strong = kind
        kinds.append("L" if kind == "N" and strong == "L" else kind)
    for at, kind in enumerate(kinds):
        if kind:
            continue
        before = next((each for each in reversed(kinds[:at]) if each), "")
        after = next((each for each in kinds[at:] if each), "")
        sides = {"R" if each == "N" else each for each in (before, after) if each}
        kinds[at] = sides.pop() if before and after and len(sides) == 1 else ("R" if rtl else "L")
    deep = {"L": 2 * base, "R": 1, "N": 2}
    return [deep[kind] for kind in kinds]


def _begins_rtl(text: str) -> bool:
    return next((unicodedata.bidirectional(char) != "L" for char in text
                 if unicodedata.bidirectional(char) in ("L", "R", "AL")), False)


def _wrapped(text: str) -> tuple[int, list[str]]:
    """The largest size in which the title has room, and its lines; cut where it has none."""
    for size, most in _SIZES:
        lines = _broken(text, size)
        if len(lines) <= most:
            return size, lines
    return size, [*lines[:most - 1], lines[most - 1].rsplit(" ", 1)[0] + " …"]


def _broken(text: str, size: int) -> list[str]:
    room = WIDTH - 2 * _EDGE
    lines: list[str] = []
    for word in text.split():
        while _width(word, size) > room:  # an address without a space
            cut = next(n for n in range(len(word) - 1, 0, -1) if _width(word[:n], size) <= room)
            lines, word = [*lines, word[:cut]], word[cut:]
        if lines and _width(f"{lines[-1]} {word}", size) <= room:
            lines[-1] += f" {word}"
        else:
            lines.append(word)
    return lines


def _width(text: str, size: int) -> float:
    return sum(_length(run, size) for run in runs(text, _begins_rtl(text)))


def _length(run: Run, size: int) -> float:
    return _face(run.font, size).getlength(run.text, direction=_direction(run))


def _line(pen: ImageDraw.ImageDraw, text: str, size: int, base: float, colour: str, rtl: bool) -> None:
    """Draw a line at its side, its letters standing on `base`."""
    parts = runs(readable(text), rtl)
    x = WIDTH - _EDGE - sum(_length(run, size) for run in parts) if rtl else float(_EDGE)
    for run in parts:
        pen.text((x, base), run.text, colour, _face(run.font, size), anchor="ls", direction=_direction(run))
        x += _length(run, size)


def _direction(run: Run) -> str | None:
    if not features.check("raqm"):
        return None
    return "rtl" if run.rtl else "ltr"


@lru_cache(maxsize=32)
def _face(font: int, size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(STATIC / manifest()[_FONTS[font]]), size)


@lru_cache(maxsize=4096)
def _has(font: int, char: str) -> bool:
    face = _face(font, 40)
    return bytes(face.getmask(char)) != bytes(face.getmask("\uffff"))


def _font_for(char: str) -> int | None:
    return next((font for font in range(len(_FONTS)) if _has(font, char)), None)
