"""Making what a test begins with, through the same actions as everybody's."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from participation.city import City
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.actions import Draft
from participation.people.model import Person
from participation.people.signing_in import person_of
from tests.people import AN_IDEA


def a_draft(**changes: Any) -> Draft:
    """A draft that every rule is content with, but for the changes."""
    words = {"title": AN_IDEA["title"], "body": AN_IDEA["body"], "benefit": AN_IDEA["benefit"],
             "field": AN_IDEA["field"], "district": AN_IDEA["district"], "language": "en"}
    return Draft(**(words | changes))


def people(database: Database, count: int, *, start: int = 0, lives_here: bool = True, district: str | None = None,
           session: Session | None = None) -> list[Person]:
    """That many residents."""
    if session is None:
        with database.change() as own:
            return people(database, count, start=start, lives_here=lives_here, district=district, session=own)
    made = [Person(email=f"person-{start + i}@example.org", language="en", lives_here=lives_here, district=district,
                   created_at=now()) for i in range(count)]
    session.add_all(made)
    session.flush()
    return made


def staff(session: Session, role: str = "admin") -> Person:
    """Somebody with a role."""
    person = person_of(session, f"{role}@staff.example", "en", now())
    person.role = role
    session.flush()
    return person


def published(database: Database, city: City, at: datetime | None = None, **changes: Any) -> int:
    """A published idea; its id."""
    at = at or now() - timedelta(days=1)
    with database.change() as session:
        author = person_of(session, "author@example.org", "en", at)
        idea = ideas.submit(session, city, author, a_draft(**changes), at)
        ideas.decide(session, city, staff(session), idea, "publish", at)
        return idea.id
