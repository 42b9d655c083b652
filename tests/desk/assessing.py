"""What the desk's tests of assessment begin with: rated records, quickly made."""

from typing import Any

from sqlalchemy import select

from participation.assessment import rating
from participation.assessment.rating import Marks
from participation.city import City
from participation.database import Database, now
from participation.people.model import Person
from participation.pool.model import Item
from tests.people import Officer


def rated(database: Database, city: City, ref: str, mark: int = 2, benefit: int = 2, supporters: int | None = None,
          priority: str = "") -> int:
    """The record is rated alike in every degree and agreed on by one officer; its item's number."""
    with database.change() as session:
        item = session.scalars(select(Item).where(Item.ref == ref)).one()
        by = session.scalars(select(Person).where(Person.role == "cdo").limit(1)).first() or Person(
            email="rater@staff.example", role="cdo", name="Rater", created_at=now())
        session.add(by)
        session.flush()
        if supporters is not None:
            item.supporters = supporters
        marks = Marks({degree.key: mark for degree in city.degrees}, benefit, "A note")
        rating.rate(session, city, by, item, marks, now())
        rating.agree(session, city, by, item, marks, now())
        if priority:
            rating.prioritise(session, city, by, item, priority, now())
        return item.id


def criteria(city: City, holds: str = "yes", why: str = "Because it is so.", **changes: str) -> dict[str, Any]:
    """The fields of a check in which every criterion is answered alike, but for the changes."""
    said = {"holds": holds, "why": why}
    return {f"{name}_{each.key}": words for each in city.criteria for name, words in said.items()} | changes


def marks(city: City, mark: int, benefit: int, prefix: str = "", **more: Any) -> dict[str, Any]:
    """The fields of a rating in which every degree has the same mark."""
    given = {f"degree_{each.key}": str(mark) for each in city.degrees} | {"benefit": str(benefit)} | more
    return {prefix + name: value for name, value in given.items()}


def check(officer: Officer, ref: str, fields: dict[str, Any], status: int = 200) -> None:
    """Open the page of the checks and send the first check."""
    officer.open(f"/pool/{ref}/checks")
    officer.send(f"/pool/{ref}/checks", status=status, **fields)
