"""The ranking at the desk: order, formula, filters, pages, and the same as a file."""

import csv
import io
from collections.abc import Callable

from sqlalchemy import select

from participation.city import City
from participation.database import Database, now
from participation.pool.model import Item
from tests.counting import counted
from tests.desk.assessing import rated
from tests.people import Guest, Moderator, Officer, Resident
from tests.pool.making import accepted


def test_priorities_first_then_the_score_worked_out(officer: Officer, database: Database, city: City,
                                                    deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city, title=f"Idea number {n} for the ranking") for n in range(5)]
    deliver()
    rated(database, city, refs[0], 1, 1)
    rated(database, city, refs[1], 3, 3, supporters=100)
    rated(database, city, refs[2], 0, 1, priority="speedboat")
    rated(database, city, refs[3], 1, 0, priority="lighthouse")
    page = officer.open("/pool/ranking")
    places = [page.text.index(ref) for ref in (refs[3], refs[2], refs[1], refs[0])]
    assert places == sorted(places)
    assert page.has("maturity gives up to 50", "all of them from 200 supporters on",
                    "in this order: Lighthouse project, Speedboat; then the score decides",
                    "Maturity 3/3 × 50 = 50", "Benefit 3/3 × 30 = 30", "Supporters 100/200 × 20 = 10", "Together 90",
                    "1 record is not rated yet.")
    officer.open(page.link("rated=no"))
    assert officer.page.has("Not rated yet", refs[4]) and not officer.page.has(refs[1])
    assert officer.open("/pool/ranking?priority=speedboat").has(refs[2]) and not officer.page.has(refs[3])
    assert not officer.open("/pool/ranking?stage=rated").has(refs[1])
    assert officer.open("/pool/ranking?field=digital-administration").has("Nothing here is rated yet.")
    assert officer.open("/pool/ranking?field=nonsense&stage=x&priority=y&rated=maybe").has(refs[1])


def test_an_empty_ranking_and_made_up_pages(officer: Officer) -> None:
    assert officer.open("/pool/ranking").has("Nothing here is rated yet.")
    assert officer.open("/pool/ranking?rated=no").has("Everything here is rated.")
    for after in ("x", "1.2", "1.2.3.x", "1.2.3.99999999999", "１.1.1.1", "-1.1.1.1"):
        officer.open(f"/pool/ranking?after={after}", 404)


def test_page_by_page_and_as_a_file(officer: Officer, database: Database, city: City,
                                    deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    rated(database, city, ref, 2, 2)
    with database.change() as session:
        for n in range(1, 61):
            session.add(Item(site="https://elsewhere.example", ref=f"XX-{n:03}", language="en",
                             title="=1+1" if n == 1 else f"Idea {n}", field="digital-administration",
                             supporters=0, revision=1, received_at=now(), changed_at=now(), maturity=100, benefit=100,
                             score=2000 + n % 3, priority="speedboat" if n <= 5 else "",
                             priority_rank=2 if n <= 5 else 9))
    wanted = ["XX-005", "XX-002", "XX-004", "XX-001", "XX-003", ref]
    seen, page = [], officer.open("/pool/ranking")
    while True:
        seen += [cell.text for cell in page.all(".//tbody//bdi") if (cell.text or "").startswith(("XX", "MZ"))]
        if not page.all(".//a[@rel='next']"):
            break
        page = officer.open(page.link("Next page"))
    assert seen[:6] == wanted and len(seen) == len(set(seen)) == 61
    answer = officer.client.get("/en/pool/ranking.csv")
    assert answer.data.startswith(b"\xef\xbb\xbf") and "attachment" in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.data.decode("utf-8-sig")), delimiter=";"))
    assert [row["ref"] for row in rows] == seen
    assert [row["place"] for row in rows] == [str(n) for n in range(1, 62)]
    assert rows[3]["title"] == "'=1+1" and rows[0]["score"] == "20.02"
    assert rows[5]["points_maturity"] == "33.33" and rows[5]["maturity"] == "2.00"
    with database.reading() as session:
        item = session.scalars(select(Item).where(Item.ref == ref)).one()
        assert rows[5]["score"] == f"{(item.score or 0) / 100:.2f}"


def test_it_costs_few_queries_and_is_the_offices(officer: Officer, moderator: Moderator, resident: Resident,
                                                 guest: Guest, database: Database, city: City,
                                                 deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city) for _ in range(4)]
    deliver()
    for ref in refs:
        rated(database, city, ref)
    for path, most in (("/pool/ranking", 5), ("/pool/ranking?rated=no&field=digital-administration", 5),
                       ("/pool/portfolio", 4), ("/pool/meeting", 10)):
        with counted(database) as seen:
            officer.open(path)
        assert len(seen) <= most, seen
        moderator.open(path, 403)
        resident.open(path, 403)
        assert guest.open(path).path == "/en/sign-in"
    resident.open("/pool/ranking.csv", 403)
