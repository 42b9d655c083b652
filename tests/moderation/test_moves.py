"""What decisions do besides moving an entry on: masking, correcting, merging, trusting, blocking, the city's word."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import func, select

from moderation.model import Decision
from participation import support
from participation.city import City
from participation.comments.model import Comment, CommentVersion
from participation.database import Database, now
from participation.ideas.model import CoAuthor, Idea, IdeaVersion
from participation.people.model import Person
from participation.support import Support
from participation.waiting import find
from tests.making import people, published
from tests.moderation.test_together import state, waiting
from tests.people import Guest, Moderator, Resident

ROSA = "resident@example.org"


def the(database: Database, ref: str) -> Idea:
    with database.reading() as session:
        return session.scalars(select(Idea).where(Idea.ref == ref)).one()


def test_a_masked_part_is_visible_as_such_and_kept_for_staff(moderator: Moderator, resident: Resident, guest: Guest,
                                                             database: Database) -> None:
    resident.propose(body="Call Mrs Example at 06131 123456, she knows all about the benches on the square.")
    ref = the(database, "MZ-2026-00001").ref or ""
    moderator.decide(f"ideas/{ref}", "publish", mask="Mrs Nobody", status=422)
    assert moderator.page.has("does not stand in the text")
    assert moderator.page.form(f"ideas/{ref}").values
    moderator.send(f"/moderation/ideas/{ref}", move="publish", mask="mrs example\n06131 123456")
    page = guest.open(f"/ideas/{ref}")
    assert page.has("Call █████ at █████, she knows", "has masked a part of this text")
    assert "123456" not in page.html and "Example" not in page.html
    assert "123456" not in guest.open("/ideas?q=06131").html and not guest.page.has("Call █████")
    assert moderator.open(f"/moderation/ideas/{ref}").has("A part was masked", "06131 123456")
    with database.reading() as session:
        assert list(session.scalars(select(IdeaVersion.cause).order_by(IdeaVersion.number))) == ["author", "mask"]
        assert session.scalars(select(Decision)).one().appeal_until is not None


def test_a_comment_can_be_masked_corrected_and_be_the_citys_own(moderator: Moderator, resident: Resident, guest: Guest,
                                                                database: Database, city: City) -> None:
    ref = the_ref(database, published(database, city))
    resident.comment(ref, "Ruft Frau Beispiel an, die weiß alles.")
    moderator.decide("comments/1", "publish", mask="Frau Beispiel", language="de", official="y")
    page = guest.open(f"/ideas/{ref}")
    assert page.has("Ruft █████ an", "Answer of the city", "Mainz") and not page.has("Rosa")
    with database.reading() as session:
        comment = session.get_one(Comment, 1)
        assert (comment.language, comment.official, comment.masked, comment.version) == ("de", True, True, 3)
        assert session.scalar(select(func.count()).select_from(CommentVersion)) == 2
    moderator.open("/moderation/")
    moderator.send("/moderation/undo")
    with database.reading() as session:
        comment = session.get_one(Comment, 1)
        assert (comment.language, comment.official, comment.masked, comment.public) == ("en", False, False, False)
        assert "Frau Beispiel" in comment.body and session.scalars(select(Idea.comments)).one() == 0


def the_ref(database: Database, idea_id: int) -> str:
    with database.reading() as session:
        return str(session.get_one(Idea, idea_id).ref)


def test_staff_correct_where_an_idea_belongs(moderator: Moderator, resident: Resident, database: Database,
                                             city: City) -> None:
    resident.propose()
    ref = "MZ-2026-00001"
    moderator.decide(f"ideas/{ref}", "publish", field="atlantis", status=422)
    moderator.send(f"/moderation/ideas/{ref}", move="publish", field=city.fields[0].key, district="", language="de")
    idea = the(database, ref)
    assert (idea.field, idea.district, idea.language, idea.version) == (city.fields[0].key, None, "de", 2)


def test_corrections_without_a_decision(moderator: Moderator, resident: Resident, guest: Guest, database: Database,
                                        city: City) -> None:
    ref = the_ref(database, published(database, city))
    resident.comment(ref, "Das wäre schön.")
    moderator.decide("comments/1", "publish")
    moderator.open(f"/moderation/ideas/{ref}")
    form = moderator.page.form(f"ideas/{ref}")
    form.action += "/correct"
    moderator.send(form, district="mombach", language="de")
    idea = the(database, ref)
    assert (idea.district, idea.language, idea.state) == ("mombach", "de", "published")
    moderator.send(form, status=409, district="altstadt")  # the page was older than the text
    moderator.open("/moderation/comments/1")
    form = moderator.page.form("comments/1")
    form.action += "/correct"
    moderator.send(form, language="de", official="y")
    assert guest.open(f"/ideas/{ref}").has("Answer of the city")


@pytest.mark.parametrize("path", ["ideas/MZ-2026-00002", "comments/1"])
def test_what_was_withdrawn_meanwhile_is_not_decided(moderator: Moderator, resident: Resident, database: Database,
                                                     city: City, path: str) -> None:
    ref = the_ref(database, published(database, city))
    resident.propose()
    resident.comment(ref, "I take this back in a moment.")
    moderator.open(f"/moderation/{path}")
    form = moderator.page.form(path)
    if path.startswith("ideas"):
        resident.open("/me")
        resident.open(resident.page.link("Shade for the bus stops"))
        resident.open(resident.page.link("/withdraw"))
    else:
        resident.open("/me/comments/1")
    resident.send("/withdraw")
    moderator.send(form, status=409, move="return", statement="Words I keep")
    assert moderator.page.has("decided meanwhile", "Words I keep")


def test_merging_asks_and_can_be_taken_apart(moderator: Moderator, resident: Resident, guest: Guest,
                                             someone: Callable[..., Any], database: Database, city: City) -> None:
    into, merged = (the_ref(database, published(database, city, title=title))
                    for title in ("More shade for the bus stops", "Bus stops without the burning sun"))
    both = someone(Resident, "both@example.org", name="Bo", lives_here=True)
    for visitor, refs in ((resident, [merged]), (both, [into, merged])):
        for ref in refs:
            visitor.support(ref)
    for target, said in (("", "fill this in"), ("MZ-1999-00001", "no public idea"), (merged, "no public idea")):
        moderator.decide(f"ideas/{merged}", "merge", target=target, status=422)
        assert moderator.page.has(said)
    moderator.send(f"/moderation/ideas/{merged}", move="merge", target=into.lower())
    assert state(database, merged) == "merged"
    page = guest.open(f"/ideas/{merged}")  # the original stays readable, and both point at each other
    assert page.has("merged into another one", "More shade for the bus stops") and not page.has("Carry my support over")
    assert guest.open(f"/ideas/{into}").has("Merged into this idea", "Bus stops without the burning sun")
    letter = resident.mailbox.last(ROSA)
    assert merged in str(letter["Subject"]) or "Bus stops" in resident.mailbox.text(ROSA)
    assert the(database, into).supports == 1  # nobody is moved without being asked
    resident.open(f"/ideas/{merged}")
    resident.send("/carry")
    assert resident.page.path.endswith(into) and resident.page.has("carried over", "You support this idea.")
    assert not resident.open(f"/ideas/{merged}").has("Carry my support over")
    assert not both.open(f"/ideas/{merged}").has("Carry my support over")  # supported both: counted once
    assert (the(database, into).supports, the(database, into).supports_city) == (2, 2)
    moderator.decide(f"ideas/{into}", "merge", target=merged, status=422)  # not in a circle
    moderator.decide(f"ideas/{merged}", "unmerge", statement="They are about different stops.")
    assert (the(database, into).supports, the(database, merged).supports) == (1, 2)
    assert state(database, merged) == "published"
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(CoAuthor)) == 0
        assert session.scalar(select(func.count()).select_from(Support)) == 3


def test_a_duplicate_in_the_queue_is_merged_at_once_and_undone(moderator: Moderator, guest: Guest, database: Database,
                                                               city: City) -> None:
    into = the_ref(database, published(database, city))
    ref = waiting(database, city, title="The same once more, please")
    moderator.decide(f"ideas/{ref}", "merge", target=into)
    assert guest.open(f"/ideas/{ref}").has("The same once more")
    moderator.open("/moderation/")
    moderator.send("/moderation/undo")
    assert (state(database, ref), the(database, ref).merged_into_id) == ("submitted", None)
    guest.open(f"/ideas/{ref}", 404)


def test_a_trusted_author_is_published_at_once_and_checked_after(moderator: Moderator, resident: Resident,
                                                                 database: Database, city: City) -> None:
    resident.propose()
    moderator.decide("ideas/MZ-2026-00001", "publish", trust="y")
    resident.propose(title="A second idea of the same person")
    resident.mailbox.deliver()
    assert state(database, "MZ-2026-00002") == "published"
    moderator.open("/moderation/")
    assert moderator.page.has("Published at once, to be checked")
    moderator.open("/moderation/ideas/MZ-2026-00002")
    assert moderator.page.has("The author is trusted", "Trusted: published at once")
    moderator.send("/checked")
    with database.reading() as session:
        assert find(session, "idea", the(database, "MZ-2026-00002").id) is None
    resident.comment("MZ-2026-00001", "I know a gardener who would help.")
    resident.mailbox.deliver()
    assert resident.open("/ideas/MZ-2026-00001").has("1 comment", "I know a gardener")
    moderator.decide("comments/1", "hide", reason="advertising", statement="No advertising.")
    resident.propose(title="A third idea of the same person")  # trust is lost with the first rejection
    resident.mailbox.deliver()
    assert state(database, "MZ-2026-00003") == "submitted"


def test_where_the_city_trusts_nobody_it_is_not_offered(moderator: Moderator, database: Database, city: City) -> None:
    ref = waiting(database, city)
    moderator.open(f"/moderation/ideas/{ref}")
    assert moderator.page.all(".//input[@name='trust']")  # Mainz allows it


def test_rejecting_and_blocking(moderator: Moderator, resident: Resident, database: Database, city: City) -> None:
    other = the_ref(database, published(database, city))
    resident.propose()
    words: Any = {"reason": "insult", "statement": "Twice now."}
    moderator.decide("ideas/MZ-2026-00002", "reject", status=422, block_days="5000", **words)
    moderator.send("/moderation/ideas/MZ-2026-00002", move="reject", block_days="30", **words)
    with database.reading() as session:
        assert set(session.scalars(select(Decision.move))) == {"reject", "block"}
    resident.open("/ideas/new")
    resident.send("ideas/new", status=403, title="Another idea of mine", benefit="Everyone gains from it",
                  body="Something I would not like to lose at all.", field=city.fields[0].key)
    assert resident.page.has("Your account is blocked") and "Something I would not like to lose" in resident.page.html
    resident.open(f"/ideas/{other}")
    resident.send("/comments", status=403, body="A comment I keep")
    assert "A comment I keep" in resident.page.html
    resident.support(other)  # support is not a contribution
    moderator.open("/moderation/")
    moderator.send("/moderation/undo")
    with database.reading() as session:
        assert session.scalar(select(Person.blocked_until).where(Person.email == ROSA)) is None
    resident.open("/ideas/new")
    resident.propose(title="Now it goes through again")


@pytest.mark.parametrize("markup", ["<script>alert(1)</script>", "[x](javascript:alert(1))", "<b>bold</b> & more"])
def test_a_statement_with_markup_is_words(moderator: Moderator, resident: Resident, database: Database,
                                          markup: str) -> None:
    resident.propose()
    moderator.decide("ideas/MZ-2026-00001", "return", statement=f"Please {markup}")
    assert resident.open("/ideas/MZ-2026-00001").has(markup)
    assert f"Please {markup}" in resident.mailbox.text(ROSA)


def test_the_quorum_of_a_merged_idea_counts_people_once(database: Database, city: City) -> None:
    one, two = (published(database, city, title=title) for title in ("One of two ideas here", "Two of two here"))
    with database.change() as session:
        crowd = people(database, 3, session=session)
        for person in crowd:
            support.give(session, city, person, session.get_one(Idea, one), now())
        session.get_one(Idea, one).merged_into_id = two
        session.flush()
        for _ in range(2):
            for person in crowd:
                support.carry_over(session, city, person, session.get_one(Idea, one), now())
        session.expire_all()
        assert session.get_one(Idea, two).supports == 3
