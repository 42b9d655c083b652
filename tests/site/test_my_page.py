"""My page: what is new for me since I looked, and what I support and follow."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event, select, update

from participation import mine
from participation.city import City
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.notices.model import Follow
from participation.outbox import Event
from participation.people.model import Person
from participation.support import Support
from tests.counting import counted
from tests.making import staff
from tests.page import Page, words
from tests.people import Moderator, Officer, Resident
from tests.site.writing import Desk

ME = "resident@example.org"


def _time_passes(database: Database, **passed: float) -> None:
    """The last look at the page was so long ago."""
    ago = now() - timedelta(**passed)
    with database.change() as session:
        session.execute(update(Person).where(Person.looked_at.is_not(None)).values(looked_at=ago))


def _titles(page: Page) -> list[str]:
    news = next(section for section in page.all(".//section") if section.get("aria-labelledby") == "new")
    return [words(h) for h in news.iter("h3")]


def _new(page: Page) -> int:
    return len([e for e in page.all(".//span") if e.get("class") == "kern-label" and words(e) == "New"])


def test_nothing_has_happened_yet(resident: Resident) -> None:
    page = resident.open("/me")
    assert page.title == "My page" and page.has("Nothing has happened yet.", "To all ideas")
    for name in ("What is new", "My ideas", "What I support and follow", "My comments", "My settings", "My data"):
        assert name in [words(a) for a in page.all(".//main//nav//a")]


def test_what_becomes_of_mine_and_of_what_i_support(resident: Resident, database: Database, city: City) -> None:
    desk = Desk(database, city)
    desk.idea("A well for the market square", "return", author=ME)
    desk.idea("A hidden bench", "publish", "hide", author=ME)
    backed, followed, others = (desk.idea(title) for title in ("A backed idea", "A followed idea", "Another idea"))
    resident.support(backed)
    resident.open(f"/ideas/{followed}")
    resident.send("/follow", on="1")
    comment = desk.comments(backed, ["What I said"], author=ME)[0]
    desk.comments(backed, ["What they answered"], answers=comment, name="رضا")
    desk.comments(backed, ["An answer that waits"], answers=comment, publish=False, name="رضا")
    for ref in (backed, followed, others):
        with database.change() as session:
            idea = ideas.idea_by_ref(session, ref)
            ideas.decide(session, city, staff(session), idea, "decline", now(), statement=f"No to {ref}.")
    resident.mailbox.deliver()
    with counted(database) as queries:
        page = resident.open("/me")
    assert len(queries) <= 8, queries
    assert page.has("Your idea", "About return.", "About hide.", "Your comment on this idea",
                    "Where my newest ideas stand", "\u2068رضا\u2069 answered your comment", "What they answered",
                    f"No to {backed}.", f"No to {followed}.", "An idea you support or follow")
    assert not page.has("Another idea") and not page.has("An answer that waits")
    resident.open(page.link("A hidden bench"))
    assert resident.page.has("About hide.")
    assert resident.open(page.link("#comment-")).has("A backed idea", "What they answered")


def test_what_is_new_is_marked_until_the_next_visit(resident: Resident, database: Database, city: City) -> None:
    desk = Desk(database, city)
    desk.idea("An old story", author=ME, at=now() - timedelta(days=400))
    with database.change() as session:
        session.execute(update(Person).where(Person.email == ME).values(created_at=now() - timedelta(days=500)))
    resident.mailbox.deliver()
    assert _new(resident.open("/me")) == 1
    assert _new(resident.open("/me")) == 1, "a look again within half an hour takes no mark away"
    _time_passes(database, hours=5)
    assert _new(resident.open("/me")) == 0
    _time_passes(database, hours=4)
    desk.idea("Fresh news", author=ME, at=now() - timedelta(hours=3))
    resident.mailbox.deliver()
    assert _new(resident.open("/me")) == 1 and _titles(resident.page)[0] == "Fresh news"
    _time_passes(database, hours=2)
    assert _new(resident.open("/me")) == 0


def test_looking_writes_once_a_visit(resident: Resident, database: Database) -> None:
    resident.open("/me")
    with counted(database) as queries:
        resident.open("/me")
    assert not [each for each in queries if each.startswith("UPDATE")]


def test_all_news_come_in_pages(resident: Resident, database: Database, city: City) -> None:
    desk = Desk(database, city)
    desk.ideas([f"Mine number {n:02d}" for n in range(30)], author=ME)
    titles = [f"Theirs number {n:02d}" for n in range(15)]
    others = desk.ideas(titles, "publish", "decline", at=now() - timedelta(days=1))
    with database.change() as session:
        me = session.scalars(select(Person).where(Person.email == ME)).one()
        for number in range(31, 46):
            session.add(Follow(idea_id=number, person_id=me.id, on=True, at=now()))
    assert len(others) == 15
    resident.mailbox.deliver()
    seen: list[str] = []
    resident.open("/me")
    for _ in range(3):
        assert len(_titles(resident.page)) <= mine.PAGE
        seen += _titles(resident.page)
        if len(seen) < 45:
            resident.open(resident.page.link("Next page"))
    assert len(seen) == len(set(seen)) == 45 and seen[0] == "Theirs number 14" and seen[-1] == "Mine number 00"
    for wrong in ("nonsense", "1.2", "9" * 45, "99999999999999999999999.1.1", "-1.1.1", "١.1.1"):
        resident.open(f"/me?after={wrong}", 404)


def test_several_things_at_the_same_moment_are_none_twice(resident: Resident, database: Database, city: City) -> None:
    desk, at = Desk(database, city), now() - timedelta(hours=1)
    for n in range(6):
        ref = desk.idea(f"All at once {n}", author=ME, at=at)
        number = desk.comments(ref, ["Me"], author=ME)[0]
        desk.comments(ref, ["They"], answers=number)
    resident.mailbox.deliver()
    with database.reading() as session:
        me = session.scalars(select(Person).where(Person.email == ME)).one()
        every, _ = mine.news(session, me, "en", now(), limit=100)
        found, after = list[mine.News](), ""
        while True:
            page, after = mine.news(session, me, "en", now(), after, 1)
            found += page
            if not after:
                break
    assert found == list(every) and len(found) == 18


def test_what_can_still_be_undone_is_no_news(resident: Resident, moderator: Moderator, database: Database,
                                             city: City) -> None:
    ref = Desk(database, city).idea("A slip of the hand", "return", author=ME)
    with database.change() as session:
        session.execute(update(Event).where(Event.kind == "idea.return").values(due=now() + timedelta(minutes=1)))
    assert ref and resident.open("/me").has("Nothing has happened yet.")
    resident.mailbox.deliver()
    assert resident.open("/me").has("About return.")


def test_whoever_stopped_hearing_of_it_does_not(resident: Resident, officer: Officer, database: Database,
                                                city: City) -> None:
    desk = Desk(database, city)
    ref = desk.idea("Enough of it", "publish", "decline")
    with database.change() as session:
        me = session.scalars(select(Person).where(Person.email == ME)).one()
        session.add_all([Support(idea_id=1, person_id=me.id, at=now()),
                         Follow(idea_id=1, person_id=me.id, on=False, at=now())])
    assert ref and resident.open("/me").has("Nothing has happened yet.")


def test_what_i_support_and_follow(resident: Resident, database: Database, city: City) -> None:
    desk = Desk(database, city)
    assert resident.open("/me/supported").has("You do not support or follow any idea yet.")
    backed, followed, both = (desk.idea(title) for title in ("A backed idea", "A followed idea", "A beloved idea"))
    for ref in (backed, both):
        resident.support(ref)
    for ref in (followed, both):
        resident.open(f"/ideas/{ref}")
        resident.send("/follow", on="1")
    page = resident.open("/me/supported")
    assert [words(h) for h in page.all(".//main//h2")] == ["A beloved idea", "A followed idea", "A backed idea"]
    ends = [form for form in page.forms() if form.action.endswith("/me/supported")]
    assert [(form.values["ref"], form.values["what"]) for form in ends] == [
        (both, "support"), (both, "follow"), (followed, "follow"), (backed, "support")]
    assert resident.send(ends[3]).has("Your support is taken back.") and not resident.page.has("A backed idea")
    resident.send(ends[3])  # the second click, from the page before
    assert resident.send(ends[2]).has("You are told no more of this idea.") and not resident.page.has("A followed idea")
    with database.reading() as session:
        assert len(session.scalars(select(Support)).all()) == 1
    assert desk.read(backed).supports == 0
    resident.send(ends[0], status=404, ref="MZ-2020-99999")


def test_the_list_comes_in_pages_and_hides_what_is_hidden(resident: Resident, database: Database, city: City) -> None:
    desk = Desk(database, city)
    desk.ideas([f"Idea number {n:02d}" for n in range(25)])
    desk.idea("Not for anybody any more", "publish", "hide")
    with database.change() as session:
        me = session.scalars(select(Person).where(Person.email == ME)).one()
        session.add_all(Follow(idea_id=n, person_id=me.id, on=True, at=now()) for n in range(1, 27))
    with counted(database) as queries:
        resident.open("/me/supported")
    assert len(queries) <= 3, queries
    seen = [words(h) for h in resident.page.all(".//main//h2")]
    resident.open(resident.page.link("Next page"))
    seen += [words(h) for h in resident.page.all(".//main//h2")]
    assert seen == [f"Idea number {n:02d}" for n in reversed(range(25))]
    form = next(form for form in resident.page.forms() if form.action.endswith("/me/supported"))
    assert form.values["before"]
    resident.send(form)
    assert "before=" in resident.page.response.request.url


def test_somebody_elses_page_is_theirs(resident: Resident, moderator: Moderator, database: Database,
                                       city: City) -> None:
    Desk(database, city).idea("A private matter", "return", author=ME)
    resident.mailbox.deliver()
    for path in ("/me", "/me/ideas", "/me/supported"):
        assert not moderator.open(path).has("A private matter")
    assert "no-store" in resident.open("/me").response.headers["Cache-Control"]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_what_is_new_is_found_from_what_is_mine(resident: Resident, database: Database) -> None:
    with database.reading() as session:
        me, asked = session.scalars(select(Person).where(Person.email == ME)).one(), list[tuple[str, Any]]()

        def note(_connection: object, _cursor: object, said: str, values: Any, *_rest: object) -> None:
            asked.append((said, values))

        event.listen(database.engine, "before_cursor_execute", note)
        mine.news(session, me, "en", now())
        mine.supported(session, me)
        event.remove(database.engine, "before_cursor_execute", note)
        for statement, values in asked:
            plan = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", values).all()
            begun = [row[3] for row in plan if "USING" in row[3]]
            assert begun and not [step for step in begun if "ix_idea_list" in step or "public=?" in step], begun


def test_whoever_commented_on_an_idea_that_is_hidden_knows_it_by_its_number(resident: Resident, database: Database,
                                                                           city: City) -> None:
    desk = Desk(database, city)
    ref = desk.idea("Mrs Example of no. 7 is a thief")
    number = desk.comments(ref, ["Is that so?"], author=ME)[0]
    assert resident.open("/me/comments").has("Mrs Example")
    assert resident.open(f"/me/comments/{number}").has("Mrs Example", "Public", "Everyone can read it and answer it.")
    with database.change() as session:
        idea = ideas.idea_by_ref(session, ref)
        ideas.decide(session, city, staff(session), idea, "hide", now(), reason="insult", statement="No.")
    for path in ("/me", "/me/comments", f"/me/comments/{number}"):
        page = resident.open(path)
        assert ref in page.text and "Mrs Example" not in page.html, path
