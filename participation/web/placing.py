"""Choosing where an idea is about: fields for any form that asks it. Everything in them may be left empty."""

from typing import Any

from flask_babel import gettext, lazy_gettext
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from participation.ideas.model import Idea
from participation.places import Spot
from participation.web.door import door, typed


class PlaceFields:
    """A place of the city's list, and a point on the map in degrees. A form inherits these and calls `offer`."""

    place = SelectField(lazy_gettext("Is it about a certain place?"), validate_choice=False)
    latitude = StringField(lazy_gettext("Latitude"), filters=[typed])
    longitude = StringField(lazy_gettext("Longitude"), filters=[typed])


def offer(form: Any) -> None:
    """Fill in the city's places, by district; what the city does not have is taken out of the form."""
    city = door().city
    if city.places:
        districts = {each.key: each.name for each in city.districts}
        form.place.choices = [
            SelectChoice("", gettext("No certain place")),
            *(SelectChoice(place.key, place.name, {"data-at": f"{place.latitude},{place.longitude}"},
                           optgroup=districts.get(place.district)) for place in city.places)]
    else:
        del form.place
    if city.map is None:
        del form.latitude, form.longitude


def chosen(form: Any) -> Spot:
    """Where the idea is about, as it was entered; what is no number becomes one that the rules refuse."""
    return Spot((form.place.data if form.place else "") or None,
                *(_degrees(field.data if field else "") for field in (form.latitude, form.longitude)))


def values(idea: Idea) -> dict[str, str]:
    """What the fields begin with for an idea that is changed."""
    def written(degrees: float | None) -> str:
        return "" if degrees is None else f"{degrees:.5f}"

    return {"place": idea.place or "", "latitude": written(idea.latitude), "longitude": written(idea.longitude)}


def _degrees(text: str | None) -> float | None:
    """Degrees as people write them, with a comma or a point; None for an empty text, no number (nan) for nonsense."""
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        return float("nan")
