"""The pool's tables on both sides: what this site wrote and delivered, and what a pool received."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import ACTED, Base, personal

# What the desk has not looked at; conditions of partial indexes, so they are written out, without parameters.
NEW = text("pool_item.seen_revision = 0")
CHANGED = text("pool_item.seen_revision > 0 AND pool_item.seen_revision < pool_item.revision")


class Record(Base):
    """One exported record, as its canonical text; numbered without gaps and chained by digests."""

    __tablename__ = "pool_record"

    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    step_id: Mapped[int] = mapped_column(ForeignKey("idea_step.id"), index=True)  # the acceptance it rests on
    cause: Mapped[str] = mapped_column(String(60), unique=True)  # "step:7" or "event:<key>", so that it is written once
    reason: Mapped[str] = mapped_column(String(20), default="accepted")  # why there is this revision
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id"))
    ref: Mapped[str] = mapped_column(String(20))
    revision: Mapped[int]
    body: Mapped[str] = mapped_column(Text)
    digest: Mapped[str] = mapped_column(String(64))
    created_at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("idea_id", "revision"),)


class Receiver(Base):
    """A pool that records are delivered to: this site's own or another address in POOL_URL."""

    __tablename__ = "pool_receiver"

    id: Mapped[int] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(String(300), unique=True)  # settings.BUILT_IN, or the address
    paused_at: Mapped[datetime | None]
    paused_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who paused the delivery", why="to be asked about it", keep="until it goes on", ends="blank", whose=ACTED))
    last_at: Mapped[datetime | None]  # when it was last tried
    last_status: Mapped[int] = mapped_column(default=0)  # HTTP status of the last answer; 0: none came
    not_before: Mapped[datetime | None]  # until when it asked to be left alone (Retry-After)
    last_answer: Mapped[str] = mapped_column(Text, default="")  # its words, or why none came; cleaned and cut


class Delivery(Base):
    """Whether one receiver has confirmed one record; only its confirmation makes it delivered."""

    __tablename__ = "pool_delivery"

    seq: Mapped[int] = mapped_column(ForeignKey("pool_record.seq"), primary_key=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("pool_receiver.id"), primary_key=True)
    confirmed_at: Mapped[datetime | None]
    refused: Mapped[str] = mapped_column(Text, default="")  # the receiver's last reason against it
    refused_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_pool_delivery_open", "receiver_id", "confirmed_at", "seq"),)


class Reconciliation(Base):
    """One comparison of this site's records with what a receiver holds; the lists name the first of each."""

    __tablename__ = "pool_reconciliation"

    id: Mapped[int] = mapped_column(primary_key=True)
    receiver_id: Mapped[int] = mapped_column(ForeignKey("pool_receiver.id"), index=True)
    at: Mapped[datetime]
    accepted: Mapped[int]
    received: Mapped[int]  # accepted ideas whose record of the acceptance is there, the same
    unwritten: Mapped[list[Any]] = mapped_column(JSON, default=list)  # accepted ideas without a record, by ref
    unwritten_count: Mapped[int] = mapped_column(default=0)
    missing: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [sequence, ref], as in the next two
    different: Mapped[list[Any]] = mapped_column(JSON, default=list)
    extra: Mapped[list[Any]] = mapped_column(JSON, default=list)
    missing_count: Mapped[int] = mapped_column(default=0)
    different_count: Mapped[int] = mapped_column(default=0)
    extra_count: Mapped[int] = mapped_column(default=0)
    repaired: Mapped[int] = mapped_column(default=0)
    trouble: Mapped[str] = mapped_column(Text, default="")  # why it could not be compared


class SeenMessage(Base):
    """A signed message that was taken in, by its digest, so that the very same one cannot be replayed."""

    __tablename__ = "pool_message"

    digest: Mapped[str] = mapped_column(String(64), primary_key=True)
    at: Mapped[datetime] = mapped_column(index=True)


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


class Item(Base):
    """What the pool holds of one idea, across the revisions of its record: a line of the desk's inbox. `stage` and
    the other columns follow from the idea, the newest revision and the desk's work; here they are listed by index."""

    __tablename__ = "pool_item"

    id: Mapped[int] = mapped_column(primary_key=True)
    site: Mapped[str] = mapped_column(String(300))
    ref: Mapped[str] = mapped_column(String(20))
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id"), unique=True)  # None: another site's
    stage: Mapped[str] = mapped_column(String(30), default="")  # the idea's state; "" for another site's
    title: Mapped[str] = mapped_column(String(300))
    language: Mapped[str] = mapped_column(String(20))
    field: Mapped[str] = mapped_column(String(60))
    district: Mapped[str | None] = mapped_column(String(40))
    supporters: Mapped[int]
    comments: Mapped[int] = mapped_column(default=0)
    revision: Mapped[int]
    seen_revision: Mapped[int] = mapped_column(default=0)  # the newest one that the office has opened; 0: none
    received_at: Mapped[datetime]
    changed_at: Mapped[datetime]  # when the newest revision came
    assignee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who of the office works on it", why="to divide the work", keep="as long as the record", ends="blank",
        whose=ACTED))
    due_on: Mapped[date | None]  # the office's own date
    promised_on: Mapped[date | None]  # the open promise to the public
    deadline: Mapped[date | None]  # the earlier of the two
    priority: Mapped[str] = mapped_column(String(40), default="")
    priority_rank: Mapped[int] = mapped_column(default=9)  # of the city file; 9 without a priority
    maturity: Mapped[int | None]  # mean of the degrees, in hundredths: 0 to 300; None until there is a consensus
    benefit: Mapped[int | None]  # in hundredths, 0 to 300
    score: Mapped[int | None]  # in hundredths of the 100 points
    project_id: Mapped[int | None]

    __table_args__ = (
        UniqueConstraint("site", "ref"),
        Index("ix_pool_item_all", "changed_at", "id"),
        Index("ix_pool_item_stage", "stage", "changed_at", "id"),
        Index("ix_pool_item_field", "field", "changed_at", "id"),
        Index("ix_pool_item_district", "district", "changed_at", "id"),
        Index("ix_pool_item_language", "language", "changed_at", "id"),
        Index("ix_pool_item_priority", "priority", "changed_at", "id"),
        Index("ix_pool_item_assignee", "assignee_id", "changed_at", "id"),
        Index("ix_pool_item_deadline", "deadline", "id"),
        Index("ix_pool_item_ranking", "priority_rank", "score", "id"),
        Index("ix_pool_item_ranking_field", "field", "priority_rank", "score", "id"),
        Index("ix_pool_item_ranking_stage", "stage", "priority_rank", "score", "id"),
        Index("ix_pool_item_project", "project_id", "id"),
        Index("ix_pool_item_score", "score", "id"),
        Index("ix_pool_item_supporters", "supporters", "id"),
        Index("ix_pool_item_ref", "ref"),
        Index("ix_pool_item_new", "changed_at", "id", sqlite_where=text("seen_revision = 0"),
              postgresql_where=text("seen_revision = 0")),
        Index("ix_pool_item_changed", "changed_at", "id",
              sqlite_where=text("seen_revision > 0 AND seen_revision < revision"),
              postgresql_where=text("seen_revision > 0 AND seen_revision < revision")),
        Index("ix_pool_item_in_project", "changed_at", "id", sqlite_where=text("project_id IS NOT NULL"),
              postgresql_where=text("project_id IS NOT NULL")),
    )
