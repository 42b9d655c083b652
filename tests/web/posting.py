"""One letter of every kind, for tests about letters: written once through the pages and actions, then sent in any
language."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from aiosmtpd.controller import Controller
from flask import Flask
from sqlalchemy import select, update

import wsgi
from moderation.model import Report
from participation.assessment.model import Promise
from participation.assessment.working import assign
from participation.city import City
from participation.database import Database, now
from participation.ideas.actions import follow_token
from participation.ideas.model import Idea
from participation.jobs import House
from participation.notices.model import Notice
from participation.outbox import Event
from participation.people.model import Person, SignInCode
from participation.pool.items import today
from participation.pool.model import Item
from participation.web import letters
from participation.web.door import Door
from tests.assessment.making import a_milestone, a_project
from tests.moderation.answers import a_comment, an_idea, rejected, report, statement_link, uphold
from tests.people import Guest, Moderator, Officer, Resident
from tests.pool.making import accepted
from tests.site.writing import Desk

ARABIC = "المزيد من الظل في الساحة"
EDITED = "Shade for all the stops in the city"
KINDS = {"appeal_answer", "assigned", "block", "code", "comment_decision", "decision", "desk_morning", "digest",
         "edit_answer", "merged", "milestone", "morning", "progress", "promise_near", "receipt", "report_answer",
         "report_receipt"}


def write_one_of_each(app: Flask, database: Database, city: City, guest: Guest, resident: Resident,
                      moderator: Moderator, second: Moderator, officer: Officer) -> None:
    """Let everything happen that somebody is written to for; what is in another direction is in Arabic."""
    settings, deliver = app.extensions["door"].settings, guest.mailbox.deliver
    # A receipt; an appeal with its answer; a block; a report with its answers; a comment that is not shown.
    resident.propose(title=ARABIC, idea_language="ar")
    rejected(moderator, database, city, block_days="7")
    deliver()
    guest.open(statement_link(guest, "author@example.org"))
    guest.send("/appeal", body="It names no shop at all, please read it again.")
    second.decide("appeals/1", "uphold", statement="It does.")
    with database.change() as session:
        session.execute(update(Person).values(blocked_until=None))
    ref = an_idea(database, city)
    comment = a_comment(database, city, ref)
    report(guest, ref, comment, email="reader@example.org")
    deliver()
    uphold(moderator)
    # A change that is not taken over.
    with database.reading() as session:
        idea = session.scalars(select(Idea).where(Idea.ref == ref)).one()
        token = follow_token(idea, settings.secret_key)
    guest.open(f"/ideas/follow/{token}/change")
    guest.send("/change", title=EDITED)
    moderator.decide("edits/1", "refuse", reason="advertising", statement="Not this one.")
    # A merge.
    into = an_idea(database, city, title="Shade on the squares of the city")
    resident.support(ref)
    moderator.decide(f"ideas/{ref}", "merge", target=into, statement="They say the same.")
    deliver()
    # What the city answers, at once and in a digest; a milestone; the office's own letters.
    pooled, other = accepted(database, city, title="Trees along the river bank"), accepted(
        database, city, title=ARABIC, language="ar")
    deliver()
    reader = Desk(database, city)._author
    with database.change() as session:
        daily = reader(session, "daily@example.org", "Dana", now())
        daily.digest = "daily"
    for visitor in (resident, Resident(app.test_client(), guest.mailbox).sign_in("daily@example.org")):
        visitor.support(pooled)
        visitor.support(other)
    for each in (pooled, other):
        officer.answer(each, "pass", "It meets all criteria. See https://example.org/plan for “more” & less.")
    deliver()
    project = a_project(database, city, [pooled])
    a_milestone(database, city, project, "The first tree stands", reached="2026-11-02")
    deliver()
    with database.change() as session:
        by, to = (session.scalars(select(Person).where(Person.email == f"{who}@example.org")).one()
                  for who in ("moderator", "officer"))
        by.role, at = "admin", now()
        for item in session.scalars(select(Item)):
            assign(session, by, item, str(to.id), at)
        by.role = "moderator"
        session.execute(update(Promise).values(due_on=today(city, now()) - timedelta(days=1)))
        session.execute(update(Item).values(deadline=today(city, now()) - timedelta(days=1)))
    Desk(database, city).idea("One that waits to be read", "return")
    resident.propose(title="Another one that waits for its reader")
    morning(app, database, now() + timedelta(days=1))
    with database.reading() as session:
        written = {*session.scalars(select(Notice.letter).distinct()), "code"}
    assert written == KINDS, written ^ KINDS


def morning(app: Flask, database: Database, at: datetime) -> None:
    """The city's morning has come, and everything has been written that it brings."""
    made_of: Door = app.extensions["door"]
    at = at.astimezone(made_of.city.zone).replace(hour=9)
    with database.change() as session, app.app_context():
        for name in ("moderation.following.morning", "participation.assessment.reminding.morning",
                     "participation.assessment.warning.warned", "participation.notices.digests.hourly"):
            wsgi.BY_NAME[name](session, Event(kind="time.hour", key="hour"),
                               House(made_of.settings, made_of.city, at))
        for event in session.scalars(select(Event).where(Event.kind == "digest.portion", Event.spread_at.is_(None))):
            event.spread_at = at
            wsgi.BY_NAME["participation.notices.digests.portion"](
                session, event, House(made_of.settings, made_of.city, at))


def one_of_each(app: Flask, database: Database, tag: str, mail_url: str) -> dict[str, letters.Post]:
    """One letter of every kind in a language, the newest; not sent yet."""
    made_of: Door = app.extensions["door"]
    house = House(replace(made_of.settings, mail_url=mail_url), made_of.city, now())
    posts: dict[str, letters.Post] = {}
    with database.change() as session, app.app_context():
        for table in (Person, Report, SignInCode):
            session.execute(update(table).values(language=tag))
        session.execute(update(Report).values(email="reader@example.org"))
        session.execute(update(Notice).values(sent_at=None, language=tag))
        session.execute(update(Notice).where(Notice.person_id.is_(None)).values(email="reader@example.org"))
        session.execute(update(SignInCode).values(used_at=None, expires_at=now() + timedelta(minutes=10)))
        session.flush()
        session.expire_all()
        for notice in session.scalars(select(Notice).where(Notice.digest_id.is_(None)).order_by(Notice.id)):
            post = letters.notice(session, Event(kind="notice.due", key="k", about={"notice_id": notice.id}), house)
            if post is not None:
                posts[notice.letter] = post
        code = session.scalars(select(SignInCode).order_by(SignInCode.id.desc())).first()
        assert code is not None
        post = letters.code(session, Event(kind="code.asked", key="k", about={"code_id": code.id}), house)
        assert post is not None
        posts["code"] = post
    assert set(posts) == KINDS, KINDS - set(posts)
    return posts


class Box:
    """A mail server's box; `refuses` holds the answers to addresses that it does not take."""

    def __init__(self, refuses: dict[str, str] | None = None) -> None:
        self.kept: list[bytes] = []
        self.refuses = refuses or {}

    async def handle_RCPT(self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any) -> str:
        if address in self.refuses:
            return self.refuses[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.kept.append(envelope.content)
        return "250 kept"


@contextmanager
def listening(box: Box, port: int, **options: Any) -> Iterator[str]:
    """A mail server on this machine; its MAIL_URL."""
    controller = Controller(box, "127.0.0.1", port, **options)
    controller.start()
    try:
        yield f"smtp://127.0.0.1:{port}"
    finally:
        controller.stop()
