"""The public decision log: everybody can read and check it, and it gives nobody away."""

import csv
import io
import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select, update

import wsgi
from moderation import decisions, log
from moderation.chain import check_head, from_json
from moderation.model import Decision, LogLine
from moderation.pages import openness
from moderation.verifying import verify
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.outbox import happened
from participation.people.signing_in import person_of
from participation.web.door import Door
from tests.counting import counted
from tests.making import staff
from tests.moderation.taking import WORDS, appeal, report, take, waits
from tests.people import Guest

ALL = "/api/v1/decisions?all=1"


@pytest.fixture(autouse=True)
def no_letters(monkeypatch: pytest.MonkeyPatch) -> None:
    """The letters have tests of their own."""
    monkeypatch.setitem(wsgi.BY_NAME, "participation.web.letters.notice", lambda session, event, house: None)


@pytest.fixture
def told(database: Database, city: City, deliver: Callable[[], int]) -> dict[str, str]:
    """Some of every kind of decision, told to everyone, and a head; the references of the ideas."""
    at = now() - timedelta(days=1)
    with database.change() as session:
        person_of(session, "author@example.org", "de", at).name = "Rosa Beispiel"
        staff(session).name = "Moritz Streng"
        shown = waits(session, city, at, title="A public idea for <everyone>")
        take(session, city, "idea", shown.ref, "publish", at)
        hidden = waits(session, city, at, title="Something with an insult in it")
        take(session, city, "idea", hidden.ref, "publish", at)
        report(session, city, hidden, at)
        take(session, city, "report", 1, "uphold_report", at)
        bad = waits(session, city, at, title="A text that is never shown")
        rejected = take(session, city, "idea", bad.ref, "reject", at, block_days=3)
        appeal(session, city, rejected, at)
        undone = waits(session, city, at, "second@example.org", title="Here somebody was wrong first")
        wrong = take(session, city, "idea", undone.ref, "reject", now())
        decisions.undo(session, city, staff(session), wrong, now())
        found = {"shown": shown.ref, "hidden": hidden.ref, "bad": bad.ref, "undone": undone.ref}
    deliver()
    with database.change() as session:
        happened(session, "time.hour", now())
    deliver()
    return {name: str(ref) for name, ref in found.items()}


def _lines(client: FlaskClient, path: str = ALL) -> list[str]:
    response = client.get(path)
    assert response.status_code == 200 and response.mimetype == "application/x-ndjson"
    return response.get_data(as_text=True).splitlines(keepends=True)


def test_the_log_is_in_order_and_holds_against_its_head(client: FlaskClient, told: dict[str, str]) -> None:
    lines, head = _lines(client), client.get("/api/v1/decisions/head").get_json()
    key = client.get("/api/v1/decisions/key").get_json()["public_key"]
    read = [from_json(line) for line in lines]
    assert [(line.number, line.kind, line.move, line.reason) for line in read] == [
        (1, "idea", "publish", ""), (2, "idea", "publish", ""), (3, "report", "uphold_report", "insult"),
        (4, "idea", "hide", "insult"), (5, "idea", "reject", "insult"), (6, "person", "block", "insult")]
    assert {line.rule for line in read} == {"", "house-rules:insult"} and not any(line.automated for line in read)
    verdict = verify(iter(lines), head, key)
    assert verdict.ok and (verdict.entries, verdict.newer) == (6, 0), verdict.problems
    [kept] = client.get("/api/v1/decisions/heads").get_json()
    check_head(kept["head"], key)
    page = Guest(client, None, "en").open("/en/decisions")  # type: ignore[arg-type]
    assert page.has("The newest head signs the log up to number 6.", "participation log verify")
    assert {"/api/v1/decisions?all=1", "/api/v1/decisions/head", "/api/v1/decisions/key"} <= set(page.links())
    assert kept["head"] == head and head["site"] == "http://localhost" and head["number"] == 6


def test_tampering_is_found(client: FlaskClient, told: dict[str, str], database: Database) -> None:
    head = client.get("/api/v1/decisions/head").get_json()
    lines = _lines(client)
    for tampered in (lines[:-1], lines[1:], [lines[1], lines[0], *lines[2:]], [*lines[:4], *lines[5:]],
                     [lines[0].replace("publish", "reject"), *lines[1:]]):
        assert not verify(iter(tampered), head).ok
    with database.change() as session:  # by whoever holds the database
        session.execute(update(LogLine).where(LogLine.number == 5).values(move="publish", reason="", rule=""))
    verdict = verify(iter(_lines(client)), head)
    assert [number for number, _ in verdict.problems] == [5]


def test_what_was_erased_leaves_the_chain_whole(client: FlaskClient, told: dict[str, str], database: Database) -> None:
    head = client.get("/api/v1/decisions/head").get_json()
    with database.change() as session:
        number = session.scalars(select(LogLine.decision_id).where(LogLine.number == 3)).one()
        assert number is not None
        log.mute(session, number)
    with database.reading() as session:
        assert session.scalars(select(LogLine.salt).where(LogLine.number == 3)).one() == ""
    assert verify(iter(_lines(client)), head).ok


def test_the_page_names_what_is_public_and_nothing_else(guest: Guest, told: dict[str, str],
                                                        client: FlaskClient) -> None:
    page = guest.open("/en/decisions")
    assert page.has("6 decisions, the newest first", "Idea: Published", "Idea: Hidden", "Idea: Not published",
                    "Report: Hidden after a report", "Account: Author blocked", "Insult", "Not public",
                    "A public idea for <everyone>")
    assert page.link(told["shown"]).endswith(told["shown"])
    assert page.text.index("Author blocked") < page.text.index("Idea: Published")  # the newest first
    everything = page.html + "".join(_lines(client)) + "".join(
        client.get(path).get_data(as_text=True) for path in (
            "/api/v1/decisions", "/api/v1/decisions/head", "/api/v1/decisions/heads", "/en/transparency",
            "/en/transparency.csv", "/en/transparency.json"))
    for secret in ("Something with an insult in it", "A text that is never shown", "Here somebody was wrong first",
                   told["hidden"], told["bad"], told["undone"], "Rosa", "Moritz", "author@example.org",
                   "admin@staff.example", "reporter@example.org", "This is not right", WORDS, "Geheimrat"):
        assert secret not in everything, secret
    guest.open("/en/decisions?before=3")
    assert guest.page.has("Back to the first page") and not guest.page.has("Author blocked")
    assert guest.page.has("A public idea for <everyone>")
    assert guest.open("/en/decisions?before=1").has("There are no more decisions in this list.")


def test_a_block_names_no_idea_even_when_the_idea_is_public_again(guest: Guest, told: dict[str, str], city: City,
                                                                  database: Database,
                                                                  deliver: Callable[[], int]) -> None:
    with database.change() as session:
        take(session, city, "appeal", 1, "reverse", now(), role="moderator")
    deliver()
    rows = [row for row in guest.open("/en/decisions").root.iter("tr") if "Author blocked" in "".join(row.itertext())]
    assert guest.page.has("Appeal: Decision reversed", "Idea: Published after all", "A text that is never shown")
    assert len(rows) == 1 and "never shown" not in "".join(rows[0].itertext())


def test_a_hidden_comment_is_not_named(guest: Guest, database: Database, city: City,
                                       deliver: Callable[[], int]) -> None:
    with database.change() as session:
        idea = waits(session, city, now())
        take(session, city, "idea", idea.ref, "publish", now())
        author = person_of(session, "author@example.org", "de", now())
        for words in ("A friendly comment", "A nasty comment"):
            said = comments.say(session, city, author, idea, words, "en", None, now())
            take(session, city, "comment", said.id, "publish", now())
        take(session, city, "comment", 2, "hide", now())
    deliver()
    links = guest.open("/en/decisions").links()
    assert any(link.endswith("#comment-1") for link in links) and not any("#comment-2" in link for link in links)


def test_an_undone_decision_never_enters_and_one_is_entered_once(told: dict[str, str], database: Database, city: City,
                                                                 house: Callable[[], Any]) -> None:
    with database.change() as session:
        undone = session.scalars(select(Decision).where(Decision.undone_at.is_not(None))).one()
        first = session.scalars(select(Decision).order_by(Decision.id)).first()
        assert first is not None
        for decision in (undone, first):  # even if a follower ran again, or too late
            log.entered(session, happened(session, "decision.taken", now(), decision_id=decision.id), house())
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(LogLine)) == 6
        assert session.scalar(select(LogLine).where(LogLine.decision_id == undone.id)) is None


def test_one_head_a_day(told: dict[str, str], database: Database, house: Callable[[], Any]) -> None:
    with database.change() as session:
        for hours in (0, 1, 30):
            log.headed(session, happened(session, "time.hour", now()), replace(
                house(), now=now() + timedelta(hours=hours * 24)))
            session.flush()
    with database.reading() as session:
        heads = log.heads(session)
        assert len(heads) == 3 and heads[0].day > heads[-1].day


def test_the_log_goes_page_by_page_and_whole(client: FlaskClient, told: dict[str, str], database: Database,
                                             monkeypatch: pytest.MonkeyPatch) -> None:
    whole, seen, path = _lines(client), [], "/api/v1/decisions?limit=4"
    while path:
        response = client.get(path)
        seen += response.get_data(as_text=True).splitlines(keepends=True)
        link = response.headers.get("Link", "")
        assert not link or link.endswith('>; rel="next"')
        path = link.partition(">")[0].removeprefix("<")
    assert seen == whole and _lines(client, "/api/v1/decisions?after=5") == whole[5:]
    monkeypatch.setattr(openness, "MOST", 2)
    with counted(database) as queries:
        assert _lines(client) == whole
    assert len(queries) == 4  # two lines at a time, and a look whether there are more


@pytest.mark.parametrize("path", [
    "/api/v1/decisions?after=x", "/api/v1/decisions?after=-1", "/api/v1/decisions?after=٣",
    "/api/v1/decisions?after=99999999999999999999", "/api/v1/decisions?limit=0", "/api/v1/decisions?limit=1001",
    "/api/v1/decisions?limit=", "/api/v1/decisions?after=%00", "/en/decisions?before=x", "/en/decisions?before=9e9",
    "/en/decisions?before=4294967296", "/en/transparency?half=2026", "/en/transparency?half=1999-1",
    "/en/transparency?half=%00", "/en/transparency.xml", "/en/transparency.json?half=x"])
def test_bad_numbers_are_nobodys_fault(client: FlaskClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code in (404, 422)
    assert response.mimetype == ("application/problem+json" if path.startswith("/api") else "text/html")


def test_before_the_first_decision(guest: Guest, client: FlaskClient) -> None:
    assert guest.open("/en/decisions").has("No decision has been made yet.", "The first head is signed")
    assert guest.open("/en/transparency").has("there is nothing to count")
    assert _lines(client) == _lines(client, "/api/v1/decisions") == []
    missing = client.get("/api/v1/decisions/head")
    assert missing.status_code == 404 and missing.mimetype == "application/problem+json"
    assert client.get("/api/v1/decisions/heads").get_json() == []


def test_the_footer_leads_there_and_the_pages_are_everybodys(guest: Guest) -> None:
    guest.open("/")
    for word in ("Decisions", "Transparency"):
        page = guest.open(guest.page.link(word))
        assert page.response.headers["Cache-Control"] == "no-cache"
        assert "Cookie" not in page.response.headers.get("Vary", "")


def test_the_pages_cost_few_queries(client: FlaskClient, told: dict[str, str], database: Database) -> None:
    for path, most in (("/en/decisions", 4), ("/en/transparency", 20)):
        with counted(database) as queries:
            assert client.get(path).status_code == 200
        assert len(queries) <= most, queries


def test_a_move_the_site_does_not_know_any_more(guest: Guest, told: dict[str, str], database: Database) -> None:
    with database.change() as session:
        session.execute(update(LogLine).where(LogLine.number == 1).values(move="canonise", reason="old-reason",
                                                                          rule="house-rules:old-reason"))
    assert guest.open("/en/decisions").has("Idea: canonise", "old-reason", "house-rules:old-reason")


def test_what_the_house_hides_after_reports_stands_in_the_log_and_can_be_appealed(
        app: Flask, settings: Any, city: City, database: Database, guest: Guest, deliver: Callable[[], int]) -> None:
    strict = replace(city, moderation=replace(city.moderation, hide_after_reports=2))
    app.extensions["door"] = Door(settings, strict, database)
    with database.change() as session:
        idea = waits(session, strict, now(), title="Reported by two people")
        ideas.decide(session, strict, staff(session), idea, "publish", now())
        for who in ("one@example.org", "two@example.org"):
            report(session, strict, idea, now(), who=who)
    deliver()
    page = guest.open("/en/decisions")
    assert page.has("Hidden after reports, until a moderator decides", "By a rule, without a person", "Not public")
    assert "Reported by two people" not in page.html
    with database.change() as session:
        made = session.scalars(select(Decision)).one()
        assert made.automated and made.appeal_until is not None and made.step_id is not None
        filed = appeal(session, strict, made, now())
        take(session, strict, "appeal", filed.id, "reverse", now())
        assert session.scalars(select(Idea.public)).one()
    assert guest.open("/en/transparency").has("is hidden until a moderator decides. No other decision against anybody")
    app.extensions["door"] = Door(settings, city, database)
    assert guest.open("/en/transparency").has("is hidden until a moderator decides")  # it was so in this half-year


def test_the_files_open_with_umlauts_and_without_formulas(client: FlaskClient, told: dict[str, str],
                                                          database: Database) -> None:
    response = client.get("/de/transparency.csv")
    assert response.content_type == "text/csv; charset=utf-8" and response.data.startswith(b"\xef\xbb\xbf")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="mainz-transparency-2')
    with database.change() as session:
        session.execute(update(Decision).where(Decision.reason != "").values(reason='=HYPERLINK("x")'))
    rows = list(csv.reader(io.StringIO(client.get("/de/transparency.csv").data.decode("utf-8-sig")), delimiter=";"))
    assert rows[0] == ["section", "what", "value"] and {len(row) for row in rows} == {3}
    text = response.data.decode("utf-8-sig")
    assert "Veröffentlicht" in text  # move_done in German
    assert not any(cell.startswith(("=", "+", "-", "@")) for row in rows for cell in row)
    assert any(cell.startswith("'=HYPERLINK") for row in rows for cell in row)


def test_the_json_keeps_its_names(client: FlaskClient, told: dict[str, str]) -> None:
    found = client.get("/de/transparency.json").get_json()
    assert found["period"] and found["complete"] is False and found["city"] == "mainz"
    assert found["reports"] == [{"category": "insult", "reports": 1, "led_to_action": 1}]
    assert found["reasons"] == [{"reason": "insult", "own_initiative": 1, "after_report": 1}]
    assert {"kind": "idea", "move": "publish", "number": 2} in found["decisions"]
    assert found["automated"] == [{"move": "publish_trusted", "number": 0}, {"move": "hide_reported", "number": 0}]
    assert (found["appeals_filed"], found["appeals_open"], found["blocks"]) == (1, 1, 1)
    assert json.dumps(found, ensure_ascii=False).isascii()
    assert found["first_decisions"] == 3 and found["share_within_promise"] == 1.0 and len(found["monthly"]) <= 6
