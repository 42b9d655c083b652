"""The monitoring page and its file."""

import csv
import io
from datetime import UTC, datetime

from participation.city import City
from participation.database import Database
from tests.counting import counted
from tests.making import published
from tests.people import Guest, Moderator, Officer


def test_figures_as_plots_tables_and_a_file(officer: Officer, database: Database, city: City) -> None:
    for _ in range(7):
        published(database, city, at=datetime(2026, 5, 4, tzinfo=UTC), district="mombach")
    for _ in range(9):
        published(database, city, at=datetime(2026, 8, 4, tzinfo=UTC), district="altstadt", language="uk")
    with counted(database) as queries:
        page = officer.open("/pool/figures")
    assert len(queries) <= 14
    assert page.has("Ideas published, by district", "Mombach", "Altstadt", "Ukrainian", "Q2 2026", "withheld",
                    "How long ideas stayed where they stood", "From idea to project")
    assert len(page.all(".//ul[@class='plots']/li")) >= 5
    assert officer.open("/pool/figures?by=month").has("May 2026")
    assert officer.open("/pool/figures?by=nonsense").has("Q2 2026")
    sheet = officer.client.get("/en/pool/figures.csv?by=year")
    rows = list(csv.reader(io.StringIO(sheet.get_data().decode("utf-8-sig")), delimiter=";"))
    assert ["Ideas published, by district", "Altstadt: 2026", "9"] in rows
    assert ["Ideas published, by language", "Ukrainian: All", "9"] in rows
    assert sheet.headers["Cache-Control"] == "private, no-store"
    german = officer.client.get("/de/pool/figures")
    assert german.status_code == 200


def test_figures_of_nothing_and_for_whom(officer: Officer, moderator: Moderator, guest: Guest) -> None:
    assert officer.open("/pool/figures").has("There is nothing to count in this time.")
    moderator.open("/pool/figures", 403)
    assert guest.client.get("/en/pool/figures.csv").status_code == 303
