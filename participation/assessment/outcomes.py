"""What was reached at the end, beside what was promised at the beginning."""

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.assessment.model import Outcome
from participation.ideas.model import IdeaStep


@dataclass(frozen=True, slots=True)
class Reached:
    """The benefit that was recorded when an idea was done; `met` says how far it is what was promised."""

    step_id: int
    benefit: str
    language: str
    met: str  # fully, partly, not


def reached(session: Session, idea_id: int) -> Reached | None:
    """What was recorded of an idea; None where nothing was."""
    row = session.execute(
        select(Outcome.step_id, Outcome.benefit, IdeaStep.statement_language, Outcome.met)
        .join(IdeaStep, IdeaStep.id == Outcome.step_id).where(Outcome.idea_id == idea_id)
        .order_by(Outcome.step_id.desc()).limit(1)).first()
    return Reached(*row) if row is not None else None
