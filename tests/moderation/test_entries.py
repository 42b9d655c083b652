"""An entry's page: what a moderator sees of it, who may see it, and what is never lost."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from participation import support
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea, IdeaStep
from tests.counting import counted
from tests.making import a_draft, people, published, staff
from tests.moderation.claiming import claims_end
from tests.people import Guest, Moderator, Resident


@pytest.fixture
def waiting(database: Database, city: City) -> str:
    """An idea that waits, with an earlier text; its reference."""
    with database.change() as session:
        [author] = people(database, 1, start=700, session=session)
        idea = ideas.submit(session, city, author, a_draft(title="The first text of this idea"), now())
        ideas.change(session, city, author, idea, a_draft(title="The second text of this idea"), now())
        return str(idea.ref)


def _ref(database: Database, idea_id: int) -> str:
    with database.reading() as session:
        return str(session.get_one(Idea, idea_id).ref)


def test_everything_a_decision_needs_stands_there(moderator: Moderator, waiting: str) -> None:
    page = moderator.open(f"/moderation/ideas/{waiting}")
    assert page.title == "The second text of this idea"
    assert page.has("1 earlier text", "The first second text of this idea", "1 idea", "0 of the ideas are public",
                    "Publish", "Return with a question", "Reject", "Sent to the city")
    assert not page.has("Accept for the idea pool") and "benefit" not in page.form(f"ideas/{waiting}").values
    moderator.lang = "de"
    assert moderator.open(f"/moderation/ideas/{waiting}").has("Nicht in städtischer Zuständigkeit", "Veröffentlichen")


def test_the_reasons_offered_fit_the_kind_and_what_can_be_done(moderator: Moderator, waiting: str, resident: Resident,
                                                               database: Database, city: City) -> None:
    ref = _ref(database, published(database, city))
    resident.comment(ref, "I would plant limes.")

    def offered(path: str) -> set[str]:
        moderator.open(f"/moderation/{path}")
        return {option.get("value", "") for option in moderator.page.all(".//select[@name='reason']/option")}

    def meant(kind: str, move: str) -> set[str]:
        return {"", *(r.key for r in city.reasons if kind in r.kinds and move in r.moves)}

    assert offered(f"ideas/{waiting}") == meant("idea", "reject")
    assert offered(f"ideas/{ref}") == meant("idea", "hide")
    assert offered("comments/1") == meant("comment", "reject")


def test_a_reason_counts_only_where_it_is_meant_for(moderator: Moderator, waiting: str, resident: Resident,
                                                    database: Database, city: City) -> None:
    ref = _ref(database, published(database, city))
    resident.comment(ref, "I would plant limes.")
    moderator.decide("comments/1", "reject", reason="outside-remit", statement="x", status=422)  # for ideas
    moderator.decide(f"ideas/{ref}", "hide", reason="unclear", statement="x", status=422)  # for rejecting
    moderator.decide(f"ideas/{waiting}", "reject", reason="mood", statement="x", status=422)
    assert moderator.page.has("Please choose one of the offered answers.")
    # Chosen, and then decided otherwise: nobody reads beside "Published" that it was an insult.
    moderator.decide(f"ideas/{waiting}", "publish", reason="insult")
    with database.reading() as session:
        step = session.scalars(select(IdeaStep).order_by(IdeaStep.id.desc())).first()
        assert step is not None and (step.move, step.reason) == ("publish", "")


def test_what_was_typed_is_there_when_somebody_else_was_faster(moderator: Moderator, waiting: str,
                                                               someone: Callable[..., Any], database: Database,
                                                               city: City) -> None:
    other = someone(Moderator, "other@example.org", role="moderator")
    moderator.open(f"/moderation/ideas/{waiting}")
    form = moderator.page.form(f"ideas/{waiting}")
    claims_end(database)
    other.decide(f"ideas/{waiting}", "reject", reason="unclear", statement="I do not understand it.")
    moderator.send(form, status=409, move="return", statement="Words I do not want to lose")
    # The words are there, and who was faster said why.
    assert moderator.page.has("decided meanwhile", "Words I do not want to lose", "I do not understand it.",
                              "Not clear")
    ref = _ref(database, published(database, city))
    moderator.open(f"/moderation/ideas/{ref}")
    form = moderator.page.form(f"ideas/{ref}")
    other.decide(f"ideas/{ref}", "accept", benefit="Theirs", who_benefits="They")
    moderator.send(form, status=409, move="accept", benefit="My own benefit", who_benefits="My own people",
                   statement="My own statement")
    assert moderator.page.has("My own benefit", "My own people", "My own statement")


def test_after_somebody_elses_decision_the_page_offers_what_is_open_now(moderator: Moderator, waiting: str,
                                                                        database: Database, city: City) -> None:
    moderator.open(f"/moderation/ideas/{waiting}")
    form = moderator.page.form(f"ideas/{waiting}")
    with database.change() as session:
        ideas.decide(session, city, staff(session), ideas.idea_by_ref(session, waiting), "publish", now())
    moderator.send(form, status=409, move="reject", reason="insult", statement="Still mine")
    offered = {radio.get("value") for radio in moderator.page.all(".//input[@name='move']")}
    assert offered == {"accept", "decline", "hide", "archive", "merge"}
    moderator.send(f"ideas/{waiting}", move="hide")
    with database.reading() as session:
        step = session.scalars(select(IdeaStep).order_by(IdeaStep.id.desc())).first()
        assert step is not None and (step.move, step.reason, step.statement) == ("hide", "insult", "Still mine")


def test_a_comment_shows_what_happened_to_it(moderator: Moderator, resident: Resident, database: Database,
                                             city: City) -> None:
    ref = _ref(database, published(database, city))
    resident.comment(ref, "Buy my limes at limes.example!")
    moderator.decide("comments/1", "reject", reason="advertising", statement="No advertising, please.")
    page = moderator.open("/moderation/comments/1")
    assert page.has("Not published", "Advertising", "No advertising, please.", "Publish after all",
                    "0 of the comments are public")


def test_a_long_text_is_told_and_kept(moderator: Moderator, waiting: str, city: City) -> None:
    words = "ä" * (city.limits.statement_max + 3)
    moderator.decide(f"ideas/{waiting}", "return", statement=words, status=422)
    assert moderator.page.has("This is 3 characters too long.")
    assert moderator.page.form(f"ideas/{waiting}").values["statement"] == words
    moderator.decide(f"ideas/{waiting}", "", status=422)
    assert moderator.page.has("Your decision – Please fill this in.")


def test_staff_alone_see_the_desk(guest: Guest, resident: Resident, someone: Callable[..., Any], waiting: str) -> None:
    for path in ("/moderation/", f"/moderation/ideas/{waiting}", "/moderation/comments/1"):
        resident.open(path, 403)
        someone(Guest, "cdo@example.org", role="cdo").open(path, 403)
        guest.open(path)
        assert guest.page.path == "/en/sign-in"


def test_entries_that_are_not_there(moderator: Moderator, database: Database, city: City) -> None:
    with database.change() as session:
        idea = session.get_one(Idea, published(database, city))
        draft = comments.keep_draft(session, city, idea, "Not sent yet", "en", None, now()).id
    for path in (f"comments/{draft}", "comments/99999999999999999999", "ideas/MZ-1999-00001", "ideas/%00"):
        moderator.open(f"/moderation/{path}", 404)


def test_an_entry_costs_few_queries(moderator: Moderator, waiting: str, resident: Resident, database: Database,
                                    city: City) -> None:
    ref = _ref(database, published(database, city))
    resident.comment(ref, "I would plant limes.")
    for path in (f"ideas/{waiting}", f"ideas/{ref}", "comments/1"):
        with counted(database) as seen:
            moderator.open(f"/moderation/{path}")
        assert len(seen) <= 24, seen


def test_ideas_with_quorum_stand_above_the_first_page_only(moderator: Moderator, database: Database,
                                                               city: City) -> None:
    idea_id = published(database, city, title="Two hundred people want this")
    with database.change() as session:
        for person in people(database, city.quorum.supporters, session=session):
            support.give(session, city, person, session.get_one(Idea, idea_id), now())
        [author] = people(database, 1, start=900, session=session)
        for n in range(30):
            ideas.submit(session, city, author, a_draft(title=f"An idea with the number {n}"), now())
    moderator.open("/moderation/")
    assert moderator.page.has("Two hundred people want this")
    moderator.open(moderator.page.link("after="))
    assert moderator.page.has("An idea with the number 29") and not moderator.page.has("Two hundred people want this")
    assert moderator.open("/moderation/?kind=quorum").has("Two hundred people want this", "Enough supporters")
