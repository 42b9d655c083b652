"""The first page, and the letters of a machine of one's own."""

import dataclasses
from datetime import timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import update

from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.mail import Letter, send
from participation.settings import Settings
from participation.web.door import Door
from tests.counting import counted
from tests.page import Page, words
from tests.people import Guest
from tests.site.writing import Desk
from wsgi import create_app


@pytest.fixture
def desk(database: Database, city: City) -> Desk:
    """Ideas without a browser."""
    return Desk(database, city)


def test_the_bare_address_leads_to_the_first_page(guest: Guest, city: City) -> None:
    page = guest.open("http://localhost/")
    assert page.path in ("/de/", "/en/")
    page = guest.open("/")
    assert page.has(city.claim["en"])
    assert "Yours can be the first." in page.text
    guest.open(page.link("/ideas"))


def test_newest_ideas_and_what_has_come_of_older_ones(guest: Guest, desk: Desk, database: Database) -> None:
    planned = ("publish", "accept", "receive", "pass", "rate", "plan")
    desk.idea("A bench by the river, please", *planned, "start", "complete")
    desk.idea("A lift at the station, please", *planned)
    desk.idea("A bridge that failed its check", "publish", "accept", "receive", "fail")
    desk.ideas([f"Newer idea number {number}" for number in range(4)])
    with counted(database) as queries:
        page = guest.open("/")
    assert len(queries) <= 8
    places = [page.text.index(words) for words in ("A bench by the river", "A lift at the station", "Newest ideas")]
    assert places == sorted(places)
    assert "failed its check" not in page.text
    assert page.has("Newer idea number 3", "Newer idea number 1")
    assert "Newer idea number 0" not in page.text


def test_what_is_near_the_quorum_stands_there(guest: Guest, desk: Desk, database: Database, city: City) -> None:
    half = city.quorum.supporters // 2
    refs = desk.ideas(["Nearly there: a lift", "Half way: a bench", "Not half way: a tree", "Over: a bridge",
                       "There: a ramp"])
    counts = (half + 20, half, half - 1, half + 30, half + 40)
    with database.change() as session:
        for ref, have in zip(refs, counts, strict=True):
            session.execute(update(Idea).where(Idea.ref == ref).values(supports_city=have))
        session.execute(update(Idea).where(Idea.ref == refs[3]).values(quorum_until=now() - timedelta(minutes=1)))
        session.execute(update(Idea).where(Idea.ref == refs[4]).values(quorum_reached_at=now()))
    with counted(database) as queries:
        page = guest.open("/")
    assert len(queries) <= 8
    near = next(e for e in page.all(".//section") if e.get("aria-labelledby") == "near")
    titles = [words(e) for e in near.iter("h3")]
    assert titles == ["Nearly there: a lift", "Half way: a bench"]
    assert f"{half + 20} of {city.quorum.supporters}" in words(near) and "Time left:" in words(near)


def test_an_empty_city_says_what_one_can_do(guest: Guest) -> None:
    page = guest.open("/")
    assert page.has("Yours can be the first.", "How it works")
    assert not [e for e in page.all(".//section") if e.get("aria-labelledby") in ("near", "came-of-it")]
    guest.open(page.link("/ideas/new"))


def test_other_ways_to_read_stand_where_the_city_names_them(guest: Guest, settings: Settings, city: City) -> None:
    addresses = {"https://city.example/dgs", "https://city.example/ls"}
    assert not addresses & set(guest.open("/").links())
    contact = dataclasses.replace(city.contact, sign_language_url="https://city.example/dgs",
                                  easy_language_url="https://city.example/ls")
    other = create_app(settings, dataclasses.replace(city, contact=contact),
                       {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
    page = Page(other.test_client().get("/en/"))
    other.extensions["door"].database.engine.dispose()
    assert addresses <= set(page.links())


def test_the_city_stands_beside_the_name_of_its_site_only_where_that_leaves_it_out(guest: Guest, city: City) -> None:
    for tag in city.languages:
        header = guest.open(f"/{tag}/").root.find(".//header")
        assert header is not None and city.site_name.in_(tag) in words(header)
        assert not [each for each in header.iter("span") if words(each) == city.name.in_(tag)], tag


def test_searching_from_the_first_page(guest: Guest, desk: Desk) -> None:
    desk.ideas(["Trees along the avenue", "Quieter trams at night"])
    guest.open("/")
    form = guest.page.form("/ideas", method="get")
    page = guest.open(f"{form.action}?q=tree")
    assert page.has("Trees along the avenue")
    assert "Quieter trams" not in page.text


def test_letters_are_read_in_the_browser(guest: Guest, tmp_path: Path) -> None:
    assert guest.open("/dev/mail").has("No letter has been written yet.")
    for number in range(102):
        send(Letter(f"key-{number}", "a@example.org", "Ideen für Mainz", "ideas@example.org", f"Grüße {number} <b>",
                    f"Open http://localhost/en/ideas & see.\n<script>x</script>{number}", "<p>HTML</p>", "de"),
             f"file://{tmp_path / 'mail'}")
    page = guest.open("/dev/mail")
    assert page.text.index("Grüße 101 <b>") < page.text.index("Grüße 100 <b>")
    assert "Grüße 1 <b>" not in page.text  # a hundred at most
    page = guest.open(page.link(".eml"))
    assert page.has("a@example.org", "<script>x</script>101")
    assert "http://localhost/en/ideas" in page.links()


@pytest.mark.parametrize("name", ["..%2Fsecret_key", "secret_key", ".eml", "..eml", "none.eml", "%00.eml"])
def test_only_letters_are_shown(guest: Guest, tmp_path: Path, name: str) -> None:
    (tmp_path / "mail").mkdir()
    (tmp_path / "mail" / "secret_key").write_text("secret")
    assert "secret" not in guest.open(f"/dev/mail/{name}", 404).text


@pytest.mark.parametrize("changes", [{"mail_url": "smtp://mail.example.org"},
                                     {"public_url": "https://ideas.example.org"}])
def test_where_mail_is_really_sent_there_is_no_page_of_letters(
        app: Flask, guest: Guest, changes: dict[str, str]) -> None:
    made_of: Door = app.extensions["door"]
    app.extensions["door"] = dataclasses.replace(made_of, settings=dataclasses.replace(made_of.settings, **changes))
    guest.open("/dev/mail", 404)
    guest.open("/dev/mail/000000-abc.eml", 404)
    assert not [link for link in guest.open("/").links() if "/dev/" in link]
