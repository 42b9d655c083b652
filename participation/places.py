"""Where things are in the city, as its file declares it: the map, the districts' boundaries as GeoJSON (RFC 7946,
WGS 84), and the places that can be chosen by name. Read by `participation/city.py`."""

import hashlib
import json
import math
from collections.abc import Iterator
from dataclasses import dataclass
from dataclasses import field as declared
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, cast

from participation.city_file import Place as At
from participation.city_file import Reading, Rule, nearest
from participation.city_file import number as whole
from participation.errors import Invalid
from participation.strategy import Key

LARGEST = 4_000_000  # bytes of a boundary file; browsers load it
DIGITS = 5  # of a coordinate that is kept: about a metre
_TOLD = 5  # problems of a boundary file that are told at once
Latitude = Annotated[float, Rule(lambda d: -90 <= d <= 90, "degrees from -90.0 to 90.0")]
Longitude = Annotated[float, Rule(lambda d: -180 <= d <= 180, "degrees from -180.0 to 180.0")]
Position = tuple[float, float]  # longitude, latitude, in this order as in GeoJSON
Ring = tuple[Position, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """A place by the name that stands on its sign: a square, a station, a park; degrees in WGS 84."""

    key: Key
    name: str
    district: Key
    latitude: Latitude
    longitude: Longitude


@dataclass(frozen=True, slots=True)
class Spot:
    """Where an idea is about: the key of a place, a point in degrees, both or nothing."""

    place: str | None = None
    latitude: float | None = None
    longitude: float | None = None


NOWHERE = Spot()


@dataclass(frozen=True, slots=True)
class Drawing:
    """The districts' boundaries: polygons by a district's key, each an outer ring and its holes. `digest` is that of
    the file they were read from."""

    digest: str = ""
    shapes: tuple[tuple[str, tuple[tuple[Ring, ...], ...]], ...] = declared(default=(), compare=False)

    @classmethod
    def from_city_file(cls, reading: Reading, value: Any, at: At) -> "Drawing | None":
        """The boundaries in the file of this name beside the city file; complains of whatever is wrong in it."""
        try:
            raw, data = _read(reading.path.parent / str(value or "?"))
        except ValueError as trouble:
            reading.complain(at, f"is {value!r:.60}: {trouble}")
            return None
        keys = [one.get("key") for one in reading.data.get("districts") or () if isinstance(one, dict)]
        problems = list(_problems(data, [key for key in keys if isinstance(key, str)]))
        for problem in problems[:_TOLD]:
            reading.complain(at, f"is {value!r}, where {problem}")
        if problems:
            return None
        return cls(hashlib.sha256(raw).hexdigest()[:12], tuple(
            (feature["properties"]["key"], _polygons(feature["geometry"])) for feature in data["features"]))

    def at(self, latitude: float, longitude: float) -> str | None:
        """The key of the district that a point lies in; None outside of all."""
        return next((key for key, polygons in self.shapes
                     if any(_within(polygon, longitude, latitude) for polygon in polygons)), None)


@dataclass(frozen=True, slots=True)
class Map:
    """The city's map: its middle, how near it begins (0 is the world, 19 a house), and the edges of what may be chosen,
    all in degrees."""

    latitude: Latitude
    longitude: Longitude
    zoom: Annotated[int, whole(1, 18)]
    south: Latitude
    west: Longitude
    north: Latitude
    east: Longitude
    districts: Drawing = Drawing()

    def holds(self, latitude: float, longitude: float) -> bool:
        """Whether a point lies within the edges."""
        return self.south <= latitude <= self.north and self.west <= longitude <= self.east

    def checked(self, latitude: float | None, longitude: float | None) -> tuple[Position | None, list[Invalid]]:
        """A point as it is kept, and what is wrong with it: half of one, none at all, or one outside the edges."""
        wrong = [Invalid(name, "outside_city", least=least, most=most) for name, degrees, least, most in (
            ("latitude", latitude, self.south, self.north), ("longitude", longitude, self.west, self.east))
            if degrees is None or not least <= degrees <= most]
        if latitude is None or longitude is None or wrong:
            return None, [] if latitude is longitude is None else wrong
        return (round(longitude, DIGITS), round(latitude, DIGITS)), []


def relate(reading: Reading, drawn: Map | None, places: tuple[Place, ...]) -> None:
    """Complain of places that the city does not have, or that lie elsewhere than they say."""
    keys = [one.get("key", "") for one in reading.data.get("districts") or () if isinstance(one, dict)]
    whole_map = drawn is not None and None not in (drawn.south, drawn.west, drawn.north, drawn.east)
    if drawn is not None and whole_map:
        if drawn.south >= drawn.north or drawn.west >= drawn.east:
            reading.complain(("map",), "has no inside: write south below north and west below east")
        elif None not in (drawn.latitude, drawn.longitude) and not drawn.holds(drawn.latitude, drawn.longitude):
            reading.complain(("map",), "has its middle outside its edges: mend latitude and longitude, or the edges")
        for key, polygons in drawn.districts.shapes if drawn.districts else ():
            if not all(drawn.holds(y, x) for polygon in polygons for ring in polygon for x, y in ring):
                reading.complain(("map", "districts"), f"draws {key!r} beyond the map's edges: widen them, or exchange "
                                                       "longitude and latitude")
    for n, place in enumerate(places or ()):
        if place is None or None in (place.key, place.district, place.latitude, place.longitude):
            continue
        at = drawn.districts.at(place.latitude, place.longitude) if drawn is not None and drawn.districts else None
        if place.district not in keys:
            reading.complain(("places", n, "district"), f"is {place.district!r}, which the file does not declare: "
                                                        f"{nearest(place.district, keys)}")
        elif drawn and whole_map and not drawn.holds(place.latitude, place.longitude):
            reading.complain(("places", n), "lies beyond the map's edges: mend latitude and longitude")
        elif at is not None and at != place.district:
            reading.complain(("places", n, "district"), f"is {place.district!r}, but it is drawn in {at!r}: mend "
                                                        "the district, the degrees or the boundaries")


def geojson(drawn: Map, names: dict[str, str]) -> str:
    """The boundaries as one GeoJSON text, each with its key and its name."""
    def points(ring: Ring) -> list[Position]:
        return [(round(x, DIGITS), round(y, DIGITS)) for x, y in ring]

    return json.dumps({"type": "FeatureCollection", "features": [
        {"type": "Feature", "properties": {"key": key, "name": names.get(key, key)},
         "geometry": {"type": "MultiPolygon", "coordinates": [[points(ring) for ring in rings] for rings in polygons]}}
        for key, polygons in drawn.districts.shapes]}, ensure_ascii=False, separators=(",", ":"))


def _read(file: Path) -> tuple[bytes, Any]:
    """A boundary file and what it says. Raises ValueError with words that say what to do."""
    try:
        raw = file.read_bytes()
        if len(raw) > LARGEST:
            raise ValueError(f"it has {len(raw)} bytes: simplify its lines until {LARGEST} are enough")
        return raw, json.loads(raw.decode("utf-8-sig"))
    except OSError as error:
        raise ValueError(f"{error.strerror}: write the name of a GeoJSON file beside the city file") from error
    except UnicodeDecodeError as error:
        raise ValueError("it is not UTF-8: save it in UTF-8") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"line {error.lineno} is not JSON: {error.msg}") from error


def _problems(data: Any, known: list[str]) -> Iterator[str]:
    """What is wrong with a boundary file, in words."""
    if not isinstance(data, dict) or data.get("type") != "FeatureCollection" or not isinstance(
            data.get("features"), list) or not data["features"]:
        yield "there is no FeatureCollection: write one with a feature for each district"
        return
    if "crs" in data and not any(words in json.dumps(data["crs"]) for words in ("CRS84", "4326")):
        yield "the coordinates are in another system: convert them to WGS 84 (longitude, latitude in degrees)"
        return
    seen = set[str]()
    for n, feature in enumerate(data["features"], 1):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        key = properties.get("key") if isinstance(properties, dict) else None
        geometry = feature.get("geometry") if isinstance(feature, dict) else None
        if not isinstance(key, str) or not key:
            yield f"feature {n} has no property 'key': write that of its district"
        elif key not in known:
            yield f"feature {n} is {key!r}, no district of the city: {nearest(key, known)}"
        elif key in seen:
            yield f"{key!r} is drawn twice: make one MultiPolygon of it"
        elif not isinstance(geometry, dict) or geometry.get("type") not in ("Polygon", "MultiPolygon"):
            yield f"{key!r} is no area: write a Polygon or a MultiPolygon"
        elif wrong := _wrong_rings(geometry):
            yield f"{key!r} {wrong}"
        seen.add(str(key))


def _wrong_rings(geometry: dict[str, Any]) -> str:
    """What is wrong with the lines of an area; "" for nothing."""
    coordinates = geometry.get("coordinates")
    polygons = [coordinates] if geometry["type"] == "Polygon" else coordinates
    if not isinstance(polygons, list) or not polygons or not all(isinstance(each, list) and each for each in polygons):
        return "has no coordinates: write rings of positions"
    for ring in (ring for polygon in polygons for ring in polygon):
        if not isinstance(ring, list) or len(ring) < 4:
            return "has a ring of fewer than four positions: a triangle has four, the last being the first"
        if not all(_is_position(position) for position in ring):
            return "has a position that is none: write [longitude, latitude] in degrees"
        if ring[0] != ring[-1]:
            return "has a ring that is not closed: end it with its first position"
    return ""


def _is_position(value: Any) -> bool:
    return (isinstance(value, list) and len(value) in (2, 3)
            and all(type(part) in (int, float) and math.isfinite(part) for part in value)
            and -180 <= value[0] <= 180 and -90 <= value[1] <= 90)


def _polygons(geometry: dict[str, Any]) -> tuple[tuple[Ring, ...], ...]:
    polygons = [geometry["coordinates"]] if geometry["type"] == "Polygon" else geometry["coordinates"]
    return cast("tuple[tuple[Ring, ...], ...]", tuple(
        tuple(tuple((float(x), float(y)) for x, y, *_ in ring) for ring in rings) for rings in polygons))


def _within(polygon: tuple[Ring, ...], x: float, y: float) -> bool:
    """Whether a point lies inside: a ray to the east crosses the rings an odd number of times."""
    crossings = 0
    for ring in polygon:
        for (x1, y1), (x2, y2) in pairwise(ring):
            if (y1 > y) != (y2 > y) and x < x1 + (y - y1) * (x2 - x1) / (y2 - y1):
                crossings += 1
    return crossings % 2 == 1
