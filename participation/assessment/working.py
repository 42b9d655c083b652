"""The office's own history of a record: what was done with it, and by whom."""

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from participation.assessment.model import Act
from participation.people.model import Person
from participation.pool.model import Item


def act(session: Session, item: Item, by: Person, kind: str, now: datetime, body: str = "", **about: Any) -> None:
    """Note what somebody of the office did with a record; `about` holds keys, numbers and dates."""
    session.add(Act(item_id=item.id, by_id=by.id, at=now, kind=kind, body=body, about=about))
    session.flush()
