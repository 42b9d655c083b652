"""The Atom feeds: what RFC 4287 asks for, what stands in them and what never does."""

import xml.etree.ElementTree as ET
from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from participation import translations
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea, IdeaStep
from tests.counting import counted
from tests.people import Guest, Officer
from tests.pool.making import accepted
from tests.site.writing import Desk

ATOM, XML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/XML/1998/namespace}"


@pytest.fixture
def desk(database: Database, city: City) -> Desk:
    """Ideas without a browser."""
    return Desk(database, city)


def feed(client: FlaskClient, path: str, status: int = 200) -> Any:
    """A feed, parsed as strictly as XML is, with everything that RFC 4287 says must be there."""
    answer = client.get(path)
    assert answer.status_code == status, path
    if status != 200:
        return None
    assert answer.mimetype == "application/atom+xml"
    root = ET.fromstring(answer.get_data())
    texts = {f"{ATOM}title", f"{ATOM}content", f"{ATOM}summary"}
    assert root.tag == f"{ATOM}feed" and root.get(f"{XML}lang") == path.split("/")[1]
    for thing in (root, *root.iter(f"{ATOM}entry")):
        for name in ("id", "title", "updated"):
            [found] = thing.findall(ATOM + name)
            assert (found.text or "").strip(), name
        assert datetime.fromisoformat(thing.findtext(f"{ATOM}updated", "")).tzinfo
        assert thing.findtext(f"{ATOM}id", "").startswith("tag:localhost,2026:")
        assert (thing.findtext(f"{ATOM}author/{ATOM}name") or "").strip()
        assert len(thing.findall(f"{ATOM}link[@rel='alternate']")) == 1
        assert {e.get("type") for e in thing if e.tag in texts} == {"text"}
        for link in thing.findall(f"{ATOM}link"):
            assert link.get("href", "").startswith("http://localhost/") and link.get("type")
    ids = [entry.findtext(f"{ATOM}id") for entry in root.iter(f"{ATOM}entry")]
    assert len(ids) == len(set(ids))
    [self_link] = root.findall(f"{ATOM}link[@rel='self']")
    assert self_link.get("href") == f"http://localhost{path}"
    times = [entry.findtext(f"{ATOM}updated", "") for entry in root.iter(f"{ATOM}entry")]
    assert times == sorted(times, reverse=True) and root.findtext(f"{ATOM}updated") == (times or [
        "1970-01-01T00:00:00+00:00"])[0]
    return root


def titles(root: Any) -> list[str]:
    return [entry.findtext(f"{ATOM}title") for entry in root.iter(f"{ATOM}entry")]


def test_the_feed_of_nothing(client: FlaskClient) -> None:
    assert titles(feed(client, "/en/ideas.atom")) == []
    feed(client, "/en/ideas/MZ-2020-00001.atom", 404)
    feed(client, "/xx/ideas.atom", 404)


def test_new_ideas_and_answers(client: FlaskClient, desk: Desk, guest: Guest) -> None:
    desk.idea("Shade for the bus stops", "publish", name="Ada")
    desk.idea("A lift at the station", "publish", "accept", "receive", "pass", author="x@example.org", name="")
    root = feed(client, "/en/ideas.atom")
    assert set(titles(root)) == {"Shade for the bus stops", "A lift at the station",
                                 "Accepted for the idea pool: A lift at the station",
                                 "First check passed: A lift at the station"}
    authors = {entry.findtext(f"{ATOM}title"): entry.findtext(f"{ATOM}author/{ATOM}name")
               for entry in root.iter(f"{ATOM}entry")}
    assert authors["Shade for the bus stops"] == "Ada" and authors["A lift at the station"] == "A resident"
    [content] = [e.find(f"{ATOM}content") for e in root.iter(f"{ATOM}entry")
                 if e.findtext(f"{ATOM}title").startswith("First check")]
    assert content.text == "About pass."
    page = guest.open("/ideas")
    assert [e.get("href") for e in page.all(".//head/link[@type='application/atom+xml']")] == ["/en/ideas.atom"]


def test_in_every_language(client: FlaskClient, desk: Desk, city: City, guest: Guest) -> None:
    desk.idea("المزيد من الظل", "publish", "decline", language="ar", name="")
    for tag in city.languages:
        root = feed(client, f"/{tag}/ideas.atom")
        assert city.site_name.in_(tag) in root.findtext(f"{ATOM}title")
        told, new = root.findall(f"{ATOM}entry")
        assert (new.get(f"{XML}lang"), new.find(f"{ATOM}author").get(f"{XML}lang")) == ("ar", tag)
        heading = told.find(f"{ATOM}title")
        assert heading.get(f"{XML}lang") == tag
        # In a sentence that runs the other way, the idea's title is kept together.
        assert ("\u2068المزيد من الظل\u2069" in heading.text) is (tag != "ar")
        guest.lang = tag
        for path in ("/", "/ideas", "/projects"):
            [link] = guest.open(path).all(".//head/link[@type='application/atom+xml']")
            assert link.get("href") == f"/{tag}/ideas.atom" and link.get("title")


def test_narrowed_down_like_the_list(client: FlaskClient, desk: Desk, city: City, guest: Guest) -> None:
    field, district = city.fields[1].key, city.districts[0].key
    desk.idea("A bench right here", "publish", field=field, district=district)
    desk.idea("A bench somewhere else", "publish", "accept", field=city.fields[0].key, district=None)
    assert titles(feed(client, f"/en/ideas.atom?field={field}")) == ["A bench right here"]
    assert titles(feed(client, f"/en/ideas.atom?district={district}")) == ["A bench right here"]
    both = feed(client, f"/de/ideas.atom?field={field}&district={district}")
    assert city.fields[1].name.in_("de") in both.findtext(f"{ATOM}title")
    assert guest.open(f"/ideas?field={field}").all(f".//head/link[@href='/en/ideas.atom?field={field}']")
    assert len(titles(feed(client, "/en/ideas.atom"))) == 3
    answer = client.get("/en/ideas.atom?field=nonsense&q=<x>")
    assert answer.status_code == 200 and b"nonsense" not in answer.data


def test_the_steps_of_one_idea(client: FlaskClient, guest: Guest, database: Database, city: City, officer: Officer,
                               deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.answer(ref, "pass", "It meets all criteria.")
    page = guest.open(f"/ideas/{ref}")
    [link] = page.all(".//head/link[@type='application/atom+xml']")
    root = feed(client, link.get("href", ""))
    assert [title.partition(":")[0] for title in titles(root)] == [
        "First check passed", "Arrived in the idea pool", "Accepted for the idea pool", "Published"]
    with database.change() as session:
        step = session.scalars(select(IdeaStep).where(IdeaStep.move == "pass")).one()
        translations.keep(session, "idea_step", step.id, "statement", "de", "Sie erfüllt alles.", step.statement,
                          translations.STAFF, None, now())
    found = feed(client, f"/de/ideas/{ref}.atom").find(f"{ATOM}entry/{ATOM}content")
    assert (found.text, found.get(f"{XML}lang")) == ("Sie erfüllt alles.", "de")
    found = feed(client, f"/en/ideas/{ref}.atom").find(f"{ATOM}entry/{ATOM}content")
    assert (found.text, found.get(f"{XML}lang")) == ("It meets all criteria.", "en")


def test_what_is_not_public_is_in_no_feed(client: FlaskClient, desk: Desk, officer: Officer) -> None:
    refs = {move: desk.idea(f"An idea to {move}", *moves, author="officer@example.org")
            for move, moves in {"return": ("return",), "reject": ("reject",), "hide": ("publish", "hide"),
                                "decline": ("publish", "decline")}.items()}
    assert set(titles(feed(client, "/en/ideas.atom"))) == {"An idea to decline",
                                                           "Declined with an answer: An idea to decline"}
    for move in ("return", "reject", "hide"):
        feed(client, f"/en/ideas/{refs[move]}.atom", 404)
        feed(officer.client, f"/en/ideas/{refs[move]}.atom", 404)  # nor for its author
    with desk.database.change() as session:
        session.execute(update(IdeaStep).where(IdeaStep.move == "decline").values(undone=True))
    assert titles(feed(client, "/en/ideas.atom")) == ["An idea to decline"]


def test_hostile_words_are_words(client: FlaskClient, desk: Desk) -> None:
    ref = desk.idea("]]> <b>Bänke</b> & \u202e \u0000 \ufffe 🌳 \u000b", "publish", "decline", name='<i>"A&B"</i>')
    with desk.database.change() as session:  # imported texts may hold what XML cannot say
        session.execute(update(Idea).values(title="]]> <b>Bänke</b> & \ufffe 🌳 \u000b"))
    for path in ("/en/ideas.atom", f"/en/ideas/{ref}.atom"):
        assert "]]> <b>Bänke</b> &  🌳 " in titles(feed(client, path))[-1]


def test_any_cache_may_keep_them_for_a_while(client: FlaskClient, desk: Desk, officer: Officer) -> None:
    ref = desk.idea()
    for path in ("/en/ideas.atom", f"/en/ideas/{ref}.atom"):
        first = client.get(path)
        assert first.headers["Cache-Control"] == "public, max-age=300" and "Set-Cookie" not in first.headers
        for browser in (client, officer.client):  # the same for everybody
            again = browser.get(path, headers={"If-None-Match": first.headers["ETag"]})
            assert again.status_code == 304 and not again.data and "Cookie" not in again.headers.get("Vary", "")
        packed = client.get(path, headers={"Accept-Encoding": "gzip"})
        assert packed.headers["Content-Encoding"] == "gzip"
        again = client.get(path, headers={"Accept-Encoding": "gzip", "If-None-Match": packed.headers["ETag"]})
        assert again.status_code == 304
    desk.idea("Another one")
    assert client.get("/en/ideas.atom", headers={"If-None-Match": first.headers["ETag"]}).status_code == 200


def test_fifty_of_many_and_few_queries(client: FlaskClient, desk: Desk, database: Database) -> None:
    desk.ideas([f"Idea number {n:02d}" for n in range(60)], "publish", "decline")
    with counted(database) as seen:
        root = feed(client, "/en/ideas.atom")
    assert len(seen) <= 3, seen
    assert len(titles(root)) == 50 and "Idea number 59" in titles(root) and "Idea number 20" not in titles(root)
    ref = desk.idea()
    with counted(database) as seen:
        feed(client, f"/en/ideas/{ref}.atom")
    assert len(seen) <= 2, seen
