"""What everyone reads of projects: what they came of, whose ideas they were, how far they are, and nothing more."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from participation.assessment.model import Project
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import CoAuthor, Idea
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item
from tests.assessment.making import a_milestone, a_project
from tests.counting import counted
from tests.page import words
from tests.people import Guest
from tests.pool.making import accepted
from tests.site.writing import Desk


@pytest.fixture
def refs(database: Database, city: City, deliver: Callable[[], int]) -> list[str]:
    """Two ideas in the pool, of the same author."""
    found = [accepted(database, city, title=f"Shade for stop number {n}") for n in range(2)]
    deliver()
    return found


def test_what_came_of_ideas(guest: Guest, database: Database, city: City, refs: list[str]) -> None:
    assert guest.open("/projects").has("No idea has become a project yet.")
    day = today(city, now())
    number = a_project(database, city, refs, department="Umweltamt", budget_class="small",
                       links="https://www.mainz.de/plan The plan")
    a_milestone(database, city, number, "The money is there", str(day - timedelta(9)), reached=str(day))
    a_milestone(database, city, number, "The plan is drawn", str(day - timedelta(2)))
    a_milestone(database, city, number, "The roof stands", str(day + timedelta(30)))
    page = guest.open("/projects")
    assert page.has("Shade everywhere", "From 2 ideas", "1 of 3 milestones reached", "Umweltamt")
    page = guest.open(page.link(f"/projects/{number}"))
    assert page.title == "Shade everywhere"
    assert page.has("Shelters are built.", "Umweltamt", "Up to 10,000 euros", "later than planned",
                    "Late: it was planned for", "Planned for", "Ideas of Ann Author Read more")
    [link] = [a for a in page.all(".//main//a") if (a.get("href") or "").startswith("https://")]
    assert {"nofollow", "noopener"} <= set(link.get("rel", "").split()) and page.has("The plan (www.mainz.de)")
    page = guest.open(page.link(refs[0]))
    assert page.has("This idea became a project", "Shade everywhere", "The next milestone:", "The plan is drawn")
    assert not page.has("The roof stands")
    assert guest.open(page.link(f"/projects/{number}")).title == "Shade everywhere"


def test_each_author_is_credited_as_they_chose(guest: Guest, database: Database, city: City, refs: list[str]) -> None:
    merged, hidden, entered = Desk(database, city).ideas(["Merged here", "Hidden now", "Of a letter"],
                                                         author="b@example.org", name="Bea")
    with database.change() as session:
        rows = {row.ref: row for row in session.scalars(select(Idea))}
        nameless = Person(email="nameless@example.org", created_at=now())
        session.add(nameless)
        session.flush()
        rows[refs[1]].author_id = nameless.id
        rows[entered].author_id, rows[entered].author_name = None, "Dora Letter"
        into = rows[refs[0]].id
        session.add_all([CoAuthor(idea_id=into, from_id=rows[merged].id, person_id=rows[merged].author_id),
                         CoAuthor(idea_id=into, from_id=rows[entered].id, person_id=None),
                         CoAuthor(idea_id=rows[refs[1]].id, from_id=rows[hidden].id, person_id=nameless.id)])
        session.execute(update(Idea).where(Idea.ref == hidden).values(public=False))
    page = guest.open(f"/projects/{a_project(database, city, refs)}")
    assert [words(item) for item in page.all(".//dd/ul/li")] == ["Ann Author", "Bea", "Dora Letter"]
    assert page.has("and 1 person who is not named")
    with database.change() as session:
        session.execute(update(Person).where(Person.name != "").values(name=""))
    page = guest.open(page.path)
    assert [words(item) for item in page.all(".//dd/ul/li")] == ["Dora Letter"]
    assert page.has("and 3 people who are not named")


def test_nothing_of_the_office_is_public(guest: Guest, database: Database, city: City, refs: list[str],
                                         someone: Callable[..., Any]) -> None:
    someone(email="ode@example.org", role="cdo", name="Ode Officer")
    with database.reading() as session:
        ode = session.scalars(select(Person.id).where(Person.email == "ode@example.org")).one()
    number = a_project(database, city, refs, responsible=str(ode))
    page = guest.open(f"/projects/{number}")
    assert "Ode Officer" not in page.html and "@example.org" not in page.html.replace("mailto:", "")
    with database.change() as session:
        session.execute(update(Idea).where(Idea.ref == refs[0]).values(public=False))
    assert refs[0] not in guest.open(page.path).html and guest.open("/projects").has("From 1 idea")
    with database.change() as session:
        session.execute(update(Idea).values(public=False))
    guest.open(page.path, 404)
    assert guest.open("/projects").has("No idea has become a project yet.")
    guest.open("/projects/999", 404)


def test_without_any_idea_it_is_not_public(guest: Guest, database: Database, city: City, refs: list[str]) -> None:
    number = a_project(database, city, refs[:1])
    guest.open(f"/projects/{number}")
    with database.change() as session:
        session.execute(update(Item).values(project_id=None))
    guest.open(f"/projects/{number}", 404)


def test_hostile_words_are_words(guest: Guest, database: Database, city: City, refs: list[str]) -> None:
    number = a_project(database, city, refs, title='<b>"Shade"</b> & \u202eshadow', summary="<script>alert(1)</script>",
                       department="<i>Amt</i>", links="https://example.org/?a=b&c <u>Plan</u>")
    page = guest.open(f"/projects/{number}")
    assert page.has('<b>"Shade"</b> & shadow', "<script>alert(1)</script>", "<i>Amt</i>", "<u>Plan</u>")


def test_they_are_everybodys_and_cost_few_queries(guest: Guest, database: Database, city: City,
                                                  refs: list[str]) -> None:
    number = a_project(database, city, refs)
    for n in range(12):
        a_milestone(database, city, number, f"Step {n}")
    with database.change() as session:
        more = [Project(title=f"Project {n:02d}", summary="x", language="de", created_at=now(), links=[])
                for n in range(25)]
        session.add_all(more)
        session.flush()
        item = session.scalars(select(Item).where(Item.ref == refs[0])).one()
        ideas = [Idea(ref=f"MZ-2020-{n:05d}", public=True, title="x", body="x", language="de", field=item.field,
                      created_at=now()) for n in range(25)]
        session.add_all(ideas)
        session.flush()
        session.add_all(Item(site=item.site, ref=idea.ref or "", idea_id=idea.id, title="x", language="de", field="f",
                             supporters=0, revision=1, received_at=now(), changed_at=now(), project_id=project.id)
                        for idea, project in zip(ideas, more, strict=True))
    for path, most in ((f"/projects/{number}", 5), ("/projects", 3)):
        with counted(database) as seen:
            guest.open(path)
        assert len(seen) <= most, (path, seen)
        answer = guest.page.response
        assert "Set-Cookie" not in answer.headers and answer.headers["Cache-Control"] == "no-cache"
    page = guest.open("/projects")
    assert page.has("Project 24") and not page.has("Shade everywhere")
    assert guest.open(page.link("before=")).has("Project 00", "Shade everywhere")
    assert guest.open("/projects?before=nonsense").has("Project 24")
