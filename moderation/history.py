"""What a moderator may know of an author: how many entries of theirs ended how. Counts, no surveillance."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.comments.model import Comment, CommentStep
from participation.ideas.model import Idea, IdeaVersion


@dataclass(frozen=True, slots=True)
class AuthorHistory:
    """An author's entries here: how many of each kind, and how many of them are public."""

    ideas: int
    ideas_public: int
    comments: int
    comments_public: int


def author_history(session: Session, author_id: int | None) -> AuthorHistory | None:
    """The counts of an author; None for an entry that has none (imported)."""
    if author_id is None:
        return None
    ideas = session.execute(select(func.count(), func.count().filter(Idea.public))
                            .where(Idea.author_id == author_id)).one()
    comments = session.execute(select(func.count(), func.count().filter(Comment.public))
                               .where(Comment.author_id == author_id)).one()
    return AuthorHistory(*ideas, *comments)


def versions(session: Session, idea_id: int, limit: int = 20) -> list[IdeaVersion]:
    """The texts an idea had before its present one, newest first."""
    return list(session.scalars(select(IdeaVersion).where(IdeaVersion.idea_id == idea_id)
                                .order_by(IdeaVersion.number.desc()).limit(limit)))[1:]


def comment_steps(session: Session, comment_id: int) -> list[CommentStep]:
    """What happened to a comment, in order."""
    return list(session.scalars(select(CommentStep).where(CommentStep.comment_id == comment_id)
                                .order_by(CommentStep.at, CommentStep.id)))
