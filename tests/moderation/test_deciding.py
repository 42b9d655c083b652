"""Moderators: the queue in its order, each decision with what it asks for, nothing decided twice."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, text

from moderation import queue
from moderation.queue import urgency
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.errors import NotThere
from participation.ideas import actions as ideas
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.waiting import Waiting
from tests.counting import counted
from tests.ideas.test_lists import plan_of
from tests.making import a_draft, people, published, staff
from tests.people import Moderator, Resident


def _waiting(database: Database, city: City, days: float = 0, **changes: Any) -> str:
    with database.change() as session:
        [author] = people(database, 1, start=int(days * 1000) + len(changes) + 500, session=session)
        return str(ideas.submit(session, city, author, a_draft(**changes), now() - timedelta(days=days)).ref)


def test_the_queue_is_oldest_first_and_says_how_long(moderator: Moderator, database: Database, city: City) -> None:
    for days, title in ((1, "A young idea is waiting here"), (9, "An overdue idea is waiting here"),
                        (5, "A ripe idea is waiting here")):
        _waiting(database, city, days, title=title)
    page = moderator.open("/moderation/")
    order = [page.text.index(word) for word in ("An overdue idea", "A ripe idea", "A young idea")]
    assert order == sorted(order)
    assert page.has("Overdue", "Due soon", "In time", "24 hours ago", "9 days ago", "Everything (3)")


def test_urgency() -> None:
    since = now()
    due = since + timedelta(days=7)
    assert urgency(since, due, since + timedelta(days=3)) == "success"
    assert urgency(since, due, since + timedelta(days=4)) == "warning"
    assert urgency(since, due, since + timedelta(days=8)) == "danger"


def test_an_empty_queue_is_kind(moderator: Moderator) -> None:
    assert moderator.open("/moderation/").has("Nothing waits. Thank you.")
    assert moderator.open("/moderation/?kind=quorum").has("Nothing waits that fits.")


def test_pages_of_ideas_and_comments_in_one_line(database: Database, city: City) -> None:
    idea_id = published(database, city)
    with database.change() as session:
        [author] = people(database, 1, start=900, session=session)
        idea, begun = session.get_one(Idea, idea_id), now()
        for n in range(30):
            at = begun + timedelta(seconds=n // 3)  # some wait since the very same moment
            if n % 2:
                comments.say(session, city, author, idea, f"Comment {n}", "en", None, at)
            else:
                ideas.submit(session, city, author, a_draft(title=f"An idea with the number {n}"), at)
    seen: list[tuple[str, int]] = []
    after = ""
    with database.change() as session:
        someone = staff(session)
    with database.reading() as session:
        while True:
            entries, after = queue.waiting(session, someone, queue.Wanted(), now(), after, limit=7)
            seen += [(entry.kind, entry.thing_id) for entry in entries]
            if not after:
                break
        assert len(seen) == len(set(seen)) == 30
        with pytest.raises(NotThere):
            queue.waiting(session, someone, queue.Wanted(), now(), "1.7.person")


def test_two_thousand_waiting_cost_as_much_as_none(moderator: Moderator, database: Database, city: City) -> None:
    [author] = people(database, 1, start=900)
    with database.change() as session:
        moment = now()
        session.execute(insert(Idea), [{
            "ref": f"MZ-2020-{n:05d}", "state": "submitted", "author_id": author.id, "title": f"Idea {n}", "body": "b",
            "language": "de", "field": city.fields[0].key, "created_at": moment} for n in range(2000)])
        ids = session.scalars(select(Idea.id))
        session.execute(insert(Waiting), [{
            "kind": "idea", "thing_id": key, "idea_id": key, "field": city.fields[0].key, "language": "de",
            "since": moment, "due": moment + timedelta(seconds=key)} for key in ids])
    with counted(database) as seen:
        moderator.open("/moderation/")
    assert len(seen) <= 10, seen
    with database.change() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.execute(text("ANALYZE waiting"))
        for wanted in (queue.Wanted(), queue.Wanted(kind="idea")):
            plan = plan_of(session, queue.page_of(staff(session), wanted, now()))
            assert "ix_waiting" in plan and "TEMP B-TREE" not in plan and "Sort" not in plan, plan


def test_publishing_opens_the_next(moderator: Moderator, resident: Resident, database: Database, city: City) -> None:
    first, second = _waiting(database, city, 2), _waiting(database, city, 1, title="Another idea that waits")
    moderator.decide(f"ideas/{first}", "publish")
    assert moderator.page.has("Published: Shade for the bus stops", "Another idea that waits")
    assert moderator.page.path.endswith(second)
    moderator.send(f"/moderation/ideas/{second}", move="publish")
    assert moderator.page.has("Nothing waits")
    assert resident.open(f"/ideas/{first}").has("Gathering support")


@pytest.mark.parametrize(("move", "needs"), [("return", ["statement"]), ("reject", ["reason", "statement"])])
def test_what_a_move_asks_for(moderator: Moderator, database: Database, city: City, move: str,
                              needs: list[str]) -> None:
    ref = _waiting(database, city)
    moderator.decide(f"ideas/{ref}", move, status=422)
    assert moderator.page.text.count("Please fill this in.") == 2 * len(needs)
    moderator.send(f"ideas/{ref}", move=move, reason="outside-remit", statement="Because <b>so</b>.")
    with database.reading() as session:
        step = session.scalars(select(IdeaStep).order_by(IdeaStep.id.desc())).first()
        assert step is not None and (step.move, step.statement) == (move, "Because <b>so</b>.")


def test_the_author_reads_the_reason_in_their_language(moderator: Moderator, resident: Resident,
                                                       database: Database) -> None:
    resident.open("/me/settings")
    resident.send("/me/settings", language="de")
    resident.propose()
    with database.reading() as session:
        ref = session.scalars(select(Idea.ref)).one()
    moderator.decide(f"ideas/{ref}", "reject", reason="outside-remit", statement="The railway is not ours.")
    letter = resident.mailbox.last("resident@example.org")
    assert letter["Content-Language"] == "de"
    words = resident.mailbox.text("resident@example.org")
    assert "The railway is not ours." in words and "Stadt" in words and "{" not in words
    resident.open(f"/ideas/{ref}", 200)
    assert resident.page.has("Not published", "The railway is not ours.")


def test_accepting_needs_the_benefit(moderator: Moderator, database: Database, city: City) -> None:
    idea_id = published(database, city)
    with database.reading() as session:
        ref = session.get_one(Idea, idea_id).ref
    moderator.open(f"/moderation/ideas/{ref}")
    # The author's own words stand there to begin with.
    assert moderator.page.form(f"ideas/{ref}").values["benefit"] == a_draft().benefit
    moderator.send(f"ideas/{ref}", status=422, move="accept", benefit="", who_benefits="Everyone")
    assert moderator.page.form(f"ideas/{ref}").values["who_benefits"] == "Everyone"
    moderator.send(f"ideas/{ref}", move="accept", benefit="Shade for all", who_benefits="Everyone")
    with database.reading() as session:
        kept = session.scalars(select(Acceptance)).one()
        assert (kept.benefit, kept.supporters, kept.comments) == ("Shade for all", 0, 0)


def test_twice_changed_or_tampered_decides_nothing(moderator: Moderator, someone: Callable[..., Any],
                                                   database: Database, city: City) -> None:
    ref = _waiting(database, city)
    moderator.open(f"/moderation/ideas/{ref}")
    form = moderator.page.form(f"ideas/{ref}")
    with database.change() as session:  # the author changes the text meanwhile
        idea = ideas.idea_by_ref(session, ref)
        author = session.get_one(type(people(database, 1, start=77, session=session)[0]), idea.author_id)
        ideas.change(session, city, author, idea, a_draft(title="A different title altogether"), now())
    moderator.send(form, status=409, move="reject", reason="duplicate", statement="Words I do not want to lose")
    assert moderator.page.has("changed the text since", "A different title altogether")
    assert moderator.page.form(f"ideas/{ref}").values["statement"] == "Words I do not want to lose"
    fresh = moderator.page.form(f"ideas/{ref}")  # the new text stands on it, so it is what is decided on next
    for move in ("pass", "submit", "receive", "nonsense", "accept"):
        moderator.send(fresh, status=409, move=move, benefit="x", who_benefits="y")
    moderator.send(fresh, move="publish")
    moderator.send(fresh, status=409, move="publish")  # a double click
    assert moderator.page.has("decided meanwhile")
    with database.reading() as session:
        assert len(session.scalars(select(IdeaStep).where(IdeaStep.move == "publish")).all()) == 1


def test_comments_are_decided(moderator: Moderator, resident: Resident, database: Database, city: City) -> None:
    idea_id = published(database, city)
    with database.reading() as session:
        ref = session.get_one(Idea, idea_id).ref
    resident.comment(str(ref), "I would plant limes.")
    resident.comment(str(ref), "Buy my limes at limes.example!")
    moderator.open("/moderation/?kind=comment")
    assert moderator.page.has("I would plant limes.", "Comments (2)")
    moderator.decide("comments/1", "publish")
    moderator.decide("comments/2", "reject", reason="advertising", statement="No advertising, please.")
    assert resident.open(f"/ideas/{ref}").has("1 comment", "I would plant limes.")
    assert "No advertising, please." in resident.mailbox.text("resident@example.org")
    moderator.decide("comments/1", "hide", reason="personal-data", statement="It names somebody.")
    with database.reading() as session:
        assert session.get_one(Idea, idea_id).comments == 0


def test_quorum_rises_to_the_top(moderator: Moderator, database: Database, city: City) -> None:
    from participation import support
    idea_id = published(database, city)
    with database.change() as session:
        for person in people(database, city.quorum.supporters, session=session):
            support.give(session, city, person, session.get_one(Idea, idea_id), now())
    moderator.open("/moderation/")
    assert moderator.page.has("Enough supporters: to be decided first", "With quorum, undecided (1)")
