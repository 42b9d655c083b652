"""Lists of the inbox that somebody of the office has named, to come back to them. Each person sees their own."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.assessment.model import SavedView
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.text import one_line

MOST = 20  # of one person
NAME_MAX = 80
QUERY_MAX = 2000


@dataclass(frozen=True, slots=True)
class View:
    """A named list: `query` is what its address says behind the question mark."""

    id: int
    name: str
    query: str


def views(session: Session, person: Person) -> list[View]:
    """A person's lists, by name."""
    rows = session.execute(select(SavedView.id, SavedView.name, SavedView.query)
                           .where(SavedView.person_id == person.id).order_by(SavedView.name, SavedView.id).limit(MOST))
    return [View(*row) for row in rows]


def save(session: Session, by: Person, name: str, query: str) -> SavedView:
    """Name a list; a name that the person has used already stands for the new list from then on. Raises NotAllowed,
    Invalid, and Conflict when they have as many as they may."""
    if not (answer := may(by, Right.RECORDS_SEE)):
        raise NotAllowed(answer.why)
    name = one_line(name)
    if not name:
        raise Invalid("name", "required")
    if len(name) > NAME_MAX:
        raise Invalid("name", "too_long", limit=NAME_MAX, length=len(name))
    if len(query) > QUERY_MAX:
        raise Invalid("name", "too_many")
    # One at a time for each person, so that a double click neither fails nor goes beyond the most.
    session.execute(select(Person.id).where(Person.id == by.id).with_for_update())
    view = session.scalar(select(SavedView).where(SavedView.person_id == by.id, SavedView.name == name))
    if view is None:
        if (session.scalar(select(func.count()).where(SavedView.person_id == by.id)) or 0) >= MOST:
            raise Conflict("too_many_views")
        view = SavedView(person_id=by.id, name=name, query=query)
        session.add(view)
    view.query = query
    session.flush()
    return view


def forget(session: Session, by: Person, number: int) -> str:
    """Delete a list of one's own and give back its name; raises NotThere for one that is not there or another's."""
    view = session.get(SavedView, number)
    if view is None or view.person_id != by.id:
        raise NotThere("unknown_view")
    session.delete(view)
    session.flush()
    return view.name
