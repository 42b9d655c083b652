"""The database's shape: brought up to date by Alembic, and asked whether it is."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text

FOLDER = Path(__file__).with_name("migrations")
_LOCK = 0x6D696772  # "migr": PostgreSQL's advisory lock, so that two starting processes migrate one after the other


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(FOLDER))
    config.set_main_option("path_separator", "os")
    return config


def head() -> str:
    """The newest revision there is."""
    return str(ScriptDirectory.from_config(_config()).get_current_head())


def is_current(engine: Engine) -> bool:
    """Whether the database stands at the newest revision."""
    with engine.connect() as connection:
        return MigrationContext.configure(connection).get_current_revision() == head()


def upgrade(engine: Engine) -> None:
    """Bring the database up to date; safe to call at every start and from several processes."""
    config = _config()
    if engine.dialect.name != "postgresql":
        config.attributes["engine"] = engine
        command.upgrade(config, "head")
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        guard.execute(text("SET lock_timeout = 0"))  # another process may be migrating for long
        guard.execute(text("SELECT pg_advisory_lock(:lock)"), {"lock": _LOCK})
        try:
            config.attributes["engine"] = engine
            command.upgrade(config, "head")
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:lock)"), {"lock": _LOCK})
