"""What the demo city's office has done already: records in its inbox, checked, rated and promised, projects and
prepared answers; written for one city, dated relative to today, put in through the same actions as everybody's."""

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation.assessment import boards, preparing, projects, promises, rating, working
from participation.assessment.answers import Written
from participation.assessment.boards import Entered
from participation.assessment.model import Check, Outcome
from participation.assessment.projects import Plan
from participation.assessment.rating import Marks
from participation.demo import address_of, folder
from participation.errors import Unsafe
from participation.ideas.journey import IDEA
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.jobs import House
from participation.people.model import Person
from participation.people.signing_in import person_of
from participation.pool import delivery, importing, record
from participation.pool.items import today
from participation.pool.model import Item

SECOND = "Kim Coordinator"  # the second assessor, and coordinator of a field


def fill(session: Session, house: House) -> int:
    """Let the office have worked on what was accepted; says how many records it holds. Raises Unsafe for a demo file
    that does not fit."""
    number = _delivered(session, house)
    first = session.scalars(select(Person).where(Person.email == address_of("cdo"))).one()
    second = person_of(session, address_of("coordination"), house.city.languages[0], house.now)
    second.name, second.role, second.fields = SECOND, "cdo", house.city.fields[0].key
    file = folder(house.city) / "office" / "desk.toml"
    if not file.exists():
        return number
    told = tomllib.loads(file.read_text(encoding="utf-8"))
    try:
        for work in (_checked, _rated, _decided, _projects, _outcomes, _promised, _prepared, _said):
            work(session, house, told, first, second)
    except Exception as trouble:
        raise Unsafe("demo", what=f"{file.name}: {trouble!r}") from trouble
    return number


def _delivered(session: Session, house: House) -> int:
    """The records are written and received at once; the workers find that and have nothing left to do."""
    accepted = session.execute(select(Acceptance.step_id, Acceptance.idea_id).order_by(Acceptance.step_id)).all()
    for step_id, idea_id in accepted:
        written = record.add(session, house, idea_id, step_id, f"step:{step_id}", "accepted")
        if written is not None and (why := importing.receive(session, delivery.event_of(written), house.now)):
            raise Unsafe("demo", what=f"the pool refuses {written.ref}: {why}")
    return len(accepted)


def _of(session: Session, told: dict[str, Any], kind: str) -> Iterator[tuple[dict[str, Any], Item]]:
    for entry in told.get(kind, ()):
        yield entry, session.scalars(select(Item).where(Item.title == entry["title"])).one()


def _checked(session: Session, house: House, _told: dict[str, Any], first: Person, _second: Person) -> None:
    """Whatever has passed the first check has a check that says so."""
    city = house.city
    passed = select(IdeaStep.idea_id, IdeaStep.at).where(IdeaStep.move == "pass", ~IdeaStep.undone)
    for idea_id, at in session.execute(passed).all():
        item = session.scalars(select(Item).where(Item.idea_id == idea_id)).one()
        session.add(Check(item_id=item.id, by_id=first.id, at=at, passed=True, criteria={
            each.key: {"holds": True, "why": "Ja, das ergibt sich aus der Idee und dem Gespräch mit dem Fachamt."}
            for each in city.criteria}))
        working.act(session, item, first, "checked", at, passed=True)


def _rated(session: Session, house: House, told: dict[str, Any], first: Person, second: Person) -> None:
    city = house.city
    for entry, item in _of(session, told, "rated"):
        given = [Marks(dict(zip([each.key for each in city.degrees], marks[:-1], strict=True)), marks[-1])
                 for marks in (*entry["marks"], entry["agreed"])]
        for assessor, marks in zip((first, second), given, strict=False):
            rating.rate(session, city, assessor, item, marks, house.now)
        agreed = Marks(given[-1].degrees, given[-1].benefit, entry.get("note", ""))
        rating.agree(session, city, first, item, agreed, house.now)
        if "priority" in entry:
            rating.prioritise(session, city, first, item, entry["priority"], house.now)


def _decided(session: Session, house: House, told: dict[str, Any], first: Person, _second: Person) -> None:
    for entry, item in _of(session, told, "decided"):
        day = today(house.city, house.now) - timedelta(days=entry["days_ago"])
        boards.decide(session, house.city, first, item, Entered(entry["board"], day, entry["outcome"], entry["note"],
                                                                entry["url"]), house.now)


def _projects(session: Session, house: House, told: dict[str, Any], first: Person, second: Person) -> None:
    city, day = house.city, today(house.city, house.now)
    for entry in told.get("project", ()):
        plan = Plan(entry["title"], entry["summary"], city.languages[0], entry["department"], entry["budget_class"],
                    str(second.id))
        begun, *others = [session.scalars(select(Item).where(Item.title == title)).one() for title in entry["records"]]
        project = projects.create(session, city, first, begun, plan, house.now)
        for item in others:
            projects.join(session, first, item, project.id, house.now)
        for each in entry["milestones"]:
            due = (day + timedelta(days=each["due_in_days"])).isoformat() if "due_in_days" in each else ""
            made = projects.add_milestone(session, city, first, project.id, each["title"], city.languages[0], due,
                                          house.now)
            if "reached_days_ago" in each:
                projects.reach(session, city, first, made, (day - timedelta(days=each["reached_days_ago"])).isoformat(),
                               house.now)


def _outcomes(session: Session, _house: House, told: dict[str, Any], _first: Person, _second: Person) -> None:
    for entry, item in _of(session, told, "outcome"):
        step = session.scalars(select(IdeaStep).where(IdeaStep.idea_id == item.idea_id, IdeaStep.move == "complete")
                               .order_by(IdeaStep.id.desc()).limit(1)).one()
        session.add(Outcome(step_id=step.id, idea_id=step.idea_id, benefit=entry["benefit"], met=entry["met"]))


def _promised(session: Session, house: House, told: dict[str, Any], _first: Person, _second: Person) -> None:
    """Promises were made with the newest public step; one of them is late."""
    for entry, item in _of(session, told, "promised"):
        step = session.scalars(select(IdeaStep).where(IdeaStep.idea_id == item.idea_id)
                               .order_by(IdeaStep.id.desc()).limit(1)).one()
        due = today(house.city, house.now) + timedelta(days=entry["in_days"])
        promises.promise(session, step.idea_id, due, step.at, step.id)


def _prepared(session: Session, house: House, told: dict[str, Any], _first: Person, second: Person) -> None:
    city = house.city
    for entry, item in _of(session, told, "prepared"):
        idea = session.get_one(Idea, item.idea_id)
        if not IDEA.begins(entry["move"], idea):
            raise Unsafe("demo", what=f"{entry['title']} does not stand where {entry['move']} begins")
        tag = city.languages[0]
        due = today(city, house.now) + timedelta(days=entry["promised_in_days"])
        written = Written(entry["move"], tag, {tag: entry["text"]}, due)
        preparing.prepare(session, city, second, item, written, entry["ready"], house.now, seen=0)


def _said(session: Session, house: House, told: dict[str, Any], first: Person, second: Person) -> None:
    """Somebody works on a record, and a colleague has said something about it. What was checked has been opened."""
    session.execute(update(Item).where(Item.stage.not_in(IDEA.move("pass").come_from))
                    .values(seen_revision=Item.revision).execution_options(synchronize_session="fetch"))
    for entry, item in _of(session, told, "said"):
        working.assign(session, first, item, str(second.id), house.now)
        working.remark(session, second, item, entry["words"], house.now)
