"""Figures of a half-year for the transparency page, as Regulation (EU) 2022/2065 (DSA) asks for them.

Art. 15(1)(b): notices by category, how many led to action, the median time. (c): what the moderation decided by
itself, by kind of measure and by reason, apart from what followed a notice. (d): complaints and how they ended, with
the median time. (e): what was decided by automated means. Art. 23: blocks. Art. 24(2): average monthly active people.

A half-year begins on 1 January and 1 July at midnight by the city's clock. What was undone never counts. Numbers
smaller than five stay as they are, also those of reports and appeals: none of them says anything about a person.

Memory: everything is counted by the database, but for the medians. Their two moments are read a thousand rows at a
time and kept as one number, so that a million decisions of one half-year take some forty megabytes for a moment.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from statistics import median
from typing import Any

from sqlalchemy import ColumnElement, and_, case, func, literal, or_, select, union
from sqlalchemy.orm import Session, aliased

from moderation.journey import APPEAL
from moderation.model import Appeal, AppealStep, Decision, Report, ReportCase
from participation.city import City
from participation.comments.journey import COMMENT
from participation.comments.model import Comment
from participation.database import Query
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.journey import Journey
from participation.people.rights import Right
from participation.support import Support

AUTOMATED = ("publish_trusted", "hide_reported")  # the only moves that the house makes by itself
_AT_ONCE = 1000
_HOUR, _DAY = 3600.0, 86_400.0


@dataclass(frozen=True, slots=True)
class Figures:
    """The figures of one half-year, up to `counted_at` where it has not ended. None where there is nothing to take a
    median, a share or an average of."""

    period: str  # "2026-2"
    begins: datetime
    ends: datetime  # the first moment that does not belong to it
    counted_at: datetime
    reports: tuple[tuple[str, int, int], ...]  # category, how many, of those led to action until now
    report_cases: int  # decided; reports on one entry are decided together
    report_hours: float | None  # median from the first report to the decision
    decisions: tuple[tuple[str, str, int], ...]  # kind, move, how many; made by people
    reasons: tuple[tuple[str, int, int], ...]  # reason, on own initiative, after a report
    automated: tuple[tuple[str, int], ...]  # move, how many; each of AUTOMATED, even if none
    appeals_filed: int
    appeals_upheld: int
    appeals_reversed: int
    appeals_open: int  # at the end, or when counted
    appeal_days: float | None  # median from the appeal to its first answer
    blocks: int
    first_decisions: int  # on ideas and comments that waited
    first_days: float | None  # median from submission to the first decision
    within_promise: int  # of first_decisions
    promised_days: int
    monthly: tuple[int, ...]  # different people who proposed, commented or supported; months begun
    monthly_active: float | None  # their average

    @property
    def empty(self) -> bool:
        """Nothing was reported, decided or appealed."""
        return not (self.reports or self.decisions or self.appeals_filed or self.appeals_open
                    or any(number for _, number in self.automated))

    @property
    def share_within(self) -> float | None:
        """Which part of the first decisions came within the promised days, from 0 to 1."""
        return self.within_promise / self.first_decisions if self.first_decisions else None


def half_of(city: City, at: datetime) -> str:
    """The half-year of a moment by the city's clock."""
    local = at.astimezone(city.zone)
    return f"{local.year}-{1 if local.month < 7 else 2}"


def half_years(session: Session, city: City, now: datetime) -> list[str]:
    """The half-years since the first decision or report, newest first; none while there was neither."""
    first = session.execute(select(
        select(func.min(Decision.at)).where(Decision.undone_at.is_(None)).scalar_subquery(),
        select(func.min(Report.at)).scalar_subquery())).one()
    moments = [at for at in first if at is not None]
    if not moments:
        return []
    found, last = [half_of(city, min(moments))], half_of(city, now)
    while found[-1] < last:
        year, half = _parts(found[-1])
        found.append(f"{year}-2" if half == 1 else f"{year + 1:04d}-1")
    return found[::-1]


def figures(session: Session, city: City, period: str, now: datetime) -> Figures:
    """Count one half-year. `period` is one that `half_of` has written."""
    months = _months(city, period)
    begins, ends = months[0], months[-1]
    taken, automated = _taken(session, begins, ends)
    report_hours = _measured(session, _case_times(begins, ends), _HOUR)
    appeal_days = _measured(session, _appeal_times(begins, ends), _DAY)
    waits: list[float] = []
    within = 0
    for journey, kept in ((IDEA, Idea.id), (COMMENT, Comment.id)):
        for since, at in _pairs(session, _first_times(journey, kept, begins, ends)):
            waits.append((at - since).total_seconds() / _DAY)
            within += at <= city.decide_by(since)
    monthly = _monthly(session, months, now)
    upheld, reversed_ = _outcomes(session, begins, ends)
    return Figures(
        period=period, begins=begins, ends=ends, counted_at=now, reports=_reports(session, begins, ends),
        report_cases=len(report_hours), report_hours=_median(report_hours), decisions=taken,
        reasons=_reasons(session, begins, ends), automated=automated,
        appeals_filed=session.scalar(select(func.count()).select_from(Appeal).where(
            _in(Appeal.filed_at, begins, ends))) or 0,
        appeals_upheld=upheld, appeals_reversed=reversed_, appeals_open=_open_appeals(session, ends),
        appeal_days=_median(appeal_days),
        blocks=sum(number for kind, move, number in taken if (kind, move) == ("person", "block")),
        first_decisions=len(waits), first_days=_median(waits), within_promise=within,
        promised_days=city.deadlines.decide_days, monthly=monthly,
        monthly_active=sum(monthly) / len(monthly) if monthly else None)


def _parts(period: str) -> tuple[int, int]:
    year, _, half = period.partition("-")
    return int(year), int(half)


def _months(city: City, period: str) -> list[datetime]:
    """The seven midnights between which the six months lie, in UTC: by the city's clock, so that summer time moves
    them."""
    year, half = _parts(period)
    days = [(year + (month > 12), (month - 1) % 12 + 1) for month in range(6 * half - 5, 6 * half + 2)]
    return [datetime(y, month, 1, tzinfo=city.zone).astimezone(UTC) for y, month in days]


def _in(column: Any, begins: datetime, ends: datetime) -> ColumnElement[bool]:
    return and_(column >= begins, column < ends)


def _stands(decision: Any, begins: datetime, ends: datetime) -> ColumnElement[bool]:
    """A decision of the half-year that was not undone."""
    return and_(decision.undone_at.is_(None), _in(decision.at, begins, ends))


def _taken(session: Session, begins: datetime, ends: datetime) -> tuple[tuple[tuple[str, str, int], ...],
                                                                        tuple[tuple[str, int], ...]]:
    """Decisions by kind and move: those of people, and those of the house."""
    rows = session.execute(select(Decision.kind, Decision.move, Decision.automated, func.count())
                           .where(_stands(Decision, begins, ends))
                           .group_by(Decision.kind, Decision.move, Decision.automated)
                           .order_by(Decision.kind, func.count().desc(), Decision.move)).all()
    house = dict.fromkeys(AUTOMATED, 0)
    for _, move, by_house, number in rows:
        if by_house:
            house[move] = house.get(move, 0) + number
    return tuple((kind, move, number) for kind, move, by_house, number in rows if not by_house), tuple(house.items())


def _reasons(session: Session, begins: datetime, ends: datetime) -> tuple[tuple[str, int, int], ...]:
    """What was decided against a contribution, by reason. An upheld report counts once, as the report: the hiding
    that follows from it was written down at the same moment. Blocks come on top of it and are counted apart."""
    after = aliased(Decision)
    follows = select(after.id).where(
        after.kind == "report", after.at == Decision.at, after.idea_id == Decision.idea_id,
        func.coalesce(after.comment_id, 0) == func.coalesce(Decision.comment_id, 0), after.undone_at.is_(None)
    ).correlate(Decision).exists()
    own = func.sum(case((Decision.kind == "report", 0), else_=1))
    reported = func.sum(case((Decision.kind == "report", 1), else_=0))
    rows = session.execute(
        select(Decision.reason, own, reported)
        .where(_stands(Decision, begins, ends), Decision.reason != "", ~Decision.automated,
               or_(Decision.kind == "report", and_(Decision.kind.in_(("idea", "comment", "edit")), ~follows)))
        .group_by(Decision.reason).order_by(func.count().desc(), Decision.reason))
    return tuple((reason, int(alone), int(told)) for reason, alone, told in rows)


def _reports(session: Session, begins: datetime, ends: datetime) -> tuple[tuple[str, int, int], ...]:
    """Reports by category, and how many of them were found right, whenever that was."""
    right = (select(Decision.thing_id).where(Decision.kind == "report", Decision.undone_at.is_(None),
                                             Decision.move == "uphold_report").distinct().subquery())
    rows = session.execute(
        select(Report.category, func.count(Report.id), func.count(right.c.thing_id))
        .outerjoin(right, right.c.thing_id == Report.case_id).where(_in(Report.at, begins, ends))
        .group_by(Report.category).order_by(func.count(Report.id).desc(), Report.category))
    return tuple((category, number, acted) for category, number, acted in rows)


def _case_times(begins: datetime, ends: datetime) -> Query:
    return (select(ReportCase.opened_at, Decision.at).join(Decision, Decision.thing_id == ReportCase.id)
            .where(Decision.kind == "report", _stands(Decision, begins, ends)))


def _answers(edge: Any, ends: datetime) -> Any:
    """The first or the last answer to each appeal before the end: an appeal can be answered twice."""
    return select(edge(Decision.id)).where(Decision.kind == "appeal", Decision.undone_at.is_(None),
                                           Decision.at < ends).group_by(Decision.thing_id)


def _appeal_times(begins: datetime, ends: datetime) -> Query:
    return (select(Appeal.filed_at, Decision.at).join(Decision, Decision.thing_id == Appeal.id)
            .where(Decision.id.in_(_answers(func.min, ends)), Decision.at >= begins))


def _outcomes(session: Session, begins: datetime, ends: datetime) -> tuple[int, int]:
    """How many appeals ended with the decision upheld and reversed; the last answer counts."""
    rows = session.execute(select(Decision.move, func.count())
                           .where(Decision.id.in_(_answers(func.max, ends)), Decision.at >= begins)
                           .group_by(Decision.move))
    stands = back = 0
    for move, number in rows:
        if move == "reverse":
            back += number
        else:
            stands += number
    return stands, back


def _open_appeals(session: Session, ends: datetime) -> int:
    """Appeals that waited for an answer at the end: the last step before it led to where they wait."""
    last = select(func.max(AppealStep.id)).where(AppealStep.at < ends, ~AppealStep.undone).group_by(
        AppealStep.appeal_id)
    return session.scalar(select(func.count()).select_from(AppealStep).where(
        AppealStep.id.in_(last), AppealStep.to_state.in_(APPEAL.keys(waits_for="moderation")))) or 0


def _first_times(journey: Journey, kept: Any, begins: datetime, ends: datetime) -> Query:
    """When each entry began to wait, and when people first decided on it. What the house published before that
    leaves its entry out: it did not wait."""
    waiting = journey.keys(waits_for="moderation")
    moves = [move.key for move in journey.moves
             if move.right is Right.ENTRY_DECIDE and set(move.come_from) & set(waiting)]
    step, earlier = journey.steps, aliased(Decision)
    owner = getattr(step, f"{journey.name}_id")
    before = select(earlier.id).where(earlier.kind == Decision.kind, earlier.thing_id == Decision.thing_id,
                                      earlier.id < Decision.id, earlier.undone_at.is_(None)
                                      ).correlate(Decision).exists()
    return (select(func.min(step.at), Decision.at).select_from(Decision)
            .join(step, and_(owner == Decision.thing_id, step.to_state.in_(waiting), ~step.undone))
            .where(Decision.kind == journey.name, Decision.move.in_(moves), ~Decision.automated, ~before,
                   _stands(Decision, begins, ends))
            .group_by(Decision.id, Decision.at))


def _monthly(session: Session, months: list[datetime], now: datetime) -> tuple[int, ...]:
    """Different people a month who proposed, commented or supported, for each month that has begun. People who have
    erased their account since are missing, because nothing says any more who it was."""
    begun = sum(month <= now for month in months[:-1])
    if not begun:
        return ()
    sources = ((Idea.author_id, Idea.submitted_at), (Comment.author_id, Comment.created_at),
               (Support.person_id, Support.at))
    active = union(*(
        select(case(*((at < end, place) for place, end in enumerate(months[1:-1])), else_=5).label("month"),
               who.label("person"))
        .where(who.is_not(None), _in(at, months[0], months[-1])) for who, at in sources)).subquery()
    counted = [0] * 6
    for month, number in session.execute(select(active.c.month, func.count(literal(1))).group_by(active.c.month)):
        counted[month] = number
    return tuple(counted[:begun])


def _pairs(session: Session, query: Query) -> Iterator[tuple[datetime, datetime]]:
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield row[0], row[1]


def _measured(session: Session, query: Query, unit: float) -> list[float]:
    """How long each took, in hours or days."""
    return [(at - since).total_seconds() / unit for since, at in _pairs(session, query)]


def _median(values: list[float]) -> float | None:
    return median(values) if values else None
