"""What ideas become: projects that records are joined into, and the milestones that everyone can watch."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from participation.assessment.boards import host_of
from participation.assessment.model import Milestone, Project
from participation.assessment.working import act
from participation.city import City
from participation.database import touched
from participation.errors import Conflict, Invalid, NotAllowed, NotThere, length_problem, refuse
from participation.outbox import happened
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.items import today
from participation.pool.model import Item
from participation.text import one_line, plain, read_day

TITLE_MAX, DEPARTMENT_MAX, LINK_TITLE_MAX, LINK_MAX = 200, 120, 120, 500
LINKS, IDEAS, MILESTONES = 10, 100, 50  # at most, of one project


@dataclass(frozen=True, slots=True)
class Plan:
    """A project as the office enters it; `links` are lines, each an https address and, after a space, its title."""

    title: str
    summary: str
    language: str
    department: str = ""
    budget_class: str = ""
    responsible: str = ""  # the person's number
    links: str = ""

    def columns(self, session: Session, city: City) -> dict[str, Any]:
        """The project's columns for this, cleaned. Raises Invalid for everything that is wrong."""
        title, summary, department = one_line(self.title), plain(self.summary), one_line(self.department)
        links, trouble = _links(self.links)
        responsible = session.get(Person, int(self.responsible)) if _is_number(self.responsible) else None
        refuse([problem for problem in (
            length_problem("title", title, 1, TITLE_MAX),
            length_problem("summary", summary, 1, city.limits.statement_max),
            None if self.language in city.languages else Invalid("language", "not_offered"),
            length_problem("department", department, 1, DEPARTMENT_MAX) if department else None,
            None if self.budget_class in ("", *(each.key for each in city.budget_classes))
            else Invalid("budget_class", "not_offered"),
            None if not self.responsible or may(responsible, Right.RECORD_WORK)
            else Invalid("responsible", "not_offered"),
            trouble,
        ) if problem])
        return {"title": title, "summary": summary, "language": self.language, "department": department,
                "budget_class": self.budget_class, "responsible_id": responsible.id if responsible else None,
                "links": links}


def create(session: Session, city: City, by: Person, item: Item, plan: Plan, now: datetime) -> Project:
    """Make a record a project of its own. Raises NotAllowed, Invalid, and Conflict when it belongs to one already."""
    _allowed(by)
    project = Project(created_at=now, **plan.columns(session, city))
    session.add(project)
    session.flush()
    _put(session, item, None, project.id)
    act(session, item, by, "project", now, project_id=project.id)
    return project


def join(session: Session, by: Person, item: Item, project_id: int, now: datetime) -> Project:
    """Let a record feed a project that is there. Raises NotThere for an unknown one, and Conflict when the record
    belongs to a project already or the project has as many as it can."""
    _allowed(by)
    project = one(session, project_id)
    if (session.scalar(select(func.count()).where(Item.project_id == project.id)) or 0) >= IDEAS:
        raise Conflict("project_full")
    _put(session, item, None, project.id)
    act(session, item, by, "project", now, project_id=project.id)
    return project


def leave(session: Session, by: Person, item: Item, now: datetime) -> None:
    """Take a record out of its project; the project stays. Raises Conflict when it is in none (any more)."""
    _allowed(by)
    project_id = item.project_id
    if project_id is None:
        raise Conflict("in_no_project")
    _put(session, item, project_id, None)
    act(session, item, by, "project", now, left_id=project_id)


def change(session: Session, city: City, by: Person, project_id: int, plan: Plan, now: datetime) -> Project:
    """Change what a project says of itself. Raises NotThere and Invalid."""
    _allowed(by)
    project = one(session, project_id)
    for name, value in plan.columns(session, city).items():
        setattr(project, name, value)
    _noted(session, by, project.id, "project_changed", now)
    return project


def add_milestone(session: Session, city: City, by: Person, project_id: int, title: str, language: str, due_on: str,
                  now: datetime) -> Milestone:
    """Announce a step of a project; `due_on` is a day as 2027-03-01, or empty. Raises NotThere, Invalid, and Conflict
    when there are as many as a project can have."""
    _allowed(by)
    project = one(session, project_id)
    if (session.scalar(select(func.count()).where(Milestone.project_id == project.id)) or 0) >= MILESTONES:
        raise Conflict("too_many_milestones")
    made = Milestone(project_id=project.id, **_announced(city, title, language, due_on))
    session.add(made)
    session.flush()
    _noted(session, by, project.id, "milestone", now, did="added", milestone_id=made.id)
    return made


def change_milestone(session: Session, city: City, by: Person, milestone: Milestone, title: str, language: str,
                     due_on: str, now: datetime) -> None:
    """Change a step that is still to come. Raises Invalid, and Conflict when it was reached: that is history."""
    _allowed(by)
    values = _announced(city, title, language, due_on)
    _set(session, milestone, values)
    _noted(session, by, milestone.project_id, "milestone", now, did="changed", milestone_id=milestone.id)


def reach(session: Session, city: City, by: Person, milestone: Milestone, on: str, now: datetime) -> None:
    """A step was reached, today or on an earlier day; whoever follows its ideas is told. Raises Invalid for a day to
    come, and Conflict when it was marked already."""
    _allowed(by)
    day = read_day("reached_on", on) or today(city, now)
    if day > today(city, now):
        raise Invalid("reached_on", "in_the_future")
    _set(session, milestone, {"reached_on": day})
    _noted(session, by, milestone.project_id, "milestone", now, did="reached", milestone_id=milestone.id)
    happened(session, "project.milestone", now, project_id=milestone.project_id, milestone_id=milestone.id)


def remove_milestone(session: Session, by: Person, milestone: Milestone, now: datetime) -> None:
    """Take a step back that is still to come. Raises Conflict when it was reached."""
    _allowed(by)
    if milestone.reached_on is not None:
        raise Conflict("milestone_reached")
    session.delete(milestone)
    session.flush()
    _noted(session, by, milestone.project_id, "milestone", now, did="removed", milestone_id=milestone.id)


def one(session: Session, project_id: int) -> Project:
    """The project with that number; raises NotThere."""
    project = session.get(Project, project_id)
    if project is None:
        raise NotThere("unknown_project")
    return project


def milestone_of(session: Session, project_id: int, milestone_id: int) -> Milestone:
    """A milestone of that project, its row locked until the change is made; raises NotThere."""
    found = session.scalar(select(Milestone).where(Milestone.id == milestone_id, Milestone.project_id == project_id)
                           .with_for_update())
    if found is None:
        raise NotThere("unknown_milestone")
    return found


def _allowed(by: Person) -> None:
    if not (answer := may(by, Right.RECORD_WORK)):
        raise NotAllowed(answer.why, right=str(Right.RECORD_WORK))


def _put(session: Session, item: Item, before: int | None, after: int | None) -> None:
    """Compared and set in one statement: of two who give a record to different projects, one is refused."""
    changed = update(Item).where(Item.id == item.id, Item.project_id.is_(None) if before is None
                                 else Item.project_id == before).values(project_id=after)
    if not touched(session.execute(changed.execution_options(synchronize_session=False))):
        raise Conflict("has_project" if before is None else "in_no_project")
    session.refresh(item)


def _set(session: Session, milestone: Milestone, values: dict[str, Any]) -> None:
    """Of two who mark the same milestone, one is refused: what was reached is told once."""
    changed = update(Milestone).where(Milestone.id == milestone.id, Milestone.reached_on.is_(None)).values(**values)
    if not touched(session.execute(changed.execution_options(synchronize_session=False))):
        raise Conflict("milestone_reached")
    session.refresh(milestone)


def _noted(session: Session, by: Person, project_id: int, kind: str, now: datetime, **about: Any) -> None:
    """Every record of a project has what was done with it in its history."""
    for item in session.scalars(select(Item).where(Item.project_id == project_id).order_by(Item.id).limit(IDEAS)):
        act(session, item, by, kind, now, project_id=project_id, **about)


def _announced(city: City, title: str, language: str, due_on: str) -> dict[str, Any]:
    """The columns of a milestone to come, cleaned; raises Invalid."""
    title, problems, due = one_line(title), [], None
    if problem := length_problem("milestone", title, 1, TITLE_MAX):
        problems.append(problem)
    if language not in city.languages:
        problems.append(Invalid("milestone_language", "not_offered"))
    try:
        due = read_day("due_on", due_on)
    except Invalid as trouble:
        problems.append(trouble)
    refuse(problems)
    return {"title": title, "language": language, "due_on": due}


def _links(text: str) -> tuple[list[dict[str, str]], Invalid | None]:
    """The links of a project, and what is wrong with them; a link without a title bears the name of its host."""
    found: list[dict[str, str]] = []
    for line in _lines(text):
        url, _, title = line.partition(" ")
        host = host_of(url)
        if not host or len(url) > LINK_MAX:
            return [], Invalid("links", "not_a_link")
        if len(title) > LINK_TITLE_MAX:
            return [], Invalid("links", "too_long", limit=LINK_TITLE_MAX, length=len(title))
        found.append({"title": title.strip() or host, "url": url})
    return found, Invalid("links", "too_many_links") if len(found) > LINKS else None


def _lines(text: str) -> Iterable[str]:
    return (cleaned for line in plain(text).split("\n") if (cleaned := one_line(line)))


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10
