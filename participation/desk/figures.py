"""The monitoring page: figures for the review of the strategy, as plots, as tables and as a CSV."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from babel.dates import format_skeleton
from flask import Response, render_template, request
from flask_babel import gettext, lazy_gettext

from participation.assessment import figures
from participation.assessment.figures import Count, Figures, Series
from participation.city import City
from participation.database import now
from participation.desk.frame import blueprint
from participation.people.rights import Right
from participation.web.door import door, needs, reading
from participation.web.language import locale_of, name_of_language, speaking
from participation.web.sections import Section, csv_of
from participation.web.words import state_words

LENGTHS: dict[str, Any] = {"month": lazy_gettext("Months"), "quarter": lazy_gettext("Quarters"),
                           "year": lazy_gettext("Years")}
MET: dict[str, Any] = {"fully": lazy_gettext("Reached"), "partly": lazy_gettext("Reached in part"),
                       "not": lazy_gettext("Not reached")}
_HIGH, _WIDE, _GAP = 40, 8, 2  # of a plot and its bars, in its own units


@dataclass(frozen=True, slots=True)
class Bar:
    """One period of a plot; a withheld one has no height that would tell its number."""

    x: int
    y: float
    height: float
    withheld: bool


@dataclass(frozen=True, slots=True)
class Plot:
    """The bars of one series, on the scale of its whole group."""

    name: str
    total: str
    bars: tuple[Bar, ...]
    wide: int = figures.PERIODS * (_WIDE + _GAP)
    high: int = _HIGH


@dataclass(frozen=True, slots=True)
class Group:
    """A table of figures over time, with a plot for each of its rows."""

    section: Section
    plots: tuple[Plot, ...]


@blueprint.get("/figures", endpoint="figures")
@needs(Right.RECORDS_SEE)
def show_figures() -> str:
    """The figures of the last twelve months, quarters or years."""
    found = _counted()
    return render_template("desk/figures.html", groups=_groups(door().city, found), sections=_sections(found),
                           found=found, lengths=LENGTHS, met=MET, first=_period(found.begins[0], found.length),
                           last=_period(found.begins[-1], found.length))


@blueprint.get("/figures.csv", endpoint="figures_file")
@needs(Right.RECORDS_EXPORT)
def file() -> Response:
    """The same tables as a CSV."""
    found, city = _counted(), door().city
    sections = [*(group.section for group in _groups(city, found)), *_sections(found), _benefits(found)]
    first = (gettext("Period"), city.site_name.in_(speaking()),
             f"{_period(found.begins[0], found.length)} – {_period(found.begins[-1], found.length)}")
    name = f"{city.key}-figures-{found.length}-{found.begins[-1]:%Y-%m}.csv"
    return Response(csv_of(first, sections), mimetype="text/csv; charset=utf-8", headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"})


def _counted() -> Figures:
    length = request.args.get("by", "quarter")
    return figures.figures(reading(), door().city, length if length in LENGTHS else "quarter", now())


def _period(day: date, length: str) -> str:
    skeleton = {"month": "yMMM", "quarter": "yQQQ", "year": "y"}[length]
    return str(format_skeleton(skeleton, day, locale=locale_of(speaking())))


def _groups(city: City, found: Figures) -> list[Group]:
    fields = {field.key: field.name.in_(speaking()) for field in city.fields}
    districts = {district.key: district.name for district in city.districts}
    return [
        _group(gettext("Ideas published, by field of action"), gettext("Field of action"), found,
               found.published["field"], lambda key: fields.get(key, key), summed=True),
        _group(gettext("Ideas published, by district"), gettext("District"), found, found.published["district"],
               lambda key: districts.get(key, key) if key else gettext("Whole city"), summed=True),
        _group(gettext("Ideas published, by language"), gettext("Language"), found, found.published["language"],
               lambda key: name_of_language(key, speaking()), summed=True),
        _group(gettext("Where ideas stood at the end"), gettext("Where it stands"), found, found.standing,
               lambda key: str(state_words(key).name), summed=False),
    ]


def _group(name: str, what: str, found: Figures, series: tuple[Series, ...], called: Callable[[str], str],
           summed: bool) -> Group:
    last = (gettext("All"),) if summed else ()
    rows = tuple((called(row.key), *row.counts, *((row.total,) if summed else ())) for row in series)
    section = Section(name, (what, *(_period(day, found.length) for day in found.begins), *last), rows,
                      missing=gettext("withheld"))
    top = max((count for row in series for count in row.counts if count), default=0)
    plots = tuple(Plot(called(row.key), "" if row.total is None else section.shown(row.total), _bars(row.counts, top))
                  for row in series)
    return Group(section, plots)


def _bars(counts: tuple[Count, ...], top: int) -> tuple[Bar, ...]:
    """Bars from the bottom; a withheld one is a short open mark, whatever its number."""
    bars = []
    for place, count in enumerate(counts):
        height = 3.0 if count is None else round(_HIGH * count / top, 2) if top else 0.0
        if height:
            bars.append(Bar(place * (_WIDE + _GAP), round(_HIGH - height, 2), height, count is None))
    return tuple(bars)


def _sections(found: Figures) -> list[Section]:
    hidden, number = gettext("withheld"), gettext("How many")
    periods = [_period(day, found.length) for day in found.begins]
    kept = (gettext("Period"), number, gettext("In time"), gettext("In percent"))
    return [
        Section(gettext("How long ideas stayed where they stood"),
                (gettext("Where it stands"), number, gettext("Days (median)")),
                tuple((str(state_words(state).name), often, days) for state, often, days in found.durations),
                gettext("Median means: half of them took less time, half took more."), hidden),
        Section(gettext("Published ideas with an answer within the promised time"), kept,
                _shares(periods, found.answered),
                gettext("Only ideas whose time is over are counted, in the period they were published in."), hidden),
        Section(gettext("Promised dates that were kept"), kept, _shares(periods, found.promises),
                gettext("A date that was moved counts as not kept."), hidden),
        Section(gettext("From idea to project"), (gettext("Reached"), number),
                (*((str(state_words(state).name), count) for state, count in found.conversion),
                 (gettext("Belongs to a project"), found.with_project)),
                gettext("Of the ideas published in all these periods."), hidden),
        Section(gettext("Was the benefit reached?"), (gettext("Benefit"), number),
                tuple((str(MET[key]), count) for key, count in found.met), "", hidden),
    ]


def _benefits(found: Figures) -> Section:
    """For the file: the words themselves, which the page shows beside each other."""
    return Section(
        gettext("Benefit claimed and benefit recorded"),
        (gettext("Number"), gettext("Claimed when it was accepted"), gettext("Recorded when it was done"),
         gettext("Was the benefit reached?")),
        tuple((each.ref, each.claimed, each.recorded, str(MET[each.met])) for each in found.benefits))


def _shares(periods: list[str], kept: tuple[tuple[Count, Count], ...]) -> tuple[tuple[str, *tuple[Any, ...]], ...]:
    return tuple((period, every, good, round(100 * good / every, 1) if every and good is not None else None)
                 for period, (every, good) in zip(periods, kept, strict=True) if every != 0)
