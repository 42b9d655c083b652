"""What a page with a map is told: addresses of its parts, edges, tiles. Nothing is loaded before it is asked for."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, url_for

from participation.ideas.actions import Draft
from participation.ideas.model import Idea
from participation.ideas.placed import Placed
from participation.ideas.spots import district_of, point_of
from participation.places import Spot
from participation.settings import NO_TILES
from participation.web.assets import manifest
from participation.web.door import door


@dataclass(frozen=True, slots=True)
class MapHere:
    """A map that can be shown on this page: `settings` for its script, and the host that it asks for pictures."""

    settings: dict[str, Any]
    host: str


@dataclass(frozen=True, slots=True)
class Where:
    """Where an idea is about, for its page: the place's name, the point as maps take it ("49.99900,8.27400"), and the
    key of the district that it lies in."""

    name: str
    point: str
    district: str | None


def map_here() -> MapHere | None:
    """The map of this city, for a page that offers one; allows that page to load its pictures. None where the city has
    none, or where it would be an empty frame: without tiles and without boundaries."""
    city, settings = door().city, door().settings
    if city.map is None or (settings.tiles_url == NO_TILES and not city.map.districts.shapes):
        return None
    g.tile_host = settings.tile_host
    here, tiles = city.map, settings.tiles_url != NO_TILES
    return MapHere({
        **{name: f"/static/{manifest()[file]}" for name, file in (
            ("view", "map-view.js"), ("leaflet", "leaflet.js"), ("css", "map.css"))},
        "districts": url_for("map_files.districts", v=here.districts.digest) if here.districts.shapes else "",
        "middle": [here.latitude, here.longitude], "zoom": here.zoom,
        "edges": [[here.south, here.west], [here.north, here.east]],
        "tiles": settings.tiles_url if tiles else "", "attribution": settings.tiles_attribution if tiles else "",
    }, settings.tile_host.partition("://")[2])


def where_is(thing: Idea | Placed | Draft) -> Where | None:
    """Where an idea is about; None where nothing was chosen, or where the city does not have it any more."""
    city = door().city
    spot = Spot(thing.place, thing.latitude, thing.longitude) if isinstance(thing, Idea) else thing.spot
    place, point = city.place(spot.place), point_of(city, spot)
    if point is None:
        return None
    return Where(place.name if place else "", f"{point[0]:.5f},{point[1]:.5f}", district_of(city, spot))


def furnish(app: Flask) -> None:
    """Give the templates the map."""
    app.jinja_env.globals.update(map_here=map_here, where_is=where_is)
