"""The journey: moves from where they begin, by whom they are for, with what they ask for."""

import threading

import pytest
from sqlalchemy import select

from participation.city import City
from participation.comments.journey import COMMENT
from participation.database import Database, now
from participation.errors import Conflict, Invalid, NotAllowed
from participation.ideas import actions as ideas
from participation.ideas.journey import IDEA
from participation.ideas.model import Acceptance, Idea, IdeaStep, IdeaVersion
from participation.journey import Journey
from participation.outbox import Event
from participation.people.model import Person
from participation.waiting import Waits, find
from participation.web.words import MOVES, STATES
from tests.making import a_draft, people, published, staff


@pytest.mark.parametrize("journey", [IDEA, COMMENT], ids=lambda j: j.name)
def test_the_table_is_whole(journey: Journey) -> None:
    states = {state.key for state in journey.states}
    reached = {"draft"}
    for move in journey.moves:
        assert set(move.come_from) <= states and move.to in states
        assert move.key in MOVES
        reached.add(move.to)
    assert reached == states, "a state that no move reaches"
    assert states <= STATES.keys()


def test_every_move_from_every_state(database: Database, city: City) -> None:
    """What the table allows happens and is written down; everything else is refused and changes nothing."""
    for state in IDEA.states:
        for move in IDEA.moves:
            with database.writing() as session, session.begin() as transaction:
                author, admin = people(database, 1, session=session)[0], staff(session)
                idea = ideas.keep_draft(session, city, a_draft(), now())
                session.execute(Idea.__table__.update().where(Idea.id == idea.id)  # type: ignore[attr-defined]
                                .values(state=state.key, author_id=author.id))
                session.refresh(idea)
                by = None if move.right is None else author if move.by == "author" else admin
                from participation.journey import make
                try:
                    make(session, IDEA, idea, move.key, by, now(), reason="duplicate", statement="Because",
                         given=frozenset({"benefit", "who_benefits", "target"}), waits=Waits(now(), idea.id))
                except Conflict:
                    assert state.key not in move.come_from
                    assert session.scalar(select(IdeaStep.id)) is None
                else:
                    assert state.key in move.come_from
                    step = session.scalars(select(IdeaStep)).one()
                    assert (step.move, step.from_state, step.to_state) == (move.key, state.key, move.to)
                    assert idea.state == move.to and idea.public == IDEA.state(move.to).public
                    waits = IDEA.state(move.to).waits_for == "moderation"
                    assert (find(session, "idea", idea.id) is not None) == waits
                    assert session.scalars(select(Event.kind)).one() == f"idea.{move.key}"
                transaction.rollback()


def test_rejecting_needs_a_reason_and_a_statement(database: Database, city: City) -> None:
    with database.writing() as session:
        idea = ideas.submit(session, city, people(database, 1, session=session)[0], a_draft(), now())
        with pytest.raises(Invalid) as trouble:
            ideas.decide(session, city, staff(session), idea, "reject", now())
        assert [problem.field for problem in trouble.value.all] == ["reason", "statement"]
        with pytest.raises(Invalid) as trouble:
            ideas.decide(session, city, staff(session), idea, "reject", now(), reason="mood", statement="No")
        assert trouble.value.field == "reason"
        session.rollback()


def test_without_a_benefit_nothing_is_accepted(database: Database, city: City) -> None:
    idea_id = published(database, city)
    with database.writing() as session:
        idea = session.get_one(Idea, idea_id)
        with pytest.raises(Invalid) as trouble:
            ideas.decide(session, city, staff(session), idea, "accept", now(), benefit=" \n ", who_benefits="All")
        assert trouble.value.field == "benefit"
        ideas.decide(session, city, staff(session), idea, "accept", now(), benefit="Shade", who_benefits="All")
        kept = session.scalars(select(Acceptance)).one()
        assert (kept.guideline, kept.benefit, kept.who_benefits) == ("citizens-at-the-centre", "Shade", "All")
        session.rollback()


def test_residents_decide_nothing(database: Database, city: City) -> None:
    idea_id = published(database, city)
    with database.writing() as session:
        [stranger] = people(database, 1, session=session)
        idea = session.get_one(Idea, idea_id)
        for key in ("accept", "decline", "hide", "withdraw"):
            with pytest.raises(NotAllowed):
                ideas.decide(session, city, stranger, idea, key, now(), reason="duplicate", statement="x",
                             benefit="x", who_benefits="x")
        with pytest.raises(NotAllowed):
            ideas.change(session, city, stranger, idea, a_draft(), now())
        session.rollback()


def test_of_two_who_decide_at_once_one_is_refused(database: Database, city: City) -> None:
    with database.change() as session:
        author, admin = people(database, 1, session=session)[0], staff(session)
        idea_id = ideas.submit(session, city, author, a_draft(), now()).id
    ends: list[str] = []
    start = threading.Barrier(4)

    def decide(number: int) -> None:
        try:
            with database.change() as session:
                idea = session.get_one(Idea, idea_id)
                if database.engine.dialect.name == "postgresql":
                    start.wait(5)  # on SQLite a writer is alone from its first read on
                ideas.decide(session, city, session.get_one(Person, admin.id), idea, "publish", now())
            ends.append("published")
        except Conflict:
            ends.append("refused")

    threads = [threading.Thread(target=decide, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(ends) == ["published", "refused", "refused", "refused"]
    with database.reading() as session:
        assert len(session.scalars(select(IdeaStep).where(IdeaStep.move == "publish")).all()) == 1


def test_a_returned_idea_is_changed_and_sent_again(database: Database, city: City) -> None:
    with database.change() as session:
        author, admin = people(database, 1, session=session)[0], staff(session)
        idea = ideas.submit(session, city, author, a_draft(), now())
        ideas.decide(session, city, admin, idea, "return", now(), statement="Which square?")
        ideas.change(session, city, author, idea, a_draft(title="Shade for the bus stops on Münsterplatz"), now())
        assert IDEA.state(idea.state).waits_for == "moderation"
        versions = session.scalars(select(IdeaVersion).order_by(IdeaVersion.number)).all()
        assert [v.number for v in versions] == [1, 2]
        assert versions[0].title != versions[1].title == idea.title


def test_references_are_given_once(database: Database, city: City) -> None:
    [author] = people(database, 1)
    refs: list[str] = []

    def submit() -> None:
        with database.change() as session:
            refs.append(str(ideas.submit(session, city, author, a_draft(), now()).ref))

    threads = [threading.Thread(target=submit) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    year = now().year
    assert sorted(refs) == [f"MZ-{year}-{n:05d}" for n in range(1, 9)]
