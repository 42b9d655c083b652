"""Working the outbox off inside a test, without a queue: the same rows, the same followers."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select, update

import wsgi
from moderation.model import Decision
from participation import jobs, outbox, reaching
from participation.database import now
from participation.reaching import Said


def work_off(app: Flask, rounds: int = 50) -> int:
    """Spread and run everything that is due, until nothing is; says how many tasks were tried.

    A task that fails raises here, because a test must not overlook it.
    """
    made_of, tried = app.extensions["door"], 0
    for _ in range(rounds):
        with made_of.database.change() as session:
            # A minute passes: what is held back so that it can be undone is told now.
            session.execute(update(outbox.Event).where(outbox.Event.due > now()).values(due=now()))
            session.execute(update(Decision).where(Decision.undo_until > now()).values(undo_until=now()))
            outbox.spread(session, wsgi.NAMES, now())
            leased = outbox.claim(session, now() + timedelta(seconds=1), 500)
        if not leased:
            return tried
        tried += len(leased)
        with app.app_context():
            jobs.run(made_of.database, partial(wsgi._house, made_of), wsgi.BY_NAME, leased)
        with made_of.database.reading() as session:
            failed = session.execute(select(outbox.Task.follower, outbox.Task.error)
                                     .where(outbox.Task.error != "", outbox.Task.state != outbox.DONE)).all()
        assert not failed, f"tasks failed: {failed}"
    raise AssertionError("the outbox does not come to an end")


def attempt(app: Flask) -> None:
    """Let everything that is due, or will be within a day, be tried once; what fails may fail."""
    made_of = app.extensions["door"]
    with made_of.database.change() as session:
        session.execute(update(outbox.Event).where(outbox.Event.due > now()).values(due=now()))
        outbox.spread(session, wsgi.NAMES, now())
        leased = outbox.claim(session, now() + timedelta(days=1), 500)
    with app.app_context():
        jobs.run(made_of.database, partial(wsgi._house, made_of), wsgi.BY_NAME, leased)


class InHouse:
    """`reaching.post` for an address of this very application: the same bytes and headers, no socket. Whatever goes
    elsewhere goes there."""

    def __init__(self, app: Flask) -> None:
        self.app = app
        self.elsewhere = reaching.post

    def post(self, url: str, body: bytes, headers: Mapping[str, str], **rest: Any) -> Said:
        """Send it to the application."""
        if urlsplit(url).netloc != "localhost":
            return self.elsewhere(url, body, headers, **rest)
        answer = self.app.test_client().post(urlsplit(url).path, data=body, headers=dict(headers))
        return Said(answer.status_code, dict(answer.headers), answer.get_data())
