"""The pages for a meeting: one for each of the first records, with everything that was found out."""

from collections.abc import Callable

from participation.city import City
from participation.database import Database, now
from tests.counting import counted
from tests.desk.assessing import check, criteria, rated
from tests.people import Officer
from tests.pool.making import accepted


def test_a_sheet_says_everything_but_the_author(officer: Officer, database: Database, city: City,
                                                deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    assert officer.open("/pool/meeting").has("Nothing here is rated yet.")
    check(officer, ref, criteria(city, why="One can see it."))
    token = officer.page.form("/tags").values["csrf_token"]
    officer.client.post(f"/en/pool/{ref}/tags", data={"csrf_token": token, "tags": ["goal:goal-11"]})
    officer.send("/decisions", board="council", outcome="for", decided_on=_today(city), note="Unanimous.",
                 url="https://rats.mainz.example/7")
    rated(database, city, ref, 2, 3, priority="lighthouse")
    page = officer.open("/pool/meeting")
    assert page.has("The first 1 idea of the ranking", "Shade for the bus stops", ref, "stand in the sun", "Shade",
                    "Everyone", "One can see it.", "Lighthouse project", "11 Sustainable cities", "Unanimous.",
                    "rats.mainz.example", "A note", "Benefit 3/3 × 30 = 30", "2–2", "⌀ 2", "1 comment", "Notes")
    assert not page.has("Ann Author"), "nobody's name"
    assert "#sheet-1" in page.links()


def test_so_many_as_asked_and_never_too_many(officer: Officer, database: Database, city: City,
                                             deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city) for _ in range(12)]
    deliver()
    for ref in refs:
        rated(database, city, ref)
    for asked, sheets in (("", 10), ("?top=3", 3), ("?top=0", 1), ("?top=999", 12), ("?top=9999", 10), ("?top=x", 10),
                          ("?field=digital-administration", 0), ("?rated=no", 10)):
        with counted(database) as seen:
            page = officer.open(f"/pool/meeting{asked}")
        assert len(page.all(".//article")) == sheets, asked
        assert len(seen) <= 12, seen


def _today(city: City) -> str:
    return now().astimezone(city.zone).date().isoformat()
