"""Deciding: one act for every kind of entry and every move that the entry's journey allows."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments import actions as comments
from participation.comments.journey import COMMENT
from participation.comments.model import Comment
from participation.errors import Conflict, Invalid, NotThere
from participation.ideas import actions as ideas
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.journey import Journey, Move, Step
from participation.people.model import Person
from participation.people.rights import Right

_MODERATION = (Right.ENTRY_DECIDE, Right.IDEA_ACCEPT)


@dataclass(frozen=True, slots=True)
class Decision:
    """What a moderator decided, as entered. `seen` is the version of the text that they read."""

    move: str
    reason: str = ""
    statement: str = ""
    statement_language: str = ""
    benefit: str = ""
    who_benefits: str = ""
    seen: int | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to be decided, with what the page about it needs."""

    kind: str
    thing: Idea | Comment
    idea: Idea
    author: str
    moves: tuple[Move, ...]


def entry(session: Session, moderator: Person, kind: str, key: str) -> Entry:
    """The idea with that reference, or the comment with that number; raises NotThere."""
    if kind == "idea":
        found = session.execute(select(Idea, Person.name).outerjoin(Person, Person.id == Idea.author_id)
                                .where(Idea.ref == key)).first()
        if found is not None:
            return Entry(kind, found[0], found[0], found[1] or "", moves(IDEA, moderator, found[0]))
    elif kind == "comment" and key.isdecimal() and len(key) < 10:
        row = session.execute(select(Comment, Idea, Person.name).join(Idea, Idea.id == Comment.idea_id)
                              .outerjoin(Person, Person.id == Comment.author_id)
                              .where(Comment.id == int(key))).first()
        if row is not None and COMMENT.state(row[0].state).waits_for != "author":
            return Entry(kind, row[0], row[1], row[2] or "", moves(COMMENT, moderator, row[0]))
    raise NotThere("unknown_entry")


def moves(journey: Journey, moderator: Person, thing: Idea | Comment) -> tuple[Move, ...]:
    """The moderation moves open to this person with this entry."""
    return tuple(m for m in journey.open_to(moderator, thing) if m.right in _MODERATION)


def decide(session: Session, city: City, moderator: Person, found: Entry, decision: Decision, now: datetime) -> Step:
    """Decide on an entry. Raises Conflict when the text changed after the moderator read it or the
    entry was decided meanwhile, Invalid and NotAllowed as the journey says."""
    thing = found.thing
    move = (COMMENT if isinstance(thing, Comment) else IDEA).move(decision.move)
    if move.right not in _MODERATION:
        raise Conflict("unknown_move")
    words = {"reason": _reason(city, found.kind, move, decision.reason), "statement": decision.statement,
             "statement_language": decision.statement_language or city.languages[0]}
    if isinstance(thing, Comment):
        return comments.decide(session, city, moderator, thing, move.key, now, **words)
    session.refresh(thing, with_for_update=True)  # the author may be changing it at this very moment
    if decision.seen is not None and decision.seen != thing.version:
        raise Conflict("text_changed")
    return ideas.decide(session, city, moderator, thing, move.key, now, benefit=decision.benefit,
                        who_benefits=decision.who_benefits, **words)


def _reason(city: City, kind: str, move: Move, key: str) -> str:
    """The reason to keep. A move that asks for none keeps none: what was chosen before the moderator decided
    otherwise must not stand beside "Published" for everyone to read."""
    reason = city.reason(key)
    if key and reason is None:
        raise Invalid("reason", "not_offered")
    if "reason" not in move.needs:
        return ""
    if reason is not None and not (kind in reason.kinds and move.key in reason.moves):
        raise Invalid("reason", "not_offered")
    return key
