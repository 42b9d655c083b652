"""Loading records into the built-in pool: from a file, which is looked at whole before anything of it is kept, or
from another site, page by page. Loading twice, or going on after a power cut, ends the same.
"""

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from participation.errors import Conflict, Unsafe
from participation.pool import sheets
from participation.pool.checking import Check, event_of
from participation.pool.items import arrived_together, received_columns
from participation.pool.model import Item, Received
from participation.pool.record import alone

BATCH = 500  # records of one transaction
BATCH_CHARACTERS = 16_000_000  # and at most so much of their text, for records with a thousand comments
TOLD = 100  # problems named; the rest is counted

Found = tuple[dict[str, Any], str]  # a record and its canonical text


@dataclass
class Problems:
    """What is wrong, line by line; the first hundred in words."""

    told: list[str] = field(default_factory=list)
    count: int = 0

    def add(self, what: str) -> None:
        """One more."""
        self.count += 1
        if len(self.told) < TOLD:
            self.told.append(what)


def look(lines: Iterable[sheets.Line], where: Callable[[int], str], check: Check, problems: Problems,
         progress: Callable[[int], None] = lambda records: None) -> None:
    """Look at every line; what is wrong goes into `problems`, with its place."""
    for line in lines:
        if line.trouble:
            problems.add(line.trouble)
        elif why := check.look(line.number, line.body):
            problems.add(f"{where(line.number)}: {why}")
        if check.records % BATCH == 0:
            progress(check.records)


def placed(path: Path) -> Callable[[int], str]:
    """How a place in this file is called: by its line, or in a sheet by its row."""
    try:
        name = "line" if sheets.kind_of(path) == "jsonl" else "row"
    except Unsafe:
        name = "line"
    return lambda number: f"{path.name}, {name} {number}"


def batches(lines: Iterable[sheets.Line], check: Check) -> Iterator[list[Found]]:
    """The records that `check` has seen, some hundred at a time. Raises Unsafe when there is another one: the file
    was changed since it was looked at."""
    batch: list[Found] = []
    size = 0
    for line in lines:
        record = json.loads(line.body) if line.body else {}
        if not check.knows(record, line.body):
            raise Unsafe("changed_meanwhile", what="The file was changed while it was imported. Import it once more; "
                                                   "what is kept already counts once.")
        batch.append((record, line.body))
        size += len(line.body)
        if len(batch) == BATCH or size > BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def keep(session: Session, records: Sequence[Found], now: datetime) -> int:
    """Keep records that were looked at; says how many of them are new. Raises Conflict when the pool has taken in
    something else under one of their numbers meanwhile; nothing of them is kept then."""
    alone(session)
    by_site = sorted(records, key=_site)  # sorting is stable: the order within a site stays
    return sum(_keep(session, site, list(group), now) for site, group in groupby(by_site, key=_site))


def _keep(session: Session, site: str, records: list[Found], now: datetime) -> int:
    mine = Received.site == site
    held = {row.seq: row.digest for row in session.execute(select(Received.seq, Received.digest).where(
        mine, Received.seq.in_([record["sequence"] for record, _ in records])))}
    fresh = [found for found in records if found[0]["sequence"] not in held]
    same = all(held.get(record["sequence"], sealed) == sealed for record, _ in records
               if (sealed := record["provenance"]["digest"]))
    taken = session.scalar(select(func.count()).where(mine, Received.event.in_([event_of(r) for r, _ in fresh])))
    if not same or taken:
        raise Conflict("changed_meanwhile", what="The pool has received other records under the same numbers "
                                                 "meanwhile. Import once more to see which.")
    if not fresh:
        return 0
    # The inbox knows the newest revision of each, by an index that the received records have not.
    before: dict[str, int] = {row.ref: row.revision for row in session.execute(
        select(Item.ref, Item.revision).where(Item.site == site, Item.ref.in_({record["ref"] for record, _ in fresh})))}
    newest = dict(before)
    for record, _ in fresh:
        newest[record["ref"]] = max(newest.get(record["ref"], 0), record["revision"])
    _outdate(session, site, [ref for ref, revision in before.items() if revision < newest[ref]])
    session.execute(insert(Received), [{
        "site": site, "event": event_of(record), "seq": record["sequence"], "ref": record["ref"],
        "revision": record["revision"], "digest": record["provenance"]["digest"],
        "current": record["revision"] == newest[record["ref"]], "received_at": now,
        **received_columns(record, body)} for record, body in fresh])
    arrived_together(session, site, [record for record, _ in fresh], now)
    return len(fresh)


def _outdate(session: Session, site: str, refs: list[str]) -> None:
    """There are newer revisions of these now."""
    # Without the site in the question SQLite takes the index of the refs, and not that of everything of the site.
    ids = [row.id for row in session.execute(select(Received.id, Received.site).where(Received.ref.in_(refs)))
           if row.site == site] if refs else []
    if ids:
        session.execute(update(Received).where(Received.id.in_(ids)).values(current=False)
                        .execution_options(synchronize_session=False))


def upto(session: Session, site: str) -> int:
    """The number up to which the pool holds all records of a site: where fetching goes on."""
    count, highest = session.execute(select(func.count(), func.max(Received.seq)).where(Received.site == site)).one()
    return highest if highest and count == highest else 0


def sites(session: Session) -> list[str]:
    """The sites whose records the pool holds."""
    return list(session.scalars(select(Received.site).distinct().order_by(Received.site)))


def _site(found: Found) -> str:
    return str(found[0]["provenance"]["site"])
