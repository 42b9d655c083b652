"""Everything about one person, and nothing about anybody else, whatever tables there are."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import Column, ForeignKey, Integer, MetaData, String, Table, insert, select
from sqlalchemy.orm import Session

import wsgi  # noqa: F401 - every table there is
from participation.city import City
from participation.database import ACTED, INTERNAL, Base, Database, now, personal
from participation.demo import fill
from participation.demo_office import fill as fill_office
from participation.jobs import House
from participation.people import own_data
from participation.people.model import Person
from participation.people.own_data import handed_out, ways
from participation.settings import Settings
from tests.counting import counted


def _personal(**more: Any) -> dict[Any, Any]:
    return personal("w", why="y", keep="k", ends="keep", **more)


def _read(session: Session, person: Person, **more: Any) -> dict[str, list[dict[str, Any]]]:
    """What is handed out, by table and sense."""
    document = json.loads("".join(handed_out(session, person, {"person": person.email}, **more)))
    assert document["about"] == {"person": person.email}
    return {f"{each['table']}.{each['rows_are']}": each["rows"] for each in document["data"]}


def test_every_declared_column_is_handed_out_or_says_why_not() -> None:
    for table in Base.metadata.tables.values():
        for name, way in ways(table).items():
            assert way in ("own", "part", ACTED, INTERNAL), f"no way leads to {table.name}.{name}"
        for column in table.columns:
            if any(key.column.table.name == "person" for key in column.foreign_keys):
                assert "personal" in column.info, f"{table.name}.{column.name} names a person and declares nothing"
            if any(word in column.name for word in ("salt", "digest", "secret")) and "personal" not in column.info:
                owned = "own" in ways(table).values() or "part" in ways(table).values()
                assert not owned or column.info.get("machinery"), f"{table.name}.{column.name} would be handed out"


def test_a_row_is_one_persons_own() -> None:
    for table in Base.metadata.tables.values():
        owners = [column.name for column in table.columns if any(
            key.column.table.name == "person" for key in column.foreign_keys) and ways(table)[column.name] == "own"]
        assert len(owners) < 2, f"{table.name} would be handed out to all of {owners}: which of them acted?"


def test_what_is_internal_is_internal_and_nothing_else() -> None:
    found = {f"{table.name}.{column}" for table in Base.metadata.tables.values()
             for column, way in ways(table).items() if way == INTERNAL}
    assert found == {"moderation_note.body", "moderation_hint.passage", "bulk_entry.name"}


@pytest.fixture
def city_at_work(app: Flask, database: Database, city: City, settings: Settings) -> Database:
    """The demo city with its office: people of every kind who did everything there is to do."""
    with database.change() as session:
        fill(session, city, now())
    with database.change() as session, app.app_context():
        fill_office(session, House(settings, city, now()))
    return database


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)  # filling takes long
def test_of_everybody_all_of_theirs_and_nothing_of_others(city_at_work: Database) -> None:
    with city_at_work.reading() as session:
        people = session.scalars(select(Person).order_by(Person.id)).all()
        assert len(people) > 10
        people = [*people[:12], *people[-3:]]
        handed: dict[str, set[int]] = {}
        for person in people:
            found = _read(session, person)
            assert [row["email"] for row in found["person.own"]] == [person.email]
            for table in Base.metadata.tables.values():
                _compare(session, table, person, found, handed)
    assert {"idea", "comment", "support", "idea_version"} <= handed.keys()


def _compare(session: Session, table: Table, person: Person, found: dict[str, Any],
             handed: dict[str, set[int]]) -> None:
    """The rows of a table that name this person, asked for column by column, are those that were handed out."""
    for column in table.columns:
        declared = column.info.get("personal")
        if declared is None or not any(key.column.table.name == "person" for key in column.foreign_keys):
            continue
        mine = select(*table.primary_key.columns).where(column == person.id)
        if declared.unless:
            mine = mine.where(table.c[declared.unless].is_(None))
        keys = {tuple(row) for row in session.execute(mine)}
        rows = found.get(f"{table.name}.{'own' if declared.whose == 'own' else 'acted'}", [])
        given = {tuple(row[key.name] for key in table.primary_key.columns) for row in rows
                 if row.get(column.name) == person.id}
        assert given == keys, f"{table.name}.{column.name} of {person.id}"
        assert not [row for row in rows for name in row if name == column.name and row[name] != person.id]
        handed.setdefault(table.name, set()).update(hash(key) for key in keys)
    if table.name in ("idea_version", "comment_version"):
        whole = table.name.split("_")[0]
        owned = {row["id"] for row in found.get(f"{whole}.own", [])}
        assert {row[f"{whole}_id"] for row in found.get(f"{table.name}.own", [])} <= owned
        handed.setdefault(table.name, set()).update(owned)


def test_a_table_of_tomorrow_is_in_it_by_itself(database: Database) -> None:
    tomorrow = MetaData()
    Person.__table__.to_metadata(tomorrow)  # type: ignore[attr-defined]
    photo = Table("photo", tomorrow, Column("id", Integer, primary_key=True),
                  Column("owner_id", ForeignKey("person.id"), info=_personal()),
                  Column("seen_by_id", ForeignKey("person.id"), info=_personal(whose=ACTED)),
                  Column("caption", String, info=_personal()), Column("salt", String, info={"machinery": True}))
    frame = Table("frame", tomorrow, Column("id", Integer, primary_key=True),
                  Column("photo_id", ForeignKey("photo.id")), Column("engraved", String, info=_personal()))
    letter = Table("letter", tomorrow, Column("id", Integer, primary_key=True),
                   Column("email", String, info=_personal()), Column("words", String, info=_personal()))
    tomorrow.create_all(database.engine, [photo, frame, letter])
    with database.change() as session:
        me, other = Person(email="me@example.org", created_at=now()), Person(email="o@example.org", created_at=now())
        session.add_all([me, other])
        session.flush()
        session.execute(insert(photo), [
            {"id": 1, "owner_id": me.id, "seen_by_id": other.id, "caption": "Mine", "salt": "s"},
            {"id": 2, "owner_id": other.id, "seen_by_id": me.id, "caption": "Theirs", "salt": "s"}])
        session.execute(insert(frame), [{"id": 1, "photo_id": 1, "engraved": "M"},
                                        {"id": 2, "photo_id": 2, "engraved": "T"}])
        session.execute(insert(letter), [{"id": 1, "email": "me@example.org", "words": "To me"},
                                         {"id": 2, "email": "", "words": "To nobody"}])
    with database.reading() as session:
        found = _read(session, me, metadata=tomorrow)
        assert found["photo.own"] == [{"id": 1, "owner_id": me.id, "caption": "Mine"}]
        assert found["photo.acted"] == [{"id": 2, "seen_by_id": me.id}]
        assert found["frame.own"] == [{"id": 1, "photo_id": 1, "engraved": "M"}]
        assert found["letter.own"] == [{"id": 1, "email": "me@example.org", "words": "To me"}]
        nobody = Person(id=me.id, email=None, created_at=now())
        assert "letter.own" not in _read(session, nobody, metadata=tomorrow)


def test_many_rows_come_in_portions(database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_data, "_AT_ONCE", 7)
    tomorrow = MetaData()
    Person.__table__.to_metadata(tomorrow)  # type: ignore[attr-defined]
    walk = Table("walk", tomorrow, Column("day", Integer, primary_key=True), Column("way", Integer, primary_key=True),
                 Column("person_id", ForeignKey("person.id"), info=_personal()))
    tomorrow.create_all(database.engine, [walk])
    with database.change() as session:
        me = Person(email="me@example.org", created_at=now())
        session.add(me)
        session.flush()
        session.execute(insert(walk), [{"day": n // 3, "way": n % 3, "person_id": me.id} for n in range(50)])
    with counted(database) as asked, database.reading() as session:
        pieces: Iterator[str] = handed_out(session, me, {}, metadata=tomorrow)
        document = json.loads("".join(pieces))
    assert [(row["day"], row["way"]) for row in document["data"][1]["rows"]] == [(n // 3, n % 3) for n in range(50)]
    assert sum("FROM walk" in statement for statement in asked) == 8
