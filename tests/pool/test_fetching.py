"""Importing from another site's pull address: over a real socket, with its token, and from nowhere else."""

import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select
from werkzeug.serving import make_server

from participation.city import City
from participation.database import Database, now
from participation.jobs import House
from participation.people import tokens
from participation.people.rights import Right
from participation.pool import fetching, queries
from participation.pool.model import Received
from tests.commanding import Run, commanding
from tests.pool.chains import chain, changed, lines
from tests.pool.making import written

PATH = "/api/v1/pool/records"


@pytest.fixture
def run(tmp_path: Path, sqlite_template: Path) -> Iterator[Run]:
    """The command of the city that imports, with a database of its own."""
    (tmp_path / "b.sqlite").write_bytes(sqlite_template.read_bytes())
    with commanding(tmp_path, f"sqlite:///{tmp_path / 'b.sqlite'}") as give:
        yield give


@pytest.fixture
def kept(tmp_path: Path, run: Run) -> Callable[[], list[str]]:
    """What the importing pool holds."""

    def look() -> list[str]:
        other = Database(f"sqlite:///{tmp_path / 'b.sqlite'}")
        with other.reading() as session:
            found = list(session.scalars(select(Received.body).order_by(Received.seq)))
        other.engine.dispose()
        return found

    return look


@pytest.fixture
def address(app: Flask) -> Iterator[str]:
    """This site, behind a real socket."""
    server = make_server("127.0.0.1", 0, app, threaded=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}{PATH}"
    server.shutdown()
    server.server_close()


class Strange:
    """A site that answers as it is told and notes who asked with which token."""

    def __init__(self) -> None:
        self.answers: list[tuple[int, dict[str, str], bytes]] = []
        self.tokens: list[str | None] = []
        self.cut = False
        strange = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                strange.tokens.append(self.headers.get("Authorization"))
                status, headers, body = strange.answers.pop(0) if len(strange.answers) > 1 else strange.answers[0]
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body) + strange.cut), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}{PATH}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def says(self, bodies: list[str] | bytes, **headers: str) -> tuple[int, dict[str, str], bytes]:
        """A page of records."""
        return 200, {"Content-Type": "application/x-ndjson",
                     **{name.replace("_", "-"): value for name, value in headers.items()}}, (
            bodies if isinstance(bodies, bytes) else lines(bodies))


@pytest.fixture
def strange(monkeypatch: pytest.MonkeyPatch) -> Iterator[Strange]:
    monkeypatch.setattr(fetching, "PAUSES", (0, 0))
    found = Strange()
    yield found
    found.server.shutdown()
    found.server.server_close()


def test_from_site_to_site(database: Database, city: City, house: Callable[[], House], address: str, run: Run,
                           kept: Callable[[], list[str]], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetching, "LIMIT", 2)
    written(database, city, house, 5)
    with database.change() as session:
        token, secret = tokens.issue(session, None, "The other city", [Right.RECORDS_EXPORT], now())
        token_id = token.id
    (tmp_path / "token").write_text(secret + "\n")
    assert run("pool", "import", address, "--token-file", str(tmp_path / "token")).stdout == (
        "5 loaded, 0 known already, 0 refused.\n")
    with database.reading() as session:
        assert kept() == list(queries.bodies(session))
    assert run("pool", "import", address, POOL_TOKEN=secret).stdout == "0 loaded, 5 known already, 0 refused.\n"
    written(database, city, house, 1)
    assert run("pool", "import", address, POOL_TOKEN=secret).stdout == "1 loaded, 5 known already, 0 refused.\n"
    with database.change() as session:
        tokens.revoke(session, None, token_id, now())
    gone = run("pool", "import", address, POOL_TOKEN=secret)
    assert gone.exit_code == 2 and "refuses the token: This token was revoked." in gone.stderr
    for given in ({}, {"POOL_TOKEN": "two words"}):
        none = run("pool", "import", address, **given)
        assert none.exit_code == 2 and "--token-file" in none.stderr
    missing = run("pool", "import", address, "--token-file", str(tmp_path / "none"))
    assert missing.exit_code == 2 and "cannot be read" in missing.stderr


def test_a_token_goes_to_no_other_place(strange: Strange, run: Run, kept: Callable[[], list[str]]) -> None:
    other = Strange()
    other.answers = [other.says([])]
    for status in (301, 302, 303, 307, 308):
        strange.answers = [(status, {"Location": other.url}, b"")]
        led = run("pool", "import", strange.url, POOL_TOKEN="pt_secret")
        assert led.exit_code == 2 and f"leads on to {other.url}" in led.stderr and "import from it" in led.stderr
    strange.answers = [strange.says(chain(2), Link=f'<{other.url}?after=2>; rel="next"')]
    away = run("pool", "import", strange.url, POOL_TOKEN="pt_secret")
    assert away.exit_code == 2 and "another site" in away.stderr and not kept()
    plain = run("pool", "import", "http://elsewhere.example" + PATH, POOL_TOKEN="pt_secret")
    assert plain.exit_code == 2 and "https://" in plain.stderr
    assert not other.tokens and set(strange.tokens) == {"Bearer pt_secret"}
    other.server.shutdown()
    other.server.server_close()


def test_what_is_no_page_of_records(strange: Strange, run: Run, kept: Callable[[], list[str]]) -> None:
    good = chain(4)
    for answer, says in (((200, {"Content-Type": "text/html"}, b"<html>"), "gives no records"),
                         ((404, {}, b""), "HTTP 404"), ((500, {}, b""), "answers HTTP 500"),
                         ((503, {"Retry-After": "0"}, b""), "answers HTTP 503"),
                         ((403, {"Content-Type": "application/problem+json"}, b'{"detail": "No scope."}'), "No scope."),
                         ((401, {}, b"\xff"), "HTTP 401"),
                         (strange.says(b"{broken\n"), "line 1 of the page"), (strange.says(b"\xff\n"), "line 1"),
                         (strange.says([changed(good[0], title="")]), "$.title"),
                         (strange.says([*good[:2], good[3]]), "record 4 follows record 3"),
                         (strange.says([], Link=f'<{PATH}?after=0>; rel="next"'), "brings nothing new")):
        strange.answers = [answer]
        done = run("pool", "import", strange.url, POOL_TOKEN="pt_x")
        assert done.exit_code == 2 and says in done.stderr, done.output
        assert not kept()
    strange.server.shutdown()
    strange.server.server_close()
    gone = run("pool", "import", strange.url, POOL_TOKEN="pt_x")
    assert gone.exit_code == 2 and "does not answer" in gone.stderr


def test_cut_off_in_the_middle_and_gone_on(strange: Strange, run: Run, kept: Callable[[], list[str]],
                                           monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = chain(6)
    first = strange.says(bodies[:3], Link=f'<{PATH}?after=3>; rel="next"', Pool_Last_Sequence="6")
    broken = strange.says([*bodies[3:5], changed(bodies[5], title="Another")[:-40]])
    strange.answers = [strange.says(bodies[:1], Pool_Last_Sequence="6"), first, broken]
    cut = run("pool", "import", strange.url, POOL_TOKEN="pt_x")
    assert cut.exit_code == 2 and "3 loaded, 1 refused; nothing else was imported." in cut.stderr
    assert kept() == bodies[:3]  # page by page: what was whole is kept
    strange.answers = [strange.says(bodies[:1], Pool_Last_Sequence="6"), strange.says(bodies[3:])]
    assert run("pool", "import", strange.url, POOL_TOKEN="pt_x").stdout == "3 loaded, 3 known already, 0 refused.\n"
    assert kept() == bodies
    strange.answers = [strange.says(bodies, Link=f'<{PATH}?after=0>; rel="next"')]
    assert "brings nothing new" in run("pool", "import", strange.url, POOL_TOKEN="pt_x").stderr  # round and round
    strange.answers, strange.cut = [strange.says(bodies)], True
    assert "cut off" in run("pool", "import", strange.url, POOL_TOKEN="pt_x").stderr
    strange.cut = False
    monkeypatch.setattr(fetching, "PAGE_MAX", 100)
    assert "larger than" in run("pool", "import", strange.url, POOL_TOKEN="pt_x").stderr


def test_a_site_that_was_set_back(strange: Strange, run: Run, kept: Callable[[], list[str]]) -> None:
    bodies = chain(5)
    strange.answers = [strange.says(bodies, Pool_Last_Sequence="5")]
    run("pool", "import", strange.url, POOL_TOKEN="pt_x")
    strange.answers = [strange.says(bodies[:1], Pool_Last_Sequence="3")]
    done = run("pool", "import", strange.url, POOL_TOKEN="pt_x")
    assert done.exit_code == 2 and "has 3 records, and the pool holds 5" in done.stderr
    another = chain(6, benefit="Another life")
    strange.answers = [strange.says(another[:1], Pool_Last_Sequence="6")]
    done = run("pool", "import", strange.url, POOL_TOKEN="pt_x")
    assert done.exit_code == 2 and "another record with the number 1" in done.stderr and kept() == bodies
    assert json.loads(bodies[0])["title"] == "Idea 1"


def test_words_for_tokens(run: Run) -> None:
    secret = run("token", "add", "Council system").stdout.strip()
    assert secret.startswith("pt_") and len(secret) == 46
    twice = run("token", "add", "Council system")
    assert twice.exit_code == 2 and "'Council system' already" in twice.stderr
    assert run("token", "add", " ").exit_code == 2 and run("token", "add", "x", "--scope", "all").exit_code == 2
    listed = run("token", "list").stdout
    assert "Council system" in listed and "never used" in listed and secret not in listed
    assert run("token", "revoke", secret[:8]).stdout == f"Revoked: Council system ({secret[:8]}…).\n"
    assert "revoked" in run("token", "list").stdout and run("token", "revoke", "1").exit_code == 0
    unknown = run("token", "revoke", "77")
    assert unknown.exit_code == 2 and "token list" in unknown.stderr
    assert run("token", "revoke", "pt_zzzzz").exit_code == 2
