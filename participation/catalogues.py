"""The catalogues of translations: texts collected from code and templates, and checked.

A catalogue is complete when every text has a translation that is not fuzzy, with the same
placeholders, in as many plural forms as its language has, and with the words that
translations/glossary.csv keeps for what the platform is made of.
"""

import csv
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from gettext import c2py
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
# Where Babel numbers the forms in another order than every tool that translators use.
_PLURALS = {"ar": "nplurals=6; plural=(n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 ? 4 "
                   ": 5);"}
_NUMBERS = (0, 1, 2, 5, 7, 11, 21, 100)  # between them they ask for every form of every language here
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
    made = Catalog(locale=tag.partition("-")[0], charset="utf-8", fuzzy=False)
    plurals = _PLURALS.get(tag.partition("-")[0], made.plural_forms)
    header = "\\n\"\n\"".join(["Project-Id-Version: participation 1", "Report-Msgid-Bugs-To: ",
                               "Last-Translator: The participation team", f"Language-Team: {tag}",
                               f"Language: {tag}", f"Plural-Forms: {plurals}",
                               "Content-Type: text/plain; charset=utf-8"])
    with open(file, "x") as opened:
        opened.write(f'msgid ""\nmsgstr ""\n"{header}\\n"\n')
    return file


def problems() -> list[str]:
    """What keeps the catalogues from being complete: one line each, with language and text."""
    template, terms = collect(), glossary()
    found = [f"{language.replace('_', '-')}: no column in the glossary" for language, _ in catalogues()
             if terms and language.replace("_", "-") not in terms]
    for language, file in catalogues():
        with open(file, "rb") as opened:
            catalogue = read_po(opened, locale=language.split("_")[0])
        alone, kept = _alone(catalogue), terms.get(language.replace("_", "-"), {})
        found += [f"{language}: {trouble}" for trouble in _wrong_plurals(catalogue, language.split("_")[0])]
        for message in template:
            if message.id:
                translated = catalogue.get(message.id if isinstance(message.id, str) else message.id[0],
                                           message.context)
                found += [f"{language}: {trouble}: {_first(message.id)!r}"
                          for trouble in (*_troubles(message, translated, alone),
                                          *_other_words(message, translated, kept))]
    return found


def glossary() -> dict[str, dict[str, tuple[str, ...]]]:
    """For each language the beginnings of words, in small letters, one of which stands for an English term; {} where
    there is no glossary. Longer terms come first: “idea pool” is no “idea”."""
    file = FOLDER / "glossary.csv"
    if not file.exists():
        return {}
    with open(file, encoding="utf-8", newline="") as opened:
        rows = sorted(csv.DictReader(opened), key=lambda row: -len(row["term"]))
    return {language: {row["term"]: tuple(stem.strip().casefold() for stem in (row[language] or "").split("|"))
                       for row in rows}
            for language in rows[0] if language != "term"} if rows else {}


def _other_words(message: Message, translated: Message | None, terms: Mapping[str, tuple[str, ...]]) -> Iterator[str]:
    """The terms of the glossary that a text has and its translation has not."""
    if translated is None or not translated.string:
        return
    several = isinstance(message.id, tuple | list)
    rest = str(message.id[1] if several else message.id)
    words = (" ".join(translated.string) if several else str(translated.string)).casefold()
    for term, stems in terms.items():
        rest, times = re.subn(rf"\b{re.escape(term)}(s|es)?\b", "§", rest, flags=re.IGNORECASE)
        if times and not any(stem and stem in words for stem in stems):
            yield f"another word than the glossary has for “{term}” ({'|'.join(stems) or 'nothing'})"


def _wrong_plurals(catalogue: Catalog, base: str) -> Iterator[str]:
    """What is wrong with how a catalogue chooses its plural forms."""
    right = Catalog(locale=base)
    rule = _PLURALS.get(base, right.plural_forms)
    count, expression = int(re.findall(r"\d+", rule)[0]), rule.partition("plural=")[2].rstrip(";")
    if catalogue.num_plurals != count:
        yield f"its header names {catalogue.num_plurals} plural forms instead of {count}"
    elif wrong := [n for n in _NUMBERS if c2py(catalogue.plural_expr)(n) != c2py(expression)(n)]:
        yield f"its header chooses another plural form for {', '.join(map(str, wrong))}"


def _alone(catalogue: Catalog) -> list[bool]:
    """For each plural form of a language, whether it stands for one number alone and need not name it ("one idea")."""
    form = c2py(catalogue.plural_expr)
    forms = [form(number) for number in range(1000)]
    return [forms.count(number) == 1 for number in range(catalogue.num_plurals)]


def _troubles(message: Message, translated: Message | None, alone: list[bool]) -> Iterator[str]:
    if translated is None:
        yield "not in the catalogue"
        return
    strings = translated.string if isinstance(translated.string, tuple | list) else (translated.string,)
    if not all(strings):
        yield "not translated"
        return
    if translated.fuzzy:
        yield "fuzzy"
    several = isinstance(message.id, tuple | list)
    if several and len(strings) != len(alone):
        yield f"{len(strings)} plural forms instead of {len(alone)}"
        return
    wanted = _placeholders(message.id[-1] if isinstance(message.id, tuple | list) else message.id)
    for number, string in enumerate(map(str, strings)):
        spared = {"%(num)s", "%(num)d"} if several and alone[number] else set()
        if not _placeholders(string) <= wanted or wanted - _placeholders(string) - spared:
            yield "other placeholders"
        elif not _fills_in(string):
            yield "cannot be filled in"


def _fills_in(text: str) -> bool:
    """Whether a text can be formatted as pages do it: a lone % breaks them."""
    try:
        text % defaultdict(lambda: 1)
    except (TypeError, ValueError):
        return False
    return True


def _placeholders(text: str) -> set[str]:
    return {match.group(0) for match in _PLACEHOLDER.finditer(text)}


def _first(text: object) -> str:
    return str(text[0] if isinstance(text, tuple | list) else text)
