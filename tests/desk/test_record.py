"""The page of one record: seen once for the whole office, its revisions and what each changed, all its comments."""

import json
from collections.abc import Callable
from typing import Any

from sqlalchemy import select, update

from participation.assessment.revisions import PAGE
from participation.city import City
from participation.database import Database
from participation.jobs import House
from participation.pool import record
from participation.pool.model import Item, Received
from tests.counting import counted
from tests.desk.making import revised
from tests.people import Officer
from tests.pool.making import accepted


def _rewritten(database: Database, **changes: Any) -> None:
    """What was received says something else."""
    with database.change() as session:
        kept = session.scalars(select(Received)).one()
        kept.body = record.canonical(json.loads(kept.body) | changes)


def test_opening_it_is_noted_once_for_the_office(officer: Officer, someone: Callable[..., Any], database: Database,
                                                 city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()

    def written() -> int:
        with counted(database) as statements:
            officer.open(f"/pool/{ref}")
        return sum("UPDATE pool_item" in statement for statement in statements)

    assert (written(), written()) == (1, 0)
    someone(Officer, "colleague@example.org", role="cdo").open("/pool/").has("New (0)")


def test_the_revisions_and_what_each_changed(officer: Officer, database: Database, city: City,
                                             house: Callable[[], House], deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    page = officer.open(f"/pool/{ref}")
    assert page.has("Revision 1", "The idea was accepted.") and not page.has("What is different", "Earlier revisions")
    revised(database, house, ref, supports=25)
    deliver()
    revised(database, house, ref, "correction", title="Shade for <i>every</i> stop", comments=4)
    deliver()
    page = officer.open(f"/pool/{ref}")
    assert page.title == "Shade for <i>every</i> stop"
    assert page.has("Revision 3", "Its text was corrected.", "More people support it.", "0 before, 25 now",
                    "1 before, 4 now", "Shade for the bus stops on the square Shade for <i>every</i> stop")
    for n in range(PAGE):
        revised(database, house, ref, "something new", supports=30 + n)
        deliver()
    page = officer.open(f"/pool/{ref}")
    assert page.has("Revision 8", "Revision 4", "The record has changed.") and not page.has("Revision 3")
    page = officer.open(page.link("revision="))
    assert page.has("Revision 3", "Revision 1") and not page.has("Revision 4")
    officer.open(officer.open(f"/pool/{ref}/history").link("revision=3"))
    assert officer.page.has("Revision 2") and not officer.page.has("Revision 3")
    officer.open(f"/pool/{ref}?revision=x&comments=x")


def test_all_comments_can_be_reached(officer: Officer, database: Database, city: City,
                                     deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    said = [{"body": f"Comment no. {n}.", "language": "en", "at": "2026-11-21T12:00:00+00:00"} for n in range(250)]
    _rewritten(database, comments={"count": 260, "published": said})
    page = officer.open(f"/pool/{ref}")
    assert page.has("260 comments", "Comment no. 0.", "Comment no. 99.") and not page.has("Comment no. 100.")
    page = officer.open(page.link("comments=100"))
    assert page.has("Comment no. 100.", "Comment no. 199.") and not page.has("Comment no. 99.", "Comment no. 200.")
    page = officer.open(page.link("Next comments"))
    assert page.has("Comment no. 249.", "The record holds no more than these") and not page.has("Next comments")


def test_translations_and_a_place_when_there_are_any(officer: Officer, database: Database, city: City,
                                                     deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    assert not officer.open(f"/pool/{ref}").has("Translation:", "Place")
    _rewritten(database, place={"name": "Münsterplatz", "latitude": 49.99, "longitude": 8.26}, translations=[
        {"language": "ar", "title": "ظل", "body": "ظل للجميع", "benefit": ""}])
    page = officer.open(f"/pool/{ref}")
    assert page.has("Translation: Arabic", "ظل للجميع", "Münsterplatz", "49.99, 8.26")
    assert page.root.find(".//details/div[@lang='ar'][@dir='auto']") is not None
    _rewritten(database, place="somewhere")
    officer.open(f"/pool/{ref}")


def test_a_record_costs_few_queries(officer: Officer, database: Database, city: City,
                                    deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    with database.change() as session:
        session.execute(update(Item).values(assignee_id=1))
    officer.open(f"/pool/{ref}")
    for path, most in ((f"/pool/{ref}", 6), (f"/pool/{ref}/history", 7)):
        with counted(database) as seen:
            officer.open(path)
        assert len(seen) <= most, seen
