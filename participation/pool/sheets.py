"""Reading the records of a JSONL, CSV or XLSX file back, in constant memory and bounded.

What a file is, its content decides, not its ending. The canonical JSON of a record counts; the
readable columns beside it are compared, because whoever edited them would lose the edit. Schema,
digest and chain are checked where records are received.
"""

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from participation.errors import Unsafe
from participation.pool.files import COLUMNS, CONTINUED, RECORD, ROWS, readable
from participation.pool.strict import AGAIN, Wrong, record_of
from participation.pool.workbook import AS_XLSX, refused, rows

LINE_MAX = 16 * 2**20  # bytes
EMPTY_MAX = 10_000  # rows with nothing in them, before a sheet counts as spoilt
_BOM = b"\xef\xbb\xbf"
_OLD_OFFICE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_EXCEL_CUTS = 32_767  # UTF-16 units of a cell
# Programs disagree how a workbook writes a text that looks like its own escapes, so such texts are not compared.
_LIKE_AN_ESCAPE = re.compile("_x[0-9A-Fa-f]{4}")
_NAMES = {name for name, _, _ in COLUMNS}
# What people edit in a sheet. Counts and dates are left out: office programs write them their own way.
_COMPARED = tuple((name, of) for name, _, of in COLUMNS if name in {
    "sequence", "ref", "revision", "title", "body", "benefit", "language", "field", "district", "guideline_benefit",
    "who_benefits", "statement"})


@dataclass(frozen=True, slots=True)
class Line:
    """One record of a file, or what is wrong there.

    `number` is the line of a JSONL file or the row of a sheet, counted as people see them, and 0 for the
    file as a whole. Either `body` is the canonical text, or `trouble` says in English what is wrong,
    where and what to do.
    """

    number: int
    body: str = ""
    trouble: str = ""


def kind_of(path: Path) -> str:
    """Which kind of file it is by its content: jsonl, csv or xlsx. Raises Unsafe with what to do for any other."""
    try:
        if path.is_dir():
            raise refused(path.name, "this is a folder. Name one file in it.")
        if path.exists() and not path.is_file():
            raise refused(path.name, "this is no file. Save the records to a file and import that.")
        with path.open("rb") as file:
            head = file.read(64 * 1024)
            if head.startswith(_OLD_OFFICE):
                raise refused(path.name, _old_office(file, head))
    except OSError as trouble:
        raise refused(path.name, f"the file cannot be read ({trouble.strerror}). Is its name right, and may you "
                      "read it?") from trouble
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return "xlsx"
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise refused(path.name, "the file was saved as “Unicode text” (UTF-16). In Excel choose “CSV UTF-8” instead, "
                      "or import the JSONL file.")
    if head.startswith(b"\x1f\x8b"):
        raise refused(path.name, "the file is compressed. Unpack it and import what is inside.")
    start = head.removeprefix(_BOM).lstrip()
    if not start:
        raise refused(path.name, f"the file is empty. {AGAIN}")
    if start.startswith(b"{"):
        return "jsonl"
    if start.startswith(b"["):
        raise refused(path.name, "this is one JSON list. Write one record a line, without the brackets and commas "
                      "around them.")
    if start.startswith(b"<"):
        raise refused(path.name, "this is a web page, perhaps that for signing in. Sign in and download the file "
                      "once more.")
    if b"\0" in head:
        raise refused(path.name, f"this is no JSONL, CSV or XLSX file. {AGAIN}")
    return "csv"


def read_records(path: Path) -> Iterator[Line]:
    """The records of a file in their order; empty lines and rows are passed over.

    After a trouble that concerns the whole file nothing more comes, and it may come last (a file cut short,
    merged cells): whoever keeps the records reads the file to its end first.
    """
    try:
        match kind_of(path):
            case "jsonl":
                yield from _jsonl(path)
            case "csv":
                yield from _table(path.name, _csv_rows(path))
            case _:
                yield from _table(path.name, rows(path))
    except Unsafe as trouble:
        number = trouble.values.get("line", 0)
        yield Line(number if isinstance(number, int) else 0, trouble=str(trouble))


def _old_office(file: IO[bytes], head: bytes) -> str:
    """An old .xls, or a new workbook that was encrypted: the list of what such a file holds tells."""
    size = 1 << min(int.from_bytes(head[30:32], "little"), 16)
    file.seek((int.from_bytes(head[48:52], "little") + 1) * size)
    if "EncryptedPackage".encode("utf-16-le") in file.read(4 * size):
        return "the workbook is protected by a password. Open it, take the password away and save it."
    return f"this is an Excel file of the old kind (.xls). {AS_XLSX}."


def _jsonl(path: Path) -> Iterator[Line]:
    with path.open("rb") as file:
        for number, raw in enumerate(iter(lambda: file.readline(LINE_MAX + 1), b""), start=1):
            whole = raw.endswith(b"\n")
            try:
                text = _text(raw, path.name, number).strip()
                if text:
                    yield Line(number, record_of(text)[1])
            except Wrong as trouble:
                what = str(trouble) if whole else f"the file ends in the middle of this record. {AGAIN}"
                yield Line(number, trouble=f"{path.name}, line {number}: {what}")


def _text(raw: bytes, name: str, number: int) -> str:
    """A line as text. Raises Unsafe: whatever is wrong here is wrong with the whole file."""
    where = f"{name}, line {number}"
    if len(raw) > LINE_MAX:
        raise Unsafe("unreadable", line=number, what=f"{where}: the line is longer than {LINE_MAX // 2**20} MB, which "
                     f"no record is. {AGAIN}")
    try:
        text = (raw.removeprefix(_BOM) if number == 1 else raw).decode()
    except UnicodeDecodeError as trouble:
        if trouble.end == len(raw) and trouble.reason == "unexpected end of data":
            what = f"the file ends in the middle of a letter. {AGAIN}"
        else:
            what = ("the file was saved as Latin-1 (Windows-1252) and not as UTF-8; many letters are lost in that. "
                    "Export once more, and in Excel choose “CSV UTF-8” when saving, or import the JSONL file.")
        raise Unsafe("unreadable", line=number, what=f"{where}: {what}") from trouble
    if "\0" in text:
        raise Unsafe("unreadable", line=number, what=f"{where}: the line holds NUL characters; the file is damaged. "
                     f"{AGAIN}")
    return text


class _CsvLines:
    """A file's lines for the csv module, which would gather a row without end after one lost quotation mark."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self.file, self.name, self.number, self.held = file, name, 0, 0

    def __iter__(self) -> "_CsvLines":
        return self

    def __next__(self) -> str:
        raw = self.file.readline(LINE_MAX + 1)
        if not raw:
            raise StopIteration
        self.number += 1
        self.held += len(raw)
        if self.held > LINE_MAX:
            raise Unsafe("unreadable", line=self.number, what=f"{self.name}, line {self.number}: the row is longer "
                         f"than {LINE_MAX // 2**20} MB; perhaps a quotation mark is lost. {AGAIN}")
        return _text(raw, self.name, self.number)


def _csv_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    number = 0
    with path.open("rb") as file:
        first = file.readline(64 * 1024).decode("utf-8-sig", "replace").strip("\r\n")
        file.seek(0)
        lines = _CsvLines(file, path.name)
        # Ours has semicolons; an English Excel writes commas, and whoever copies from a sheet gets tabs.
        mark = max(";,\t", key=lambda mark: len(_NAMES.intersection(next(csv.reader([first], delimiter=mark)))))
        try:
            for number, cells in enumerate(csv.reader(lines, delimiter=mark, strict=True), start=1):
                if number > ROWS:
                    raise refused(path.name, f"the file has more than {ROWS} rows. Import the records as JSONL.",
                                  number)
                yield number, cells
                lines.held = 0
        except csv.Error as trouble:
            if "field limit" in str(trouble):
                what = f"a cell is longer than {csv.field_size_limit()} characters, or a quotation mark is lost"
            elif "end of data" in str(trouble):
                what = "the file ends in the middle of this row"
            else:
                what = f"the quotation marks or separators are in disorder ({trouble})"
            raise refused(path.name, f"{what}. {AGAIN}", number + 1) from trouble


@dataclass(frozen=True, slots=True)
class _Heading:
    """Where the cells of a row stand: the record from `record` to before `end`, and what is compared."""

    record: int
    end: int | None
    compared: tuple[tuple[str, int, Callable[[dict[str, Any]], Any]], ...]


def _table(name: str, sheet: Iterable[tuple[int, list[str]]]) -> Iterator[Line]:
    heading: _Heading | None = None
    empty = 0
    for number, cells in sheet:
        if all(not cell or cell.isspace() for cell in cells):
            empty += 1
            if empty > EMPTY_MAX:
                raise refused(name, f"the sheet has more than {EMPTY_MAX} empty rows. Delete the rows below the last "
                              "record and save it once more.", number)
        elif heading is None:
            heading = _heading(name, number, [cell.strip() for cell in cells])
        else:
            try:
                yield Line(number, _record(heading, cells))
            except Wrong as trouble:
                yield Line(number, trouble=f"{name}, row {number}: {trouble}")
    if heading is None:
        raise refused(name, f"the file is empty. {AGAIN}")


def _heading(name: str, number: int, names: list[str]) -> _Heading:
    if names.count(RECORD) != 1:
        if len(_NAMES.intersection(names)) < 3:
            what = ("the first row is not the heading that an export begins with. Put it back, or: " + AGAIN)
        elif RECORD in names:
            what = f"the column “{RECORD}” is there twice. Keep only the one of the export, or: {AGAIN}"
        else:
            what = (f"the column “{RECORD}” is missing, and only in it a record is whole; perhaps it was deleted, or "
                    f"the file is from an older version. {AGAIN}")
        raise refused(name, what, number)
    record = names.index(RECORD)
    end = next((column for column in range(record + 1, len(names)) if names[column]), None)
    return _Heading(record, end, tuple((each, names.index(each), of) for each, of in _COMPARED if each in names))


def _record(heading: _Heading, cells: list[str]) -> str:
    pieces = cells[heading.record:heading.end]
    while pieces and not pieces[-1]:
        pieces.pop()
    if not pieces or not pieces[0]:
        raise Wrong(f"the column “{RECORD}” is empty in this row. Rows written by hand cannot be imported; delete "
                    f"the row, or: {AGAIN}")
    if strange := [piece for piece in pieces[1:] if not piece.startswith(CONTINUED)]:
        raise Wrong(f"behind “{RECORD}” stands {strange[0][:40]!a}, which does not belong to it. Give a column of your "
                    f"own a heading, or: {AGAIN}")
    try:
        record, body = record_of(pieces[0] + "".join(piece.removeprefix(CONTINUED) for piece in pieces[1:]))
    except Wrong as trouble:
        if any(len(piece.encode("utf-16-le", "surrogatepass")) // 2 >= _EXCEL_CUTS for piece in pieces):
            raise Wrong(f"the column “{RECORD}” was cut at {_EXCEL_CUTS} characters, as Excel does without a word. "
                        "Import the file as it was exported, or the JSONL file.") from trouble
        raise Wrong(f"the column “{RECORD}” was changed or cut: {trouble}") from trouble
    for name, column, of in heading.compared:
        cell = cells[column] if column < len(cells) else ""
        try:
            value = readable(of(record))
        except (LookupError, TypeError, AttributeError):
            continue  # no such record at all, which its receiver says better
        if cell != value and not _same(cell, value):
            raise Wrong(f"the column “{name}” says {cell[:60]!r} and the record {str(value)[:60]!r}. The record counts "
                        "and what was changed beside it, by hand or by the spreadsheet program, would be lost: undo "
                        f"it, or: {AGAIN}")
    return body


def _same(cell: str, value: Any) -> bool:
    """Whether a cell still says the same when white space, the apostrophe that makes it harmless, and the way
    to write a number do not count."""
    value = "" if value is None else value
    if isinstance(value, int):
        try:
            return float(cell.replace(",", ".")) == value
        except ValueError:
            return False
    return not isinstance(value, str) or bool(_LIKE_AN_ESCAPE.search(value)) or _bare(cell) == _bare(value)


def _bare(text: str) -> str:
    return " ".join(text.removeprefix("'").split())
