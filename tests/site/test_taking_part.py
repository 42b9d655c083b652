"""Supporting and commenting, signed in and not."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from participation.city import City
from participation.comments.model import Comment
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.support import Support
from tests.people import Guest, Resident
from tests.site.writing import Desk


@pytest.fixture
def desk(database: Database, city: City) -> Desk:
    """Ideas without a browser."""
    return Desk(database, city)


@pytest.fixture
def ref(desk: Desk) -> str:
    """A published idea."""
    return desk.idea()


def test_supporting_twice_and_taking_it_back(resident: Resident, desk: Desk, ref: str) -> None:
    page = resident.support(ref)
    assert page.path == f"/en/ideas/{ref}"
    assert page.has("You support this idea. Thank you.", "1 supporter", "1 of 200 supporters from the city")
    resident.send("/support", on="1")
    assert desk.read(ref).supports == 1
    page = resident.send("/support")
    assert page.has("Your support is taken back.", "0 supporters")
    resident.send("/support", on="0")
    assert (desk.read(ref).supports, desk.read(ref).supports_total) == (0, 0)
    assert resident.send("/support").has("You support this idea.")


def test_who_does_not_live_here_is_told_that_it_counts_otherwise(someone: Callable[..., Any], ref: str) -> None:
    visitor = someone(email="visitor@example.org")
    assert visitor.open(f"/ideas/{ref}").has("Do you live in the city?")
    page = visitor.support(ref)
    assert page.has("1 supporter", "0 of 200 supporters from the city")


def test_what_counted_for_a_decision_stays(resident: Resident, desk: Desk) -> None:
    ref = desk.idea("A lift at the station")
    resident.open(f"/ideas/{ref}")
    form = resident.page.form("/support")
    with desk.database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref).values(state="declined"))
    assert resident.send(form, status=409).has("This idea is not gathering support any more.")
    assert resident.send(form, status=409, on="0").has("This idea is not gathering support any more.")


@pytest.mark.parametrize("act", ["support", "comments"])
def test_nothing_is_done_to_an_idea_that_is_not_public(
        resident: Resident, guest: Guest, desk: Desk, ref: str, act: str) -> None:
    resident.open(f"/ideas/{ref}")
    guest.open(f"/ideas/{ref}")
    forms = resident.page.form(f"/{act}"), guest.page.form(f"/{act}")
    with desk.database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref).values(state="hidden", public=False))
    resident.send(forms[0], status=404, body="Let me in, please.")
    guest.send(forms[1], status=404, body="Let me in, please.")
    assert desk.waiting() == []


def test_pressing_support_before_signing_in(guest: Guest, desk: Desk, database: Database, ref: str) -> None:
    page = guest.support(ref)
    assert page.path == "/en/sign-in"
    assert page.has("Your support is given as soon as you have.")
    assert desk.read(ref).supports == 0
    guest.finish_sign_in("new@example.org")
    assert desk.read(ref).supports == 1
    with database.reading() as session:
        assert session.query(Support).join(Person).filter(Person.email == "new@example.org").count() == 1
    assert guest.open(f"/ideas/{ref}").has("You support this idea.")


def test_a_comment_written_before_signing_in(guest: Guest, desk: Desk, ref: str) -> None:
    page = guest.comment(ref, "I have waited there for years.")
    assert page.path == "/en/sign-in"
    assert page.has("Your comment is kept.")
    assert desk.waiting() == []
    guest.finish_sign_in("new@example.org")
    assert [comment.body for comment in desk.waiting()] == ["I have waited there for years."]
    page = guest.open(f"/ideas/{ref}")
    assert page.has("Your comments that are not public", "I have waited there for years.")


def test_a_comment_is_public_once_a_moderator_has_read_it(
        resident: Resident, guest: Guest, desk: Desk, ref: str) -> None:
    page = resident.comment(ref, "I like this <b>very</b> much.")
    assert page.has("A moderator reads your comment", "Your comments that are not public")
    assert page.has("I like this <b>very</b> much.")
    assert "I like this" not in guest.open(f"/ideas/{ref}").text
    [comment] = desk.waiting()
    desk.publish(comment.id)
    page = guest.open(f"/ideas/{ref}")
    assert page.has("1 comment", "I like this <b>very</b> much.", "Rosa")
    assert "not public" not in resident.open(f"/ideas/{ref}").text


def test_an_answer_to_an_answer(resident: Resident, guest: Guest, desk: Desk, ref: str) -> None:
    [first] = desk.comments(ref, ["Who is to pay for it?"])
    page = resident.open(f"/ideas/{ref}")
    page = resident.open(page.link(f"answer={first}"))
    assert page.has("Answer a comment", "Who is to pay for it?", "Comment on the idea instead")
    resident.send("/comments", body="The city, I should think.")
    [answer] = desk.waiting()
    desk.publish(answer.id)
    guest.comment(ref, "With which money?", answer=answer.id)
    guest.finish_sign_in("third@example.org")
    [last] = desk.waiting()
    assert (last.parent_id, last.thread_id) == (answer.id, first)
    desk.publish(last.id)
    page = guest.open(f"/ideas/{ref}")
    assert page.text.index("Who is to pay") < page.text.index("I should think") < page.text.index("With which money?")
    depths = [item.get("class") for item in page.all(".//li") if (item.get("id") or "").startswith("comment-")]
    assert depths == ["comment", "comment comment--1", "comment comment--2"]
    assert page.has("In answer to Rosa")


def test_the_language_of_a_comment(resident: Resident, desk: Desk, ref: str) -> None:
    assert resident.open(f"/ideas/{ref}").form("/comments").values["comment_language"] == "en"
    assert resident.open(f"/de/ideas/{ref}").form("/comments").values["comment_language"] == "de"
    resident.comment(ref, "Gölgede durmak isterim.", comment_language="tr")
    assert [comment.language for comment in desk.waiting()] == ["tr"]


@pytest.mark.parametrize(("body", "why"), [("", "Please fill this in."), ("  \n ", "Please fill this in."),
                                           ("\x00", "Please fill this in."), ("x", "at least 2 characters"),
                                           ("ö" * 2001, "1 character too long")])
def test_a_comment_that_does_not_fit_is_kept_on_the_page(
        guest: Guest, resident: Resident, desk: Desk, ref: str, body: str, why: str) -> None:
    for person in (resident, guest):
        person.open(f"/ideas/{ref}")
        page = person.send("/comments", status=422, body=body, comment_language="tr")
        assert page.has("Shade for the bus stops", "Something is missing or not right yet", why)
        form = page.form("/comments")
        assert form.values["body"].strip() == body.replace("\x00", "").strip()
        assert form.values["comment_language"] == "tr"
        assert person.open(page.link("/de/")).path == f"/de/ideas/{ref}"  # the switch leads on from here
    assert desk.waiting() == []


def test_a_comment_in_a_language_that_is_not_offered(resident: Resident, ref: str) -> None:
    resident.open(f"/ideas/{ref}")
    page = resident.send("/comments", status=422, body="Kept words", comment_language="xx")
    assert page.has("Please choose one of the offered answers.")
    assert page.form("/comments").values["body"] == "Kept words"


def test_words_are_not_lost_when_what_they_answer_has_gone(resident: Resident, desk: Desk, ref: str) -> None:
    [first] = desk.comments(ref, ["To be hidden soon"])
    resident.open(f"/ideas/{ref}?answer={first}")
    with desk.database.change() as session:
        session.execute(update(Comment).where(Comment.id == first).values(state="hidden", public=False))
    page = resident.send("/comments", status=422, body="My careful answer")
    assert page.has("There is no such comment here.", "Write a comment")
    assert "To be hidden soon" not in page.text
    resident.send("/comments")
    assert [(comment.body, comment.parent_id) for comment in desk.waiting()] == [("My careful answer", None)]


def test_words_are_not_lost_when_the_idea_closes_meanwhile(resident: Resident, desk: Desk, ref: str) -> None:
    resident.open(f"/ideas/{ref}")
    with desk.database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref).values(state="declined"))
    page = resident.send("/comments", status=409, body="My careful words")
    assert page.has("This idea does not take comments any more.")
    assert page.form("/comments").values["body"] == "My careful words"
    assert not [form for form in resident.open(f"/ideas/{ref}").forms() if "/comments" in form.action]


def test_reloading_the_address_that_something_was_sent_to(guest: Guest, ref: str) -> None:
    assert guest.open(f"/ideas/{ref}/comments").path == f"/en/ideas/{ref}"
    assert guest.open(f"/ideas/{ref}/support").path == f"/en/ideas/{ref}"


def test_without_a_token_nothing_is_done(resident: Resident, desk: Desk, ref: str) -> None:
    resident.open(f"/ideas/{ref}")
    form = resident.page.form("/comments")
    form.values["csrf_token"] = "stale"
    page = resident.send(form, status=400, body="My careful words, longer than the sixty characters of a line.")
    assert page.has("Nothing is lost")
    assert resident.send("/comments").has("Your comments that are not public")


def test_the_quorum_is_reached_by_the_last_supporter(
        resident: Resident, guest: Guest, desk: Desk, ref: str) -> None:
    with desk.database.change() as session:
        session.execute(update(Idea).where(Idea.ref == ref).values(
            supports=199, supports_total=199, supports_city=199, quorum_until=now() + timedelta(days=1)))
    assert guest.open(f"/ideas/{ref}").has("199 of 200 supporters from the city")
    assert resident.support(ref).has("Reached 200 supporters from the city")
