"""The moderators' queue with 10,000 waiting entries beside a short one, on both databases.

    python -m tests.bench.queue [NUMBER]

Both show one page and know of a next. They are asked for in turn, in one process; medians in
milliseconds, and their ratio.
"""

import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

from sqlalchemy import insert, select

import wsgi
from moderation.model import Hint
from participation import schema
from participation.city import City, read_city
from participation.comments.model import Comment
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.settings import HOUSE, Settings
from participation.waiting import Waiting
from participation.web.door import Door
from participation.web.limits import limiter
from tests.counting import counted
from tests.databases import fresh_database, start_postgres

ROUNDS = 60
SHORT = 26 * 15  # of which each filter leaves at least a page
PAGES = ("/en/moderation/", "/en/moderation/?kind=comment", "/en/moderation/?district=mombach",
         "/en/moderation/?hint=phone", "/en/moderation/?who=free")


def fill(database: Database, city: City, count: int) -> None:
    """Half ideas, half comments, every tenth with a hint."""
    at, districts, fields = now(), city.districts, city.fields
    with database.change() as session:
        author = Person(email="a@example.org", language="de", created_at=at)
        session.add_all([author, Person(email="m@example.org", role="moderator", language="en", created_at=at)])
        session.flush()
        for start in range(0, count // 2, 1000):
            many = range(start, min(start + 1000, count // 2))
            session.execute(insert(Idea), [{
                "ref": f"MZ-2020-{n:05d}", "state": "submitted", "author_id": author.id, "title": f"Idee Nummer {n}",
                "body": "Mehr Bänke im Schatten. " * 20, "language": "de", "field": fields[n % len(fields)].key,
                "district": districts[n % len(districts)].key, "created_at": at} for n in many])
        ideas = session.execute(select(Idea.id, Idea.field, Idea.district).order_by(Idea.id)).all()
        for start in range(0, len(ideas), 1000):
            session.execute(insert(Comment), [{"idea_id": row.id, "author_id": author.id, "body": "Das wäre gut. " * 9,
                                               "language": "de", "state": "submitted", "created_at": at}
                                              for row in ideas[start:start + 1000]])
        comments = session.scalars(select(Comment.id).order_by(Comment.id)).all()
        rows = [{"kind": kind, "thing_id": key, "idea_id": row.id, "field": row.field, "district": row.district,
                 "language": "de", "since": at, "due": at + timedelta(minutes=n), "rank": 1, "cause": ""}
                for n, (row, comment) in enumerate(zip(ideas, comments, strict=True))
                for kind, key in (("idea", row.id), ("comment", comment))]
        for start in range(0, len(rows), 1000):
            session.execute(insert(Waiting), rows[start:start + 1000])
        session.execute(insert(Hint), [{"kind": row["kind"], "thing_id": row["thing_id"], "key": "phone", "passage": "",
                                        "at": at} for row in rows[::10]] or [{"kind": "idea", "thing_id": 0,
                                                                              "key": "phone", "passage": "", "at": at}])


    with database.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("ANALYZE")  # as both databases do by themselves after a while


def databases(folder: Path) -> Iterator[tuple[str, str, str]]:
    """A name, the address of a full and of an empty database."""
    yield "SQLite", f"sqlite:///{folder / 'full.sqlite'}", f"sqlite:///{folder / 'empty.sqlite'}"
    server = start_postgres()
    try:
        template = Database(server.url)
        schema.upgrade(template.engine)
        template.engine.dispose()
        yield "PostgreSQL", fresh_database(server), fresh_database(server)
    finally:
        server.stop()


def main(count: int) -> None:
    """Measure and print."""
    city = read_city(HOUSE / "cities" / "mainz.toml")
    with tempfile.TemporaryDirectory() as where:
        folder = Path(where)
        settings = Settings(database_url=f"sqlite:///{folder / 'none.sqlite'}", secret_key="bench-secret-key-" * 3,
                            pool_secret="bench-pool-secret-" * 3, data_dir=where, public_url="http://localhost")
        app = wsgi.create_app(settings, city, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
        limiter.enabled = False
        for name, full, empty in databases(folder):
            made = {"long": Database(full), "short": Database(empty)}
            for which, database in made.items():
                schema.upgrade(database.engine)
                fill(database, city, count if which == "long" else SHORT)
            client = app.test_client()
            for page in PAGES:
                took: dict[str, list[float]] = {"long": [], "short": []}
                queries = 0
                for _ in range(ROUNDS):
                    for which, database in made.items():
                        app.extensions["door"] = Door(settings, city, database)
                        with database.reading() as session:
                            me = session.scalars(select(Person).where(Person.role == "moderator")).one()
                        with client.session_transaction() as kept:
                            kept["_user_id"], kept["_fresh"] = f"{me.id}:{me.epoch}", True
                        with counted(database) as seen:
                            begun = time.perf_counter()
                            assert client.get(page).status_code == 200
                            took[which].append((time.perf_counter() - begun) * 1000)
                        queries = max(queries, len(seen))
                medians = {which: statistics.median(times) for which, times in took.items()}
                print(f"{name:11} {page:36} long {medians['long']:6.1f} ms  short {medians['short']:6.1f} ms  "
                      f"ratio {medians['long'] / medians['short']:4.1f}  {queries} queries")
            for database in made.values():
                database.engine.dispose()


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000)
