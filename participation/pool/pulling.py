"""Pull: this site's records page by page, as their canonical texts, in the order of their numbers.

Numbers are given one at a time, each after the one before was committed (`record.alone`), so whoever has read up to a
number has read everything before it: no record appears later behind somebody's back.
"""

import hashlib
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.pool.model import Record

LIMIT, LIMIT_MAX = 100, 1000  # records of a page: when nothing is asked, and at most
PAGE_BYTES = 8_000_000  # after which a page ends early, because one record may hold a thousand comments
_AT_ONCE = 100  # records fetched before their size is looked at


@dataclass(frozen=True, slots=True)
class Page:
    """Records behind a number. `after` is where to go on, `last` the highest number there is, `more` whether
    anything is left behind this page."""

    bodies: tuple[str, ...]
    after: int
    last: int
    more: bool
    tag: str  # digest of everything above


def highest(session: Session) -> int:
    """The highest number of a record; 0 while there is none."""
    return session.scalar(select(func.max(Record.seq))) or 0


def page(session: Session, after: int, limit: int) -> Page:
    """The records behind a number, at most that many and about PAGE_BYTES."""
    last, room = highest(session), PAGE_BYTES
    bodies: list[str] = []
    sealed = hashlib.sha256()
    while room > 0 and len(bodies) < limit and after < last:
        rows = session.execute(
            select(Record.seq, Record.body, Record.digest).where(Record.seq > after, Record.seq <= last)
            .order_by(Record.seq).limit(min(_AT_ONCE, limit - len(bodies)))).all()
        for row in rows:
            bodies.append(row.body)
            sealed.update(row.digest.encode())
            after, room = row.seq, room - len(row.body.encode())
            if room <= 0:
                break
    sealed.update(f"|{after}|{last}|{limit}".encode())
    return Page(tuple(bodies), after, last, after < last, sealed.hexdigest()[:32])
