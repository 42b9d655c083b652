"""What a meeting reads: the first records of the ranking with everything the office found out, in a few queries."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.assessment import boards, checking, ranking, rating, tagging
from participation.assessment.boards import Decided
from participation.assessment.checking import Checked
from participation.assessment.ranking import Line, Wanted
from participation.assessment.rating import Rated
from participation.assessment.tagging import Named
from participation.city import City
from participation.pool.model import Item, Received

MOST = 50
_DECISIONS = 3  # of each record on its page


@dataclass(frozen=True, slots=True)
class Sheet:
    """One record's page. `record` is its newest revision; nobody's name stands in it."""

    line: Line
    record: dict[str, Any]
    check: Checked | None
    rated: tuple[Rated, ...]
    consensus: Rated | None
    tags: tuple[Named, ...]
    decisions: tuple[Decided, ...]


def sheets(session: Session, city: City, wanted: Wanted, top: int) -> list[Sheet]:
    """The pages of the first `top` records of the ranking, at most MOST."""
    lines, _ = ranking.ranked(session, city, wanted, limit=max(1, min(top, MOST)))
    ids = [line.id for line in lines]
    records, checks = _records(session, ids), checking.newest(session, ids)
    rated, agreed = rating.of_each(session, ids), rating.consensus(session, ids)
    tags, decisions = tagging.of_each(session, ids), boards.of_each(session, ids, _DECISIONS)
    return [Sheet(line, records[line.id], checks.get(line.id), rated.get(line.id, ()), agreed.get(line.id),
                  tags.get(line.id, ()), decisions.get(line.id, ())) for line in lines if line.id in records]


def _records(session: Session, item_ids: Sequence[int]) -> dict[int, dict[str, Any]]:
    rows = session.execute(
        select(Item.id, Received.body).join(Received, (Received.site == Item.site) & (Received.ref == Item.ref)
                                            & (Received.revision == Item.revision)).where(Item.id.in_(item_ids)))
    return {row.id: json.loads(row.body) for row in rows}
