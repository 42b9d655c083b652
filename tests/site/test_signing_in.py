"""Signing in: one code, five tries, one browser, once."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from participation.database import Database, now
from participation.people.model import Person, SignInCode
from participation.people.signing_in import link_token
from participation.settings import Settings
from tests.page import Page
from tests.people import Guest, Mailbox, Resident

WHO = "who@example.org"


def _wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_a_code_signs_in_once(guest: Guest, app: Flask) -> None:
    guest.sign_in(WHO)
    assert guest.page.has("You are signed in", "Sign out")
    code = guest.mailbox.code(WHO)
    guest.send("/out")
    assert guest.page.has("You are signed out")
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    guest.send("sign-in/code", status=422, code=code)  # the one used before
    assert guest.page.has("This code is not right")
    new = guest.mailbox.code(WHO)
    assert guest.send("sign-in/code", code=f" {new[:3]} {new[3:]} ").has("signed in")


def test_five_tries(guest: Guest) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    code = guest.mailbox.code(WHO)
    for left in (4, 3, 2, 1):
        guest.send("sign-in/code", status=422, code=_wrong(code))
        assert guest.page.has(f"{left} more tr")
    guest.send("sign-in/code", status=422, code=_wrong(code))
    guest.send("sign-in/code", status=422, code=code)
    assert guest.page.has("expired or was used")
    again = next(form for form in guest.page.forms() if form.action.endswith("/sign-in"))
    assert guest.send(again).title == "Enter the code"
    assert guest.send("sign-in/code", code=guest.mailbox.code(WHO)).has("You are signed in")


def test_only_in_the_browser_that_asked(guest: Guest, app: Flask, mailbox: Mailbox) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    thief = Guest(app.test_client(), mailbox)
    thief.open("/sign-in")
    thief.send("sign-in", email="thief@example.org")
    with thief.client.session_transaction() as session, guest.client.session_transaction() as asked:
        session["code"] = session["code"] | {"id": asked["code"]["id"]}
    thief.send("sign-in/code", status=422, code=mailbox.code(WHO))


def test_a_code_expires(guest: Guest, database: Database) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    code = guest.mailbox.code(WHO)
    with database.change() as session:
        session.execute(update(SignInCode).values(expires_at=now() - timedelta(seconds=1)))
    guest.send("sign-in/code", status=422, code=code)
    assert guest.page.has("expired or was used")


def test_known_and_unknown_addresses_look_alike_and_floods_end(guest: Guest, resident: Resident,
                                                               database: Database) -> None:
    pages = []
    for address in ("resident@example.org", "unknown@example.org"):
        guest.open("/sign-in")
        pages.append(guest.send("sign-in", email=address).text.replace(address, "X"))
    assert pages[0] == pages[1]
    for _ in range(8):
        guest.open("/sign-in")
        assert guest.send("sign-in", email=WHO).title == "Enter the code"
    assert len(guest.mailbox.letters(WHO)) == 5
    guest.open("/sign-in")
    assert guest.send("sign-in", email="no address", status=422).has("such as name@example.org")


def test_no_code_is_stored_anywhere(guest: Guest, database: Database) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    code = guest.mailbox.code(WHO)
    with database.reading() as session:
        row = session.scalars(select(SignInCode)).one()
        assert not any(code in str(getattr(row, c.key)) for c in SignInCode.__table__.columns if c.key != "salt")


def test_a_link_leads_to_a_button_and_works_once(app: Flask, database: Database, settings: Settings, mailbox: Mailbox,
                                                 resident: Resident) -> None:
    with database.change() as session:
        path = f"/en/sign-in/link/{link_token(session, 'resident@example.org', settings.secret_key, now())}"
    visitor = Guest(app.test_client(), mailbox)
    for _ in range(2):  # a mail scanner looks first
        assert visitor.open(path).title == "Sign in"
    assert visitor.send("/link/").has("signed in", "Rosa")
    other = Guest(app.test_client(), mailbox)
    other.open(path)
    other.send("/link/", status=404)
    assert other.page.has("expired or was used")
    other.open(path[:-3] + "abc")
    other.send("/link/", status=404)


def test_signing_in_leads_back_but_never_away(guest: Guest) -> None:
    guest.open("/me/settings")
    assert guest.page.title == "Sign in"
    guest.finish_sign_in(WHO)
    assert guest.page.title == "My settings"
    guest.send("/out")
    for number, away in enumerate(("https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)",
                 "/%09/evil.example", "/%0d/evil.example", "/%0a/evil.example", "/" + "a" * 600)):
        guest.open("/sign-in?next=" + away)
        guest.finish_sign_in(f"{number}@example.org")  # one address is sent five codes at most
        assert guest.page.path == "/en/", away
        guest.send("/out")


def test_signing_out_everywhere(guest: Guest, app: Flask, mailbox: Mailbox, database: Database) -> None:
    guest.sign_in(WHO)
    phone = Guest(app.test_client(), mailbox).sign_in(WHO)
    phone.open("/me/settings")
    phone.send("/out-everywhere")
    assert guest.open("/me").title == "Sign in"
    with database.reading() as session:
        assert session.scalars(select(Person.epoch)).one() == 1


def test_the_session_cookie(app: Flask, guest: Guest) -> None:
    guest.open("/sign-in")
    cookie = guest.page.response.headers["Set-Cookie"]
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_a_role_taken_away_counts_at_once(someone: Callable[..., Any], database: Database) -> None:
    staff = someone(Resident, "m@example.org", role="moderator")
    assert staff.open("/moderation/").title == "Waiting for moderation"
    with database.change() as session:
        session.execute(update(Person).values(role="resident"))
    staff.open("/moderation/", 403)


def test_asking_again_keeps_the_way(guest: Guest) -> None:
    guest.open("/me/settings")
    guest.send("sign-in", email=WHO)
    first = guest.mailbox.code(WHO)
    again = next(form for form in guest.page.forms() if form.action.endswith("/sign-in"))
    assert guest.send(again).title == "Enter the code"
    second = guest.mailbox.code(WHO)
    guest.send("sign-in/code", status=422, code=first if first != second else _wrong(second))
    guest.send("sign-in/code", code=second)
    assert guest.page.title == "My settings"


def test_who_is_signed_in_is_led_on(resident: Resident) -> None:
    assert resident.open("/sign-in").path == "/en/"
    assert resident.open("/sign-in?next=/en/me/settings").title == "My settings"
    assert resident.open("/sign-in?next=//evil.example").path == "/en/"
    assert resident.open("/sign-in/code").path == "/en/"


def test_a_link_works_over_https(app: Flask, database: Database, settings: Settings, resident: Resident) -> None:
    here = "https://localhost"
    with database.change() as session:
        path = f"/en/sign-in/link/{link_token(session, 'resident@example.org', settings.secret_key, now())}"
    client = app.test_client()
    shown = client.get(path, base_url=here)
    referer = {"no-referrer": None, "strict-origin": f"{here}/"}[shown.headers["Referrer-Policy"]]
    sent = client.post(path, data=Page(shown).form("/link/").values, base_url=here,
                       headers={"Referer": referer} if referer else {})
    assert (sent.status_code, sent.headers["Location"]) == (303, "/en/")


def test_what_is_no_code_counts_as_a_try(guest: Guest) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    for left, entered in ((4, ""), (3, "\x00\u202e"), (2, "9" * 100_000), (1, "\u0661\u0662\u0663\u0664\u0665\u0666")):
        assert guest.send("sign-in/code", status=422, code=entered).has(f"{left} more tr")
    assert guest.send("sign-in/code", code=guest.mailbox.code(WHO)).has("You are signed in")


def test_what_is_no_address(guest: Guest) -> None:
    for typed in ("", "\x00", "a@b", "x" * 100_000 + "@example.org", "a@example.org\nBcc: b@example.org", "\u202ea@@x"):
        guest.open("/sign-in")
        assert guest.send("sign-in", email=typed, status=422).has("such as name@example.org")
    assert guest.mailbox.letters() == []


def test_codes_are_told_in_the_language_of_the_page(app: Flask, mailbox: Mailbox) -> None:
    guest = Guest(app.test_client(), mailbox, "de")
    guest.sign_in(WHO)
    letter = mailbox.last(WHO)
    assert letter["Content-Language"] == "de" and mailbox.code(WHO) in letter["Subject"]
    assert guest.page.path == "/de/"
