"""What waits for a moderator: one row for each entry, whatever its kind; what is urgent first, then by when it is
due.

The journey writes and takes away these rows in the transaction of the move, so the queue is always what
the states say. A row also says who has claimed the entry, so that two people never decide on the same.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint, delete, func, select, tuple_
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import ACTED, Base, personal

# Why a row is here although its thing does not stand where it waits by itself.
QUORUM, CONFIRM, CHECK = "quorum", "confirm", "check"
URGENT, USUAL = 0, 1  # reports and ideas with quorum stand above everything else, each in the order of their dates


class Waiting(Base):
    """An entry that waits. Field, district and language are those of its idea, for the queue's filters."""

    __tablename__ = "waiting"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))  # the name of its journey
    thing_id: Mapped[int]
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    field: Mapped[str] = mapped_column(String(60), default="")
    district: Mapped[str | None] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(20), default="")
    since: Mapped[datetime]
    due: Mapped[datetime]  # what the city has promised
    rank: Mapped[int] = mapped_column(default=USUAL)
    cause: Mapped[str] = mapped_column(String(10), default="")  # QUORUM, CONFIRM, CHECK, or it simply waits
    holder_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who has claimed it", why="to divide the work", keep="until it is decided", ends="blank", whose=ACTED))
    held_until: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("kind", "thing_id"),
        Index("ix_waiting_due", "rank", "due", "id"),
        Index("ix_waiting_kind_due", "kind", "rank", "due", "id"),
        Index("ix_waiting_holder_id", "holder_id", "held_until"),
    )


@dataclass(frozen=True, slots=True)
class Waits:
    """What a move into a state that waits for moderation has to say: until when, and about which idea."""

    due: datetime
    idea_id: int | None = None
    field: str = ""
    district: str | None = None
    language: str = ""
    cause: str = ""
    rank: int = USUAL


def begin(session: Session, kind: str, thing_id: int, waits: Waits, now: datetime) -> Waiting:
    """The thing waits from now on; one that waits already goes on with its earlier `since` and the earlier due."""
    row = find(session, kind, thing_id)
    if row is None:
        row = Waiting(kind=kind, thing_id=thing_id, since=now, **asdict(waits))
        session.add(row)
    else:
        row.due, row.cause, row.rank = min(row.due, waits.due), waits.cause or row.cause, min(row.rank, waits.rank)
    session.flush()
    return row


def settle(session: Session, kind: str, thing_id: int) -> None:
    """The thing waits no longer."""
    session.execute(delete(Waiting).where(Waiting.kind == kind, Waiting.thing_id == thing_id)
                    .execution_options(synchronize_session="fetch"))


def find(session: Session, kind: str, thing_id: int) -> Waiting | None:
    """The row of a thing; None when it does not wait."""
    return session.scalar(select(Waiting).where(Waiting.kind == kind, Waiting.thing_id == thing_id))


def place(session: Session, row: Waiting) -> tuple[int, int]:
    """The place of an entry in the whole queue, from 1, and how long the queue is."""
    before = func.count().filter(tuple_(Waiting.rank, Waiting.due, Waiting.id) < tuple_(row.rank, row.due, row.id))
    ahead, length = session.execute(select(before, func.count()).select_from(Waiting)).one()
    return ahead + 1, length


def kept(row: Waiting | None) -> dict[str, Any] | None:
    """A row as plain values, to be brought back by `restore`."""
    if row is None:
        return None
    return {name: value.isoformat() if isinstance(value := getattr(row, name), datetime) else value
            for name in ("kind", "thing_id", "idea_id", "field", "district", "language", "since", "due", "cause",
                         "rank")}


def restore(session: Session, values: Mapping[str, Any] | None) -> None:
    """Bring a row back that `kept` has taken down, with its old dates and without a holder."""
    if values is None:
        return
    settle(session, values["kind"], values["thing_id"])
    moments = {name: datetime.fromisoformat(values[name]) for name in ("since", "due")}
    session.add(Waiting(**{**values, **moments}))
    session.flush()
