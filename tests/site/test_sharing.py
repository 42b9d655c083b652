"""Handing an idea on: what a messenger shows of it, plain links, posters with a short address."""

import io
from collections.abc import Callable
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image
from sqlalchemy import select

from participation.assessment import projects
from participation.assessment.projects import Plan
from participation.city import City
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.pool.model import Item
from participation.site.picture import Card, draw, readable, runs
from participation.text import MASK
from tests.counting import counted
from tests.making import published, staff
from tests.people import Guest, Moderator, Resident
from tests.pool.making import accepted


def _ref(database: Database, key: int) -> str:
    with database.reading() as session:
        return session.get_one(Idea, key).ref or ""


def _tags(guest: Guest) -> dict[str, list[str]]:
    """What a page's head says to machines, by name."""
    found: dict[str, list[str]] = {}
    for each in guest.page.all(".//meta"):
        found.setdefault(each.get("property", each.get("name", "")), []).append(each.get("content", ""))
    return found


def _picture_of(guest: Guest) -> Image.Image:
    [address] = _tags(guest)["og:image"]
    answer = guest.client.get(address)
    assert answer.status_code == 200 and answer.mimetype == "image/png", address
    return Image.open(io.BytesIO(answer.data))


def test_what_a_messenger_shows(guest: Guest, resident: Resident, database: Database, city: City) -> None:
    ref = _ref(database, published(database, city, title='Shade & "quiet" <b>squares</b>'))
    for path, title, kind in (("/", "Ideas for Mainz", "website"),
                              ("/ideas?field=digital-administration", "Ideas: ", "website"),
                              (f"/ideas/{ref}", 'Shade & "quiet" <b>squares</b>', "article")):
        guest.open(path)
        tags = _tags(guest)
        assert tags["og:title"][0].startswith(title) and tags["og:type"] == [kind]
        assert tags["og:url"][0] == f"http://localhost/en{urlsplit(path).path}"
        assert tags["og:site_name"] == ["Ideas for Mainz"] and tags["og:locale"] == ["en_US"]
        assert "de_DE" in tags["og:locale:alternate"] and len(tags["og:locale:alternate"]) == \
            len({tag.partition("-")[0] for tag in city.languages}) - 1
        assert tags["description"] == tags["og:description"] and tags["description"][0]
        assert tags["twitter:card"] == ["summary_large_image"]
        assert _picture_of(guest).size == (1200, 630)
    assert "stand in the sun" in tags["description"][0]
    resident.open(f"/ideas/{ref}")  # somebody signed in is no messenger
    assert "og:title" not in _tags(resident)


def test_the_picture_changes_with_the_idea_and_is_kept_by_its_digest(guest: Guest, database: Database,
                                                                     city: City) -> None:
    key = published(database, city)
    ref = _ref(database, key)
    guest.open(f"/ideas/{ref}")
    before = _tags(guest)["og:image"][0]
    answer = guest.client.get(before)
    assert answer.headers["Cache-Control"] == "public, max-age=300" and "Set-Cookie" not in answer.headers
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    again = guest.client.get(before, headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304 and not again.data
    with database.change() as session:
        ideas.decide(session, city, staff(session), session.get_one(Idea, key), "accept", now(), benefit="Shade",
                     who_benefits="Everyone")
    guest.open(f"/ideas/{ref}")
    after = _tags(guest)["og:image"][0]
    assert after != before and guest.client.get(after).headers["ETag"] != answer.headers["ETag"]
    with counted(database) as seen:
        guest.client.get(f"/de/ideas/{ref}/card.png")
    assert len(seen) == 1, seen


def test_what_is_not_public_has_neither_picture_nor_poster(guest: Guest, moderator: Moderator, resident: Resident,
                                                          database: Database, city: City) -> None:
    resident.propose()
    with database.reading() as session:
        ref = session.scalars(select(Idea.ref)).one()
    for visitor in (guest, resident, moderator):  # its author and the moderators, too: others may stand behind a cache
        for path in (f"/en/ideas/{ref}/card.png", f"/en/ideas/{ref}/poster", "/en/ideas/MZ-2020-99999/card.png"):
            assert visitor.client.get(path).status_code == 404, path
    page = resident.open(f"/ideas/{ref}")
    assert not page.has("Hand it on") and "og:title" not in _tags(resident)
    moderator.decide(f"ideas/{ref}", "publish")
    assert guest.client.get(f"/en/ideas/{ref}/card.png").status_code == 200


def test_a_project_has_a_picture_and_is_handed_on(guest: Guest, database: Database, city: City,
                                                  deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    with database.change() as session:
        item = session.scalars(select(Item)).one()
        number = projects.create(session, city, staff(session, "cdo"), item, Plan("A map of shade", "What\nis done",
                                                                                     "en"), now()).id
    page = guest.open(f"/projects/{number}")
    assert _tags(guest)["og:title"] == ["A map of shade"] and _tags(guest)["og:description"] == ["What is done"]
    assert _picture_of(guest).size == (1200, 630) and page.has("Hand it on") and ref
    assert guest.client.get("/en/projects/99/card.png").status_code == 404


def test_handing_on_asks_nobody_else(guest: Guest, database: Database, city: City) -> None:
    ref = _ref(database, published(database, city, title="Ärger & Übermut: 50 % mehr?"))
    page = guest.open(f"/ideas/{ref}")
    [field] = [each for each in page.all(".//input") if each.get("id") == "share-address"]
    assert field.get("value") == f"http://localhost/i/{ref}" and field.get("readonly") is not None
    assert all(each.get("hidden") is not None for each in page.all(".//button") if "data-copy" in each.attrib)
    [mail] = [link for link in page.links() if link.startswith("mailto:?")]
    words = parse_qs(urlsplit(mail).query)
    assert words["subject"] == ["Ärger & Übermut: 50 % mehr?"]
    assert words["body"] == [f"Ärger & Übermut: 50 % mehr?\r\nhttp://localhost/i/{ref}"]
    outside = [link for link in page.links() if urlsplit(link).netloc not in ("", "localhost", "www.mainz.example")]
    assert outside == []


@pytest.mark.parametrize(("spoken", "lang"), [("de", "de"), ("en", "en"), ("xx", "de")])
def test_a_short_address_leads_to_the_readers_language(guest: Guest, database: Database, city: City,
                                                       spoken: str, lang: str) -> None:
    ref = _ref(database, published(database, city))
    field = city.fields[1].key
    for path, target in ((f"/i/{ref.lower()}", f"/{lang}/ideas/{ref}"), ("/new", f"/{lang}/ideas/new"),
                         (f"/new/{field}", f"/{lang}/ideas/new?field={field}"), ("/new/nonsense", f"/{lang}/ideas/new"),
                         ("/i/MZ-2020-99999", f"/{lang}/ideas/MZ-2020-99999")):
        answer = guest.client.get(path, headers={"Accept-Language": spoken})
        assert (answer.status_code, answer.headers["Location"]) == (302, target), path
        assert "Accept-Language" in answer.headers["Vary"]
    for path in ("/i/..", "/i/" + "A" * 60, "/i/%0d%0aX", "/i/"):
        assert guest.client.get(path).status_code == 404, path


def test_a_poster_for_an_idea(guest: Guest, database: Database, city: City) -> None:
    ref = _ref(database, published(database, city, title="مقاعد في الظل", language="ar"))
    page = guest.open(f"/ideas/{ref}/poster")
    title = page.all(".//h1")[0]
    assert (title.text, title.get("lang"), title.get("dir")) == ("مقاعد في الظل", "ar", "auto")
    assert page.has("Support it and have your say:", ref, "Deutsch", "English", "Ideas for Mainz", "A4")
    assert "localhost/i/" in page.text.replace("\u200b", "")
    assert [link for link in page.links() if "size=a3" in link]
    assert guest.open(f"/ideas/{ref}/poster?size=a3").has("The same for A4")
    assert page.all(".//svg/path") or "<path" in page.html
    assert guest.open(f"/ideas/{ref}").has("Poster to print")
    with counted(database) as seen:
        guest.open(f"/ideas/{ref}/poster")
    assert len(seen) == 1, seen


def test_a_poster_for_a_field(guest: Guest, city: City, database: Database) -> None:
    field = city.fields[2]
    page = guest.open(f"/poster?field={field.key}&size=a3")
    assert page.has(field.name["en"], "What should become better in Mainz?", "Write down your idea:", "A3")
    assert [link for link in page.links() if link.endswith(f"/poster?field={field.key}")]  # the same for A4
    assert f"/<wbr>new/<wbr>{field.key}</bdi>" in page.html
    for path in ("/poster", "/poster?field=nonsense"):
        assert guest.open(path).has("What should become better in Mainz?") and not guest.page.has(field.name["en"])
    assert guest.open(f"/ideas?field={field.key}").has("Poster to print")
    form = guest.open(f"/ideas/new?field={field.key}").form("ideas/new")
    assert form.values["field"] == field.key
    with counted(database) as seen:
        guest.open("/poster")
    assert seen == []


def test_words_are_drawn_in_their_scripts() -> None:
    assert readable(f"Call {MASK} 🌳 now") == "Call […] now"
    assert readable("Тінь, σκιά, gölge, ظل") == "Тінь, σκιά, gölge, ظل"
    assert readable("漢字 and more") == ""  # better no title than one with holes

    def shown(text: str, rtl: bool) -> list[str]:
        return [run.text.strip() for run in runs(text, rtl) if run.text.strip()]

    # Runs stand from left to right; within a run the shaping turns the letters round.
    assert shown("Das Wort ظل hier", False) == ["Das Wort", "ظل", "hier"]
    assert shown("ظل Wort شجر", True) == ["شجر", "Wort", "ظل"]
    assert [run.rtl for run in runs("سنة 2026", True)] == [False, True]
    small, large = (draw(Card("Site", title, "F", "#1b5e4b", False)) for title in ("A", "A much longer title " * 16))
    assert small != large and len(large) < 60_000
    assert draw(Card("Site", "A", "F", "#1b5e4b", False)) is small  # kept


def test_without_a_shaper_no_arabic_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("participation.site.picture.features.check", lambda name: False)
    assert readable("ظل") == "" and readable("Schatten") == "Schatten"


def test_pictures_are_limited(guest: Guest, limited: None) -> None:
    answers = {guest.client.get("/en/card.png").status_code for _ in range(125)}
    assert answers == {200, 429}
