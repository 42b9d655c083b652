"""Working the outbox off inside a test, without a queue: the same rows, the same followers."""

from datetime import timedelta
from functools import partial
from typing import Any
from urllib.parse import urlsplit

from flask import Flask
from sqlalchemy import select, update

import wsgi
from moderation.model import Decision
from participation import jobs, outbox
from participation.database import now


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


class InHouse:
    """requests.post for an address of this very application: the same bytes and headers, no socket."""

    def __init__(self, app: Flask) -> None:
        self.app = app

    def post(self, url: str, data: bytes, headers: dict[str, str], **_rest: Any) -> "Answer":
        """Send it to the application."""
        return Answer(self.app.test_client().post(urlsplit(url).path, data=data, headers=headers))


class Answer:
    """What requests.Response offers to the delivery."""

    is_redirect = False

    def __init__(self, response: Any) -> None:
        self.status_code = response.status_code
        self.headers = dict(response.headers)
        self.text = response.get_data(as_text=True)
        self.ok = response.status_code < 400
        self._response = response

    def json(self) -> Any:
        """The body as JSON; raises ValueError when it is none."""
        found = self._response.get_json(silent=True)
        if found is None:
            raise ValueError("not JSON")
        return found
