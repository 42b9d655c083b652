"""Records written to a file come back from it, byte for byte, also when an office program saved it in between."""

import csv
import io
import json
import random
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from openpyxl import load_workbook

from participation.city import City
from participation.database import Database
from participation.pool import files, queries, sheets
from tests.pool.bodies import KINDS, body, file_of
from tests.pool.making import accepted

TORN = ["_x000D_", "_x", "_", "x0041_", "_x005F_x0041_", "\r\n", "\r", "\n", '"', '""', ";", ",", "\t", "|", "'",
        "=1+1", "🌳", "👩‍👩‍👧", "\u200f", "\u200e", "مرحبا", "\\", "\\u0000", "\\_x", "\x01", "\x0b", "\x7f", "\x85",
        "\u2028", "\ufffe", "\uffff", "\ufeff", "<r>", "</r>", "]]>", "&amp;", "  ", "ß", "＝", "0", "1e5", "{}", "𠀀"]


def read(path: Path) -> list[str]:
    lines = list(sheets.read_records(path))
    assert not [line.trouble for line in lines if line.trouble]
    return [line.body for line in lines]


@pytest.mark.parametrize("kind", KINDS)
def test_hostile_texts_come_back(kind: str, shared: Path, tmp_path: Path) -> None:
    hostile = [json.loads(line)["text"].replace("\0", "")  # which no database holds
               for line in (shared / "hostile_strings.jsonl").read_text("utf-8").splitlines()]
    bodies = [body(number, title=text, body=text, benefit=text, comments=[text, text + "\r\n"])
              for number, text in enumerate(hostile, start=1)]
    path = file_of(tmp_path, kind, bodies)
    assert sheets.kind_of(path) == kind and read(path) == bodies


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("seed", range(4))
def test_any_text_comes_back(kind: str, seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)

    def text(most: int) -> str:
        return "".join(chance.choice(TORN) if chance.random() < 0.7 else chr(chance.randrange(0x20, 0xD800))
                       for _ in range(chance.randrange(1, most)))

    bodies = [body(number, title=text(9), body=text(60), benefit=text(5), comments=[text(4000) for _ in range(5)])
              for number in range(1, 60)]
    assert read(file_of(tmp_path, kind, bodies)) == bodies


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("letter", ["a", "🌳", "_x0041_", "\r", '"', " "])
def test_long_records_come_back_in_cells_that_excel_holds(kind: str, letter: str, tmp_path: Path) -> None:
    bodies = [body(1, body=letter * 40_000, comments=[letter * 100_000]), body(2)]
    path = file_of(tmp_path, kind, bodies)
    assert read(path) == bodies
    if kind == "csv":
        rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"))
    elif kind == "xlsx":
        rows = [[str(cell or "") for cell in row] for row in load_workbook(path)["ideas"].iter_rows(values_only=True)]
    else:
        return
    at = rows[0].index("record")
    assert rows[0][at:] == ["record"] + [""] * (len(rows[0]) - at - 1)
    assert all(len(cell.encode("utf-16-le")) // 2 <= 32_768 for row in rows for cell in row if "_x" not in cell)
    assert rows[1][at][0] == "{" and {cell[0] for cell in rows[1][at + 1:]} == {"|"}
    assert len(rows[1]) > at + 4


@pytest.mark.parametrize("kind", KINDS)
def test_no_records_are_a_file_too(kind: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, kind, [])
    lines = list(sheets.read_records(path))
    assert lines == [] if kind != "jsonl" else "is empty" in lines[0].trouble


@pytest.mark.parametrize("kind", KINDS)
def test_real_records_come_back(kind: str, database: Database, city: City, deliver: Callable[[], int],
                                tmp_path: Path) -> None:
    for title in ("Erste Idee", "=cmd|' /C calc'!A0", "<r><t>Kein XML</t></r>"):
        accepted(database, city, title=title)
    deliver()
    with database.reading() as session:
        bodies = list(queries.bodies(session))
    assert len(bodies) == 3 and read(file_of(tmp_path, kind, bodies)) == bodies


def test_a_workbook_that_was_saved_again_comes_back(tmp_path: Path) -> None:
    bodies = [body(n, title=f"Nr. {n} _x0041_\r🌳", comments=["lang " * 20_000]) for n in range(1, 20)]
    path = file_of(tmp_path, "xlsx", bodies)
    book = load_workbook(path)
    book["ideas"].delete_rows(5)
    book.save(path)
    assert read(path) == bodies[:3] + bodies[4:]


@pytest.mark.parametrize(("delimiter", "encoding", "end"), [
    (";", "utf-8-sig", "\r\n"), (",", "utf-8-sig", "\n"), (",", "utf-8", "\r\n"), ("\t", "utf-8", "\n")])
def test_a_csv_that_was_saved_again_comes_back(delimiter: str, encoding: str, end: str, tmp_path: Path) -> None:
    bodies = [body(n, title=f"-{n}; „so, oder so“\t", comments=["lang, " * 20_000] * (n == 2)) for n in range(1, 5)]
    path = file_of(tmp_path, "csv", bodies)
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"))
    wide = max(map(len, rows))
    with path.open("w", encoding=encoding, newline="") as file:
        csv.writer(file, delimiter=delimiter, lineterminator=end).writerows(
            row + [""] * (wide - len(row)) for row in [*rows, [], [""]])
    assert read(path) == bodies


def test_jsonl_may_bear_what_editors_leave_in_it(tmp_path: Path) -> None:
    path = tmp_path / "records.csv"  # the content decides, not the ending
    loose = json.dumps(json.loads(body(2)), indent=None, ensure_ascii=True)
    path.write_bytes(b"\xef\xbb\xbf\r\n" + body(1).encode() + b"\r\n\r\n  " + loose.encode() + b"\n" + body(3).encode())
    lines = list(sheets.read_records(path))
    assert [(line.number, line.body) for line in lines] == [(2, body(1)), (4, body(2)), (5, body(3))]


def test_rows_are_numbered_as_a_spreadsheet_shows_them(tmp_path: Path) -> None:
    for kind in ("csv", "xlsx"):
        path = file_of(tmp_path, kind, [body(1, body="zwei\nZeilen"), body(2), body(3)])
        assert [line.number for line in sheets.read_records(path)] == [2, 3, 4]


@pytest.mark.parametrize("kind", KINDS)
def test_memory_stays_flat(kind: str, tmp_path: Path) -> None:
    each = body(1, comments=["Ein Kommentar. " * 200] * 3)
    path = tmp_path / "records"
    tracemalloc.start()
    try:
        with path.open("wb") as file:
            for piece in files.written((each for _ in range(1500)), kind):
                file.write(piece)
        assert sum(1 for line in sheets.read_records(path) if line.body == each) == 1500
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 3 * 2**20 < 1500 * len(each) / 4


@pytest.mark.parametrize("kind", KINDS)
def test_whatever_happens_to_a_file_it_is_read_or_refused(kind: str, tmp_path: Path) -> None:
    chance = random.Random(kind)
    whole = file_of(tmp_path, kind, [body(n, title=f"Nr. {n}") for n in range(1, 6)]).read_bytes()
    for _ in range(150):
        spoilt = bytearray(whole)
        for _ in range(chance.randrange(1, 6)):
            at = chance.randrange(len(spoilt))
            spoilt[at:at + chance.randrange(3)] = chance.randbytes(chance.randrange(3))
        (tmp_path / "spoilt").write_bytes(spoilt)
        for line in sheets.read_records(tmp_path / "spoilt"):
            assert bool(line.body) != bool(line.trouble) and (line.body or line.trouble.startswith("spoilt"))
