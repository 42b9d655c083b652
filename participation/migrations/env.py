"""Alembic's entry: runs the migrations on the engine that participation/schema.py hands it."""

from typing import Any, Literal

from alembic import context
from sqlalchemy import Engine

from participation.database import Base, UTCDateTime


def _render(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """New migrations name SQLAlchemy's own types, so that they outlive ours."""
    if kind == "type" and isinstance(item, UTCDateTime):
        return "sa.DateTime(timezone=True)"
    return False


def _run(engine: Engine) -> None:
    with engine.connect() as connection:
        sqlite = engine.dialect.name == "sqlite"
        if sqlite:
            # Altering a table copies it; with foreign keys on, that would delete the rows that hang on it.
            # Inside a transaction the pragma does nothing, so it is said before any begins.
            connection.connection.driver_connection.execute("PRAGMA foreign_keys=OFF")  # type: ignore[union-attr]
        context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True,
                          transaction_per_migration=True, render_item=_render, compare_type=False)
        with context.begin_transaction():
            context.run_migrations()
        connection.commit()
        if sqlite:
            driver: Any = connection.connection.driver_connection
            broken = driver.execute("PRAGMA foreign_key_check").fetchall()
            driver.execute("PRAGMA foreign_keys=ON")
            if broken:
                raise RuntimeError(f"the migration left {len(broken)} rows without what they belong to")


_run(context.config.attributes["engine"])
