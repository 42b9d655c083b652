"""The marked language: every translated text shows that it is one, so that whatever shows none was never translated."""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

from babel import Locale
from babel.support import NullTranslations

from participation.city import City
from participation.web.language import name_of_language
from tests.people import AN_IDEA

# What is neither a sentence nor a name: references, digests, addresses, spans of time, kinds of files.
PARTS = re.compile(r"\bMZ-\d{4}-\d+\b|\b[0-9a-f]{64}\b|\b[0-9a-f]{16}…|\S+@\S+|https?://\S+|/\S+|\b[AP]M\b"
                   r"|\b\d+ (seconds?|minutes?|hours?|days?|weeks?|months?|years?)( ago)?\b|\b(CSV|XLSX|JSONL|JSON)\b")


class Marked(NullTranslations):
    """A catalogue whose every translation shows that it is one."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{msgid1 if n == 1 else msgid2}⟧"

    def pgettext(self, context: str, message: str) -> str:
        return self.gettext(message)

    def npgettext(self, context: str, msgid1: str, msgid2: str, num: int) -> str:
        return self.ngettext(msgid1, msgid2, num)

    ugettext, ungettext = gettext, ngettext


def data(city: City, *more: str) -> re.Pattern[str]:
    """What stands on English pages as the city, Babel or people wrote it."""
    found: set[str] = {*more, *AN_IDEA.values(), "Rosa", "resident@example.org", "author@example.org", "Mo", "Ode"}
    for thing in _within(city):
        found.add(thing)
    english = Locale.parse("en")
    found |= {*english.months["format"]["wide"].values(), *english.months["format"]["abbreviated"].values()}
    found |= {name_of_language(tag, into) for tag in (*city.languages, *city.content_languages) for into in (tag, "en")}
    longest = sorted({re.sub(r"\s+", " ", each) for each in found if each}, key=len, reverse=True)
    return re.compile(r"(?<!\w)(?:" + "|".join(map(re.escape, longest)) + r")(?!\w)")


def _within(thing: Any) -> Iterable[str]:
    if isinstance(thing, str):
        yield thing
    elif dataclasses.is_dataclass(thing):
        for field in dataclasses.fields(thing):
            yield from _within(getattr(thing, field.name))
    elif isinstance(thing, Mapping):
        for each in thing.values():
            yield from _within(each)
    elif isinstance(thing, list | tuple):
        for each in thing:
            yield from _within(each)


def unmarked(texts: Iterable[str], known: re.Pattern[str]) -> list[str]:
    """Of those texts, what is neither data nor marked as translated."""
    left = []
    for text in texts:
        kept = re.sub(r"\s+", " ", text)
        while re.search(r"⟦[^⟦⟧]*⟧", kept):
            kept = re.sub(r"⟦[^⟦⟧]*⟧", " ", kept)
        kept = PARTS.sub(" ", known.sub(" ", kept))
        if re.search(r"[^\W\d_]{2,}", kept):
            left.append(kept.strip())
    return left
