"""Figures for the review of the strategy: what was proposed where, how long each step took, whether promises were kept,
what became of it, and whether the benefit came.

Time is cut into months, quarters or years at midnight by the city's clock. Numbers from one to four are withheld
(None), because they could point at people; where only one number of a period is withheld, the next smallest is, too,
so that no sum gives it away. What was undone never counts.

Memory: the database counts; only the medians read one number for each step, a thousand rows at a time, and keep it.
"""

from array import array
from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, Float, and_, case, cast, func, select
from sqlalchemy.orm import Session

from participation.assessment.model import Outcome, Promise
from participation.city import City
from participation.ideas.journey import IDEA
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.pool.model import Item
from participation.support import WITHHELD_BELOW

MONTHS = {"month": 1, "quarter": 3, "year": 12}  # the lengths of a period
PERIODS = 12
LATEST = 50  # benefits shown side by side
_AT_ONCE = 1000
Count = int | None


@dataclass(frozen=True, slots=True)
class Series:
    """The counts of one field, district, language or state, a period each; None is withheld. `total` is withheld
    where one of them is, because it would give it away."""

    key: str
    counts: tuple[Count, ...]
    total: Count


@dataclass(frozen=True, slots=True)
class Benefit:
    """What an accepted idea was to bring, and what was recorded when it was done."""

    ref: str
    title: str
    language: str
    claimed: str
    recorded: str
    met: str


@dataclass(frozen=True, slots=True)
class Figures:
    """Everything on the page. Days are medians with one decimal."""

    length: str  # "month", "quarter" or "year"
    begins: tuple[date, ...]  # the first day of each period, oldest first
    published: Mapping[str, tuple[Series, ...]]  # by "field", "district", "language"
    standing: tuple[Series, ...]  # ideas in each state at the end of each period
    durations: tuple[tuple[str, Count, float | None], ...]  # state left, how often, days in it
    answered: tuple[tuple[Count, Count], ...]  # of ideas published then whose time is up: how many, answered in time
    promises: tuple[tuple[Count, Count], ...]  # that fell due then: how many, kept by the day
    conversion: tuple[tuple[str, Count], ...]  # of the ideas published in all periods: state reached, how many
    with_project: Count
    met: tuple[tuple[str, Count], ...]  # fully, partly, not
    benefits: tuple[Benefit, ...]


def figures(session: Session, city: City, length: str, now: datetime) -> Figures:
    """Count the last twelve periods, the present one among them. Raises KeyError for an unknown length."""
    days = _begins(now.astimezone(city.zone).date(), MONTHS[length])
    edges = [datetime(day.year, day.month, 1, tzinfo=city.zone).astimezone(UTC) for day in days]
    columns = {"field": Idea.field, "district": Idea.district, "language": Idea.language}
    return Figures(
        length=length, begins=tuple(days),
        published={name: _published(session, column, edges) for name, column in columns.items()},
        standing=_standing(session, edges), durations=_durations(session, edges[0]),
        answered=_answered(session, city, edges, now), promises=_promises(session, city, days, now),
        conversion=_conversion(session, edges[0]),
        with_project=small(session.scalar(
            select(func.count()).select_from(Item).join(Idea, Idea.id == Item.idea_id)
            .where(Item.project_id.is_not(None), Idea.published_at >= edges[0])) or 0),
        met=_met(session), benefits=_benefits(session))


def small(count: int) -> Count:
    """A count, or None where it is so small that it could point at people."""
    return None if 0 < count < WITHHELD_BELOW else count


def withheld(counted: Mapping[str, list[int]]) -> tuple[Series, ...]:
    """The counts without the small ones, largest series first. Where one count of a period alone is missing, the next
    smallest goes with it, and a series that lacks one has no total: neither a sum elsewhere gives it away."""
    shown: dict[str, list[Count]] = {key: [small(count) for count in counts] for key, counts in counted.items()}
    for place in range(len(next(iter(counted.values()), []))):
        if sum(counts[place] is None for counts in shown.values()) == 1:
            others = sorted((count, key) for key, counts in shown.items() if (count := counts[place]))
            for _, key in others[:1]:
                shown[key][place] = None
    rows = [Series(key, tuple(counts), None if None in counts else sum(counted[key])) for key, counts in shown.items()]
    return tuple(sorted(rows, key=lambda row: (-sum(counted[row.key]), row.key)))


def _begins(today: date, months: int) -> list[date]:
    """The first days of the last twelve periods, oldest first."""
    first = (today.year * 12 + today.month - 1) // months * months
    return [date(month // 12, month % 12 + 1, 1) for month in range(first - (PERIODS - 1) * months, first + 1, months)]


def _place(column: Any, edges: list[datetime]) -> ColumnElement[int]:
    """The number of the period a moment lies in; those before the first are in -1."""
    return case(*((column < edge, place - 1) for place, edge in enumerate(edges)), else_=len(edges) - 1)


def _published(session: Session, column: Any, edges: list[datetime]) -> tuple[Series, ...]:
    place = _place(Idea.published_at, edges)
    rows = session.execute(select(column, place, func.count()).where(Idea.published_at >= edges[0])
                           .group_by(column, place))
    counted: dict[str, list[int]] = {}
    for key, at, number in rows:
        counted.setdefault(key or "", [0] * len(edges))[at] += number
    return withheld(counted)


def _standing(session: Session, edges: list[datetime]) -> tuple[Series, ...]:
    """Every step takes an idea out of one state and into another; summed up from the beginning, that is how many stand
    where. Drafts are nobody's business."""
    place = _place(IdeaStep.at, edges)
    rows = session.execute(select(place, IdeaStep.from_state, IdeaStep.to_state, func.count())
                           .where(~IdeaStep.undone).group_by(place, IdeaStep.from_state, IdeaStep.to_state))
    change: dict[str, Counter[int]] = {}
    for at, left, entered, number in rows:
        change.setdefault(entered, Counter())[at] += number
        change.setdefault(left, Counter())[at] -= number
    counted: dict[str, list[int]] = {}
    for state in (state.key for state in IDEA.states if state.key in change and state.key != IDEA.states[0].key):
        level, levels = change[state][-1], []
        for at in range(len(edges)):
            level += change[state][at]
            levels.append(level)
        counted[state] = levels
    order = {state.key: number for number, state in enumerate(IDEA.states)}
    # Nothing is summed over periods here: an idea that stands still is counted in each.
    return tuple(sorted((Series(row.key, row.counts, row.counts[-1]) for row in withheld(counted)),
                        key=lambda row: order[row.key]))


def _days(session: Session, since: Any, at: Any) -> ColumnElement[float]:
    """The days between two moments, worked out by the database: making a million moments into Python's takes longer
    than everything else here."""
    if session.get_bind().dialect.name == "sqlite":
        return cast(func.julianday(at) - func.julianday(since), Float)
    return cast(func.extract("epoch", at - since) / 86_400, Float)


def _durations(session: Session, begins: datetime) -> tuple[tuple[str, Count, float | None], ...]:
    before = (func.lag(IdeaStep.at, type_=IdeaStep.at.type)
              .over(partition_by=IdeaStep.idea_id, order_by=IdeaStep.id).label("since"))
    steps = select(IdeaStep.from_state, IdeaStep.to_state, before, IdeaStep.at).where(~IdeaStep.undone).subquery()
    rows = session.execute(
        select(steps.c.from_state, _days(session, steps.c.since, steps.c.at))
        .where(steps.c.since.is_not(None), steps.c.at >= begins, steps.c.from_state != steps.c.to_state)
        .execution_options(yield_per=_AT_ONCE))
    taken: dict[str, array[float]] = {}
    for state, days in rows:
        taken.setdefault(state, array("d")).append(days)
    return tuple((state.key, small(len(taken[state.key])),
                  round(median(taken[state.key]), 1) if small(len(taken[state.key])) else None)
                 for state in IDEA.states if state.key in taken)


def _answered(session: Session, city: City, edges: list[datetime], now: datetime) -> tuple[tuple[Count, Count], ...]:
    """Of the ideas published in each period whose promised time is over, how many had a public answer of the city
    within it. An answer is a step of the city with a statement, after publication."""
    limit = city.pool.answer_days
    first = (select(IdeaStep.idea_id, func.min(IdeaStep.at).label("at")).join(Idea, Idea.id == IdeaStep.idea_id)
             .where(IdeaStep.by == "city", IdeaStep.statement != "", ~IdeaStep.undone, IdeaStep.at > Idea.published_at)
             .group_by(IdeaStep.idea_id).subquery())
    place = _place(Idea.published_at, edges)
    kept = func.sum(case((_days(session, Idea.published_at, first.c.at) <= limit, 1), else_=0))
    rows = session.execute(
        select(place, func.count(), kept).outerjoin(first, first.c.idea_id == Idea.id)
        .where(Idea.published_at >= edges[0], Idea.published_at < now - timedelta(days=limit)).group_by(place))
    return _kept(len(edges), {at: (every, in_time) for at, every, in_time in rows})


def _promises(session: Session, city: City, days: list[date], now: datetime) -> tuple[tuple[Count, Count], ...]:
    today = now.astimezone(city.zone).date()
    rows = session.execute(select(Promise.due_on, Promise.kept_at)
                           .where(Promise.due_on >= days[0], Promise.due_on < today)
                           .execution_options(yield_per=_AT_ONCE))
    counted: dict[int, tuple[int, int]] = {}
    for due, kept in rows:
        place = bisect_right(days, due) - 1
        every, in_time = counted.get(place, (0, 0))
        counted[place] = every + 1, in_time + (kept is not None and kept.astimezone(city.zone).date() <= due)
    return _kept(len(days), counted)


def _kept(periods: int, counted: Mapping[int, tuple[int, int]]) -> tuple[tuple[Count, Count], ...]:
    """How many of each period, and of those how many in time; the latter withheld where it, or the rest, is small."""
    found = (counted.get(place, (0, 0)) for place in range(periods))
    return tuple((small(every), None if None in (small(every), small(kept), small(every - kept)) else kept)
                 for every, kept in found)


def _conversion(session: Session, begins: datetime) -> tuple[tuple[str, Count], ...]:
    """Of the ideas published since then, how many ever reached each state of the pool."""
    reached = dict(_numbers(session.execute(
        select(IdeaStep.to_state, func.count(func.distinct(IdeaStep.idea_id)))
        .join(Idea, Idea.id == IdeaStep.idea_id)
        .where(and_(Idea.published_at >= begins, ~IdeaStep.undone)).group_by(IdeaStep.to_state))))
    way = [IDEA.move(move).to for move in ("publish", "accept", "pass", "rate", "plan", "start", "complete")]
    return tuple((state, small(reached.get(state, 0))) for state in way)


def _met(session: Session) -> tuple[tuple[str, Count], ...]:
    counted = dict(_numbers(session.execute(select(Outcome.met, func.count()).group_by(Outcome.met))))
    return tuple((key, small(counted.get(key, 0))) for key in ("fully", "partly", "not"))


def _numbers(rows: Iterable[Any]) -> Iterator[tuple[str, int]]:
    for key, number in rows:
        yield str(key), int(number)


def _benefits(session: Session) -> tuple[Benefit, ...]:
    """What was claimed and what was recorded, newest first; both are public on the idea's page."""
    newest = select(func.max(Acceptance.step_id)).where(Acceptance.idea_id == Idea.id).correlate(Idea).scalar_subquery()
    rows = session.execute(
        select(Idea.ref, Idea.title, Idea.language, Acceptance.benefit, Outcome.benefit, Outcome.met)
        .select_from(Outcome).join(Idea, Idea.id == Outcome.idea_id).join(Acceptance, Acceptance.step_id == newest)
        .order_by(Outcome.step_id.desc()).limit(LATEST))
    return tuple(Benefit(ref or "", *rest) for ref, *rest in rows)
