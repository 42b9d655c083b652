"""What people could not use here, told with or without an account, and kept for a year. The office gets a letter about
each (Directive (EU) 2016/2102 Art. 7(1)(b)); whoever told it gets none from the site, because nobody has proved whose
the address is: a person of the office answers.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, delete, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.city import City
from participation.database import ACTED, Base, personal
from participation.errors import Invalid, NotAllowed, NotThere, length_problem, refuse
from participation.jobs import House
from participation.notices.actions import tell
from participation.notices.model import Notice
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.people.signing_in import address
from participation.text import one_line, plain

BODY_MIN, BODY_MAX, PAGE_MAX = 5, 4000, 300
KEPT = timedelta(days=365)
SAME = timedelta(hours=1)  # within which the same words are the second click of the same person
PAGE = 20


class Feedback(Base):
    """A barrier that somebody met, and whether the office has dealt with it."""

    __tablename__ = "feedback"

    id: Mapped[int] = mapped_column(primary_key=True)
    body: Mapped[str] = mapped_column(Text, info=personal(
        "what you told us about a barrier", why="to take the barrier away", keep="one year", ends="delete"))
    page: Mapped[str] = mapped_column(String(300), default="")  # a path of this site, as they named it
    email: Mapped[str] = mapped_column(String(254), default="", info=personal(
        "address for the answer to what you told us about a barrier", why="to answer you", keep="one year",
        ends="delete"))
    language: Mapped[str] = mapped_column(String(20), default="")
    at: Mapped[datetime]
    done_at: Mapped[datetime | None]
    done_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who of the staff dealt with it", why="to answer for it", keep="one year", ends="blank", whose=ACTED))

    __table_args__ = (Index("ix_feedback_at", "at"), Index("ix_feedback_open", "done_at", "id"))


@dataclass(frozen=True, slots=True)
class Told:
    """What the staff's list shows of it; `done_by` is "" while it is open."""

    id: int
    body: str
    page: str
    email: str
    language: str
    at: datetime
    done_at: datetime | None
    done_by: str


def give(session: Session, city: City, *, body: str, page: str, email: str, language: str, now: datetime) -> Feedback:
    """Keep what somebody could not use, and tell the office. Saying the same again within an hour changes nothing.
    Raises Invalid for each field that is wrong."""
    body, page, email = plain(body), one_line(page), email.strip()
    problems = []
    if problem := length_problem("body", body, BODY_MIN, BODY_MAX):
        problems.append(problem)
    if len(page) > PAGE_MAX:
        problems.append(Invalid("page", "too_long", limit=PAGE_MAX, length=len(page)))
    if email:
        try:
            email = address(email)
        except Invalid as trouble:
            problems.append(trouble)
    refuse(problems)
    same = session.scalar(select(Feedback).where(Feedback.at > now - SAME, Feedback.body == body, Feedback.page == page,
                                                 Feedback.email == email).limit(1))
    if same is not None:
        return same
    told = Feedback(body=body, page=page, email=email, language=language, at=now)
    session.add(told)
    session.flush()
    # With the time: SQLite gives the number of a row that is forgotten to the next one.
    tell(session, f"feedback:{told.id}:{now:%Y%m%d%H%M%S%f}", "feedback", now, person_id=None, email=city.contact.email,
         language=city.languages[0], feedback_id=told.id)
    return told


def facts(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For the letter to the office."""
    return {"feedback": session.get(Feedback, notice.about["feedback_id"])}


def listed(session: Session, only_open: bool, before: int | None = None,
           limit: int = PAGE) -> tuple[tuple[Told, ...], int | None]:
    """A page for staff, newest first, and the number to go on before (None at the end)."""
    query = select(Feedback, func.coalesce(func.nullif(Person.name, ""), Person.email)).outerjoin(
        Person, Person.id == Feedback.done_by_id)
    if only_open:
        query = query.where(Feedback.done_at.is_(None))
    if before is not None:
        query = query.where(Feedback.id < before)
    rows = session.execute(query.order_by(Feedback.id.desc()).limit(limit + 1)).all()
    found = tuple(Told(each.id, each.body, each.page, each.email, each.language, each.at, each.done_at, name or "")
                  for each, name in rows[:limit])
    return found, found[-1].id if len(rows) > limit else None


def mark(session: Session, by: Person, feedback_id: int, done: bool, now: datetime) -> None:
    """Note that it is dealt with, or not yet after all; doing so twice changes nothing. Raises NotAllowed, NotThere."""
    if not (answer := may(by, Right.FEEDBACK_SEE)):
        raise NotAllowed(answer.why)
    told = session.get(Feedback, feedback_id)
    if told is None:
        raise NotThere("unknown_entry")
    if done and told.done_at is None:
        told.done_at, told.done_by_id = now, by.id
    elif not done:
        told.done_at = told.done_by_id = None


def sweep(session: Session, now: datetime) -> None:
    """Forget what is older than a year."""
    session.execute(delete(Feedback).where(Feedback.at < now - KEPT))
