"""Working on a record together: giving it to somebody, dates, the discussion, several at once, its history."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from participation.assessment import working
from participation.assessment.history import PAGE, history
from participation.assessment.model import Act, Project
from participation.city import City
from participation.database import Database, now
from participation.errors import NotThere
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item
from tests.counting import counted
from tests.desk.making import items, person_id
from tests.page import words
from tests.people import Guest, Moderator, Officer, Resident
from tests.pool.making import accepted, in_parallel

COLLEAGUE = "colleague@example.org"


@pytest.fixture
def ref(database: Database, city: City, deliver: Callable[[], int]) -> str:
    """A record that has arrived."""
    found = accepted(database, city)
    deliver()
    return found


@pytest.fixture
def colleague(someone: Callable[..., Any]) -> Officer:
    """A second person of the office."""
    found: Officer = someone(Officer, COLLEAGUE, role="cdo", name="Cora")
    return found


def happened(officer: Officer, ref: str) -> list[str]:
    """The titles of a record's history."""
    page = officer.open(f"/pool/{ref}/history")
    return [words(one) for one in page.all(".//ol[@class='timeline']/li/p[@class='timeline__title']")]


def acts(database: Database, ref: str) -> list[tuple[str, Any]]:
    """What was noted about a record."""
    with database.reading() as session:
        return [(row.kind, row.body or row.about) for row in session.scalars(
            select(Act).join(Item, Item.id == Act.item_id).where(Item.ref == ref).order_by(Act.id))]


def test_giving_it_to_a_colleague(officer: Officer, colleague: Officer, ref: str, database: Database) -> None:
    cora = person_id(database, COLLEAGUE)
    officer.open(officer.open(f"/pool/{ref}").link("history"))
    officer.send("/assign", assignee=str(cora))
    assert officer.page.form("/assign").values["assignee"] == str(cora)
    officer.send("/assign", assignee=str(cora))  # a double click
    assert happened(officer, ref)[0] == "Given to Cora." and acts(database, ref) == [("assigned", {"person_id": cora})]
    assert officer.open(f"/pool/{ref}").has("Cora works on it")
    [letter] = officer.mailbox.letters(COLLEAGUE)
    assert letter["Subject"] == "1 record of the idea pool is yours to work on"
    assert "Given to you by Ode." in (text := officer.mailbox.text(COLLEAGUE)) and "\n\n\n\n" not in text
    assert colleague.open(officer.mailbox.link(COLLEAGUE, "/history")).has("Given to Cora.", "Ode")
    colleague.send("/assign", assignee="")
    assert happened(officer, ref)[:2] == ["Given to nobody.", "Given to Cora."]
    officer.send("/assign", assignee=str(person_id(database, "officer@example.org")))
    assert not officer.mailbox.letters("officer@example.org"), "nobody is told of what they did themselves"


def test_to_whoever_coordinates_its_field(officer: Officer, colleague: Officer, ref: str, database: Database,
                                          city: City) -> None:
    officer.open(f"/pool/{ref}/history")
    officer.send("/assign", status=422, assignee=working.COORDINATOR)
    assert officer.page.has("Nobody coordinates this field of action yet.")
    with database.change() as session:
        field = session.scalars(select(Item.field)).one()
        session.execute(update(Person).where(Person.email == COLLEAGUE).values(fields=f"{city.fields[0].key} {field}"))
    officer.send("/assign", assignee=working.COORDINATOR)
    assert happened(officer, ref)[0] == "Given to Cora."


def test_who_has_left_the_office_is_not_chosen(officer: Officer, colleague: Officer, ref: str, resident: Resident,
                                               database: Database) -> None:
    officer.open(f"/pool/{ref}/history")
    cora = str(person_id(database, COLLEAGUE))
    with database.change() as session:
        session.execute(update(Person).where(Person.email == COLLEAGUE).values(role="resident"))
    for to in (cora, str(person_id(database, "resident@example.org")), "999999", "x", "-1"):
        officer.send("/assign", status=422, assignee=to)
        assert officer.page.has("does not belong to the office any more")
    assert acts(database, ref) == []
    colleague.open(f"/pool/{ref}/history", 403)


def test_two_give_it_away_at_once(officer: Officer, colleague: Officer, ref: str, database: Database) -> None:
    people = [person_id(database, email) for email in ("officer@example.org", COLLEAGUE)]

    def give(to: int) -> None:
        with database.change() as session:
            by = session.get_one(Person, people[0])
            working.assign(session, by, working.item_of(session, ref), str(to), now())

    assert in_parallel(give, people) == []
    noted = acts(database, ref)
    assert sorted(about["person_id"] for _, about in noted) == sorted(people)
    with database.reading() as session:
        assert session.scalars(select(Item.assignee_id)).one() == noted[-1][1]["person_id"]


def test_a_date(officer: Officer, ref: str, database: Database, city: City) -> None:
    day = today(city, now())
    with database.change() as session:
        session.execute(update(Item).values(promised_on=day + timedelta(days=5), deadline=day + timedelta(days=5)))
    officer.open(f"/pool/{ref}/history")
    assert officer.page.has("The public was promised an answer by")
    for given, why in (("31.3.2027", "Please enter a day such as 2027-03-31."), ("2027-02-30", "Please enter a day"),
                       ((day - timedelta(days=1)).isoformat(), "This day has passed already.")):
        officer.send("/due", status=422, due_on=given)
        assert officer.page.has(why) and officer.page.form("/due").values["due_on"] == given
    dated: tuple[tuple[date | None, date], ...] = (
        (day, day), (day, day), (day + timedelta(days=9), day + timedelta(days=5)), (None, day + timedelta(days=5)))
    for chosen, first in dated:
        officer.send("/due", due_on=chosen.isoformat() if chosen else "")
        with database.reading() as session:
            item = session.scalars(select(Item)).one()
            assert (item.due_on, item.deadline) == (chosen, first)
    assert [kind for kind, _ in acts(database, ref)] == ["due"] * 3
    assert happened(officer, ref)[0] == "The office’s date was taken away."


def test_the_discussion_is_for_the_office_alone(officer: Officer, colleague: Officer, ref: str, guest: Guest,
                                                resident: Resident, moderator: Moderator, database: Database) -> None:
    officer.open(f"/pool/{ref}/history")
    officer.send("/remark", remark="  Ask the <b>parks</b> office.\r\n\r\n\r\nSee https://example.org\u202e ")
    officer.send("/remark", remark="Ask the <b>parks</b> office.\n\nSee https://example.org")  # a double click
    assert acts(database, ref) == [("remark", "Ask the <b>parks</b> office.\n\nSee https://example.org")]
    officer.send("/remark", status=422, remark=" ")
    officer.send("/remark", status=422, remark="x" * (working.REMARK_MAX + 1))
    assert officer.page.form("/remark").values["remark"].startswith("xxx")
    page = colleague.open(f"/pool/{ref}/history")
    assert page.has("Ask the <b>parks</b> office.", "Ode") and page.link("https://example.org")
    for other in (resident, moderator):
        other.open(f"/pool/{ref}/history", 403)
    assert guest.open(f"/pool/{ref}/history").path == "/en/sign-in"
    assert not guest.open(f"/ideas/{ref}").has("parks")


def test_several_at_once(officer: Officer, colleague: Officer, database: Database, city: City) -> None:
    items(database, city, 5)
    cora, day = person_id(database, COLLEAGUE), today(city, now()) + timedelta(days=3)
    officer.open("/pool/?order=supporters")
    form = officer.page.form("/together")
    officer.send(form, do="assign", assignee=str(cora), refs=["XX-2026-00001", "XX-2026-00003", "XX-2026-00001"])
    assert officer.page.has("2 records were changed.", "Most supporters first", "Cora")
    officer.send(form, do="due", due_on=day.isoformat(), refs=["XX-2026-00002"])
    [letter] = officer.mailbox.letters(COLLEAGUE)  # one for all of them
    assert letter["Subject"].startswith("2 records") and "\n\n\n\n" not in officer.mailbox.text(COLLEAGUE)
    assert "XX-2026-00001" in (text := officer.mailbox.text(COLLEAGUE)) and "XX-2026-00003" in text
    with database.change() as session:
        session.execute(update(Person).where(Person.email == COLLEAGUE).values(fields=city.fields[0].key))
    officer.send(form, status=422, do="assign", assignee="field", refs=["XX-2026-00000", "XX-2026-00001", "XX-1"])
    assert officer.page.has("1 record was changed.", "2 records were not changed", "XX-2026-00001: Nobody coordinates",
                            "XX-1: There is no such record")
    again = officer.page.form("/together")
    officer.send(again, do="assign", assignee=str(cora), refs=["XX-2026-00000"])
    assert officer.page.has("0 records were changed.")


def test_several_that_are_refused_together(officer: Officer, database: Database, city: City) -> None:
    items(database, city, 3)
    form = officer.open("/pool/").form("/together")
    for values, why in (({"do": "assign", "assignee": ""}, "Please choose entries that wait."),
                        ({"do": "assign", "assignee": "777", "refs": ["XX-2026-00001"]}, "does not belong"),
                        ({"do": "due", "due_on": "soon", "refs": ["XX-2026-00001"]}, "Please enter a day such as"),
                        ({"do": "due", "due_on": "2020-01-01", "refs": ["XX-2026-00001"]}, "This day has passed"),
                        ({"do": "due", "refs": [f"XX-2026-{n:05d}" for n in range(101)]}, "too many at once")):
        officer.send(form, status=422, **values)
        assert officer.page.has(why), values
    with database.reading() as session:
        assert session.scalars(select(Act)).all() == []
    officer.open("/pool/together")  # reloaded
    assert officer.page.path == "/en/pool/"


def test_the_history_has_everything_in_order(officer: Officer, ref: str, database: Database, city: City) -> None:
    with database.change() as session:
        item, me = working.item_of(session, ref), session.scalars(select(Person).where(Person.role == "cdo")).one()
        project = Project(title="Shade", language="en", created_at=now())
        session.add(project)
        session.flush()
        for kind, about in (("tagged", {}), ("checked", {"passed": True}), ("checked", {"passed": False}),
                            ("rated", {}), ("consensus", {}), ("priority", {"key": city.priorities[0].key}),
                            ("priority", {"key": ""}), ("project", {"project_id": project.id}),
                            ("project", {"project_id": None}), ("answer_prepared", {"move": "plan"}),
                            ("board", {"board": city.boards[0].key, "outcome": "for"}), ("board", {}),
                            ("answer_published", {"move": "plan"}), ("due", {"on": date(2027, 3, 31)}),
                            ("something else", {})):
            working.act(session, item, me, kind, now(), **about)
        working.act(session, item, None, "rated", now())
    seen = happened(officer, ref)
    assert seen[:-5] == [
        "Maturity and benefit were rated.", "The office worked on it.", "To be done by March 31, 2027.",
        "The answer was published: Plan as a project.", "A board decided on it.",
        f"{city.boards[0].name.in_('en')} decided in favour.", "An answer was prepared: Plan as a project.",
        "It belongs to no project any more.", "It belongs to the project “Shade”.", "The priority was taken away.",
        f"Priority: {city.priorities[0].name.in_('en')}.", "The assessors agreed on a rating.",
        "Maturity and benefit were rated.", "First check: not passed.", "First check: passed.",
        "The tags were changed."]
    assert seen[-5:] == ["Arrived in the idea pool", "Revision 1 arrived", "Accepted for the idea pool", "Published",
                         "Sent to the city"]
    assert not officer.page.has("Ann Author"), "who wrote it is not the pool's to know"


def test_a_long_history_page_by_page(officer: Officer, ref: str, database: Database) -> None:
    at = now() + timedelta(minutes=1)
    with database.change() as session:
        item = working.item_of(session, ref)
        for n in range(2 * PAGE):
            working.act(session, item, None, "remark", at + timedelta(seconds=n // 20), f"Remark {n}")
    first = happened(officer, ref)
    assert officer.page.has(f"Remark {2 * PAGE - 1}") and len(first) == PAGE
    with counted(database) as statements:
        officer.open(officer.page.link("after="))
    assert len(statements) <= 9, statements
    assert officer.page.has(f"Remark {PAGE - 1}", "Remark 0") and not officer.page.has(f"Remark {PAGE} ")
    officer.open(officer.page.all(".//a[@rel='next']")[0].get("href", ""))
    assert officer.page.has("Arrived in the idea pool", "Sent to the city") and not officer.page.has("Remark 0")
    with database.reading() as session:
        item, seen, after = session.scalars(select(Item)).one(), [], ""
        while True:
            page, after = history(session, item, after, 7)
            seen += [(one.source, one.id) for one in page]
            if not after:
                break
        assert len(seen) == len(set(seen)) == 2 * PAGE + 5
        for key in ("x", "1.act", "1.act.x", "1.thing.1", "9" * 18 + ".act.1"):
            with pytest.raises(NotThere):
                history(session, item, key)
