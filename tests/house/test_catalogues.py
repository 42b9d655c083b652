"""Every catalogue is complete, and collecting again would change nothing."""

import re
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po

from participation import catalogues


def test_no_text_is_missing_fuzzy_or_broken() -> None:
    assert not catalogues.problems()


def test_the_catalogues_hold_what_the_code_says_and_nothing_else() -> None:
    texts = {message.id for message in catalogues.collect() if message.id}
    assert len(texts) > 300
    for _language, file in catalogues.catalogues():
        with open(file, "rb") as opened:
            kept = {message.id for message in read_po(opened) if message.id}
        assert kept == texts


QUOTES = {"de": "„“", "de_simple": "„“", "fr": "«»", "it": "«»", "pl": "„”", "tr": "“”", "uk": "«»", "ru": "«»",
          "ar": "«»"}


def test_every_language_quotes_as_it_does() -> None:
    for language, file in catalogues.catalogues():
        with open(file, "rb") as opened:
            texts = [str(text) for message in read_po(opened) if message.id
                     for text in (message.string if isinstance(message.string, tuple) else (message.string,))]
        words = re.sub(r"<[^>]*>", "", "\n".join(texts))  # not those of an element's attributes
        assert set(re.findall("[„“”«»‚‹›\"]", words)) <= set(QUOTES[language]), language
        assert not re.search("[٠-٩۰-۹]", words), language  # figures are written as the pages write them


def test_a_broken_catalogue_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    folder = tmp_path / "xx" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
                                        '#, fuzzy\nmsgid "Sign in"\nmsgstr "Anmelden"\n\n'
                                        'msgid "Its number is %(ref)s."\nmsgstr "Nummer %(nummer)s"\n')
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path)
    monkeypatch.setattr(catalogues, "read_po", lambda file, locale=None: read_po(file))
    found = catalogues.problems()
    assert any("fuzzy" in line and "Sign in" in line for line in found)
    assert any("placeholders" in line and "Its number" in line for line in found)
    assert any("not in the catalogue" in line for line in found)



def _broken(monkeypatch: pytest.MonkeyPatch, folder: Path, header: str, entries: str, glossary: str = "") -> list[str]:
    """The problems of an Arabic catalogue with that header and those entries, without those of texts it lacks."""
    (folder / "ar" / "LC_MESSAGES").mkdir(parents=True)
    (folder / "ar" / "LC_MESSAGES" / "messages.po").write_text(
        f'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n"Plural-Forms: {header}\\n"\n\n{entries}')
    if glossary:
        (folder / "glossary.csv").write_text(glossary)
    monkeypatch.setattr(catalogues, "FOLDER", folder)
    known = Catalog()
    for text in ("Ideas", "Idea pool", "Projects", ("%(num)s comment", "%(num)s comments")):
        known.add(text)
    monkeypatch.setattr(catalogues, "collect", lambda: known)
    return [line for line in catalogues.problems() if "not in the catalogue" not in line]


RIGHT = catalogues._PLURALS["ar"]
ONE_FORM = "nplurals=1; plural=0;"
COMMENTS = 'msgid "%(num)s comment"\nmsgid_plural "%(num)s comments"\n'


def _forms(*words: str) -> str:
    return COMMENTS + "".join(f'msgstr[{number}] "{each}"\n' for number, each in enumerate(words))


@pytest.mark.parametrize(("header", "entries", "found"), [
    (RIGHT, _forms("لا", "واحد", "اثنان", *["%(num)s تعليق"] * 3), ""),
    (RIGHT, _forms("لا", "واحد", "اثنان", "%(num)s تعليق", "%(num)s تعليق"), "not translated"),
    (RIGHT, _forms("لا", "واحد", "اثنان", "%(num)s تعليق", "", "%(num)s تعليق"), "not translated"),
    (RIGHT, _forms("لا", "واحد", "اثنان", "تعليق", "%(num)s تعليق", "%(num)s تعليق"), "other placeholders"),
    (RIGHT, _forms("لا", "%(num)s 50%", "اثنان", *["%(num)s تعليق"] * 3), "cannot be filled in"),
    (ONE_FORM, _forms("%(num)s تعليق"), "1 plural forms instead of 6"),
    (RIGHT.replace("n%100>=3", "n%100>=5"), _forms("لا", "واحد", "اثنان", *["%(num)s تعليق"] * 3),
     ""),
    (RIGHT.replace("n==2 ? 2", "n==7 ? 2"), _forms("لا", "واحد", "اثنان", *["%(num)s تعليق"] * 3),
     "another plural form for 2, 7"),
])
def test_plural_forms_are_counted_and_chosen_rightly(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, header: str,
                                                     entries: str, found: str) -> None:
    problems = _broken(monkeypatch, tmp_path, header, entries)
    assert problems == [] if not found else any(found in line for line in problems), problems


def test_a_term_is_translated_as_the_glossary_says(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    entries = ('msgid "Ideas"\nmsgstr "Vorschlag"\n\nmsgid "Idea pool"\nmsgstr "مجمّع"\n\n'
               'msgid "Projects"\nmsgstr "مشاريع"\n')
    problems = _broken(monkeypatch, tmp_path, RIGHT, entries,
                       "term,de,ar\nidea,Idee,فكر|فكار\nidea pool,Ideenpool,مجمّع\nproject,Projekt,مشروع|مشاريع\n")
    assert problems == ["ar: another word than the glossary has for “idea” (فكر|فكار): 'Ideas'"]


def test_a_language_without_a_column_in_the_glossary(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    problems = _broken(monkeypatch, tmp_path, RIGHT, "", "term,de\nidea,Idee\n")
    assert problems == ["ar: no column in the glossary"]
