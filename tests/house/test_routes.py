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
from tests.making import a_draft, published, staff

PEOPLE = ("guest", "resident", "author", "moderator", "cdo", "admin")
EVERYONE = (200,) * 6
SIGNED_IN = (303, *(200,) * 5)
STAFF = (303, 403, 403, 200, 403, 200)  # of moderation
OFFICE = (303, 403, 403, 403, 200, 200)  # of the CDO office

# The answer to each kind of person, in the order of PEOPLE. POST is sent without any field.
EXPECTED: dict[tuple[str, str], tuple[int, ...]] = {
    ("GET", "language.choose"): (302,) * 6,
    ("GET", "home.index"): EVERYONE,
    ("GET", "ideas.index"): EVERYONE,
    ("GET", "ideas.show"): EVERYONE,
    ("GET", "taking_part.back"): (303,) * 6,
    ("POST", "taking_part.support"): (303,) * 6,
    ("POST", "taking_part.carry"): (303, *(404,) * 5),
    ("POST", "taking_part.comment"): (422,) * 6,
    ("GET", "translating.form"): SIGNED_IN,
    ("POST", "translating.give"): (401, *(422,) * 5),
    ("GET", "translating.back"): (303, 403, 403, 303, 403, 303),
    ("POST", "translating.take_down"): (401, 403, 403, 404, 403, 404),
    ("GET", "translating.own_form"): EVERYONE,  # whoever holds the secret link
    ("POST", "translating.own_give"): (422,) * 6,
    ("GET", "moderation.translations"): STAFF,
    ("GET", "moderation.translation"): (303, 403, 403, 404, 403, 404),
    ("POST", "moderation.decide_translation"): (401, 403, 403, 404, 403, 404),
    ("GET", "feeds.ideas"): EVERYONE,
    ("GET", "feeds.idea"): EVERYONE,
    ("GET", "map.index"): EVERYONE,
    ("GET", "map.ideas"): EVERYONE,
    ("GET", "map_files.districts"): EVERYONE,
    ("GET", "following.back"): (303,) * 6,
    ("POST", "following.follow"): (303,) * 6,
    ("GET", "following.mine"): SIGNED_IN,
    ("GET", "following.unfollow"): EVERYONE,  # whoever holds the secret link, as with the next
    ("POST", "following.stop"): (303,) * 6,
    ("GET", "projects.index"): EVERYONE,
    ("GET", "projects.show"): EVERYONE,
    ("GET", "style.show"): EVERYONE,  # not in production
    ("GET", "proposing.new"): EVERYONE,
    ("POST", "proposing.submit"): (422,) * 6,
    ("GET", "proposing.alike"): EVERYONE,
    ("GET", "proposing.thanks"): (303, 404, 200, 404, 404, 404),
    ("GET", "proposing.follow"): EVERYONE,  # whoever holds the secret link
    ("GET", "proposing.change_form"): EVERYONE,
    ("POST", "proposing.change"): (409,) * 6,
    ("GET", "proposing.withdraw_form"): EVERYONE,
    ("POST", "proposing.withdraw"): (303,) * 6,
    ("GET", "paper.show"): EVERYONE,
    ("GET", "offline.page"): EVERYONE,
    ("GET", "offline_root.worker"): EVERYONE,
    ("GET", "cards.city"): EVERYONE,
    ("GET", "cards.idea"): EVERYONE,
    ("GET", "cards.project"): EVERYONE,
    ("GET", "poster.idea"): EVERYONE,
    ("GET", "poster.field"): EVERYONE,
    ("GET", "short.idea_of"): (302,) * 6,
    ("GET", "short.new"): (302,) * 6,
    ("GET", "short.new_in"): (302,) * 6,
    ("GET", "signing_in.email"): (200, *(303,) * 5),
    ("POST", "signing_in.send_code"): (422,) * 6,
    ("GET", "signing_in.code"): (303,) * 6,
    ("POST", "signing_in.enter_code"): (303,) * 6,
    ("GET", "signing_in.link"): EVERYONE,
    ("POST", "signing_in.use_link"): (303,) * 6,
    ("POST", "signing_in.out"): (303,) * 6,
    ("GET", "me.index"): SIGNED_IN,
    ("GET", "me.ideas"): SIGNED_IN,
    ("GET", "me.supported"): SIGNED_IN,
    ("POST", "me.end"): (401, *(404,) * 5),
    ("GET", "me.data"): SIGNED_IN,
    ("GET", "me.data_file"): SIGNED_IN,
    ("GET", "me.settings"): SIGNED_IN,
    ("POST", "me.settle"): (401, *(422,) * 5),
    ("POST", "me.out_everywhere"): (401, *(303,) * 5),
    ("GET", "my_comments.comments"): SIGNED_IN,
    ("GET", "my_comments.show"): (303, 404, 200, 404, 404, 404),
    ("POST", "my_comments.change"): (401, 404, 422, 404, 404, 404),
    ("POST", "my_comments.withdraw"): (401, 404, 303, 404, 404, 404),
    ("GET", "moderation.queue"): STAFF,
    ("GET", "moderation.following"): (303, 403, 403, 303, 403, 303),
    ("GET", "moderation.keys"): STAFF,
    ("GET", "moderation.absence"): STAFF,
    ("POST", "moderation.hand_all_over"): (401, 403, 403, 422, 403, 422),
    ("GET", "moderation.entry"): STAFF,
    ("POST", "moderation.decide"): (401, 403, 403, 422, 403, 422),
    ("POST", "moderation.correct"): (401, 403, 403, 303, 403, 303),
    ("GET", "moderation.hold_back"): (303, 403, 403, 303, 403, 303),
    ("POST", "moderation.hold"): (401, 403, 403, 200, 403, 200),
    ("POST", "moderation.checked"): (401, 403, 403, 409, 403, 409),
    ("POST", "moderation.confirm"): (401, 403, 403, 422, 403, 422),
    ("POST", "moderation.note"): (401, 403, 403, 422, 403, 422),
    ("POST", "moderation.undo"): (401, 403, 403, 404, 403, 404),
    ("POST", "moderation.bulk_choose"): (401, 403, 403, 422, 403, 422),
    ("GET", "moderation.bulk_back"): (303, 403, 403, 303, 403, 303),
    ("POST", "moderation.bulk_decide"): (401, 403, 403, 422, 403, 422),
    ("GET", "moderation.bulk_progress"): (303, 403, 403, 404, 403, 404),
    ("GET", "moderation.enter"): STAFF,
    ("POST", "moderation.enter_idea"): (401, 403, 403, 422, 403, 422),
    ("GET", "moderation.enter_workshop"): STAFF,
    ("POST", "moderation.enter_cards"): (401, 403, 403, 422, 403, 422),
    ("GET", "accessibility.show"): EVERYONE,
    ("POST", "accessibility.report"): (422,) * 6,
    ("GET", "accessibility.reported"): (303, 403, 403, 200, 200, 200),
    ("POST", "accessibility.mark"): (401, 403, 403, 404, 404, 404),
    ("GET", "openness.decisions"): EVERYONE,
    ("GET", "openness.transparency"): EVERYONE,
    ("GET", "openness.transparency_file"): EVERYONE,
    ("GET", "openness_api.log"): EVERYONE,
    ("GET", "openness_api.head"): (404,) * 6,  # none is signed while there is no decision
    ("GET", "openness_api.heads"): EVERYONE,
    ("GET", "openness_api.key"): EVERYONE,
    ("GET", "answering.report_form"): EVERYONE,
    ("POST", "answering.report"): (422,) * 6,
    ("GET", "answering.receipt"): EVERYONE,  # whoever holds the secret link, as with the next four
    ("GET", "answering.statement"): EVERYONE,
    ("GET", "answering.statement_back"): (303,) * 6,
    ("POST", "answering.appeal"): (422,) * 6,
    ("POST", "answering.reply"): (422,) * 6,
    ("GET", "desk.inbox"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.record"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.history"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.work_back"): (303, 403, 403, 403, 303, 303),
    ("POST", "desk.assign"): (401, 403, 403, 403, 303, 303),
    ("POST", "desk.due"): (401, 403, 403, 403, 303, 303),
    ("POST", "desk.remark"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.together"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.views_back"): (303, 403, 403, 403, 303, 303),
    ("POST", "desk.save_view"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.delete_view"): (401, 403, 403, 403, 404, 404),
    ("POST", "desk.answer"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.figures"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.figures_file"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.prepared"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.prepare"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.discard"): (401, 403, 403, 403, 404, 404),  # nothing is prepared
    ("POST", "desk.promise"): (401, 403, 403, 403, 409, 409),  # without the promise that was seen
    ("GET", "desk.answers"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.publish"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.translations"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.translate"): (401, 403, 403, 403, 404, 404),
    ("GET", "desk.idea_translations"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.translate_idea"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.download"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.delivery"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.pause"): (401, 403, 403, 403, 404, 404),  # they name a receiver
    ("POST", "desk.resume"): (401, 403, 403, 403, 404, 404),
    ("POST", "desk.retry"): (401, 403, 403, 403, 404, 404),
    ("GET", "desk.tokens"): (303, 403, 403, 403, 403, 200),
    ("POST", "desk.issue_token"): (401, 403, 403, 403, 403, 422),
    ("GET", "desk.revoke_form"): (303, 403, 403, 403, 403, 404),
    ("POST", "desk.revoke_token"): (401, 403, 403, 403, 403, 404),
    ("GET", "api.records"): (401,) * 6,  # a session opens nothing here, only a token does
    ("GET", "desk.reconciliation"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.reconcile"): (401, 403, 403, 403, 404, 404),
    ("GET", "desk.checks"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.check"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.tag"): (401, 403, 403, 403, 303, 303),
    ("POST", "desk.board"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.rating"): (303, 403, 403, 403, 200, 200),
    ("POST", "desk.rate"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.agree"): (401, 403, 403, 403, 409, 409),  # nobody has rated yet
    ("POST", "desk.prioritise"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.ranking"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.ranking_file"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.portfolio"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.meeting"): (303, 403, 403, 403, 200, 200),
    ("GET", "desk.projects"): OFFICE,
    ("GET", "desk.project"): OFFICE,
    ("GET", "desk.edit_project"): OFFICE,
    ("POST", "desk.change_project"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.move_project"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.add_milestone"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.milestone"): OFFICE,
    ("POST", "desk.change_milestone"): (401, 403, 403, 403, 422, 422),
    ("GET", "desk.record_project"): OFFICE,
    ("POST", "desk.make_project"): (401, 403, 403, 403, 422, 422),
    ("POST", "desk.join_project"): (401, 403, 403, 403, 404, 404),
    ("POST", "desk.leave_project"): (401, 403, 403, 403, 303, 303),
    ("GET", "desk.project_back"): (303, 403, 403, 403, 303, 303),
    ("GET", "desk.milestones_back"): (303, 403, 403, 403, 303, 303),
    ("POST", "api.inbox"): (415,) * 6,
    ("POST", "api.compare"): (401,) * 6,
    ("POST", "api.answer"): (401,) * 6,
    ("GET", "api.schema"): EVERYONE,
    ("GET", "assets.city_css"): EVERYONE,
    ("GET", "assets.city_icon"): EVERYONE,
    ("GET", "dev.mail"): EVERYONE,  # on a machine of one's own only, see test_mail_is_shown_on_no_real_site
    ("GET", "dev.letter"): EVERYONE,
    ("GET", "health.alive"): EVERYONE,
    ("GET", "health.ready"): (503,) * 6,  # no worker in a test
}


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
