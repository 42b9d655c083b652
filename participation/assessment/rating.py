"""The second check: each assessor rates the degrees of maturity and the benefit, 0 to 3, without seeing the others';
then they agree. The newest rating of each assessor and the newest consensus count."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.assessment import answers
from participation.assessment.model import Consensus, Rating
from participation.assessment.working import act
from participation.city import City
from participation.errors import Conflict, Invalid, NotAllowed, refuse
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.items import score
from participation.pool.model import Item
from participation.text import plain

BEST = 3
NOTE_MAX = 2000  # characters
NO_PRIORITY = 9  # the rank of an item without one
_MOST = 2000  # ratings that are read at once


@dataclass(frozen=True, slots=True)
class Marks:
    """What somebody gives: a mark of 0 to 3 for each degree and for the benefit, None where nothing was chosen."""

    degrees: Mapping[str, int | None]
    benefit: int | None
    note: str = ""


@dataclass(frozen=True, slots=True)
class Rated:
    """A recorded rating or consensus; `by` is the name of who gave it, "" when it is not known any more."""

    by_id: int | None
    by: str
    at: datetime
    degrees: Mapping[str, int]
    benefit: int
    note: str


@dataclass(frozen=True, slots=True)
class Spread:
    """How far the assessors' marks lie apart; `mean` in hundredths."""

    low: int
    high: int
    mean: int

    @property
    def middle(self) -> int:
        """The mark next to the mean; halves go up."""
        return (self.mean + 50) // 100


def rate(session: Session, city: City, assessor: Person, item: Item, marks: Marks, now: datetime) -> Rating:
    """Record one's own rating. Raises NotAllowed, and Invalid for whatever is not rated."""
    if not (answer := may(assessor, Right.RECORD_ASSESS)):
        raise NotAllowed(answer.why)
    degrees, benefit, note = _valid(city, marks)
    kept = Rating(item_id=item.id, by_id=assessor.id, at=now, degrees=degrees, benefit=benefit, note=note)
    session.add(kept)
    session.flush()
    act(session, item, assessor, "rated", now)
    return kept


def agree(session: Session, city: City, officer: Person, item: Item, marks: Marks, now: datetime,
          statement: str = "", statement_language: str = "", publish: bool = False) -> Consensus:
    """Record what the assessors agreed on, which gives the record its score; `publish` answers publicly that it is
    rated. Raises NotAllowed, Invalid, Conflict when the officer has not rated yet or the idea has moved on."""
    if not (answer := may(officer, Right.RECORD_ASSESS)):
        raise NotAllowed(answer.why)
    if session.scalar(select(Rating.id).where(Rating.item_id == item.id, Rating.by_id == officer.id).limit(1)) is None:
        raise Conflict("rate_first")
    degrees, benefit, note = _valid(city, marks)
    idea = session.get(Idea, item.idea_id, with_for_update=True) if item.idea_id is not None else None
    if publish and (idea is None or not IDEA.begins("rate", idea)):
        raise Conflict("moved_on")
    kept = Consensus(item_id=item.id, by_id=officer.id, at=now, degrees=degrees, benefit=benefit, note=note)
    session.add(kept)
    session.refresh(item, with_for_update=True)  # its supporters may change at this very moment
    # A city that rates no degrees ranks by benefit and supporters alone.
    item.maturity = round(100 * sum(degrees.values()) / len(degrees)) if degrees else 0
    item.benefit = 100 * benefit
    item.score = score(city, item.maturity, item.benefit, item.supporters)
    session.flush()
    act(session, item, officer, "consensus", now, score=item.score)
    if publish and idea is not None:
        answers.answer(session, city, officer, idea, "rate", statement, statement_language, now,
                       answers.next_by(city, "rate", now))
    return kept


def prioritise(session: Session, city: City, officer: Person, item: Item, key: str, now: datetime) -> None:
    """Give a record one of the city's priorities, or none with "". Raises NotAllowed, and Invalid for another key."""
    if not (answer := may(officer, Right.RECORD_ASSESS)):
        raise NotAllowed(answer.why)
    ranks = {"": NO_PRIORITY} | {each.key: each.rank for each in city.priorities}
    if key not in ranks:
        raise Invalid("priority", "not_offered")
    if item.priority == key:
        return
    item.priority, item.priority_rank = key, ranks[key]
    act(session, item, officer, "priority", now, key=key)


def of_each(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[Rated, ...]]:
    """The ratings that count of each record, the first assessor's first."""
    # Whoever was erased is nobody any more, but two of them were two.
    who = func.coalesce(Rating.by_id, -Rating.id)
    last = select(func.max(Rating.id)).where(Rating.item_id.in_(item_ids)).group_by(Rating.item_id, who)
    found: dict[int, tuple[Rated, ...]] = {}
    for row, name in session.execute(select(Rating, Person.name).outerjoin(Person, Person.id == Rating.by_id)
                                     .where(Rating.id.in_(last)).order_by(Rating.id).limit(_MOST)):
        found[row.item_id] = (*found.get(row.item_id, ()), _rated(row, name))
    return found


def consensus(session: Session, item_ids: Sequence[int]) -> dict[int, Rated]:
    """The consensus that counts, of each record that has one."""
    last = select(func.max(Consensus.id)).where(Consensus.item_id.in_(item_ids)).group_by(Consensus.item_id)
    rows = session.execute(select(Consensus, Person.name).outerjoin(Person, Person.id == Consensus.by_id)
                           .where(Consensus.id.in_(last)))
    return {row.item_id: _rated(row, name) for row, name in rows}


def seen_by(person: Person, rated: Sequence[Rated]) -> tuple[Rated, ...]:
    """What this person may see of the ratings: an assessor sees the others' after giving their own, so that they
    rate independently; whoever only looks sees all."""
    if may(person, Right.RECORD_ASSESS) and all(each.by_id != person.id for each in rated):
        return ()
    return tuple(rated)


def spread(marks: Sequence[int]) -> Spread | None:
    """How far these marks lie apart; None for none."""
    return Spread(min(marks), max(marks), round(100 * sum(marks) / len(marks))) if marks else None


def of_degree(rated: Sequence[Rated], key: str) -> Spread | None:
    """The spread of one degree, of those who rated it: the city may have added it since."""
    return spread([each.degrees[key] for each in rated if key in each.degrees])


def of_benefit(rated: Sequence[Rated]) -> Spread | None:
    """The spread of the benefit."""
    return spread([each.benefit for each in rated])


def _valid(city: City, marks: Marks) -> tuple[dict[str, int], int, str]:
    problems: list[Invalid] = []
    degrees: dict[str, int] = {}
    for key in (*(each.key for each in city.degrees), ""):
        mark, field = (marks.degrees.get(key), f"degree_{key}") if key else (marks.benefit, "benefit")
        if mark is None:
            problems.append(Invalid(field, "required"))
        elif not 0 <= mark <= BEST:
            problems.append(Invalid(field, "not_offered"))
        elif key:
            degrees[key] = mark
    note = plain(marks.note)
    if len(note) > NOTE_MAX:
        problems.append(Invalid("note", "too_long", limit=NOTE_MAX, length=len(note)))
    refuse(problems)
    return degrees, marks.benefit or 0, note


def _rated(row: Any, name: str | None) -> Rated:
    return Rated(row.by_id, name or "", row.at, row.degrees, row.benefit, row.note)
