"""The map of a city file: boundaries and places that are refused with what to do, and points that are found."""

import json
from pathlib import Path
from typing import Any

import pytest

from participation.city import City, read_city
from participation.city_file import CityFileError
from participation.errors import Invalid
from participation.ideas.spots import checked, district_of, point_of
from participation.places import Spot

HERE = Path(__file__).parent.parent / "cities"
GOOD: dict[str, Any] = json.loads((HERE / "neuenfurt-districts.geojson").read_text())


def _city(folder: Path, districts: str | bytes, changes: dict[str, str] | None = None) -> City:
    text = (HERE / "neuenfurt.toml").read_text("utf-8")
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    (folder / "neuenfurt.toml").write_text(text, "utf-8")
    raw = districts if isinstance(districts, bytes) else districts.encode()
    (folder / "neuenfurt-districts.geojson").write_bytes(raw)
    return read_city(folder / "neuenfurt.toml")


def _feature(**changes: Any) -> str:
    """The boundaries, the first feature changed."""
    first = GOOD["features"][0] | changes
    return json.dumps(GOOD | {"features": [first, *GOOD["features"][1:]]})


def _ring(ring: Any) -> str:
    return _feature(geometry={"type": "Polygon", "coordinates": [ring]})


@pytest.mark.parametrize(("districts", "says"), [
    ("{", "line 1 is not JSON"), (b"\xff\xfe", "it is not UTF-8"), ("[]", "there is no FeatureCollection"),
    (json.dumps(GOOD | {"features": []}), "there is no FeatureCollection"),
    (json.dumps(GOOD | {"crs": {"properties": {"name": "EPSG:25832"}}}), "in another system: convert them to WGS 84"),
    (_feature(properties={}), "feature 1 has no property 'key'"),
    (_feature(properties={"key": "quai-nor"}), "feature 1 is 'quai-nor', no district of the city: write 'quai-nord'"),
    (_feature(properties=GOOD["features"][1]["properties"]), "is drawn twice: make one MultiPolygon"),
    (_feature(geometry={"type": "Point", "coordinates": [8, 48]}), "is no area: write a Polygon or a MultiPolygon"),
    (_feature(geometry={"type": "Polygon", "coordinates": []}), "has no coordinates"),
    (_ring([[8, 48.5], [8.1, 48.5], [8, 48.5]]), "has a ring of fewer than four positions"),
    (_ring([[8, 48.5], [8.1, 48.5], [8.1, 48.6], [8, 48.6]]), "has a ring that is not closed"),
    (_ring([["8", 48.5], [8.1, 48.5], [8.1, 48.6], ["8", 48.5]]), "has a position that is none"),
    (_ring([[8, float("nan")], [8.1, 48.5], [8.1, 48.6], [8, float("nan")]]), "has a position that is none"),
    (_ring([[48.5, 8], [48.6, 8], [48.6, 8.1], [48.5, 8]]), "beyond the map's edges: widen them, or exchange"),
    (b" " * 4_000_001, "it has 4000001 bytes"),
])
def test_boundaries_that_are_refused(tmp_path: Path, districts: str | bytes, says: str) -> None:
    with pytest.raises(CityFileError) as refused:
        _city(tmp_path, districts)
    [(line, what), *more] = refused.value.problems
    assert says in what and what.startswith(("map.districts", "places")) and line and len(more) < 5, what


@pytest.mark.parametrize(("old", "new", "says"), [
    ('"neuenfurt-districts.geojson"', '"none.geojson"', "map.districts is 'none.geojson': No such file"),
    ("south = 48.5", "south = 48", "map.south is 48: write a number with a decimal point"),
    ("south = 48.5", "south = 148.5", "map.south is 148.5: write degrees from -90.0 to 90.0"),
    ("south = 48.5", "south = 48.9", "map has no inside"),
    ("zoom = 11", "zoom = 40", "map.zoom is 40: write a whole number from 1 to 18"),
    ('name = "Alte Furt", district = "oberfurt"', 'name = "Alte Furt", district = "oberfur"',
     "places.alte-furt.district is 'oberfur', which the file does not declare: write 'oberfurt'"),
    ('name = "Alte Furt", district = "oberfurt"', 'name = "Alte Furt", district = "quai-nord"',
     "places.alte-furt.district is 'quai-nord', but it is drawn in 'oberfurt'"),
    ("latitude = 48.59", "latitude = 8.59", "places.alte-furt lies beyond the map's edges"),
])
def test_maps_and_places_that_are_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    with pytest.raises(CityFileError) as refused:
        _city(tmp_path, json.dumps(GOOD), {old: new})
    assert any(says in what and line for line, what in refused.value.problems), refused.value.problems


def test_a_city_without_a_map(tmp_path: Path) -> None:
    text = (HERE / "neuenfurt.toml").read_text("utf-8")
    begin, end = text.index("[map]"), text.index("[", text.index("[map]") + 1)
    (tmp_path / "city.toml").write_text(text[:begin] + text[end:], "utf-8")
    city = read_city(tmp_path / "city.toml")
    assert city.map is None and checked(city, Spot("alte-furt", 48.59, 8.05)) == (Spot("alte-furt"), [])
    assert district_of(city, Spot("alte-furt")) == "oberfurt"


def test_what_lies_where() -> None:
    city = read_city(HERE / "neuenfurt.toml")
    assert city.map and city.map.districts.at(48.59, 8.05) == "oberfurt" and city.map.districts.at(48.64, 8.14) is None
    assert checked(city, Spot(None, 48.591234567, 8.05)) == (Spot(None, 48.59123, 8.05), [])
    assert district_of(city, Spot("alte-furt", 48.55, 8.05)) == "quai-nord"  # the point says it more closely
    assert point_of(city, Spot("alte-furt")) == (48.59, 8.05) and point_of(city, Spot("gone")) is None
    for spot, fields in ((Spot(None, 48.59, None), ["longitude"]), (Spot(None, float("nan"), 8.05), ["latitude"]),
                         (Spot("gone", 8.0, 48.0), ["place", "latitude", "longitude"])):
        found: list[Invalid] = checked(city, spot)[1]
        assert [each.field for each in found] == fields


def test_holes_and_several_parts(tmp_path: Path) -> None:
    def square(x: float, y: float, size: float) -> list[list[float]]:
        return [[x, y], [x + size, y], [x + size, y + size], [x, y + size], [x, y]]

    shape = {"type": "MultiPolygon", "coordinates": [[square(8.0, 48.6, 0.04), square(8.01, 48.61, 0.01)],
                                                     [[[*p, 100.0] for p in square(8.0, 48.52, 0.01)]]]}
    city = _city(tmp_path, _feature(geometry=shape))
    assert city.map
    found = [city.map.districts.at(y, x) for x, y in ((8.005, 48.605), (8.015, 48.615), (8.005, 48.525), (8.03, 48.63))]
    assert found == ["oberfurt", None, "oberfurt", "oberfurt"]
