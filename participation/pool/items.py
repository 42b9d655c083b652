"""The lines of the desk's inbox: kept in step with what is received and with where the ideas stand."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import func, insert, select, update
from sqlalchemy.orm import Session

from participation.city import City
from participation.ideas.model import Idea
from participation.outbox import happened
from participation.pool.model import Item, Received, Record


def received_columns(record: dict[str, Any], body: str) -> dict[str, Any]:
    """What is kept of a received record besides its numbers: `body` is its canonical text."""
    return {"title": record["title"][:300], "field": record["field"], "district": record["district"],
            "supporters": record["supporters"]["total"], "body": body}


def arrived(session: Session, received: Received, record: dict[str, Any]) -> None:
    """A record was kept: its line in the inbox is made, or changed when this is the newest revision."""
    arrived_together(session, received.site, [record], received.received_at)


def arrived_together(session: Session, site: str, records: Sequence[dict[str, Any]], at: datetime) -> None:
    """Records of one site were kept, with as many queries as for one. A line belongs to an idea of this site only where
    this site has written that very record, known by its digest: another site's may bear the same reference. A site that
    is called by another address by now keeps its lines."""
    newest = {record["ref"]: record for record in sorted(records, key=lambda record: int(record["revision"]))}
    items = {item.ref: item for item in session.scalars(
        select(Item).where(Item.site == site, Item.ref.in_(list(newest))))}
    new = [ref for ref in newest if ref not in items]
    own = {row.ref: row for row in session.execute(
        select(Idea.ref, Idea.id, Idea.state, Item).join(Record, Record.idea_id == Idea.id)
        .outerjoin(Item, Item.idea_id == Idea.id)
        .where(Idea.ref.in_(new), Record.digest.in_([record["provenance"]["digest"] for record in newest.values()])))}
    rows = []
    for ref, record in newest.items():
        columns = {"title": record["title"][:300], "language": record["language"], "field": record["field"],
                   "district": record["district"], "supporters": record["supporters"]["total"],
                   "comments": record["comments"]["count"], "revision": record["revision"], "changed_at": at}
        idea = own.get(ref)
        if (item := items.get(ref) or (idea.Item if idea else None)) is None:
            rows.append({"site": site, "ref": ref, "received_at": at, "idea_id": idea.id if idea else None,
                         "stage": idea.state if idea else "", **columns})
        elif item.revision < record["revision"]:
            if item.score is not None and item.supporters != columns["supporters"]:
                happened(session, "item.supported", at, item_id=item.id)
            for name, value in (columns | {"site": site}).items():
                setattr(item, name, value)
    if rows:
        session.execute(insert(Item), rows)
        if own:
            first, last = session.execute(select(func.min(Item.id), func.max(Item.id))
                                          .where(Item.site == site, Item.ref.in_(new))).one()
            happened(session, "items.arrived", at, first_id=first, last_id=last)
    session.flush()


def staged(session: Session, idea: Idea) -> None:
    """An idea of this site has moved: its line in the inbox says so."""
    session.execute(update(Item).where(Item.idea_id == idea.id).values(stage=idea.state)
                    .execution_options(synchronize_session="fetch"))


def deadline(due_on: date | None, promised_on: date | None) -> date | None:
    """The earlier of the office's own date and the public promise."""
    return min((day for day in (due_on, promised_on) if day is not None), default=None)


def today(city: City, now: datetime) -> date:
    """The day it is in the city."""
    return now.astimezone(city.zone).date()


def score(city: City, maturity: int | None, benefit: int | None, supporters: int) -> int | None:
    """The score by the city's formula, in hundredths of the 100 points; None without a consensus. `maturity` and
    `benefit` are means in hundredths, 0 to 300."""
    if maturity is None or benefit is None:
        return None
    weigh = city.ranking
    full = min(supporters, weigh.supporters_full) / weigh.supporters_full
    return round(100 * (weigh.maturity * maturity / 300 + weigh.benefit * benefit / 300 + weigh.supporters * full))
