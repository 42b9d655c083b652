"""Merging an idea into another, with everybody asked and nothing counted twice; and taking it apart again."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import delete, exists, select, update
from sqlalchemy.orm import Session

from participation.city import City
from participation.errors import Conflict, Invalid
from participation.ideas.actions import decide
from participation.ideas.model import CoAuthor, Idea, IdeaStep
from participation.people.model import Person
from participation.support import Support


def target(session: Session, idea: Idea, ref: str) -> Idea:
    """The idea to merge into. Raises Invalid("target") for one that is not there, not public, the same, or itself
    merged: its own target is the one to name."""
    found = session.scalar(select(Idea).where(Idea.ref == ref.strip().upper()))
    if found is None or not found.public or found.id == idea.id:
        raise Invalid("target", "no_such_target" if ref.strip() else "required")
    if found.merged_into_id is not None:
        raise Invalid("target", "merged_itself")
    return found


def merge(session: Session, city: City, by: Person, idea: Idea, into: Idea, now: datetime, *, statement: str,
          statement_language: str, hold: timedelta) -> IdeaStep:
    """Merge an idea into another: it stays readable and points there, its author becomes a co-author there, and
    its supporters are asked to carry their support over. Raises what `ideas.actions.decide` raises."""
    if session.scalar(select(exists().where(Idea.merged_into_id == idea.id))):
        raise Conflict("others_merged_here")
    step = decide(session, city, by, idea, "merge", now, statement=statement, statement_language=statement_language,
                  hold=hold, given=frozenset({"target"}), about={"into_id": into.id}, merged_into_id=into.id)
    session.add(CoAuthor(idea_id=into.id, from_id=idea.id, person_id=idea.author_id))
    session.flush()
    return step


def take_apart(session: Session, idea: Idea) -> None:
    """What undoing a merge takes back besides the state: co-authorship, and the support that was carried over."""
    into_id = idea.merged_into_id
    session.execute(delete(CoAuthor).where(CoAuthor.from_id == idea.id))
    gone = session.execute(delete(Support).where(Support.idea_id == into_id, Support.carried_from_id == idea.id)
                           .returning(Support.from_city)).all()
    if gone:
        local = sum(int(row.from_city) for row in gone)
        session.execute(
            update(Idea).where(Idea.id == into_id)
            .values(supports=Idea.supports - len(gone), supports_total=Idea.supports_total - len(gone),
                    supports_city=Idea.supports_city - local).execution_options(synchronize_session=False))


def unmerge(session: Session, city: City, by: Person, idea: Idea, now: datetime, *, statement: str,
            statement_language: str, hold: timedelta) -> IdeaStep:
    """Take a merge apart: the idea stands for itself again, with the supporters it had."""
    about = {"into_id": idea.merged_into_id} if idea.merged_into_id is not None else {}
    take_apart(session, idea)
    return decide(session, city, by, idea, "unmerge", now, statement=statement, hold=hold,
                  statement_language=statement_language, about=about, merged_into_id=None)


def supporters(session: Session, idea_id: int, behind: int, limit: int) -> Sequence[int]:
    """The next people who support an idea, by id, behind one of them."""
    return session.scalars(select(Support.person_id).where(Support.idea_id == idea_id, Support.person_id > behind)
                           .order_by(Support.person_id).limit(limit)).all()
