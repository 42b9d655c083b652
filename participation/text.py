"""The one cleaning door for what people write, and the only place that marks text as safe.

What comes in is plain text: `plain` makes it storable and harmless to displays. What goes out is
escaped and gets paragraphs and links: `prose`. bleach finds the links; nh3 is the last gate behind
it, because bleach has no maintainer any more (declared June 2026).
"""

import re
import unicodedata
from collections.abc import MutableMapping, Sequence
from datetime import date
from functools import lru_cache
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit

import nh3
from bleach.linkifier import Linker
from markupsafe import Markup, escape

from participation.errors import Invalid

# Embeddings, overrides and isolates can make a text read differently from what it says
# (Unicode UAX #9); the harmless marks LRM, RLM and ALM stay, Arabic and Hebrew need them.
_BIDI = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A)])
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufeff\ufffe\uffff]")
_BREAKS = re.compile(r"\r\n?|\u2028|\u2029|\x85")
_MANY_BREAKS = re.compile(r"\n{3,}")
_SPACES = re.compile(r"[^\S\n]+")


def plain(text: str) -> str:
    """What a person wrote, as text that can be stored, compared and shown: NFC, real line breaks.

    Takes away NUL and control characters, direction overrides and lone surrogates (shown as the
    replacement character); keeps every letter of every script.
    """
    text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    text = _CONTROL.sub("", _BREAKS.sub("\n", text)).translate(_BIDI)
    lines = (line.rstrip() for line in unicodedata.normalize("NFC", text).split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip()


def one_line(text: str) -> str:
    """The same for titles and names: every run of white space is one space."""
    return _SPACES.sub(" ", plain(text).replace("\n", " ")).strip()


def fold(text: str) -> str:
    """The text as search sees it: no case, no accents, ß as ss, ı as i; the same on every database."""
    text = unicodedata.normalize("NFKD", text.casefold().replace("ı", "i"))
    return "".join(c for c in text if not unicodedata.combining(c))


@lru_cache(maxsize=4096)
def excerpt(text: str, length: int = 220) -> str:
    """The beginning of a text on one line, cut at a word, at most `length` characters."""
    flat = one_line(text[: length * 2])
    if len(flat) <= length:
        return flat
    return flat[:length].rsplit(" ", 1)[0].rstrip(" ,;:–-") + " …"


_OTHER_WAY = {"ltr": ("R", "AL", "AN"), "rtl": ("L",)}


def isolated(text: str, direction: str) -> str:
    """A name or title for the middle of a sentence of plain text, where no markup can keep it together: within
    isolates (U+2068, U+2069) when it holds letters that run against the sentence's direction, "ltr" or "rtl"."""
    against = _OTHER_WAY.get(direction, ())
    return f"\u2068{text}\u2069" if any(unicodedata.bidirectional(letter) in against for letter in text) else text


MASK = "█████"  # the same length for every passage, so that it does not tell how long it was


def mask(texts: Sequence[str], passages: Sequence[str]) -> tuple[str, ...]:
    """The texts with every passage made unreadable, wherever it stands, whatever its case. Raises
    Invalid("mask", …) for a passage that stands in none of them, or when there is none at all."""
    wanted = sorted({cleaned for passage in passages if (cleaned := one_line(passage))}, key=len, reverse=True)
    if not wanted:
        raise Invalid("mask", "required")
    made = list(texts)
    for passage in wanted:
        # A passage may have been broken over two lines in the text.
        pattern = re.compile(r"\s+".join(map(re.escape, passage.split())), re.IGNORECASE)
        found = [pattern.search(text) for text in texts]
        if not any(found):
            raise Invalid("mask", "not_in_the_text")
        made = [pattern.sub(MASK, text) for text in made]
    return tuple(made)


def _outward(attrs: MutableMapping[Any, Any], new: bool = False) -> MutableMapping[Any, Any] | None:
    """bleach's callback: only web addresses become links, and none of them vouches for its target."""
    if urlsplit(attrs.get((None, "href"), "")).scheme not in ("http", "https"):
        return None
    # What no address may hold, though people write it and browsers mend it.
    attrs[(None, "href")] = _FOREIGN.sub(lambda found: quote(unescape(found[0])), attrs[(None, "href")])
    attrs[(None, "rel")] = "nofollow ugc noopener noreferrer"
    return attrs


_FOREIGN = re.compile(r"&(lt|gt|quot|#34);|[\s<>\"{}|\\^`\[\]]")
_linker = Linker(callbacks=[_outward], parse_email=False)  # type: ignore[list-item]  # its stubs forbid None
_ALLOWED: dict[str, set[str]] = {"*": set(), "a": {"href"}}


@lru_cache(maxsize=4096)
def prose(text: str) -> Markup:
    """A person's text as paragraphs with links, safe to stand on a page."""
    paragraphs = (str(escape(part)).replace("\n", "<br>") for part in text.split("\n\n"))
    html = "".join(f"<p>{part}</p>" for part in paragraphs)
    if "://" in text or "www." in text.casefold() or "." in text:
        html = _linker.linkify(html)
    return Markup(nh3.clean(html, tags={"p", "br", "a"}, attributes=_ALLOWED, url_schemes={"http", "https"},
                            link_rel="nofollow ugc noopener noreferrer"))


def read_day(field: str, text: str) -> date | None:
    """A day as a form sends it, None for an empty one; raises Invalid."""
    try:
        day = date.fromisoformat(text.strip()) if text.strip() else None
    except ValueError:
        raise Invalid(field, "not_a_day") from None
    if day is not None and not 2000 <= day.year <= 2199:  # a slip of the keyboard: 0202, 20266
        raise Invalid(field, "not_a_day")
    return day
