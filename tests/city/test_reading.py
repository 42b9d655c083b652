"""Cities that read: Mainz as it stands, and an invented town that has nothing of Mainz."""

import json
import pickle
from pathlib import Path

from participation.city import City, contrast, read_city
from participation.settings import HOUSE

MAINZ = HOUSE / "cities" / "mainz.toml"
NEUENFURT = Path(__file__).parent.parent / "cities" / "neuenfurt.toml"
REASONS = "outside-remit too-late duplicate personal-data insult discrimination advertising illegal unclear"


def test_mainz_says_what_the_city_decided() -> None:
    city = read_city(MAINZ)
    assert (city.quorum.supporters, city.quorum.days, city.minimum_age) == (200, 56, 14)
    assert (len(city.guidelines), len(city.fields), len(city.districts)) == (8, 5, 15)
    assert (len(city.criteria), len(city.degrees), len(city.themes)) == (5, 4, 3)
    assert [one.key for one in city.reasons] == REASONS.split()
    assert next(one for one in city.guidelines if one.key == city.guideline).name["de"] == \
        "Mainzer:innen stehen im Mittelpunkt"
    assert [len(one.needs) for one in city.fields] == [4, 0, 0, 0, 0]  # the others are the office's to write
    assert city.contact.email.endswith(".example") and city.contact.phone == ""


def test_a_key_finds_its_thing_and_a_strange_key_nothing() -> None:
    city = read_city(MAINZ)
    field, district = city.field("digital-administration"), city.district("mombach")
    reason = city.reason("insult")
    assert field and field.name["de"] == "Digitale Verwaltung"
    assert district and district.name == "Mombach"
    assert reason and reason.kinds == {"idea", "comment"} and reason.moves == {"reject", "hide"}
    assert [city.field("x"), city.district("x"), city.reason("x")] == [None, None, None]


def test_a_text_comes_in_the_nearest_language_there_is() -> None:
    name = read_city(MAINZ).fields[0].name
    assert name.in_("en") == "Digital administration"
    assert name.in_("tr") == "Dijital yönetim"
    assert name.in_("de-1996") == name.in_("es") == name.in_("") == "Digitale Verwaltung"
    assert read_city(NEUENFURT).site_name.in_("en") == "Neuenfurt redet mit"


def test_a_city_is_called_as_each_language_calls_it() -> None:
    name = read_city(MAINZ).name
    assert [name.own, *map(name.in_, ("de-simple", "tr", "fr", "uk", "ar"))] == \
        ["Mainz", "Mainz", "Mainz", "Mayence", "Майнц", "ماينتس"]
    assert read_city(NEUENFURT).name.in_("ar") == "نوينفورت"


def test_every_reason_can_be_filled_in() -> None:
    for city in (read_city(MAINZ), read_city(NEUENFURT)):
        filled = [text.format(title="T", city=city.name.own, office="O", days=city.deadlines.decide_days)
                  for reason in city.reasons for text in reason.text.values()]
        assert filled and not any("{" in text for text in filled)


def test_the_second_city_has_nothing_of_mainz() -> None:
    city = read_city(NEUENFURT)
    assert (city.ref_prefix, city.languages, city.quorum.supporters) == ("NFT", ("de", "fr", "ar"), 25)
    assert [one.key for one in city.districts][:2] == ["oberfurt", "quai-nord"]
    assert city.import_fields == {"*": "living", "roads, paths": "moving"}
    assert city.contact.address == "Am Gué 1\nNeuenfurt"
    assert city.fields[0].needs[0].goals[0].in_("fr") == "Des bancs"
    assert "mainz" not in repr(city).lower()


def test_every_imported_row_has_a_field(shared: Path) -> None:
    city = read_city(MAINZ)
    rows = (shared / "proposals.jsonl").read_text("utf-8").splitlines()
    categories = {json.loads(row)["category"] for row in rows}
    found = {city.import_fields.get(one or "*", city.import_fields["*"]) for one in categories}
    assert found == {"mobility-environment-urban"}


def test_a_city_can_be_handed_to_a_worker() -> None:
    city = read_city(MAINZ)
    handed: City = pickle.loads(pickle.dumps(city))
    assert handed == city and hash(handed) == hash(city)


def test_contrast_is_that_of_the_guidelines() -> None:
    assert round(contrast("#000000", "#ffffff"), 2) == 21
    assert round(contrast("#767676", "#ffffff"), 2) == 4.54  # the lightest grey that passes on white
