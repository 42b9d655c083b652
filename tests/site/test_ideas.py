"""Reading: the list as people search and page it, and the page of one idea."""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from sqlalchemy import update

from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.text import one_line, plain
from tests.counting import counted
from tests.page import Page, words
from tests.people import Guest, Moderator, Officer
from tests.site.writing import BODY, Desk


@pytest.fixture
def desk(database: Database, city: City) -> Desk:
    """Ideas without a browser."""
    return Desk(database, city)


def titles(page: Page) -> list[str]:
    """The titles of a list, from top to bottom."""
    return [words(link) for link in page.all(".//ol[@class='ideas']//a")]


def comments_of(page: Page) -> list[Element]:
    """The comments on the page, in order."""
    return [item for item in page.all(".//li") if (item.get("id") or "").startswith("comment-")]


def folded(text: str) -> str:
    """A text with its white space as a page's words have it."""
    return re.sub(r"\s+", " ", text).strip()


def test_an_empty_city_invites(guest: Guest) -> None:
    page = guest.open("/ideas")
    assert page.has("Yours can be the first.")
    assert page.link("Propose an idea").endswith("/en/ideas/new")


def test_narrowing_the_list_down(guest: Guest, desk: Desk) -> None:
    desk.idea("Trees in the Neustadt", district="neustadt", field="mobility-environment-urban")
    desk.idea("Bäume in der Altstadt", district="altstadt", language="de")
    desk.idea("Open town hall data")
    assert len(titles(guest.open("/ideas"))) == 3
    page = guest.open("/ideas?district=neustadt")
    assert titles(page) == ["Trees in the Neustadt"]
    assert "Neustadt" in (page.all("./head/title")[0].text or "")
    assert page.form("/ideas", "get").values["district"] == "neustadt"
    assert titles(guest.open("/ideas?language=de")) == ["Bäume in der Altstadt"]
    assert titles(guest.open("/ideas?field=mobility-environment-urban")) == ["Trees in the Neustadt"]
    assert titles(guest.open("/ideas?q=BAUME")) == ["Bäume in der Altstadt"]
    assert titles(guest.open("/ideas?q=trees&district=altstadt")) == []
    assert guest.page.has("Nothing was found")
    assert len(titles(guest.open(guest.page.link("Show all ideas")))) == 3


@pytest.mark.parametrize("query", ["field=nope", "district=%00", "language=xx&sort=supported", "field=%F0%9F%98%80",
                                   "district=neustadt%27--"])
def test_what_the_city_does_not_have_is_not_found_but_no_error(guest: Guest, desk: Desk, query: str) -> None:
    desk.idea()
    page = guest.open(f"/ideas?{query}")
    assert titles(page) == []
    assert page.has("Nothing was found")


@pytest.mark.parametrize("after", ["x", "1", "-1.2", "1.x", "9" * 60 + ".1", "99999999999999999999.1", "%00", "١.٢x"])
def test_a_made_up_page_of_the_list(guest: Guest, desk: Desk, after: str) -> None:
    desk.idea()
    page = guest.open(f"/ideas?after={after}", 404)
    assert page.has("Please begin with the first one.")


def test_sorting(guest: Guest, desk: Desk, database: Database) -> None:
    refs = desk.ideas([f"Idea with the number {number}" for number in range(3)])
    with database.change() as session:
        for ref, supports, comments in zip(refs, (5, 50, 7), (9, 0, 3), strict=True):
            session.execute(update(Idea).where(Idea.ref == ref).values(supports_total=supports, comments=comments))
    assert [title[-1] for title in titles(guest.open("/ideas"))] == ["2", "1", "0"]
    assert [title[-1] for title in titles(guest.open("/ideas?sort=supported"))] == ["1", "2", "0"]
    assert [title[-1] for title in titles(guest.open("/ideas?sort=discussed"))] == ["0", "2", "1"]
    assert [title[-1] for title in titles(guest.open("/ideas?sort=nonsense"))] == ["2", "1", "0"]


@pytest.mark.parametrize("sort", ["newest", "supported", "discussed"])
def test_paging_neither_skips_nor_repeats_while_ideas_arrive(guest: Guest, desk: Desk, sort: str) -> None:
    begun = now() - timedelta(days=3)
    there = [f"Idea with the number {number:02d}" for number in range(45)]
    desk.ideas(there, at=begun, district="neustadt")
    page = guest.open(f"/ideas?sort={sort}&district=neustadt")
    seen = titles(page)
    for arriving in range(2):
        desk.ideas([f"Arrives meanwhile {arriving} {number}" for number in range(5)], at=now(), district="neustadt")
        page = guest.open(page.link("Next page"))
        assert page.form("/ideas", "get").values["district"] == "neustadt"
        seen += titles(page)
    assert sorted(title for title in seen if title in there) == there
    assert len(seen) == len(set(seen)) == 45
    assert "Next page" not in page.text
    assert titles(guest.open(page.link("Back to the first page")))[0].startswith("Arrives meanwhile 1")


def test_the_list_costs_few_queries_and_sets_no_cookie(guest: Guest, desk: Desk, database: Database) -> None:
    desk.ideas([f"Idea with the number {number:02d}" for number in range(30)])
    guest.open("/ideas")
    with counted(database) as queries:
        page = guest.open("/ideas?sort=supported&q=idea")
    assert len(queries) <= 3
    assert "Set-Cookie" not in page.response.headers


def test_an_idea_tells_where_it_stands(guest: Guest, desk: Desk, city: City) -> None:
    ref = desk.idea("Shade for the bus stops", "publish", "accept", "receive", "pass", "rate", "plan", "start",
                    district="neustadt")
    page = guest.open(f"/ideas/{ref}")
    assert page.title == "Shade for the bus stops"
    assert page.has("Under way", "The city is working on it.", BODY, "Whoever waits there is better off.", ref,
                    "Neustadt", "Ada", "Less waiting.", "Everyone who waits.", "Planned as a project", "About plan.",
                    "Sent to the city", "This idea is not gathering support any more.")
    [canonical] = page.all("./head/link[@rel='canonical']")
    assert canonical.get("href") == f"http://localhost/en/ideas/{ref}"
    assert not [form for form in page.forms() if "/support" in form.action]
    other = guest.open(page.link("/de/ideas/"))
    assert other.path == f"/de/ideas/{ref}"


def test_the_quorum_is_told(guest: Guest, desk: Desk, database: Database) -> None:
    ref = desk.idea()
    assert guest.open(f"/ideas/{ref}").has("0 of 200 supporters from the city")
    with database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref)
                        .values(quorum_until=now() - timedelta(days=1), supports_city=3))
    assert guest.open(f"/ideas/{ref}").has("it had not gathered 200 supporters from the city; it has 3 now")
    with database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref).values(quorum_reached_at=now(), supports_city=201))
    assert guest.open(f"/ideas/{ref}").has("Reached 200 supporters from the city")


def test_supports_counted_elsewhere_are_shown_as_such(guest: Guest, desk: Desk, database: Database) -> None:
    ref = desk.idea()
    with database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref).values(
            author_id=None, supports=2, supports_imported=6560, supports_total=6562, source="Decide Madrid",
            source_id="7", source_url="https://decide.example/7", version=3))
    page = guest.open(f"/ideas/{ref}")
    assert page.has("6,562", "6,560 of these supports were counted on another platform.", "Decide Madrid", "Version 3")
    [link] = [a for a in page.all(".//a") if a.get("href") == "https://decide.example/7"]
    assert "nofollow" in (link.get("rel") or "")
    with database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref).values(source_url="javascript:alert(1)"))
    assert not [link for link in guest.open(f"/ideas/{ref}").links() if link.startswith("javascript")]


@pytest.mark.parametrize("moves", [("return",), ("reject",), ("publish", "hide")])
def test_an_idea_that_is_not_public_is_for_its_author_and_moderators(
        guest: Guest, desk: Desk, someone: Callable[..., Any], moves: tuple[str, ...]) -> None:
    ref = desk.idea("Buy my wonderful things", *moves)
    assert "wonderful" not in guest.open(f"/ideas/{ref}", 404).text
    assert "wonderful" not in guest.open("/ideas").text
    assert "wonderful" not in someone(email="stranger@example.org").open(f"/ideas/{ref}", 404).text
    assert "wonderful" not in someone(Officer, "officer@example.org", role="cdo").open(f"/ideas/{ref}", 404).text
    own = someone(email="author@example.org").open(f"/ideas/{ref}")
    assert own.has("Buy my wonderful things", "This idea is not public.", f"About {moves[-1]}.")
    staff = someone(Moderator, "moderator@example.org", role="moderator").open(f"/ideas/{ref}")
    assert staff.has("Buy my wonderful things", "Decide on this idea")
    if moves[-1] != "return":
        assert own.has("we do not")  # the city's own words for the reason


@pytest.mark.parametrize("ref", ["MZ-2026-99999", "nothing", "%00", "MZ-2026-00001%00", "mz-2026-00001", "é" * 500])
def test_no_such_idea(guest: Guest, ref: str) -> None:
    assert guest.open(f"/ideas/{ref}", 404).has("There is no such idea here.")


def test_staff_are_led_to_their_pages(desk: Desk, moderator: Moderator, officer: Officer) -> None:
    ref = desk.idea("Shade for the bus stops", "publish", "accept", "receive")
    assert f"/en/moderation/ideas/{ref}" in moderator.open(f"/ideas/{ref}").links()
    page = officer.open(f"/ideas/{ref}")
    assert f"/en/pool/{ref}" in page.links()
    assert not [link for link in page.links() if "/moderation/" in link]


def test_five_hundred_comments(guest: Guest, desk: Desk, database: Database, moderator: Moderator) -> None:
    ref = desk.idea("Shade for the bus stops", "publish", "accept")
    firsts = desk.comments(ref, [f"First comment {number:02d}" for number in range(45)])
    for first in firsts[:45]:
        desk.comments(ref, [f"Answer {number} to {first}" for number in range(10)], answers=first)
    with counted(database) as queries:
        page = guest.open(f"/ideas/{ref}")
    assert len(queries) <= 8
    assert page.has("495 comments")
    seen = [item.get("id") for item in comments_of(page)]
    while "Next page" in page.text:
        with counted(database) as queries:
            page = guest.open(page.link("Next page"))
        assert len(queries) <= 8
        seen += [item.get("id") for item in comments_of(page)]
    assert len(seen) == len(set(seen)) == 495
    with counted(database) as queries:
        moderator.open(f"/ideas/{ref}?answer={firsts[0]}")
    assert len(queries) <= 12  # the last one: what the city promised


@pytest.mark.parametrize("query", ["comments=x", "comments=999999999999999999999", "answer=%00", "answer=-1",
                                   "answer=0", "answer=999999999&comments=999999999"])
def test_made_up_comment_numbers_do_no_harm(guest: Guest, desk: Desk, query: str) -> None:
    ref = desk.idea()
    desk.comments(ref, ["A comment to be seen"])
    assert guest.open(f"/ideas/{ref}?{query}").has("A comment to be seen", "Write a comment")


def hostile(shared: Path) -> list[str]:
    """Every hostile string there is."""
    return [json.loads(line)["text"] for line in (shared / "hostile_strings.jsonl").read_text("utf-8").splitlines()]


def test_hostile_words_come_out_as_words(guest: Guest, desk: Desk, city: City, shared: Path) -> None:
    texts = [text for text in hostile(shared) if plain(text)]
    assert len(texts) > 500
    wanted = [one_line(f"A title with {text}")[:city.limits.title_max].strip() for text in texts]
    refs = desk.ideas(wanted, body="Before the words. " + "\n\n".join(texts)[:4000])
    seen, page = [], guest.open("/ideas")
    while True:
        seen += titles(page)
        if "Next page" not in page.text:
            break
        page = guest.open(page.link("Next page"))
    assert seen == [folded(one_line(title)) for title in reversed(wanted)]
    for ref, title in list(zip(refs, wanted, strict=True))[::40]:
        page = guest.open(f"/ideas/{ref}")
        assert page.title == folded(one_line(title))
    [body] = [each for each in page.all(".//div") if "idea__body" in (each.get("class") or "")]
    assert not [e for e in body.iter() if e.tag not in ("div", "p", "br", "a")]
    assert all(a.get("href", "").startswith(("http://", "https://")) for a in body.iter("a"))


def test_hostile_comments_come_out_as_words(guest: Guest, desk: Desk, shared: Path) -> None:
    ref = desk.idea()
    texts = [text for text in hostile(shared) if 2 <= len(plain(text)) <= 2000]
    desk.comments(ref, texts, name="<b>Tom</b> \u202e")
    seen, page = [], guest.open(f"/ideas/{ref}")
    while True:
        for item in comments_of(page):
            [body] = [each for each in item.iter("div") if "prose" in (each.get("class") or "")]
            seen.append(re.sub(r"\s", "", "".join(body.itertext())))
            assert not [e for e in body.iter() if e.tag not in ("div", "p", "br", "a")]
        if "Next page" not in page.text:
            break
        page = guest.open(page.link("Next page"))
    assert seen == [re.sub(r"\s", "", plain(text)) for text in texts]
    assert guest.open(f"/ideas?q={'%22%27%3C%00%25_*'}").has("Nothing was found")
