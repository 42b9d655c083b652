"""The pool's tables on both sides: what this site wrote and delivered, and what a pool received."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import Base


class Record(Base):
    """One exported record, as its canonical text; numbered without gaps and chained by digests."""

    __tablename__ = "pool_record"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step_id: Mapped[int] = mapped_column(ForeignKey("idea_step.id"), unique=True)  # the move it tells of
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id"))
    ref: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("idea_id", "revision"),)


class Delivery(Base):
    """Whether one receiver has confirmed one record; only its confirmation makes it delivered."""

    __tablename__ = "pool_delivery"

    seq: Mapped[int] = mapped_column(ForeignKey("pool_record.seq"), primary_key=True)
    receiver: Mapped[str] = mapped_column(String(300), primary_key=True)
    confirmed_at: Mapped[datetime | None]
    refused: Mapped[str] = mapped_column(Text, default="")  # the receiver's last reason against it

    __table_args__ = (Index("ix_pool_delivery_open", "receiver", "confirmed_at", "seq"),)


class Received(Base):
    """A record as the built-in pool received it. `current` marks the newest revision of an idea."""

    __tablename__ = "pool_received"

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(300))
    event: Mapped[str] = mapped_column(String(60))  # the sender's id of it: kept, so that it counts once
    seq: Mapped[int]
    ref: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    title: Mapped[str] = mapped_column(String(300))
    field: Mapped[str] = mapped_column(String(60))
    district: Mapped[str | None] = mapped_column(String(40))
    supporters: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    current: Mapped[bool] = mapped_column(default=True)
    received_at: Mapped[datetime]

    __table_args__ = (
        UniqueConstraint("site", "event"),
        UniqueConstraint("site", "seq"),
        Index("ix_pool_received_inbox", "current", "id"),
        Index("ix_pool_received_ref", "ref", "revision"),
    )
