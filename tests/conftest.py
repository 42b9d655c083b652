"""Every test that touches the database runs on SQLite and on PostgreSQL, each on a database of its own."""

import os
import shutil
import socket
import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import event
from sqlalchemy.pool import Pool

import wsgi
from participation import schema
from participation.city import City, read_city
from participation.database import Database, make_engine, now
from participation.jobs import House
from participation.people.model import Person
from participation.people.signing_in import person_of
from participation.settings import HOUSE, Settings
from participation.web.door import Door
from participation.web.limits import limiter
from tests.databases import Reused, Server, start_postgres
from tests.people import Guest, Mailbox, Moderator, Officer, Resident
from tests.working import InHouse, work_off

BACKENDS = [name for name in ("sqlite", "postgresql") if os.environ.get("TEST_ONLY", name) == name]
SHARED = HOUSE.parent.parent / "shared" / "data"


@event.listens_for(Pool, "checkout")
def _unsafe(connection: Any, record: Any, _proxy: Any) -> None:
    """No power cut needs to be survived here: waiting for the disk took a tenth of the tests' time."""
    if isinstance(connection, sqlite3.Connection) and "unsafe" not in record.info:
        record.info["unsafe"] = connection.execute("PRAGMA synchronous=OFF")


@pytest.fixture(scope="session")
def mainz() -> City:
    """Mainz."""
    return read_city(HOUSE / "cities" / "mainz.toml")


@pytest.fixture(scope="session")
def city(mainz: City) -> City:
    """The city of the tests; some put another one here."""
    return mainz


@pytest.fixture(scope="session")
def two_languages(mainz: City) -> City:
    """Mainz, were its pages in German and English alone: for tests that count what is missing in the others."""
    return replace(mainz, languages=("de", "en"))


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder with real contributions and hostile strings; a test that needs it fails loudly without."""
    if not SHARED.exists():
        pytest.fail(f"the real input is missing: {SHARED.parent.name}/{SHARED.name} must stand beside the project")
    return SHARED


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """A PostgreSQL of this test run."""
    server = start_postgres()
    engine = make_engine(server.url)
    schema.upgrade(engine)
    engine.dispose()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def reused(postgres: Server) -> Iterator[Reused]:
    """The PostgreSQL database of the tests, one after the other."""
    made = Reused(postgres)
    yield made
    made.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite file to copy."""
    file = tmp_path_factory.mktemp("sqlite") / "template.sqlite"
    engine = make_engine(f"sqlite:///{file}")
    schema.upgrade(engine)
    with engine.connect() as connection:
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    engine.dispose()
    return file


@pytest.fixture(params=BACKENDS)
def database_url(request: pytest.FixtureRequest) -> str:
    """The address of an empty, migrated database: the same one for each test of this process."""
    if request.param == "sqlite":
        template: Path = request.getfixturevalue("sqlite_template")
        file = template.with_name("test.sqlite")
        for each in template.parent.glob("test.sqlite*"):
            each.unlink()  # not written over: what a test left open goes on with what it had
        shutil.copy(template, file)
        return f"sqlite:///{file}"
    emptied: str = request.getfixturevalue("reused").empty()
    return emptied


@pytest.fixture(scope="session")
def databases() -> dict[str, Database]:
    """The databases of this process by their address: an engine that is kept knows how statements are written."""
    return {}


@pytest.fixture
def database(database_url: str, databases: dict[str, Database]) -> Iterator[Database]:
    """An empty, migrated database."""
    if database_url not in databases:
        databases[database_url] = Database(database_url)
    made = databases[database_url]
    yield made
    made.engine.dispose()


@pytest.fixture
def settings(database_url: str, tmp_path: Path) -> Settings:
    """Settings of one machine; mail goes into a folder of the test."""
    return Settings(database_url=database_url, secret_key="test-secret-key-" * 3, pool_secret="test-pool-secret-" * 3,
                    data_dir=str(tmp_path / "data"), mail_url=f"file://{tmp_path / 'mail'}", public_url="http://localhost")


@pytest.fixture(scope="session")
def one_app(mainz: City, tmp_path_factory: pytest.TempPathFactory) -> Flask:
    """The application, made once; each test hangs its own door into it (compiling templates is slow)."""
    folder = tmp_path_factory.mktemp("app")
    made = Settings(database_url=f"sqlite:///{folder / 'none.sqlite'}", secret_key="test-secret-key-" * 3,
                    pool_secret="test-pool-secret-" * 3, data_dir=str(folder), public_url="http://localhost")
    return wsgi.create_app(made, mainz, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})


@pytest.fixture
def app(one_app: Flask, settings: Settings, city: City, database: Database) -> Iterator[Flask]:
    """The application on the test's database, without limits on how often."""
    one_app.extensions["door"] = Door(settings, city, database)
    limiter.enabled = False
    yield one_app
    limiter.enabled = True


@pytest.fixture
def limited(app: Flask) -> Iterator[None]:
    """With limits on how often, counted from nought; name it last, so that signing in is not counted."""
    limiter.enabled = True
    limiter.reset()
    yield
    limiter.reset()
    limiter.enabled = False


@pytest.fixture
def house(settings: Settings, city: City) -> Callable[[], House]:
    """What followers are handed."""
    return lambda: House(settings, city, now())


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """A browser."""
    return app.test_client()


@pytest.fixture
def deliver(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """Let the outbox work until nothing is due; the pool is reached at this application."""
    monkeypatch.setattr("participation.reaching.post", InHouse(app).post)
    return lambda: work_off(app)


@pytest.fixture
def mailbox(tmp_path: Path, deliver: Callable[[], int]) -> Mailbox:
    """The letters sent in this test."""
    return Mailbox(tmp_path / "mail", deliver)


@pytest.fixture
def guest(app: Flask, mailbox: Mailbox) -> Guest:
    """Somebody who has not signed in."""
    return Guest(app.test_client(), mailbox)


@pytest.fixture
def someone(app: Flask, database: Database, mailbox: Mailbox) -> Callable[..., Any]:
    """Make people: someone(Moderator, "m@example.org", role="moderator") is signed in at once."""

    def make(kind: type[Guest] = Resident, email: str = "resident@example.org", role: str = "resident",
             **columns: Any) -> Guest:
        with database.change() as session:
            person: Person = person_of(session, email, "en", now())
            person.role = role
            for name, value in columns.items():
                setattr(person, name, value)
            session.flush()
            key = f"{person.id}:{person.epoch}"
        visitor = kind(app.test_client(), mailbox)
        with visitor.client.session_transaction() as session_:
            session_["_user_id"], session_["_fresh"] = key, True
        return visitor

    return make


@pytest.fixture
def resident(someone: Callable[..., Any]) -> Resident:
    """A resident of the city, signed in."""
    found: Resident = someone(Resident, "resident@example.org", name="Rosa", lives_here=True, district="neustadt")
    return found


@pytest.fixture
def moderator(someone: Callable[..., Any]) -> Moderator:
    """A moderator, signed in."""
    found: Moderator = someone(Moderator, "moderator@example.org", role="moderator", name="Mo")
    return found


@pytest.fixture
def officer(someone: Callable[..., Any]) -> Officer:
    """Somebody of the CDO office, signed in."""
    found: Officer = someone(Officer, "officer@example.org", role="cdo", name="Ode")
    return found


@pytest.fixture
def unused_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
