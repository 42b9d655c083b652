"""Proposing, from the first word to the receipt and what its secret link can do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participation.database import Database
from participation.ideas.model import Idea, IdeaVersion
from participation.people.model import Person
from tests.people import AN_IDEA, Guest, Moderator, Resident

WHO = "new@example.org"


def _idea(database: Database) -> Idea:
    with database.reading() as session:
        return session.scalars(select(Idea).order_by(Idea.id.desc())).first()  # type: ignore[return-value]


def test_without_an_account_nothing_is_lost(guest: Guest, database: Database) -> None:
    page = guest.propose()
    assert page.has("Sign in", "Your idea is kept")
    guest.finish_sign_in(WHO)
    assert guest.page.title == "Thank you for your idea"
    idea = _idea(database)
    assert guest.page.has(str(idea.ref), "within 7 days", "English")
    assert (idea.title, idea.body, idea.benefit) == (AN_IDEA["title"], AN_IDEA["body"], AN_IDEA["benefit"])
    assert guest.open("/me").has(idea.title, "Waiting for moderation")
    with database.reading() as session:
        assert session.scalars(select(Person.email)).all() == [WHO]


def test_the_receipt_follows_changes_and_withdraws_without_signing_in(guest: Guest, app: Flask,
                                                                      database: Database) -> None:
    guest.propose()
    guest.finish_sign_in(WHO)
    assert guest.mailbox.last(WHO)["Subject"].startswith("Your idea MZ-")
    link = guest.mailbox.link(WHO, "/follow/")
    stranger = Guest(app.test_client(), guest.mailbox)  # another browser, nobody signed in
    assert stranger.open(link).has("Your idea", "Waiting for moderation", AN_IDEA["body"])
    assert stranger.page.response.headers["Referrer-Policy"] == "no-referrer"
    assert stranger.page.response.headers["Cache-Control"] == "no-store"
    stranger.open(f"{link}/change")
    stranger.send("/change", title="Shade for every stop on the square")
    assert stranger.page.title == "Shade for every stop on the square"
    with database.reading() as session:
        assert [v.title for v in session.scalars(select(IdeaVersion).order_by(IdeaVersion.number))] == [
            AN_IDEA["title"], "Shade for every stop on the square"]
    stranger.open(f"{link}/withdraw")
    stranger.send("/withdraw")
    assert stranger.page.has("Withdrawn")
    stranger.open(f"{link}/withdraw", 409)
    stranger.open(link[:-4] + "0000", 404)


def test_a_stale_change_is_refused_and_kept(guest: Guest, moderator: Moderator, database: Database) -> None:
    guest.propose()
    guest.finish_sign_in(WHO)
    guest.open(guest.mailbox.link(WHO, "/follow/") + "/change")
    form = guest.page.form("/change")
    moderator.decide(f"ideas/{_idea(database).ref}", "publish")
    guest.send(form, status=409, body="This took me an hour to write, and I want it back.")
    assert guest.page.form("/change").values["body"] == "This took me an hour to write, and I want it back."
    assert guest.page.has("decided meanwhile")


def test_a_returned_idea_is_sent_again(resident: Resident, moderator: Moderator, database: Database) -> None:
    resident.propose()
    ref = _idea(database).ref
    moderator.decide(f"ideas/{ref}", "return", statement="Which square do you mean?")
    assert "Which square do you mean?" in resident.mailbox.text("resident@example.org")
    resident.open(resident.mailbox.link("resident@example.org", "/follow/"))
    assert resident.page.has("Which square do you mean?", "Change it and send it again")
    resident.open(resident.page.link("/change"))
    resident.send("/change", title="Shade for the stops on Münsterplatz")
    assert resident.page.has("Waiting for moderation")
    assert moderator.open("/moderation/").has("Shade for the stops on Münsterplatz")


@pytest.mark.parametrize(("field", "text", "said"), [
    ("title", "", "fill this in"), ("title", "short", "at least 10 characters"),
    ("title", "x" * 121, "1 character too"), ("body", "   ", "fill this in"),
    ("body", "x" * 100_000, "characters too long"), ("benefit", "\x00", "fill this in"),
    ("body", "\u202e\u2066", "fill this in"), ("field", "nonsense", "offered answers"), ("field", "", "fill this in"),
    ("district", "atlantis", "offered answers"), ("idea_language", "tlh", "offered answers"),
])
def test_every_field_past_its_limits(guest: Guest, database: Database, field: str, text: str, said: str) -> None:
    guest.open("/ideas/new")
    guest.send("ideas/new", status=422, **(AN_IDEA | {field: text}))
    assert guest.page.has("Something is missing or not right yet", said)
    values = guest.page.form("ideas/new").values
    for name, entered in AN_IDEA.items():
        if name != field:
            assert values[name] == entered, f"{name} was lost"
    if len(text) > 50:
        assert values[field] == text
    assert _idea(database) is None


def test_at_the_limits_everything_fits(resident: Resident, database: Database) -> None:
    resident.propose(title="ß" * 120, body="\u200fش" * 2500, benefit="𝕏" * 2000)
    assert resident.page.title == "Thank you for your idea"
    idea = _idea(database)
    assert (len(idea.title), len(idea.body), len(idea.benefit)) == (120, 5000, 2000)


def test_everything_wrong_is_said_at_once(guest: Guest) -> None:
    guest.open("/ideas/new")
    guest.send("ideas/new", status=422, title="", body="", benefit="", field="")
    summary = next(e for e in guest.page.all(".//div") if e.get("id") == "error-summary")
    assert len(summary.findall(".//li")) == 4
    for link in summary.findall(".//a"):
        assert any(e.get("id") == link.get("href", "")[1:] for e in guest.page.root.iter())


def test_the_language_is_recognised_and_corrected(resident: Resident, database: Database) -> None:
    resident.propose(title="Meydandaki duraklar için gölge", idea_language="",
                     body="Duraklar bütün öğleden sonra güneşte kalıyor. İki ağaç ve hafif bir çatı yardım eder.",
                     benefit="Yaşlılar ve çocuklu aileler sıcakta hastalanmadan bekleyebilir.")
    assert _idea(database).language == "tr" and resident.page.has("Turkish")
    resident.open(resident.page.link("/change"))
    resident.send("/change", idea_language="ku")
    assert _idea(database).language == "ku"


def test_a_stale_token_keeps_the_text(guest: Guest) -> None:
    guest.open("/ideas/new")
    guest.send("ideas/new", status=400, csrf_token="stale", **AN_IDEA)
    assert guest.page.has("open for too long", "still here")
    resend = guest.page.form("ideas/new")
    assert resend.values["body"] == AN_IDEA["body"] and resend.values["field"] == AN_IDEA["field"]
    assert guest.send(resend).has("Your idea is kept")


def test_thanks_is_for_the_author_alone(resident: Resident, someone: Callable[..., Any], database: Database) -> None:
    resident.propose()
    other = someone(Resident, "other@example.org")
    other.open(f"/ideas/thanks/{_idea(database).ref}", 404)
    other.open(f"/ideas/{_idea(database).ref}", 404)
    assert resident.open(f"/ideas/{_idea(database).ref}").has("This idea is not public")


def test_my_settings(resident: Resident, database: Database) -> None:
    resident.open("/me/settings")
    resident.send("/me/settings", name="  Rosa\nL. ", language="de", district="drais")
    with database.reading() as session:
        me = session.scalars(select(Person).where(Person.email == "resident@example.org")).one()
        assert (me.name, me.language, me.lives_here, me.district) == ("Rosa L.", "de", True, "drais")
    resident.open("/me/settings")
    resident.send("/me/settings", status=422, name="x" * 81, district="atlantis")
    assert resident.page.form("/me/settings").values["name"] == "x" * 81
