"""Working on a record together: who works on it, until when, what colleagues say to each other, what was seen.

`act` is how every room of the office notes what it did; the history of a record is made of these notes.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation.assessment.model import Act
from participation.city import City
from participation.errors import Invalid, NotAllowed, NotThere, Trouble
from participation.jobs import House
from participation.notices.actions import tell
from participation.notices.model import Notice
from participation.people.model import Person
from participation.people.rights import ROLES, Right, may
from participation.pool.items import deadline, today
from participation.pool.model import Item
from participation.text import plain

REMARK_MAX = 4000
TOGETHER = 100  # records that are assigned or dated at once
COORDINATOR = "field"  # stands for whoever coordinates the record's field of action
COLLEAGUES = 200
OFFICE = tuple(role for role, rights in ROLES.items() if Right.RECORD_WORK in rights)


@dataclass(frozen=True, slots=True)
class Colleague:
    """Somebody of the office, and the fields of action they coordinate."""

    id: int
    name: str
    fields: tuple[str, ...]


def act(session: Session, item: Item, by: Person | None, kind: str, now: datetime, body: str = "",
        **about: Any) -> Act:
    """Note what the office did with a record; `by` None is the house itself. `about` holds keys, numbers and days,
    never words of people. The caller has asked for the right."""
    noted = Act(item_id=item.id, at=now, by_id=by.id if by else None, kind=kind, body=body,
                about={name: value.isoformat() if isinstance(value, date) else value for name, value in about.items()})
    session.add(noted)
    session.flush()
    return noted


def office(session: Session) -> list[Colleague]:
    """Who works on records, by name."""
    rows = session.execute(select(Person.id, Person.name, Person.email, Person.role, Person.fields)
                           .where(Person.role.in_(OFFICE)).order_by(Person.name, Person.id).limit(COLLEAGUES))
    return [Colleague(row.id, row.name or row.email or "?", tuple(row.fields.split()) if row.role == "cdo" else ())
            for row in rows]


def item_of(session: Session, ref: str) -> Item:
    """A record's line of the inbox, locked until the transaction ends where the database can; raises NotThere."""
    item = session.scalar(select(Item).where(Item.ref == ref).order_by(Item.idea_id.is_(None), Item.id).limit(1)
                          .with_for_update())
    if item is None:
        raise NotThere("unknown_record")
    return item


def assign(session: Session, by: Person, item: Item, to: str, now: datetime) -> Act | None:
    """Give a record to a colleague (their number), to its field's coordinator (COORDINATOR) or to nobody (""); who it
    is given to gets a letter, one for everything that is given at the same moment. None when it is theirs already.

    Raises NotAllowed, and Invalid for somebody who is not of the office (any more) and a field without a coordinator.
    """
    _refuse(by)
    colleague = _resolved(session, item, to)
    if (chosen := colleague.id if colleague else None) == item.assignee_id:
        return None
    item.assignee_id = chosen
    noted = act(session, item, by, "assigned", now, person_id=chosen)
    if chosen is not None and chosen != by.id:
        tell(session, f"assigned:{chosen}:{by.id}:{now.isoformat()}", "assigned", now, person_id=chosen,
             act_id=noted.id)
    return noted


def date_it(session: Session, city: City, by: Person, item: Item, due_on: date | None, now: datetime) -> Act | None:
    """Set the office's own date for a record, or take it away. None when it stands so already. Raises NotAllowed and
    Invalid for a day that has passed."""
    _refuse(by)
    if due_on == item.due_on:
        return None
    refuse_passed(city, due_on, now)
    item.due_on, item.deadline = due_on, deadline(due_on, item.promised_on)
    return act(session, item, by, "due", now, on=due_on)


def refuse_passed(city: City, due_on: date | None, now: datetime) -> None:
    """Raises Invalid for a day that has passed in the city."""
    if due_on is not None and due_on < today(city, now):
        raise Invalid("due_on", "date_passed")


def remark(session: Session, by: Person, item: Item, words: str, now: datetime) -> Act:
    """Say something about a record that only the office reads. The same words twice in a row, as a double click sends
    them, are one remark. Raises NotAllowed and Invalid."""
    _refuse(by)
    words = plain(words)
    if not words:
        raise Invalid("remark", "required")
    if len(words) > REMARK_MAX:
        raise Invalid("remark", "too_long", limit=REMARK_MAX, length=len(words))
    last = session.scalar(select(Act).where(Act.item_id == item.id).order_by(Act.id.desc()).limit(1))
    if last is not None and (last.kind, last.by_id, last.body) == ("remark", by.id, words):
        return last
    return act(session, item, by, "remark", now, words)


def seen(session: Session, item: Item) -> None:
    """The office has opened this revision of a record."""
    session.execute(update(Item).where(Item.id == item.id, Item.seen_revision < item.revision)
                    .values(seen_revision=item.revision).execution_options(synchronize_session=False))


def together(session: Session, refs: Sequence[str], do: Callable[[Item], Act | None]) -> tuple[int, list[
        tuple[str, Trouble]]]:
    """Do the same with several records; how many were changed, and those that were refused with the reason. Raises
    Invalid("refs") for none, and for more than TOGETHER."""
    refs = sorted(dict.fromkeys(refs))  # in one order, so that two people do not wait for each other
    if not refs:
        raise Invalid("refs", "nothing_chosen")
    if len(refs) > TOGETHER:
        raise Invalid("refs", "too_many", limit=TOGETHER, length=len(refs))
    done = 0
    refused: list[tuple[str, Trouble]] = []
    for ref in refs:
        try:
            done += do(item_of(session, ref)) is not None
        except (NotThere, Invalid) as trouble:
            refused.append((ref, trouble))
    return done, refused


def of_assigned(session: Session, notice: Notice, _house: House) -> dict[str, Any]:
    """For the letter to whom records were given: which, and by whom. The roof's table LETTERS names this function."""
    first = session.get_one(Act, notice.about["act_id"])
    rows = session.execute(
        select(Item.ref, Item.title, Item.language, Item.deadline, Act.about).join(Act, Act.item_id == Item.id)
        .where(Act.kind == "assigned", Act.by_id == first.by_id, Act.at == first.at, Act.id >= first.id)
        .order_by(Act.id).limit(TOGETHER)).all()
    by = session.get(Person, first.by_id) if first.by_id else None
    return {"records": [row for row in rows if row.about.get("person_id") == notice.person_id],
            "by": by.name if by else ""}


def _refuse(by: Person) -> None:
    if not (answer := may(by, Right.RECORD_WORK)):
        raise NotAllowed(answer.why)


def _resolved(session: Session, item: Item, to: str) -> Colleague | None:
    if not to:
        return None
    colleagues = office(session)
    if to == COORDINATOR:
        found = next((each for each in colleagues if item.field in each.fields), None)
        if found is None:
            raise Invalid("assignee", "no_coordinator")
        return found
    found = next((each for each in colleagues if str(each.id) == to), None)
    if found is None:
        raise Invalid("assignee", "not_of_the_office")
    return found
