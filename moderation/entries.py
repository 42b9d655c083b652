"""An entry of the queue whatever its kind: the thing, the idea it is about, whose it is, what may be done with it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.claims import refuse_outside
from moderation.journey import APPEAL, REPORT
from moderation.model import Appeal, Decision, Proposal, ReportCase
from participation.city import City
from participation.comments.journey import COMMENT
from participation.comments.model import Comment
from participation.errors import NotAllowed, NotThere
from participation.ideas.journey import EDIT, IDEA
from participation.ideas.model import Idea, IdeaEdit
from participation.journey import Journey, Move
from participation.people.model import Person
from participation.people.rights import Right
from participation.waiting import Waiting, find

JOURNEYS: dict[str, Journey] = {journey.name: journey for journey in (IDEA, COMMENT, EDIT, REPORT, APPEAL)}
_TABLES: dict[str, Any] = {"comment": Comment, "edit": IdeaEdit, "report": ReportCase, "appeal": Appeal}
_MODERATION = (Right.ENTRY_DECIDE, Right.IDEA_ACCEPT)


@dataclass(frozen=True, slots=True)
class Entered:
    """What a moderator decided, as entered. `seen` is the version of the text that they read; `mask` has a
    passage a line; `block_days` 0 blocks nobody."""

    move: str
    reason: str = ""
    statement: str = ""
    statement_language: str = ""
    benefit: str = ""
    who_benefits: str = ""
    target: str = ""
    mask: str = ""
    official: bool = False
    trust: bool = False
    block_days: int = 0
    field: str = ""
    district: str = ""
    language: str = ""
    seen: int | None = None

    @classmethod
    def read(cls, values: Mapping[str, Any]) -> "Entered":
        """What `asdict` has written down."""
        known = {each.name for each in fields(cls)}
        return cls(**{name: value for name, value in values.items() if name in known})


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry to be decided on. `appealed` is the decision that an appeal is about; `proposal` waits for a second
    moderator; `waiting` is its row in the queue, None where it does not wait."""

    kind: str
    key: str
    thing: Any
    idea: Idea | None
    comment: Comment | None
    author: Person | None
    moves: tuple[Move, ...]
    waiting: Waiting | None
    proposal: Proposal | None
    appealed: Decision | None

    @property
    def version(self) -> int:
        """The version of the text that is decided on."""
        return getattr(self.thing, "version", 0) or 0

    @property
    def title(self) -> str:
        """What to call it: the title of the idea it is about; "" for an appeal against a block."""
        return self.idea.title if self.idea is not None else ""

    @property
    def name(self) -> str:
        """The name shown beside it."""
        written = self.thing.author_name if isinstance(self.thing, Idea) else ""
        return (self.author.name if self.author else "") or written


def entry(session: Session, moderator: Person, kind: str, key: str) -> Entry:
    """The idea with that reference, or the comment, edit, report or appeal with that number. Raises NotThere, and
    NotAllowed for one outside the moderator's fields or districts."""
    thing = _thing(session, kind, key)
    if thing is None or JOURNEYS[kind].state(thing.state).key == "draft":
        raise NotThere("unknown_entry")
    appealed = session.get_one(Decision, thing.decision_id) if isinstance(thing, Appeal) else None
    comment_id = appealed.comment_id if appealed else getattr(thing, "comment_id", None)
    comment = thing if isinstance(thing, Comment) else session.get(Comment, comment_id) if comment_id else None
    idea = thing if isinstance(thing, Idea) else session.get(Idea, thing.idea_id) if thing.idea_id else None
    if idea is not None:
        refuse_outside(moderator, idea.field, idea.district)
    author = session.get(Person, thing.author_id) if thing.author_id else None
    proposal = session.scalar(select(Proposal).where(Proposal.kind == kind, Proposal.thing_id == thing.id))
    return Entry(kind, key, thing, idea, comment, author, moves(kind, moderator, thing, appealed),
                 find(session, kind, thing.id), proposal, appealed)


def moves(kind: str, moderator: Person, thing: Any, appealed: Decision | None = None) -> tuple[Move, ...]:
    """The moderation moves open to this person with this entry. Nobody decides on an appeal against a decision
    of their own (DSA Art. 20(6) asks for qualified staff; the city for somebody else)."""
    if appealed is not None and moderator.id in (appealed.by_id, appealed.confirmed_by_id):
        return ()
    return tuple(m for m in JOURNEYS[kind].open_to(moderator, thing) if m.right in _MODERATION)


def refuse_party(found: Entry, moderator: Person) -> None:
    """Raises NotAllowed("decided_it_oneself") for an appeal against the moderator's own decision."""
    if found.appealed is not None and moderator.id in (found.appealed.by_id, found.appealed.confirmed_by_id):
        raise NotAllowed("decided_it_oneself")


def lock(session: Session, found: Entry) -> None:
    """Hold the entry's row until the transaction ends, with what stands there now: its author may be changing
    it at this very moment."""
    session.refresh(found.thing, with_for_update=True)


def needs_second(city: City, move: str) -> bool:
    """Whether the city asks for a second moderator before such a move."""
    return {"hide_reported": "hide", "uphold_report": "hide"}.get(move, move) in city.moderation.four_eyes


def due_of_confirming(city: City, found: Entry, now: datetime) -> datetime:
    """By when a second moderator should have looked."""
    return found.waiting.due if found.waiting is not None else city.decide_by(now)


def _thing(session: Session, kind: str, key: str) -> Any:
    if kind == "idea":
        return session.scalar(select(Idea).where(Idea.ref == key))
    if kind in _TABLES and key.isascii() and key.isdecimal() and len(key) < 10:
        return session.get(_TABLES[kind], int(key))
    return None
