"""Proposing, one question after the other: kept on the way, ideas alike, what is wrong, the preview, sending once."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database
from participation.ideas.drafts import IdeaDraft
from participation.ideas.model import Idea
from tests.counting import counted
from tests.making import published
from tests.page import words
from tests.people import AN_IDEA, Guest, Resident

WHO = "new@example.org"
ANSWERS = {name: AN_IDEA[name] for name in ("title", "body", "benefit", "field", "district")}


def _question(visitor: Guest) -> str:
    return visitor.page.title


def _step(visitor: Guest) -> str:
    """Where the progress says that one is."""
    [here] = [li for li in visitor.page.all(".//ol/li") if li.get("aria-current") == "step"]
    return words(here)


def _go(visitor: Guest, go: str, status: int = 200, **values: str) -> None:
    visitor.send("ideas/new", status=status, go=go, **values)


def _to_the_preview(visitor: Guest) -> None:
    visitor.open("/ideas/new")
    _go(visitor, "next", title=AN_IDEA["title"])
    if _question(visitor) == "Is it here already?":
        _go(visitor, "next")
    _go(visitor, "next", body=AN_IDEA["body"])
    _go(visitor, "next", benefit=AN_IDEA["benefit"])
    _go(visitor, "next", field=AN_IDEA["field"], district=AN_IDEA["district"])


def _ideas(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Idea)) or 0


def test_one_question_after_the_other(guest: Guest, database: Database) -> None:
    guest.open("/ideas/new")
    seen = [(_question(guest), _step(guest))]
    for name, value in (("title", AN_IDEA["title"]), ("body", AN_IDEA["body"]), ("benefit", AN_IDEA["benefit"])):
        _go(guest, "next", 200, **{name: value})
        seen.append((_question(guest), _step(guest)))
    assert seen == [("What is your idea, in one sentence?", "Your idea"), ("What should change?", "What changes"),
                    ("What do residents gain?", "Who gains"), ("Where does it belong?", "Where it belongs")]
    assert guest.page.has("Step 4 of 5") and guest.page.path == "/en/ideas/new", "an address to come back to"
    _go(guest, "next", field=AN_IDEA["field"], district=AN_IDEA["district"])
    assert guest.page.has("This is how your idea will look", *(AN_IDEA[name] for name in ("title", "body", "benefit")),
                          "Neustadt", "Step 5 of 5", "Next you enter your e-mail address")
    assert guest.page.form("ideas/new").values["idea_language"] == "en"
    assert _ideas(database) == 0
    guest.send("ideas/new")
    guest.finish_sign_in(WHO)
    assert guest.page.title == "Thank you for your idea"
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert {name: getattr(idea, name) for name in ANSWERS} == ANSWERS and idea.language == "en"
        assert session.scalars(select(IdeaDraft)).one().entered == {}
    assert guest.open("/ideas/new").form("ideas/new").values["title"] == ""


def test_one_field_asks_on_each_page_and_the_rest_goes_along(guest: Guest) -> None:
    _to_the_preview(guest)
    for step, asks in (("title", {"title"}), ("body", {"body"}), ("benefit", {"benefit"}),
                       ("where", {"field", "district", "place", "latitude", "longitude"}),
                       ("preview", {"idea_language"})):
        page = guest.open(f"/ideas/new?step={step}")
        seen = {e.get("name") for tag in ("input", "textarea", "select") for e in page.all(f".//main//{tag}")
                if e.get("type") != "hidden"}
        assert seen == asks
        assert {name: page.form("ideas/new").values[name] for name in ANSWERS} == ANSWERS
        if step != "preview":
            assert page.has("Go on and see how it looks")


def test_what_is_wrong_is_said_where_it_is(guest: Guest) -> None:
    guest.open("/ideas/new")
    _go(guest, "next", 422, title="short")
    title = guest.page.root.find("head/title")
    assert title is not None and "Error in step 1 of 5: What is your idea" in (title.text or "")
    [summary] = [e for e in guest.page.all(".//div") if e.get("id") == "error-summary"]
    assert summary.get("autofocus") is not None and "at least 10 characters" in words(summary)
    [link] = summary.findall(".//a")
    [field] = [e for e in guest.page.all(".//input") if e.get("id") == link.get("href", "")[1:]]
    assert field.get("aria-invalid") == "true" and "title-error" in (field.get("aria-describedby") or "")
    assert field.get("value") == "short"
    _go(guest, "next", title=AN_IDEA["title"])
    _go(guest, "back", body="too short")  # going back is never refused, and loses nothing
    assert _question(guest) == "What is your idea, in one sentence?"
    assert guest.page.form("ideas/new").values["body"] == "too short"


def test_without_a_script_another_language_takes_along_what_is_half_typed(guest: Guest) -> None:
    guest.open("/ideas/new?step=body")
    offered = [each.get("value") for each in guest.page.all(".//noscript//button")]
    assert offered[:2] == ["in-de", "in-de-simple"] and "in-en" not in offered
    _go(guest, "in-fr", body="Half a sen")
    assert guest.page.path == "/fr/ideas/new" and "step=body" in guest.page.response.request.url
    assert guest.page.form("ideas/new").values["body"] == "Half a sen"
    _go(guest, "in-xx", body="Half a sentence")
    assert guest.page.path == "/fr/ideas/new" and guest.page.form("ideas/new").values["body"] == "Half a sentence"


def test_the_preview_asks_for_everything_that_is_missing(guest: Guest) -> None:
    guest.open("/ideas/new")
    _go(guest, "preview", 422, title=AN_IDEA["title"])
    assert _question(guest) == "Please look at this again"
    assert len(guest.page.all(".//main//textarea")) == 2 and len(guest.page.all(".//main//select")) == 1
    _go(guest, "preview", body=AN_IDEA["body"], benefit=AN_IDEA["benefit"], field=AN_IDEA["field"])
    assert _question(guest) == "This is how your idea will look"
    _go(guest, "body")
    assert _question(guest) == "What should change?"
    _go(guest, "preview", body="There is no shade at all on the whole of the square.")
    assert guest.page.has("There is no shade at all")


def test_nobody_sees_the_preview_of_nothing(guest: Guest) -> None:
    assert guest.open("/ideas/new?step=preview").title == "What is your idea, in one sentence?"
    assert guest.open("/ideas/new?step=nonsense").title == "What is your idea, in one sentence?"
    assert guest.open("/ideas/new?step=similar").title == "What should change?", "nothing is like nothing"


def test_coming_back_and_starting_afresh(guest: Guest, database: Database) -> None:
    guest.open("/ideas/new")
    _go(guest, "next", title=AN_IDEA["title"])
    _go(guest, "next", body=AN_IDEA["body"])
    guest.open("/ideas")
    assert guest.open("/ideas/new").has("You have begun this idea already", "for 14 days")
    assert guest.page.form("ideas/new").values["title"] == AN_IDEA["title"]
    assert guest.open(guest.page.link("Go on where you stopped")).has("What do residents gain?")
    assert guest.page.form("ideas/new").values["body"] == AN_IDEA["body"]
    with guest.client.session_transaction() as session:
        assert session.permanent, "the browser may be closed meanwhile"
    german = guest.open(guest.page.all(".//details//a[@hreflang='de']")[0].get("href", ""))
    assert german.form("ideas/new").values["body"] == AN_IDEA["body"]
    guest.open("/en/ideas/new")
    _go(guest, "afresh")
    assert guest.page.has("thrown away", "What is your idea, in one sentence?")
    assert guest.page.form("ideas/new").values["body"] == ""
    with database.reading() as session:
        assert not session.scalars(select(IdeaDraft)).all()


def test_a_draft_goes_along_to_another_device(guest: Guest, app: Flask, database: Database) -> None:
    guest.open("/ideas/new")
    _go(guest, "next", title=AN_IDEA["title"])
    guest.sign_in(WHO)
    other = Guest(app.test_client(), guest.mailbox)
    assert other.open("/ideas/new").form("ideas/new").values["title"] == ""
    other.sign_in(WHO)
    assert other.open("/ideas/new").has("Go on where you stopped", "on every device")
    assert other.page.form("ideas/new").values["title"] == AN_IDEA["title"]
    other.open("/ideas/new?step=body")
    _go(other, "next", body=AN_IDEA["body"])
    assert guest.open("/ideas/new").form("ideas/new").values["body"] == AN_IDEA["body"]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(IdeaDraft)) == 1


def test_a_second_click_sends_nothing_twice(resident: Resident, database: Database) -> None:
    _to_the_preview(resident)
    form = resident.page.form("ideas/new")
    resident.send(form)
    first = resident.page.path
    resident.send(form)
    assert resident.page.path == first and resident.page.title == "Thank you for your idea"
    assert _ideas(database) == 1
    resident.propose(title="Another idea for the same square")
    assert _ideas(database) == 2


def test_an_idea_changed_before_signing_in_is_not_sent_as_it_was(guest: Guest, database: Database) -> None:
    _to_the_preview(guest)
    guest.send("ideas/new")
    assert guest.page.has("Your idea is kept")
    assert guest.open("/ideas/new?step=body").form("ideas/new").values["body"] == AN_IDEA["body"]
    _go(guest, "preview", body="I have thought again: one tree and a bench would be enough.")
    guest.sign_in(WHO)
    with database.reading() as session:
        assert not session.scalars(select(Idea).where(Idea.ref.is_not(None))).all()
    assert guest.open("/ideas/new?step=preview").has("I have thought again")
    guest.send("ideas/new")
    assert guest.page.title == "Thank you for your idea"


def test_looking_elsewhere_keeps_what_is_typed(guest: Guest) -> None:
    guest.open("/ideas/new")
    form = guest.page.form("ideas/new")
    answer = guest.client.post(form.action, data=form.values | {"go": "keep", "title": "Shade for"})
    assert answer.status_code == 204 and not answer.data
    assert guest.open("/ideas/new").form("ideas/new").values["title"] == "Shade for"


def _alike(database: Database, city: City, deliver: Callable[[], int]) -> str:
    number = published(database, city, title="Shade for the bus stops at the station",
                       body="Waiting there is hot.  " * 3)
    deliver()
    with database.reading() as session:
        return session.get_one(Idea, number).ref or ""


def test_ideas_alike_before_writing_on(resident: Resident, someone: Callable[..., Any], database: Database, city: City,
                                       deliver: Callable[[], int]) -> None:
    ref = _alike(database, city, deliver)
    someone(Resident, "waiting@example.org").propose(title="Shade for bus stops, says nobody yet")
    deliver()
    resident.open("/ideas/new")
    _go(resident, "next", title=AN_IDEA["title"])
    assert _question(resident) == "Is it here already?"
    assert resident.page.has("Step 1 of 5", "Shade for the bus stops at")
    assert not resident.page.has("says nobody yet"), "what is not public is shown to nobody"
    resident.send(f"{ref}/support")
    assert resident.page.path == "/en/ideas/new" and resident.page.has("You support this idea")
    _go(resident, "next")
    assert _question(resident) == "What should change?"
    _go(resident, "next", body=AN_IDEA["body"])
    assert resident.open("/ideas/new?step=title").form("ideas/new").values["title"] == AN_IDEA["title"]
    _go(resident, "next")
    assert _question(resident) == "What should change?", "they are shown once for a title"
    resident.open("/ideas/new?step=title")
    _go(resident, "next", title="Shade at the bus stops of the station")
    assert _question(resident) == "Is it here already?"
    _go(resident, "back")
    assert _question(resident) == "What is your idea, in one sentence?"


def test_a_guest_supports_another_and_finds_the_draft_again(guest: Guest, database: Database, city: City,
                                                            deliver: Callable[[], int]) -> None:
    ref = _alike(database, city, deliver)
    guest.open("/ideas/new")
    _go(guest, "next", title=AN_IDEA["title"])
    guest.send(f"{ref}/support")
    guest.finish_sign_in(WHO)
    assert guest.page.has("You support this idea. Thank you.")
    assert guest.open("/ideas/new?step=title").form("ideas/new").values["title"] == AN_IDEA["title"]


def test_the_script_asks_for_ideas_alike(guest: Guest, database: Database, city: City,
                                         deliver: Callable[[], int]) -> None:
    ref = _alike(database, city, deliver)
    answer = guest.client.get("/en/ideas/new/similar?title=Shade+at+bus+stops")
    text = answer.get_data(as_text=True)
    assert f"/en/ideas/{ref}" in text and "1 similar idea stands below" in text and "<form" not in text
    assert "Set-Cookie" not in answer.headers and answer.headers["X-Robots-Tag"] == "noindex"
    for title in ("", "Sh", "\x00", "<script>alert(1)</script>", "x" * 9000, "\u202e Shade"):
        answer = guest.client.get("/en/ideas/new/similar", query_string={"title": title})
        assert answer.status_code == 200 and "<script" not in answer.get_data(as_text=True)


@pytest.mark.parametrize("go", ["next", "back", "preview", "where", "keep", "nonsense"])
def test_hostile_texts_go_through_every_step(guest: Guest, go: str) -> None:
    text = "<b>\"'&\u202e\x00\ufffe 𝕏\r\n\r\n\r\n\r\nx" + "y" * 25_000
    guest.open("/ideas/new")
    form = guest.page.form("ideas/new")
    answer = guest.client.post(form.action, follow_redirects=True, data=form.values | {
        "go": go, "step": text[:300], "draft": "x" * 500, "title": text, "body": text, "field": text,
        "idea_language": "\x00"})
    assert answer.status_code in (200, 204, 422)
    guest.open("/ideas/new?step=body")


def test_steps_cost_no_proposals_and_have_a_limit_of_their_own(resident: Resident, limited: None) -> None:
    for number in range(12):
        resident.open("/ideas/new?step=title")
        _go(resident, "body", title=f"Shade for bus stop number {number}")
    resident.open("/ideas/new")
    assert resident.send("ideas/new", status=200, **AN_IDEA).title == "Thank you for your idea"


def test_few_queries(guest: Guest, resident: Resident, database: Database, city: City,
                     deliver: Callable[[], int]) -> None:
    _alike(database, city, deliver)
    _to_the_preview(resident)
    _to_the_preview(guest)
    for who, step, most in ((guest, "preview", 1), (guest, "body", 1), (guest, "similar", 6),
                            (resident, "preview", 2), (resident, "similar", 8)):
        with counted(database) as seen:
            who.open(f"/ideas/new?step={step}")
        assert len(seen) <= most, (step, seen)
    with counted(database) as seen:
        guest.client.get("/en/ideas/new/similar?title=Shade+at+bus+stops")
    assert len(seen) <= 5, seen
