"""Many entries, one decision: summed up, carried out by a job, each with its own statement, none twice."""

from typing import Any

from sqlalchemy import func, select, update

from moderation.model import Bulk, Decision
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from tests.making import a_draft, people, published
from tests.people import Moderator


def _waiting(database: Database, city: City, count: int) -> list[str]:
    with database.change() as session:
        authors = people(database, count, start=7000, session=session)
        return [str(ideas.submit(session, city, author, a_draft(title=f"Buy my limes, number {n:03d}"), now()).ref)
                for n, author in enumerate(authors)]


def _choose(moderator: Moderator, keys: list[str], status: int = 200) -> Any:
    moderator.open("/moderation/")
    form = moderator.page.form("/bulk/choose")
    return moderator._arrive(moderator.client.post(form.action, data={**form.values, "entries": keys}), status)


def test_thirty_at_once_each_with_its_own_statement(moderator: Moderator, database: Database, city: City) -> None:
    refs = _waiting(database, city, 30)
    _choose(moderator, [f"idea.{ref}" for ref in refs])
    assert moderator.page.has("Decide on 30 entries", "Buy my limes, number 017")
    form = moderator.page.form("/bulk")
    keys = {"entries": [f"idea.{ref}" for ref in refs], "read": [f"idea.{ref}=1" for ref in refs]}
    sent = {**form.values, **keys, "move": "reject", "reason": "", "statement": "A shop writes this every day."}
    moderator._arrive(moderator.client.post(form.action, data=sent), 422)
    assert moderator.page.has("Please fill this in.") and "A shop writes this every day." in moderator.page.html
    with database.change() as session:  # one author was faster, another entry is decided already
        idea = ideas.idea_by_ref(session, refs[3])
        author = session.get_one(Person, idea.author_id)
        ideas.change(session, city, author, idea, a_draft(title="Something quite different"), now())
        ideas.withdraw(session, session.get_one(Person, ideas.idea_by_ref(session, refs[4]).author_id),
                       ideas.idea_by_ref(session, refs[4]), now())
    answer = moderator.client.post(form.action, data=sent | {"reason": "advertising"}, follow_redirects=True)
    moderator._arrive(answer, 200)
    assert moderator.page.has("0 of 30 decided: Reject", "A background job is working on it.")
    path = moderator.page.path
    moderator.mailbox.deliver()
    moderator.open(path)
    assert moderator.page.has("28 of 30 decided", "2 entries were left as they are", "changed the text since",
                              "Somebody else has decided meanwhile")
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Decision)) == 28
        assert session.scalar(select(func.count()).select_from(IdeaStep).where(IdeaStep.move == "reject")) == 28
        assert session.scalars(select(Bulk.done_at)).one() is not None
    assert "A shop writes this every day." in moderator.mailbox.text("person-7001@example.org")


def test_ideas_and_comments_together(moderator: Moderator, database: Database, city: City) -> None:
    [ref] = _waiting(database, city, 1)
    key = published(database, city, title="An idea that is talked about")
    with database.change() as session:
        [talker] = people(database, 1, start=8000, session=session)
        number = comments.say(session, city, talker, session.get_one(Idea, key), "Limes!", "en", None, now()).id
    _choose(moderator, [f"idea.{ref}", f"comment.{number}"])
    form = moderator.page.form("/bulk")
    moderator._arrive(moderator.client.post(form.action, follow_redirects=True, data={
        **form.values, "entries": [f"idea.{ref}", f"comment.{number}"], "move": "publish"}), 200)
    moderator.mailbox.deliver()
    moderator.open(moderator.page.path)
    assert moderator.page.has("2 of 2 decided", "All entries are done.")


def test_what_cannot_be_chosen(moderator: Moderator, database: Database, city: City) -> None:
    _waiting(database, city, 1)
    for keys, said in (([], "Please choose entries"), (["idea.MZ-1999-00001"], "Please choose entries"),
                       (["person.1"], "offered answers"), (["idea"], "Please choose entries"),
                       ([f"idea.MZ-2026-{n:05d}" for n in range(5000)], "You have chosen 5,000; at most 200")):
        _choose(moderator, keys, 422)
        assert moderator.page.has(said), keys[:2]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Bulk)) == 0


def test_a_moderator_without_a_role_decides_no_more(moderator: Moderator, database: Database, city: City) -> None:
    refs = _waiting(database, city, 25)
    keys = [f"idea.{ref}" for ref in refs]
    _choose(moderator, keys)
    form = moderator.page.form("/bulk")
    moderator.client.post(form.action, data={**form.values, "entries": keys, "move": "publish"})
    with database.change() as session:
        session.execute(update(Person).where(Person.email == "moderator@example.org").values(role="resident"))
    moderator.mailbox.deliver()
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Idea).where(Idea.public)) == 0


def test_another_moderators_bulk_is_not_mine(moderator: Moderator, someone: Any, database: Database,
                                             city: City) -> None:
    [ref] = _waiting(database, city, 1)
    _choose(moderator, [f"idea.{ref}"])
    form = moderator.page.form("/bulk")
    answer = moderator.client.post(form.action, data=form.values | {"move": "publish"}, follow_redirects=True)
    moderator._arrive(answer, 200)
    someone(Moderator, "other@example.org", role="moderator").open(moderator.page.path, 404)
