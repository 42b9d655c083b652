"""What the CDO office does with an idea in the pool: it moves on, and its author is answered.

The checks by criteria and the rating by degrees get their own sheets with the desk's next issue;
the moves that they lead to are here already.
"""

from datetime import datetime

from sqlalchemy.orm import Session

from participation.city import City
from participation.errors import Conflict
from participation.ideas.actions import decide
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from participation.people.rights import Right


def answer(session: Session, city: City, officer: Person, idea: Idea, move: str, statement: str,
           statement_language: str, now: datetime) -> IdeaStep:
    """Move an idea on from the pool's desk, with the public answer. Raises what `decide` raises, and
    Conflict for a move that is not the desk's."""
    if IDEA.move(move).right is not Right.IDEA_ANSWER:
        raise Conflict("unknown_move")
    return decide(session, city, officer, idea, move, now, statement=statement,
                  statement_language=statement_language)
