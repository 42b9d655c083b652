"""Records as files: JSONL, CSV and XLSX, written as they are read, so that memory stays flat.

Office staff open these in Excel: the CSV has a byte order mark and semicolons, and no cell can act
as a formula, because what residents write is data, never code. Behind the readable columns stands
the whole record, so that `sheets.py` can make it again, byte for byte.
"""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from datetime import datetime
from typing import IO, Any

import xlsxwriter

from participation.errors import Unsafe

# Heading, width in a workbook, value. A cell shows, the record counts: sheets.py tells when they differ.
COLUMNS: tuple[tuple[str, int, Callable[[dict[str, Any]], Any]], ...] = (
    ("sequence", 10, lambda r: r["sequence"]),
    ("ref", 16, lambda r: r["ref"]),
    ("revision", 9, lambda r: r["revision"]),
    ("title", 50, lambda r: r["title"]),
    ("body", 60, lambda r: r["body"]),
    ("benefit", 30, lambda r: r["benefit"]),
    ("language", 10, lambda r: r["language"]),
    ("translations", 12, lambda r: len(r.get("translations") or ())),
    ("field", 16, lambda r: r["field"]),
    ("needs", 16, lambda r: ", ".join(r.get("needs") or ())),
    ("district", 16, lambda r: r["district"] or ""),
    ("place", 24, lambda r: _place(r.get("place"))),
    ("supporters", 11, lambda r: r["supporters"]["total"]),
    ("supporters_from_city", 20, lambda r: r["supporters"]["from_city"]),
    ("supporters_imported", 20, lambda r: r["supporters"]["imported"]),
    ("comments", 10, lambda r: r["comments"]["count"]),
    ("guideline", 24, lambda r: r["guidelines"][0]["key"]),
    ("guideline_benefit", 40, lambda r: r["guidelines"][0]["benefit"]),
    ("who_benefits", 30, lambda r: r["guidelines"][0]["who_benefits"]),
    ("statement", 50, lambda r: r["decision"]["statement"]),
    ("submitted", 26, lambda r: r["dates"]["submitted"] or ""),
    ("published", 26, lambda r: r["dates"]["published"] or ""),
    ("accepted", 26, lambda r: r["dates"]["accepted"] or ""),
    ("revision_reason", 20, lambda r: r.get("revision_reason") or ""),
    ("merged", 20, lambda r: ", ".join(map(_ref, r.get("merged") or ()))),
    ("address", 40, lambda r: r["address"]),
    ("digest", 16, lambda r: r["provenance"]["digest"]),
)
RECORD = "record"  # the last column; what does not fit into it goes on in the unnamed columns behind it
CONTINUED = "|"  # so begins a cell that goes on: never a formula, never a number, never white space that gets lost
PART = 32_000  # UTF-16 units of a cell; Excel holds 32,767 and cuts the rest without a word
ROWS = 1_048_576  # of a sheet, the heading among them
MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_NO_TIME = datetime(2000, 1, 1)  # stands in every workbook, so that the same records give the same bytes
_PIECE = 64 * 1024


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what could begin one (OWASP, CSV
    injection), also before the full-width signs, which some of them read as the narrow ones."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def parts(text: str) -> list[str]:
    """A text in cells that Excel can hold: the first as it is, each further one marked as continued."""
    # Where every character may take two units, half as many fit for certain and no pair is torn apart.
    step = PART - 1 if len(text.encode("utf-16-le")) == 2 * len(text) else PART // 2 - 1
    cells = [text[begin:begin + step] for begin in range(0, len(text), step)] or [""]
    return [cells[0], *(CONTINUED + cell for cell in cells[1:])]


def readable(value: Any) -> Any:
    """What a readable cell shows of a value: a text that no cell holds ends in an ellipsis."""
    if isinstance(value, str) and len(value) > PART // 2 - 1 and len(cells := parts(value)) > 1:
        return cells[0] + "…"
    return value


def jsonl(bodies: Iterable[str]) -> Iterator[bytes]:
    """One canonical record a line."""
    for body in bodies:
        yield body.encode() + b"\n"


def csv_lines(bodies: Iterable[str]) -> Iterator[bytes]:
    """A CSV that Excel opens right: UTF-8 with byte order mark, semicolons, quoted line breaks."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    out.write("\ufeff")
    writer.writerow([*(name for name, _, _ in COLUMNS), RECORD])
    for body in bodies:
        record = json.loads(body)
        writer.writerow([*(harmless(readable(of(record))) for _, _, of in COLUMNS), *parts(body)])
        if out.tell() > _PIECE:
            yield out.getvalue().encode()
            out.seek(0)
            out.truncate()
    yield out.getvalue().encode()


def xlsx(bodies: Iterable[str]) -> IO[bytes]:
    """A workbook in a temporary file that deletes itself when closed; row by row, in constant memory. Raises Unsafe
    when there are more records than a sheet has rows."""
    with ExitStack() as given_up:
        file = given_up.enter_context(tempfile.TemporaryFile())
        _fill(file, bodies)
        file.seek(0)
        given_up.pop_all()  # the reader closes it
    return file


def _fill(file: IO[bytes], bodies: Iterable[str]) -> None:
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False,
                                    "strings_to_urls": False, "strings_to_numbers": False}) as book:
        book.set_properties({"created": _NO_TIME})
        sheet = book.add_worksheet("ideas")
        sheet.freeze_panes(1, 4)
        bold = book.add_format({"bold": True})
        for column, (name, width, _) in enumerate(COLUMNS):
            sheet.set_column(column, column, width)
            sheet.write_string(0, column, name, bold)
        sheet.write_string(0, len(COLUMNS), RECORD, bold)
        row = 0
        for row, body in enumerate(bodies, start=1):
            if row == ROWS:
                raise Unsafe("too_many_rows", what=f"There are more records than the {ROWS - 1} that a spreadsheet "
                             "has room for. Export them as CSV or JSONL.")
            record = json.loads(body)
            for column, (_, _, of) in enumerate(COLUMNS):
                value = readable(of(record))
                if not isinstance(value, str):
                    sheet.write_number(row, column, value)
                elif value:
                    sheet.write_string(row, column, _as_text(value))
            # A workbook writes an A as _x0041_ and readers decode it; in JSON the underscore has another spelling.
            for column, cell in enumerate(parts(body.replace("_x", r"\u005fx")), start=len(COLUMNS)):
                sheet.write_string(row, column, cell)
        sheet.autofilter(0, 0, row, len(COLUMNS))


def chunks(file: IO[bytes], size: int = _PIECE) -> Iterator[bytes]:
    """A file piece by piece, closed (and so deleted) at its end."""
    with file:
        while piece := file.read(size):
            yield piece


def written(bodies: Iterable[str], kind: str) -> Iterator[bytes]:
    """The records in one of the three kinds of file."""
    if kind == "xlsx":
        return chunks(xlsx(bodies))
    return csv_lines(bodies) if kind == "csv" else jsonl(bodies)


def _as_text(value: str) -> str:
    """XlsxWriter takes a text between <r> and </r> for finished XML and would write it as it stands: one idea with
    such a title would spoil the whole workbook. A space behind it makes it a text again."""
    return value + " " if value.startswith("<r>") and value.endswith("</r>") else value


def _ref(merged: Any) -> str:
    return merged if isinstance(merged, str) else str(merged.get("ref", ""))


def _place(place: Any) -> str:
    """Where the idea is about, for a cell: "Dom und Markt (49.999, 8.274)"."""
    if not isinstance(place, dict):
        return ""
    point = f"{place.get('latitude')}, {place.get('longitude')}"
    return f"{place['name']} ({point})" if place.get("name") else point
