"""The office makes ideas projects: from a record's page, with milestones, and all their ideas moved on together."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from participation.assessment import answers
from participation.assessment.model import Act, Milestone, Project
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict
from participation.ideas.model import Idea
from participation.pool.items import today
from participation.pool.model import Item
from tests.counting import counted
from tests.people import Guest, Moderator, Officer, Resident
from tests.pool.making import accepted


@pytest.fixture
def refs(database: Database, city: City, deliver: Callable[[], int]) -> list[str]:
    """Three records in the pool."""
    found = [accepted(database, city, title=f"Shade for stop number {n}") for n in range(3)]
    deliver()
    return found


def make(officer: Officer, ref: str, **values: str) -> int:
    """Make a record a project; its number."""
    officer.open(f"/pool/{ref}/project")
    wanted: dict[str, Any] = {"title": "Shade everywhere", "summary": "Shelters are built."} | values
    officer.send(f"/pool/{ref}/project", **wanted)
    return int(officer.page.path.rpartition("/")[2])


def test_from_a_record_to_a_project_that_others_join(officer: Officer, refs: list[str], database: Database) -> None:
    assert officer.open("/pool/projects").has("There is no project yet")
    officer.open(f"/pool/{refs[0]}")
    officer.open(officer.page.link(f"{refs[0]}/project"))
    form = officer.page.form(f"{refs[0]}/project")
    assert form.values["title"] == "Shade for stop number 0" and form.values["language"] == "en"
    officer.send(form, status=422)
    assert officer.page.has("What is to be done – Please fill this in.")
    officer.send(form, status=422, summary="Shelters.", links="http://example.org Plan")
    kept = officer.page.form(f"{refs[0]}/project").values
    assert (kept["summary"], kept["links"]) == ("Shelters.", "http://example.org Plan")
    number = make(officer, refs[0], budget_class="small", department="Grün- und Umweltamt",
                  links="https://www.mainz.de/plan The plan")
    assert officer.page.has("Shade everywhere", "Up to 10,000 euros", "Grün- und Umweltamt", refs[0], "The plan")
    assert officer.open(f"/pool/{refs[1]}/project?q=nothing").has("No project fits this.")
    for q in ("everywhere", str(number)):
        officer.open(f"/pool/{refs[1]}/project?q={q}")
    officer.send("/join")
    assert officer.page.has("2 ideas feed this project")
    page = officer.open("/pool/projects")
    assert page.has("Shade everywhere", "0 of 0")
    officer.open(page.link(f"/projects/{number}"))
    assert officer.page.has(refs[0], refs[1]) and not officer.page.has(refs[2])
    officer.open(f"/pool/{refs[1]}/project")
    officer.send("/leave")
    assert officer.page.has("The record does not belong to a project any more.", "Make it a project")
    officer.client.get(f"/en/pool/{refs[1]}/project/join")
    with database.reading() as session:
        did = session.scalars(select(Act.about).where(Act.kind == "project").order_by(Act.id)).all()
    assert [list(each) for each in did] == [["project_id"], ["project_id"], ["left_id"]]


def test_a_double_click_makes_one_project(officer: Officer, refs: list[str], database: Database) -> None:
    officer.open(f"/pool/{refs[0]}/project")
    form = officer.page.form(f"{refs[0]}/project")
    officer.send(form, summary="Shelters.")
    officer.send(form, status=409, summary="My long words")
    assert officer.page.has("belongs to a project already") and "My long words" in officer.page.html
    officer.open(f"/pool/{refs[0]}/project")
    form = officer.page.form("/leave")
    officer.send(form)
    officer.send(form, status=409)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Project)) == 1


def test_milestones(officer: Officer, refs: list[str], database: Database, city: City) -> None:
    number, day = make(officer, refs[0]), today(city, now())
    officer.send("/milestones", status=422, milestone="", due_on="soon")
    assert officer.page.has("Milestone – Please fill this in.", "Please enter a day")
    assert officer.page.form("/milestones").values["due_on"] == "soon"
    officer.send("/milestones", milestone="The plan is drawn", due_on=str(day - timedelta(days=2)))
    officer.send("/milestones", milestone="The roof stands", due_on="")
    assert officer.page.has("Late: it was planned for", "Without a date so far")
    officer.open(officer.page.link("/milestones/1"))
    form = next(each for each in officer.page.forms() if each.values.get("act") == "reach")
    assert form.values["reached_on"] == str(day)
    officer.send(form, status=422, reached_on=str(day + timedelta(days=1)))
    assert officer.page.has("This day is still to come.")
    officer.send(form)
    assert officer.page.has("The milestone is reached.", "later than planned")
    officer.send(form, status=409)
    officer.open(f"/pool/projects/{number}")
    officer.open(officer.page.link("/milestones/2"))
    officer.send(max(officer.page.forms(), key=lambda each: len(each.values)), milestone="Both roofs stand")
    assert officer.page.has("Both roofs stand")
    officer.open(officer.page.link("/milestones/2"))
    officer.send(next(each for each in officer.page.forms() if each.values.get("act") == "remove"))
    assert officer.page.has("The milestone is taken back.") and not officer.page.has("Both roofs stand")
    officer.open("/pool/projects/1/milestones/2", 404)
    with database.reading() as session:
        assert session.scalars(select(Milestone.title)).all() == ["The plan is drawn"]


def test_changing_a_project(officer: Officer, refs: list[str]) -> None:
    number = make(officer, refs[0], links="https://example.org The plan")
    officer.open(f"/pool/projects/{number}/edit")
    form = officer.page.form("/edit")
    assert form.values["links"] == "https://example.org The plan"
    officer.send(form, status=422, title="")
    officer.send(form, title="Shade for all", links="")
    assert officer.page.has("The project is changed.", "Shade for all") and not officer.page.has("The plan")


def test_all_its_ideas_are_moved_on_together(officer: Officer, refs: list[str], database: Database,
                                             resident: Resident) -> None:
    number = make(officer, refs[0])
    for ref in refs[1:]:
        officer.open(f"/pool/{ref}/project?q={number}")
        officer.send("/join")
    officer.answer(refs[2], "pass", "It meets all criteria.")
    officer.open(f"/pool/projects/{number}")
    assert {radio.get("value") for radio in officer.page.all(".//input[@name='move']")} == {"pass", "fail", "rate"}
    officer.send("/move", status=422, move="pass")
    officer.open(f"/pool/projects/{number}")
    officer.send("/move", status=422, statement="Words without a step")
    assert officer.page.form("/move").values["statement"] == "Words without a step"
    officer.send("/move", status=422, move="pass", statement="x" * 100_000)
    officer.send("/move", move="pass", statement="They meet all criteria.")
    assert officer.page.has("Ideas moved on: 2.")
    with database.reading() as session:
        assert set(session.scalars(select(Idea.state))) == {"check_passed"}
    officer.send("/move", move="rate", statement="Rated.")
    assert officer.page.has("Ideas moved on: 3.")
    form = officer.page.form("/move")
    officer.send(form, status=409, move="pass", statement="Again")
    assert resident.open(f"/ideas/{refs[1]}").has("They meet all criteria.")


def test_one_that_was_moved_meanwhile_is_named(officer: Officer, refs: list[str],
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    number = make(officer, refs[0])
    officer.open(f"/pool/{refs[1]}/project?q={number}")
    officer.send("/join")
    answer = answers.answer

    def too_late(*given: object, **more: object) -> object:
        if given[3].ref == refs[0]:  # type: ignore[attr-defined]
            raise Conflict("moved_on")
        return answer(*given, **more)  # type: ignore[arg-type]

    monkeypatch.setattr("participation.desk.projects.answers.answer", too_late)
    officer.open(f"/pool/projects/{number}")
    officer.send("/move", move="pass", statement="They meet all criteria.")
    assert officer.page.has("Ideas moved on: 1.", f"{refs[0]}: Somebody else has decided meanwhile")


def test_a_record_of_another_site_joins_too(officer: Officer, refs: list[str], database: Database) -> None:
    with database.change() as session:
        item = session.scalars(select(Item).where(Item.ref == refs[0])).one()
        item.idea_id, item.stage = None, ""
    number = make(officer, refs[0])
    assert officer.page.has("Another site") and not officer.page.has("Move all its ideas on")
    assert not officer.page.has("To its public page")
    officer.open(f"/projects/{number}", 404)


def test_the_office_alone_has_them(officer: Officer, guest: Guest, resident: Resident, moderator: Moderator,
                                   refs: list[str]) -> None:
    number = make(officer, refs[0])
    for path in ("/pool/projects", f"/pool/projects/{number}", f"/pool/{refs[0]}/project"):
        resident.open(path, 403)
        moderator.open(path, 403)
        assert guest.open(path).path == "/en/sign-in"
    for path in ("/pool/projects/99", "/pool/projects/99/edit", "/pool/MZ-2020-00001/project"):
        officer.open(path, 404)


def test_the_pages_cost_few_queries_and_come_in_pages(officer: Officer, refs: list[str], database: Database) -> None:
    number = make(officer, refs[0])
    with database.change() as session:
        session.add_all(Project(title=f"Project {n:02d}", summary="x", language="en", created_at=now(), links=[])
                        for n in range(30))
        session.add_all(Milestone(project_id=number, title=f"Step {n}", language="en") for n in range(30))
    for path, most in (("/pool/projects", 5), ("/pool/projects?q=project", 5), (f"/pool/projects/{number}", 8),
                       (f"/pool/{refs[0]}/project", 7), (f"/pool/{refs[1]}/project", 7)):
        with counted(database) as seen:
            officer.open(path)
        assert len(seen) <= most, (path, seen)
    page = officer.open("/pool/projects")
    assert page.has("Project 29") and not page.has("Project 05")
    assert officer.open(page.link("before=")).has("Project 05", "Shade everywhere")
    assert officer.open("/pool/projects?before=nonsense&q=%25").has("No project fits this.")
