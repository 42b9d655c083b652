"""The database's shape: models equal migrations, up and down, on both databases."""

from datetime import UTC, datetime

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import MetaData, insert, inspect, select

from participation import schema
from participation.database import Base, Database, Personal
from participation.outbox import Event
from participation.waiting import Waiting

# Made by hand in a migration, because only one of the databases has them.
BY_HAND = ("idea_search", "ix_idea_folded_trigrams")

# Columns whose names sound personal, and what they really hold.
HARMLESS = {("pool_received", "body"), ("pool_record", "body"), ("idea", "district"), ("idea_version", "district"),
            ("waiting", "district"),
            ("pool_received", "district"), ("pool_received", "title"), ("heartbeat", "name"), ("last_run", "name"),
            ("pool_item", "title"), ("pool_item", "district"), ("pool_act", "body"), ("pool_saved_view", "name"),
            ("api_token", "name"), ("project", "title"), ("project_milestone", "title"), ("outcome", "benefit")}


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


def test_what_waited_before_the_queue_was_a_table_waits_on(database: Database) -> None:
    config = schema._config()
    config.attributes["engine"] = database.engine
    command.downgrade(config, "0001")
    since = datetime(2026, 11, 3, 9, 30, tzinfo=UTC)
    old = MetaData()
    old.reflect(database.engine, only=["idea", "comment", "outbox_event"])
    common = {"public": False, "created_at": since, "language": "de", "waiting_since": since, "state": "submitted"}
    with database.engine.begin() as connection:
        connection.execute(insert(old.tables["idea"]), [{
            **common, "id": 1, "ref": "MZ-2026-00001", "title": "Eine Idee", "body": "b", "benefit": "", "field": "f",
            "district": "drais", "folded": "", "version": 1, "link_salt": "", "source_url": "",
            "supports": 0, "supports_city": 0, "supports_imported": 0, "supports_total": 0, "comments": 0}])
        connection.execute(insert(old.tables["comment"]), [{**common, "id": 7, "idea_id": 1, "body": "b",
                                                            "official": False}])
        connection.execute(insert(old.tables["outbox_event"]), [{
            "key": "k", "kind": "idea.submit", "about": {"idea_id": 1}, "at": since, "request_id": ""}])
    schema.upgrade(database.engine)
    with database.reading() as session:
        rows = session.scalars(select(Waiting).order_by(Waiting.kind)).all()
        assert [(row.kind, row.thing_id, row.district, row.since) for row in rows] == [
            ("comment", 7, "drais", since), ("idea", 1, "drais", since)]
        assert all(row.due > since for row in rows)
        assert session.scalars(select(Event.due)).one() == since
    command.downgrade(config, "0001")
    with database.engine.connect() as connection:
        assert connection.execute(select(old.tables["idea"].c.waiting_since)).scalar_one() is not None


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
