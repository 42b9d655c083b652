"""Reporting and deciding in tests, through the pages."""

import re
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

from sqlalchemy import select, update

from moderation.model import Decision
from participation.city import City
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.outbox import Event
from participation.people.signing_in import person_of
from tests.making import a_draft, published
from tests.people import Guest, Moderator, plain_text
from tests.site.writing import Desk

AUTHOR = "author@example.org"
BODY = "Dieser Text wirbt für einen Laden und nicht für die Stadt."
PLEA = "It names no shop at all; somebody has mixed it up with another idea."
WHY = "It names a shop and its prices, and nothing else."


def an_idea(database: Database, city: City, **changes: Any) -> str:
    """A public idea of the author; its reference."""
    key = published(database, city, **changes)
    with database.reading() as session:
        return session.get_one(Idea, key).ref or ""


def a_comment(database: Database, city: City, ref: str, body: str = "Buy my sunshades, they are cheap.") -> int:
    """A public comment on it by somebody else."""
    return Desk(database, city).comments(ref, [body])[0]


def report(who: Guest, ref: str, comment: int | None = None, status: int = 200, **values: Any) -> None:
    """Fill the form in and send it."""
    who.open(f"/ideas/{ref}/report" + (f"?comment={comment}" if comment else ""))
    who.send("/report", status=status, **({"category": "advertising", "body": BODY} | values))


def uphold(moderator: Moderator, case: int = 1, statement: str = WHY) -> None:
    """The reports are right."""
    moderator.decide(f"reports/{case}", "uphold_report", reason="advertising", statement=statement)


def subjects(who: Guest, to: str) -> list[str]:
    """The subjects of all letters to an address."""
    return [letter["Subject"] for letter in who.mailbox.letters(to)]


def text_of(letter: EmailMessage) -> str:
    """Its plain text."""
    return plain_text(letter)


def statement_link(who: Guest, to: str) -> str:
    """The path of the newest statement of reasons in the letters to an address."""
    for letter in reversed(who.mailbox.letters(to)):
        if found := re.search(r"https?://[^/\s]+(/\S+/statements/\S+)", text_of(letter)):
            return found[1]
    raise AssertionError(f"no statement for {to}")


def a_minute_passes(database: Database) -> None:
    """What was decided can no longer be undone."""
    with database.change() as session:
        session.execute(update(Decision).values(undo_until=now() - timedelta(seconds=1)))
        session.execute(update(Event).where(Event.due > now()).values(due=now()))


def decisions(database: Database) -> list[tuple[str, str]]:
    """Kind and move of every decision, oldest first."""
    with database.reading() as session:
        return [(row.kind, row.move) for row in session.execute(
            select(Decision.kind, Decision.move).order_by(Decision.id))]


def waits(database: Database, city: City) -> str:
    """An idea of the author's that waits; its reference."""
    with database.change() as session:
        author = person_of(session, AUTHOR, "en", now())
        return ideas.submit(session, city, author, a_draft(), now()).ref or ""


def rejected(moderator: Moderator, database: Database, city: City, **values: Any) -> str:
    """An idea of the author's that a moderator has rejected; its reference."""
    ref = waits(database, city)
    moderator.decide(f"ideas/{ref}", "reject", **({"reason": "advertising", "statement": WHY} | values))
    return ref


def appeal(who: Guest, to: str = AUTHOR, body: str = PLEA, status: int = 200) -> str:
    """Open the statement from the letter and appeal; the path of the statement."""
    link = statement_link(who, to)
    who.open(link)
    who.send("/appeal", status=status, body=body)
    return link
