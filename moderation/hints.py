"""Hints beside an entry: computed in a background job, shown with one line each, deciding nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import delete, exists, select
from sqlalchemy.orm import Session

from moderation.entries import JOURNEYS
from moderation.following import guessed, is_new
from moderation.looking import Found, look, passages
from moderation.model import NEAR, Hint
from participation.comments.model import Comment
from participation.ideas.model import Idea, IdeaEdit
from participation.ideas.similar import LEAST, IdeaTerm, index, similar
from participation.jobs import House
from participation.outbox import Event, happened

COPIED = 0.9  # of the words: somebody has sent the same again
KEYS = ("similar", "copied", "email", "phone", "iban", "plate", "address", "links", "shouting", "language", "rude")
_PASSAGE = 200
AT_ONCE = 200  # ideas of one transaction


@dataclass(frozen=True, slots=True)
class HintLine:
    """A hint on a page: what it is about, and the idea it resembles."""

    key: str
    passages: tuple[str, ...]


def looked(session: Session, event: Event, house: House) -> None:
    """Follower of everything that brings a new text (submitted, changed, an edit): look at it anew."""
    kind = event.kind.partition(".")[0]
    thing = session.get(JOURNEYS[kind].table, event.about[f"{kind}_id"])
    if thing is None:
        return
    idea = thing if isinstance(thing, Idea) else session.get_one(Idea, thing.idea_id)
    title, body = _words(thing)
    session.execute(delete(Hint).where(Hint.kind == kind, Hint.thing_id == thing.id))
    found = look(title, body, thing.language, new_author=is_new(session, thing.author_id),
                 rude=house.city.rude_words, guessed=guessed(title, body, house, thing.language))
    session.add_all(Hint(kind=kind, thing_id=thing.id, key=each.key, passage=each.passage[:_PASSAGE], at=house.now)
                    for each in found)
    if isinstance(thing, Idea):
        index(session, thing)
        for other in similar(session, title, body, thing.language, without=thing.id, district=thing.district, least=0):
            key = "copied" if other.score >= COPIED else "similar" if other.score >= LEAST else NEAR
            session.add(Hint(kind=kind, thing_id=thing.id, key=key, other_id=other.id, at=house.now))
    elif isinstance(thing, Comment):
        twin = session.scalar(select(Comment.id).where(Comment.idea_id == idea.id, Comment.body == thing.body,
                                                       Comment.id < thing.id).limit(1))
        if twin is not None:
            session.add(Hint(kind=kind, thing_id=thing.id, key="copied", at=house.now))


def indexed(session: Session, event: Event, house: House) -> None:
    """Follower of idea.take_over: an idea from elsewhere can be found as similar, too."""
    idea = session.get(Idea, event.about["idea_id"])
    if idea is not None:
        index(session, idea)


def caught_up(session: Session, event: Event, house: House) -> None:
    """Follower of time.hour and of itself: ideas that came before likeness was looked for, or past the events, are
    indexed, some at a time and each asked about once."""
    after = event.about.get("after", 0)
    without = session.scalars(
        select(Idea).where(Idea.id > after, Idea.ref.is_not(None),
                           ~exists(select(IdeaTerm.term).where(IdeaTerm.idea_id == Idea.id)))
        .order_by(Idea.id).limit(AT_ONCE)).all()
    for idea in without:
        index(session, idea)
    if len(without) == AT_ONCE:
        happened(session, "terms.missing", house.now, after=without[-1].id)


def lines(session: Session, kind: str, thing_id: int) -> list[HintLine]:
    """The hints of an entry, in the order of KEYS, each once with its passages."""
    rows = session.execute(select(Hint.key, Hint.passage).where(Hint.kind == kind, Hint.thing_id == thing_id)
                           .order_by(Hint.id).limit(100)).all()
    return [HintLine(key, tuple(dict.fromkeys(row.passage for row in rows if row.key == key and row.passage)))
            for key in KEYS if any(row.key == key for row in rows)]


def to_mask(lines: Sequence[HintLine]) -> list[str]:
    """The passages that a moderator may want to mask: what could point at a person, the longest first."""
    return passages(Found(line.key, passage) for line in lines for passage in line.passages)


def alike(session: Session, thing_id: int, limit: int = 5) -> Sequence[Idea]:
    """The ideas that an idea resembles most, the most alike first, even where that is little: nine of ten second
    wordings stand among five, a quarter of them below what is worth a hint (`tests/bench/duplicates.py`)."""
    return session.scalars(select(Idea).join(Hint, Hint.other_id == Idea.id)
                           .where(Hint.kind == "idea", Hint.thing_id == thing_id).order_by(Hint.id).limit(limit)).all()


def _words(thing: Idea | Comment | IdeaEdit) -> tuple[str, str]:
    if isinstance(thing, Comment):
        return "", thing.body
    return thing.title, f"{thing.body}\n{thing.benefit}" if thing.benefit else thing.body
