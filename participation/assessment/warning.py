"""The office first: whoever works on a record is told before a public promise falls due, and again when it is late."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from participation.assessment import working
from participation.assessment.model import Promise
from participation.assessment.promises import OPEN
from participation.ideas.model import Idea
from participation.jobs import House
from participation.notices.actions import tell
from participation.notices.model import Notice
from participation.outbox import Event
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item

AT_ONCE = 500  # promises of one morning; those beyond are told of an hour later
NAMED = 20  # of them in one letter


@dataclass(frozen=True, slots=True)
class Near:
    """A promise that a letter tells of."""

    ref: str
    title: str
    language: str
    due_on: date
    late: bool


def warned(session: Session, event: Event, house: House) -> None:
    """Follower of time.hour: once a day, from the city's hour on, one letter to each person of the office whose
    promises are near or whose promises are late since the letter before. Each promise is told of once for either."""
    local = house.now.astimezone(house.city.zone)
    if local.hour < house.city.moderation.morning_hour:
        return
    day = today(house.city, house.now)
    near = (Promise.due_on <= day + timedelta(days=house.city.pool.warn_days)) & Promise.warned_at.is_(None)
    late = (Promise.due_on < day) & Promise.late_warned_at.is_(None)
    ids = session.scalars(select(Promise.id).where(*OPEN, or_(near, late)).order_by(Promise.due_on, Promise.id)
                          .limit(AT_ONCE)).all()
    if not ids:
        return
    for column, which in ((Promise.warned_at, near), (Promise.late_warned_at, late)):
        session.execute(update(Promise).where(Promise.id.in_(ids), which).values({column: house.now})
                        .execution_options(synchronize_session=False))
    office = _office(session)
    told = {person.id for promise in _rows(session, Promise.id.in_(ids)) for person in _who(office, promise)}
    for person_id in sorted(told):
        tell(session, f"promise_near:{event.key}:{person_id}", "promise_near", house.now, person_id=person_id)


def letter(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """What the letter promise_near is told: the promises that were near or late when it was written, this person's."""
    office, then, day = _office(session), notice.created_at, today(house.city, notice.created_at)
    near = Promise.due_on <= day + timedelta(days=house.city.pool.warn_days)  # so that the index finds them
    told = or_(Promise.warned_at == then, Promise.late_warned_at == then)
    mine = [row for row in _rows(session, *OPEN, near, told)
            if notice.person_id in {person.id for person in _who(office, row)}]
    found = [Near(row.ref or "", row.title, row.language, row.due_on, row.due_on < day) for row in mine]
    return {"promises": found[:NAMED], "count": len(found), "late": sum(each.late for each in found)}


def _rows(session: Session, *which: Any) -> Sequence[Any]:
    """Promises with their idea and whoever works on its record."""
    return session.execute(
        select(Idea.ref, Idea.title, Idea.language, Idea.field, Promise.due_on, Item.assignee_id)
        .join(Idea, Idea.id == Promise.idea_id).outerjoin(Item, Item.idea_id == Promise.idea_id)
        .where(*which).order_by(Promise.due_on, Promise.id).limit(AT_ONCE)).all()


def _office(session: Session) -> Sequence[Person]:
    return session.scalars(select(Person).where(Person.role.in_(working.OFFICE), Person.email.is_not(None))
                           .order_by(Person.id)).all()


def _who(office: Sequence[Person], row: Any) -> list[Person]:
    """Whose promise it is: the one who works on the record, else the coordinators of its field, else everybody."""
    return ([person for person in office if person.id == row.assignee_id]
            or [person for person in office if row.field in person.fields.split()] or list(office))
