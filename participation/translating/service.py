"""A LibreTranslate-compatible service over HTTP: what it can translate, and translating. It is asked about public
texts only, and without what tells who somebody is: that is put aside before and put back after."""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from participation import reaching
from participation.database import now
from participation.jobs import GiveUp, TryLater
from participation.private import all_places
from participation.settings import Settings
from participation.text import plain

_JSON = {"Content-Type": "application/json", "Accept": "application/json"}
_SETTING = "TRANSLATE_URL"
_LANGUAGES = 500  # at most
_LONGER = 5  # times as long as the original, and a little: no translation is longer

Targets = dict[str, list[str]]  # {language: [into which]}


def languages(settings: Settings) -> Targets:
    """What the service can translate. Raises TryLater where it does not answer now, GiveUp for what is no answer."""
    said = reaching.get(_address(settings, "languages"), _JSON, private=True, proxies=True, named=_SETTING)
    found = _read(said)
    if not isinstance(found, list) or len(found) > _LANGUAGES:
        raise GiveUp(f"{_SETTING} does not name the languages that it translates: is it LibreTranslate's address?")
    codes = [each["code"] for each in found if isinstance(each, dict) and _is_tag(each.get("code"))]
    targets: Targets = {}
    for each in found:
        if isinstance(each, dict) and _is_tag(each.get("code")):
            into = each.get("targets", codes)
            targets[each["code"]] = [tag for tag in into if _is_tag(tag)][:_LANGUAGES] if isinstance(into, list) else []
    return targets


def translate(settings: Settings, texts: Mapping[str, str], source: str, target: str) -> dict[str, str]:
    """The parts of a text in another language. Raises TryLater where the service cannot do it now, and GiveUp for an
    answer that is none: another number of texts, something else than texts, one that is far too long."""
    pieces = {part: _apart(text) for part, text in texts.items()}
    asked = [core for parts in pieces.values() for _, core, _, sent in parts if sent]
    made = iter(_ask(settings, asked, source, target) if asked else [])
    return {part: plain("".join(before + (next(made) if sent else core) + after for before, core, after, sent in parts))
            for part, parts in pieces.items()}


def _ask(settings: Settings, asked: Sequence[str], source: str, target: str) -> list[str]:
    body = {"q": asked, "source": source, "target": target, "format": "text"}
    if settings.translate_key:
        body["api_key"] = settings.translate_key
    said = reaching.post(_address(settings, "translate"), json.dumps(body).encode(), _JSON, private=True, proxies=True,
                         named=_SETTING, silence=reaching.DEADLINE)
    read = _read(said)
    made = read.get("translatedText") if isinstance(read, dict) else None
    if not isinstance(made, list) or len(made) != len(asked):
        raise GiveUp("the service did not answer with as many texts as it was asked to translate")
    for before, after in zip(asked, made, strict=True):
        if not isinstance(after, str) or not plain(after) or len(after) > _LONGER * len(before) + 200:
            raise GiveUp("the service answered with something that cannot be the translation of a text")
    return [plain(each) for each in made]


def _read(said: reaching.Said) -> Any:
    """What it answered. Its own words are not kept: it could repeat what it was sent, the key with it."""
    if said.status in reaching.LATER or said.status >= 500:
        raise TryLater(f"HTTP {said.status}", reaching.pause(said, now()))
    if said.status in (401, 403):
        raise GiveUp(f"HTTP {said.status}: the service asks for another key: set TRANSLATE_KEY")
    if said.status != 200:
        raise GiveUp(f"HTTP {said.status}: the service does not translate this")
    try:
        return json.loads(said.body)
    except (ValueError, RecursionError) as trouble:
        raise GiveUp("the service answered with something that is no JSON") from trouble


def _apart(text: str) -> list[tuple[str, str, str, bool]]:
    """A text in pieces of (white space, words, white space, whether they are sent): addresses and numbers of people are
    not, nor what holds no letter."""
    out, at = [], 0
    for start, end in [*all_places(text), (len(text), len(text))]:
        for piece, private in ((text[at:start], False), (text[start:end], True)):
            if piece:
                core = piece.strip()
                lead = len(piece) - len(piece.lstrip())
                sent = not private and any(each.isalpha() for each in core)
                out.append((piece[:lead], core, piece[lead + len(core):], sent))
        at = end
    return out


def _address(settings: Settings, name: str) -> str:
    return f"{settings.translate_url.rstrip('/')}/{name}"


def _is_tag(value: object) -> bool:
    return isinstance(value, str) and 0 < len(value) <= 20
