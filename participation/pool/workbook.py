"""Reading the one sheet of an XLSX workbook, row by row and in constant memory.

Written on expat because a workbook that Excel saved keeps all its texts in one table, which other
readers hold in memory whole. What it keeps lies in a temporary file here. Everything that a record's
sheet has no business with (formulas, merged cells, document types, bombs) is refused, not interpreted.
"""

import os
import re
import struct
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import IO, Any
from xml.parsers import expat

from participation.errors import Unsafe
from participation.pool.files import ROWS
from participation.pool.strict import AGAIN

ROW_MAX = 16 * 2**20  # characters of one row
_TOKEN_MAX = 2**20  # bytes of a comment or a tag, which expat reads from its beginning with every chunk
UNPACKED_MAX = 4 * 2**30
_RATIO, _RATIO_FROM = 500, 16 * 2**20  # a file may shrink that much only while it is small
_TEXTS_MAX = 10_000_000
_TEXT_MAX = 32_767  # characters; without it, a few bytes that name a long text again and again would fill the memory
_COLUMNS_MAX = 16_384
_CHUNK = 16 * 1024
_ESCAPE = re.compile("_x([0-9A-Fa-f]{4})_")
_DAMAGED = (zipfile.BadZipFile, zlib.error, expat.ExpatError, struct.error, EOFError, NotImplementedError, ValueError,
            LookupError, OverflowError, OSError)
AS_XLSX = "Open it in the spreadsheet program and save it as “Excel workbook (.xlsx)”"


def rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a workbook that has one sheet, with the numbers they bear there. Raises Unsafe for what is
    no such workbook; merged cells stand at the end of a sheet, so that they are told last."""
    try:
        with zipfile.ZipFile(path) as archive:
            _check(archive, path.name)
            sheet, table = _where(archive, path.name)
            with _Texts(path.name) as texts:
                if table:
                    with archive.open(table) as source:
                        for _ in _read(source, texts, path.name):
                            pass
                    texts.file.flush()
                cells = _Cells(path.name, texts.__getitem__)
                with archive.open(sheet) as source:
                    for _ in _read(source, cells, path.name):
                        yield from cells.done
                        cells.done.clear()
    except _DAMAGED as trouble:
        raise refused(path.name, "the workbook is not whole; copying or downloading it was perhaps broken off. "
                      f"Fetch it once more. ({trouble})") from trouble


def refused(name: str, what: str, line: int = 0) -> Unsafe:
    """The refusal of a whole file; `line` is the row where it shows, 0 when it is no row's."""
    where = f"{name}, row {line}" if line else name
    return Unsafe("unreadable", what=f"{where}: {what}", line=line)


def _check(archive: zipfile.ZipFile, name: str) -> None:
    entries = archive.infolist()
    names = {entry.filename for entry in entries}
    if any(entry.flag_bits & 1 for entry in entries):
        raise refused(name, "the file is protected by a password. Save it without one.")
    if "xl/workbook.xml" not in names:
        if "xl/workbook.bin" in names or "content.xml" in names:
            raise refused(name, f"this is another kind of spreadsheet than XLSX. {AS_XLSX}.")
        raise refused(name, "this is a ZIP archive and no XLSX workbook. Unpack it and import the file inside.")
    if any(entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) for entry in entries):
        raise refused(name, f"the workbook is packed in an unusual way. {AS_XLSX}.")
    if sum(entry.file_size for entry in entries) > UNPACKED_MAX or any(
            entry.file_size > max(_RATIO_FROM, _RATIO * entry.compress_size) for entry in entries):
        raise refused(name, "unpacked, the workbook would be far larger than records are. Import the records as "
                      "JSONL, or in several files.")


def _where(archive: zipfile.ZipFile, name: str) -> tuple[str, str]:
    """The names of the sheet's part and of the table of texts ("" without one)."""
    sheets: list[tuple[str, str]] = []
    targets: dict[str, str] = {}
    table = ""

    def sheet(tag: str, attributes: dict[str, str]) -> None:
        if _local(tag) == "sheet":
            relation = next((value for key, value in attributes.items() if key.endswith(":id")), "")
            sheets.append((attributes["name"], relation))

    def relation(tag: str, attributes: dict[str, str]) -> None:
        nonlocal table
        if _local(tag) == "Relationship":
            target = attributes["Target"]
            target = target[1:] if target.startswith("/") else "xl/" + target
            targets[attributes["Id"]] = target
            if attributes["Type"].endswith("/sharedStrings"):
                table = target

    for part, told in (("xl/workbook.xml", sheet), ("xl/_rels/workbook.xml.rels", relation)):
        if archive.getinfo(part).file_size > ROW_MAX:
            raise refused(name, f"the workbook is far larger inside than records are. {AGAIN}")
        parser = _parser(name)
        parser.StartElementHandler = told
        parser.Parse(archive.read(part), True)
    if not sheets:
        raise ValueError("no sheet in it")
    if len(sheets) > 1:
        shown = ", ".join(f"“{title[:40]}”" for title, _ in sheets[:5])
        raise refused(name, f"the workbook has {len(sheets)} sheets ({shown}), and it is not sure which one counts. "
                      "Keep only the one with the records.")
    return targets[sheets[0][1]], table


def _local(tag: str) -> str:
    return tag.rpartition(":")[2]


def _parser(name: str) -> expat.XMLParserType:
    def doctype(*_: object) -> None:
        # Entities are what XML bombs are made of; no office program writes a document type.
        raise refused(name, f"the workbook holds something that does not belong there. {AGAIN}")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartDoctypeDeclHandler = doctype
    return parser


def _read(source: IO[bytes], gathers: Any, name: str) -> Iterator[None]:
    """Let expat tell `gathers` of a part, a chunk at a time."""
    parser = _parser(name)
    parser.StartElementHandler = gathers.start
    parser.EndElementHandler = gathers.end
    parser.CharacterDataHandler = gathers.text
    fed = 0
    while chunk := source.read(_CHUNK):
        parser.Parse(chunk, False)
        fed += len(chunk)
        if fed - parser.CurrentByteIndex > _TOKEN_MAX:
            raise refused(name, f"the workbook holds something too long for a record. {AGAIN}")
        yield
    parser.Parse(b"", True)
    yield


def _decoded(value: str) -> str:
    """Without the escapes in which a workbook writes what XML cannot hold."""
    return _ESCAPE.sub(lambda found: chr(int(found[1], 16)), value) if "_x" in value else value


class _Texts:
    """The workbook's table of texts, kept in a temporary file; a number gives a text."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.parts: list[str] = []
        self.held, self.taking, self.aside = 0, False, False
        self.file = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        self.ends = array("Q", [0])

    def __enter__(self) -> "_Texts":
        return self

    def __exit__(self, *_: object) -> None:
        self.file.close()

    def start(self, tag: str, _: dict[str, str]) -> None:
        match _local(tag):
            case "si":
                self.parts, self.held = [], 0
            case "t":
                self.taking = not self.aside
            case "rPh":  # how a text is pronounced, which is no part of it
                self.aside = True

    def end(self, tag: str) -> None:
        match _local(tag):
            case "si":
                text = _decoded("".join(self.parts))
                if len(self.ends) > _TEXTS_MAX or len(text) > _TEXT_MAX:
                    raise refused(self.name, "the workbook holds more texts, or longer ones, than Excel writes. Import "
                                  "the records as JSONL.")
                kept = text.encode("utf-8", "surrogatepass")
                self.file.write(kept)
                self.ends.append(self.ends[-1] + len(kept))
            case "t":
                self.taking = False
            case "rPh":
                self.aside = False

    def text(self, data: str) -> None:
        if self.taking:
            self.held += len(data)
            if self.held > ROW_MAX:
                raise refused(self.name, f"the workbook holds something too long for a record. {AGAIN}")
            self.parts.append(data)

    def __getitem__(self, number: int) -> str:
        if not 0 <= number < len(self.ends) - 1:
            raise ValueError(f"no text {number}")
        begin = self.ends[number]
        return os.pread(self.file.fileno(), self.ends[number + 1] - begin, begin).decode("utf-8", "surrogatepass")


class _Cells:
    """The sheet's cells, gathered into rows: `done` holds those that are whole."""

    def __init__(self, name: str, text_of: Callable[[int], str]) -> None:
        self.name, self.text_of = name, text_of
        self.done: list[tuple[int, list[str]]] = []
        self.row, self.cells, self.held = 0, list[str](), 0
        self.column, self.kind, self.parts = 0, "", list[str]()
        self.inside, self.taking, self.aside = False, False, False

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        name = tag if ":" not in tag else _local(tag)
        if name == "c":
            self.inside, self.parts, self.kind = True, [], attributes.get("t", "n")
            self.column = _column(attributes["r"]) if "r" in attributes else len(self.cells)
            if self.column >= _COLUMNS_MAX:
                raise ValueError(f"column {self.column + 1}")
        elif name == "t" or name == "v":
            self.taking = self.inside and not self.aside
        elif name == "row":
            self.row, self.cells, self.held = int(attributes.get("r", self.row + 1)), [], 0
            if self.row > ROWS:
                raise refused(self.name, f"the sheet has more than {ROWS} rows. Import the records as JSONL.")
        elif name == "rPh":
            self.aside = True
        elif name == "f" and self.inside:
            raise refused(self.name, "a cell holds a formula, and what it shows is not what was exported. Put its "
                          f"value in its place (Paste Special, Values), or better: {AGAIN}", self.row)
        elif name == "mergeCell":
            raise refused(self.name, f"the cells {attributes.get('ref', '')[:20]} are merged, so that what stood in "
                          f"them is lost. {AGAIN}")

    def end(self, tag: str) -> None:
        name = tag if ":" not in tag else _local(tag)
        if name == "t" or name == "v":
            self.taking = False
        elif name == "c":
            value = "".join(self.parts)
            if value:
                value = self.text_of(int(value)) if self.kind == "s" else _decoded(value)
                self.held += len(value)
                if self.held > ROW_MAX:
                    raise refused(self.name, f"the row is too long for a record. {AGAIN}", self.row)
            del self.cells[self.column:]
            self.cells += [""] * (self.column - len(self.cells))
            self.cells.append(value)
            self.inside = False
        elif name == "row":
            self.done.append((self.row, self.cells))
        elif name == "rPh":
            self.aside = False

    def text(self, data: str) -> None:
        if self.taking:
            self.held += len(data)
            if self.held > ROW_MAX:
                raise refused(self.name, f"the row is too long for a record. {AGAIN}", self.row)
            self.parts.append(data)


@lru_cache(maxsize=32_768)
def _column_of(letters: str) -> int:
    if not 1 <= len(letters) <= 3:
        raise ValueError(f"no column {letters[:10]}")
    number = 0
    for letter in letters:
        number = number * 26 + "ABCDEFGHIJKLMNOPQRSTUVWXYZ".index(letter) + 1
    return number - 1


def _column(place: str) -> int:
    """Where a cell stands in its row, from 0: 3 for D5."""
    return _column_of(place.rstrip("0123456789"))
