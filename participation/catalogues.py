"""The catalogues of translations: texts collected from code and templates, and checked.

A catalogue is complete when every text has a translation that is not fuzzy, with the same
placeholders, in as many plural forms as its language has.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "translations"
SOURCES = ("participation", "moderation", "templates")
METHODS = [("**.py", "python"), ("**.html", "jinja2.ext:babel_extract"), ("**.txt", "jinja2.ext:babel_extract")]
OPTIONS = {"**.html": {"trimmed": "true", "silent": "false"}, "**.txt": {"trimmed": "true", "silent": "false"}}
KEYWORDS = {"_": None, "gettext": None, "lazy_gettext": None, "ngettext": (1, 2), "lazy_ngettext": (1, 2),
            "pgettext": ((1, "c"), 2), "lazy_pgettext": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3)}
_PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]|%[sd]|\{\w*\}")


def collect() -> Catalog:
    """Every text that a person can see, as code and templates hold it now."""
    template = Catalog(project="participation", version="1", charset="utf-8")
    for folder in SOURCES:
        for _file, _line, text, comments, context in extract_from_dir(
                ROOT / folder, METHODS, OPTIONS, keywords=KEYWORDS, comment_tags=("NOTE:",),
                strip_comment_tags=True):
            template.add(text, auto_comments=comments, context=context)
    return template


def catalogues() -> Iterator[tuple[str, Path]]:
    """Languages and their files."""
    for file in sorted(FOLDER.glob("*/LC_MESSAGES/messages.po")):
        yield file.parts[-3], file


def update() -> None:
    """Bring every catalogue up to what is collected; translations stay, new texts are empty, old ones go."""
    template = collect()
    for language, file in catalogues():
        with open(file, "rb") as opened:
            catalogue = read_po(opened, locale=language.split("_")[0])
        catalogue.update(template, no_fuzzy_matching=True, update_header_comment=False)
        catalogue.obsolete.clear()
        with open(file, "wb") as opened:
            write_po(opened, catalogue, no_location=True, sort_output=True, width=110, omit_header=False)


def add(tag: str) -> Path:
    """An empty catalogue for one more language, as "fr" or "de-simple"; `update` fills in the texts to translate."""
    file = FOLDER / tag.replace("-", "_") / "LC_MESSAGES" / "messages.po"
    file.parent.mkdir(parents=True, exist_ok=True)
    with open(file, "xb") as opened:
        write_po(opened, Catalog(locale=tag.partition("-")[0], project="participation", version="1", charset="utf-8",
                                 fuzzy=False))
    return file


def problems() -> list[str]:
    """What keeps the catalogues from being complete: one line each, with language and text."""
    found = []
    template = collect()
    for language, file in catalogues():
        with open(file, "rb") as opened:
            catalogue = read_po(opened, locale=language.split("_")[0])
        for message in template:
            if message.id:
                translated = catalogue.get(message.id if isinstance(message.id, str) else message.id[0],
                                           message.context)
                found += [f"{language}: {trouble}: {_first(message.id)!r}"
                          for trouble in _troubles(message, translated, catalogue.num_plurals)]
    return found


def _troubles(message: Message, translated: Message | None, plurals: int) -> Iterator[str]:
    if translated is None:
        yield "not in the catalogue"
        return
    strings = translated.string if isinstance(translated.string, tuple | list) else (translated.string,)
    if not all(strings):
        yield "not translated"
        return
    if translated.fuzzy:
        yield "fuzzy"
    if isinstance(message.id, tuple | list) and len(strings) != plurals:
        yield f"{len(strings)} plural forms instead of {plurals}"
    wanted = _placeholders(message.id[-1] if isinstance(message.id, tuple | list) else message.id)
    for string in filter(None, strings):
        if not _placeholders(string) <= wanted or wanted - _placeholders(string) - {"%(num)d"}:
            yield "other placeholders"


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in _PLACEHOLDER.finditer(text)}


def _first(text: object) -> str:
    return str(text[0] if isinstance(text, tuple | list) else text)
