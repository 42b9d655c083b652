"""Public answers that the office prepares: written and changed internally, marked as ready, published one by one or
many together. Of each record one is prepared at a time."""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.assessment import answers, working
from participation.assessment.answers import Written
from participation.assessment.model import PreparedAnswer
from participation.city import City
from participation.errors import Conflict, NotAllowed, NotThere, refuse
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.model import Item

PAGE = 50
MOST = 100  # published together


@dataclass(frozen=True, slots=True)
class Wanted:
    """What the list of prepared answers is asked for; "" means all."""

    ready: str = ""  # "1" ready, "0" not yet
    move: str = ""
    field: str = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A prepared answer in the list; `possible` says whether the idea stands where its move begins."""

    id: int
    version: int
    ref: str
    title: str
    title_language: str
    field: str
    state: str
    move: str
    statement: str
    language: str
    languages: tuple[str, ...]  # in which the statement is written
    promised_on: date | None
    ready: bool
    possible: bool
    at: datetime
    by: str


def version_of(prepared: PreparedAnswer | None) -> int:
    """What a form says it has seen of it: microseconds of its last change; 0 for none."""
    return int(prepared.at.timestamp() * 1_000_000) if prepared is not None else 0


def of_item(session: Session, item_id: int) -> PreparedAnswer | None:
    """The answer that is prepared for a record, if any."""
    return session.scalar(select(PreparedAnswer).where(PreparedAnswer.item_id == item_id,
                                                       PreparedAnswer.published_at.is_(None)).limit(1))


def prepare(session: Session, city: City, officer: Person, item: Item, written: Written, ready: bool, now: datetime,
            *, seen: int) -> PreparedAnswer:
    """Keep an answer for later; `seen` is the version that stood on the form. One that is ready lacks nothing.

    Raises NotAllowed, Invalid, and Conflict when a colleague changed, published or discarded it meanwhile, for a
    record of another site and for a move that is not the desk's.
    """
    prepared = _held(session, officer, item, seen)
    if item.idea_id is None:
        raise Conflict("of_another_site")
    answers.desks_move(written.move)
    written = written.cleaned()
    refuse([problem for problem in written.problems(city, now) if ready or problem.why != "required"])
    if prepared is None:
        prepared = PreparedAnswer(item_id=item.id)
        session.add(prepared)
    prepared.move, prepared.language, prepared.texts = written.move, written.language, dict(written.texts)
    prepared.promised_on, prepared.outcome, prepared.met = written.promised_on, written.outcome or "", written.met
    prepared.ready, prepared.by_id, prepared.at = ready, officer.id, now
    session.flush()
    working.act(session, item, officer, "answer_prepared", now, move=written.move)
    return prepared


def discard(session: Session, officer: Person, item: Item, now: datetime, *, seen: int) -> None:
    """Throw a prepared answer away. Raises NotAllowed, NotThere when there is none, Conflict when it was changed."""
    prepared = _held(session, officer, item, seen)
    if prepared is None:
        raise NotThere("nothing_prepared")
    working.act(session, item, officer, "answer_discarded", now, move=prepared.move)
    session.delete(prepared)
    session.flush()


def publish(session: Session, city: City, officer: Person, number: int, now: datetime, *, seen: int) -> IdeaStep:
    """Publish a prepared answer that is ready.

    Raises NotThere when it was discarded, Conflict when it was published, changed or is not ready, and what
    `answers.publish` raises.
    """
    if not (answer := may(officer, Right.IDEA_ANSWER)):
        raise NotAllowed(answer.why, right=str(Right.IDEA_ANSWER))
    about = session.execute(select(PreparedAnswer.item_id, Item.idea_id).where(PreparedAnswer.id == number)
                            .join(Item, Item.id == PreparedAnswer.item_id)).first()
    if about is None or about.idea_id is None:
        raise NotThere("nothing_prepared")
    # Everybody who answers or prepares takes these rows in this order, so that two never wait for each other.
    idea = session.get_one(Idea, about.idea_id, with_for_update=True, populate_existing=True)
    item = session.get_one(Item, about.item_id, with_for_update=True, populate_existing=True)
    prepared = session.get(PreparedAnswer, number, populate_existing=True)
    if prepared is None:
        raise NotThere("nothing_prepared")
    if prepared.published_at is not None:
        raise Conflict("published_already")
    if version_of(prepared) != seen:
        raise Conflict("prepared_meanwhile")
    if not prepared.ready:
        raise Conflict("not_ready")
    step = answers.publish(session, city, officer, idea, as_written(prepared), now)
    prepared.published_at, prepared.step_id = now, step.id
    working.act(session, item, officer, "answer_published", now, move=prepared.move)
    return step


def as_written(prepared: PreparedAnswer) -> Written:
    """What was prepared, to be shown in the form or published."""
    return Written(prepared.move, prepared.language, prepared.texts, prepared.promised_on, prepared.outcome,
                   prepared.met)


def listed(session: Session, wanted: Wanted, after: int | None = None, limit: int = PAGE) -> tuple[
        list[Prepared], int | None]:
    """A page of prepared answers, the oldest first, and the id to continue behind (None at the end)."""
    query = (select(PreparedAnswer, Item.field, Idea, Person.name).join(Item, Item.id == PreparedAnswer.item_id)
             .join(Idea, Idea.id == Item.idea_id).outerjoin(Person, Person.id == PreparedAnswer.by_id)
             .where(PreparedAnswer.published_at.is_(None)).order_by(PreparedAnswer.id).limit(limit + 1))
    if wanted.ready:
        query = query.where(PreparedAnswer.ready == (wanted.ready == "1"))
    if wanted.move:
        query = query.where(PreparedAnswer.move == wanted.move)
    if wanted.field:
        query = query.where(Item.field == wanted.field)
    if after is not None:
        query = query.where(PreparedAnswer.id > after)
    rows = session.execute(query).all()
    return [_row(*row) for row in rows[:limit]], rows[limit - 1][0].id if len(rows) > limit else None


def named(session: Session, numbers: list[int]) -> dict[int, tuple[str, str]]:
    """Reference and title of the ideas of prepared answers, published or not, by the answers' ids."""
    rows = session.execute(select(PreparedAnswer.id, Item.ref, Item.title).join(Item, Item.id == PreparedAnswer.item_id)
                           .where(PreparedAnswer.id.in_(numbers[:MOST]))) if numbers else ()
    return {number: (ref, title) for number, ref, title in rows}


def _row(prepared: PreparedAnswer, field: str, idea: Idea, by: str | None) -> Prepared:
    languages = tuple(sorted(prepared.texts, key=lambda tag: (tag != prepared.language, tag)))
    return Prepared(prepared.id, version_of(prepared), idea.ref or "", idea.title, idea.language, field, idea.state,
                    prepared.move, prepared.texts.get(prepared.language, ""), prepared.language, languages,
                    prepared.promised_on, prepared.ready, IDEA.begins(prepared.move, idea), prepared.at, by or "")


def _held(session: Session, officer: Person, item: Item, seen: int) -> PreparedAnswer | None:
    """The prepared answer as it was seen, for somebody who may change it; others wait until it is done with."""
    if not (answer := may(officer, Right.RECORD_WORK)):
        raise NotAllowed(answer.why, right=str(Right.RECORD_WORK))
    if item.idea_id is not None:  # whoever publishes locks the idea first, too
        session.get_one(Idea, item.idea_id, with_for_update=True, populate_existing=True)
    session.get_one(Item, item.id, with_for_update=True, populate_existing=True)
    prepared = of_item(session, item.id)
    if version_of(prepared) != seen:
        raise Conflict("prepared_meanwhile")
    return prepared
