"""Tags: only the city's, kept as a set, those of another city file left alone."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlalchemy import select

from participation.assessment import tagging
from participation.assessment.model import Act, Tag
from participation.city import City
from participation.database import Database, now
from participation.errors import Invalid, NotAllowed
from participation.pool.model import Item
from tests.making import staff
from tests.pool.making import accepted, in_parallel


def test_what_is_offered(city: City) -> None:
    groups = tagging.offered(city, "economy-innovation-cooperation")
    assert {group.kind for group in groups} == {"guideline", "need", "theme", "goal"}
    assert all(group.tags for group in groups), "no empty group"
    assert len(next(group for group in groups if group.kind == "goal").tags) == 17
    bare = replace(city, themes=(), goals=(), fields=tuple(replace(each, needs=()) for each in city.fields))
    assert [group.kind for group in tagging.offered(bare)] == ["guideline"]


def test_two_tag_at_once(database: Database, city: City, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()

    def one(key: str) -> None:
        with database.change() as session:
            tagging.tag(session, city, staff(session, "cdo"), session.scalars(select(Item)).one(),
                        [("goal", "goal-1"), ("guideline", key)], now())

    with database.change() as session:
        staff(session, "cdo")
    assert not in_parallel(one, [each.key for each in city.guidelines[:4]])
    with database.reading() as session:
        assert len(session.scalars(select(Tag)).all()) == 2


def test_tags_are_kept_as_a_set(database: Database, city: City, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    with database.change() as session:
        item, officer = session.scalars(select(Item)).one(), staff(session, "cdo")
        session.add(Tag(item_id=item.id, kind="theme", key="of-another-time"))
        with pytest.raises(NotAllowed):
            tagging.tag(session, city, staff(session, "moderator"), item, [], now())
        with pytest.raises(Invalid):
            tagging.tag(session, city, officer, item, [("goal", "cooperate")], now())
        for chosen in ([("goal", "goal-1"), ("guideline", "cooperate")], [("goal", "goal-1"), ("goal", "goal-2")],
                       [("goal", "goal-2"), ("goal", "goal-1")]):
            tagging.tag(session, city, officer, item, chosen, now())
        assert tagging.of_each(session, [item.id])[item.id] == (
            ("goal", "goal-1"), ("goal", "goal-2"), ("theme", "of-another-time"))
        acts = session.scalars(select(Act).order_by(Act.id)).all()
        assert [act.about for act in acts] == [
            {"added": [["goal", "goal-1"], ["guideline", "cooperate"]], "taken": []},
            {"added": [["goal", "goal-2"]], "taken": [["guideline", "cooperate"]]}]
