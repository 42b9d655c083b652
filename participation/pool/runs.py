"""The runs of reconciliation, as they are noted and as the desk shows them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.pool.model import Receiver, Reconciliation

NAMED = 500  # of each kind that are kept with a run; the counts are exact
PAGE = 25


@dataclass(frozen=True, slots=True)
class Finding:
    """A record that is not there as it is here. `ref` is "" for one that only the receiver knows."""

    seq: int
    ref: str
    confirmed: bool = False  # whether the receiver had said that it keeps it
    refused: str = ""  # or why it does not, in its own words


@dataclass(frozen=True, slots=True)
class Found:
    """What a comparison found. `accepted` counts ideas, whatever the number of their revisions."""

    receiver: str
    accepted: int
    received: int  # accepted ideas whose record of the acceptance is there, the same
    unwritten: tuple[str, ...]  # accepted ideas without a record, by ref
    missing: tuple[Finding, ...]
    different: tuple[Finding, ...]
    extra: tuple[Finding, ...]
    repaired: int
    trouble: str

    @property
    def equal(self) -> bool:
        """Whether the receiver holds exactly what this site wrote, and this site wrote all it accepted."""
        return not (self.trouble or self.unwritten or self.missing or self.different or self.extra)


@dataclass(frozen=True, slots=True)
class Run:
    """A run in one line: `repaired` counts what was sent or written again, `trouble` says why it failed."""

    id: int
    receiver_id: int
    at: datetime
    accepted: int
    received: int
    unwritten: int
    missing: int
    different: int
    extra: int
    repaired: int
    trouble: str

    @property
    def equal(self) -> bool:
        """Whether nothing differed."""
        return not (self.trouble or self.unwritten or self.missing or self.different or self.extra)


@dataclass(frozen=True, slots=True)
class Named:
    """What a run found, by name: at most 500 of each kind, as (sequence, ref). What was not written has the sequence 0,
    what only the receiver knows the ref ""."""

    unwritten: tuple[tuple[int, str], ...]
    missing: tuple[tuple[int, str], ...]
    different: tuple[tuple[int, str], ...]
    extra: tuple[tuple[int, str], ...]


_LINE = (Reconciliation.id, Reconciliation.receiver_id, Reconciliation.at, Reconciliation.accepted,
         Reconciliation.received, Reconciliation.unwritten_count, Reconciliation.missing_count,
         Reconciliation.different_count, Reconciliation.extra_count, Reconciliation.repaired, Reconciliation.trouble)


def note(session: Session, receiver_id: int, found: Found, now: datetime) -> None:
    """Write a run down."""
    pairs = {kind: [[each.seq, each.ref] for each in getattr(found, kind)[:NAMED]]
             for kind in ("missing", "different", "extra")}
    session.add(Reconciliation(
        receiver_id=receiver_id, at=now, accepted=found.accepted, received=found.received,
        unwritten=list(found.unwritten[:NAMED]), unwritten_count=len(found.unwritten), **pairs,
        missing_count=len(found.missing), different_count=len(found.different), extra_count=len(found.extra),
        repaired=found.repaired, trouble=found.trouble))


def last_line(session: Session, receiver_id: int) -> Run | None:
    """The last run with a receiver, for the desk's one line; None where there was none yet."""
    row = session.execute(select(*_LINE).where(Reconciliation.receiver_id == receiver_id)
                          .order_by(Reconciliation.id.desc()).limit(1)).first()
    return Run(*row) if row else None


def listed(session: Session, receiver_id: int, before: int | None = None) -> tuple[list[Run], int | None]:
    """A page of a receiver's runs, newest first, and the id to continue behind (None at the end)."""
    query = (select(*_LINE).where(Reconciliation.receiver_id == receiver_id).order_by(Reconciliation.id.desc())
             .limit(PAGE + 1))
    if before is not None:
        query = query.where(Reconciliation.id < before)
    rows = [Run(*row) for row in session.execute(query)]
    return rows[:PAGE], rows[PAGE - 1].id if len(rows) > PAGE else None


def named(session: Session, run_id: int) -> Named:
    """What that run found."""
    row = session.execute(select(Reconciliation.unwritten, Reconciliation.missing, Reconciliation.different,
                                 Reconciliation.extra).where(Reconciliation.id == run_id)).one()
    return Named(tuple((0, ref) for ref in row.unwritten), *(tuple((seq, ref) for seq, ref in kind)
                                         for kind in (row.missing, row.different, row.extra)))


def set_up(session: Session, keys: Sequence[str]) -> list[tuple[int, str]]:
    """The receivers of POOL_URL that anything was ever written for: (number, key), in its order."""
    known = {key: number for number, key in session.execute(select(Receiver.id, Receiver.key)
                                                            .where(Receiver.key.in_(keys)))}
    return [(known[key], key) for key in keys if key in known]
