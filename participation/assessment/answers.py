"""The answer back: what the CDO office says publicly about an idea in the pool, and the move it comes with."""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.assessment import promises
from participation.city import City
from participation.errors import Conflict
from participation.ideas.actions import decide
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from participation.people.rights import Right
from participation.pool.items import staged


def answer(session: Session, city: City, officer: Person, idea: Idea, move: str, statement: str,
           statement_language: str, now: datetime) -> IdeaStep:
    """Move an idea on from the pool's desk, with the public answer. Raises what `decide` raises, and
    Conflict for a move that is not the desk's."""
    if IDEA.move(move).right is not Right.IDEA_ANSWER:
        raise Conflict("unknown_move")
    step = decide(session, city, officer, idea, move, now, statement=statement,
                  statement_language=statement_language)
    staged(session, idea)
    promises.keep(session, step)
    return step
