"""Dates by which the public was promised an answer: made, moved with a reason, kept, and shown as they are; the office
is told before one falls due, and once more when its day has passed."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation import translations
from participation.assessment import working
from participation.assessment.model import Promise
from participation.city import City
from participation.database import touched
from participation.errors import Conflict, Invalid, NotAllowed, refuse
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaStep
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.items import deadline, today
from participation.pool.model import Item
from participation.text import plain

KIND, REASON = "promise", "reason"  # of the translations of why a promise was moved
FURTHEST = timedelta(days=3650)
SHOWN = 50  # promises on the page of one idea
_ANSWERS = tuple(move.key for move in IDEA.moves if move.right is Right.IDEA_ANSWER)
OPEN = (Promise.kept_at.is_(None), Promise.replaced_at.is_(None))


@dataclass(frozen=True, slots=True)
class Promised:
    """A promise as everyone may read it; `moved_to` and the reason are those of one that was replaced."""

    due_on: date
    made_at: datetime
    kept_at: datetime | None
    kept_step_id: int | None
    late: bool  # its day had passed when it was kept, or has passed and it is open
    moved_to: date | None
    reason: str
    reason_language: str
    reasons: dict[str, str]  # the reason in other languages

    @property
    def open(self) -> bool:
        """Whether the answer is still to come, and this date stands."""
        return self.kept_at is None and self.moved_to is None


def accepted(session: Session, event: Event, house: House) -> None:
    """Follower of idea.accept: the city promises its next answer within the days of the city file. Where the desk has
    answered before this came to pass, that answer has kept it."""
    step = session.get_one(IdeaStep, event.about["step_id"])
    made = session.scalar(select(Promise.id).where(Promise.made_step_id == step.id))
    if made is not None or open_promise(session, step.idea_id) is not None:
        return
    promise(session, step.idea_id, usual(house.city, step.at), step.at, step.id)
    answered = session.scalar(
        select(IdeaStep).where(IdeaStep.idea_id == step.idea_id, IdeaStep.id > step.id, IdeaStep.move.in_(_ANSWERS))
        .order_by(IdeaStep.id).limit(1))
    if answered is not None:
        keep(session, answered)


def received(session: Session, event: Event, _house: House) -> None:
    """Follower of idea.receive: the desk has a line for it now, which says what was promised."""
    noted(session, event.about["idea_id"])


def arrived(session: Session, event: Event, _house: House) -> None:
    """Follower of items.arrived: so do lines of ideas that had been received before, when they come from a file."""
    for idea_id in session.scalars(
            select(Item.idea_id).join(Promise, Promise.idea_id == Item.idea_id)
            .where(Item.id.between(event.about["first_id"], event.about["last_id"]), Item.promised_on.is_(None),
                   *OPEN)).all():
        noted(session, idea_id or 0)


def usual(city: City, now: datetime) -> date:
    """By when the next answer is promised where nobody says otherwise."""
    return today(city, now) + timedelta(days=city.pool.answer_days)


def promise(session: Session, idea_id: int, due_on: date, now: datetime, step_id: int | None = None) -> Promise:
    """Promise the next answer by a day. The caller has kept or replaced the promise before."""
    made = Promise(idea_id=idea_id, made_at=now, made_step_id=step_id, due_on=due_on)
    session.add(made)
    session.flush()
    noted(session, idea_id)
    return made


def keep(session: Session, step: IdeaStep) -> None:
    """A public answer keeps the open promise of its idea."""
    session.execute(update(Promise).where(Promise.idea_id == step.idea_id, *OPEN)
                    .values(kept_at=step.at, kept_step_id=step.id).execution_options(synchronize_session="fetch"))
    noted(session, step.idea_id)


def move(session: Session, city: City, officer: Person, idea: Idea, due_on: date | None, reason: str, language: str,
         now: datetime, *, seen: int) -> Promise:
    """Promise another day in place of the open promise `seen` (its id; 0: there was none), with a public reason.

    Raises NotAllowed, Invalid for a day that cannot be promised or a reason that is missing or too long, and
    Conflict when the idea was answered or another day promised meanwhile.
    """
    if not (answer := may(officer, Right.IDEA_ANSWER)):
        raise NotAllowed(answer.why, right=str(Right.IDEA_ANSWER))
    # Whoever answers at the same moment changes this row first, so that no promise outlives its answer.
    idea = session.get_one(Idea, idea.id, populate_existing=True, with_for_update=True)
    old = open_promise(session, idea.id)
    if not may_promise(idea) or (old.id if old else 0) != seen:
        raise Conflict("promised_meanwhile")
    reason, most = plain(reason), city.limits.statement_max
    problems = [day_problem(city, due_on, now, "due_on") or (
        Invalid("due_on", "same_day") if old is not None and due_on == old.due_on else None),
        Invalid("reason", "required") if old is not None and not reason else None,
        Invalid("reason", "too_long", limit=most, length=len(reason)) if len(reason) > most else None,
        Invalid("reason_language", "not_offered") if language not in city.languages else None]
    refuse([Invalid("due_on", "required")] if due_on is None else [problem for problem in problems if problem])
    assert due_on is not None
    if old is not None:
        replaced = session.execute(update(Promise).where(Promise.id == old.id, *OPEN)
                                   .values(replaced_at=now, reason=reason, reason_language=language)
                                   .execution_options(synchronize_session="fetch"))
        if not touched(replaced):
            raise Conflict("promised_meanwhile")
        translations.want(session, KIND, old.id, REASON, reason, (t for t in city.languages if t != language), now)
    made = promise(session, idea.id, due_on, now)
    item = session.scalar(select(Item).where(Item.idea_id == idea.id))
    if item is not None:
        working.act(session, item, officer, "promise_moved", now, on=due_on)
    return made


def may_promise(idea: Idea) -> bool:
    """Whether the office owes a next answer where the idea stands."""
    return IDEA.state(idea.state).waits_for == "pool"


def day_problem(city: City, due_on: date | None, now: datetime, field: str) -> Invalid | None:
    """What is wrong with a day to be promised; None when nothing is, and for no day at all."""
    if due_on is None:
        return None
    if due_on <= today(city, now):
        return Invalid(field, "not_in_the_future")
    return Invalid(field, "too_far_away") if due_on > today(city, now) + FURTHEST else None


def noted(session: Session, idea_id: int) -> None:
    """The desk's line of an idea says what is promised; called again when the line is new."""
    item = session.scalar(select(Item).where(Item.idea_id == idea_id).with_for_update()
                          .execution_options(populate_existing=True))  # the office's own date may change meanwhile
    if item is not None:
        kept = open_promise(session, idea_id)
        item.promised_on = kept.due_on if kept else None
        item.deadline = deadline(item.due_on, item.promised_on)
        session.flush()


def open_promise(session: Session, idea_id: int) -> Promise | None:
    """The promise that waits to be kept, if any."""
    return session.scalar(select(Promise).where(Promise.idea_id == idea_id, *OPEN)
                          .order_by(Promise.id.desc()).limit(1))


def overdue(promise: Promise, city: City, now: datetime) -> bool:
    """Whether the day of an open promise has passed in the city."""
    return promise.kept_at is None and promise.replaced_at is None and promise.due_on < today(city, now)


def public(session: Session, city: City, idea_id: int, now: datetime) -> tuple[Promised, ...]:
    """The promises of an idea, the oldest first, the newest fifty at most; one query, and one more where a promise was
    moved."""
    rows = session.scalars(select(Promise).where(Promise.idea_id == idea_id).order_by(Promise.id.desc())
                           .limit(SHOWN)).all()[::-1]
    moved = [row.id for row in rows if row.replaced_at is not None]
    words = translations.of(session, KIND, moved) if moved else {}
    return tuple(_public(rows, place, city, now, words) for place in range(len(rows)))


def _public(rows: Sequence[Promise], place: int, city: City, now: datetime,
            words: translations.Parts) -> Promised:
    row = rows[place]
    after = rows[place + 1].due_on if row.replaced_at is not None and place + 1 < len(rows) else None
    late = overdue(row, city, now) or (row.kept_at is not None and row.due_on < today(city, row.kept_at))
    reasons = {tag: parts[REASON] for tag, parts in words.get(row.id, {}).items()}
    return Promised(row.due_on, row.made_at, row.kept_at, row.kept_step_id, late, after, row.reason,
                    row.reason_language, reasons)
