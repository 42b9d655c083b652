"""Tokens of programs at the desk: issued by the admin alone, their secret shown once, revoked for good."""

import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotAllowed
from participation.people import tokens
from participation.people.model import ApiToken
from participation.people.rights import Right
from tests.counting import counted
from tests.making import staff
from tests.people import Guest, Officer
from tests.pool.making import in_parallel

EXPORT = Right.RECORDS_EXPORT


@pytest.fixture
def admin(someone: Callable[..., Any]) -> Guest:
    found: Guest = someone(Guest, "admin@example.org", role="admin", name="Ada")
    return found


def issued(admin: Guest, name: str = "Council system") -> str:
    admin.open("/pool/tokens")
    page = admin.send("/pool/tokens", name=name)
    found = re.search(r"pt_[\w-]{43}", page.text)
    assert found and page.has("Copy it now", name)
    return found[0]


def test_a_token_is_shown_once_used_and_revoked(admin: Guest, database: Database, app: Any) -> None:
    assert admin.open("/pool/tokens").has("No token has been issued yet.")
    secret = issued(admin)
    assert admin.page.response.headers["Cache-Control"] == "no-store"
    with admin.client.session_transaction() as session_:
        assert secret not in str(dict(session_))
    assert admin.open("/pool/tokens").has("Council system", f"{secret[:8]}…", "Never", "Ada")
    assert secret not in admin.page.html
    with database.reading() as session:
        row = session.scalars(select(ApiToken)).one()
        assert row.digest == hashlib.sha256(secret.encode()).hexdigest() and row.scopes == EXPORT
        assert all(secret not in str(getattr(row, column.key)) for column in ApiToken.__table__.columns)
    program = app.test_client()
    spoken = {"Authorization": f"Bearer {secret}"}
    assert program.get("/api/v1/pool/records", headers=spoken).status_code == 200
    assert not admin.open("/pool/tokens").has("Never")
    admin.open(admin.page.link("Revoke “Council system”"))
    admin.send("/pool/tokens/1")
    assert admin.page.has("Revoked: Council system", "Revoked on")
    assert program.get("/api/v1/pool/records", headers=spoken).status_code == 401
    assert admin.open("/pool/tokens/1").has("Revoked on") and not admin.page.forms()[-1].action.endswith("tokens/1")
    admin.open("/pool/tokens/9", 404)


def test_what_is_missing_stays_on_the_page(admin: Guest) -> None:
    admin.open("/pool/tokens")
    assert admin.send("/pool/tokens", status=422, name=" ").has("What the token is for – Please fill this in.")
    assert admin.send("/pool/tokens", status=422, name="x" * 81).has("too long")
    assert admin.page.form("/pool/tokens").values["name"] == "x" * 81
    assert admin.send("/pool/tokens", status=422, name="A", scopes="pool:tokens:issue").has("What it may do –")
    assert admin.send("/pool/tokens", status=422, name="A", scopes="").has("What it may do – Please fill this in.")


def test_a_page_sent_again_issues_no_second_token(admin: Guest, database: Database) -> None:
    admin.open("/pool/tokens")
    form = admin.page.form("/pool/tokens")
    admin.send(form, name="Twice")
    assert admin.send(form, status=409, name=" Twice ").has("There is a token of this name already.")
    admin.client.post("/en/pool/tokens/1", data=admin.page.form("/pool/tokens").values)
    admin.send(form, name="Twice")  # the first one is revoked, so its name is free
    with database.reading() as session:
        assert len(session.scalars(select(ApiToken.id)).all()) == 2


def test_a_double_click_issues_one(database: Database) -> None:
    with database.change() as session:
        ada = staff(session)

    def click(_: int) -> None:
        with database.change() as session:
            tokens.issue(session, ada, "Once", [EXPORT], now())

    troubles = in_parallel(click, [1, 2, 3])
    assert [type(trouble) for trouble in troubles] == [Conflict, Conflict]


def test_only_the_admin_issues(database: Database, officer: Officer) -> None:
    officer.open("/pool/tokens", 403)
    with database.change() as session:
        token, _ = tokens.issue(session, None, "By the operator", [EXPORT], now())
        for act in (lambda: tokens.issue(session, staff(session, "cdo"), "X", [EXPORT], now()),
                    lambda: tokens.revoke(session, staff(session, "cdo"), token.id, now())):
            with pytest.raises(NotAllowed):
                act()
        for name, scopes in (("", [EXPORT]), ("x" * 81, [EXPORT]), ("X", []), ("X", ["pool:tokens:issue"])):
            with pytest.raises(Invalid):
                tokens.issue(session, None, name, scopes, now())


def test_what_a_header_has_to_say(database: Database) -> None:
    at = now()
    with database.change() as session:
        token, secret = tokens.issue(session, None, "A", [EXPORT], at)
        assert tokens.bearer(session, f"bearer  {secret} ", EXPORT, at).id == token.id
        for header, why in (("", "no_token"), ("Basic abc", "no_token"), ("Bearer", "no_token"),
                            ("Bearer pt_x", "unknown_token"), (f"Bearer {secret}x", "unknown_token"),
                            ("Bearer " + "x" * 10_000, "unknown_token"), ("Bearer pt_ä\ud800", "unknown_token")):
            with pytest.raises(NotAllowed) as raised:
                tokens.bearer(session, header, EXPORT, at)
            assert raised.value.why == why, header
        with pytest.raises(NotAllowed, match="token_scope"):
            tokens.bearer(session, f"Bearer {secret}", Right.RECORDS_SEE, at)
        tokens.revoke(session, None, token.id, at)
        with pytest.raises(NotAllowed, match="revoked_token"):
            tokens.bearer(session, f"Bearer {secret}", EXPORT, at)
        before = token.revoked_at
        assert tokens.revoke(session, None, token.id, at + timedelta(hours=1)).revoked_at == before


def test_the_last_use_is_noted_once_a_minute(database: Database) -> None:
    at = now()
    with database.change() as session:
        token, _ = tokens.issue(session, None, "A", [EXPORT], at)
        for later, noted in ((0, at), (59, at), (60, at + timedelta(seconds=60))):
            moment = at + timedelta(seconds=later)
            assert tokens.due_to_note(token, moment) == (later != 59)
            tokens.used(session, token.id, moment)
            session.refresh(token)
            assert token.last_used_at == noted


def test_many_tokens_are_paged_and_cost_few_queries(admin: Guest, database: Database) -> None:
    with database.change() as session:
        for number in range(30):
            tokens.issue(session, None, f"System {number:02}", [EXPORT], now())
    with counted(database) as seen:
        page = admin.open("/pool/tokens")
    assert len(seen) <= 5, seen
    assert page.has("System 29", "System 05") and not page.has("System 04")
    assert admin.open(page.link("before=")).has("System 04", "System 00")
    admin.open("/pool/tokens?before=nonsense")
