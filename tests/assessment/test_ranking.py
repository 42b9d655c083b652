"""The ranking's rules: its order, its parts, its indexes, and scores that follow supporters and the city file."""

import json
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select, text, update

from participation.assessment import ranking
from participation.assessment.ranking import Wanted, page_of, points, ranked
from participation.city import City
from participation.database import Database, now
from participation.jobs import House
from participation.outbox import Event, happened
from participation.pool.items import arrived, score
from participation.pool.model import Item, Received
from tests.desk.assessing import rated
from tests.ideas.test_lists import plan_of
from tests.pool.making import accepted


def many(database: Database, count: int, **columns: Any) -> None:
    """That many records of another site, with a score each."""
    with database.change() as session:
        session.add_all(Item(**({
            "site": "https://elsewhere.example", "ref": f"XX-{n:05}", "title": f"Idea {n}", "language": "en",
            "field": f"field-{n % 3}", "stage": "rated", "supporters": n % 50, "revision": 1, "received_at": now(),
            "changed_at": now(), "maturity": n % 300, "benefit": 100, "score": n % 40 if n % 5 else None,
            "priority_rank": 1 + n % 9} | columns)) for n in range(1, count + 1))


def test_every_page_reads_by_index(database: Database, city: City) -> None:
    many(database, 60)
    with database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE pool_item"))
            for way in ("seqscan", "bitmapscan", "sort"):
                session.execute(text(f"SET LOCAL enable_{way} = off"))
        for wanted, index in ((Wanted(), "ix_pool_item_ranking"), (Wanted(unrated=True), "ix_pool_item_ranking"),
                              (Wanted(field="field-1"), "ix_pool_item_ranking_field"),
                              (Wanted(stage="rated"), "ix_pool_item_ranking_stage")):
            for after in ("", "3.20.17.25"):
                plan = plan_of(session, page_of(city, wanted, after))
                assert index in plan, f"{wanted}, {after}: {plan}"
                assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan


@pytest.mark.parametrize("unrated", [False, True])
def test_the_pages_are_the_whole_in_order(database: Database, city: City, unrated: bool) -> None:
    many(database, 120)
    with database.reading() as session:
        found, after = [], ""
        while True:
            lines, after = ranked(session, city, Wanted(unrated=unrated), after, 7)
            found += lines
            if not after:
                break
        there = session.scalars(select(Item).where(Item.score.is_(None) == unrated)).all()
        assert [line.id for line in found] == [item.id for item in sorted(
            there, key=lambda item: (item.priority_rank, -(item.score or 0), -item.id))]
        assert [line.place for line in found] == list(range(1, len(there) + 1))
        assert ranking.unrated(session, city, Wanted()) == 24
        assert ranking.unrated(session, city, Wanted(field="field-1")) == 8
        assert [line.id for line in ranking.whole(session, city, Wanted(unrated=unrated))] == [
            line.id for line in found]


def test_the_parts_add_up_to_the_score(city: City) -> None:
    for maturity in range(0, 301, 7):
        for supporters in (0, 3, 77, 200, 5000):
            item = Item(maturity=maturity, benefit=200, supporters=supporters,
                        score=score(city, maturity, 200, supporters))
            found = points(city, item)
            assert found is not None and found.maturity + found.benefit + found.supporters == found.total == item.score
    assert points(city, Item(maturity=None, benefit=None, supporters=3, score=None)) is None


def test_the_score_follows_the_supporters(database: Database, city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    item_id = rated(database, city, ref, 3, 3)
    for supporters, points_ in ((100, 9000), (400, 10000), (400, 10000)):
        with database.change() as session:
            kept = session.scalars(select(Received)).one()
            told = json.loads(kept.body) | {"revision": kept.revision + 1}
            told["supporters"]["total"] = supporters
            kept.revision, kept.body = kept.revision + 1, json.dumps(told)
            arrived(session, kept, told)
        deliver()
        with database.reading() as session:
            assert session.get_one(Item, item_id).score == points_
    with database.reading() as session:
        assert len(session.scalars(select(Event).where(Event.kind == "item.supported")).all()) == 2


def test_scores_and_ranks_follow_the_city_file(database: Database, city: City, house: Callable[[], House],
                                               monkeypatch: pytest.MonkeyPatch) -> None:
    many(database, 25, score=1, maturity=300, benefit=150, priority="lighthouse", priority_rank=5, supporters=0)
    with database.change() as session:
        session.execute(update(Item).where(Item.ref == "XX-00003").values(score=None, maturity=None, benefit=None))
    other = replace(city, ranking=replace(city.ranking, maturity=80, benefit=20, supporters=0))
    monkeypatch.setattr(ranking, "_AT_ONCE", 10)
    events = 0
    with database.change() as session:
        event: Event | None = happened(session, "time.sweep", now())
    while event is not None:
        events += 1
        with database.change() as session:
            ranking.reweighed(session, event, replace(house(), city=other))
            session.flush()
            event = session.scalars(select(Event).where(Event.kind == "ranking.looked", Event.id > event.id)).first()
    assert events == 3, "some at a time, each in a transaction of its own"
    with database.reading() as session:
        items = {item.ref: item for item in session.scalars(select(Item))}
    assert items.pop("XX-00003").score is None
    assert {(item.score, item.priority_rank) for item in items.values()} == {(9000, 1)}
