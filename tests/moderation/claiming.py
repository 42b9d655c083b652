"""Claims in tests."""

from datetime import timedelta

from sqlalchemy import update

from participation.database import Database, now
from participation.waiting import Waiting


def claims_end(database: Database) -> None:
    """The time passes for which entries were claimed."""
    with database.change() as session:
        session.execute(update(Waiting).values(held_until=now() - timedelta(seconds=1)))
