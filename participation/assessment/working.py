"""Working on a record together: who works on it, until when, what colleagues say to each other, what was seen.

`act` is how every room of the office notes what it did; the history of a record is made of these notes.
"""

from datetime import date, datetime
from typing import Any

from sqlalchemy.orm import Session

from participation.assessment.model import Act
from participation.people.model import Person
from participation.pool.model import Item

REMARK_MAX = 4000


def act(session: Session, item: Item, by: Person | None, kind: str, now: datetime, body: str = "",
        **about: Any) -> Act:
    """Note what the office did with a record; `by` None is the house itself. `about` holds keys, numbers and days,
    never words of people. The caller has asked for the right."""
    noted = Act(item_id=item.id, at=now, by_id=by.id if by else None, kind=kind, body=body,
                about={name: value.isoformat() if isinstance(value, date) else value for name, value in about.items()})
    session.add(noted)
    session.flush()
    return noted
