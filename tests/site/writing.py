"""Ideas and comments for tests about reading them, written through the same actions as everybody's."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.journey import make
from participation.people.model import Person
from participation.people.signing_in import person_of
from participation.waiting import Waiting

BODY = "People wait there every day, and it would cost little to make it better for all of them."
BENEFIT = "Whoever waits there is better off."


class Desk:
    """Writes and publishes without a browser."""

    def __init__(self, database: Database, city: City) -> None:
        self.database = database
        self.city = city

    def idea(self, title: str = "Shade for the bus stops", *moves: str, at: datetime | None = None,
             author: str = "author@example.org", name: str = "Ada", **changes: Any) -> str:
        """An idea that made those moves after it was sent; says its reference."""
        return self.ideas([title], *moves, at=at, author=author, name=name, **changes)[0]

    def ideas(self, titles: Iterable[str], *moves: str, at: datetime | None = None,
              author: str = "author@example.org", name: str = "Ada", **changes: Any) -> list[str]:
        """Several ideas, each a minute younger than the one before it."""
        begun, refs = at or now() - timedelta(days=2), []
        with self.database.change() as session:
            writer, staff = self._author(session, author, name, begun), self._staff(session, begun)
            for number, title in enumerate(titles):
                moment = begun + timedelta(minutes=number)
                draft = ideas.Draft(**{"title": title, "body": BODY, "benefit": BENEFIT, "language": "en",
                                       "field": self.city.fields[0].key, "district": None} | changes)
                idea = ideas.submit(session, self.city, writer, draft, moment)
                for move in moves or ("publish",):
                    words: Any = {"statement": f"About {move}."} if move != "publish" else {}
                    reason = "outside-remit" if move == "reject" else "advertising" if move == "hide" else ""
                    if move == "accept":
                        words |= {"benefit": "Less waiting.", "who_benefits": "Everyone who waits."}
                    if move == "receive":
                        make(session, IDEA, idea, move, None, moment)
                    else:
                        ideas.decide(session, self.city, staff, idea, move, moment, reason=reason, **words)
                refs.append(idea.ref or "")
        return refs

    def comments(self, ref: str, bodies: Iterable[str], answers: int | None = None, publish: bool = True,
                 author: str = "talker@example.org", name: str = "Tom") -> list[int]:
        """Comments on an idea, oldest first; says their numbers."""
        with self.database.change() as session:
            idea = ideas.idea_by_ref(session, ref)
            writer, staff, keys = self._author(session, author, name, now()), self._staff(session, now()), []
            for body in bodies:
                comment = comments.say(session, self.city, writer, idea, body, "en", answers, now())
                if publish:
                    comments.decide(session, self.city, staff, comment, "publish", now())
                keys.append(comment.id)
        return keys

    def publish(self, comment: int) -> None:
        """A moderator lets a waiting comment through."""
        with self.database.change() as session:
            found = session.get_one(Comment, comment)
            comments.decide(session, self.city, self._staff(session, now()), found, "publish", now())

    def read(self, ref: str) -> Idea:
        """The idea's row."""
        with self.database.reading() as session:
            return session.scalars(select(Idea).where(Idea.ref == ref)).one()

    def waiting(self) -> list[Comment]:
        """Comments that wait for moderation, in order."""
        with self.database.reading() as session:
            query = select(Comment).join(Waiting, (Waiting.thing_id == Comment.id) & (Waiting.kind == "comment"))
            query = query.order_by(Comment.id)
            return list(session.scalars(query))

    @staticmethod
    def _author(session: Session, email: str, name: str, at: datetime) -> Person:
        person = person_of(session, email, "en", at)
        person.name = name
        return person

    @staticmethod
    def _staff(session: Session, at: datetime) -> Person:
        person = person_of(session, "staff@example.org", "en", at)
        person.role = "admin"
        return person
