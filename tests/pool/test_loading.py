"""Importing files: there and back to the byte, once however often, all of it or nothing."""

import json
import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database, now
from participation.jobs import House
from participation.outbox import Event
from participation.pool import files, loading, record
from participation.pool.model import Item, Received
from tests.commanding import Run, commanding
from tests.pool.bodies import file_of
from tests.pool.chains import SITE, chain, changed, lines
from tests.pool.making import accepted, written

HOUSE = Path(__file__).resolve().parents[2]


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Iterator[Run]:
    with commanding(tmp_path, database_url) as give:
        yield give


@pytest.fixture
def load(run: Run, tmp_path: Path) -> Callable[..., Any]:
    """Import records from a file of their own."""

    def give(bodies: list[str] | bytes, name: str = "in.jsonl") -> Any:
        (tmp_path / name).write_bytes(bodies if isinstance(bodies, bytes) else lines(bodies))
        return run("pool", "import", str(tmp_path / name))

    return give


def held(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Received)) or 0


@pytest.mark.parametrize("kind", list(files.MEDIA_TYPES))
def test_there_and_back_to_the_byte(kind: str, run: Run, database: Database, city: City, house: Callable[[], House],
                                    tmp_path: Path, sqlite_template: Path) -> None:
    for title in ('=HYPERLINK("http://evil.example")', "@all; \"quoted\" _x0041_ 🌳 مرحبا", "+49 6131 are the digits"):
        accepted(database, city, title=title, body="Zeile eins\nZeile zwei; mit Semikolon " * 3)
    written(database, city, house, 2)
    out, again = tmp_path / f"site.{kind}", tmp_path / f"pool.{kind}"
    assert run("pool", "export", "--format", kind, "--out", str(out)).exit_code == 0
    # The other city's pool is empty; it is of the other kind of database now and then, which makes no difference.
    (tmp_path / "b.sqlite").write_bytes(sqlite_template.read_bytes())
    for elsewhere in ({"DATABASE_URL": f"sqlite:///{tmp_path / 'b.sqlite'}"}, {}):
        done = run("pool", "import", str(out), **elsewhere)
        assert (done.exit_code, done.stdout) == (0, "5 loaded, 0 known already, 0 refused.\n"), done.output
        assert run("pool", "import", str(out), **elsewhere).stdout == "0 loaded, 5 known already, 0 refused.\n"
        back = run("pool", "export", "--from", "pool", "--format", kind, "--out", str(again), **elsewhere)
        assert back.exit_code == 0 and again.read_bytes() == out.read_bytes()


def test_a_half_and_then_the_whole(load: Callable[..., Any], run: Run, database: Database, tmp_path: Path) -> None:
    bodies = chain(1200)
    assert load(bodies[:700]).stdout == "700 loaded, 0 known already, 0 refused.\n"
    assert load(bodies[650:]).stdout == "500 loaded, 50 known already, 0 refused.\n"
    assert load(bodies).stdout == "0 loaded, 1200 known already, 0 refused.\n"
    out = tmp_path / "out.jsonl"
    assert run("pool", "export", "--from", "pool", "--out", str(out)).exit_code == 0
    assert out.read_bytes() == lines(bodies)
    assert run("pool", "export", "--from", "pool", "--out", str(out), "--since", "1198").exit_code == 0
    assert out.read_bytes() == lines(bodies[1198:])
    with database.reading() as session:
        current = session.execute(select(Received.ref, Received.revision).where(Received.current)).all()
        items = session.execute(select(Item.ref, Item.revision, Item.title)).all()
    assert len(current) == len(items) == 800 and {tuple(row) for row in current} == {tuple(row[:2]) for row in items}
    assert ("MZ-2026-00002", 2, "Idea 3") in {tuple(row) for row in items}


def test_the_order_of_a_file_does_not_matter(load: Callable[..., Any], database: Database) -> None:
    bodies = chain(30)
    mixed = bodies[:]
    random.Random(4).shuffle(mixed)
    assert load(mixed).stdout == "30 loaded, 0 known already, 0 refused.\n"
    with database.reading() as session:
        for ref, revision in session.execute(select(Item.ref, Item.revision)):
            assert revision == session.scalar(select(func.max(Received.revision)).where(Received.ref == ref))
            assert session.scalars(select(Received.revision).where(Received.ref == ref, Received.current)).all() \
                == [revision]


def test_what_is_refused_and_what_to_do(load: Callable[..., Any], database: Database) -> None:
    good = chain(9)
    other = json.loads(good[3])
    other["title"] = "Changed by hand"
    cases: list[tuple[list[str], str, str]] = [
        ([*good[:3], changed(good[3], schema="idea-record-2"), *good[4:]], "line 4", "Update this site"),
        ([*good[:3], record.canonical(other), *good[4:]], "line 4", "the digest does not fit"),
        ([*good[:3], *good[4:]], "line 4", "neither this file nor the pool holds"),
        (good[2:], "line 1", "record 3 follows record 2"),
        ([*good[:5], changed(good[5], title="Another"), *good[6:]], "line 7", "record 7 follows another record 6"),
        ([*good, good[4]], "line 10", "record 5 is there twice: it stands in line 5, too"),
        ([*good, changed(good[4], title="Another")], "line 10", "two different texts"),
        ([*good, changed(good[4], sequence=10, previous=json.loads(good[8])["provenance"]["digest"])], "line 10",
         "revision MZ-2026-00005/1 is there as record 5 already"),
        ([changed(good[0], previous="a" * 64)], "line 1", "the first follows none"),
        ([changed(good[0], title="")], "line 1", "$.title"),
        ([changed(good[0], supporters=json.loads(good[0])["supporters"] | {"total": 2**40})], "line 1", "a number"),
        ([changed(good[0], field="f" * 61)], "line 1", "field is longer"),
        ([changed(good[0], sequence=1.0)], "line 1", "a number"),
        ([*good, "{broken"], "line 10", "JSON"), ([*good, '["list"]'], "line 10", "no record"),
        (['{"schema": "idea-record-1"}'], "line 1", "$"),
    ]
    for bodies, place, says in cases:
        done = load(bodies)
        assert done.exit_code == 2 and f"in.jsonl, {place}:" in done.stderr and says in done.stderr, done.output
        assert "0 loaded, 1 refused; nothing else was imported." in done.stderr, done.output
        assert held(database) == 0
    assert load(good).exit_code == 0


def test_every_problem_is_named_up_to_a_hundred(load: Callable[..., Any], database: Database) -> None:
    bodies = [changed(each, title="") for each in chain(130)]
    done = load(bodies)
    assert done.stderr.count("in.jsonl, line ") == 100 and "… and 30 more." in done.stderr
    assert "0 loaded, 130 refused" in done.stderr and held(database) == 0


def test_what_does_not_go_with_what_the_pool_holds(load: Callable[..., Any], database: Database) -> None:
    bodies = chain(8)
    load(bodies[:4])
    set_back = chain(6, 3, json.loads(bodies[1])["provenance"]["digest"], benefit="Another")
    done = load([*bodies[:2], *set_back])
    assert done.exit_code == 2 and "line 3" in done.stderr and "another record with the number 3" in done.stderr
    done = load(chain(2, 5, "b" * 64))
    assert done.exit_code == 2 and "record 5 follows another record 4" in done.stderr
    done = load(bodies[5:])
    assert done.exit_code == 2 and "record 6 follows record 5, which neither" in done.stderr
    moved = changed(bodies[0], sequence=5, previous=json.loads(bodies[3])["provenance"]["digest"])
    done = load([moved])
    assert done.exit_code == 2 and "revision MZ-2026-00001/1 is record 1 in the pool already" in done.stderr
    assert held(database) == 4
    with database.change() as session:  # as if it had been delivered, behind a gap
        loading.keep(session, [(json.loads(bodies[6]), bodies[6])], now())
    done = load([*bodies[4:5], changed(bodies[5], title="Another")])
    assert done.exit_code == 2 and "record 7 follows another record 6" in done.stderr
    assert load(bodies).stdout == "3 loaded, 5 known already, 0 refused.\n"


def test_two_sites_in_one_pool(load: Callable[..., Any], run: Run, database: Database, tmp_path: Path) -> None:
    ours, theirs = chain(4), chain(3, site="https://elsewhere.example")
    assert load([*ours, *theirs]).stdout == "7 loaded, 0 known already, 0 refused.\n"
    out = str(tmp_path / "out.jsonl")
    which = run("pool", "export", "--from", "pool", "--out", out)
    assert which.exit_code == 2 and "--site" in which.stderr and "https://elsewhere.example" in which.stderr
    assert run("pool", "export", "--from", "pool", "--out", out, "--site", "https://elsewhere.example").exit_code == 0
    assert Path(out).read_bytes() == lines(theirs)
    assert run("pool", "export", "--from", "pool", "--out", out, "--site", "https://nowhere.example").exit_code == 2


def test_a_pool_of_nothing_and_a_file_of_nothing(run: Run, load: Callable[..., Any], tmp_path: Path) -> None:
    none = run("pool", "export", "--from", "pool", "--out", str(tmp_path / "x"))
    assert none.exit_code == 2 and "holds no records" in none.stderr and not (tmp_path / "x").exists()
    for name, content in (("empty.jsonl", b""), ("latin.csv", "ref;Bänke\n".encode("latin-1")), ("x.bin", b"\0\1")):
        done = load(content, name)
        assert done.exit_code == 2 and name in done.stderr, done.output
    missing = run("pool", "import", str(tmp_path / "missing.jsonl"))
    assert missing.exit_code == 2 and "missing.jsonl" in missing.stderr


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_row_of_a_sheet_is_named_as_people_see_it(kind: str, run: Run, tmp_path: Path, database: Database) -> None:
    bodies = chain(5)
    path = file_of(tmp_path, kind, [*bodies[:2], changed(bodies[2], title=""), *bodies[3:]])
    done = run("pool", "import", str(path))
    assert done.exit_code == 2 and f"records.{kind}, row 4:" in done.stderr and held(database) == 0


KILLED = """
import os, signal, sys
import wsgi
from participation.pool import loading
keep, batches = loading.keep, []

def killed(*given):
    kept = keep(*given)
    batches.append(kept)
    if len(batches) == 3:  # written, and not committed
        os.kill(os.getpid(), signal.SIGKILL)
    return kept

loading.keep = killed
wsgi.cli(["pool", "import", sys.argv[1]])
"""


def test_killed_in_the_middle_and_run_again(load: Callable[..., Any], database: Database, database_url: str,
                                            tmp_path: Path) -> None:
    bodies = chain(1700)
    (tmp_path / "in.jsonl").write_bytes(lines(bodies))
    done = subprocess.run([sys.executable, "-c", KILLED, str(tmp_path / "in.jsonl")], cwd=HOUSE, check=False,
                          env=os.environ | {"DATABASE_URL": database_url, "DATA_DIR": str(tmp_path / "data")})
    assert done.returncode == -signal.SIGKILL and held(database) == 1000
    assert load(bodies).stdout == "700 loaded, 1000 known already, 0 refused.\n"
    with database.reading() as session:
        assert list(session.scalars(select(Received.body).order_by(Received.seq))) == bodies


def test_a_file_that_changes_while_it_is_imported(run: Run, tmp_path: Path, database: Database,
                                                  monkeypatch: pytest.MonkeyPatch) -> None:
    bodies = chain(3)
    file = tmp_path / "in.jsonl"
    file.write_bytes(lines(bodies))
    looked = loading.look

    def look(*given: Any) -> None:
        looked(*given)
        file.write_bytes(lines([*bodies[:2], changed(bodies[2], title="Slipped in")]))

    monkeypatch.setattr(loading, "look", look)
    done = run("pool", "import", str(file))
    assert done.exit_code == 2 and "changed while it was imported" in done.stderr and held(database) == 0


def test_an_idea_of_this_site_keeps_its_line(database: Database, city: City, house: Callable[[], House], run: Run,
                                             tmp_path: Path, deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    with database.reading() as session:
        [text] = session.scalars(select(Received.body))
    # The site has another address by now: the same ideas come as another site's.
    (tmp_path / "in.jsonl").write_bytes(lines([changed(text, site=SITE)]))
    done = run("pool", "import", str(tmp_path / "in.jsonl"))
    assert done.stdout == "1 loaded, 0 known already, 0 refused.\n", done.output
    with database.reading() as session:
        assert [item.idea_id is None for item in session.scalars(select(Item).order_by(Item.id))] == [False, True]
        assert session.scalars(select(Event.kind).where(Event.kind == "idea.receive")).all() == ["idea.receive"]
