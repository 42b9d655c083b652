"""Who is to be told what: one row for each letter to one person."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import MACHINERY, Base, personal

WAITS = 0  # in `digest_id`: for the next of its reader's letters that gather news
_GATHERED = text("digest_id IS NOT NULL")


class Notice(Base):
    """A letter to be sent, by ids; what it says is read from the tables when it is rendered."""

    __tablename__ = "notice"

    id: Mapped[int] = mapped_column(primary_key=True)
    # letter, event, person: so that it is written once
    key: Mapped[str] = mapped_column(String(120), unique=True, info=MACHINERY)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who is told", why="to send the letter", keep="as long as the person", ends="delete"))
    email: Mapped[str] = mapped_column(String(254), default="", info=personal(
        "address of somebody without an account", why="to send the letter", keep="until it is sent", ends="delete"))
    language: Mapped[str] = mapped_column(String(20), default="")  # of a letter to somebody without an account
    letter: Mapped[str] = mapped_column(String(30))
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"))
    step_id: Mapped[int | None]  # of the idea's or the comment's steps
    about: Mapped[dict[str, int]] = mapped_column(JSON, default=dict, info=MACHINERY)  # ids for the roof's LETTERS
    # The notice of the letter that tells this one among others, or WAITS; None: its own.
    digest_id: Mapped[int | None] = mapped_column(info=MACHINERY)
    created_at: Mapped[datetime]
    sent_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_notice_person", "person_id", "id"),
                      Index("ix_notice_gathered", "digest_id", "person_id", "id", sqlite_where=_GATHERED,
                            postgresql_where=_GATHERED))


class Follow(Base):
    """Somebody chose to be told of an idea, or (`on` false) not to be, though they proposed or support it."""

    __tablename__ = "follow"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, index=True, info=personal(
        "who follows it", why="to be told what they chose", keep="until taken back", ends="delete"))
    on: Mapped[bool] = mapped_column(default=True)
    at: Mapped[datetime]
