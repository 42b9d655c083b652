"""The city: everything particular to it, read once on start from its file into frozen values.

The dataclasses below declare what a city file must say; `participation/city_file.py` reads them.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from dataclasses import field as declared
from datetime import datetime, timedelta
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

from participation.city_file import CityFileError as CityFileError
from participation.city_file import Name, Reading, Rule, Text, like, load, nearest, number
from participation.places import Map, Place, relate
from participation.statements import Accessibility
from participation.strategy import (
    SOME,
    AnswerText,
    Choice,
    Criterion,
    Days,
    Degree,
    Field,
    Guideline,
    Key,
    PoolRules,
    Priority,
    Ranking,
)


def _readable_on(ground: str) -> Rule:
    return Rule(lambda c: re.fullmatch("#[0-9a-fA-F]{6}", c) and contrast(c, ground) >= 4.5,
                f"a colour #rrggbb with a contrast of at least 4.5 to {ground}")


def _is_zone(name: str) -> bool:
    try:
        return bool(ZoneInfo(name))
    except (KeyError, ValueError, OSError):
        return False


def contrast(one: str, other: str) -> float:
    """The contrast of two colours `#rrggbb`, from 1 to 21 (WCAG 2.2, contrast ratio)."""
    def luminance(colour: str) -> float:
        parts = (int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5))
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


Tag = Annotated[str, like("[a-z]{2,3}(-[A-Za-z0-9]{2,8})*", "a language tag such as 'de' or 'zh-Hant'")]
Kind = Annotated[str, like("idea|comment", "'idea' or 'comment'")]
Cause = Annotated[str, like("reject|hide|return", "'reject', 'hide' or 'return'")]
Url = Annotated[str, like(r"https?://[^\s/]+(/\S*)?", "an address that begins with https://")]
Characters = Annotated[int, number(1, 100_000)]


@dataclass(frozen=True, slots=True)
class District:
    """A part of the city, by its official name."""

    key: Key
    name: str


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an entry is not shown, told to its author. {title} is the idea's own or that of the idea
    commented on, {city} its name, {office} contact.office, {days} deadlines.decide_days."""

    key: Key
    name: Text
    text: Annotated[Text, like(r"([^{}]|{{|}}|{(title|city|office|days)})*",
                                "only {title}, {city}, {office} and {days} in braces, every brace closed")]
    rule: Text  # which rule or law it rests on, as the statement of reasons names it (DSA Art. 17(3)(d, e))
    kinds: Annotated[frozenset[Kind], SOME]
    moves: Annotated[frozenset[Cause], SOME]
    report: bool = False  # can be named when somebody reports an entry


@dataclass(frozen=True, slots=True)
class Quorum:
    """So many supporters from the city within so many days of publication."""

    supporters: Annotated[int, number(1, 10_000_000)]
    days: Days


@dataclass(frozen=True, slots=True)
class Limits:
    """The lengths of what people write, in characters."""

    title_min: Characters
    title_max: Annotated[int, number(1, 300)]  # the column keeps 300
    body_min: Characters
    body_max: Characters
    benefit_min: Characters
    benefit_max: Characters
    comment_min: Characters
    comment_max: Characters
    statement_max: Characters


@dataclass(frozen=True, slots=True)
class Deadlines:
    """Days to decide on a waiting entry, and to claim a draft."""

    decide_days: Days
    draft_days: Days


@dataclass(frozen=True, slots=True)
class Moderation:
    """How this city moderates. Seconds, minutes and days as the names say; counts are of entries."""

    undo_seconds: Annotated[int, number(0, 600)] = 60  # nothing is sent before
    claim_minutes: Annotated[int, number(1, 240)] = 20
    report_days: Days = 2  # to decide on a report
    quorum_days: Days = 14  # to decide on an idea that reached the quorum
    appeal_days: Days = 183  # to appeal; DSA Art. 20(1) asks for at least six months
    appeal_decide_days: Days = 14
    reply_days: Days = 14  # to reply to the answer to an appeal
    four_eyes: frozenset[Annotated[str, like("reject|hide|merge", "'reject', 'hide' or 'merge'")]] = frozenset()
    trust: bool = False  # whether moderators may trust an author, whose entries are then published at once
    hide_after_reports: Annotated[int, number(0, 1000)] = 0  # people who must report an entry until it hides; 0: never
    bulk_most: Annotated[int, number(1, 1000)] = 200
    morning_hour: Annotated[int, number(0, 23)] = 7


@dataclass(frozen=True, slots=True)
class Letters:
    """When letters that gather news go out, by the city's clock."""

    digest_hour: Annotated[int, number(0, 23)] = 7
    digest_weekday: Annotated[int, number(1, 7)] = 1  # of those once a week; 1 is Monday


@dataclass(frozen=True, slots=True)
class Contact:
    """Who answers for the site."""

    office: Text
    email: Annotated[str, like(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "an e-mail address")]
    address: str
    imprint_url: Url
    privacy_url: Url
    phone: str = ""
    # About the site in sign language and in Leichte Sprache: BITV 2.0 § 4 asks for them on the first page.
    sign_language_url: Url = ""
    easy_language_url: Url = ""


@dataclass(frozen=True, slots=True)
class City:
    """A whole city file: `languages` are the pages', `content_languages` those people may write in."""

    key: Key
    name: Name
    site_name: Text
    claim: Text
    ref_prefix: Annotated[str, like("[A-Z]{2,4}", "two to four capital letters")]
    time_zone: Annotated[str, Rule(_is_zone, "a time zone such as 'Europe/Berlin'")]
    languages: Annotated[tuple[Tag, ...], SOME]
    content_languages: Annotated[tuple[Tag, ...], SOME]
    accent: Annotated[str, _readable_on("#ffffff")]
    accent_dark: Annotated[str, _readable_on("#000000")]
    minimum_age: Annotated[int, number(0, 99)]
    guideline: Key
    pool_name: Text
    quorum: Quorum
    limits: Limits
    deadlines: Deadlines
    contact: Contact
    import_fields: Mapping[str, Key] = declared(hash=False)
    guidelines: Annotated[tuple[Guideline, ...], SOME]
    fields: Annotated[tuple[Field, ...], SOME]
    districts: tuple[District, ...]
    criteria: tuple[Criterion, ...]
    degrees: tuple[Degree, ...]
    benefit: Degree  # how much residents gain, rated beside the degrees
    themes: tuple[Choice, ...]
    reasons: Annotated[tuple[Reason, ...], SOME]
    moderation: Moderation = Moderation()
    accessibility: Accessibility = declared(default_factory=Accessibility)
    letters: Letters = Letters()
    pool: PoolRules = declared(default_factory=PoolRules)
    ranking: Ranking = declared(default_factory=Ranking)
    priorities: tuple[Priority, ...] = ()
    goals: tuple[Choice, ...] = ()
    boards: tuple[Choice, ...] = ()
    budget_classes: tuple[Choice, ...] = ()
    departments: tuple[Choice, ...] = ()
    answers: tuple[AnswerText, ...] = ()
    rude_words: Mapping[str, tuple[str, ...]] = declared(default_factory=dict, hash=False)
    map: Map | None = None
    places: tuple[Place, ...] = ()

    def field(self, key: str) -> Field | None:
        """The field of action with this key."""
        return next((f for f in self.fields if f.key == key), None)

    def district(self, key: str) -> District | None:
        """The district with this key."""
        return next((d for d in self.districts if d.key == key), None)

    def place(self, key: str | None) -> Place | None:
        """The place with this key."""
        return next((p for p in self.places if p.key == key), None)

    def reason(self, key: str) -> Reason | None:
        """The reason with this key."""
        return next((r for r in self.reasons if r.key == key), None)

    def explain(self, key: str, tag: str, title: str) -> str:
        """A reason's text in a language, its placeholders filled in; "" for no reason."""
        reason = self.reason(key)
        return reason.text.in_(tag).format(title=title, city=self.name.in_(tag), office=self.contact.office.in_(tag),
                                           days=self.deadlines.decide_days) if reason else ""

    def rule(self, key: str, tag: str) -> str:
        """The rule that a reason rests on, in a language; "" for no reason."""
        reason = self.reason(key)
        return reason.rule.in_(tag) if reason else ""

    @property
    def zone(self) -> ZoneInfo:
        """The city's time zone."""
        return ZoneInfo(self.time_zone)

    def decide_by(self, since: datetime) -> datetime:
        """By when the city has promised to decide on an idea or a comment that waits since then."""
        return since + timedelta(days=self.deadlines.decide_days)


def read_city(path: Path) -> City:
    """The city of this file. Raises CityFileError with every problem that the file has."""
    reading = load(path)
    city: City = reading.read(City, reading.data, ())
    _relate(reading, city)
    relate(reading, city.map, city.places)
    problems = reading.problems + [(None, each) for file in reading.beside.values() for each in file.left()]
    if problems:
        raise CityFileError(path, problems)
    return city


def _relate(reading: Reading, city: City) -> None:
    """Complain of values that do not go together."""
    fields, guidelines = ([one.key for one in some or () if one and one.key]
                          for some in (city.fields, city.guidelines))
    sent = city.import_fields or {}
    reasons = [one for one in city.reasons or () if one and one.kinds and one.moves]
    for at, key, known in ((("guideline",), city.guideline, guidelines),
                           *((("import_fields", name), key, fields) for name, key in sent.items())):
        if key and key not in known:
            reading.complain(at, f"is {key!r}, which the file does not declare: {nearest(key, known)}")
    if "*" not in sent and city.import_fields is not None:
        reading.complain(("import_fields", "*"), "is missing: add the field of every category not named")
    for what in ("title", "body", "benefit", "comment"):
        least, most = (getattr(city.limits, f"{what}_{end}", None) for end in ("min", "max"))
        if least and most and least > most:
            reading.complain(("limits", f"{what}_min"), f"is {least}: write at most {what}_max, {most}")
    needs = [need.key for one in city.fields or () if one for need in one.needs or () if need and need.key]
    for key in sorted({key for key in needs if needs.count(key) > 1}):
        reading.complain(("fields",), f"has the need {key!r} in two fields: write another key")
    weights = [weight for weight in (city.ranking or Ranking()).weights if isinstance(weight, int)]
    if len(weights) == 3 and sum(weights) != 100:
        reading.complain(("ranking",), f"weighs {sum(weights)} in all: write weights that add up to 100")
    for kind in ("idea", "comment"):
        for move in ("reject", "hide"):  # the moves that cannot be made without a reason
            if not any(kind in reason.kinds and move in reason.moves for reason in reasons):
                reading.complain(("reasons",), f"has none to {move} an entry of the kind {kind!r}: add one")
        if not any(kind in reason.kinds and reason.report and "hide" in reason.moves for reason in reasons):
            reading.complain(("reasons",), f"has none for reporting an entry of the kind {kind!r}: mark one that hides "
                                           "with report = true")
