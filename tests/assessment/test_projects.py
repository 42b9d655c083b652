"""The rules of projects: what a record can join, what a milestone is, and who is refused."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from participation.assessment import projects, projects_queries
from participation.assessment.model import Act, Milestone, Project
from participation.assessment.projects import IDEAS, Plan
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item
from tests.making import staff
from tests.pool.making import accepted, in_parallel

A_PLAN = Plan("Shade for waiting", "Two shelters are built.", "en")


@pytest.fixture
def items(database: Database, city: City, deliver: Callable[[], int]) -> list[int]:
    """Three records in the pool."""
    for _ in range(3):
        accepted(database, city)
    deliver()
    with database.reading() as session:
        return list(session.scalars(select(Item.id).order_by(Item.id)))


@pytest.fixture
def project(database: Database, city: City, items: list[int]) -> int:
    """A project of the first record."""
    with database.change() as session:
        officer = staff(session, "cdo")
        return projects.create(session, city, officer, session.get_one(Item, items[0]), A_PLAN, now()).id


def test_a_record_belongs_to_one_project(database: Database, city: City, items: list[int], project: int) -> None:
    with database.change() as session:
        officer, first = staff(session, "cdo"), session.get_one(Item, items[0])
        acts: list[Callable[[], object]] = [lambda: projects.create(session, city, officer, first, A_PLAN, now()),
                                            lambda: projects.join(session, officer, first, project, now())]
        for again in acts:
            with pytest.raises(Conflict, match="has_project"):
                again()
    with database.change() as session:
        officer, second = staff(session, "cdo"), session.get_one(Item, items[1])
        with pytest.raises(NotThere, match="unknown_project"):
            projects.join(session, officer, second, 999, now())
        projects.join(session, officer, second, project, now())
        projects.leave(session, officer, second, now())
        with pytest.raises(Conflict, match="in_no_project"):
            projects.leave(session, officer, second, now())
        said = [(row.kind, row.about) for row in session.scalars(select(Act).order_by(Act.id))]
        assert said == [("project", {"project_id": project})] * 2 + [("project", {"left_id": project})]


def test_of_two_at_once_one_gives_the_record_away(database: Database, city: City, items: list[int]) -> None:
    with database.change() as session:
        staff(session, "cdo")

    def make(number: int) -> None:
        with database.change() as session:
            officer = staff(session, "cdo")
            item = session.get_one(Item, items[2])
            projects.create(session, city, officer, item, Plan(f"Plan {number}", "Done soon.", "en"), now())

    troubles = in_parallel(make, [1, 2])
    assert [type(trouble) for trouble in troubles] == [Conflict]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Project)) == 1


def test_a_project_has_as_many_ideas_as_a_page_can_show(database: Database, items: list[int], project: int) -> None:
    with database.change() as session:
        session.add_all(Item(site="https://elsewhere.example", ref=f"XX-2026-{n:05d}", title="x", language="en",
                             field="f", supporters=0, revision=1, received_at=now(), changed_at=now(),
                             project_id=project) for n in range(IDEAS - 1))
        session.flush()
        with pytest.raises(Conflict, match="project_full"):
            projects.join(session, staff(session, "cdo"), session.get_one(Item, items[1]), project, now())


@pytest.mark.parametrize(("changes", "field"), [
    ({"title": "  "}, "title"), ({"title": "x" * 201}, "title"), ({"summary": ""}, "summary"),
    ({"summary": "x" * 100_000}, "summary"), ({"language": "tlh"}, "language"),
    ({"department": "x" * 121}, "department"),
    ({"budget_class": "golden"}, "budget_class"), ({"responsible": "999999"}, "responsible"),
    ({"responsible": "-1"}, "responsible"), ({"links": "http://example.org Not safe"}, "links"),
    ({"links": "javascript:alert(1) Ha"}, "links"), ({"links": "https://"}, "links"),
    ({"links": "https://[ x"}, "links"), ({"links": "https://example.org " + "x" * 121}, "links"),
    ({"links": "https://example.org/" + "x" * 500}, "links"),
    ({"links": "\n".join(f"https://example.org/{n} Link" for n in range(11))}, "links"),
])
def test_what_a_plan_may_not_say(changes: dict[str, str], field: str, database: Database, city: City,
                                 items: list[int]) -> None:
    with database.change() as session:
        plan = Plan(**{"title": "A title", "summary": "A summary", "language": "en"} | changes)
        with pytest.raises(Invalid) as trouble:
            projects.create(session, city, staff(session, "cdo"), session.get_one(Item, items[0]), plan, now())
        assert [each.field for each in trouble.value.all] == [field]
        assert session.scalar(select(func.count()).select_from(Project)) == 0


def test_a_resident_is_never_responsible(database: Database, city: City, items: list[int]) -> None:
    with database.change() as session:
        author = session.scalars(select(Person).where(Person.email == "author@example.org")).one()
        with pytest.raises(Invalid, match="not_offered"):
            projects.create(session, city, staff(session, "cdo"), session.get_one(Item, items[0]),
                            Plan("A title", "A summary", "en", responsible=str(author.id)), now())


def test_links_are_kept_with_their_titles(database: Database, city: City, project: int) -> None:
    with database.change() as session:
        plan = Plan("A title", "A\nsummary", "de", links=" https://www.mainz.de/plan  The plan\n\nhttps://example.org\n")
        projects.change(session, city, staff(session, "cdo"), project, plan, now())
    with database.reading() as session:
        shown = projects_queries.whole(session, project, today(city, now()))
    assert [(link.title, link.host) for link in shown.links] == [("The plan", "www.mainz.de"),
                                                                  ("example.org", "example.org")]


def test_milestones_stand_in_the_order_of_their_days(database: Database, city: City, project: int) -> None:
    day = today(city, now())
    with database.change() as session:
        officer = staff(session, "cdo")
        made = {name: projects.add_milestone(session, city, officer, project, name, "en", due, now()).id
                for name, due in (("some day", ""), ("late", str(day - timedelta(3))),
                                  ("soon", str(day + timedelta(9))), ("done late", str(day - timedelta(9))),
                                  ("done", str(day)))}
        for name in ("done late", "done"):
            projects.reach(session, city, officer, projects.milestone_of(session, project, made[name]), "", now())
    with database.reading() as session:
        shown = projects_queries.whole(session, project, day)
    assert [(m.title, m.standing) for m in shown.milestones] == [
        ("done late", "reached_late"), ("late", "overdue"), ("done", "reached"), ("soon", "due"), ("some day", "open")]


def test_what_was_reached_is_history(database: Database, city: City, project: int) -> None:
    tomorrow = str(today(city, now()) + timedelta(days=1))
    with database.change() as session:
        officer = staff(session, "cdo")
        row = projects.add_milestone(session, city, officer, project, "A step", "en", "", now())
        for wrong, why in ((tomorrow, "in_the_future"), ("yesterday", "not_a_day"), ("0202-01-01", "not_a_day")):
            with pytest.raises(Invalid, match=why):
                projects.reach(session, city, officer, row, wrong, now())
        projects.reach(session, city, officer, row, "2026-01-02", now())
        acts: list[Callable[[], object]] = [
            lambda: projects.reach(session, city, officer, row, "", now()),
            lambda: projects.change_milestone(session, city, officer, row, "Other", "en", "", now()),
            lambda: projects.remove_milestone(session, officer, row, now())]
        for again in acts:
            with pytest.raises(Conflict, match="milestone_reached"):
                again()
        assert session.scalars(select(Milestone.title)).one() == "A step"
        with pytest.raises(NotThere, match="unknown_milestone"):
            projects.milestone_of(session, project + 1, row.id)


def test_the_office_alone_keeps_projects(database: Database, city: City, items: list[int], project: int) -> None:
    with database.change() as session:
        moderator, item = staff(session, "moderator"), session.get_one(Item, items[1])
        row = projects.add_milestone(session, city, staff(session, "cdo"), project, "A step", "en", "", now())
        acts: list[Callable[[], Any]] = [
            lambda: projects.create(session, city, moderator, item, A_PLAN, now()),
            lambda: projects.join(session, moderator, item, project, now()),
            lambda: projects.leave(session, moderator, item, now()),
            lambda: projects.change(session, city, moderator, project, A_PLAN, now()),
            lambda: projects.add_milestone(session, city, moderator, project, "A", "en", "", now()),
            lambda: projects.change_milestone(session, city, moderator, row, "A", "en", "", now()),
            lambda: projects.reach(session, city, moderator, row, "", now()),
            lambda: projects.remove_milestone(session, moderator, row, now()),
        ]
        for each in acts:
            with pytest.raises(NotAllowed, match="role"):
                each()
