"""Where an idea is about: what may be chosen, and what follows from it."""

from participation.city import City
from participation.errors import Invalid
from participation.places import Spot


def checked(city: City, entered: Spot) -> tuple[Spot, list[Invalid]]:
    """A spot as it is kept, and everything that is wrong with the one entered: a place that the city's list does not
    have, half a point, a point beyond the map's edges. A city without a map keeps no points."""
    wrong = [Invalid("place", "not_offered")] if entered.place and city.place(entered.place) is None else []
    if city.map is None:
        return Spot(entered.place or None), wrong
    point, off = city.map.checked(entered.latitude, entered.longitude)
    return Spot(entered.place or None, *(point[::-1] if point else ())), wrong + off


def point_of(city: City, spot: Spot) -> tuple[float, float] | None:
    """Latitude and longitude: of the point, else of the place that was named."""
    if spot.latitude is not None and spot.longitude is not None:
        return spot.latitude, spot.longitude
    place = city.place(spot.place)
    return (place.latitude, place.longitude) if place else None


def district_of(city: City, spot: Spot) -> str | None:
    """The key of the district that a spot lies in, by the boundaries or by the list of places."""
    drawn = None
    if spot.latitude is not None and spot.longitude is not None and city.map is not None:
        drawn = city.map.districts.at(spot.latitude, spot.longitude)
    place = city.place(spot.place)
    return drawn or (place.district if place else None)
