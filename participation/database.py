"""What all tables share: the base class, the types, the engine, and the two kinds of session.

Reads and changes are told apart here, because SQLite needs it: a transaction that begins by reading
and writes later loses to every other writer ("database is locked" at once, whatever the timeout),
so changes begin with BEGIN IMMEDIATE and wait their turn.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeAlias, cast

from sqlalchemy import CursorResult, DateTime, Dialect, Engine, MetaData, Result, Select, create_engine, event, make_url
from sqlalchemy.orm import DeclarativeBase, Session
from sqlalchemy.types import TypeDecorator

BUSY_SECONDS = 30

Query: TypeAlias = Select[*tuple[Any, ...]]  # a SELECT of whatever columns


class UTCDateTime(TypeDecorator[datetime]):
    """A moment in UTC; refuses one without a time zone, gives back one with it on every database."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment without a time zone was about to be stored")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Base(DeclarativeBase):
    """Every table's base; constraint names are fixed, so that migrations can name them."""

    metadata = MetaData(naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    })
    type_annotation_map = {datetime: UTCDateTime}  # noqa: RUF012 - SQLAlchemy reads it as it stands


# Whose data a column holds, as `people/own_data.py` hands it out: of the person whose row it is; of a member of staff
# who did something to somebody else's row, of which they get no more than when and what; of the office's own work,
# which is handed out by people and by no page.
OWN, ACTED, INTERNAL = "own", "acted", "internal"

MACHINERY: dict[Any, Any] = {"machinery": True}  # the `info` of a column that says nothing about anybody: salts, keys


@dataclass(frozen=True, slots=True)
class Personal:
    """Declares, in a column's `info`, that it holds personal data: what, why, how long, and how it ends.

    `ends` is what erasing a person does to the column: "delete" the row, "blank" the value or "keep" it
    (published text stays, without a name). `whose` is OWN, ACTED or INTERNAL. `unless` names a column that, once it is
    set, makes the row internal: it was taken back before anybody was told.
    """

    what: str
    why: str
    keep: str
    ends: str
    whose: str = OWN
    unless: str = ""


def personal(what: str, *, why: str, keep: str, ends: str, whose: str = OWN, unless: str = "") -> dict[Any, Any]:
    """The `info` of a column with personal data."""
    return {"personal": Personal(what, why, keep, ends, whose, unless)}


def now() -> datetime:
    """The clock of the edges; rules get the time as an argument."""
    return datetime.now(UTC)


def touched(result: Result[Any]) -> int:
    """How many rows an UPDATE, INSERT or DELETE changed."""
    return cast("CursorResult[Any]", result).rowcount


def make_engine(url: str) -> Engine:
    """An engine for SQLite or PostgreSQL with the house's settings (notes: WAL, busy 30 s, FULL)."""
    address = make_url(url)
    if address.get_backend_name() != "sqlite":
        server = create_engine(address, pool_size=8, max_overflow=4, pool_pre_ping=True, pool_recycle=1800,
                               connect_args={"connect_timeout": 5})

        @event.listens_for(server, "connect")
        def greeted(connection: Any, _record: Any) -> None:
            connection.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")  # nobody waits behind a lock without end
            connection.commit()

        return server
    if address.database and address.database != ":memory:":
        Path(address.database).parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    engine = create_engine(address, connect_args={"timeout": BUSY_SECONDS}, pool_size=16, max_overflow=0)

    @event.listens_for(engine, "connect")
    def connected(connection: Any, _record: Any) -> None:
        connection.isolation_level = None  # we say BEGIN ourselves, the same on all Pythons
        for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "cache_size=-16000"):
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def begun(connection: Any) -> None:
        mode = connection.get_execution_options().get("sqlite_begin", "DEFERRED")
        connection.exec_driver_sql(f"BEGIN {mode}")

    return engine


class Database:
    """One database: read in one kind of session, change in the other."""

    def __init__(self, url: str) -> None:
        self.engine = make_engine(url)
        self._changing = self.engine.execution_options(sqlite_begin="IMMEDIATE")

    def reading(self) -> Session:
        """A session to read with; the caller closes it. Nothing it does is ever committed."""
        return Session(self.engine, expire_on_commit=False, autoflush=False)

    def writing(self) -> Session:
        """A session to change with; only the door, the job runner and the commands commit it."""
        return Session(self._changing, expire_on_commit=False)

    @contextmanager
    def change(self) -> Iterator[Session]:
        """One transaction: committed at the end, rolled back when anything is raised."""
        with self.writing() as session, session.begin():
            yield session

    def forked(self) -> None:
        """After a fork: forget the parent's connections without closing them."""
        self.engine.dispose(close=False)
