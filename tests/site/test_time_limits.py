"""Nothing runs out on anybody (WCAG 2.2.1): what ends soon can be had anew, and nothing typed is lost."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from participation.database import Database, now
from participation.people.model import SignInCode
from participation.people.signing_in import LINK_LASTS
from tests.moderation.claiming import claims_end
from tests.people import AN_IDEA, Guest, Moderator, Resident

WHO = "slow@example.org"


def _code_ends(database: Database) -> None:
    with database.change() as session:
        session.execute(update(SignInCode).values(expires_at=now() - timedelta(seconds=1)))


def test_a_new_code_keeps_the_idea(guest: Guest, database: Database) -> None:
    guest.propose()
    guest.send("sign-in", email=WHO)
    late = guest.mailbox.code(WHO)
    for _ in range(3):  # somebody takes very long, three times
        _code_ends(database)
        guest.send("sign-in/code", status=422, code=late)
        assert guest.page.has("expired or was used", "Your idea is kept.", "Send a new code")
        again = next(form for form in guest.page.forms() if form.action.endswith("/sign-in"))
        assert guest.send(again).has("Your idea is kept.", WHO)
        late = guest.mailbox.code(WHO)
    guest.send("sign-in/code", code=late)
    assert guest.page.has("Its number is")
    assert guest.open("/me").has(AN_IDEA["title"])


@pytest.mark.parametrize("between", ["{} {}", "{}-{}", " {}\u00a0{}\n", "{}\u2013{}", "Code: {}{}.", "{}\u200b{}"])
def test_a_code_as_it_is_pasted(guest: Guest, between: str) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    code = guest.mailbox.code(WHO)
    assert guest.send("sign-in/code", code=between.format(code[:3], code[3:])).has("You are signed in")


def test_a_code_in_arabic_digits(guest: Guest) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email=WHO)
    code = guest.mailbox.code(WHO).translate({ord("0") + n: 0x0660 + n for n in range(10)})
    assert guest.send("sign-in/code", code=code).has("You are signed in")


def test_the_field_for_the_code_takes_a_paste(guest: Guest) -> None:
    guest.open("/sign-in")
    [field] = [e for e in guest.send("sign-in", email=WHO).all(".//input") if e.get("name") == "code"]
    found = field.get("autocomplete"), field.get("inputmode"), field.get("type")
    assert found == ("one-time-code", "numeric", "text")
    assert field.get("maxlength") is None and field.get("pattern") is None


def test_a_form_that_was_open_for_days_brings_the_text_back(guest: Guest, app: Flask,
                                                            monkeypatch: pytest.MonkeyPatch) -> None:
    assert app.config["WTF_CSRF_TIME_LIMIT"] >= 20 * 3600
    guest.open("/ideas/new")
    form = guest.page.form("ideas/new")
    monkeypatch.setitem(app.config, "WTF_CSRF_TIME_LIMIT", -1)  # three days pass
    page = guest.send(form, status=400, **AN_IDEA)
    assert page.has("The page was open for too long", "Nothing is lost: check it and send it again.")
    kept = page.form("ideas/new").values
    assert {name: kept[name] for name in AN_IDEA} == AN_IDEA
    monkeypatch.undo()
    assert guest.send("ideas/new").title == "Sign in"
    assert guest.page.has("Your idea is kept.")


def test_a_barrier_is_not_lost_either(guest: Guest, app: Flask, monkeypatch: pytest.MonkeyPatch) -> None:
    guest.open("/accessibility")
    form = guest.page.form("/accessibility")
    monkeypatch.setitem(app.config, "WTF_CSRF_TIME_LIMIT", -1)
    guest.send(form, status=400, body="It runs out on me.", email="a@example.org", page="The form")
    monkeypatch.undo()
    assert guest.send("/accessibility").has("Thank you. Your message has arrived.")


def test_a_session_that_ended_meanwhile(resident: Resident) -> None:
    resident.open("/me/settings")
    form = resident.page.form("/me/settings")
    resident.client.delete_cookie("session")
    page = resident.send(form, status=400, name="Rosa of the Rhine")
    assert page.has("What you wrote is still here") and page.form("/me/settings").values["name"] == "Rosa of the Rhine"


def test_links_and_sessions_last_long_enough(app: Flask) -> None:
    assert timedelta(hours=20) < LINK_LASTS and app.config["PERMANENT_SESSION_LIFETIME"] >= timedelta(days=14)


def test_a_claim_lasts_as_long_as_somebody_needs(resident: Resident, moderator: Moderator, database: Database,
                                                 someone: Callable[..., Moderator]) -> None:
    resident.propose()
    ref = resident.page.text.split("Its number is ")[1].split(".")[0]
    page = moderator.open(f"/moderation/ideas/{ref}")
    assert page.has("Claimed by you until", "Claim it for longer")
    typed: dict[str, Any] = {"move": "return", "statement": "Which of the stops do you mean, please?"}
    form = max((form for form in page.forms() if form.action.endswith(ref)), key=lambda form: len(form.values))
    form.action += "/hold"  # the button's formaction
    page = moderator.send(form, **typed)
    assert page.has("The entry is yours for longer.", "Claimed by you until")
    kept = max((form for form in page.forms() if form.action.endswith(ref)), key=lambda form: len(form.values))
    assert {name: kept.values[name] for name in typed} == typed
    assert moderator.open(f"/moderation/ideas/{ref}/hold").path == f"/en/moderation/ideas/{ref}"
    claims_end(database)
    colleague = someone(Moderator, "colleague@example.org", role="moderator", name="Carla")
    colleague.open(f"/moderation/ideas/{ref}")
    page = moderator.send(form, status=409, **typed)
    assert page.has("Somebody else is working on this entry", "Carla is working on this", typed["statement"])
    claims_end(database)
    assert moderator.send(form, **typed).has("The entry is yours for longer.")
    moderator.send(kept)
    assert moderator.send(form, status=409, **typed).has("Which of the stops")  # decided meanwhile: nothing to hold
