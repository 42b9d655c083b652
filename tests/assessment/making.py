"""Projects for tests, made through the same actions as everybody's."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from participation.assessment import projects
from participation.assessment.projects import Plan
from participation.city import City
from participation.database import Database, now
from participation.pool.model import Item
from tests.making import staff


def a_project(database: Database, city: City, refs: Sequence[str], **changes: Any) -> int:
    """A project of those records; its number."""
    with database.change() as session:
        officer = staff(session, "cdo")
        items = [session.scalars(select(Item).where(Item.ref == ref)).one() for ref in refs]
        plan = Plan(**{"title": "Shade everywhere", "summary": "Shelters are built.", "language": "en"} | changes)
        made = projects.create(session, city, officer, items[0], plan, now()).id
        for item in items[1:]:
            projects.join(session, officer, item, made, now())
        return made


def a_milestone(database: Database, city: City, project: int, title: str, due_on: str = "", *,
                reached: str = "") -> int:
    """A milestone of a project, reached where a day is given; its number."""
    with database.change() as session:
        officer = staff(session, "cdo")
        made = projects.add_milestone(session, city, officer, project, title, "en", due_on, now())
        if reached:
            projects.reach(session, city, officer, made, reached, now())
        return made.id
