"""Sixteen moderators at once, each a process of its own: nothing is decided twice, no decision is lost."""

import subprocess
import sys
from datetime import timedelta

from sqlalchemy import func, select

from moderation.model import Decision
from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea, IdeaStep
from participation.people.model import Person
from participation.settings import HOUSE
from participation.waiting import Waiting
from tests.making import a_draft, people, published

MODERATORS, IDEAS, COMMENTS = 16, 120, 40


def test_sixteen_moderators_decide_each_entry_once(database: Database, database_url: str, city: City) -> None:
    key = published(database, city)
    with database.change() as session:
        session.add_all(Person(email=f"mod-{n}@example.org", role="moderator", created_at=now())
                        for n in range(MODERATORS))
        author, = people(database, 1, start=600, session=session)
        for n in range(IDEAS):
            ideas.submit(session, city, author, a_draft(title=f"Idea with the number {n}"), now() - timedelta(hours=n))
        for n in range(COMMENTS):
            comments.say(session, city, author, session.get_one(Idea, key), f"Comment {n}", "en", None, now())
    with database.reading() as session:
        before = session.scalar(select(func.count()).select_from(Decision)) or 0
    running = [subprocess.Popen([sys.executable, "-m", "tests.moderation.one_moderator", database_url,
                                 f"mod-{n}@example.org"], cwd=HOUSE.parent, stdout=subprocess.PIPE, text=True)
               for n in range(MODERATORS)]
    said = [process.communicate(timeout=240)[0].split() for process in running]
    assert all(process.returncode == 0 for process in running)
    assert sum(int(each[0]) for each in said) == IDEAS + COMMENTS  # what they were told
    with database.reading() as session:  # is what stands there
        assert session.scalar(select(func.count()).select_from(Waiting)) == 0
        assert session.scalar(select(func.count()).select_from(Decision)) == before + IDEAS + COMMENTS
        twice = session.execute(select(IdeaStep.idea_id).where(IdeaStep.move == "publish")
                                .group_by(IdeaStep.idea_id).having(func.count() > 1)).all()
        assert not twice
        assert session.scalars(select(Idea.comments).where(Idea.id == key)).one() == COMMENTS
    assert sum(int(each[0]) > 0 for each in said) > 1  # more than one of them had something to do
