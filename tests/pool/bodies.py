"""Canonical records made without a database, and the files they are written to."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from participation.pool import files, sheets
from participation.pool.record import canonical, digest

KINDS = tuple(files.MEDIA_TYPES)


def body(sequence: int = 1, comments: Iterable[str] = (), **changes: Any) -> str:
    """A record's canonical text, with its digest."""
    said = [{"body": each, "language": "de", "at": "2026-11-21T10:00:00+00:00"} for each in comments]
    record: dict[str, Any] = {
        "schema": "idea-record-1", "sequence": sequence, "ref": f"MZ-2026-{sequence:05}", "revision": 1,
        "address": f"https://mitreden.example/de/ideas/MZ-2026-{sequence:05}", "title": "Bänke am Rhein",
        "body": "Mehr Bänke;\nmit \"Lehne\".", "benefit": "Ausruhen", "language": "de", "translations": [],
        "field": "umwelt", "needs": ["ruhe"], "district": None,
        "dates": {"submitted": "2026-11-01T10:00:00+00:00", "published": None, "accepted": None,
                  "quorum_reached": None},
        "supporters": {"total": 12, "from_city": 7, "imported": 0, "per_district": {"altstadt": 5}},
        "comments": {"count": len(said), "published": said},
        "guidelines": [{"key": "citizens-at-the-centre", "benefit": "Shade", "who_benefits": "Everyone",
                        "evidence": {"supporters": 12, "supporters_from_city": 7, "comments": 0}}],
        "decision": {"move": "accept", "at": "2026-11-21T10:00:00+00:00", "statement": "Wir prüfen es.",
                     "statement_language": "de"},
        "provenance": {"site": "https://mitreden.example", "city": "mainz", "version": "1", "previous": ""},
    }
    record |= changes
    record["provenance"]["digest"] = digest(record)
    return canonical(record)


def file_of(folder: Path, kind: str, bodies: Iterable[str]) -> Path:
    """The records written to a file of that kind."""
    path = folder / f"records.{kind}"
    path.write_bytes(b"".join(files.written(bodies, kind)))
    return path


def only_trouble(path: Path) -> sheets.Line:
    """The one thing that is wrong with a file, which comes last and names the file."""
    lines = list(sheets.read_records(path))
    assert [bool(line.trouble) for line in lines] == [False] * (len(lines) - 1) + [True], lines
    last = lines[-1]
    assert last.trouble.startswith(path.name) and not last.body and last.trouble.endswith((".", ")", "?"))
    return last
