"""Reading comments: one page of threads of an idea, in two queries whatever their number."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.orm import Session

from participation import translations
from participation.comments.journey import COMMENT
from participation.comments.model import Comment, CommentStep
from participation.database import Query
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.translations import Reading, original_of

THREADS = 20  # on a page
ANSWERS = 300  # on a page, over all its threads


@dataclass(frozen=True, slots=True)
class CommentCard:
    """A comment as pages and feeds show it. `depth` is 0 for a first comment. `reading` is its translation, where its
    reader needs one and there is one that fits."""

    id: int
    author: str
    body: str
    language: str
    at: datetime
    official: bool
    imported: bool
    masked: bool = False
    depth: int = 0
    answer_to: str = ""
    reading: Reading | None = None
    answers: tuple["CommentCard", ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class Threads:
    """A page of threads; `after` leads to the next one, `more_answers` tells that not all fitted."""

    threads: tuple[CommentCard, ...]
    after: int | None
    more_answers: bool


def threads(session: Session, idea_id: int, after: int | None = None, limit: int = THREADS) -> Threads:
    """The public threads of an idea, oldest first, each with its answers in the order of the talk."""
    first = (_cards().where(Comment.idea_id == idea_id, Comment.public, Comment.thread_id.is_(None))
             .order_by(Comment.created_at, Comment.id).limit(limit + 1))
    if after is not None:
        begin = select(Comment.created_at, Comment.id).where(Comment.id == after, Comment.idea_id == idea_id)
        if (key := session.execute(begin).first()) is not None:
            first = first.where(tuple_(Comment.created_at, Comment.id) > tuple_(*key))
    roots = session.execute(first).all()
    shown = roots[:limit]
    answers = session.execute(
        _cards().where(Comment.thread_id.in_([row.id for row in shown]), Comment.public)
        .order_by(Comment.created_at, Comment.id).limit(ANSWERS + 1)
    ).all() if shown else []
    grown = _grown(shown, answers[:ANSWERS])
    return Threads(grown, shown[-1].id if len(roots) > limit else None, len(answers) > ANSWERS)


def _cards() -> Query:
    return select(Comment.id, Comment.parent_id, Comment.thread_id, Comment.body, Comment.language,
                  Comment.created_at, Comment.official, Comment.source_id, Comment.masked, Person.name,
                  ).outerjoin(Person, Person.id == Comment.author_id)


def _grown(roots: Iterable[Any], answers: Iterable[Any]) -> tuple[CommentCard, ...]:
    """Threads flattened into reading order: every answer below what it answers, with its depth."""
    roots, answers = list(roots), list(answers)
    known = {row.id for row in (*roots, *answers)}
    names = {row.id: _name(row) for row in (*roots, *answers)}
    children: dict[int, list[Any]] = {}
    for row in answers:  # an answer to something that is not public hangs on the thread itself
        children.setdefault(row.parent_id if row.parent_id in known else row.thread_id, []).append(row)

    def below(root: Any) -> tuple[CommentCard, ...]:
        out, stack = [], [(row, 1, names[root.id]) for row in reversed(children.get(root.id, ()))]
        while stack:  # not recursive: a thread may be deeper than Python's stack
            row, depth, to = stack.pop()
            out.append(_card(row, depth, to))
            stack.extend((child, depth + 1, names[row.id]) for child in reversed(children.get(row.id, ())))
        return tuple(out)

    return tuple(_card(root, 0, "", below(root)) for root in roots)


def _card(row: Any, depth: int, to: str, answers: tuple[CommentCard, ...] = ()) -> CommentCard:
    return CommentCard(row.id, _name(row), row.body, row.language, row.created_at, row.official,
                       row.source_id is not None, row.masked, depth, to, answers=answers)


def reading_in(session: Session, tag: str, talk: Threads) -> Threads:
    """The talk as somebody reads it who chose the language `tag`: with the translations that fit, in one query; none
    where everything is in that language."""
    found = translations.readings(session, COMMENT.name, {
        card.id: original_of(card.language, {"body": card.body}) for first in talk.threads
        for card in (first, *first.answers)}, tag)
    return replace(talk, threads=tuple(
        replace(first, reading=found.get(first.id), answers=tuple(
            replace(answer, reading=found.get(answer.id)) for answer in first.answers))
        for first in talk.threads)) if found else talk


def _name(row: Any) -> str:
    """The name beside a comment; what staff say for the city stands under the city's name alone."""
    return "" if row.official else row.name or ""


def published_bodies(session: Session, idea_id: int, limit: int) -> list[tuple[str, str, datetime]]:
    """The first public comments of an idea as (body, language, moment), without names: for the record."""
    rows = session.execute(
        select(Comment.body, Comment.language, Comment.created_at)
        .where(Comment.idea_id == idea_id, Comment.public).order_by(Comment.created_at, Comment.id).limit(limit)
    )
    return [(row.body, row.language, row.created_at) for row in rows]


@dataclass(frozen=True, slots=True)
class OwnComment:
    """A comment for its author: where it stands, and what the city said last."""

    id: int
    body: str
    language: str
    at: datetime
    state: str
    masked: bool
    idea_ref: str
    idea_title: str  # its number where the idea is not public any more
    idea_language: str
    idea_public: bool
    move: str
    reason: str
    statement: str
    statement_language: str


def mine(session: Session, person_id: int, before: int | None = None, limit: int = THREADS) -> list[OwnComment]:
    """A person's own comments in whatever state, newest first; one more than `limit` tells that there are more."""
    newest = (select(func.max(CommentStep.id)).where(CommentStep.comment_id == Comment.id, ~CommentStep.undone)
              .correlate(Comment).scalar_subquery())
    query: Query = (
        select(Comment.id, Comment.body, Comment.language, Comment.created_at, Comment.state, Comment.masked, Idea.ref,
               case((Idea.public, Idea.title), else_=Idea.ref), Idea.language, Idea.public, CommentStep.move,
               CommentStep.reason, CommentStep.statement, CommentStep.statement_language)
        .join(Idea, Idea.id == Comment.idea_id).join(CommentStep, CommentStep.id == newest)
        .where(Comment.author_id == person_id).order_by(Comment.id.desc()).limit(limit + 1))
    if before is not None:
        query = query.where(Comment.id < before)
    return [OwnComment(*tuple(row)) for row in session.execute(query)]


def mine_waiting(session: Session, person_id: int, idea_id: int) -> list[CommentCard]:
    """The person's own comments on an idea that are not public, newest first, at most twenty."""
    rows = session.execute(
        _cards().where(Comment.author_id == person_id, Comment.idea_id == idea_id, ~Comment.public)
        .order_by(Comment.id.desc()).limit(20)
    )
    return [_card(row, 0, "") for row in rows]
