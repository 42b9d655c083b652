"""Who is to be told what: one row for each letter to one person."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import Base, personal


class Notice(Base):
    """A letter to be sent, by ids; what it says is read from the tables when it is rendered."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(120), unique=True)  # letter, event, person: so that it is written once
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=personal(
        "who is told", why="to send the letter", keep="as long as the person", ends="delete"))
    letter: Mapped[str] = mapped_column(String(30))
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    step_id: Mapped[int | None]  # of the idea's or the comment's steps
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_notice_person", "person_id", "id"),)
