"""The log: one JSON object a line, one id from the request to the letter, nothing about anybody."""

import io
import json
import logging
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from sqlalchemy.exc import IntegrityError

import wsgi
from participation import jobs, outbox
from participation.database import Database, now
from participation.web.logs import speak_json
from tests.people import Guest, Moderator

ADDRESS = "karla.kolumna@example.org"
NEVER = ("karla", "kolumna", "example.org", "Lampions", "Quietscheentchen", "Regenschirm", "Zuckerwatte", "198.51.100")
IDEA = {"title": "Lampions over the old harbour", "benefit": "Zuckerwatte for everybody who comes along.",
        "body": "Quietscheentchen could swim in every fountain of the city, all the summer long."}


@pytest.fixture
def lines(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[], list[dict[str, Any]]]]:
    """What this process' log says, as a running site sets it up."""
    kept = logging.getLogger().handlers[:], logging.getLogger().level
    out = io.StringIO()
    monkeypatch.setattr(sys, "stderr", out)
    speak_json()

    def read() -> list[dict[str, Any]]:
        assert not [word for word in NEVER if word.casefold() in out.getvalue().casefold()], out.getvalue()
        return [json.loads(line) for line in out.getvalue().split("\n") if line]

    yield read
    logging.getLogger().handlers[:], level = kept
    logging.getLogger().setLevel(level)
    logging.getLogger("flask-limiter").setLevel(logging.NOTSET)


def test_a_whole_story_without_a_word_about_anybody(
        guest: Guest, moderator: Moderator, database: Database, app: Flask, deliver: Callable[[], int],
        monkeypatch: pytest.MonkeyPatch, lines: Callable[[], list[dict[str, Any]]], limited: None) -> None:
    guest.client.environ_base["REMOTE_ADDR"] = "198.51.100.7"
    guest.open("/ideas?q=Regenschirm")
    guest.sign_in(ADDRESS)
    ref = guest.propose(**IDEA).text.split("MZ-")[1].split()[0].strip(".,")
    moderator.decide(f"ideas/MZ-{ref}", "publish")
    guest.comment(f"MZ-{ref}", "Regenschirm for the ducks.")
    guest.support(f"MZ-{ref}")
    guest.open("/ideas/new")
    guest.send("ideas/new", status=422, **(IDEA | {"title": "Lamp"}), field="x")
    guest.open("/nothing/Lampions", 404)
    for _ in range(12):
        guest.client.post("/en/sign-in", data={"email": ADDRESS})
    deliver()

    said = lines()
    with database.reading() as session:
        events = session.scalars(select(outbox.Event)).all()
    for kind, follower in (("idea.submit", "participation.notices.actions.receipt"),
                           ("code.asked", "participation.web.letters.code")):
        event = next(event for event in events if event.kind == kind)
        about = [line for line in said if line.get("request_id") == event.request_id]
        request = next(line for line in about if line["say"] == "request")
        task = next(line for line in about if line["say"] == "task done" and line["follower"] == follower)
        assert request["method"] == "POST" and request["status"] == 303
        assert request["milliseconds"] > 0 and task["try"] == 1 and task["event"] == kind
    for line in said:
        assert {"at", "level", "log", "say"} <= line.keys() and "\n" not in line["say"]
    notices = [event for event in events if event.kind == "notice.due"]
    assert notices and all(event.request_id for event in notices), "the letter's event knows whose request led to it"


def test_a_letter_that_cannot_be_sent(guest: Guest, app: Flask, tmp_path: Path,
                                      lines: Callable[[], list[dict[str, Any]]]) -> None:
    (tmp_path / "mail").write_text("not a folder")
    guest.open("/sign-in")
    guest.send("sign-in", email=ADDRESS)
    made_of = app.extensions["door"]
    with made_of.database.change() as session:
        outbox.spread(session, wsgi.NAMES, now())
        leased = outbox.claim(session, now() + timedelta(seconds=1), 10)
    with app.app_context():
        jobs.run(made_of.database, partial(wsgi._house, made_of), wsgi.BY_NAME, leased)
    [failed] = [line for line in lines() if line["say"] == "task failed"]
    assert failed["level"] == "warning" and failed["error"] and failed["request_id"] and failed["event"] == "code.asked"


def test_a_trace_names_code_and_not_words(lines: Callable[[], list[dict[str, Any]]]) -> None:
    word = "".join(("Regen", "schirm"))
    try:
        try:
            raise IntegrityError("INSERT INTO idea", {"title": word}, ValueError(word))
        except IntegrityError as trouble:
            raise RuntimeError(f"about {word}") from trouble
    except RuntimeError:
        logging.getLogger("participation").exception("unforeseen", extra={"request_id": "r", "form": word})
    [line] = lines()
    assert line["request_id"] == "r" and "form" not in line
    assert "test_logs.py" in line["trace"] and line["trace"].endswith("RuntimeError")
    assert "\nIntegrityError\n" in line["trace"]


def test_signs_that_break_lines_stay_on_one(lines: Callable[[], list[dict[str, Any]]]) -> None:
    logging.getLogger("participation").info("one\ntwo", extra={"what": "three\r\nfour\u2028"})
    [line] = [line for line in lines() if line["log"] == "participation"]
    assert line["say"] == "one\ntwo" and line["level"] == "info" and line["at"].endswith("+00:00")
