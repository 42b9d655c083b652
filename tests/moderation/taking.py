"""Decisions in tests, through the same act as the pages'."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from moderation import appeals, decisions, reports
from moderation.entries import Entered, entry
from moderation.model import Appeal, Decision, Report
from participation.city import City
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.people.signing_in import person_of
from tests.making import a_draft, staff

WORDS = "Bitte sachlich bleiben, Frau Geheimrat."


def waits(session: Session, city: City, at: datetime, who: str = "author@example.org", **changes: Any) -> Idea:
    """An idea that waits since then."""
    return ideas.submit(session, city, person_of(session, who, "de", at), a_draft(**changes), at)


def take(session: Session, city: City, kind: str, key: object, move: str, at: datetime, role: str = "admin",
         **entered: Any) -> Decision:
    """Decide on an entry at that time."""
    by = staff(session, role)
    words = {"statement": WORDS} | ({"reason": "insult"} if move in ("reject", "hide", "uphold_report") else {})
    made = decisions.decide(session, city, by, entry(session, by, kind, str(key)),
                            Entered(move, **(words | entered)), at)
    assert isinstance(made, Decision)
    session.flush()
    return made


def report(session: Session, city: City, idea: Idea, at: datetime, category: str = "insult",
           who: str = "reporter@example.org", comment: Any = None) -> Report:
    """Somebody reports an entry."""
    return reports.file(session, city, idea, comment, at, category=category, body="This is not right at all.",
                        language="en", person=person_of(session, who, "en", at) if who else None)


def appeal(session: Session, city: City, decision: Decision, at: datetime, who: str = "author@example.org") -> Appeal:
    """The author appeals."""
    return appeals.file(session, city, person_of(session, who, "de", at), decision, "I did not insult anybody.", "en",
                        at)


def days(number: float) -> timedelta:
    """That many days."""
    return timedelta(days=number)
