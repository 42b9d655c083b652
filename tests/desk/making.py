"""What the desk's tests begin with: lines of the inbox without their records, and a record in a new revision."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert, select

from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.jobs import House
from participation.people.model import Person
from participation.pool import record
from participation.pool.items import today
from participation.pool.model import Item, Record


def items(database: Database, city: City, count: int, at: datetime | None = None, **same: Any) -> None:
    """That many lines of another site's records, of every field, district and language, some with a date or a score."""
    at, day = at or now(), today(city, now())
    with database.change() as session:
        session.execute(insert(Item), [{
            "site": "https://elsewhere.example", "ref": f"XX-2026-{n:05d}", "idea_id": None, "stage": "",
            "title": f"Die Idee Nummer {n}", "language": city.content_languages[n % 3],
            "field": city.fields[n % len(city.fields)].key, "district": city.districts[n % 15].key,
            "supporters": n * 7 % 11, "comments": n % 4, "revision": 1 + n % 2, "seen_revision": n % 2,
            "received_at": at - timedelta(days=1), "changed_at": at - timedelta(minutes=n // 2),
            "deadline": day + timedelta(days=n % 9 - 4) if n % 3 else None, "priority": "", "priority_rank": 9,
            "score": n * 5 % 13 if n % 4 else None} | same for n in range(count)])


def person_id(database: Database, email: str) -> int:
    """Somebody's number."""
    with database.reading() as session:
        return session.scalars(select(Person.id).where(Person.email == email)).one()


def revised(database: Database, house: Callable[[], House], ref: str, reason: str = "milestone",
            **changes: Any) -> None:
    """An accepted idea changes, and its record has a new revision that is on its way."""
    with database.change() as session:
        idea = session.scalars(select(Idea).where(Idea.ref == ref)).one()
        for name, value in changes.items():
            setattr(idea, name, value)
        session.flush()
        first = session.scalars(select(Record).where(Record.ref == ref).order_by(Record.revision)).first()
        assert first is not None
        assert record.add(session, house(), idea.id, first.step_id, f"test:{now().timestamp()}", reason)
