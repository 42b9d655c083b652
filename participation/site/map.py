"""Ideas by district and place: as lists, on a map, and as GeoJSON (RFC 7946) for other programs."""

import hashlib
import json
from functools import lru_cache
from typing import Any

from flask import Blueprint, Response, render_template, request, url_for

from participation.city import City
from participation.ideas import placed
from participation.ideas.placed import Placed, PlacedList
from participation.ideas.spots import point_of
from participation.places import geojson
from participation.site.ideas import asked, in_words, narrowing
from participation.web.assets import FOREVER
from participation.web.door import door, open_to_all, reading
from participation.web.language import speaking, whole
from participation.web.words import state_words

blueprint = Blueprint("map", __name__)
files = Blueprint("map_files", __name__)

PAGE = 50  # ideas with a place on a page of the list
PINS = 500  # ideas on the map
MOST = 1000  # ideas in an answer for programs
KEPT_SECONDS = 300
_TYPE = "application/geo+json"


@blueprint.get("/ideas/map")
@open_to_all
def index() -> str:
    """How many ideas each district has, and those about a certain place; the map says the same once more."""
    wanted, offered, names = asked()
    known, session = None not in names.values(), reading()
    counts = placed.by_district(session, wanted) if known else {}
    found = placed.newest(session, wanted, PAGE, placed=True) if known else PlacedList((), "")
    kept = narrowing(wanted)
    return render_template(
        "site/map.html", counts=counts, found=found.ideas, wanted=wanted, offered=offered, kept_filters=kept,
        chosen=in_words(wanted, names), narrowed=bool(names or wanted.q),
        first_url=url_for(".index", **kept, _anchor="places") if wanted.after else None,
        next_url=url_for(".index", **kept, after=found.after, _anchor="places") if found.after else None)


@blueprint.get("/ideas.geojson")
@open_to_all
def ideas() -> Response:
    """The public ideas, the newest first, narrowed down like the list; one without a place has no geometry.
    `placed=1` leaves those out. More of them stand behind the link `next`."""
    wanted, _, names = asked()
    only = request.args.get("placed") == "1"
    found = PlacedList((), "")
    if None not in names.values():
        found = placed.newest(reading(), wanted, PINS if only else MOST, placed=only)
    kept = narrowing(wanted) | ({"placed": "1"} if only else {})
    links = [{"rel": "self", "type": _TYPE, "href": whole(url_for(".ideas", **kept, after=wanted.after or None))}]
    if found.after:
        links.append({"rel": "next", "type": _TYPE, "href": whole(url_for(".ideas", **kept, after=found.after))})
    city = door().city
    answer = _answer(json.dumps(
        {"type": "FeatureCollection", "links": links, "features": [_feature(city, idea) for idea in found.ideas]},
        ensure_ascii=False, separators=(",", ":")), f"public, max-age={KEPT_SECONDS}")
    if found.after:
        answer.headers["Link"] = f'<{links[-1]["href"]}>; rel="next"'
    return answer


@files.get("/districts.geojson")
@open_to_all
def districts() -> Response:
    """The districts' boundaries; under the address that names their digest, for ever."""
    city = door().city
    digest = city.map.districts.digest if city.map else ""
    named = bool(digest) and request.args.get("v") == digest
    return _answer(_boundaries(city), f"public, max-age={FOREVER}, immutable" if named
                   else f"public, max-age={KEPT_SECONDS}")


@lru_cache
def _boundaries(city: City) -> str:
    if city.map is None:
        return '{"type":"FeatureCollection","features":[]}'
    return geojson(city.map, {district.key: district.name for district in city.districts})


def _answer(text: str, kept: str) -> Response:
    answer = Response(text, mimetype=_TYPE)
    answer.headers["Cache-Control"] = kept
    answer.set_etag(hashlib.sha256(text.encode()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


def _feature(city: City, idea: Placed) -> dict[str, Any]:
    point, place = point_of(city, idea.spot), city.place(idea.spot.place)
    return {
        "type": "Feature", "id": idea.ref,
        "geometry": {"type": "Point", "coordinates": [point[1], point[0]]} if point else None,
        "properties": {
            "ref": idea.ref, "title": idea.title, "lang": idea.language, "field": idea.field,
            "district": idea.district, "place": place.name if place else None,
            "state": str(state_words(idea.state).name), "supporters": idea.supports,
            "published": idea.published_at.isoformat() if idea.published_at else None,
            "address": whole(url_for("ideas.show", ref=idea.ref, lang=speaking())),
        }}
