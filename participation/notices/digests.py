"""News in one letter a day or a week, for those who would rather not get each by itself.

What is to be told waits as a notice of its own, so each thing is told once, by its key. At the city's hour a person's
notices are claimed for one letter in the transaction that writes it, in portions of people; what the letter says is
read when it is sent, so that nothing stands in it that is not public any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import and_, exists, func, or_, select, update
from sqlalchemy.orm import Session

from participation import translations
from participation.city import Letters
from participation.database import Query
from participation.ideas.model import CoAuthor, Idea, IdeaStep
from participation.jobs import House
from participation.notices.actions import tell
from participation.notices.following import spoken
from participation.notices.model import WAITS, Follow, Notice
from participation.outbox import BULK, Event, happened
from participation.people.model import WEEKLY, Person
from participation.text import excerpt

AT_ONCE = 200  # people of one portion
NAMED = 30  # things that one letter tells
_EXCERPT = 300  # characters of an answer


@dataclass(frozen=True, slots=True)
class Thing:
    """Something that happened to an idea: a step with the beginning of what the city said, or (`milestone_id`) a
    milestone of its project."""

    at: datetime
    move: str
    to_state: str
    statement: str
    statement_language: str
    milestone_id: int


@dataclass(frozen=True, slots=True)
class News:
    """An idea and what happened to it, the newest first."""

    ref: str
    title: str
    language: str
    things: list[Thing] = field(default_factory=list)


def hourly(session: Session, event: Event, house: House) -> None:
    """Follower of time.hour: from the city's hour on, whoever's news have waited long enough get their letter."""
    if session.scalar(_due(house).limit(1)) is not None:
        happened(session, "digest.portion", house.now, rank=BULK, behind=0)


def portion(session: Session, event: Event, house: House) -> None:
    """Follower of digest.portion: the next people get their letter, one a day at most; those behind them are the next
    event. Each letter is written together with the claim on what it tells."""
    people = session.scalars(_due(house).where(Notice.person_id > event.about["behind"]).distinct()
                             .order_by(Notice.person_id).limit(AT_ONCE)).all()
    day = house.now.astimezone(house.city.zone).date()
    for person_id in people:
        letter = tell(session, f"digest:{day}:{person_id}", "digest", house.now, person_id=person_id, rank=BULK)
        if letter is not None:
            session.execute(update(Notice).where(Notice.digest_id == WAITS, Notice.person_id == person_id)
                            .values(digest_id=letter.id).execution_options(synchronize_session=False))
    if len(people) == AT_ONCE:
        happened(session, "digest.portion", house.now, rank=BULK, behind=people[-1] or 0)


def gathered(session: Session, notice: Notice, house: House) -> tuple[list[News], int]:
    """What a digest tells, the newest idea first, and how much there is in all, though it names NAMED things at most.
    Nothing of an idea that is not public, a step taken back, an idea its reader wants to hear no more of."""
    tag, public = spoken(session, notice, house), _public(notice)
    rows = session.execute(public.with_only_columns(
        Idea.id, Idea.ref, Idea.title, Idea.language, Notice.id, Notice.created_at, Notice.about, IdeaStep.id,
        IdeaStep.at, IdeaStep.move, IdeaStep.to_state, IdeaStep.statement, IdeaStep.statement_language)
        .order_by(Notice.id.desc()).limit(NAMED)).all()
    count = len(rows)
    if count == NAMED:
        count = session.scalar(public.with_only_columns(func.count())) or 0
    written = translations.of(session, "idea_step", [row[7] for row in rows if row[7] is not None])
    found = []
    for _, same in groupby(_together(rows), key=lambda row: row[0]):
        of_idea = list(same)
        found.append(News(of_idea[0][1] or "", of_idea[0][2], of_idea[0][3],
                          [_thing(row, written.get(row[7], {}).get(tag, {}).get("statement", ""), tag)
                           for row in of_idea]))
    return found, count


def _together(rows: Sequence[Any]) -> list[Any]:
    """The rows of one idea beside each other, where its newest stands."""
    place: dict[int, int] = {}
    for row in rows:
        place.setdefault(row[0], len(place))
    return sorted(rows, key=lambda row: place[row[0]])


def _thing(row: Any, translated: str, tag: str) -> Thing:
    _, _, _, _, _, told_at, about, step_id, at, move, to_state, statement, language = row
    if step_id is None:
        return Thing(told_at, "", "", "", "", about.get("milestone_id", 0))
    return Thing(at, move, to_state, excerpt(translated or statement, _EXCERPT), tag if translated else language, 0)


def _public(notice: Notice) -> Query:
    """The notices of a digest that may be told at this moment, with idea and step."""
    wrote = exists().where(CoAuthor.idea_id == Idea.id, CoAuthor.person_id == Notice.person_id)
    wants = or_(Follow.on, and_(Follow.on.is_(None), or_(Person.tells_supported, Idea.author_id == Person.id, wrote)))
    return select(Notice.id).join(Idea, Idea.id == Notice.idea_id).join(
        Person, Person.id == Notice.person_id).outerjoin(IdeaStep, IdeaStep.id == Notice.step_id).outerjoin(
        Follow, and_(Follow.idea_id == Notice.idea_id, Follow.person_id == Notice.person_id)).where(
        Notice.digest_id == notice.id, Notice.person_id == notice.person_id, Idea.public, wants,
        or_(IdeaStep.id.is_(None), ~IdeaStep.undone))


def _due(house: House) -> Any:
    """The people something has waited for since their last hour came. Not only at that hour: what a standstill held
    up is sent after it; and who wants letters at once again gets what still waits the next morning."""
    local, letters = house.now.astimezone(house.city.zone), house.city.letters
    daily, weekly = _hour(local, letters, 1), _hour(local, letters, 7)
    return select(Notice.person_id).join(Person, Person.id == Notice.person_id).where(
        Notice.digest_id == WAITS, or_(and_(Person.digest == WEEKLY, Notice.created_at < weekly),
                                       and_(Person.digest != WEEKLY, Notice.created_at < daily)))


def _hour(local: datetime, letters: Letters, days: int) -> datetime:
    """The last hour of digests by the city's clock: today's or yesterday's (`days` 1), this week's or last week's."""
    back = (local.isoweekday() - letters.digest_weekday) % days
    at = local.replace(hour=letters.digest_hour, minute=0, second=0, microsecond=0) - timedelta(days=back)
    return at if at <= local else at - timedelta(days=days)
