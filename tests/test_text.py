"""The cleaning door: what goes in is text, and comes out as text."""

import json
import re
from pathlib import Path

import html5lib
import pytest

from participation.text import excerpt, fold, one_line, plain, prose


@pytest.mark.parametrize(("given", "kept"), [
    ("a\x00b", "ab"), ("a\r\nb\rc", "a\nb\nc"), ("\ud800x", "\ufffdx"), ("a\u202eb\u2066c", "abc"),
    ("A\u030angstro\u0308m", "Ångström"), ("  x  \n\n\n\n y ", "x\n\n y"), ("\u200fمرحبا", "\u200fمرحبا"),
    ("\ufeffx\x07", "x"), ("👩\u200d🚒", "👩\u200d🚒"), ("", ""), (" \t\n ", ""),
])
def test_plain(given: str, kept: str) -> None:
    assert plain(given) == kept
    assert plain(plain(given)) == kept


def test_one_line_and_excerpt_and_fold() -> None:
    assert one_line(" a\n b\tc ") == "a b c"
    assert excerpt("word " * 100, 30) == "word word word word word word …"
    assert excerpt("short") == "short"
    assert fold("Straße İI Été") == "strasse ii ete"


def test_prose_makes_paragraphs_and_links_and_nothing_else() -> None:
    html = str(prose("One\ntwo\n\nsee https://example.org/a?b=1&c=2 and www.example.org"))
    assert html.startswith("<p>One<br>two</p><p>see <a href=\"https://example.org/a?b=1&amp;c=2\"")
    assert html.count("<a ") == 2 and html.count('rel="nofollow ugc noopener noreferrer"') == 2
    assert "<a" not in prose("javascript:alert(1) ftp://example.org mail@example.org")


def test_hostile_strings_come_out_as_text(shared: Path) -> None:
    for line in (shared / "hostile_strings.jsonl").read_text(encoding="utf-8").splitlines():
        given = plain(json.loads(line)["text"])
        html = str(prose(given))
        assert not re.search(r"<(?!/?(p|br|a)\b)", html), given
        for tag in re.findall(r"<a [^>]*>", html):
            assert re.fullmatch(r'<a href="https?://[^"]*" rel="nofollow ugc noopener noreferrer">', tag), tag
        assert words_of(html) == re.sub(r"\s+", " ", given).strip(), given


def words_of(html: str) -> str:
    """What a browser would show, on one line."""
    tree = html5lib.parse(html.replace("<br>", "\n").replace("</p>", "</p>\n"), namespaceHTMLElements=False)
    return re.sub(r"\s+", " ", "".join(tree.itertext())).strip()
