"""Files that are no export any more: each is refused with its name, the place and what to do."""

import csv
import io
import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from participation.errors import Unsafe
from participation.pool import sheets
from tests.pool.bodies import body, file_of, only_trouble

Rows = list[list[str]]
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(22) + (9).to_bytes(2, "little") + bytes(16) + bytes(464)


def put(folder: Path, content: bytes, name: str = "records.dat") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def table(folder: Path, change: Callable[[Rows], object], bodies: list[str] | None = None) -> Path:
    """An exported CSV after somebody changed its cells."""
    path = file_of(folder, "csv", bodies or [body(1), body(2), body(3)])
    rows = list(csv.reader(io.StringIO(path.read_text("utf-8-sig"), newline=""), delimiter=";"))
    change(rows)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    return path


def changed(column: str, value: str, row: int = 2) -> Callable[[Rows], object]:
    def change(rows: Rows) -> None:
        rows[row][rows[0].index(column)] = value
    return change


@pytest.mark.parametrize(("content", "says", "remedy"), [
    (b"", "is empty", "Export"),
    (b"\xef\xbb\xbf\r\n \r\n", "is empty", "Export"),
    (OLE + "Workbook".encode("utf-16-le") + bytes(900), "old kind (.xls)", "save it as “Excel workbook (.xlsx)”"),
    (OLE + "EncryptedPackage".encode("utf-16-le") + bytes(900), "protected by a password", "take the password away"),
    ("sequence\tref".encode("utf-16"), "UTF-16", "choose “CSV UTF-8”"),
    (b"\x1f\x8b\x08\0", "compressed", "Unpack it"),
    (b"  [{}]", "one JSON list", "one record a line"),
    (b"<!doctype html><title>Sign in</title>", "a web page", "Sign in"),
    (b"%PDF-1.7\n\0\1", "no JSONL, CSV or XLSX", "Export"),
    (b"PK\x03\x04 cut off here", "not whole", "Fetch it once more"),
    (b"name;text\r\nAnn;Hello\r\n", "row 1: the first row is not the heading", "Put it back"),
])
def test_other_files_are_refused(content: bytes, says: str, remedy: str, tmp_path: Path) -> None:
    line = only_trouble(put(tmp_path, content))
    assert says in line.trouble and remedy in line.trouble


def test_what_is_no_file_is_refused(tmp_path: Path) -> None:
    assert "a folder. Name one file" in only_trouble(tmp_path).trouble
    assert "cannot be read" in only_trouble(tmp_path / "nowhere.csv").trouble
    assert "no file" in only_trouble(Path("/dev/zero")).trouble
    with pytest.raises(Unsafe, match="a folder"):
        sheets.kind_of(tmp_path)


@pytest.mark.parametrize(("text", "says"), [
    ('{"ref":"MZ-2026-00001","ref":"MZ-2026-00002"}', "says 'ref' twice"),
    ('{"a":{"b":[{"c":1,"c":1}]}}', "says 'c' twice"),
    ('{"a":NaN}', "NaN is no number"),
    ('{"a":-Infinity}', "-Infinity is no number"),
    ('{"a":1e999}', "too large"),
    ('{"a":' + "9" * 19 + "}", "too large"),
    ('{"a":' + "9" * 10_000 + "}", "too large"),
    ('{"a":' + "[" * 15_000 + "]" * 15_000 + "}", "nested deeper"),
    ('{"a":' * 500 + "1" + "}" * 500, "nested deeper"),
    ('{"a":' * 21 + "1" + "}" * 21, "nested deeper"),
    (r'{"a":"\ud800"}', "half a character"),
    (r'{"\udfff":1}', "half a character"),
    (r'{"a":"\u0000"}', "NUL"),
    (r'{"a":"\\\u0000"}', "NUL"),
    ('{"a":"\x01"}', "not one whole record in JSON"),
    ('{"a":1} {"a":2}', "not one whole record in JSON (Extra data, character 9)"),
    ("{'a':1}", "not one whole record in JSON"),
    ('"text"', "no record"), ("null", "no record"), ("12", "no record"),
])
def test_json_that_can_be_read_in_two_ways_is_refused(text: str, says: str, tmp_path: Path) -> None:
    path = put(tmp_path, b"\n".join([body(1).encode(), text.encode(), b"", body(2).encode()]), "records.jsonl")
    first, wrong, last = sheets.read_records(path)
    assert (first.body, last.body) == (body(1), body(2))  # the others are read, so that all can be told at once
    assert wrong.number == 2 and wrong.trouble.startswith("records.jsonl, line 2: ") and says in wrong.trouble
    assert wrong.trouble.endswith("Export the records once more and import that file as it is.")
    at = [row.trouble for row in sheets.read_records(table(tmp_path, changed("record", text)))]
    assert at[0] == at[2] == "" and at[1].startswith("records.csv, row 3: the column “record” was changed or cut: ")


def test_what_only_looks_like_nul_is_text(tmp_path: Path) -> None:
    bodies = [body(1, title=r"\u0000 is no letter"), body(2, title=r"\\u0000")]
    assert [line.body for line in sheets.read_records(file_of(tmp_path, "jsonl", bodies))] == bodies


@pytest.mark.parametrize(("content", "number", "says"), [
    (body(1).encode() + b"\n" + body(2).encode()[:-40], 2, "the file ends in the middle of this record"),
    (body(1).encode() + b"\n" + body(2).encode()[:body(2).encode().index("ä".encode()) + 1], 2,
     "the file ends in the middle of a letter"),
    (body(1).encode() + b"\n" + body(2).encode("latin-1") + b"\n", 2, "Latin-1 (Windows-1252)"),
    (body(1).encode() + b"\n" + bytes(100) + b"\n", 2, "NUL"),
])
def test_jsonl_that_was_cut_or_spoilt_is_refused(content: bytes, number: int, says: str, tmp_path: Path) -> None:
    line = only_trouble(put(tmp_path, content, "records.jsonl"))
    assert line.number == number and says in line.trouble and f"records.jsonl, line {number}: " in line.trouble


@pytest.mark.parametrize("kind", ["jsonl", "csv"])
def test_a_line_without_end_is_refused(kind: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, kind, [body(1)])
    with path.open("ab") as file:
        file.write(b'{"a":"' if kind == "jsonl" else b"1;2;3")
        for _ in range(17):
            file.write(b"x" * 2**20)
    line = only_trouble(path)
    assert "longer than 16 MB" in line.trouble and "Export" in line.trouble


def test_a_lost_quotation_mark_swallows_no_file(tmp_path: Path) -> None:
    path = file_of(tmp_path, "csv", [body(1)])
    with path.open("ab") as file:
        file.write(b'2;"')
        for _ in range(200_000):
            file.write(b'a";"' + b"x" * 90 + b"\r\n")  # each line ends inside quotation marks
    assert "quotation mark" in only_trouble(path).trouble


def test_a_csv_that_excel_saved_as_latin_1_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, "csv", [body(1)])
    path.write_bytes(path.read_text("utf-8-sig").encode("cp1252"))
    trouble = only_trouble(path).trouble
    assert "saved as Latin-1" in trouble and "“CSV UTF-8”" in trouble and "JSONL" in trouble


@pytest.mark.parametrize("cut", [0.4, 0.7, 0.97])
def test_a_csv_that_was_cut_is_refused(cut: float, tmp_path: Path) -> None:
    whole = file_of(tmp_path, "csv", [body(1, comments=["x" * 50_000])]).read_bytes()
    line = only_trouble(put(tmp_path, whole[:int(len(whole) * cut)], "records.csv"))
    assert line.number == 2 and re.search("in the middle of this row|changed or cut", line.trouble)


@pytest.mark.parametrize("column", ["sequence", "ref", "revision", "title", "body", "benefit", "field", "district",
                                    "language", "guideline_benefit", "who_benefits", "statement"])
def test_an_edit_that_would_be_lost_is_told(column: str, tmp_path: Path) -> None:
    path = table(tmp_path, changed(column, "7"))
    first, edited, last = sheets.read_records(path)
    assert first.body and last.body and not edited.body
    assert edited.trouble.startswith(f"records.csv, row 3: the column “{column}” says '7' and the record ")
    assert "would be lost" in edited.trouble and "undo it" in edited.trouble
    emptied = list(sheets.read_records(table(tmp_path, changed(column, ""))))
    assert bool(emptied[1].trouble) == (column != "district")  # it was empty before


@pytest.mark.parametrize("change", [
    lambda rows: [row.insert(0, "Bemerkung") for row in rows],
    lambda rows: [row.insert(3, "") for row in rows],
    lambda rows: [row.append("gut" if n else "Bemerkung") for n, row in enumerate(rows)],
    lambda rows: [row.__delitem__(slice(4, 9)) for row in rows],
    lambda rows: rows.insert(2, [""] * 5),
    lambda rows: [row.__setitem__(0, row[0] + ",0") for row in rows[1:]],
    lambda rows: [row.__setitem__(4, row[4].replace("\n", "\r\n ")) for row in rows[1:]],
])
def test_what_loses_nothing_is_taken(change: Callable[[Rows], object], tmp_path: Path) -> None:
    path = table(tmp_path, change)
    assert [line.body for line in sheets.read_records(path)] == [body(1), body(2), body(3)]


def dropped(rows: Rows) -> None:
    at = rows[0].index("record")
    for row in rows:
        del row[at:]


def doubled(rows: Rows) -> None:
    for row in rows:
        row.append(row[-1])


@pytest.mark.parametrize(("change", "says"), [
    (dropped, "row 1: the column “record” is missing"),
    (doubled, "row 1: the column “record” is there twice"),
    (lambda rows: rows.pop(0), "row 1: the first row is not the heading"),
    (lambda rows: rows.clear(), "the file is empty"),
    (lambda rows: rows.extend([[""] * 20] * 10_001), "more than 10000 empty rows"),
])
def test_tables_that_are_no_export_any_more(change: Callable[[Rows], object], says: str, tmp_path: Path) -> None:
    assert says in only_trouble(table(tmp_path, change)).trouble


def test_more_rows_than_a_sheet_has(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, "csv", [body(1), body(2), body(3)])
    monkeypatch.setattr(sheets, "ROWS", 4)
    assert len(list(sheets.read_records(path))) == 3
    monkeypatch.setattr(sheets, "ROWS", 3)
    line = only_trouble(path)
    assert line.number == 4 and "more than 3 rows. Import the records as JSONL" in line.trouble


def test_a_record_that_excel_cut_is_told(tmp_path: Path) -> None:
    long = body(2, comments=["x" * 50_000])
    bodies = [body(1), long, body(3)]

    def once(rows: Rows) -> None:  # the record in one cell, as other programs write it, after Excel saved it
        at = rows[0].index("record")
        rows[2][at:] = [long[:32_767]]

    told = list(sheets.read_records(table(tmp_path, once, bodies)))[1]
    assert told.number == 3 and "was cut at 32767 characters" in told.trouble and "JSONL" in told.trouble

    def behind(rows: Rows) -> None:
        rows[2][-1] = rows[2][-1].removeprefix("|")

    assert "does not belong to it" in list(sheets.read_records(table(tmp_path, behind, bodies)))[1].trouble

    def lost(rows: Rows) -> None:
        rows[2].pop()

    assert "changed or cut" in list(sheets.read_records(table(tmp_path, lost, bodies)))[1].trouble
    empty = list(sheets.read_records(table(tmp_path, changed("record", ""))))[1]
    assert "is empty in this row" in empty.trouble and "delete the row" in empty.trouble


def test_a_cell_far_too_long_is_told(tmp_path: Path) -> None:
    path = put(tmp_path, b"ref;title;revision;record\r\nA;b;1;" + b"x" * 140_000 + b"\r\n")
    assert "row 2: a cell is longer than 131072 characters" in only_trouble(path).trouble


def test_one_cell_with_a_whole_record_is_taken(tmp_path: Path) -> None:
    long = body(1, comments=["x" * 50_000])

    def once(rows: Rows) -> None:
        at = rows[0].index("record")
        rows[1][at:] = [long]

    assert [line.body for line in sheets.read_records(table(tmp_path, once, [long]))] == [long]


def test_a_record_of_no_shape_is_for_its_receiver_to_refuse(tmp_path: Path) -> None:
    path = put(tmp_path, b'ref;title;revision;record\r\nA;b;1;"{""ref"":[],""guidelines"":7}"\r\n')
    assert [json.loads(line.body) for line in sheets.read_records(path)] == [{"ref": [], "guidelines": 7}]
