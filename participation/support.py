"""Giving and taking back support, and the quorum.

One person, one support: the primary key says so. The idea's counters are raised by SQL in the same
transaction, and only when the row really came or went, so that they stay right when sixteen people
support at once.
"""

from collections.abc import Collection
from datetime import datetime, timedelta

from sqlalchemy import Boolean, ForeignKey, Index, String, delete, func, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.city import City
from participation.database import Base, personal, touched
from participation.errors import Conflict, NotAllowed, NotThere
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.outbox import happened
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.waiting import QUORUM, URGENT, Waits, begin

WITHHELD_BELOW = 5  # counts per district smaller than this could point at a person


class Support(Base):
    """One person's support for one idea, with where they said they live on that day."""

    __tablename__ = "support"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), primary_key=True, info=personal(
        "who supports it", why="one person, one support", keep="as long as the idea", ends="delete"))
    at: Mapped[datetime]
    from_city: Mapped[bool] = mapped_column(Boolean, default=False)
    district: Mapped[str | None] = mapped_column(String(40), info=personal(
        "home district of a supporter", why="counts per district", keep="as long as the idea", ends="delete"))

    carried_from_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id"))  # carried over from a merged idea

    __table_args__ = (Index("ix_support_person_id", "person_id", "at"),)


def give(session: Session, city: City, person: Person, idea: Idea, now: datetime,
         carried_from: int | None = None) -> bool:
    """Support an idea; doing it again changes nothing. Says whether it was new. `carried_from` is the idea that
    was merged into this one and that the person supported before.

    Reaching the city's quorum in time is marked in the same transaction. Raises NotAllowed, and
    Conflict when the idea takes no support where it stands.
    """
    if not (answer := may(person, Right.IDEA_SUPPORT)):
        raise NotAllowed(answer.why)
    if not IDEA.state(idea.state).takes_support:
        raise Conflict("takes_no_support")
    insert = sqlite.insert if session.get_bind().dialect.name == "sqlite" else postgresql.insert
    came = session.scalar(
        insert(Support).values(idea_id=idea.id, person_id=person.id, at=now, from_city=person.lives_here,
                               district=person.district, carried_from_id=carried_from)
        .on_conflict_do_nothing().returning(Support.person_id)
    )
    if came is None:
        return False
    local = int(person.lives_here)
    count = session.scalar(
        update(Idea).where(Idea.id == idea.id)
        .values(supports=Idea.supports + 1, supports_total=Idea.supports_total + 1,
                supports_city=Idea.supports_city + local)
        .returning(Idea.supports).execution_options(synchronize_session=False)
    )
    if not IDEA.state(idea.state).gathers:  # accepted before: no quorum any more, but the pool is told of milestones
        if count in city.pool.milestones:
            happened(session, "idea.milestone", now, idea_id=idea.id)
        return True
    reached = session.execute(
        update(Idea).where(Idea.id == idea.id, Idea.quorum_reached_at.is_(None), Idea.quorum_until >= now,
                           Idea.supports_city >= city.quorum.supporters)
        .values(quorum_reached_at=now).execution_options(synchronize_session=False)
    )
    if touched(reached):
        due = now + timedelta(days=city.moderation.quorum_days)
        waits = Waits(due, idea.id, idea.field, idea.district, idea.language, QUORUM, URGENT)
        begin(session, IDEA.name, idea.id, waits, now)
        happened(session, "idea.quorum", now, idea_id=idea.id)
    return True


def take_back(session: Session, person: Person, idea: Idea) -> bool:
    """Take one's support back; says whether there was one. A quorum once reached stays reached.

    Raises Conflict when the idea takes no support any more. What counted for its acceptance is kept with that.
    """
    if not IDEA.state(idea.state).takes_support:
        raise Conflict("takes_no_support")
    gone = session.execute(
        delete(Support).where(Support.idea_id == idea.id, Support.person_id == person.id)
        .returning(Support.from_city)
    ).all()
    if not gone:
        return False
    session.execute(
        update(Idea).where(Idea.id == idea.id)
        .values(supports=Idea.supports - 1, supports_total=Idea.supports_total - 1,
                supports_city=Idea.supports_city - int(gone[0].from_city))
        .execution_options(synchronize_session=False)
    )
    return True


def carry_over(session: Session, city: City, person: Person, idea: Idea, now: datetime) -> Idea:
    """A supporter of a merged idea supports the one it was merged into; doing so twice changes nothing. Raises
    NotThere when the idea is not merged or was not supported, and Conflict where no support is taken any more."""
    if idea.merged_into_id is None or session.get(Support, (idea.id, person.id)) is None:
        raise NotThere("nothing_to_carry")
    into = session.get_one(Idea, idea.merged_into_id)
    give(session, city, person, into, now, carried_from=idea.id)
    return into


def can_carry(session: Session, person: Person, idea: Idea) -> bool:
    """Whether this person's support of a merged idea has not been carried over yet and still could be."""
    if idea.merged_into_id is None or session.get(Support, (idea.id, person.id)) is None:
        return False
    into = session.get_one(Idea, idea.merged_into_id)
    return IDEA.state(into.state).takes_support and session.get(Support, (into.id, person.id)) is None


def supports(session: Session, person: Person, idea_id: int) -> bool:
    """Whether the person supports the idea."""
    return session.get(Support, (idea_id, person.id)) is not None


def supported(session: Session, person: Person, ids: Collection[int]) -> set[int]:
    """Which of these ideas the person supports."""
    return set(session.scalars(select(Support.idea_id).where(Support.person_id == person.id,
                                                             Support.idea_id.in_(ids))))


def per_district(session: Session, idea_id: int) -> dict[str, int | None]:
    """Supporters per home district; None where there are fewer than five, so that no count points at
    a person. Districts without any are left out."""
    rows = session.execute(
        select(Support.district, func.count())
        .where(Support.idea_id == idea_id, Support.district.is_not(None)).group_by(Support.district)
        .order_by(Support.district)
    )
    return {district: count if count >= WITHHELD_BELOW else None for district, count in rows if district}
