"""The office's letter in the morning: what is overdue, what falls due soon, what has come in."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.assessment.working import OFFICE
from participation.city import City
from participation.jobs import House
from participation.notices.actions import tell
from participation.notices.model import Notice
from participation.outbox import Event
from participation.people.model import Person
from participation.people.rights import ROLES, Right
from participation.pool.items import today
from participation.pool.model import NEW, Item

NAMED = 10  # records that a letter names in each of its lists


@dataclass(frozen=True, slots=True)
class Morning:
    """What a letter says: a colleague's own records that are overdue and due soon, records of everybody whose answer
    was promised to the public, how many of each, and how many records nobody has opened."""

    overdue: Sequence[Any]
    overdue_count: int
    soon: Sequence[Any]
    soon_count: int
    promised: Sequence[Any]
    promised_count: int
    new: int

    @property
    def own(self) -> int:
        """How many of the colleague's own records there are to be told of."""
        return self.overdue_count + self.soon_count


def morning(session: Session, event: Event, house: House) -> None:
    """Follower of time.hour: once a day, from the city's hour on, everybody of the office for whom there is something
    gets a letter. Who also moderates is told of their own records only: they have a letter of their own."""
    local = house.now.astimezone(house.city.zone)
    if local.hour < house.city.moderation.morning_hour:
        return
    for person in session.scalars(select(Person).where(Person.role.in_(OFFICE), Person.email.is_not(None))):
        found = situation(session, house.city, person, today(house.city, house.now))
        others = found.new + found.promised_count if Right.ENTRY_DECIDE not in ROLES[person.role] else 0
        if found.own or others:
            tell(session, f"desk_morning:{local.date()}:{person.id}", "desk_morning", house.now, person_id=person.id)


def situation(session: Session, city: City, person: Person, day: date) -> Morning:
    """What waits for a colleague on that day."""
    until = day + timedelta(days=city.pool.warn_days)
    mine = Item.assignee_id == person.id
    overdue = (mine, Item.deadline < day)
    soon = (mine, Item.deadline >= day, Item.deadline <= until)
    promised = (Item.deadline <= until, Item.promised_on <= until)  # the deadline is never later than the promise
    new = session.scalar(select(func.count()).select_from(Item).where(NEW)) or 0
    return Morning(*_some(session, *overdue), *_some(session, *soon), *_some(session, *promised), new)


def of_morning(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For a colleague: how things stand now. The roof's table LETTERS names this function."""
    person = session.get_one(Person, notice.person_id)
    return {"found": situation(session, house.city, person, today(house.city, house.now))}


def _some(session: Session, *where: Any) -> tuple[Sequence[Any], int]:
    rows = session.execute(select(Item.ref, Item.title, Item.language, Item.deadline, Item.promised_on)
                           .where(*where).order_by(Item.deadline, Item.id).limit(NAMED)).all()
    if len(rows) < NAMED:
        return rows, len(rows)
    return rows, session.scalar(select(func.count()).select_from(Item).where(*where)) or 0
