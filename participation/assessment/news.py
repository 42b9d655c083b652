"""A milestone that was reached is told to everyone whom the ideas of its project concern; and what the letter that
gathers news is told."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.assessment.model import Milestone, Project
from participation.assessment.projects import IDEAS
from participation.jobs import House
from participation.notices import digests, following
from participation.notices.model import Notice
from participation.outbox import Event
from participation.people.model import Person
from participation.pool.model import Item


def milestone(session: Session, event: Event, house: House) -> None:
    """Follower of project.milestone: begins to tell authors, supporters and followers of each idea of the project.
    Who has to do with several of them is told once."""
    ideas = select(Item.idea_id).where(Item.project_id == event.about["project_id"], Item.idea_id.is_not(None))
    for idea_id in session.scalars(ideas.order_by(Item.id).limit(IDEAS)):
        if idea_id is not None:
            following.spread(session, idea_id, house.now, milestone_id=event.about["milestone_id"])


def of_milestone(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For the letter: the milestone, its project, and the secret of the link that ends such letters."""
    reached = session.get_one(Milestone, notice.about["milestone_id"])
    return {"milestone": reached, "project": session.get_one(Project, reached.project_id),
            "stop_token": following.token(notice, house.settings.secret_key)}


def of_digest(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For the letter that gathers news: the ideas with what happened to each, the milestones by their number, how much
    there is in all, and the secret of the link with which its reader changes how often such letters come."""
    news, count = digests.gathered(session, notice, house)
    numbers = {thing.milestone_id for each in news for thing in each.things if thing.milestone_id}
    rows = session.execute(
        select(Milestone.id, Milestone.title, Milestone.language, Milestone.reached_on, Project.id.label("project_id"))
        .join(Project, Project.id == Milestone.project_id).where(Milestone.id.in_(numbers))) if numbers else ()
    return {"news": news, "milestones": {row.id: row for row in rows}, "count": count,
            "more": count - sum(len(each.things) for each in news), "rhythm": session.get_one(
                Person, notice.person_id).digest, "stop_token": following.token(notice, house.settings.secret_key)}
