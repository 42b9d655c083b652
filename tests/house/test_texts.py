"""No text reaches a page beside the catalogues: none in a template outside its calls, none in a form or a message."""

import ast
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from flask import Flask
from jinja2 import nodes

from participation.settings import HOUSE

ROOT = HOUSE.parent
SPOKEN = {"aria-label", "aria-description", "title", "alt", "placeholder", "data-announce", "data-words", "value"}
# Names that are the same everywhere, and the page of parts, which shows sample words to those who write templates.
NAMES = re.compile(r"\b(CSV|XLSX|JSONL?|HTTP|Authorization: Bearer)\b|[a-z]+@example\.org")
SAMPLES = {"style.html"}
TALKING = re.compile(r"(Field|flash|Page)$")


class _Spoken(HTMLParser):
    """The words of a piece of a page, and of the attributes that are read out."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._silent = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent = tag in ("script", "style", "code", "pre")
        self.words += [value for name, value in attrs if value and name in SPOKEN
                       and (name != "value" or ("type", "submit") in attrs)]

    def handle_endtag(self, tag: str) -> None:
        self._silent = False

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.words.append(data)


def untranslated(source: str, app: Flask) -> list[str]:
    """The words that stand in a template themselves."""
    tree = app.jinja_env.parse(source)
    html = " ".join(each.data for each in tree.find_all(nodes.TemplateData))
    reader = _Spoken()
    reader.feed(html)
    return [word.strip() for word in reader.words
            if re.search(r"[^\W\d_]{2,}", re.sub(r"&\w+;", " ", NAMES.sub(" ", word)))]


def spoken_constants(source: str) -> Iterator[str]:
    """The first words given to a field of a form, a message or an error page that no call translates."""
    for call in ast.walk(ast.parse(source)):
        if isinstance(call, ast.Call) and call.args and isinstance(call.args[0], ast.Constant):
            name = getattr(call.func, "id", "") or getattr(call.func, "attr", "")
            text = call.args[0].value
            if TALKING.search(name) and isinstance(text, str) and re.search(r"[^\W\d_]{2,}", text):
                yield text


@pytest.mark.parametrize("template", sorted((ROOT / "templates").rglob("*.html")),
                         ids=lambda path: str(path.relative_to(ROOT)))
def test_a_template_says_nothing_by_itself(one_app: Flask, template: Path) -> None:
    if template.name not in SAMPLES:
        assert not untranslated(template.read_text(encoding="utf-8"), one_app)


def test_python_says_nothing_by_itself() -> None:
    found = {str(file.relative_to(ROOT)): texts for folder in ("participation", "moderation")
             for file in (ROOT / folder).rglob("*.py")
             if (texts := list(spoken_constants(file.read_text(encoding="utf-8"))))}
    assert not found


def test_words_that_nobody_translates_are_found(one_app: Flask) -> None:
    source = '<p title="Hello">{{ _("World") }} there</p>{% trans %}kept{% endtrans %}'
    assert untranslated(source, one_app) == ["Hello", "there"]
    assert list(spoken_constants('flash("Done")\nx = StringField("Name")\ny = StringField(lazy_gettext("N"))')) == [
        "Done", "Name"]
