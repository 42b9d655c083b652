"""`participation city new`: another city's file, asked for step by step, in every combination one that reads."""

import itertools
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

import wsgi
from participation import demo, new_city
from participation.city import contrast, read_city
from participation.database import Database, now
from participation.ideas import queries
from participation.settings import HOUSE

BASE: dict[str, Any] = {
    "name": 'Bad "Furt" am $See', "key": "bad-furt", "ref_prefix": "BF", "time_zone": "Europe/Berlin",
    "accent": "#1b5e4b", "accent_dark": "#7fd8bd", "email": "a@b.example", "address": "Am See 1", "imprint_url": "https://x.example/a",
    "privacy_url": "https://x.example/b", "supporters": 50, "days": 30, "guidelines": None}
LANGUAGES = [("de",), ("fr",), ("de", "en"), ("ar", "fr"), ("uk", "de", "de-simple"),
             ("de", "de-simple", "en", "fr", "it", "pl", "tr", "uk", "ru", "ar")]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to work in."""
    monkeypatch.chdir(tmp_path)
    yield tmp_path


def _new(*words: str, typed: str = "") -> Result:
    result = CliRunner().invoke(wsgi.cli, ["city", "new", *words], input=typed)
    assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
    return result


@pytest.mark.parametrize("languages", LANGUAGES, ids="-".join)
def test_every_combination_reads(languages: tuple[str, ...], folder: Path) -> None:
    first = languages[0]
    for number, (reasons, checks, answers, districts, own) in enumerate(itertools.product(
            (True, False), (True, False), (True, False), ([], ["Süd", "Süd", "Львів"]), (None, True))):
        given = BASE | {
            "languages": languages, "claim": {first: "A claim"}, "office": {first: 'The "office"'},
            "site_name": {tag: text for tag, text in new_city.proposal("site_name", BASE["name"]).items()
                          if tag in languages}, "reasons": reasons, "checks": checks, "answers": answers,
            "districts": districts, "fields": own and [{"name": {first: "Ä $1 {field}"}}, {"name": {first: "Рух"}}]}
        city, missing = new_city.write(given, folder / f"c{number}.toml")
        assert city == read_city(folder / f"c{number}.toml") and city.name.own == BASE["name"]
        assert city.languages == languages and len(city.districts) == len(districts)
        assert (len(city.reasons), len(city.criteria), len(city.degrees)) == \
            (9 if reasons else 1, 3 if checks else 0, 4 if checks else 0)
        written = "".join(file.read_text("utf-8") for file in folder.rglob(f"c{number}*/*.toml")) + \
            (folder / f"c{number}.toml").read_text("utf-8")
        assert sum(missing.values()) == written.count(f" {new_city.TO_TRANSLATE}\n") + written.endswith(
            new_city.TO_TRANSLATE)
        assert {"fr", "ar", "uk"} & set(languages) == {"fr", "ar", "uk"} & set(missing)
        assert not {"de-simple"} & set(missing)


def test_the_general_texts_have_nothing_of_one_city() -> None:
    for file in ((HOUSE / "cities" / "template.toml"), *(HOUSE / "cities" / "any-demo").glob("*.toml")):
        text = file.read_text("utf-8").lower()
        for word in ("mainz", "cdo", "leuchtturm", "schnellboot", "stadtkonzern", "a8122a", "mombach", "gonsenheim"):
            assert word not in text, (file.name, word)


def test_all_at_once(folder: Path) -> None:
    done = _new("Bad Furt", "--yes")
    assert done.exit_code == 0, done.output
    assert "in order" in done.output and "make run CITY_FILE=bad-furt.toml" in done.output
    assert "Before going public" in done.output and "translated" not in done.output
    city = read_city(folder / "bad-furt.toml")
    assert (city.key, city.ref_prefix, city.languages) == ("bad-furt", "BAD", ("de", "en"))
    assert [file.name for file in folder.iterdir()] == ["bad-furt.toml"]
    before = (folder / "bad-furt.toml").read_text()
    again = _new("Bad Furt", "--yes")
    assert again.exit_code == 2 and "bad-furt.toml is there already" in again.output
    assert (folder / "bad-furt.toml").read_text() == before
    other = _new("Львів", "--yes", "--file", "other.toml")
    assert other.exit_code == 0 and read_city(folder / "other.toml").ref_prefix == "CIT"
    nowhere = _new("X", "--yes", "--file", "none/x.toml")
    assert nowhere.exit_code == 2 and "none" in nowhere.output


def test_left_and_continued(folder: Path) -> None:
    left = _new("Ostfurt", typed="xx\nde-simple\nfr, de\nFurt participe\n")
    assert left.exit_code == 1 and "there is no 'xx'" in left.output and "write both" in left.output
    assert "Left. Your answers are kept in ostfurt.answers.json" in left.output
    assert [file.name for file in folder.iterdir()] == ["ostfurt.answers.json"]
    assert json.loads((folder / "ostfurt.answers.json").read_text())["site_name.fr"] == "Furt participe"
    # the name in German, two claims, two offices, colours, prefix, zone, e-mail, address, two pages, quorum, days
    rest = "\n" * 5 + "yellow\n#ffcc00\n\n\n\nEurope/Furt\n\nnobody\n\n\n\n\n0\n40\n\n"
    # fields, the same in German (first too few), guidelines, districts, and three switches
    rest += "Vert; Bleu\nGrün\nGrün; Blau\nno guideline\n\nRive; Rive; Львів\nmaybe\nno\nno\ny\n"
    done = _new("Ostfurt", typed=rest)
    assert done.exit_code == 0, done.output
    assert "Going on with 2 answers" in done.output and "its contrast to #ffffff is 1.5" in done.output
    assert "write a time zone" in done.output and "these are 1; write 2" in done.output and "yes or no" in done.output
    assert "to be translated into fr" in done.output and "ostfurt.toml" in done.output
    city = read_city(folder / "ostfurt.toml")
    assert city.languages == ("fr", "de") and city.site_name.in_("fr") == "Furt participe"
    assert [dict(each.name) for each in city.fields] == [{"fr": "Vert", "de": "Grün"}, {"fr": "Bleu", "de": "Blau"}]
    assert [each.key for each in city.districts] == ["rive", "rive-2", "district-3"]
    assert city.quorum.supporters == 40 and not city.criteria and len(city.reasons) == 1 and len(city.answers) == 3
    assert contrast(city.accent, "#ffffff") >= 4.5 and city.accent != "#ffcc00"
    assert sorted(file.name for file in folder.iterdir()) == ["ostfurt.toml"]


def test_answers_that_cannot_be_read(folder: Path) -> None:
    (folder / "ostfurt.answers.json").write_text("{half")
    refused = _new("Ostfurt", "--yes")
    assert refused.exit_code == 2 and "ostfurt.answers.json" in refused.output


@pytest.mark.parametrize("colour", ["#ffffff", "#ffcc00", "#000000", "#777777", "#1b5e4b", "#ff0000"])
def test_the_nearest_colour_that_can_be_read(colour: str) -> None:
    for ground in ("#ffffff", "#000000"):
        near = new_city.nearest_colour(colour, ground)
        assert contrast(near, ground) >= 4.5
        assert near == colour if contrast(colour, ground) >= 4.5 else near != colour


def test_a_new_city_has_a_demo(folder: Path, database: Database) -> None:
    assert _new("Bad Furt", "--yes").exit_code == 0
    city, first = read_city(folder / "bad-furt.toml"), read_city(HOUSE / "cities" / "mainz.toml")
    with database.change() as session:
        assert demo.fill(session, city, now()) == 11
    with database.reading() as session:
        shown = queries.listed(session, queries.Wanted()).cards
        assert len(shown) == 8 and {each.field for each in shown} <= {each.key for each in city.fields}
        assert all(each.ref.startswith("BAD-") and "{city}" not in each.excerpt for each in shown)
        assert queries.of_another_city(session, city) == ""
        assert queries.of_another_city(session, first).startswith("BAD-")
