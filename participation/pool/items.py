"""The lines of the desk's inbox: kept in step with what is received and with where the ideas stand."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation.city import City
from participation.ideas.model import Idea
from participation.outbox import happened
from participation.pool.model import Item, Received


def arrived(session: Session, received: Received, record: dict[str, Any]) -> None:
    """A record was kept: its line in the inbox is made, or changed when this is the newest revision."""
    item = session.scalar(select(Item).where(Item.site == received.site, Item.ref == received.ref))
    if item is not None and item.revision >= received.revision:
        return
    newest = {"title": received.title, "language": record["language"], "field": received.field,
              "district": received.district, "supporters": received.supporters,
              "comments": record["comments"]["count"], "revision": received.revision,
              "changed_at": received.received_at}
    if item is None:
        idea = session.execute(select(Idea.id, Idea.state).where(Idea.ref == received.ref)).first()
        item = Item(site=received.site, ref=received.ref, received_at=received.received_at,
                    idea_id=idea.id if idea else None, stage=idea.state if idea else "", **newest)
        session.add(item)
    else:
        if item.score is not None and item.supporters != received.supporters:
            happened(session, "item.supported", received.received_at, item_id=item.id)
        for name, value in newest.items():
            setattr(item, name, value)
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
