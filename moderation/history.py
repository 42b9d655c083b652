"""What a moderator may know of an entry's past and of its author. Counts, no surveillance."""

from dataclasses import dataclass
from datetime import datetime
from difflib import SequenceMatcher
from itertools import pairwise
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from moderation.entries import JOURNEYS
from participation.comments.model import Comment, CommentVersion
from participation.ideas.model import Idea, IdeaEdit, IdeaVersion
from participation.people.model import Person

STEPS, VERSIONS = 100, 20


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """An author's entries here: how many of each kind, and how many of them are public."""

    ideas: int
    ideas_public: int
    comments: int
    comments_public: int
    trusted: bool
    blocked_until: datetime | None


@dataclass(frozen=True, slots=True)
class Change:
    """A version of a text beside the one before it: pieces as ("same" | "gone" | "new", words)."""

    at: datetime
    cause: str
    language: str
    title: tuple[tuple[str, str], ...]
    body: tuple[tuple[str, str], ...]
    benefit: tuple[tuple[str, str], ...]


def author_history(session: Session, author_id: int | None) -> AuthorHistory | None:
    """The counts of an author; None for an entry that has none (imported, entered by staff)."""
    if author_id is None:
        return None
    person = session.get_one(Person, author_id)
    ideas = session.execute(select(func.count(), func.count().filter(Idea.public))
                            .where(Idea.author_id == author_id)).one()
    comments = session.execute(select(func.count(), func.count().filter(Comment.public))
                               .where(Comment.author_id == author_id)).one()
    return AuthorHistory(*ideas, *comments, person.trusted, person.blocked_until)


def versions(session: Session, idea: Idea) -> list[Change]:
    """What changed from each text of an idea to the next, newest first."""
    rows = session.scalars(select(IdeaVersion).where(IdeaVersion.idea_id == idea.id)
                           .order_by(IdeaVersion.number.desc()).limit(VERSIONS)).all()
    return [Change(new.at, new.cause, new.language, differences(old.title, new.title),
                   differences(old.body, new.body), differences(old.benefit, new.benefit))
            for new, old in pairwise(rows)]


def comment_versions(session: Session, comment: Comment) -> list[Change]:
    """What changed from each text of a comment to the next, newest first."""
    rows = list(session.scalars(select(CommentVersion).where(CommentVersion.comment_id == comment.id)
                                .order_by(CommentVersion.number.desc()).limit(VERSIONS)))
    after = [comment.body, *(row.body for row in rows)]
    return [Change(row.at, row.cause, row.language, (), differences(row.body, body), ())
            for row, body in zip(rows, after, strict=False)]


def edit_changes(edit: IdeaEdit, idea: Idea | None) -> Change:
    """What a proposed edit changes of the idea as it stands."""
    old = idea or edit
    return Change(edit.created_at, "edit", edit.language, differences(old.title, edit.title),
                  differences(old.body, edit.body), differences(old.benefit, edit.benefit))


def differences(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Two texts word by word, as pieces that are the same, gone or new."""
    old, new = _words(before), _words(after)
    pieces: list[tuple[str, str]] = []
    for what, i, j, k, n in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if what == "equal":
            pieces.append(("same", "".join(old[i:j])))
            continue
        if j > i:
            pieces.append(("gone", "".join(old[i:j])))
        if n > k:
            pieces.append(("new", "".join(new[k:n])))
    return tuple(pieces)


def steps(session: Session, kind: str, thing_id: int) -> list[Any]:
    """What happened to an entry, in order, with what was undone."""
    table = JOURNEYS[kind].steps
    return list(session.scalars(select(table).where(getattr(table, f"{kind}_id") == thing_id)
                                .order_by(table.at, table.id).limit(STEPS)))


def _words(text: str) -> list[str]:
    """Words with the white space behind them, so that joining them gives the text again."""
    words: list[str] = []
    for character in text:
        if words and (character.isspace() or not words[-1][-1].isspace()):
            words[-1] += character
        else:
            words.append(character)
    return words
