"""Dates by which the public was promised an answer: made, kept, and shown while they are open."""

from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation.assessment.model import Promise
from participation.city import City
from participation.ideas.model import IdeaStep
from participation.jobs import House
from participation.outbox import Event
from participation.pool.items import deadline, today
from participation.pool.model import Item


def accepted(session: Session, event: Event, house: House) -> None:
    """Follower of idea.accept: the city promises its next answer within the days of the city file."""
    step = session.get_one(IdeaStep, event.about["step_id"])
    if open_promise(session, step.idea_id) is None:
        due = today(house.city, step.at) + timedelta(days=house.city.pool.answer_days)
        promise(session, step.idea_id, due, step.at, step.id)


def received(session: Session, event: Event, _house: House) -> None:
    """Follower of idea.receive: the desk has a line for it now, which says what was promised."""
    noted(session, event.about["idea_id"])


def promise(session: Session, idea_id: int, due_on: date, now: datetime, step_id: int | None = None) -> Promise:
    """Promise the next answer by a day. The caller has kept or replaced the promise before."""
    made = Promise(idea_id=idea_id, made_at=now, made_step_id=step_id, due_on=due_on)
    session.add(made)
    session.flush()
    noted(session, idea_id)
    return made


def keep(session: Session, step: IdeaStep) -> None:
    """A public answer keeps the open promise of its idea."""
    session.execute(update(Promise).where(Promise.idea_id == step.idea_id, Promise.kept_at.is_(None))
                    .values(kept_at=step.at, kept_step_id=step.id).execution_options(synchronize_session="fetch"))
    noted(session, step.idea_id)


def noted(session: Session, idea_id: int) -> None:
    """The desk's line of an idea says what is promised; called again when the line is new."""
    item = session.scalar(select(Item).where(Item.idea_id == idea_id))
    if item is not None:
        kept = open_promise(session, idea_id)
        item.promised_on = kept.due_on if kept else None
        item.deadline = deadline(item.due_on, item.promised_on)
        session.flush()


def open_promise(session: Session, idea_id: int) -> Promise | None:
    """The promise that waits to be kept, if any."""
    return session.scalar(select(Promise).where(Promise.idea_id == idea_id, Promise.kept_at.is_(None))
                          .order_by(Promise.id.desc()).limit(1))


def overdue(promise: Promise, city: City, now: datetime) -> bool:
    """Whether the day of an open promise has passed in the city."""
    return promise.kept_at is None and promise.due_on < today(city, now)
