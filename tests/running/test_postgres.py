"""The PostgreSQL that tests stand on: it answers, can what search needs, and keeps tests apart."""

from sqlalchemy import create_engine, text

from tests.databases import Server, fresh_database


def test_it_answers_and_has_what_search_needs(postgres: Server) -> None:
    engine = create_engine(fresh_database(postgres), isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        assert connection.scalar(text("SELECT 1")) == 1
        connection.execute(text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
        near = connection.scalar(text("SELECT similarity('Spielplatz', 'Spielplätze')"))
    engine.dispose()
    assert near > 0.4


def test_what_one_test_writes_another_does_not_see(postgres: Server) -> None:
    one, other = (create_engine(fresh_database(postgres)) for _ in range(2))
    with one.begin() as connection:
        connection.execute(text("CREATE TABLE mine (id integer)"))
    with other.connect() as connection:
        assert connection.scalar(text("SELECT to_regclass('mine')")) is None
    one.dispose()
    other.dispose()
