"""Every route × every kind of person × the expected answer. A route without a line fails."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from moderation import appeals, reports
from moderation.decisions import decide
from moderation.entries import Entered, entry
from moderation.model import Decision
from participation.assessment import projects
from participation.assessment.projects import Plan
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.notices import following
from participation.notices.model import Notice
from participation.people.model import Person
from participation.people.signing_in import link_token, person_of
from participation.pool.model import Item
from participation.settings import Settings
from participation.web.door import who_may
from tests.house.answers import EXPECTED, PEOPLE
from tests.making import a_draft, published, staff


def routes(app: Flask) -> list[tuple[str, str, str]]:
    """Every method, endpoint and rule of the application."""
    return [(method, rule.endpoint, rule.rule) for rule in app.url_map.iter_rules()
            for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"})]


@pytest.fixture
def world(app: Flask, database: Database, city: City, settings: Settings, deliver: Callable[[], int],
          mailbox: Any) -> dict[str, Any]:
    """One of everything that an address can name; `author` wrote it all."""
    accepted = published(database, city)
    with database.change() as session:
        ideas.decide(session, city, staff(session), session.get_one(Idea, accepted), "accept", now(),
                     benefit="Shade", who_benefits="Everyone")
    deliver()
    with database.change() as session:
        author = person_of(session, "author@example.org", "en", now())
        waiting = ideas.submit(session, city, author, a_draft(), now())
        open_ = session.get_one(Idea, accepted)
        comment = comments.say(session, city, author, open_, "A comment", "en", None, now())
        refused = ideas.submit(session, city, author, a_draft(), now())
        decision = decide(session, city, staff(session), entry(session, staff(session), "idea", refused.ref or ""),
                          Entered("reject", "outside-remit", "Not ours."), now())
        report = reports.file(session, city, open_, None, now(), category="advertising", body="It is advertising.",
                              language="en")
        assert isinstance(decision, Decision)
        officer, item = staff(session, "cdo"), session.scalars(select(Item).where(Item.idea_id == open_.id)).one()
        project = projects.create(session, city, officer, item, Plan("A project", "What is done", "en"), now())
        milestone = projects.add_milestone(session, city, officer, project.id, "A milestone", "en", "", now())
        letter = session.scalars(select(Notice).where(Notice.idea_id == open_.id).limit(1)).one()
        letter.letter = "progress"  # of those that a click ends
        return {"accepted": open_.ref, "project": project.id, "milestone": milestone.id,
                "unfollow": following.token(letter, settings.secret_key),
                "report": reports.token(report, settings.secret_key),
                "statement": appeals.token(decision, settings.secret_key), "waiting": waiting.ref,
                "comment": comment.id,
                "token": ideas.follow_token(waiting, settings.secret_key),
                "public": ideas.follow_token(open_, settings.secret_key),
                "letter": next(Path(settings.mail_url.removeprefix("file://")).glob("*.eml")).name}


def address(rule: str, endpoint: str, world: dict[str, Any], link: str) -> str:
    """A rule filled in with what is there."""
    ref = world["waiting"] if endpoint.startswith(("moderation", "proposing")) else world["accepted"]
    token = next((world[kind] for kind in ("report", "statement") if f"/{kind}s/" in rule), world["token"])
    token = world["unfollow"] if "/unfollow/" in rule else token
    token = world["public"] if endpoint.startswith("translating") else token
    values = {"<lang>": "en", "<ref>": ref, "<entries:kind>": "ideas", "<key>": ref,
              "<token>": link if "link" in rule else token,
              "<int(max=2147483647):number_>": str(world["comment"]),
              "<int(max=2147483647):project>": str(world["project"]),
              "<int(max=2147483647):milestone>": str(world["milestone"]),
              "<int(max=2147483647):number>": str(world["project"]) if "/projects/" in rule else "7",
              "<kind>": "csv", "<field>": "x", "<digest>": "x", "<name>": world["letter"]}
    for name, value in values.items():
        rule = rule.replace(name, value)
    return rule


def test_every_route_has_a_line(app: Flask) -> None:
    there = {(method, endpoint) for method, endpoint, _ in routes(app)}
    assert there == EXPECTED.keys()
    assert all(who_may(app.view_functions[endpoint]) for _, endpoint in there)


@pytest.mark.parametrize("who", PEOPLE)
def test_every_route_for(who: str, app: Flask, world: dict[str, Any], database: Database, city: City,
                         settings: Settings, someone: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    wrong = []
    # An idea of its own is opened for support; what ends a session or an idea comes last.
    key = published(database, city)
    with database.reading() as session:
        open_ref = session.get_one(Idea, key).ref
    for method, endpoint, rule in sorted(routes(app), key=lambda r: (r[1] == "proposing.withdraw", r)):
        with database.change() as session:
            link = link_token(session, "author@example.org", settings.secret_key, now())
        if who == "guest":
            client = app.test_client()
        elif who == "author":
            client = someone(email="author@example.org").client
        else:
            client = someone(email=f"{who}@example.org", role=who).client
        path = address(rule, endpoint, world | ({"accepted": open_ref} if endpoint.startswith("taking") else {}), link)
        response = client.open(path, method=method)
        expected = EXPECTED[method, endpoint][PEOPLE.index(who)]
        if response.status_code != expected:
            wrong.append(f"{method} {path} ({endpoint}): {response.status_code}, expected {expected}")
    assert not wrong, "\n".join(wrong)


def test_without_a_token_nothing_is_sent(app: Flask, world: dict[str, Any], database: Database, settings: Settings,
                                         someone: Callable[..., Any]) -> None:
    with database.change() as session:
        link = link_token(session, "author@example.org", settings.secret_key, now())
    visitor = someone(email="admin@example.org", role="admin")
    for method, endpoint, rule in routes(app):
        # Programs post to these: a pool signs, a mail program holds the secret of its letter.
        if method == "POST" and not endpoint.startswith("api.") and endpoint != "following.stop":
            response = visitor.client.post(address(rule, endpoint, world, link), data={"body": "kept " * 30})
            assert response.status_code == 400, endpoint
            assert b"kept kept" in response.data, f"{endpoint} lost what was typed"
    with database.reading() as session:
        assert session.scalar(select(Person.epoch).where(Person.email == "admin@example.org")) == 0


def test_addresses_that_are_not_there(guest: Any) -> None:
    for path, status in (("/en/nothing", 404), ("/xx/ideas", 404), ("/en/ideas/MZ-2020-99999", 404), ("/nothing", 404),
                         ("/en/moderation/ideas/MZ-2020-99999", 200), ("/en/ideas?after=nonsense", 404)):
        guest.open(path, status)
        if status == 404:
            assert guest.page.has("There is nothing here") or guest.page.has("does not exist") or guest.page.title
    response = guest.client.delete("/en/ideas")
    assert response.status_code == 405 and "GET" in response.headers["Allow"]
    problem = guest.client.get("/api/v1/nothing")
    assert problem.status_code == 404 and problem.mimetype == "application/problem+json"
