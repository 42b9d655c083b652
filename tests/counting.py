"""Counting the queries that a page makes."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from participation.database import Database


@contextmanager
def counted(database: Database) -> Iterator[list[str]]:
    """The statements sent to the database inside the block, without BEGIN and its kin."""
    seen: list[str] = []

    def note(_conn: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "SAVEPOINT", "RELEASE", "PRAGMA")):
            seen.append(statement)

    event.listen(database.engine, "before_cursor_execute", note)
    try:
        yield seen
    finally:
        event.remove(database.engine, "before_cursor_execute", note)
