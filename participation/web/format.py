"""Dates, numbers and names for people, in the language of the page. Formatting by locale is slow, so
what repeats on every page is kept."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Any

from babel.dates import format_date, format_datetime, format_timedelta, get_timezone
from babel.numbers import format_decimal
from flask import Flask, url_for

from participation.city import City
from participation.database import now
from participation.text import prose
from participation.web.door import door
from participation.web.language import (
    apart,
    canonical,
    direction,
    locale_of,
    name_of_language,
    offers,
    speaking,
    whole,
)
from participation.web.words import met_words, move_button, move_done, state_words


@lru_cache(maxsize=4096)
def _day(at: date, tag: str, zone: str) -> str:
    local = at.astimezone(get_timezone(zone)).date() if isinstance(at, datetime) else at
    return format_date(local, "long", locale_of(tag))


@lru_cache(maxsize=4096)
def _moment(at: datetime, tag: str, zone: str) -> str:
    return format_datetime(at, "medium" if tag == "en" else "short", get_timezone(zone), locale_of(tag))


@lru_cache(maxsize=4096)
def _ago(seconds: int, tag: str) -> str:
    return format_timedelta(timedelta(seconds=-seconds), add_direction=True, threshold=2,  # nine days, not one week
                            locale=locale_of(tag))


@lru_cache(maxsize=4096)
def _span(seconds: int, tag: str) -> str:
    return format_timedelta(timedelta(seconds=seconds), threshold=2, locale=locale_of(tag))


@lru_cache(maxsize=4096)
def _number(value: int, tag: str) -> str:
    return str(format_decimal(value, locale=locale_of(tag)))


def ago(at: datetime) -> str:
    """How long ago something was, as "2 days ago"."""
    seconds = max(int((now() - at).total_seconds()), 1)
    return _ago(_rough(seconds), speaking())


def left(until: datetime) -> str:
    """How long there is until then, as "12 days"; "" when it has passed."""
    seconds = int((until - now()).total_seconds())
    return _span(_rough(seconds), speaking()) if seconds > 0 else ""


def _rough(seconds: int) -> int:
    """Seconds no finer than people say them, so that the kept formats repeat."""
    for unit in (86_400, 3_600, 60):
        if seconds >= unit:
            return seconds - seconds % unit
    return seconds


_KEPT_PARTS = 5_000
_parts: dict[Any, Any] = {}


def kept(macro: Any, value: Any, *more: Any) -> Any:
    """A macro's output for a frozen value, rendered once per language and kept while there is room.

    Only for parts that say nothing but the value and the city's own names: no times that pass, no
    person. A list of twenty cards costs half a page's time otherwise.
    """
    key = (speaking(), macro.name, value, more)
    if (part := _parts.get(key)) is None:
        if len(_parts) >= _KEPT_PARTS:
            _parts.clear()
        part = _parts[key] = macro(value, *more)
    return part


def day(at: date) -> str:
    """A day, or that of a moment by the city's clock, as the language writes it."""
    return _day(at, speaking(), door().city.time_zone)


def number(value: int) -> str:
    """A number as the language writes it."""
    return _number(value, speaking())


def name_of_reason(city: City) -> Callable[[str], str]:
    """The function that gives a reason's name in the language of the page or letter."""
    reasons = {reason.key: reason.name for reason in city.reasons}
    return lambda key: reasons[key].in_(speaking()) if key in reasons else key


def furnish(app: Flask, city: City) -> None:
    """Give every template the words and formats of the page's language."""
    fields = {field.key: field.name for field in city.fields}
    districts = {district.key: district.name for district in city.districts}
    guideline = next(each for each in city.guidelines if each.key == city.guideline)
    zone = city.time_zone
    app.jinja_env.filters["prose"] = prose
    app.jinja_env.globals.update(
        url=url_for, prose=prose, state=state_words, met_words=met_words, move_button=move_button, move_done=move_done,
        day=day, moment=lambda at: _moment(at, speaking(), zone),
        ago=ago, left=left, number=number,
        name_of_language=lambda tag: name_of_language(tag, speaking()),
        name_of_field=lambda key: fields[key].in_(speaking()) if key in fields else key,
        name_of_district=lambda key: districts.get(key, key),
        name_of_reason=name_of_reason(city),
        direction_of=direction, apart=apart, canonical=canonical, whole=whole, kept=kept,
        guideline_name=lambda: guideline.name.in_(speaking()),
    )

    @app.context_processor
    def language() -> dict[str, Any]:
        tag = speaking()
        name, site_name = city.name.in_(tag), city.site_name.in_(tag)
        said = name[:max(3, len(name) - 2)] in site_name  # bent, too: "Pomysły dla Moguncji" has Moguncja
        return {"lang": tag, "direction": direction(tag), "city_name": name, "site_name": site_name,
                "city_beside": "" if said else name, "languages": offers()}
