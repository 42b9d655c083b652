"""The first check: each basic criterion of the city holds or not, with a sentence why. All must hold; what was found
is answered publicly in the same transaction. Checks are added, never changed; the newest one counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.assessment import answers
from participation.assessment.model import Check
from participation.assessment.working import act
from participation.city import City
from participation.database import Query
from participation.errors import Conflict, Invalid, NotAllowed, length_problem, refuse
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.model import Item
from participation.text import plain

WHY_MAX = 500  # characters
SHOWN = 20  # checks of a record's history


@dataclass(frozen=True, slots=True)
class Finding:
    """What was found about one criterion; `holds` is None while nobody has said."""

    key: str
    holds: bool | None
    why: str


@dataclass(frozen=True, slots=True)
class Checked:
    """A recorded check; `by` is the name of who checked, "" when it is not known any more."""

    at: datetime
    by: str
    passed: bool
    findings: tuple[Finding, ...]


def check(session: Session, city: City, officer: Person, item: Item, findings: Sequence[Finding], now: datetime,
          statement: str = "", statement_language: str = "") -> Check:
    """Record a check, and answer publicly where the idea stands where that move begins.

    Raises NotAllowed; Invalid for criteria without an answer or a sentence and for a missing statement; Conflict when
    the idea has moved on, so that a statement would be lost or a failed check stay without its answer.
    """
    if not (answer := may(officer, Right.RECORD_ASSESS)):
        raise NotAllowed(answer.why)
    if not city.criteria:
        raise Conflict("no_criteria")
    findings = cleaned(city, findings)
    refuse(problems(findings))
    passed, statement = passes(findings), plain(statement)
    move = "pass" if passed else "fail"
    idea = session.get(Idea, item.idea_id, with_for_update=True) if item.idea_id is not None else None
    public = idea is not None and IDEA.begins(move, idea)
    if statement and not public:
        raise Conflict("moved_on")
    # Whoever failed publicly has the answer already; elsewhere there is none that could go with this check.
    if idea is not None and not (public or passed or IDEA.led_here(move, idea)):
        raise Conflict("cannot_fail_here")
    kept = Check(item_id=item.id, by_id=officer.id, at=now, passed=passed,
                 criteria={found.key: {"holds": found.holds, "why": found.why} for found in findings})
    session.add(kept)
    session.flush()
    act(session, item, officer, "checked", now, passed=passed)
    if idea is not None and public:
        answers.answer(session, city, officer, idea, move, statement, statement_language, now,
                       answers.next_by(city, move, now))
    return kept


def cleaned(city: City, findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """One finding for each criterion of the city, in its order, with clean words."""
    given = {found.key: found for found in findings}
    return tuple(Finding(each.key, found.holds, plain(found.why)) if (found := given.get(each.key))
                 else Finding(each.key, None, "") for each in city.criteria)


def problems(findings: Sequence[Finding]) -> list[Invalid]:
    """Everything that these findings lack, by the fields holds_KEY and why_KEY."""
    found: list[Invalid] = []
    for each in findings:
        if each.holds is None:
            found.append(Invalid(f"holds_{each.key}", "required"))
        if problem := length_problem(f"why_{each.key}", each.why, 1, WHY_MAX):
            found.append(problem)
    return found


def passes(findings: Sequence[Finding]) -> bool:
    """Whether all criteria hold."""
    return all(found.holds for found in findings)


def history(session: Session, item_id: int) -> tuple[Checked, ...]:
    """A record's checks, the newest first."""
    rows = session.execute(_checks().where(Check.item_id == item_id).order_by(Check.id.desc()).limit(SHOWN))
    return tuple(_checked(row) for row in rows)


def newest(session: Session, item_ids: Sequence[int]) -> dict[int, Checked]:
    """The check that counts, of each record that has one."""
    last = select(func.max(Check.id)).where(Check.item_id.in_(item_ids)).group_by(Check.item_id)
    return {row.item_id: _checked(row) for row in session.execute(_checks().where(Check.id.in_(last)))}


def _checks() -> Query:
    return (select(Check.item_id, Check.at, Check.passed, Check.criteria, Person.name)
            .outerjoin(Person, Person.id == Check.by_id))


def _checked(row: Any) -> Checked:
    return Checked(row.at, row.name or "", row.passed, tuple(
        Finding(key, bool(said["holds"]), str(said["why"])) for key, said in row.criteria.items()))
