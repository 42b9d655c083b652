"""Reading projects: for the office, and for everyone with what is nobody's business left out. Everything comes out
frozen; every list is bounded."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from sqlalchemy import exists, func, or_, select
from sqlalchemy.orm import Session

from participation.assessment.model import Milestone, Project
from participation.assessment.projects import IDEAS, MILESTONES
from participation.database import Query
from participation.errors import NotThere
from participation.ideas.model import CoAuthor, Idea
from participation.people.model import Person
from participation.pool.model import Item

PAGE = 20
OFFERED = 20  # projects that a search for one to join shows
_CREDITED = 500  # people of one project


@dataclass(frozen=True, slots=True)
class ProjectRow:
    """A project in a list, with its ideas, and its milestones and how many of them are reached."""

    id: int
    title: str
    language: str
    department: str
    ideas: int
    reached: int
    milestones: int


@dataclass(frozen=True, slots=True)
class Watched:
    """A milestone; `standing` is reached, reached_late, overdue, due or open (without a day)."""

    id: int
    title: str
    language: str
    due_on: date | None
    reached_on: date | None
    standing: str


@dataclass(frozen=True, slots=True)
class Link:
    """A link of a project, with the host it leads to."""

    title: str
    url: str
    host: str


@dataclass(frozen=True, slots=True)
class ProjectIdea:
    """An idea that feeds a project; `id` None and `state` "" for a record of another site."""

    id: int | None
    ref: str
    title: str
    language: str
    state: str


@dataclass(frozen=True, slots=True)
class ProjectView:
    """A whole project, without the people of the office."""

    id: int
    title: str
    summary: str
    language: str
    department: str
    budget_class: str
    links: tuple[Link, ...]
    milestones: tuple[Watched, ...]
    ideas: tuple[ProjectIdea, ...]


@dataclass(frozen=True, slots=True)
class Credits:
    """Who proposed what a project came of: the names they chose, and how many gave none."""

    names: tuple[str, ...]
    unnamed: int


@dataclass(frozen=True, slots=True)
class Became:
    """The project of one idea, for its page, with the milestone that comes next."""

    id: int
    title: str
    language: str
    next: Watched | None


def listed(session: Session, before: int | None = None, *, public: bool = False, q: str = "",
           limit: int = PAGE) -> tuple[tuple[ProjectRow, ...], int | None]:
    """A page of projects, the newest first, and the number to go on before (None at the end); narrowed down to a
    number or a part of the title. `public` leaves out those without a public idea."""
    query = select(Project.id, Project.title, Project.language, Project.department).order_by(Project.id.desc())
    if public:
        query = query.where(_is_public())
    if q:
        by_title = func.lower(Project.title).contains(q.lower(), autoescape=True)
        query = query.where(or_(by_title, Project.id == int(q)) if q.isdecimal() and len(q) < 10 else by_title)
    if before is not None:
        query = query.where(Project.id < before)
    rows = session.execute(query.limit(limit + 1)).all()
    page = [row.id for row in rows[:limit]]
    counts = select(Item.project_id, func.count()).where(Item.project_id.in_(page)).group_by(Item.project_id)
    if public:
        counts = counts.join(Idea, Idea.id == Item.idea_id).where(Idea.public)
    ideas: dict[int | None, int] = {row[0]: row[1] for row in session.execute(counts)}
    steps = {row[0]: (row[1], row[2]) for row in session.execute(
        select(Milestone.project_id, func.count(Milestone.reached_on), func.count())
        .where(Milestone.project_id.in_(page)).group_by(Milestone.project_id))}
    found = tuple(ProjectRow(*row, ideas.get(row.id, 0), *steps.get(row.id, (0, 0))) for row in rows[:limit])
    return found, page[-1] if len(rows) > limit else None


def whole(session: Session, project_id: int, day: date, *, public: bool = False) -> ProjectView:
    """A project on that day. Raises NotThere; for the public also for one that no public idea feeds."""
    project = session.get(Project, project_id)
    ideas = _ideas(session, project_id, public) if project is not None else ()
    if project is None or (public and not ideas):
        raise NotThere("unknown_project")
    links = tuple(Link(each["title"], each["url"], urlsplit(each["url"]).hostname or "") for each in project.links)
    return ProjectView(project.id, project.title, project.summary, project.language, project.department,
                       project.budget_class, links, _milestones(session, project.id, day), ideas)


def credited(session: Session, ideas: Sequence[int]) -> Credits:
    """The authors of these ideas and of the public ones that were merged into them, each once, in the order in which
    they came. Those with an account go by the name they have chosen, others by the one they agreed to."""
    proposed = select(Idea.id, Idea.author_id, Idea.author_name, Person.name).outerjoin(
        Person, Person.id == Idea.author_id).where(Idea.id.in_(ideas), Idea.public)
    merged = (select(Idea.id, CoAuthor.person_id, Idea.author_name, Person.name)
              .join(CoAuthor, CoAuthor.from_id == Idea.id).outerjoin(Person, Person.id == CoAuthor.person_id)
              .where(CoAuthor.idea_id.in_(ideas), Idea.public))
    people: dict[Any, str] = {}
    for query in (proposed, merged):
        for idea_id, person_id, entered, chosen in session.execute(query.order_by(Idea.id).limit(_CREDITED)):
            people.setdefault(("person", person_id) if person_id else ("idea", idea_id), chosen or entered)
    names = tuple(name for name in people.values() if name)
    return Credits(names, len(people) - len(names))


def became(session: Session, idea_id: int, day: date) -> Became | None:
    """The project that an idea feeds, if any, with the next milestone that is to come."""
    row = session.execute(select(Project.id, Project.title, Project.language)
                          .join(Item, Item.project_id == Project.id).where(Item.idea_id == idea_id)).first()
    if row is None:
        return None
    coming = session.execute(_milestone_columns().where(Milestone.project_id == row.id, Milestone.reached_on.is_(None))
                             .limit(1)).first()
    return Became(*row, _watched(coming, day) if coming else None)


def _is_public() -> Any:
    return exists(select(Item.id).join(Idea, Idea.id == Item.idea_id)
                  .where(Item.project_id == Project.id, Idea.public))


def _ideas(session: Session, project_id: int, public: bool) -> tuple[ProjectIdea, ...]:
    """The office reads the title of the record, everyone that of the idea, as it stands now."""
    query = (select(Idea.id, Item.ref, Idea.title if public else Item.title,
                    Idea.language if public else Item.language, Idea.state)
             .select_from(Item).outerjoin(Idea, Idea.id == Item.idea_id).where(Item.project_id == project_id)
             .order_by(Item.id).limit(IDEAS))
    if public:
        query = query.where(Idea.public)
    return tuple(ProjectIdea(row[0], row[1], row[2], row[3], row[4] or "") for row in session.execute(query))


def _milestone_columns() -> Query:
    """In the order of their days; those without one come last."""
    return select(Milestone.id, Milestone.title, Milestone.language, Milestone.due_on, Milestone.reached_on).order_by(
        func.coalesce(Milestone.due_on, Milestone.reached_on).is_(None),
        func.coalesce(Milestone.due_on, Milestone.reached_on), Milestone.id)


def _milestones(session: Session, project_id: int, day: date) -> tuple[Watched, ...]:
    rows = session.execute(_milestone_columns().where(Milestone.project_id == project_id).limit(MILESTONES))
    return tuple(_watched(row, day) for row in rows)


def _watched(row: Any, day: date) -> Watched:
    if row.reached_on is not None:
        standing = "reached_late" if row.due_on is not None and row.reached_on > row.due_on else "reached"
    elif row.due_on is None:
        standing = "open"
    else:
        standing = "overdue" if row.due_on < day else "due"
    return Watched(row.id, row.title, row.language, row.due_on, row.reached_on, standing)
