"""Texts of a city file in files of their own, one for each language."""

import shutil
from pathlib import Path

import pytest

from participation.city import City, read_city
from participation.city_file import CityFileError, Text
from participation.settings import HOUSE

NEUENFURT = Path(__file__).parent.parent / "cities" / "neuenfurt.toml"


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """A city that offers Italian, too; the file for it is still to be written."""
    city = tmp_path / "neuenfurt.toml"
    text = NEUENFURT.read_text()
    before = text.split("languages = [", 1)[1].split("]", 1)[0]
    city.write_text(text.replace(f"languages = [{before}]", f'languages = [{before}, "it"]', 1))
    shutil.copy(NEUENFURT.with_name("neuenfurt-districts.geojson"), tmp_path)
    (tmp_path / "neuenfurt-texts").mkdir()
    return tmp_path / "neuenfurt-texts" / "it.toml"


def _read(beside: Path) -> City:
    return read_city(beside.parent.with_name("neuenfurt.toml"))


def _complaints(beside: Path) -> list[str]:
    with pytest.raises(CityFileError) as refused:
        _read(beside)
    return [what for _, what in refused.value.problems]


def _all_texts(city_file: Path) -> str:
    """Every text of the city as a translator's file has them, invented by putting IT before each."""
    lines: dict[str, list[str]] = {}

    def walk(thing: object, names: tuple[str, ...]) -> None:
        if isinstance(thing, Text):
            lines.setdefault(".".join(names[:-1]), []).append(f"{names[-1]} = {('IT ' + thing.entries[0][1])!r}")
        elif hasattr(thing, "__dataclass_fields__"):
            for name in thing.__dataclass_fields__:
                walk(getattr(thing, name), (*names, name))
        elif isinstance(thing, tuple):
            for number, one in enumerate(thing):
                walk(one, (*names, getattr(one, "key", str(number))))

    walk(read_city(city_file), ())
    return "\n".join("\n".join([f"[{table}]" if table else "", *texts]) for table, texts in sorted(lines.items()))


def test_a_language_in_a_file_of_its_own(beside: Path) -> None:
    beside.write_text(_all_texts(NEUENFURT))
    city = _read(beside)
    assert "it" in city.languages and city.site_name.in_("it").startswith("IT ")
    assert city.reasons[0].text.in_("it").startswith("IT ")
    assert city.benefit.anchors[3].in_("it").startswith("IT ")
    assert [tag for tag, _ in city.claim.entries][: len(city.languages)] == list(city.languages)


def test_what_is_missing_is_named(beside: Path) -> None:
    shutil.rmtree(beside.parent)
    assert any(what.startswith("site_name.it is missing") for what in _complaints(beside))


def test_what_is_wrong_is_named_with_its_file_and_line(beside: Path) -> None:
    beside.write_text(_all_texts(NEUENFURT) + """
[limits]
title_min = "x"
[contact.nobody]
office = "x"
""")
    found = _complaints(beside)
    assert any("neuenfurt-texts/it.toml, line" in what and "limits.title_min is no text" in what for what in found)
    assert any("contact.nobody.office is no text" in what for what in found)


def test_placeholders_are_checked_there_too(beside: Path) -> None:
    text = _all_texts(NEUENFURT)
    key = read_city(NEUENFURT).reasons[0].key
    at = text.index(f"[reasons.{key}]")
    beside.write_text(text[:at] + text[at:].replace("text = 'IT ", "text = 'IT {strange} ", 1))
    assert any("line" in what and f"reasons.{key}.text" in what and "{title}" in what for what in _complaints(beside))


def test_a_text_in_both_files_is_ambiguous(beside: Path) -> None:
    beside.write_text(_all_texts(NEUENFURT))
    city = beside.parent.with_name("neuenfurt.toml")
    lines = city.read_text().split("\n")
    at = next(n for n, line in enumerate(lines) if line.startswith("site_name = {"))
    lines[at] = lines[at].replace("{", '{ it = "Qui",', 1)
    city.write_text("\n".join(lines))
    assert any("site_name stands in the city file, too" in what for what in _complaints(beside))


def test_every_text_of_mainz_is_there_in_every_language_of_its_pages() -> None:
    """The wider language would do for plain German; its own text is what makes it plain."""
    city, checked = read_city(HOUSE / "cities" / "mainz.toml"), 0

    def walk(thing: object) -> None:
        nonlocal checked
        if isinstance(thing, Text):
            checked += 1
            assert set(thing) == set(city.languages), thing
        elif hasattr(thing, "__dataclass_fields__"):
            for name in thing.__dataclass_fields__:
                walk(getattr(thing, name))
        elif isinstance(thing, tuple):
            for one in thing:
                walk(one)

    walk(city)
    assert checked > 140 and len(city.languages) == 10
