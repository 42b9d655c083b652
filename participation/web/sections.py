"""Figures as tables: the same for a page and for its CSV.

The CSV is opened in spreadsheets: UTF-8 with a byte order mark and semicolons, numbers as the language writes them
(a German sheet takes 1.5 for the first of May), no cell that could act as a formula.
"""

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from babel.numbers import format_decimal

from participation.pool.files import harmless
from participation.web.language import locale_of, speaking

Value = int | float | str | None
UNKNOWN = "–"


@dataclass(frozen=True, slots=True)
class Section:
    """A table: its name, the heading of each column, and rows of a name with values. A value None is not known, or is
    not told; `missing` says which."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, *tuple[Value, ...]], ...]
    note: str = ""
    missing: str = UNKNOWN

    def shown(self, value: Value, grouped: bool = True) -> str:
        """A value of this table as the language writes it."""
        if value is None or isinstance(value, str):
            return self.missing if value is None else value
        return str(format_decimal(value, locale=locale_of(speaking()), group_separator=grouped))


def csv_of(first: Sequence[str], sections: Iterable[Section]) -> bytes:
    """The tables as rows of section, what and value; `first` is the row that says what the figures are of."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(("section", "what", "value"))
    writer.writerow([harmless(cell) for cell in first])
    for section in sections:
        for name, *values in section.rows:
            for column, value in zip(section.columns[1:], values, strict=True):
                what = name if len(values) == 1 else f"{name}: {column}"
                said = "" if value is None and section.missing == UNKNOWN else section.shown(value, grouped=False)
                writer.writerow([harmless(cell) for cell in (section.name, what, said)])
    return b"\xef\xbb\xbf" + out.getvalue().encode()
