"""Trouble of every kind: a page in the person's language, what was typed kept, nothing personal in the log."""

import logging
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
from flask import Flask
from sqlalchemy import make_url, text

from participation import database as databases
from participation.city import City
from participation.database import Database
from participation.settings import Settings
from participation.web.door import Door
from participation.web.logs import OneLine
from tests.making import published
from tests.page import Page, inspect
from tests.people import AN_IDEA, Guest, Resident

Without = Callable[[str], AbstractContextManager[None]]

WORDS = AN_IDEA | {"title": "Ein <b>Dach</b> & „Schatten“ für den Platz",
                   "benefit": "Short,\nin two lines. Everyone gains.",
                   "body": "The stops lie in the sun.\n\nTwo trees – and a \"roof\" 🚏 – would help all who wait."}
BAD = ["%00", "%ff%fe", "%ed%a0%80", "%F0%9F%92%A9", "-1", "9" * 30, "%D9%A1%D9%A2", "%C2%B2", "a" * 3000, "%27%22%3C",
       "..%5C..", "1.%C3%A9", "%0D%0Ax:%20y", "%E2%80%AE", "%25", "%"]


@pytest.fixture
def without(app: Flask, settings: Settings, city: City, database_url: str, tmp_path: Path,
            monkeypatch: pytest.MonkeyPatch) -> Without:
    """Take the database away for a while: gone, not_migrated, or (SQLite) locked by somebody else."""

    @contextmanager
    def away(how: str) -> Iterator[None]:
        before: Door = app.extensions["door"]
        monkeypatch.setattr(databases, "BUSY_SECONDS", 0.1)
        broken = Database(_address(database_url, how, tmp_path))
        if how == "gone" and broken.engine.dialect.name == "sqlite":
            (tmp_path / "away").rmdir()
        file = database_url.removeprefix("sqlite:///")
        other = sqlite3.connect(file, isolation_level=None) if how == "locked" else None
        if other is not None:
            other.execute("BEGIN IMMEDIATE")
        app.extensions["door"] = Door(settings, city, broken)
        try:
            yield
        finally:
            app.extensions["door"] = before
            broken.engine.dispose()
            if other is not None:
                other.close()

    return away


def _address(url: str, how: str, folder: Path) -> str:
    if how == "locked":
        return url
    if url.startswith("sqlite"):
        return f"sqlite:///{folder / 'away' / 'x.sqlite'}" if how == "gone" else f"sqlite:///{folder / 'empty.sqlite'}"
    if how == "gone":
        return "postgresql+psycopg://postgres@127.0.0.1:1/nothing"
    empty = make_url(url).update_query_dict({"options": "-csearch_path=nowhere"})
    return empty.render_as_string(hide_password=False)


@pytest.fixture
def said(caplog: pytest.LogCaptureFixture) -> Callable[[], list[str]]:
    """The log as it leaves the process."""
    caplog.set_level(logging.INFO)
    return lambda: [OneLine().format(record) for record in caplog.records]


@pytest.mark.parametrize("how", ["gone", "not_migrated"])
def test_reading_without_a_database(guest: Guest, resident: Resident, without: Without, how: str,
                                    said: Callable[[], list[str]]) -> None:
    with without(how):
        for path in ("/de/ideas", "/de/ideas/MZ-2026-00001", "/de/", "/en/ideas"):
            for visitor in (guest, resident):
                page = visitor.open(path, 503)
                assert int(page.response.headers["Retry-After"]) > 0
                said_so = {"en": "The site is taking a break", "de": "Die Plattform macht eine Pause"}[path[1:3]]
                assert page.title == said_so and page.root.get("lang") == path[1:3], page.text
        answer = guest.client.get("/api/v1/nothing")
        assert answer.status_code == 404
        resident.open("/me", 503)
        resident.open("/moderation/", 503)
    troubles = [line for line in said() if "database trouble" in line]
    assert troubles and not any("resident@" in line or "Rosa" in line for line in said())
    resident.open("/me")


@pytest.mark.parametrize("how", ["gone", "not_migrated"])
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_was_typed_waits_for_the_database(guest: Guest, resident: Resident, without: Without, how: str,
                                               signed_in: bool, said: Callable[[], list[str]]) -> None:
    _typed_and_sent_again(resident if signed_in else guest, without, how, said)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("signed_in", [True, False])
def test_what_was_typed_waits_for_a_locked_database(guest: Guest, resident: Resident, without: Without,
                                                    signed_in: bool, said: Callable[[], list[str]]) -> None:
    _typed_and_sent_again(resident if signed_in else guest, without, "locked", said)
    with without("locked"):
        guest.open("/ideas")  # reading goes on beside whoever writes


def _typed_and_sent_again(visitor: Guest, without: Without, how: str, said: Callable[[], list[str]]) -> None:
    visitor.open("/ideas/new")
    with without(how):
        page = visitor.send("ideas/new", status=503, **WORDS)
        assert page.has("What you wrote is still here", "Send again") and page.response.headers["Retry-After"]
        kept = page.form("ideas/new").values
        assert {name: value.replace("\r\n", "\n") for name, value in kept.items() if name in WORDS} == WORDS
        _no_break_lost(page)
        visitor.send("ideas/new", status=503)  # too early: all of it is kept once more
    for line in said():
        assert not any(word in line for word in ("Dach", "two lines", "Two trees", "resident@example.org")), line
    visitor.send("ideas/new", status=200)
    if not isinstance(visitor, Resident):
        visitor.finish_sign_in("later@example.org")
    visitor.open("/me")
    assert visitor.page.has(WORDS["title"])
    visitor.open(visitor.page.link(WORDS["title"]))
    visitor.open(visitor.page.link("/change"))
    again = visitor.page.form("/change").values
    assert {name: again[name].replace("\r\n", "\n") for name in WORDS} == WORDS


def _no_break_lost(page: Page) -> None:
    """A browser takes line breaks out of an <input>, seen or hidden from view."""
    for field in page.all(".//input[@value]"):
        assert field.get("type") == "hidden" or "\n" not in field.get("value", ""), field.get("name")


@pytest.mark.parametrize("how", ["gone", "not_migrated"])
def test_a_comment_and_a_sign_in_without_a_database(guest: Guest, resident: Resident, database: Database, city: City,
                                                    without: Without, how: str) -> None:
    published(database, city)
    resident.open("/ideas")
    resident.open(resident.page.link("/ideas/MZ-"))
    with without(how):
        page = resident.send("/comments", status=503, body="Yes.\nDo it.")
        _no_break_lost(page)
    resident.send("/comments")
    assert resident.page.has("Yes.Do it.")  # a line break between them
    guest.open("/sign-in")
    with without(how):
        guest.send("sign-in", status=503, email="new@example.org")
    guest.send("sign-in")
    with without(how):
        page = guest.send("sign-in/code", status=503, code="123456")
        assert "123456" not in page.html  # a code is a secret: it is not written into a page
    guest.open("/sign-in/code")
    guest.send("sign-in/code", code=guest.mailbox.code("new@example.org"))
    guest.open("/me")


def test_what_nobody_foresaw(guest: Guest, monkeypatch: pytest.MonkeyPatch, said: Callable[[], list[str]]) -> None:
    def fall(*_: Any, **__: Any) -> None:
        try:
            raise KeyError(personal)
        except KeyError as trouble:
            raise RuntimeError(f"cannot take {WORDS['title']} of {personal}") from trouble

    personal = "@".join(("rosa", "example.org"))
    monkeypatch.setattr("participation.site.proposing.actions.keep_draft", fall)
    guest.open("/de/ideas/new")
    page = guest.send("ideas/new", status=500, **WORDS)
    assert page.root.get("lang") == "de" and page.form("ideas/new").values["title"] == WORDS["title"]
    [line] = [line for line in said() if "unforeseen" in line]
    assert "RuntimeError" in line and "KeyError" in line and "proposing.py" in line
    assert not any(word in each for each in said() for word in ("rosa@", "Dach", "Two trees"))
    monkeypatch.undo()
    monkeypatch.setattr("participation.desk.api.importing.receive_batch", fall)
    answer = guest.client.post("/api/v1/pool/inbox", data=b"{}",
                               headers={"Content-Type": "application/cloudevents-batch+json"})
    assert answer.status_code == 500 and answer.mimetype == "application/problem+json"
    assert "rosa" not in answer.get_data(as_text=True)


def test_larger_than_the_site_takes(guest: Guest, client: Any) -> None:
    guest.open("/ideas/new")
    token = guest.page.form("ideas/new").values["csrf_token"]
    parts = "".join(f'--x\r\nContent-Disposition: form-data; name="f{n}"\r\n\r\nx\r\n' for n in range(101)) + "--x--"
    for kind, body in (("application/x-www-form-urlencoded", f"csrf_token={token}&body=" + "x" * 5_000_000),
                       ("multipart/form-data; boundary=x", "x" * 5_000_000),
                       ("multipart/form-data; boundary=x", parts)):
        page = Page(guest.client.post("/en/ideas/new", data=body, content_type=kind))
        inspect(page)
        assert page.status == 413 and page.title == "That is too much at once"
    # A hundred fields are not too many: it is the idea that is missing.
    many = Page(guest.client.post("/en/ideas/new", data={"csrf_token": token} | {f"f{n}": "x" for n in range(99)}))
    assert many.status == 422
    answer = client.post("/api/v1/pool/inbox", data=b"x" * 17_000_000,
                         headers={"Content-Type": "application/cloudevents-batch+json"})
    assert answer.status_code == 413 and answer.get_json()["status"] == 413


@pytest.mark.parametrize(("kind", "body"), [
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name=\"title\"\r\n\r\nhalf"),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=" + "y" * 300, b"--y\r\n\r\n"),
    ("application/x-www-form-urlencoded", b"title=%ff%fe&body=%00&=&&&;a"),
    ("application/json", b'{"title": "x"}'),
    ("text/plain; charset=\xff", b"x"),
    ("", b"x"),
])
def test_bodies_that_are_broken(client: Any, kind: str, body: bytes) -> None:
    page = Page(client.post("/en/ideas/new", data=body, headers={"Content-Type": kind}))
    inspect(page)
    assert page.status == 400


def test_addresses_with_anything_in_them(app: Flask, someone: Callable[..., Any], database: Database,
                                         city: City) -> None:
    published(database, city)
    visitor = someone(email="admin@example.org", role="admin")
    names = {"<lang>": "en", "<ref>": "{}", "<token>": "{}", "<int:number>": "{}", "<kind>": "{}", "<digest>": "{}",
             "<name>": "{}"}
    paths = ["/{}", "/en/{}", "/{}/ideas", "/static/{}"]
    for rule in app.url_map.iter_rules():
        path = rule.rule
        if "GET" in (rule.methods or set()):
            for name, value in names.items():
                path = path.replace(name, value)
            paths += [path] if "{}" in path else []
            paths.append(path.replace("{}", "1") + "?" + "&".join(f"{name}={{0}}" for name in (
                "q", "after", "sort", "answer", "comments", "before", "next", "kind", "state")))
    paths += ["/en/ideas?field={}", "/en/ideas?district={}", "/en/ideas?after={}&q=tree&sort=supported"]
    for bad in BAD:
        for path in paths:
            answer = visitor.client.get(path.format(bad))
            answer.get_data()
            assert answer.status_code < 500 or path.startswith("/readyz"), f"{path.format(bad)}: {answer.status_code}"
            if answer.mimetype == "text/html" and answer.status_code in (400, 404):
                inspect(Page(answer))


def test_forms_with_anything_in_them(app: Flask, someone: Callable[..., Any], database: Database, city: City,
                                     monkeypatch: pytest.MonkeyPatch) -> None:
    key = published(database, city)
    monkeypatch.setitem(app.config, "WTF_CSRF_ENABLED", False)
    visitor = someone(email="admin@example.org", role="admin")
    fields = ("title", "body", "benefit", "field", "district", "idea_language", "comment_language", "answer", "email",
              "code", "next", "on", "name", "language", "lives_here", "move", "reason", "statement", "version",
              "who_benefits")
    with database.reading() as session:
        ref = session.execute(text("SELECT ref FROM idea WHERE id = :id"), {"id": key}).scalar_one()
    for bad in ("\x00", "\ud800", "9" * 30, "١٢", "²", "a" * 30_000, "\u202e", "=1+1"):
        sent = {name: bad.encode("utf-8", "surrogatepass") for name in fields}
        for path in (f"/en/ideas/{ref}/support", f"/en/ideas/{ref}/comments", "/en/ideas/new", "/en/me/settings",
                     f"/en/moderation/ideas/{ref}", f"/en/pool/{ref}", "/en/sign-in", "/en/sign-in/code"):
            body = b"&".join(name.encode() + b"=" + quote(value).encode() for name, value in sent.items())
            answer = visitor.client.post(path, data=body, content_type="application/x-www-form-urlencoded")
            assert answer.status_code < 500, f"{path} with {bad!r:.20}: {answer.status_code}"


def test_a_search_of_ten_thousand_letters(guest: Guest, database: Database, city: City) -> None:
    published(database, city)
    for words in ("x" * 10_000, "tree " * 2_000, "\"" * 10_000, "%25_\\" * 2_500):
        guest.open(f"/ideas?q={quote(words)}")


def test_methods(client: Any, someone: Callable[..., Any]) -> None:
    for method in ("DELETE", "PUT", "PATCH", "FROB"):
        answer = client.open("/en/ideas", method=method)
        assert answer.status_code == 405 and "GET" in answer.headers["Allow"], method
        inspect(Page(answer))
    posted = client.open("/en/ideas", method="POST", data={"body": "x"})
    assert posted.status_code == 405 and "GET" in posted.headers["Allow"]
    for path in ("/en/", "/en/ideas", "/en/ideas/new", "/healthz", "/", "/en/nothing"):
        head, get = client.head(path), client.get(path)
        assert head.status_code == get.status_code and head.data == b"", path
    for path in ("/en/ideas", "/en/ideas/MZ-2026-00001/support", "/healthz", "/en/moderation/"):
        answer = client.options(path)
        assert answer.status_code == 200 and "OPTIONS" in answer.headers["Allow"], path
