"""The database's shape: models equal migrations, up and down, on both databases."""

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect

from participation import schema
from participation.database import Base, Database, Personal

# Made by hand in a migration, because only one of the databases has them.
BY_HAND = ("idea_search", "ix_idea_folded_trigrams")

# Columns whose names sound personal, and what they really hold.
HARMLESS = {("pool_received", "body"), ("pool_record", "body"), ("idea", "district"), ("idea_version", "district"),
            ("waiting", "district"),
            ("pool_received", "district"), ("pool_received", "title"), ("heartbeat", "name"), ("last_run", "name")}


def test_models_equal_migrations(database: Database) -> None:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"include_object": lambda _obj, name, *_rest: not str(
            name).startswith(BY_HAND)})
        assert compare_metadata(context, Base.metadata) == []


def test_down_and_up_again(database: Database) -> None:
    config = schema._config()
    config.attributes["engine"] = database.engine
    command.downgrade(config, "base")
    left = set(inspect(database.engine).get_table_names()) - {"alembic_version"}
    assert not left
    assert not schema.is_current(database.engine)
    schema.upgrade(database.engine)
    assert schema.is_current(database.engine)
    schema.upgrade(database.engine)  # a second time changes nothing


def test_personal_columns_say_so() -> None:
    sounds = ("email", "name", "author_id", "person_id", "body", "title", "benefit", "district", "language", "title")
    for table in Base.metadata.tables.values():
        for column in table.columns:
            declared = column.info.get("personal")
            if declared is not None:
                assert isinstance(declared, Personal)
                assert declared.ends in ("delete", "blank", "keep"), column
                assert declared.what and declared.why and declared.keep, column
            elif column.name in sounds and (table.name, column.name) not in HARMLESS:
                assert column.name in ("language", "benefit") and table.name != "person", f"{column} declares nothing"
