"""Looks at a contribution's text and gives hints to the human who decides: hints, never verdicts.

Nothing follows from a hint by itself: no state, no delay, no word to the author. Everything here is
a pure function of the text, so a hint can be made anew whenever somebody looks, and is never kept.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from moderation.addresses import addresses
from moderation.tone import rude_words, shouting
from participation.private import emails, ibans, phones, plain_digits, plates

KEYS = ("email", "phone", "iban", "plate", "address", "links", "shouting", "language", "rude")
MASKED = frozenset(("email", "phone", "iban", "plate", "address"))  # what tells who or where somebody is
LONGEST = 120  # characters of a passage
MOST = 20  # passages of one key: whoever finds more needs no more hints

# Bare names only with endings that are no words of their own: "gemacht.es" is a missing space, not Spain.
_ENDINGS = ("com|org|net|info|biz|eu|de|ch|fr|nl|pl|ru|ua|uk|tr|br|cn|jp|io|tv|app|dev|shop|store|online|site|xyz|"
            "club|top|blog|live|link|click|cloud|tech|news|berlin|hamburg|koeln|ruhr|saarland|bayern")
_LINK = re.compile(r"(?<![\w@])(?:https?://[^\s<>\"]{1,300}|www\.[^\s<>\"]{3,300}"
                   rf"|(?<![.-])(?:[a-zäöüß0-9-]{{1,63}}\.){{1,4}}(?:{_ENDINGS})(?![\w-])(?!\.\w)(?:/[^\s<>\"]{{0,200}})?)",
                   re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Found:
    """A hint: what it is about (one of KEYS), and where ("" when it is about the whole)."""

    key: str
    passage: str


def look(title: str, body: str, declared: str, *, new_author: bool, rude: Mapping[str, Sequence[str]],
         guessed: str | None) -> list[Found]:
    """Everything worth a second look in a contribution, in the order of KEYS and of the text.

    `declared` is the language its author named and `guessed` what the text looks like, None where
    nobody is sure. `rude` holds words of languages: those of both are looked for. Links count only
    where the author is new: most of those who came to advertise are.
    """
    hits: dict[str, list[str]] = {key: [] for key in KEYS}
    for part in (title, body):
        _private_and_links(part, hits, new_author)
        hits["shouting"] += shouting(part)
        hits["rude"] += rude_words(part, {tag: _words(rude, tag) for tag in (declared, guessed) if tag})
    if guessed and _primary(guessed) != _primary(declared):
        hits["language"].append("")
    return [Found(key, passage) for key in KEYS for passage in _short(hits[key])]


def passages(found: Iterable[Found]) -> list[str]:
    """What could be masked before publishing, each once. The longest comes first, so that masking one
    after the other never cuts "Gaustr. 31" at "Gaustr. 3"."""
    return sorted({one.passage for one in found if one.key in MASKED and one.passage}, key=lambda p: (-len(p), p))


def _private_and_links(part: str, hits: dict[str, list[str]], new_author: bool) -> None:
    """Look for one kind after the other and blank what was found, so that no digit counts twice."""
    rest = plain_digits(part)
    for key, finder in (("email", emails), ("links", _links), ("iban", ibans), ("phone", phones),
                        ("plate", plates), ("address", addresses)):
        for start, end in finder(rest):
            if key != "links" or new_author:
                hits[key].append(part[start:end])
            rest = rest[:start] + "\0" * (end - start) + rest[end:]


def _links(text: str) -> list[tuple[int, int]]:
    return [] if "." not in text and "://" not in text else [
        (m.start(), m.start() + len(m[0].rstrip(".,;:!?)]}'"))) for m in _LINK.finditer(text)]


def _words(rude: Mapping[str, Sequence[str]], tag: str) -> Sequence[str]:
    return rude.get(tag) or rude.get(_primary(tag)) or ()


def _primary(tag: str) -> str:
    return tag.partition("-")[0].casefold()


def _short(hits: list[str]) -> list[str]:
    return list(dict.fromkeys(hit[:LONGEST] for hit in hits))[:MOST]
