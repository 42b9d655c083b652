"""Comments on ideas, answers to comments, and the steps of their journey."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import Base, personal
from participation.journey import Step

_TEXT = personal("text a person wrote", why="it is the contribution itself", keep="as long as the idea", ends="keep")


class Comment(Base):
    """One comment. A thread is a first comment and everything that answers it, at any depth."""

    __tablename__ = "comment"

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    thread_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))  # None: begins one
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "who wrote it", why="to be told and credited", keep="until erased", ends="blank"))
    body: Mapped[str] = mapped_column(Text, info=_TEXT)
    language: Mapped[str] = mapped_column(String(20))
    official: Mapped[bool] = mapped_column(default=False)  # the city's own word
    state: Mapped[str] = mapped_column(String(30), default="draft")
    public: Mapped[bool] = mapped_column(default=False)
    created_at: Mapped[datetime]
    version: Mapped[int] = mapped_column(default=1)
    masked: Mapped[bool] = mapped_column(default=False)  # a part of the text is masked; the version before has it
    published_at: Mapped[datetime | None]
    source_id: Mapped[str | None] = mapped_column(String(80))  # its id on the platform it was imported from

    __table_args__ = (
        UniqueConstraint("idea_id", "source_id"),
        Index("ix_comment_threads", "idea_id", "public", "thread_id", "created_at", "id"),
        Index("ix_comment_answers", "thread_id", "public", "created_at", "id"),
    )


class CommentStep(Step, Base):
    """One step of a comment's journey."""

    __tablename__ = "comment_step"

    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)


class CommentVersion(Base):
    """A text that a comment had before its present one; added when it changes, never overwritten."""

    __tablename__ = "comment_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    comment_id: Mapped[int] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    number: Mapped[int]
    body: Mapped[str] = mapped_column(Text, info=_TEXT)
    language: Mapped[str] = mapped_column(String(20))
    at: Mapped[datetime]  # when it was replaced
    cause: Mapped[str] = mapped_column(String(20))  # what replaced it: author, mask, correction

    __table_args__ = (UniqueConstraint("comment_id", "number"),)
