"""The office's letter in the morning: to whom, when, about what; and the letter about what was given to somebody."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from babel.dates import format_date
from sqlalchemy import update

from participation.assessment import reminding
from participation.city import City
from participation.database import Database, now
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item
from tests.desk.making import items, person_id
from tests.page import words
from tests.people import Moderator, Officer
from tests.web.test_letters import _links, _parts

MORNING = now().replace(hour=9)


def _morning(database: Database, house: Callable[[], House], at: datetime = MORNING) -> None:
    with database.change() as session:
        reminding.morning(session, Event(kind="time.hour"), House(house().settings, house().city, at))


def test_once_a_day_to_those_for_whom_there_is_something(
        officer: Officer, moderator: Moderator, someone: Callable[..., Any], database: Database, city: City,
        house: Callable[[], House]) -> None:
    someone(Officer, "admin@example.org", role="admin")
    _morning(database, house)
    assert not officer.mailbox.letters(), "no letter when there is nothing"
    items(database, city, 13, seen_revision=1, revision=1, deadline=None)
    _morning(database, house)
    assert not officer.mailbox.letters()
    with database.change() as session:
        session.execute(update(Item).where(Item.ref == "XX-2026-00001").values(seen_revision=0))
    for hour, letters in ((3, 0), (9, 1), (15, 1), (33, 2)):
        _morning(database, house, MORNING.replace(hour=0) + timedelta(hours=hour))
        assert len(officer.mailbox.letters("officer@example.org")) == letters
    assert "1 record has not been opened yet." in officer.mailbox.text("officer@example.org")
    assert officer.mailbox.last("officer@example.org")["Subject"] == "Idea pool: what waits this morning"
    for other in ("moderator@example.org", "admin@example.org"):  # an admin has moderation's letter
        assert not officer.mailbox.letters(other)


def test_what_it_says(officer: Officer, someone: Callable[..., Any], database: Database, city: City,
                      house: Callable[[], House]) -> None:
    someone(Officer, "admin@example.org", role="admin")
    items(database, city, 14, seen_revision=9, deadline=None)
    me, day = person_id(database, "officer@example.org"), today(city, now())
    with database.change() as session:
        for number, values in ((1, {"deadline": day - timedelta(days=1), "assignee_id": me}),
                               (2, {"deadline": day, "assignee_id": me}),
                               (3, {"deadline": day + timedelta(days=city.pool.warn_days), "assignee_id": me}),
                               (4, {"deadline": day + timedelta(days=city.pool.warn_days + 1), "assignee_id": me}),
                               (5, {"deadline": day, "promised_on": day + timedelta(days=2)}),
                               (6, {"deadline": day, "promised_on": day + timedelta(days=60)}),
                               (7, {"deadline": day, "assignee_id": person_id(database, "admin@example.org")})):
            session.execute(update(Item).where(Item.ref == f"XX-2026-{number:05d}").values(**values))
    _morning(database, house)
    promised_for = format_date(day + timedelta(days=2), "long", "en")
    text, root = _parts(officer.mailbox.last("officer@example.org"))
    for whole in (text, words(root)):
        overdue, _, rest = whole.partition("Your records that are due soon:")
        soon, _, promised = rest.partition("Answers that were promised to the public:")
        assert "XX-2026-00001" in overdue and "XX-2026-00002" not in overdue
        assert "XX-2026-00002" in soon and "XX-2026-00003" in soon and "XX-2026-00004" not in soon
        assert "XX-2026-00005" in promised and "XX-2026-00006" not in whole and promised_for in promised
        assert "because you work in the office" in whole and "not been opened" not in whole
    assert officer.mailbox.last("officer@example.org")["Subject"] == "Idea pool: 1 of your records is overdue"
    [link] = _links(text, root)
    assert officer.open(link).path == "/en/pool/" and "\n\n\n\n" not in text
    assert "XX-2026-00007" in officer.mailbox.text("admin@example.org")


def test_a_long_list_is_cut(officer: Officer, database: Database, city: City, house: Callable[[], House]) -> None:
    items(database, city, 14, seen_revision=9, deadline=today(city, now()) - timedelta(days=3),
          assignee_id=person_id(database, "officer@example.org"))
    with database.change() as session:
        session.execute(update(Person).values(language="de"))
    _morning(database, house)
    text = officer.mailbox.text("officer@example.org")
    assert "XX-2026-00009" in text and "XX-2026-00010" not in text and "4" in text
    assert "Ideen für Mainz" in words(_parts(officer.mailbox.last("officer@example.org"))[1])
