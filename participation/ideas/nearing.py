"""Which ideas are near the city's quorum: where a supporter more counts most."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from participation.city import Quorum
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.ideas.queries import IdeaCard, card, card_columns

_GATHERING = tuple(state.key for state in IDEA.states if state.gathers)


@dataclass(frozen=True, slots=True)
class Nearing:
    """An idea that may still reach the quorum."""

    card: IdeaCard
    have: int  # supporters from the city
    until: datetime


def nearing(session: Session, quorum: Quorum, now: datetime, limit: int = 3) -> tuple[Nearing, ...]:
    """Ideas that have half of the quorum's supporters and time left, the nearest first.

    Reads only ideas with so many supporters that have not reached it, by an index of their own.
    """
    rows = session.execute(
        card_columns().add_columns(Idea.supports_city, Idea.quorum_until)
        .where(Idea.public, Idea.supports_city >= (quorum.supporters + 1) // 2, Idea.state.in_(_GATHERING),
               Idea.quorum_reached_at.is_(None), Idea.quorum_until > now)
        .order_by(Idea.supports_city.desc(), Idea.id.desc()).limit(limit))
    return tuple(Nearing(card(row), row.supports_city, row.quorum_until) for row in rows)
