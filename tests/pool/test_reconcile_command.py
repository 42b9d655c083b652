"""`participation pool reconcile`, as an operator gives it."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import delete

import wsgi
from participation.city import City
from participation.database import Database, now
from participation.jobs import House
from participation.pool.model import Delivery, Record
from participation.settings import Settings
from participation.web.limits import limiter
from tests.chaos.keeper import Keeper
from tests.pool.making import delivered, written
from tests.pool.test_reconciling import told_again

Run = Callable[..., Result]


@pytest.fixture
def run(settings: Settings, keeper: Keeper, tmp_path: Path) -> Iterator[Run]:
    kept = dict(vars(limiter))

    def forget() -> None:
        if wsgi.the_app.cache_info().currsize:
            wsgi.the_app().extensions["door"].database.engine.dispose()
        wsgi.the_app.cache_clear()

    def give(*words: str) -> Result:
        forget()
        env = {"DATABASE_URL": settings.database_url, "DATA_DIR": settings.data_dir, "POOL_URL": keeper.url,
               "PUBLIC_URL": settings.public_url, "POOL_SECRET": settings.pool_secret, "POOL_ALLOW_PRIVATE": "yes",
               "SECRET_KEY": settings.secret_key, "REDIS_URL": None, "CITY_FILE": None, "MAIL_URL": None}
        result = CliRunner().invoke(wsgi.cli, ["pool", "reconcile", *words], env=env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        return result

    yield give
    forget()
    vars(limiter).update(kept)


def test_nothing_yet(run: Run, keeper: Keeper) -> None:
    done = run()
    assert done.exit_code == 0 and done.output == f"{keeper.url}: 0 accepted, 0 received, 0 missing.\n"


def test_one_line_for_each_finding_and_mending(run: Run, database: Database, city: City, keeper: Keeper,
                                               elsewhere: Callable[[], House]) -> None:
    events = written(database, city, elsewhere, 3)
    keeper.fault = lambda: "half"  # two of them
    assert delivered(database, events[1], elsewhere)
    keeper.fault = lambda: ""
    lost = keeper.kept.pop(keeper.arrivals[0])
    done = run()
    lines = done.output.splitlines()
    assert done.exit_code == 1 and len(lines) == 3
    assert lines[0] == f"{lost.ref}, record 1: missing there although it was confirmed"
    assert lines[1].endswith("record 3: not there yet") and "--repair" in lines[2]
    assert "3 accepted, 1 received, 2 missing" in lines[2]
    with database.change() as session:
        session.add(Delivery(seq=3, receiver_id=1, refused="no room", refused_at=now()))
    assert "record 3: refused there (no room)" in run().output
    done = run("--repair")
    assert done.exit_code == 1 and "2 repaired" in done.output and done.output.count("it is sent again") == 2
    delivered(database, told_again(database, "record.written"), elsewhere)
    done = run("--thorough", "--receiver", keeper.url)
    assert done.exit_code == 0 and "3 accepted, 3 received, 0 missing." in done.output


def test_what_was_never_written_and_what_only_they_have(run: Run, database: Database, city: City,
                                                        elsewhere: Callable[[], House]) -> None:
    events = written(database, city, elsewhere, 2)
    delivered(database, events[1], elsewhere)
    with database.change() as session:
        session.execute(delete(Delivery))
        session.execute(delete(Record))
    done = run("--repair")
    assert done.exit_code == 1 and done.output.count("it is written now") == 2
    assert done.output.count("only there") == 2 and "2 not written, 2 extra, 2 repaired" in done.output


def test_bad_input(run: Run, keeper: Keeper) -> None:
    done = run("--receiver", "https://nobody.example/")
    assert done.exit_code == 2 and keeper.url in done.output
    keeper.comparable = False
    done = run()
    assert done.exit_code == 1 and "cannot be compared" in done.output
