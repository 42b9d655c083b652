"""The figures of a half-year in words: the same tables for the page and for the CSV, and the JSON."""

from collections.abc import Callable
from dataclasses import fields
from datetime import UTC, datetime, timedelta
from typing import Any

from flask_babel import gettext

from moderation.figures import Figures
from moderation.pages.words import KINDS
from participation.city import City
from participation.web.format import name_of_reason
from participation.web.language import speaking
from participation.web.sections import Section, csv_of
from participation.web.words import MOVES, move_done


def done(move: str) -> str:
    """A move in words; its key where the site does not know it any more, for the log is never changed."""
    return move_done(move) if move in MOVES else move


def kind_of(key: str) -> str:
    """What was decided on, in words; its key where the site does not know it any more."""
    return str(KINDS[key][1]) if key in KINDS else key


def sections(city: City, found: Figures) -> list[Section]:
    """The figures as tables, in the order of Art. 15(1) DSA."""
    reason = name_of_reason(city)
    number = gettext("How many")
    return [_reports(found, reason), *_decisions(city, found, reason, number), _appeals(found, number),
            _times(found), _people(found, number)]


def _reports(found: Figures, reason: Callable[[str], str]) -> Section:
    return Section(
        gettext("Reports"), (gettext("What was reported"), gettext("Reports"), gettext("Led to action")),
        (*((reason(key), number, acted) for key, number, acted in found.reports),
         (gettext("All reports"), sum(row[1] for row in found.reports), sum(row[2] for row in found.reports))),
        gettext("Several reports on one entry are decided together."))


def _decisions(city: City, found: Figures, reason: Callable[[str], str], number: str) -> list[Section]:
    taken = Section(
        gettext("Decisions of the moderation"), (gettext("Decision"), number),
        (*((gettext("%(kind)s: %(decision)s", kind=kind_of(kind), decision=done(move)), count)
           for kind, move, count in found.decisions),
         (gettext("All decisions"), sum(row[2] for row in found.decisions))))
    reasons = Section(
        gettext("Not published, hidden or refused, by reason"),
        (gettext("Reason"), gettext("On our own initiative"), gettext("After a report")),
        (*((reason(key), own, told) for key, own, told in found.reasons),
         (gettext("All reasons"), sum(row[1] for row in found.reasons), sum(row[2] for row in found.reasons))))
    automated = Section(
        gettext("Made by a rule, without a person"), (gettext("Decision"), number),
        tuple((done(move), count) for move, count in found.automated), _about_machines(city, found))
    return [taken, reasons, automated]


def _about_machines(city: City, found: Figures) -> str:
    if city.moderation.hide_after_reports or dict(found.automated).get("hide_reported"):
        return str(gettext("An entry that enough people have reported is hidden until a moderator decides. No other "
                           "decision against anybody is made by a machine."))
    return str(gettext("No decision against anybody is made by a machine."))


def _appeals(found: Figures, number: str) -> Section:
    return Section(gettext("Appeals"), (gettext("What became of them"), number), (
        (gettext("Filed"), found.appeals_filed), (gettext("Decision upheld"), found.appeals_upheld),
        (gettext("Decision reversed"), found.appeals_reversed), (gettext("Not yet answered"), found.appeals_open)))


def _times(found: Figures) -> Section:
    share = found.share_within
    return Section(gettext("How long it took"), (gettext("Time"), gettext("Value")), (
        (gettext("First decisions on ideas and comments"), found.first_decisions),
        (gettext("Days from sending to the first decision (median)"), _short(found.first_days)),
        (gettext("Decided within the promised days, in percent (promised: %(days)s)", days=found.promised_days),
         _short(share * 100 if share is not None else None)),
        (gettext("Reported entries decided on"), found.report_cases),
        (gettext("Hours from the first report to the decision (median)"), _short(found.report_hours)),
        (gettext("Days from an appeal to the first answer (median)"), _short(found.appeal_days))),
        gettext("Median means: half of them took less time, half took more."))


def _people(found: Figures, number: str) -> Section:
    rest = gettext("Different people who proposed, commented or supported, counted for each month that has begun.")
    return Section(gettext("People"), (gettext("Who"), number), (
        (gettext("Active people in a month, on average"), _short(found.monthly_active)),
        (gettext("Accounts that were blocked"), found.blocks)), rest)


def _short(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


def as_csv(city: City, found: Figures) -> bytes:
    """The tables as rows of section, what and value; the first row names the half-year."""
    return csv_of((gettext("Half-year"), city.site_name.in_(speaking()), found.period), sections(city, found))


def as_json(city: City, found: Figures) -> dict[str, Any]:
    """The figures for programs: names that stay, whatever the page is called."""
    plain = {each.name: getattr(found, each.name) for each in fields(found)
             if each.name not in ("begins", "ends", "counted_at", "reports", "decisions", "reasons", "automated")}
    return plain | {
        "city": city.key, "time_zone": city.time_zone, "counted_at": _moment(found.counted_at),
        "begins": _moment(found.begins), "ends": _moment(found.ends), "complete": found.ends <= found.counted_at,
        "share_within_promise": found.share_within, "monthly": list(found.monthly),
        "reports": [{"category": key, "reports": number, "led_to_action": acted}
                    for key, number, acted in found.reports],
        "decisions": [{"kind": kind, "move": move, "number": number} for kind, move, number in found.decisions],
        "reasons": [{"reason": key, "own_initiative": own, "after_report": told} for key, own, told in found.reasons],
        "automated": [{"move": move, "number": number} for move, number in found.automated],
    }


def last_moment(found: Figures) -> datetime:
    """A moment of the last day that the figures are about."""
    return min(found.ends - timedelta(seconds=1), found.counted_at)


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat()
