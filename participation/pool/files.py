"""Records as files: JSONL, CSV and XLSX, written as they are read, so that memory stays flat.

Office staff open these in Excel: the CSV has a byte order mark and semicolons, and no cell can act
as a formula, because what residents write is data, never code.
"""

import csv
import io
import json
import tempfile
from collections.abc import Callable, Iterable, Iterator
from typing import IO, Any

import xlsxwriter

COLUMNS: tuple[tuple[str, Callable[[dict[str, Any]], Any]], ...] = (
    ("sequence", lambda r: r["sequence"]),
    ("ref", lambda r: r["ref"]),
    ("revision", lambda r: r["revision"]),
    ("title", lambda r: r["title"]),
    ("body", lambda r: r["body"]),
    ("benefit", lambda r: r["benefit"]),
    ("language", lambda r: r["language"]),
    ("field", lambda r: r["field"]),
    ("district", lambda r: r["district"] or ""),
    ("supporters", lambda r: r["supporters"]["total"]),
    ("supporters_from_city", lambda r: r["supporters"]["from_city"]),
    ("supporters_imported", lambda r: r["supporters"]["imported"]),
    ("comments", lambda r: r["comments"]["count"]),
    ("guideline", lambda r: r["guidelines"][0]["key"]),
    ("guideline_benefit", lambda r: r["guidelines"][0]["benefit"]),
    ("who_benefits", lambda r: r["guidelines"][0]["who_benefits"]),
    ("statement", lambda r: r["decision"]["statement"]),
    ("submitted", lambda r: r["dates"]["submitted"] or ""),
    ("published", lambda r: r["dates"]["published"] or ""),
    ("accepted", lambda r: r["dates"]["accepted"] or ""),
    ("address", lambda r: r["address"]),
    ("digest", lambda r: r["provenance"]["digest"]),
)
MEDIA_TYPES = {
    "jsonl": "application/x-ndjson",
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CELL_MAX = 32_767  # characters an Excel cell holds
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def harmless(value: Any) -> Any:
    """A cell that no spreadsheet takes for a formula: an apostrophe before what could begin one (OWASP, CSV
    injection), also before the full-width signs, which some of them read as the narrow ones."""
    return "'" + value if isinstance(value, str) and value.startswith(_FORMULA) else value


def jsonl(bodies: Iterable[str]) -> Iterator[bytes]:
    """One canonical record a line."""
    for body in bodies:
        yield body.encode() + b"\n"


def csv_lines(bodies: Iterable[str]) -> Iterator[bytes]:
    """A CSV that Excel opens right: UTF-8 with byte order mark, semicolons, quoted line breaks."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow([name for name, _ in COLUMNS])
    yield b"\xef\xbb\xbf" + out.getvalue().encode()
    for body in bodies:
        out.seek(0)
        out.truncate()
        record = json.loads(body)
        writer.writerow([harmless(of(record)) for _, of in COLUMNS])
        yield out.getvalue().encode()


def xlsx(bodies: Iterable[str]) -> IO[bytes]:
    """A workbook in a temporary file that deletes itself when closed; row by row, in constant memory."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the reader closes it
    with xlsxwriter.Workbook(file, {"constant_memory": True, "strings_to_formulas": False,
                                    "strings_to_urls": False, "strings_to_numbers": False}) as book:
        sheet = book.add_worksheet("ideas")
        sheet.freeze_panes(1, 3)
        bold = book.add_format({"bold": True})
        for column, (name, _) in enumerate(COLUMNS):
            sheet.write_string(0, column, name, bold)
        for row, body in enumerate(bodies, start=1):
            record = json.loads(body)
            for column, (_, of) in enumerate(COLUMNS):
                value = of(record)
                if isinstance(value, str):
                    sheet.write_string(row, column, value[:_CELL_MAX])
                else:
                    sheet.write_number(row, column, value)
    file.seek(0)
    return file


def chunks(file: IO[bytes], size: int = 64 * 1024) -> Iterator[bytes]:
    """A file piece by piece, closed (and so deleted) at its end."""
    with file:
        while piece := file.read(size):
            yield piece


def written(bodies: Iterable[str], kind: str) -> Iterator[bytes]:
    """The records in one of the three kinds of file."""
    if kind == "xlsx":
        return chunks(xlsx(bodies))
    return csv_lines(bodies) if kind == "csv" else jsonl(bodies)
