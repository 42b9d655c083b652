"""Lists: filters, sorts, pages that neither skip nor repeat, search with the same hits on both databases."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Select, event, select, text, update

from participation.city import City
from participation.database import Database, now
from participation.errors import NotThere
from participation.ideas import placed
from participation.ideas.model import Idea
from participation.ideas.nearing import nearing
from participation.ideas.queries import PAGE, SORTS, Wanted, listed
from tests.making import published


def _many(database: Database, city: City, count: int) -> list[int]:
    begun = now() - timedelta(days=10)
    made = []
    for n in range(count):
        made.append(published(database, city, at=begun + timedelta(minutes=n), title=f"An idea with the number {n}",
                              field=city.fields[n % 5].key, district=city.districts[n % 15].key,
                              language=("de", "en", "tr")[n % 3]))
    with database.change() as session:
        for n, idea_id in enumerate(made):
            session.execute(update(Idea).where(Idea.id == idea_id)
                            .values(supports_total=n * 7 % 11, comments=n * 5 % 13))
    return made


@pytest.mark.parametrize("sort", SORTS)
def test_pages_neither_skip_nor_repeat_while_ideas_arrive(database: Database, city: City, sort: str) -> None:
    made = set(_many(database, city, 50))
    seen: list[int] = []
    after, pages = "", 0
    while True:
        with database.reading() as session:
            page = listed(session, Wanted(sort=sort, after=after))
        seen += [card.id for card in page.cards]
        published(database, city, at=now(), title=f"A new idea came in meanwhile {pages}")
        pages += 1
        if not page.after:
            break
        after = page.after
    assert pages >= 3 and len(seen) == len(set(seen)), "an idea came twice"
    assert made <= set(seen), "an idea was skipped"


def test_filters_and_sorts(database: Database, city: City) -> None:
    _many(database, city, 30)
    with database.reading() as session:
        for card in listed(session, Wanted(field=city.fields[0].key, language="de")).cards:
            assert (card.field, card.language) == (city.fields[0].key, "de")
        assert len(listed(session, Wanted(district="drais"), 100).cards) == 2
        supports = [card.supports for card in listed(session, Wanted(sort="supported"), 100).cards]
        assert supports == sorted(supports, reverse=True)
        comments = [card.comments for card in listed(session, Wanted(sort="discussed"), 100).cards]
        assert comments == sorted(comments, reverse=True)
        assert not listed(session, Wanted(field="nonsense")).cards


@pytest.mark.parametrize("after", ["x", "1", "1.x", "-1.5", "1.2.3", "9" * 60, "١.٢", "99999999999999999999.1"])
def test_a_made_up_key_is_no_page(database: Database, after: str) -> None:
    with database.reading() as session, pytest.raises(NotThere):
        listed(session, Wanted(after=after))


@pytest.mark.parametrize(("q", "hits"), [
    ("radweg", {"Fahrradweg an der Brücke"}), ("RADWEG brucke", {"Fahrradweg an der Brücke"}),
    ("strasse", {"Ruhe in der Straße am Fluß"}), ("istanbul", {"İstanbul'dan bir fikir: gölge"}),
    ("тінь", {"Більше тіні: тінь для всіх"}), ("الظل", {"المزيد من الظل"}), ('"; DROP TABLE idea; --', set()),
    ("an", {"Fahrradweg an der Brücke", "İstanbul'dan bir fikir: gölge"}), ("100%_", set()), ("*", set()),
    ("AND OR NOT", set()),
])
def test_search(database: Database, city: City, q: str, hits: set[str]) -> None:
    for title in ("Fahrradweg an der Brücke", "Ruhe in der Straße am Fluß", "İstanbul'dan bir fikir: gölge",
                  "Більше тіні: тінь для всіх", "المزيد من الظل"):
        published(database, city, title=title, body="x" * 40, benefit="y" * 20)
    with database.reading() as session:
        assert {card.title for card in listed(session, Wanted(q=q)).cards} == hits


def test_every_list_reads_by_index(database: Database, city: City) -> None:
    """The plan of every filter and sort: an index, no sorting, no reading of the whole table."""
    _many(database, city, 60)
    key = f"{int((now() - timedelta(days=5)).timestamp() * 1_000_000)}.50"
    with database.reading() as session:
        if database.engine.dialect.name == "postgresql":
            session.execute(text("ANALYZE idea"))
            session.execute(text("SET LOCAL enable_seqscan = off"))  # sixty rows are read whole faster
            session.execute(text("SET LOCAL enable_bitmapscan = off"))
            session.execute(text("SET LOCAL enable_sort = off"))
        for sort, by in SORTS.items():
            for column, value in ((None, ""), (Idea.field, city.fields[0].key), (Idea.district, "drais"),
                                  (Idea.language, "tr")):
                query = select(Idea.id).where(Idea.public).order_by(by.desc(), Idea.id.desc()).limit(PAGE)
                if column is not None:
                    query = query.where(column == value)
                plan = plan_of(session, query)
                name = f"ix_idea_list_{column.key if column is not None else 'all'}_{sort}"
                assert name in plan, f"{sort}, {column}: {plan}"
                assert "TEMP B-TREE" not in plan and "Sort" not in plan, plan
        assert listed(session, Wanted(after=key)).cards


def test_the_map_and_the_first_page_read_by_index(database: Database, city: City) -> None:
    _many(database, city, 60)
    asked: list[Any] = []
    small = database.engine.dialect.name == "postgresql"  # it counts sixty rows by whichever index narrows them most
    with database.reading() as session:
        if small:
            session.execute(text("ANALYZE idea"))
            session.execute(text("SET LOCAL enable_seqscan = off"))
            session.execute(text("SET LOCAL enable_bitmapscan = off"))
            session.execute(text("SET LOCAL enable_sort = off"))
        event.listen(session, "do_orm_execute", lambda state: asked.append(state.statement))
        placed.by_district(session, Wanted(field=city.fields[0].key, language="tr"))
        nearing(session, city.quorum, now())
        for wanted in (Wanted(), Wanted(field=city.fields[0].key), Wanted(district="drais"), Wanted(language="tr")):
            placed.newest(session, wanted, PAGE, placed=True)
        names = ["counted", "nearing", *(f"placed_{name}" for name in ("all", "field", "district", "language"))]
        for name, query in zip(names, asked.copy(), strict=True):
            plan = plan_of(session, query)
            assert f"ix_idea_{name}" in plan or (small and name == "counted"), plan
            assert "TEMP B-TREE" not in plan and "Sort" not in plan and "Seq Scan" not in plan, plan


def plan_of(session: Any, query: Select[Any]) -> str:
    """How the database would find the rows."""
    sql = str(query.compile(session.get_bind(), compile_kwargs={"literal_binds": True}))
    explain = "EXPLAIN QUERY PLAN " if session.get_bind().dialect.name == "sqlite" else "EXPLAIN "
    return "\n".join(str(row) for row in session.execute(text(explain + sql.replace(":", r"\:"))))
