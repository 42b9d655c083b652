"""One person, one support; counts that are right whatever happens at once; the quorum."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import select

from participation import support
from participation.city import City
from participation.database import Database, now
from participation.errors import Conflict
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.outbox import Event
from participation.people.model import Person
from tests.making import people, published


def test_support_counts_once_and_can_be_taken_back(database: Database, city: City) -> None:
    idea_id = published(database, city)
    [person] = people(database, 1)
    with database.change() as session:
        idea = session.get_one(Idea, idea_id)
        assert support.give(session, city, person, idea, now())
        assert not support.give(session, city, person, idea, now())
    _counts(database, idea_id, 1, 1)
    with database.change() as session:
        idea = session.get_one(Idea, idea_id)
        assert support.take_back(session, person, idea)
        assert not support.take_back(session, person, idea)
    _counts(database, idea_id, 0, 0)


def test_sixteen_at_once_give_and_take_back(database: Database, city: City) -> None:
    idea_id = published(database, city)
    crowd = people(database, 16)
    troubles: list[BaseException] = []

    def act(person: Person) -> None:
        try:
            for _ in range(2):  # a double click
                with database.change() as session:
                    support.give(session, city, person, session.get_one(Idea, idea_id), now())
            if person.id % 4 == 0:
                with database.change() as session:
                    support.take_back(session, person, session.get_one(Idea, idea_id))
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=act, args=(person,)) for person in crowd]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    left = sum(person.id % 4 != 0 for person in crowd)
    _counts(database, idea_id, left, left)


def test_the_quorum_is_marked_once_and_stays(database: Database, city: City) -> None:
    idea_id = published(database, city)
    crowd = people(database, city.quorum.supporters + 1)
    for person in crowd[:-2]:
        with database.change() as session:
            support.give(session, city, person, session.get_one(Idea, idea_id), now())
    with database.reading() as session:
        assert session.get_one(Idea, idea_id).quorum_reached_at is None
    for person in crowd[-2:]:
        with database.change() as session:
            support.give(session, city, person, session.get_one(Idea, idea_id), now())
    with database.change() as session:
        idea = session.get_one(Idea, idea_id)
        reached = idea.quorum_reached_at
        assert reached is not None
        support.take_back(session, crowd[0], idea)
        support.take_back(session, crowd[1], idea)
    with database.reading() as session:
        assert session.get_one(Idea, idea_id).quorum_reached_at == reached
        assert len(session.scalars(select(Event).where(Event.kind == "idea.quorum")).all()) == 1


def test_supporters_from_elsewhere_and_late_ones_do_not_make_a_quorum(database: Database, city: City) -> None:
    elsewhere = published(database, city)
    late = published(database, city, at=now() - timedelta(days=city.quorum.days + 1))
    strangers = people(database, city.quorum.supporters, lives_here=False, start=0)
    locals_ = people(database, city.quorum.supporters, start=1000)
    with database.change() as session:
        for person in strangers:
            support.give(session, city, person, session.get_one(Idea, elsewhere), now())
        for person in locals_:
            support.give(session, city, person, session.get_one(Idea, late), now())
    with database.reading() as session:
        assert session.get_one(Idea, elsewhere).quorum_reached_at is None
        assert session.get_one(Idea, late).quorum_reached_at is None
    _counts(database, elsewhere, city.quorum.supporters, 0)


def test_an_undecided_idea_takes_no_support(database: Database, city: City) -> None:
    [author, person] = people(database, 2)
    with database.change() as session:
        from tests.making import a_draft
        idea = ideas.submit(session, city, author, a_draft(), now())
        with pytest.raises(Conflict):
            support.give(session, city, person, idea, now())


def test_small_districts_are_withheld(database: Database, city: City) -> None:
    idea_id = published(database, city)
    with database.change() as session:
        idea = session.get_one(Idea, idea_id)
        for person in people(database, 5, start=0, district="neustadt", session=session):
            support.give(session, city, person, idea, now())
        for person in people(database, 4, start=50, district="drais", session=session):
            support.give(session, city, person, idea, now())
        assert support.per_district(session, idea_id) == {"drais": None, "neustadt": 5}


def _counts(database: Database, idea_id: int, total: int, local: int) -> None:
    with database.reading() as session:
        idea = session.get_one(Idea, idea_id)
        rows = session.scalars(select(support.Support).where(support.Support.idea_id == idea_id)).all()
        assert (idea.supports, idea.supports_total, idea.supports_city, len(rows)) == (total, total, local, total)
