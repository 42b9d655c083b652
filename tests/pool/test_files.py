"""The pool as files: readable in an office, harmless there, the same records in each kind."""

import csv
import io
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from openpyxl.utils.escape import unescape

from participation.city import City
from participation.database import Database
from participation.pool import files, queries, sheets
from participation.pool.record import canonical
from tests.people import Officer
from tests.pool.bodies import body
from tests.pool.making import accepted


def test_files_open_in_excel_and_hold_no_formula(database: Database, city: City, deliver: Callable[[], int],
                                                 officer: Officer, tmp_path: Path) -> None:
    titles = ['=HYPERLINK("http://evil.example")', "+49 6131 are the first digits", "-1 reason; \"quoted\"",
              "@all Mainzer:innen"]
    for title in titles:
        accepted(database, city, title=title, body="Zeile eins\nZeile zwei; mit Semikolon " * 3)
    deliver()
    lines = officer.client.get("/en/pool/records.jsonl").get_data(as_text=True).splitlines()
    assert [json.loads(line)["title"] for line in lines] == titles
    sheet = officer.client.get("/en/pool/records.csv")
    assert sheet.get_data()[:3] == b"\xef\xbb\xbf" and "attachment" in sheet.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(sheet.get_data().decode("utf-8-sig")), delimiter=";"))
    assert [row["title"] for row in rows] == ["'" + title for title in titles]
    assert all(row["body"].startswith("Zeile eins\nZeile zwei;") for row in rows)
    book = load_workbook(io.BytesIO(officer.client.get("/en/pool/records.xlsx").get_data()))
    cells = list(book["ideas"].iter_rows(min_row=2))
    assert [row[3].value for row in cells] == titles
    assert not any(cell.data_type == "f" for row in cells for cell in row)
    assert officer.client.get("/en/pool/records.exe").status_code == 404
    with database.reading() as session:
        assert list(files.jsonl(queries.bodies(session, since=3))) == [lines[3].encode() + b"\n"]
    for kind in files.MEDIA_TYPES:
        (tmp_path / kind).write_bytes(officer.client.get(f"/en/pool/records.{kind}").get_data())
        assert [line.body for line in sheets.read_records(tmp_path / kind)] == lines


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@sum", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x"])
def test_no_cell_begins_as_a_formula(text: str) -> None:
    assert files.harmless(text) == "'" + text


def test_other_cells_stay_as_they_are() -> None:
    assert [files.harmless(value) for value in ("Mainz = schön", "", 12, -3)] == ["Mainz = schön", "", 12, -3]


def test_what_excel_would_decode_stays_as_written(database: Database, city: City, deliver: Callable[[], int],
                                                  officer: Officer) -> None:
    title = "Heading _x0041_ <b>&amp; “quotes”</b> 🌳 مرحبا"
    accepted(database, city, title=title)
    deliver()
    book = load_workbook(io.BytesIO(officer.client.get("/en/pool/records.xlsx").get_data()))
    # Excel takes _x0041_ for an A; the escaping that it takes away again is openpyxl's to undo here.
    assert unescape(str(book["ideas"]["D2"].value)) == title


def test_columns_that_older_records_lack_are_empty() -> None:
    newer = body(2, revision_reason="merged", merged=["MZ-2026-00007", {"ref": "MZ-2026-00009"}], needs=["a", "b"],
                 translations=[{"language": "en"}, {"language": "fr"}])
    older = json.loads(body(1))
    del older["needs"], older["translations"]
    text = b"".join(files.written([canonical(older), newer], "csv")).decode("utf-8-sig")
    rows = [[row[name] for name in ("revision_reason", "merged", "needs", "translations")]
            for row in csv.DictReader(io.StringIO(text, newline=""), delimiter=";")]
    assert rows == [["", "", "", "0"], ["merged", "MZ-2026-00007, MZ-2026-00009", "a, b", "2"]]


@pytest.mark.parametrize(("text", "cells"), [
    ("", 1), ("a" * 31_999, 1), ("a" * 32_000, 2), ("ä" * 31_999, 1), ("🌳" * 15_999, 1), ("🌳" * 16_000, 2),
    ("a" * 100_000, 4)])
def test_parts_fit_into_cells(text: str, cells: int) -> None:
    parts = files.parts(text)
    assert len(parts) == cells and "".join(part.removeprefix("|") for part in parts) == text
    assert all(len(part.encode("utf-16-le")) <= 2 * files.PART for part in parts)
    shown = files.readable(text)
    assert shown == text if cells == 1 else shown == parts[0] + "…"


def test_a_download_that_is_broken_off_keeps_no_connection(database: Database, city: City, deliver: Callable[[], int],
                                                           officer: Officer) -> None:
    for _ in range(3):
        accepted(database, city)
    deliver()
    pool: Any = database.engine.pool
    begun = pool.checkedout()
    for kind in files.MEDIA_TYPES:
        answer = officer.client.get(f"/en/pool/records.{kind}", buffered=False)
        assert answer.headers["Cache-Control"] == "private, no-store"
        next(answer.iter_encoded())
        answer.close()
    assert pool.checkedout() == begun
