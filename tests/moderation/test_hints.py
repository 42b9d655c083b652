"""Hints: computed by a job, shown with one line each, deciding nothing; and the morning's letter."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import delete, select, update

from moderation.model import Hint
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.ideas.similar import IdeaTerm
from participation.notices.model import Notice
from participation.outbox import happened
from tests.making import a_draft, people, published
from tests.people import Moderator, Resident


def test_hints_stand_beside_the_entry_and_filter_the_queue(moderator: Moderator, resident: Resident) -> None:
    resident.propose(title="BUY MY LIMES NOW!!! THEY ARE THE BEST",
                     body="Call 06131 123456 or see https://limes.example. You find me at Gaustraße 7, "
                          "and my mail is limes@limes.example.", idea_language="de")
    resident.mailbox.deliver()
    moderator.open("/moderation/")
    assert moderator.page.has("Telephone", "Link", "E-mail address", "Address", "Shouting")
    moderator.open("/moderation/?hint=phone")
    assert moderator.page.has("BUY MY LIMES")
    assert moderator.open("/moderation/?hint=iban").has("Nothing waits that fits.")
    moderator.open("/moderation/ideas/MZ-2026-00001")
    assert moderator.page.has("Hints of a program", "They may be wrong and decide nothing.", "06131 123456",
                              "Nothing of this author was public before", "another language than it says")
    assert moderator.page.link("?mask=1")
    moderator.open("/moderation/ideas/MZ-2026-00001?mask=1")
    assert "06131 123456\n" in moderator.page.form("ideas/MZ-2026-00001").values["mask"] + "\n"
    moderator.send("ideas/MZ-2026-00001", move="publish")  # and a person decides otherwise
    assert moderator.page.has("Published: BUY MY LIMES")


def test_a_text_without_anything_has_no_hints(moderator: Moderator, resident: Resident, database: Database) -> None:
    resident.propose()
    resident.mailbox.deliver()
    with database.reading() as session:
        assert session.scalars(select(Hint)).all() == []
    assert not moderator.open("/moderation/ideas/MZ-2026-00001").has("Hints of a program")


def test_a_changed_text_is_looked_at_anew(moderator: Moderator, resident: Resident, database: Database) -> None:
    resident.propose(body="Please call me at 06131 123456 about the benches on the square.")
    resident.mailbox.deliver()
    resident.open("/me")
    resident.open(resident.page.link("Shade for the bus stops"))
    resident.open(resident.page.link("/change"))
    resident.send("/change", body="Please put three benches on the square, in the shade of the trees.")
    resident.mailbox.deliver()
    with database.reading() as session:
        assert "phone" not in set(session.scalars(select(Hint.key)))


def test_similar_and_copied_ideas_stand_side_by_side(moderator: Moderator, database: Database, city: City,
                                                     deliver: Callable[[], int]) -> None:
    published(database, city)
    deliver()
    with database.change() as session:
        one, two = people(database, 2, start=600, session=session)
        alike = a_draft(title="Shade for everyone who waits at the bus stops of the square")
        ideas.submit(session, city, one, alike, now())
        ideas.submit(session, city, two, a_draft(), now())
    deliver()
    moderator.open("/moderation/ideas/MZ-2026-00003")
    assert moderator.page.has("Similar ideas", "MZ-2026-00001", "Nearly the same text was sent before.")
    moderator.open("/moderation/ideas/MZ-2026-00002")
    assert moderator.page.has("Similar ideas")
    moderator.open("/moderation/ideas/MZ-2026-00002" + moderator.page.link("target=").partition("MZ-2026-00002")[2])
    values = moderator.page.form("ideas/MZ-2026-00002").values
    assert (values["move"], values["target"]) == ("merge", "MZ-2026-00001")
    moderator.send("ideas/MZ-2026-00002")
    assert moderator.page.has("Merged into another idea: Shade for everyone")


def test_ideas_that_nobody_has_indexed_are_caught_up_with(database: Database, city: City, deliver: Callable[[], int],
                                                           monkeypatch: Any) -> None:
    monkeypatch.setattr("moderation.hints.AT_ONCE", 3)
    for number in range(7):
        published(database, city, title=f"An idea with the number {number}")
    deliver()
    with database.change() as session:
        session.execute(delete(IdeaTerm))
        happened(session, "time.hour", now())
    deliver()
    with database.reading() as session:
        assert len(set(session.scalars(select(IdeaTerm.idea_id)))) == 7


def test_a_comment_sent_twice_is_noticed(moderator: Moderator, database: Database, city: City,
                                         deliver: Callable[[], int]) -> None:
    key = published(database, city)
    with database.change() as session:
        for talker in people(database, 2, start=600, session=session):
            comments.say(session, city, talker, session.get_one(Idea, key), "Limes for all, limes!", "en", None, now())
    deliver()
    assert moderator.open("/moderation/comments/2").has("Nearly the same text was sent before.")


def test_hints_are_forgotten_a_month_after_the_entry_has_left_the_queue(
        moderator: Moderator, resident: Resident, database: Database, city: City, deliver: Callable[[], int]) -> None:
    key = published(database, city)
    with database.reading() as session:
        ref = str(session.get_one(Idea, key).ref)
    for words in ("Call 06131 123456 about it.", "Or call 06131 654321 about it."):
        resident.comment(ref, words)
    deliver()
    moderator.decide("comments/1", "publish")
    with database.change() as session:
        assert set(session.scalars(select(Hint.thing_id).where(Hint.key == "phone"))) == {1, 2}
        session.execute(update(Hint).values(at=now() - timedelta(days=31)))
        happened(session, "time.sweep", now())
    deliver()
    with database.reading() as session:
        assert set(session.scalars(select(Hint.thing_id).where(Hint.key == "phone"))) == {2}  # it waits still


def test_the_mornings_letter_comes_once_and_says_what_waits(moderator: Moderator, someone: Any, database: Database,
                                                            city: City, deliver: Callable[[], int]) -> None:
    someone(Moderator, "limited@example.org", role="moderator", districts="mombach")
    with database.change() as session:
        [author] = people(database, 1, start=600, session=session)
        ideas.submit(session, city, author, a_draft(), now() - timedelta(days=9))
        ideas.submit(session, city, author, a_draft(title="A younger idea is here"), now())
    deliver()
    early = now().astimezone(city.zone).hour < city.moderation.morning_hour
    for _ in range(3):
        with database.change() as session:
            happened(session, "time.hour", now())
        deliver()
    with database.reading() as session:
        letters = session.scalars(select(Notice).where(Notice.letter == "morning")).all()
        assert len(letters) == (0 if early else 1)  # for the one for whom something waits
    if not early:
        text = moderator.mailbox.text("moderator@example.org")
        assert "2" in text and "overdue" in text and "/moderation/" in text
