"""What every answer carries, on one machine and in production."""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

import wsgi
from participation.city import City
from participation.database import Database
from participation.settings import Settings
from participation.web.assets import manifest
from participation.web.limits import limiter, network
from tests.making import published
from tests.page import Page
from tests.people import AN_IDEA, Guest, Resident

SITE = "https://ideas.example.org"


def _safe(answer: TestResponse) -> None:
    """The headers that protect, whatever is answered."""
    where = f"{answer.request.path}: {answer.status_code}"
    policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "frame-ancestors 'none'" in policy, where
    assert "unsafe" not in policy and "*" not in policy and "http" not in policy, where
    for name, value in {"X-Content-Type-Options": "nosniff", "Cross-Origin-Opener-Policy": "same-origin",
                        "Cross-Origin-Resource-Policy": "same-origin"}.items():
        assert answer.headers[name] == value, where
    assert answer.headers["Referrer-Policy"] in ("same-origin", "strict-origin"), where
    assert "camera=()" in answer.headers["Permissions-Policy"], where
    assert answer.headers.get("Access-Control-Allow-Origin") is None, where


@pytest.fixture
def production(settings: Settings, city: City, database_url: str) -> Iterator[FlaskClient]:
    """A browser behind the proxy of a real site."""
    made = Settings(database_url=database_url, secret_key="real-secret-key-" * 3, pool_secret="real-pool-secret-" * 3,
                    data_dir=settings.data_dir, mail_url="smtp://mail.example.org", public_url=SITE,
                    redis_url="redis://127.0.0.1:1")
    kept = dict(vars(limiter))
    app = wsgi.create_app(made, city, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
    limiter.enabled = False
    yield app.test_client()
    vars(limiter).update(kept)
    app.extensions["door"].database.engine.dispose()


def test_every_kind_of_answer(app: Flask, client: FlaskClient, database: Database, city: City,
                              monkeypatch: pytest.MonkeyPatch) -> None:
    published(database, city)
    ids = []
    for path, status in (("/en/", 200), ("/en/ideas", 200), ("/", 302), ("/en/me", 303), ("/en/nothing", 404),
                         ("/xx/", 404), ("/healthz", 200), ("/readyz", 503), ("/api/v1/nothing", 404),
                         ("/api/v1/schemas/idea-record-1.json", 200), ("/dev/mail", 200), ("/en/sign-in/link/x", 200)):
        answer = client.get(path)
        assert answer.status_code == status, path
        _safe(answer)
        ids.append(answer.headers["X-Request-Id"])
        assert "Strict-Transport-Security" not in answer.headers, "on a machine of one's own there is no https"
    for answer in (client.post("/en/ideas/new"), client.delete("/en/ideas"), client.options("/en/ideas"),
                   client.head("/en/"), client.post("/en/ideas/new", data="x" * 5_000_000)):
        _safe(answer)
        ids.append(answer.headers["X-Request-Id"])
    assert all(re.fullmatch(r"[0-9a-f-]{36}", each) for each in ids) and len(set(ids)) == len(ids)
    monkeypatch.setattr("participation.site.ideas.queries.listed", lambda *_: 1 / 0)
    broken = client.get("/en/ideas")
    assert broken.status_code == 500 and broken.headers["X-Request-Id"]
    _safe(broken)


def test_files(client: FlaskClient) -> None:
    for name in manifest().values():
        answer = client.get(f"/static/{name}", headers={"Accept-Encoding": "br"})
        assert answer.status_code == 200 and "immutable" in answer.headers["Cache-Control"], name
        if name.endswith((".css", ".woff2")):  # no page and no worker
            assert answer.headers["X-Content-Type-Options"] == "nosniff"
            assert answer.headers["Cross-Origin-Resource-Policy"] == "same-origin"
        else:
            _safe(answer)
        answer.close()
    css = client.get(next(link.get("href", "") for link in Page(client.get("/en/")).all(".//link[@href]")
                          if "city-" in link.get("href", "")))
    assert css.status_code == 200 and "immutable" in css.headers["Cache-Control"]
    _safe(css)


def test_public_pages_are_everybodys(client: FlaskClient, resident: Resident, database: Database, city: City) -> None:
    published(database, city)
    ref = Page(client.get("/en/ideas")).link("/ideas/MZ-")
    for path in ("/en/", "/en/ideas", "/en/ideas?q=shade", "/de/"):
        answer = client.get(path)
        assert "Set-Cookie" not in answer.headers, path
        assert "Cookie" not in answer.headers.get("Vary", ""), path
        assert answer.headers["Cache-Control"] == "no-cache", path  # kept by caches, asked about each time
        mine = resident.client.get(path)
        assert mine.headers["Cache-Control"] == "private, no-store" and "Cookie" in mine.headers["Vary"], path
    for path in (ref, "/en/ideas/new", "/en/sign-in"):  # a page with a form holds a token of one browser
        answer = client.get(path)
        assert answer.headers["Cache-Control"] == "private, no-store" and "Cookie" in answer.headers["Vary"], path
    for path in ("/en/me", "/en/me/settings", "/en/ideas/new", ref):
        assert resident.client.get(path).headers["Cache-Control"] == "private, no-store", path


def test_what_others_may_keep_holds_nobodys_cookie(resident: Resident) -> None:
    with resident.client.session_transaction() as session:
        session.permanent = True  # as after signing in: each page prolongs it
    for path in ("/en/ideas.geojson", "/en/ideas.atom", "/districts.geojson", "/en/card.png"):
        answer = resident.client.get(path)
        assert "public" in answer.headers["Cache-Control"] and "Set-Cookie" not in answer.headers, path
    assert "Set-Cookie" in resident.client.get("/en/ideas/map").headers


def test_secret_pages_are_kept_nowhere(resident: Resident) -> None:
    resident.propose()
    for path in (resident.page.link("/follow/"), "/en/sign-in/link/1.x"):
        answer = resident.client.get(path)
        assert answer.status_code == 200
        assert "no-store" in answer.headers["Cache-Control"] and answer.headers["Referrer-Policy"] == "strict-origin"
        assert answer.headers["X-Robots-Tag"] == "noindex"
        for link in Page(answer).all(".//link[@rel]"):
            assert link.get("rel") not in ("canonical", "alternate"), "a browser that shares a page hands this on"


def test_a_cookie_in_production(production: FlaskClient) -> None:
    answer = production.get("/en/sign-in", base_url=SITE)
    [cookie] = answer.headers.getlist("Set-Cookie")
    assert cookie.startswith("__Host-session=")
    for part in ("Secure", "HttpOnly", "Path=/", "SameSite=Lax"):
        assert part in cookie
    assert "Domain" not in cookie
    for path in ("/en/", "/en/nothing", "/", "/healthz"):
        answer = production.get(path, base_url=SITE)
        assert int(answer.headers["Strict-Transport-Security"].removeprefix("max-age=")) >= 31_536_000
        _safe(answer)
    assert production.get("/dev/mail", base_url=SITE).status_code == 404
    assert "/dev/" not in production.get("/en/", base_url=SITE).get_data(as_text=True)


def test_a_form_in_production(production: FlaskClient) -> None:
    form = Page(production.get("/en/ideas/new", base_url=SITE)).form("ideas/new")
    sent = form.values | AN_IDEA
    alien = production.post("/en/ideas/new", data=sent, base_url=SITE, headers={"Referer": "https://evil.example/"})
    assert alien.status_code == 400
    answer = production.post("/en/ideas/new", data=sent, base_url=SITE, headers={"Referer": f"{SITE}/en/ideas/new"})
    assert answer.status_code == 303 and answer.headers["Location"].startswith("/en/sign-in")


def test_one_proxy_is_trusted_and_no_more(production: FlaskClient) -> None:
    seen: list[tuple[str, str]] = []
    app: Any = production.application
    app.before_request_funcs.setdefault(None, []).append(lambda: seen.append(_who()))
    production.get("/healthz", headers={"X-Forwarded-For": "6.6.6.6, 203.0.113.9", "X-Forwarded-Proto": "https",
                                        "X-Forwarded-Host": "evil.example"})
    assert seen == [("203.0.113.9", "https://localhost/")]  # the last address is the proxy's word


def test_without_a_proxy_nobody_names_themselves(app: Flask, client: FlaskClient) -> None:
    with app.test_request_context("/", headers={"X-Forwarded-For": "6.6.6.6"}):
        assert network() == "127.0.0.1"
    answer = client.get("/", headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"})
    assert answer.headers["Location"].startswith("/")


def _who() -> tuple[str, str]:
    from flask import request

    return network(), request.host_url


def test_a_letter_names_the_real_site(guest: Guest, deliver: Callable[[], int], tmp_path: Path) -> None:
    guest.sign_in("new@example.org")
    guest.client.environ_base["HTTP_HOST"] = "evil.example"
    guest.propose()
    assert "evil.example" not in guest.mailbox.text("new@example.org")
