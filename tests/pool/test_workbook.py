"""Workbooks as office programs and ill will make them: read in constant memory, or refused with what to do."""

import re
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook

from participation.errors import Unsafe
from participation.pool import files, sheets, workbook
from tests.pool.bodies import body, file_of, only_trouble

Parts = dict[str, bytes]
SHEET = "xl/worksheets/sheet1.xml"
BODIES = [body(1), body(2), body(3)]


def saved(folder: Path, change: Callable[[Any], object], bodies: list[str] = BODIES) -> Path:
    """An exported workbook after somebody changed it in an office program."""
    path = file_of(folder, "xlsx", bodies)
    book = load_workbook(path)
    change(book)
    book.save(path)
    return path


def bent(folder: Path, change: Callable[[Parts], object], bodies: list[str] = BODIES) -> Path:
    """An exported workbook with its inside bent."""
    path = file_of(folder, "xlsx", bodies)
    with zipfile.ZipFile(path) as archive:
        parts = {name: archive.read(name) for name in archive.namelist()}
    change(parts)
    with zipfile.ZipFile(path, "w") as archive:  # unpacked, so that no ratio tells what is wrong
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def tabled(parts: Parts) -> None:
    """The texts in a table of their own, where Excel keeps them."""
    texts: list[bytes] = []

    def number(found: re.Match[bytes]) -> bytes:
        texts.append(found[1])
        return b't="s"><v>%d</v></c>' % (len(texts) - 1)

    parts[SHEET] = re.sub(rb't="inlineStr"><is>(.*?)</is></c>', number, parts[SHEET], flags=re.DOTALL)
    parts["xl/sharedStrings.xml"] = b"<sst>" + b"".join(b"<si>" + text + b"</si>" for text in texts) + b"</sst>"
    replaced("xl/_rels/workbook.xml.rels", b"</Relationships>",
             b'<Relationship Id="t" Type="x/sharedStrings" Target="/xl/sharedStrings.xml"/></Relationships>')(parts)


def replaced(part: str, old: bytes, new: bytes) -> Callable[[Parts], object]:
    def change(parts: Parts) -> None:
        assert old in parts[part]
        parts[part] = parts[part].replace(old, new, 1)
    return change


def read(path: Path) -> list[str]:
    return [line.body or line.trouble for line in sheets.read_records(path)]


def test_a_workbook_opens_as_staff_like_it(tmp_path: Path) -> None:
    sheet = load_workbook(file_of(tmp_path, "xlsx", BODIES))["ideas"]
    assert sheet.freeze_panes == "E2" and re.fullmatch(r"A1:[A-Z]+4", sheet.auto_filter.ref)
    assert sheet.column_dimensions["D"].width > 40 > sheet.column_dimensions["A"].width
    assert not any(cell.alignment.wrap_text for row in sheet.iter_rows() for cell in row)


@pytest.mark.parametrize("title", ["<r><t>No XML</t></r>", "<r>&</r>", "<r></t></is></c><c r=\"A1\"><f>1</f></c></r>"])
def test_no_title_writes_xml_into_the_workbook(title: str, tmp_path: Path) -> None:
    path = file_of(tmp_path, "xlsx", [body(1, title=title)])
    assert str(load_workbook(path)["ideas"]["D2"].value).strip() == title
    assert read(path) == [body(1, title=title)]


def test_more_records_than_a_sheet_has_rows(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS", 3)
    assert read(file_of(tmp_path, "xlsx", BODIES[:2])) == BODIES[:2]
    with pytest.raises(Unsafe, match=r"more records than the 2 .* CSV or JSONL"):
        files.written(BODIES, "xlsx")


@pytest.mark.parametrize(("change", "says", "remedy"), [
    (lambda book: book["ideas"].__setitem__("L3", "=1+1"), "row 3: a cell holds a formula", "Paste Special"),
    (lambda book: book["ideas"].merge_cells("D3:E4"), "the cells D3:E4 are merged", "Export"),
    (lambda book: book.create_sheet("Tabelle2"), "2 sheets (“ideas”, “Tabelle2”)", "Keep only the one"),
    (lambda book: book["ideas"].delete_rows(1), "row 1: the first row is not the heading", "Put it back"),
    (lambda book: book["ideas"].delete_cols(len(files.COLUMNS) + 1), "the column “record” is missing", "Export"),
    (lambda book: book["ideas"].delete_rows(1, 9), "the file is empty", "Export"),
])
def test_what_people_do_to_a_workbook(change: Callable[[Any], object], says: str, remedy: str,
                                      tmp_path: Path) -> None:
    trouble = only_trouble(saved(tmp_path, change)).trouble
    assert says in trouble and remedy in trouble


def test_an_edit_that_would_be_lost_is_told(tmp_path: Path) -> None:
    first, edited, last = sheets.read_records(saved(tmp_path, lambda book: book["ideas"].__setitem__("D3", "Anders")))
    assert (first.body, last.body) == (BODIES[0], BODIES[2])
    assert "records.xlsx, row 3: the column “title” says 'Anders' and the record 'Bänke" in edited.trouble


def test_what_loses_nothing_is_taken(tmp_path: Path) -> None:
    def change(book: Any) -> None:
        sheet = book["ideas"]
        sheet.insert_cols(1)
        sheet["A1"], sheet["A3"], sheet["B3"] = "Bemerkung", "gut", 2.0
        sheet.insert_rows(3)
        sheet.auto_filter.ref = None
        sheet["AZ1"], sheet["AZ2"] = "noch eine", True

    assert read(saved(tmp_path, change)) == BODIES


def test_a_sheet_down_to_its_last_row(tmp_path: Path) -> None:
    rows = b"".join(b'<row r="%d" s="1"><c r="A%d" s="1"/></row>' % (n, n) for n in range(5, 12_000))
    path = bent(tmp_path, replaced(SHEET, b"</sheetData>", rows + b"</sheetData>"))
    trouble = only_trouble(path).trouble
    assert "more than 10000 empty rows" in trouble and "Delete the rows below the last record" in trouble
    path = bent(tmp_path, replaced(SHEET, b"</sheetData>", b'<row r="1048577"/></sheetData>'))
    assert "more than 1048576 rows" in only_trouble(path).trouble


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;">]>'
HEAD = b'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'


@pytest.mark.parametrize(("change", "says"), [
    (replaced(SHEET, b"<worksheet", BOMB + b"<worksheet"), "does not belong there"),
    (replaced("xl/workbook.xml", b"<workbook", BOMB + b"<workbook"), "does not belong there"),
    (replaced(SHEET, b"</sheetData>", b"<!--" + b"%a1" * 2**20 + b"--></sheetData>"),
     "too long for a record"),
    (replaced(SHEET, b"</sheetData>", b'<row r="5"><c r="A5" t="inlineStr"><is><t>' + b"ab%1" * 2**23), "too long"),
    (lambda parts: parts.pop(SHEET), "not whole"),
    (replaced("xl/workbook.xml", b"r:id=", b"r:no="), "not whole"),
    (replaced("xl/workbook.xml", b"<sheet ", b"<none "), "not whole"),
    (lambda parts: parts.pop("xl/_rels/workbook.xml.rels"), "not whole"),
    (replaced(SHEET, b"</worksheet>", b""), "not whole"),
    (replaced(SHEET, b"</sheetData>", b'<row r="5"><c r="A5" t="s"><v>7</v></c></row></sheetData>'), "not whole"),
    (replaced(SHEET, b"</sheetData>", b'<row r="5"><c r="XXXX5"><v>7</v></c></row></sheetData>'), "not whole"),
    (replaced(SHEET, b"</sheetData>", b"<row>" + b"<c/>" * 20_000 + b"</row></sheetData>"), "not whole"),
    (replaced(SHEET, b"</sheetData>", b'<row r="5"><c r="ZZZ5"/></row></sheetData>'), "not whole"),
    (replaced(SHEET, b"</sheetData>", b'<row r="five"/></sheetData>'), "not whole"),
    (lambda parts: parts.pop("xl/workbook.xml"), "a ZIP archive and no XLSX workbook"),
    (lambda parts: parts.__setitem__("xl/workbook.bin", parts.pop("xl/workbook.xml")), "another kind of spreadsheet"),
])
def test_a_workbook_that_is_bent_is_refused(change: Callable[[Parts], object], says: str, tmp_path: Path) -> None:
    tracemalloc.start()
    path = bent(tmp_path, change)
    tracemalloc.reset_peak()
    trouble = only_trouble(path).trouble
    peak = tracemalloc.get_traced_memory()[1] - tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert says in trouble and peak < 60 * 2**20


def test_a_bomb_is_not_unpacked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = file_of(tmp_path, "xlsx", BODIES)
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/media/image.png", bytes(32 * 2**20))
    assert "far larger than records are" in only_trouble(path).trouble
    monkeypatch.setattr(workbook, "UNPACKED_MAX", 20_000)
    assert "far larger than records are" in only_trouble(file_of(tmp_path, "xlsx", BODIES * 9)).trouble


@pytest.mark.parametrize("part", [0.2, 0.6, 0.99])
def test_a_workbook_that_was_cut_is_refused(part: float, tmp_path: Path) -> None:
    path = file_of(tmp_path, "xlsx", BODIES)
    whole = path.read_bytes()
    path.write_bytes(whole[:int(len(whole) * part)])
    assert "not whole" in only_trouble(path).trouble
    spoilt = bytearray(whole)
    middle = whole.index(b"sheet1.xml") + 400
    spoilt[middle:middle + 9] = b"\xff" * 9
    path.write_bytes(spoilt)
    assert "not whole" in list(sheets.read_records(path))[-1].trouble


def test_a_workbook_under_a_password_is_refused(tmp_path: Path) -> None:
    path = file_of(tmp_path, "xlsx", BODIES)
    content = bytearray(path.read_bytes())
    at = content.rindex(b"PK\x01\x02")
    content[at + 8] |= 1
    path.write_bytes(content)
    assert "protected by a password" in only_trouble(path).trouble


def test_other_writers_names_and_places(tmp_path: Path) -> None:
    def prefixed(parts: Parts) -> None:
        sheet = re.sub(rb"<(/?)(\w)", rb"<\1x:\2", parts[SHEET].removeprefix(HEAD))
        sheet = sheet.replace(b"<x:worksheet xmlns=", b"<x:worksheet xmlns:x=", 1)
        sheet = re.sub(rb' r="[A-Z]*\d+"', b"", sheet)  # where a cell stands may be left to its order
        parts[SHEET] = HEAD + sheet.replace(b"</x:is>", b'<x:rPh sb="0" eb="1"><x:t>so</x:t></x:rPh></x:is>')

    day = "2026-11-01T10:00:00+00:00"
    place = {"name": "Dom", "latitude": 49.999, "longitude": 8.274}
    full = [body(n, district="altstadt", place=place, revision_reason="merged", merged=["MZ-2026-00009"],
                 dates=dict.fromkeys(("submitted", "published", "accepted", "quorum_reached"), day)) for n in (1, 2)]
    assert read(bent(tmp_path, prefixed, full)) == full


def test_rich_and_spoken_text_in_the_table(tmp_path: Path) -> None:
    def change(parts: Parts) -> None:
        tabled(parts)
        replaced("xl/sharedStrings.xml", "<t>Bänke am Rhein</t>".encode(),
                 "<r><t>Bänke</t></r><r><rPr><b/></rPr><t xml:space='preserve'> am R_x0068_ein</t></r>"
                 "<rPh sb='0' eb='1'><t>x</t></rPh>".encode())(parts)

    assert read(bent(tmp_path, change)) == BODIES


def test_a_text_named_again_and_again_fills_no_memory(tmp_path: Path) -> None:
    def change(parts: Parts) -> None:
        tabled(parts)
        replaced("xl/sharedStrings.xml", b"</sst>", b"<si><t>" + b"x" * 32_767 + b"</t></si></sst>")(parts)
        last = parts["xl/sharedStrings.xml"].count(b"<si>") - 1
        row = b"<row>" + b'<c t="s"><v>%d</v></c>' % last * 400 + b"</row>"
        replaced(SHEET, b"</sheetData>", row * 100 + b"</sheetData>")(parts)

    path = bent(tmp_path, change)
    tracemalloc.start()
    lines = sum(1 for line in sheets.read_records(path) if "row" in line.trouble)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert lines == 100 and peak < 60 * 2**20


def test_a_text_that_no_cell_holds_is_refused(tmp_path: Path) -> None:
    def change(parts: Parts) -> None:
        tabled(parts)
        replaced("xl/sharedStrings.xml", b"</sst>", b"<si><t>" + b"x" * 32_768 + b"</t></si></sst>")(parts)

    assert "longer ones, than Excel writes" in only_trouble(bent(tmp_path, change)).trouble


def test_memory_stays_flat_with_a_table_of_texts(tmp_path: Path) -> None:
    bodies = [body(n, comments=["Ein Kommentar. " * 200] * 3) for n in range(1, 1001)]
    path = bent(tmp_path, tabled, bodies)
    tracemalloc.start()
    found = sum(1 for line, each in zip(sheets.read_records(path), bodies, strict=True) if line.body == each)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert found == 1000 and peak < 3 * 2**20 < sum(map(len, bodies)) / 3
