"""Proposing, from the first word to the receipt and what its secret link can do."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, select, update

from participation.database import Database
from participation.ideas.model import Idea, IdeaVersion
from participation.people.model import Person
from participation.web.limits import limiter
from tests.counting import counted
from tests.page import Page, words
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
    assert guest.page.has(str(idea.ref), "within 7 days", "at the latest", "English", "CDO office of the City")
    assert guest.page.link("/follow/") in guest.mailbox.text(WHO)
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
    assert stranger.page.response.headers["Referrer-Policy"] == "strict-origin"
    assert stranger.page.response.headers["X-Robots-Tag"] == "noindex"
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
    moderator.decide(f"ideas/{_idea(database).ref}", "decline", statement="Somebody else builds it.")
    guest.send(form, status=409, body="This took me an hour to write, and I want it back.")
    assert guest.page.form("/change").values["body"] == "This took me an hour to write, and I want it back."
    assert guest.page.has("decided meanwhile")


def test_a_change_of_a_published_idea_waits_while_the_old_text_stays(resident: Resident, moderator: Moderator,
                                                                     database: Database) -> None:
    resident.propose()
    ref = _idea(database).ref
    moderator.decide(f"ideas/{ref}", "publish")
    link = resident.mailbox.link("resident@example.org", "/ideas/")
    resident.open("/me")
    resident.open(resident.page.link("Shade for the bus stops"))
    resident.open(resident.page.link("/change"))
    resident.send("/change", title="Shade for the stops on Münsterplatz")
    assert resident.page.has("until then everyone sees the old text", "place 1 of 1")
    assert resident.open(link).title == "Shade for the bus stops on the square"
    moderator.open("/moderation/?kind=edit")
    moderator.open(moderator.page.link("/moderation/edits/"))
    assert moderator.page.has("Change of an idea", "Münsterplatz")
    moderator.send("/moderation/edits/1", move="apply")
    assert resident.open(link).title == "Shade for the stops on Münsterplatz"


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
    assert len({words(link) for link in summary.findall(".//a")}) == 4  # each names its question
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


def test_what_was_kept_is_gone_but_signing_in_holds(guest: Guest, database: Database) -> None:
    guest.propose()
    with database.change() as session:
        session.execute(delete(Idea))
    guest.finish_sign_in(WHO)
    assert guest.page.has("There is no such idea here", "Sign out")
    assert guest.open("/me").title == "My page"


def test_support_kept_for_an_idea_that_is_gone(guest: Guest) -> None:
    guest.open("/sign-in")
    with guest.client.session_transaction() as session:
        session["pending"] = {"kind": "support", "id": 4711}
    guest.finish_sign_in(WHO)
    assert guest.page.has("There is no such idea here", "Sign out")


def test_an_idea_is_claimed_by_one_browser_only(guest: Guest, app: Flask, database: Database) -> None:
    guest.propose()
    with guest.client.session_transaction() as session:
        kept = session["pending"]
    guest.finish_sign_in(WHO)
    other = Guest(app.test_client(), guest.mailbox)
    other.open("/sign-in")
    with other.client.session_transaction() as session:
        session["pending"] = kept
    other.finish_sign_in("other@example.org")
    assert other.page.has("There is no such idea here")
    assert other.open("/me/ideas").has("You have not proposed anything yet")


def test_changed_in_two_windows(resident: Resident, database: Database) -> None:
    resident.propose()
    resident.open(resident.page.link("/change"))
    older = resident.page.form("/change")
    resident.send(older, title="Trees for the stops on the square")
    resident.send(older, status=409, title="A roof for the stops on the square")
    assert resident.page.has("changed in another window")
    assert _idea(database).title == "Trees for the stops on the square"
    resident.send("/change")
    assert _idea(database).title == "A roof for the stops on the square"
    with database.reading() as session:
        assert [v.number for v in session.scalars(select(IdeaVersion).order_by(IdeaVersion.id))] == [1, 2, 3]


@pytest.mark.parametrize("page", ["/change", "/withdraw"])
def test_a_secret_page_can_be_sent_over_https(guest: Guest, page: str) -> None:
    guest.propose()
    guest.finish_sign_in(WHO)
    link, here = guest.mailbox.link(WHO, "/follow/"), "https://localhost"
    shown = guest.client.get(link + page, base_url=here)
    # What a browser sends along follows from the page's policy; without any the form is refused.
    referer = {"no-referrer": None, "strict-origin": f"{here}/"}[shown.headers["Referrer-Policy"]]
    sent = guest.client.post(link + page, data=Page(shown).form(page).values, base_url=here,
                             headers={"Referer": referer} if referer else {})
    assert (sent.status_code, sent.headers["Location"]) == (303, link)


def test_an_author_who_was_erased_is_followed_no_more(guest: Guest, database: Database) -> None:
    guest.propose()
    guest.finish_sign_in(WHO)
    link = guest.mailbox.link(WHO, "/follow/")
    with database.change() as session:
        session.execute(update(Idea).values(author_id=None))
    for page in ("", "/change", "/withdraw"):
        guest.open(link + page, 404)


def test_too_many_in_an_hour_lose_nothing(resident: Resident, limited: None) -> None:
    for _ in range(10):
        resident.propose()
    resident.open("/ideas/new")
    resident.send("ideas/new", status=429, **AN_IDEA)
    assert resident.page.has("That was a lot in a short time")
    assert resident.page.form("ideas/new").values["body"] == AN_IDEA["body"]
    limiter.reset()  # an hour later
    assert resident.send(resident.page.form("ideas/new")).title == "Thank you for your idea"


def test_the_languages_on_offer_begin_with_the_page(guest: Guest) -> None:
    guest.open("/ideas/new")
    guest.send("ideas/new", status=200, go="preview", **AN_IDEA)
    for lang, first in (("de", "de"), ("en", "en")):
        guest.open(f"/{lang}/ideas/new?step=preview")
        select_ = next(e for e in guest.page.all(".//select") if e.get("name") == "idea_language")
        offered = [option.get("value") for option in select_.iter("option")]
        assert offered[:2] == ["", first] and len(offered) == len(set(offered)) == 26


def test_few_queries(guest: Guest, resident: Resident, database: Database) -> None:
    resident.propose()
    link = resident.mailbox.link("resident@example.org", "/follow/")
    ref = _idea(database).ref
    for who, path, most in ((guest, "/ideas/new", 0), (guest, link, 8), (guest, link + "/change", 8),
                            (resident, f"/ideas/thanks/{ref}", 8), (resident, link, 8)):
        with counted(database) as seen:
            who.open(path)
        assert len(seen) <= most, (path, seen)
