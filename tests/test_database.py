"""The engine: nobody waits behind a lock without end, a moment keeps its zone, a change is whole or nothing."""

from datetime import datetime

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import OperationalError, StatementError

from participation.database import Database, now
from participation.people.model import Person


def test_a_change_is_whole_or_nothing(database: Database) -> None:
    with pytest.raises(RuntimeError), database.change() as session:
        session.add(Person(email="a@example.org", created_at=now()))
        session.flush()
        raise RuntimeError("in the middle")
    with database.reading() as session:
        assert session.scalars(select(Person)).all() == []


def test_moments_come_back_as_they_went(database: Database) -> None:
    moment = now()
    with database.change() as session:
        session.add(Person(email="a@example.org", created_at=moment))
    with database.reading() as session:
        assert session.scalars(select(Person.created_at)).one() == moment
    with pytest.raises(StatementError, match="without a time zone"), database.change() as session:
        session.add(Person(email="b@example.org", created_at=datetime(2026, 1, 1)))


def test_nobody_waits_behind_a_lock_without_end(database: Database) -> None:
    if database.engine.dialect.name == "sqlite":
        with database.reading() as session:
            assert session.scalar(text("PRAGMA busy_timeout")) == 30_000
            assert session.scalar(text("PRAGMA journal_mode")) == "wal"
            assert session.scalar(text("PRAGMA foreign_keys")) == 1
        return
    with database.reading() as session:
        assert session.scalar(text("SHOW lock_timeout")) == "30s"
    with database.change() as holder:
        holder.execute(text("LOCK TABLE person IN ACCESS EXCLUSIVE MODE"))
        with database.reading() as session:
            session.execute(text("SET LOCAL lock_timeout = '200ms'"))
            with pytest.raises(OperationalError):
                session.scalars(select(Person)).all()
