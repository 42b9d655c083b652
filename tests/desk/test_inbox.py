"""The inbox: what wants attention, filters, orders and pages, search, columns, lists that somebody has saved."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
from sqlalchemy import select, text, update

from participation.assessment import inbox, views
from participation.assessment.inbox import ORDERS, PAGE, Wanted
from participation.assessment.model import SavedView, Tag
from participation.city import City
from participation.database import Database, now
from participation.errors import NotThere
from participation.jobs import House
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item
from tests.counting import counted
from tests.desk.making import items, person_id, revised
from tests.ideas.test_lists import plan_of
from tests.page import words
from tests.people import Officer
from tests.pool.making import accepted


def refs(officer: Officer, path: str) -> list[str]:
    """The numbers on a page of the inbox, in its order."""
    return [words(link) for link in officer.open(path).all(".//th/a")]


def test_what_is_new_changed_overdue_mine_and_nobodys(officer: Officer, database: Database, city: City,
                                                      house: Callable[[], House], deliver: Callable[[], int]) -> None:
    one, two, three = (accepted(database, city) for _ in range(3))
    deliver()
    with database.change() as session:  # what was promised to the public is of no matter here
        session.execute(update(Item).values(deadline=None))
    assert officer.open("/pool/").has("Everything (3)", "New (3)", "Changed (0)", "Overdue (0)", "Mine (0)")
    officer.open(f"/pool/{one}")
    assert refs(officer, "/pool/?attention=new") == [three, two]
    revised(database, house, one, supports=7)
    deliver()
    assert refs(officer, "/pool/?attention=changed") == [one] == refs(officer, "/pool/")[:1]
    assert officer.page.has("New (2)", "Changed (1)")
    officer.open(f"/pool/{one}")
    assert officer.open("/pool/?attention=changed").has("No record fits.", "Changed (0)")
    with database.change() as session:
        session.execute(update(Item).where(Item.ref == two).values(
            deadline=today(city, now()) - timedelta(days=1), assignee_id=person_id(database, "officer@example.org")))
        session.execute(update(Item).where(Item.ref == three).values(deadline=today(city, now())))
    assert refs(officer, officer.open("/pool/").link("attention=overdue")) == [two]
    assert officer.page.has("Overdue (1)", "Mine (1)", "Ode")
    assert "order=deadline" in officer.page.link("Everything (3)")
    assert refs(officer, "/pool/?attention=mine") == [two]
    assert refs(officer, "/pool/?attention=unassigned") == [one, three]


def test_every_filter(officer: Officer, database: Database, city: City) -> None:
    items(database, city, 24)
    me = person_id(database, "officer@example.org")
    with database.change() as session:
        session.execute(update(Item).where(Item.ref == "XX-2026-00003").values(
            priority=city.priorities[0].key, project_id=1, assignee_id=me))
        key = session.scalars(select(Item.id).where(Item.ref == "XX-2026-00004")).one()
        session.add(Tag(item_id=key, kind="goal", key=city.goals[0].key))
    for query, numbers in ((f"priority={city.priorities[0].key}", [3]), ("project=yes", [3]), (f"assignee={me}", [3]),
                           (f"tag=goal:{city.goals[0].key}", [4]), (f"district={city.districts[2].key}", [2, 17]),
                           (f"district={city.districts[0].key}&language={city.content_languages[0]}", [0, 15]),
                           (f"district={city.districts[0].key}&language={city.content_languages[1]}", []),
                           (f"district={city.districts[3].key}&project=yes&stage=elsewhere", [3])):
        assert sorted(refs(officer, f"/pool/?{query}")) == [f"XX-2026-{n:05d}" for n in numbers], query
        assert officer.page.link("Show everything")
    assert len(refs(officer, "/pool/?project=no")) == 23 and len(refs(officer, "/pool/?stage=elsewhere")) == 24
    assert officer.page.has("Another site (24)")
    assert len(refs(officer, "/pool/?stage=received")) == 0
    # What is not offered counts for nothing.
    assert len(refs(officer, "/pool/?field=x&district=%00&stage=draft&order=x&assignee=x&tag=goal:x&cols=x")) == 24


@pytest.mark.parametrize("order", ORDERS)
def test_pages_neither_skip_nor_repeat(officer: Officer, database: Database, city: City, order: str) -> None:
    items(database, city, 60)
    path, seen = f"/pool/?order={order}", []
    while True:
        found = refs(officer, path)
        assert len(found) <= PAGE
        seen += found
        following = officer.page.all(".//a[@rel='next']")
        if not following:
            break
        path = following[0].get("href", "")
    assert len(seen) == len(set(seen)) == 60
    with database.reading() as session:
        rows = {row.ref: getattr(row, ORDERS[order].key) for row in session.scalars(select(Item))}
    values = [rows[ref] for ref in seen]
    there = [value for value in values if value is not None]
    assert there == sorted(there, reverse=order != "deadline") and values[len(there):] == [None] * (60 - len(there))
    assert (len(there) == 60) == (order in ("changed", "supporters"))


@pytest.mark.parametrize("after", ["x", "1", "-1.5", "-.1", "1.2.3", "9" * 60, "١.٢", "999999999999999999.1"])
def test_a_made_up_key_is_no_page(officer: Officer, after: str) -> None:
    officer.open(f"/pool/?after={after}", 404)


def test_searching(officer: Officer, database: Database, city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city, title="Fahrradweg an der Brücke")
    deliver()
    items(database, city, 3)
    for q, found in ((ref, [ref]), (f" {ref.lower()} ", [ref]), ("radweg brucke", [ref]), ("XX-2026-00001",
                     ["XX-2026-00001"]), ("nummer 2", ["XX-2026-00002"]), ("MZ-2020-00001", []), ("%_", []),
                     ('"; DROP', []), ("Shade at", [])):
        assert refs(officer, f"/pool/?q={q}") == found, q
        assert officer.page.form("/pool/", "get").values["q"] == q.strip()
    assert officer.page.has("No record fits.")


def test_columns_are_chosen_and_stay_in_the_address(officer: Officer, database: Database, city: City) -> None:
    items(database, city, 30, score=4256, maturity=150)
    page = officer.open("/pool/?cols=score&cols=project&cols=revision&field=" + city.fields[0].key)
    heads = [words(th) for th in page.all(".//thead/tr/th")]
    assert heads == ["Number", "Idea", "Score", "Project", "Revision", "Choose"]
    assert page.has("42.6") and not page.has("Supporters –")
    page = officer.open("/pool/?cols=score")
    assert "cols=score" in page.link("after=") and "cols=score" in page.link("attention=new")
    for key in ("stage", "district", "language", "supporters", "comments", "assignee", "deadline", "priority",
                "changed", "received"):
        officer.open(f"/pool/?cols={key}")


def test_saving_a_list(officer: Officer, someone: Callable[..., Any], database: Database, city: City) -> None:
    items(database, city, 30)
    officer.open(f"/pool/?district={city.districts[1].key}&order=score&cols=score&cols=district")
    officer.send("/views", name="  Meine <b>Liste</b>  ")
    assert officer.page.has("Saved: Meine <b>Liste</b>")
    link = officer.open("/pool/").link("Meine <b>Liste</b>")
    page = officer.open(link)
    [here] = page.all(".//a[@aria-current='page'][@dir='auto']")
    assert words(here) == "Meine <b>Liste</b>" and urlsplit(link).query in here.get("href", "")
    assert [words(th) for th in page.all(".//thead/tr/th")] == ["Number", "Idea", "District", "Score", "Choose"]
    officer.send("/views", name="Meine <b>Liste</b>")  # once more, or by a double click
    colleague = someone(Officer, "colleague@example.org", role="cdo")
    assert not colleague.open("/pool/").has("Meine")
    with database.reading() as session:
        [view] = session.scalars(select(SavedView))
    form = officer.open("/pool/").form(f"/views/{view.id}/delete")
    colleague.send(form, status=404, csrf_token=colleague.page.form("/views").values["csrf_token"])
    assert not officer.send(f"/views/{view.id}/delete").has("Saved lists:")
    officer.send(form, status=404)


def test_what_cannot_be_saved_is_kept_on_the_page(officer: Officer, database: Database, city: City) -> None:
    items(database, city, 3)
    officer.open(f"/pool/?district={city.districts[1].key}")
    officer.send("/views", name=" ", status=422)
    assert officer.page.has("Please fill this in.", "XX-2026-00001") and not officer.page.has("XX-2026-00002")
    officer.send("/views", name="x" * (views.NAME_MAX + 1), status=422)
    assert officer.page.form("/views").values["name"].startswith("xxx")
    for n in range(views.MOST):
        officer.send("/views", name=f"List {n}")
    officer.send("/views", name="One more", status=409)
    assert officer.page.has("as many saved lists as there can be", "XX-2026-00001")
    officer.send("/views", name="List 3")  # under a name that is there already
    officer.send("/views", name="Odd", status=409, query="&&&=;%%%" + "a=b&" * 200)


def test_a_city_with_little_and_a_language_from_right_to_left(officer: Officer, database: Database, city: City) -> None:
    items(database, city, 2, district=None, language="ar", title="فكرة للمدينة")
    page = officer.open("/pool/?cols=district&cols=language")
    assert page.has("Whole city")
    assert any(span.get("lang") == "ar" and span.get("dir") == "auto" for span in page.all(".//td/span/span"))


def test_the_inbox_costs_nine_queries(officer: Officer, database: Database, city: City) -> None:
    items(database, city, 60, stage="received")
    officer.open("/pool/")
    for query in ("", "attention=new", "attention=changed", "attention=overdue&order=deadline", "attention=mine",
                  "attention=unassigned", "order=score", "order=supporters", "order=deadline", "q=idee",
                  "stage=received&field=x", "tag=goal:1", "project=yes", "assignee=1&district=drais"):
        with counted(database) as seen:
            officer.open(f"/pool/?{query}")
        assert len(seen) <= 9, (query, seen)


def test_every_list_reads_by_index(officer: Officer, database: Database, city: City) -> None:
    """The plan of every order, of every filter in the usual order, and of pages far behind."""
    items(database, city, 60)
    day = today(city, now())
    with database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE pool_item"))
            for way in ("seqscan", "bitmapscan", "sort", "incremental_sort"):
                session.execute(text(f"SET LOCAL enable_{way} = off"))  # sixty rows are read whole faster
        me = session.scalars(select(Person)).one()
        for wanted, index in ((Wanted(), "all"), (Wanted(attention="new"), "new"), (Wanted(order="score"), "score"),
                              (Wanted(attention="changed"), "changed"), (Wanted(attention="mine"), "assignee"),
                              (Wanted(attention="unassigned"), "assignee"), (Wanted(stage="rated"), "stage"),
                              (Wanted(field="x"), "field"), (Wanted(district="drais"), "district"),
                              (Wanted(language="tr"), "language"), (Wanted(priority="x"), "priority"),
                              (Wanted(project="yes"), "in_project"), (Wanted(order="deadline"), "deadline"),
                              (Wanted(attention="overdue", order="deadline"), "deadline"),
                              (Wanted(order="supporters"), "supporters")):
            where, order = inbox.conditions(session, wanted, me, day), wanted.order or "changed"
            key: tuple[Any, int] = ({"changed": now(), "deadline": day}.get(order, 5), 7)
            parts = [inbox.valued(where, order, wanted), inbox.valued(where, order, wanted, *key)]
            if ORDERS[order].nullable and not wanted.attention:
                parts += [inbox.unvalued(where, order), inbox.unvalued(where, order, 7)]
            for part in parts:
                plan = plan_of(session, part)
                assert f"ix_pool_item_{index}" in plan, f"{wanted}: {plan}"
                assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan
        by_ref = select(Item.id).where(*inbox.conditions(session, Wanted(q="XX-2026-00001"), me, day))
        assert "ix_pool_item_ref" in plan_of(session, by_ref)
        with pytest.raises(NotThere):
            inbox.listed(session, Wanted(), me, day, "-.4")
