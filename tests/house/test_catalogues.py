"""Every catalogue is complete, and collecting again would change nothing."""

from pathlib import Path

import pytest
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

