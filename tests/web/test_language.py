"""The language of a page: led to once, switched in place, and every sentence of it translatable."""

import re
from collections.abc import Callable, Iterator
from xml.etree.ElementTree import Element

import pytest
from flask import Flask
from flask.testing import FlaskClient

from participation.city import City
from participation.database import Database
from participation.web import format, language
from tests.making import published
from tests.marked import Marked, data, unmarked
from tests.page import Page, inspect, words
from tests.people import AN_IDEA, Guest, Moderator, Officer, Resident

PUBLIC = ("/", "/ideas", "/ideas?q=shade&sort=supported", "/ideas?q=nothing-like-it", "/ideas/new",
          "/ideas/new?step=where", "/offline", "/sign-in")
ATTRIBUTES = ("aria-label", "title", "alt", "placeholder", "data-announce")


@pytest.mark.parametrize(("header", "leads_to"), [
    ("de", "de"), ("en", "en"), ("en-GB,en;q=0.9,de;q=0.1", "en"), ("de-AT", "de"), ("fr", "fr"), ("nl", "de"),
    ("nl,en;q=0.5", "en"),
    ("fr-CA", "fr"), ("de-simple", "de"),
    ("*", "de"), (None, "de"), ("", "de"), (";;;q=", "de"), ("en;q=zero", None), ("x" * 5000, "de"), ("ü,\xff", "de"),
    ("en;q=0", "de"), ("DE", "de"), ("de,de,de" * 500, "de"),
])
def test_the_bare_address(client: FlaskClient, header: str | None, leads_to: str | None) -> None:
    answer = client.get("/", headers={} if header is None else {"Accept-Language": header})
    assert answer.status_code == 302 and "Accept-Language" in answer.headers["Vary"]
    assert answer.headers["Location"] in ([f"/{leads_to}/"] if leads_to else ["/de/", "/en/"])


def test_switching_stays_on_the_page(guest: Guest, resident: Resident, database: Database, city: City) -> None:
    published(database, city)
    ref = guest.open("/ideas").link("/ideas/MZ-")
    for path in ("/en/", "/en/ideas?q=shade+%26+more&field=mobility-environment-urban&sort=supported", ref,
                 "/en/ideas/new", f"{ref}?answer=1", "/en/sign-in?next=/en/me"):
        page = resident.open(path) if "sign-in" not in path else guest.open(path)
        [german] = [a.get("href", "") for a in page.all(".//details//a[@hreflang='de']")]
        visitor = resident if "sign-in" not in path else guest
        there = visitor.open(german)
        assert there.root.get("lang") == "de" and there.response.headers["Content-Language"] == "de"
        assert there.response.request.full_path.rstrip("?") == german
        [back] = [a.get("href", "") for a in there.all(".//details//a[@hreflang='en']")]
        again = visitor.open(back)
        assert again.response.request.path == path.partition("?")[0] and again.title == page.title
        assert sorted(again.response.request.args.items()) == sorted(page.response.request.args.items())


def test_search_engines_find_a_page_in_every_language(guest: Guest, resident: Resident, database: Database,
                                                      city: City) -> None:
    published(database, city)
    ref = guest.open("/ideas").link("/ideas/MZ-")
    for path in ("/en/", "/en/ideas?q=shade&sort=supported", ref, f"{ref}?answer=1"):
        page = guest.open(path)
        others = {e.get("hreflang"): e.get("href") for e in page.all(".//link[@rel='alternate'][@hreflang]")}
        assert set(others) == {*city.languages, "x-default"} and others["x-default"] == others[city.languages[0]]
        assert others["en"] in {f"http://localhost{path}", f"http://localhost{path}".replace("?", "/?")}
        [one] = [e.get("href") for e in page.all(".//link[@rel='canonical']")]
        assert one == f"http://localhost{path.partition('?')[0]}"
        assert "Accept-Language" not in page.response.headers.get("Vary", ""), path
    assert not resident.open("/en/").all(".//link[@rel='canonical']")  # no search engine signs in


def test_no_query_breaks_a_page(guest: Guest) -> None:
    for name in ("endpoint", "_anchor", "_scheme", "_method", "_external", "lang", "self"):
        page = guest.open(f"/en/ideas?q=a%20%26b&{name}=javascript&{name}=2")
        [german] = [a.get("href") for a in page.all(".//details//a[@hreflang='de']")]
        assert german == f"/de/ideas?q=a+%26b&{name}=javascript&{name}=2"


def test_switching_after_a_form_was_sent_back(guest: Guest) -> None:
    guest.open("/ideas/new")
    page = guest.send("ideas/new", status=422, title="x")
    assert page.root.get("lang") == "en"
    assert guest.open(page.all(".//details//a[@hreflang='de']")[0].get("href", "")).root.get("lang") == "de"


def test_a_language_that_is_not_spoken(client: FlaskClient) -> None:
    for path in ("/nl/ideas", "/xx/", "/EN/ideas", "/de-DE/", "/%00/", "/e/ideas/new"):
        for asked in ("de", "en"):
            page = Page(client.get(path, headers={"Accept-Language": asked}))
            inspect(page)
            assert page.status == 404 and page.root.get("lang") == asked, path
            assert "Accept-Language" in page.response.headers["Vary"], path
            assert f"/{asked}/" in page.links()
    posted = client.post("/nl/ideas/new", data={"body": "x"})
    assert posted.status_code in (400, 404)


def test_public_pages_in_every_language(guest: Guest, database: Database, city: City) -> None:
    published(database, city)
    ref = guest.open("/ideas").link("/ideas/MZ-").removeprefix("/en")
    english: dict[str, str] = {}
    for tag in city.languages:
        guest.lang = tag
        for path in (*PUBLIC, ref):
            page = guest.open(f"/{tag}{path}")
            assert page.root.get("lang") == tag == page.response.headers["Content-Language"]
            assert english.setdefault(path, page.title) == page.title or tag != city.languages[0]
        assert guest.open(f"/{tag}/nothing", 404).response.headers["Content-Language"] == tag


def test_german_pages_are_german_all_through(guest: Guest, resident: Resident) -> None:
    """What views and forms say goes through the same catalogue as what templates say."""
    resident.open("/de/ideas/new")
    labels = [words(label) for label in resident.page.all(".//label")]
    assert labels and not [label for label in labels if re.search(r"\b(your|what|which|is it)\b", label, re.I)], labels
    page = resident.send("ideas/new", status=422, title="x")
    assert "Please" not in page.text and "Bitte" in page.text
    assert "There is nothing here" not in guest.open("/de/nothing", 404).text


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every page in the marked language."""
    monkeypatch.setattr(language, "catalogue", lambda _tag: Marked())
    monkeypatch.setattr(format, "_parts", {})
    yield


def _unmarked(page: Page, known: re.Pattern[str]) -> list[str]:
    """Words of a page that are neither data nor marked as translated."""
    return unmarked(_texts(page.root), known)


def _texts(root: Element) -> Iterator[str]:
    """Text as it is seen: of blocks, so that a sentence with a word in bold stays one; and of attributes."""
    inline = {"b", "strong", "em", "span", "a", "bdi", "time", "small", "br"}
    for element in root.iter():
        if element.tag in ("script", "style", "meta"):
            continue
        yield from (element.get(name, "") for name in ATTRIBUTES)
        if element.tag == "input" and element.get("type") == "submit":
            yield element.get("value", "")
        if element.tag not in inline:
            yield (element.text or "") + "".join(_inline(child, inline) for child in element)


def _inline(element: Element, inline: set[str]) -> str:
    inside = " " if element.tag == "br" else ""
    if element.tag in inline - {"br"}:
        inside = (element.text or "") + "".join(_inline(child, inline) for child in element)
    return inside + (element.tail or "")


def test_words_that_are_not_marked_are_found(guest: Guest, city: City) -> None:
    found = " ".join(_unmarked(guest.open("/ideas/new"), data(city)))
    for word in ("Sign in", "Propose an idea", "Skip to the content", "Main pages", "Go on", "For example"):
        assert word in found


def test_every_word_of_a_page_can_be_translated(
        marked: None, app: Flask, guest: Guest, resident: Resident, moderator: Moderator, officer: Officer,
        database: Database, city: City, deliver: Callable[[], int], monkeypatch: pytest.MonkeyPatch) -> None:
    published(database, city)
    known = data(city, "A fine idea, moderators say", "Shade for all.", "Everyone.")
    found: dict[str, list[str]] = {}
    ref = resident.open("/ideas").link("/ideas/MZ-").removeprefix("/en/ideas/")

    def look(visitor: Guest) -> None:
        if left := _unmarked(visitor.page, known):
            found.setdefault(visitor.page.response.request.full_path, left)

    def visit(visitor: Guest, *paths: str, status: int = 200) -> None:
        for path in paths:
            visitor.open(path, status)
            look(visitor)

    visit(guest, *PUBLIC, f"/ideas/{ref}")
    visit(guest, "/nothing", "/ideas/MZ-2020-99999", "/ideas?after=x", status=404)
    visit(resident, "/", "/me", "/me/settings", "/ideas/new", f"/ideas/{ref}")
    visit(resident, "/moderation/", "/pool/", status=403)
    resident.open("/ideas/new")
    for form, values, status in (("ideas/new", {"title": "x"}, 422), ("ideas/new", AN_IDEA, 200)):
        resident.send(form, status=status, **values)
        look(resident)
    look(resident)
    mine = resident.open("/me").link("/follow/")
    visit(resident, "/me", mine, f"{mine}/change", f"{mine}/withdraw")
    resident.comment(ref, AN_IDEA["body"])
    look(resident)
    resident.support(ref)
    look(resident)
    guest.open("/sign-in")
    guest.send("sign-in", email="resident@example.org")
    look(guest)
    guest.send("sign-in/code", status=422, code="1")
    look(guest)
    visit(guest, "/sign-in/link/1.x", "/dev/mail")
    guest.client.post("/en/ideas/new", data=AN_IDEA)
    visit(moderator, "/moderation/")
    entries = sorted({link for link in moderator.page.links() if re.search(r"/moderation/(ideas|comments)/", link)})
    assert len(entries) == 2
    visit(moderator, *entries)
    moderator.send("/moderation/", status=422)
    look(moderator)
    moderator.decide(f"ideas/{ref}", "accept", benefit="Shade for all.", who_benefits="Everyone.",
                     statement="A fine idea, moderators say")
    look(moderator)
    deliver()
    visit(officer, "/pool/", f"/pool/{ref}")
    officer.send(f"/pool/{ref}", status=422)
    look(officer)
    visit(guest, f"/ideas/{ref}", "/")
    for status, path in ((405, "/en/ideas"), (400, "/en/ideas/new")):
        guest.page = Page(guest.client.post(path, data={"body": AN_IDEA["body"]}))
        assert guest.page.status == status
        look(guest)
    monkeypatch.setattr("participation.site.ideas.queries.listed", lambda *_: 1 / 0)
    visit(guest, "/ideas", status=500)
    assert not found, "\n".join(f"{path}: {left}" for path, left in found.items())
