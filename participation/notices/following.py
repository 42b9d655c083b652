"""Who is told of what becomes of an idea: whoever follows it, and its supporters unless they would rather not.

Thousands may be told of one step, so it is done in portions, each an event of its own that knows behind whom to go on.
A letter's key names the step or milestone and the person, so that nobody hears of it twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import exists, literal, or_, select, union
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from participation import secret_links, translations
from participation.errors import NotAllowed, NotThere
from participation.ideas.journey import IDEA
from participation.ideas.model import CoAuthor, Idea, IdeaStep
from participation.jobs import House
from participation.notices.actions import tell
from participation.notices.model import Follow, Notice
from participation.outbox import BULK, Event, happened
from participation.people.actions import choose_rhythm
from participation.people.model import AT_ONCE as BY_ITSELF
from participation.people.model import NEVER, Person
from participation.people.rights import Right, may
from participation.support import Support

AT_ONCE = 200
PAGE = 20

# The letters that a click ends: news about ideas of others, whom nobody owes a letter. All others were asked for (a
# code, a receipt), are owed by law (a decision on what somebody wrote, with its reasons) or belong to somebody's work.
ENDABLE = ("progress", "milestone", "merged", "digest")

# The moves that are told: what the city answers.
MOVES = (*(move.key for move in IDEA.moves if move.right is Right.IDEA_ANSWER), "accept", "decline")


@dataclass(frozen=True, slots=True)
class Followed:
    """An idea that somebody is told of; `chosen`: they follow it, else they support it."""

    id: int
    ref: str
    title: str
    language: str
    state: str
    chosen: bool


def follow(session: Session, person: Person, idea: Idea, on: bool, now: datetime) -> None:
    """Follow an idea, or stop being told of it; doing so twice changes nothing. Raises NotAllowed, and NotThere when
    an idea to be followed is not public."""
    if not (answer := may(person, Right.IDEA_SUPPORT)):
        raise NotAllowed(answer.why)
    if on and not idea.public:
        raise NotThere("unknown_idea")
    _choose(session, person.id, idea.id, on, now)


def concern(session: Session, person: Person, idea: Idea) -> tuple[bool, bool]:
    """Whether the person supports the idea, and whether they are told what becomes of it."""
    mine = select(Follow.on).where(Follow.idea_id == idea.id, Follow.person_id == person.id).scalar_subquery()
    backs = select(Support.idea_id).where(Support.idea_id == idea.id, Support.person_id == person.id).exists()
    wrote = select(CoAuthor.idea_id).where(CoAuthor.idea_id == idea.id, CoAuthor.person_id == person.id).exists()
    supported, chosen, helped = session.execute(select(backs, mine, wrote)).one()
    if chosen is not None:
        return bool(supported), bool(chosen)
    own = idea.author_id == person.id or bool(helped)
    return bool(supported), own or (bool(supported) and person.tells_supported)


def mine(session: Session, person: Person, before: int | None = None,
         limit: int = PAGE) -> tuple[tuple[Followed, ...], int | None]:
    """A page of the ideas that a person is told of, and the number to go on before (None at the end)."""
    chosen = select(Follow.idea_id).where(Follow.person_id == person.id, Follow.on)
    stopped = select(Follow.idea_id).where(Follow.person_id == person.id, ~Follow.on)
    supported = select(Support.idea_id).where(Support.person_id == person.id, Support.idea_id.not_in(stopped))
    told = or_(Idea.id.in_(chosen), Idea.id.in_(supported)) if person.tells_supported else Idea.id.in_(chosen)
    query = select(Idea.id, Idea.ref, Idea.title, Idea.language, Idea.state, Idea.id.in_(chosen)).where(
        Idea.public, told)
    if before is not None:
        query = query.where(Idea.id < before)
    rows = session.execute(query.order_by(Idea.id.desc()).limit(limit + 1)).all()
    found = tuple(Followed(row[0], row[1] or "", row[2], row[3], row[4], bool(row[5])) for row in rows[:limit])
    return found, found[-1].id if len(rows) > limit else None


def progress(session: Session, event: Event, house: House) -> None:
    """Follower of the moves in MOVES: supporters and followers are told what the city answered; that it took an idea
    up, also where it said no more than that."""
    step = session.get_one(IdeaStep, event.about["step_id"])
    if (step.statement or step.move == "accept") and not step.undone:
        spread(session, step.idea_id, house.now, step_id=step.id)


def spread(session: Session, idea_id: int, now: datetime, behind: int = 0, **about: Any) -> None:
    """Begin to tell, or go on telling behind a person. `about` is the step_id or milestone_id that is told."""
    happened(session, "following.portion", now, rank=BULK, idea_id=idea_id, behind=behind, **about)


def portion(session: Session, event: Event, house: House) -> None:
    """Follower of following.portion: the next people are told, and what comes behind them is the next event."""
    about: dict[str, Any] = dict(event.about)
    idea = session.get(Idea, about.pop("idea_id"))
    behind = about.pop("behind")
    if idea is None or not idea.public:
        return
    step_id = about.get("step_id")
    people = _concerned(session, idea, behind, with_authors=step_id is None)
    letter, key = ("progress", step_id) if step_id is not None else ("milestone", about["milestone_id"])
    for person_id, rhythm in _reached(session, idea, people, house.now, without_authors=step_id is not None):
        tell(session, f"{letter}:{key}:{person_id}", letter, house.now, person_id=person_id, idea_id=idea.id,
             step_id=step_id, rank=BULK, gathered=rhythm != BY_ITSELF, **({} if step_id is not None else about))
    if len(people) == AT_ONCE:
        spread(session, idea.id, house.now, people[-1], **about)


def of_progress(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For the letter: the statement in the person's language where there is a translation, else as it was written; and
    the secret of the link that ends such letters."""
    step, tag = session.get_one(IdeaStep, notice.step_id), spoken(session, notice, house)
    written = translations.of(session, "idea_step", [step.id]).get(step.id, {}).get(tag, {}).get("statement")
    return {"statement": written or step.statement, "statement_language": tag if written else step.statement_language,
            "stop_token": token(notice, house.settings.secret_key)}


def spoken(session: Session, notice: Notice, house: House) -> str:
    """The language in which a letter to a person is written."""
    person, offered = session.get_one(Person, notice.person_id), house.city.languages
    return person.language if person.language in offered else offered[0]


def token(notice: Notice, secret: str) -> str:
    """The secret of the link in a letter with which its reader ends such letters, without signing in."""
    return secret_links.token("stop", notice.id, notice.key, secret)


def opened(session: Session, text: str, secret: str) -> Notice:
    """The letter that such a link stood in; raises NotThere for a wrong one."""
    notice = session.get(Notice, secret_links.number_of(text))
    if notice is None or notice.person_id is None or notice.letter not in ENDABLE \
            or not secret_links.opens(text, "stop", notice.id, notice.key, secret):
        raise NotThere("unknown_letter")
    return notice


def stop(session: Session, notice: Notice, now: datetime) -> None:
    """Whoever got the letter gets none like it any more: about its idea, or, for a digest, about any idea that they
    support or follow."""
    _end(session, notice, True, now)


def resume(session: Session, notice: Notice, now: datetime) -> None:
    """They have thought again: they are told of the letter's idea."""
    _end(session, notice, False, now)


def _end(session: Session, notice: Notice, end: bool, now: datetime) -> None:
    if notice.person_id is None:
        return
    if notice.letter == "digest":
        choose_rhythm(session, notice.person_id, NEVER if end else BY_ITSELF)
    for idea_id in (notice.idea_id, notice.about.get("other_id")):  # of a merge: the idea it goes on with, too
        if idea_id is not None:
            _choose(session, notice.person_id, idea_id, not end, now)


def stopped(session: Session, notice: Notice) -> bool:
    """Whether they are not told of its idea already."""
    return session.scalar(select(Follow.on).where(Follow.idea_id == notice.idea_id,
                                                  Follow.person_id == notice.person_id)) is False


def wanted(session: Session, notice: Notice, now: datetime) -> bool:
    """Whether a letter is still to be sent. One to many may have waited long: meanwhile its idea may be hidden,
    its step undone, its reader have had enough or been blocked."""
    if notice.letter not in ENDABLE:
        return True
    person = session.get(Person, notice.person_id)
    if person is None or person.digest == NEVER:
        return False
    if person.blocked_until is not None and person.blocked_until > now and notice.letter != "merged":
        return False
    if notice.letter == "digest":
        return True
    idea, step = session.get(Idea, notice.idea_id), session.get(IdeaStep, notice.step_id) if notice.step_id else None
    return (idea is not None and idea.public and not (step is not None and step.undone)
            and not stopped(session, notice))


def is_own(session: Session, person_id: int | None, idea: Idea) -> bool:
    """Whether somebody proposed the idea, or one that was merged into it: what is decided is sent to them anyway."""
    return person_id is not None and (idea.author_id == person_id or session.scalar(
        select(CoAuthor.idea_id).where(CoAuthor.idea_id == idea.id, CoAuthor.person_id == person_id)) is not None)


def merged(session: Session, event: Event, house: House) -> None:
    """Follower of idea.merge: whoever follows the merged idea follows the one it goes on with, unless they have chosen
    about that already."""
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    into = event.about["into_id"]
    theirs = select(literal(into), Follow.person_id, literal(True), literal(house.now, Follow.at.type)).where(
        Follow.idea_id == event.about["idea_id"], Follow.on)
    session.execute(insert(Follow).from_select(["idea_id", "person_id", "on", "at"], theirs).on_conflict_do_nothing())


def _choose(session: Session, person_id: int, idea_id: int, on: bool, now: datetime) -> None:
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    session.execute(insert(Follow).values(idea_id=idea_id, person_id=person_id, on=on, at=now)
                    .on_conflict_do_update(index_elements=["idea_id", "person_id"], set_={"on": on, "at": now}))


def _concerned(session: Session, idea: Idea, behind: int, with_authors: bool) -> Sequence[int]:
    """The next people who support or follow an idea, by number; read from two indexes, however many there are."""
    parts: list[Any] = [
        select(Support.person_id).where(Support.idea_id == idea.id, Support.person_id > behind)
        .order_by(Support.person_id).limit(AT_ONCE).subquery(),
        select(Follow.person_id).where(Follow.idea_id == idea.id, Follow.on, Follow.person_id > behind)
        .order_by(Follow.person_id).limit(AT_ONCE).subquery(),
    ]
    if with_authors:
        parts += [select(Idea.author_id.label("person_id")).where(Idea.id == idea.id, Idea.author_id > behind)
                  .subquery(),
                  select(CoAuthor.person_id).where(CoAuthor.idea_id == idea.id, CoAuthor.person_id > behind).subquery()]
    everyone = union(*(select(part.c.person_id) for part in parts)).subquery()
    return session.scalars(select(everyone.c.person_id).order_by(everyone.c.person_id).limit(AT_ONCE)).all()


def _reached(session: Session, idea: Idea, people: Sequence[int], now: datetime,
             without_authors: bool) -> Sequence[Any]:
    """Those of them who want to be told and have an address, with how often they want letters. The authors hear of a
    step by a letter of their own."""
    choice = select(Follow.person_id).where(Follow.idea_id == idea.id, Follow.person_id == Person.id)
    wrote = select(CoAuthor.idea_id).where(CoAuthor.idea_id == idea.id, CoAuthor.person_id == Person.id)
    author = or_(Person.id == idea.author_id, exists(wrote)) if idea.author_id is not None else exists(wrote)
    wants = or_(Person.tells_supported, exists(choice.where(Follow.on)), author)
    query = select(Person.id, Person.digest).where(
        Person.id.in_(people), Person.email.is_not(None), Person.digest != NEVER, wants,
        or_(Person.blocked_until.is_(None), Person.blocked_until <= now), ~exists(choice.where(~Follow.on)))
    if without_authors:
        query = query.where(~author)
    return session.execute(query.order_by(Person.id)).all()
