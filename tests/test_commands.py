"""The words of the `participation` command: what they do, and how they refuse."""

import csv
import io
import json
import re
import shutil
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from sqlalchemy import func, inspect, make_url, select, text
from sqlalchemy.exc import OperationalError

import wsgi
from participation import catalogues
from participation.city import City
from participation.database import Database, make_engine, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from participation.people.rights import ROLES, Right
from participation.pool import record
from participation.settings import HOUSE, Settings
from tests.commanding import Run, commanding
from tests.making import published, staff


@pytest.fixture
def run(tmp_path: Path, database_url: str) -> Iterator[Run]:
    """Give the command on the test's database, as an operator would."""
    with commanding(tmp_path, database_url) as give:
        yield give


@pytest.fixture
def empty_url(database_url: str, tmp_path: Path) -> str:
    """A database without a table."""
    if database_url.startswith("sqlite"):
        return f"sqlite:///{tmp_path / 'empty.sqlite'}"
    engine = make_engine(database_url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return database_url


def test_adding_people(run: Run, database: Database) -> None:
    done = run("person", "add", "Mo@Example.org", "--name", " Mo  Derator ", "--role", "moderator")
    assert done.exit_code == 0 and "moderator" in done.output
    assert run("person", "add", "rosa@example.org").exit_code == 0
    with database.reading() as session:
        people = {person.email: (person.name, person.role) for person in session.scalars(select(Person))}
    assert people == {"mo@example.org": ("Mo Derator", "moderator"), "rosa@example.org": ("", "resident")}

    doubled = run("person", "add", "mo@example.org", "--role", "admin")
    assert doubled.exit_code == 2 and "mo@example.org" in doubled.stderr and "already" in doubled.stderr
    wrong = run("person", "add", "x@example.org", "--role", "mayor")
    assert wrong.exit_code == 2 and "mayor" in wrong.stderr and "moderator" in wrong.stderr
    for address in ("nonsense", "", "a@b@c", "x" * 300 + "@example.org"):
        refused = run("person", "add", address)
        assert refused.exit_code == 2 and "e-mail address" in refused.stderr, address
    with database.reading() as session:
        assert session.scalar(select(func.count(Person.id))) == 2


def test_limiting_a_moderator(run: Run, database: Database, city: City) -> None:
    run("person", "add", "mo@example.org", "--role", "moderator")
    field = city.fields[0].key
    done = run("person", "limit", "mo@example.org", "--field", field, "--district", "mombach", "--district", "drais")
    assert done.exit_code == 0 and "mombach" in done.output
    for wrong, says in ((("mo@example.org", "--field", "nonsense"), field), (("nobody@example.org",), "person add"),
                        (("mo@example.org", "--district", "atlantis"), "mombach")):
        refused = run("person", "limit", *wrong)
        assert refused.exit_code == 2 and says in refused.stderr
    with database.reading() as session:
        person = session.scalars(select(Person)).one()
        assert (person.fields, person.districts) == (field, "mombach drais")
    assert "everything" in run("person", "limit", "mo@example.org").output
    with database.reading() as session:
        assert session.scalars(select(Person.fields)).one() == ""


def test_what_each_role_may_do(run: Run) -> None:
    said = run("person", "roles").output
    assert [line.partition(",")[0].rstrip(":") for line in said.splitlines() if line[0] != " "] == list(ROLES)
    for right in Right:
        assert said.count(f"({right})") == (1 if right in ROLES["resident"] else sum(right in ROLES[r] for r in ROLES))


def test_a_one_time_address(run: Run) -> None:
    run("person", "add", "mo@example.org", "--role", "moderator")
    link = run("person", "link", "MO@example.org")
    assert link.exit_code == 0
    path = link.stdout.strip().removeprefix("http://localhost:8000")
    assert re.fullmatch(r"/de/sign-in/link/\d+\.[\w-]+", path)
    client = wsgi.the_app().test_client()
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(path).get_data(as_text=True))
    assert token and client.post(path, data={"csrf_token": token.group(1)}).status_code == 303
    assert client.get("/de/moderation/").status_code == 200
    unknown = run("person", "link", "nobody@example.org")
    assert unknown.exit_code == 2 and "nobody@example.org" in unknown.stderr and "person add" in unknown.stderr
    assert run("person", "link", "nonsense").exit_code == 2


def test_importing_real_contributions_twice(run: Run, shared: Path, database: Database, tmp_path: Path) -> None:
    """Some of them: tests/importing takes all."""
    lines = (shared / "proposals.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)[:400]
    comments = sum(len(json.loads(line)["comments"]) for line in lines)
    (tmp_path / "some.jsonl").write_text("".join(lines), encoding="utf-8")
    done = run("ideas", "import", str(tmp_path / "some.jsonl"), "--published")
    assert done.exit_code == 0, done.output
    assert f"400 ideas and {comments} comments loaded, 0 known already, 0 refused." in done.output
    again = run("ideas", "import", str(tmp_path / "some.jsonl"), "--published")
    assert again.exit_code == 0 and "0 ideas and 0 comments loaded, 400 known already" in again.output
    with database.reading() as session:
        assert session.scalar(select(func.count(Idea.id))) == 400


def test_importing_what_cannot_be_imported(run: Run, tmp_path: Path, database: Database) -> None:
    (tmp_path / "latin.jsonl").write_bytes("{\"title\": \"Bänke\"}".encode("latin-1"))
    (tmp_path / "rows.jsonl").write_text('{"title": 1}\n{broken\n')
    for name, says in (("none.jsonl", "cannot be read"), ("latin.jsonl", "UTF-8"), (".", "cannot be read")):
        refused = run("ideas", "import", str(tmp_path / name))
        assert refused.exit_code == 2 and says in refused.stderr, refused.output
    rows = run("ideas", "import", str(tmp_path / "rows.jsonl"))
    assert rows.exit_code and "rows.jsonl, line 1:" in rows.stderr and "rows.jsonl, line 2:" in rows.stderr
    with database.reading() as session:
        assert session.scalar(select(func.count(Idea.id))) == 0


@pytest.fixture
def records(database: Database, city: City, settings: Settings) -> int:
    """Two accepted ideas with their records."""
    for number in range(2):
        key = published(database, city, title=f"=Idea; number\u2028{number} 🌳")
        with database.change() as session:
            ideas.decide(session, city, staff(session), session.get_one(Idea, key), "accept", now(),
                         benefit="Shade", who_benefits="Everyone")
    with database.change() as session:
        for event in session.scalars(select(Event).where(Event.kind == "idea.accept").order_by(Event.id)).all():
            record.write(session, event, House(settings, city, now()))
    return 2


def test_exporting_in_three_formats(run: Run, records: int, tmp_path: Path) -> None:
    for kind in ("jsonl", "csv", "xlsx"):
        out = tmp_path / f"pool.{kind}"
        done = run("pool", "export", "--format", kind, "--out", str(out))
        assert done.exit_code == 0, done.output
        assert f"{out.stat().st_size} bytes" in done.output
    lines = [json.loads(line) for line in (tmp_path / "pool.jsonl").read_text(encoding="utf-8").split("\n") if line]
    assert [line["sequence"] for line in lines] == [1, 2]
    rows = list(csv.DictReader(io.StringIO((tmp_path / "pool.csv").read_bytes().decode("utf-8-sig")), delimiter=";"))
    assert len(rows) == records and all(row["title"].startswith("'=") for row in rows)
    sheet = openpyxl.load_workbook(tmp_path / "pool.xlsx").active
    assert sheet is not None and sheet.max_row == records + 1
    later = run("pool", "export", "--out", str(tmp_path / "later.jsonl"), "--since", "1")
    assert later.exit_code == 0 and len((tmp_path / "later.jsonl").read_text(encoding="utf-8").strip().split("\n")) == 1
    assert not list(tmp_path.glob("*.part"))


def test_exporting_to_where_nothing_can_be_written(run: Run, records: int, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept")
    for out in (tmp_path / "none" / "pool.jsonl", tmp_path / "file" / "pool.jsonl", tmp_path / ("n" * 300)):
        refused = run("pool", "export", "--out", str(out))
        assert refused.exit_code == 2 and "cannot be written" in refused.stderr, refused.output
    assert run("pool", "export", "--out", str(tmp_path)).exit_code == 2
    assert run("pool", "export", "--out", str(tmp_path / "x"), "--format", "pdf").exit_code == 2
    assert run("pool", "export", "--out", str(tmp_path / "x"), "--since", "-1").exit_code == 2
    assert sorted(file.name for file in tmp_path.iterdir() if file.name != "data") == ["file"]


def test_an_export_that_breaks_off_leaves_the_old_file(run: Run, records: int, tmp_path: Path,
                                                       monkeypatch: pytest.MonkeyPatch) -> None:
    out = tmp_path / "pool.jsonl"
    out.write_text("yesterday's")

    def breaks(*_: Any) -> Iterator[bytes]:
        yield b"half"
        raise OperationalError("SELECT", {}, Exception("gone"))

    monkeypatch.setattr("participation.pool_commands.files.written", breaks)
    broken = run("pool", "export", "--out", str(out))
    assert broken.exit_code == 2 and "database" in broken.stderr
    assert out.read_text() == "yesterday's" and not list(tmp_path.glob("*.part"))


def test_checking_a_city_file(run: Run, tmp_path: Path) -> None:
    for file in (HOUSE / "cities" / "mainz.toml", HOUSE.parent / "tests" / "cities" / "neuenfurt.toml"):
        good = run("city", "check", str(file))
        assert good.exit_code == 0 and "in order" in good.output
        lacks = "add: accessibility.enforcement" in good.output
        assert lacks == (file.name == "neuenfurt.toml"), "what is missing before going public is said, and is no error"
    lines = (HOUSE / "cities" / "mainz.toml").read_text(encoding="utf-8").splitlines()
    wrong = next(number for number, line in enumerate(lines, start=1) if line.startswith("decide_days"))
    lines[wrong - 1] = "decide_days = -3"
    shutil.copy(HOUSE / "cities" / "mainz-districts.geojson", tmp_path)
    (tmp_path / "wrong.toml").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "broken.toml").write_text('key = "x"\nname = [unclosed\n')
    for name, line in (("wrong.toml", str(wrong)), ("broken.toml", "2"), ("none.toml", "")):
        refused = run("city", "check", str(tmp_path / name))
        assert refused.exit_code == 2 and name in refused.stderr, refused.output
        assert re.search(rf"\b{line}\b", refused.stderr), refused.stderr
    assert run("person", "add", "a@example.org", CITY_FILE=str(tmp_path / "broken.toml")).exit_code == 2


def test_upgrading_twice(run: Run, empty_url: str) -> None:
    for _ in range(2):
        done = run("db", "upgrade", DATABASE_URL=empty_url)
        assert done.exit_code == 0 and "revision" in done.output, done.output
    engine = make_engine(empty_url)
    assert {"idea", "person", "outbox_event"} <= set(inspect(engine).get_table_names())
    engine.dispose()
    assert run("person", "add", "a@example.org", DATABASE_URL=empty_url).exit_code == 0


def test_a_database_that_was_not_migrated(run: Run, empty_url: str, tmp_path: Path, shared: Path) -> None:
    for words in (("person", "add", "a@example.org"), ("person", "link", "a@example.org"),
                  ("ideas", "import", str(shared / "proposals.jsonl")),
                  ("pool", "export", "--out", str(tmp_path / "o"))):
        refused = run(*words, DATABASE_URL=empty_url)
        assert refused.exit_code == 2 and "participation db upgrade" in refused.stderr, refused.output
    assert not (tmp_path / "o").exists() and not (tmp_path / "o.part").exists()


def test_a_database_that_is_not_there(run: Run, database_url: str) -> None:
    for url in (make_url("postgresql+psycopg://rosa:geheim@127.0.0.1:1/x").render_as_string(hide_password=False),
                "sqlite:////proc/none/x.sqlite", "oracle://x", "nonsense", "mysql://a:geheim@b/c"):
        refused = run("person", "add", "a@example.org", DATABASE_URL=url)
        assert refused.exit_code == 2 and "DATABASE_URL" in refused.stderr, refused.output
        assert "geheim" not in refused.output


def test_translations(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    good = run("translations", "check")
    assert good.exit_code == 0 and "0 problems" in good.output, good.output[-3000:]
    folder = tmp_path / "translations" / "xx" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "messages.po").write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n', "utf-8")
    monkeypatch.setattr(catalogues, "FOLDER", tmp_path / "translations")
    bad = run("translations", "check")
    assert bad.exit_code == 2 and "xx: not in the catalogue: 'Sign in'" in bad.stderr


def test_running_on_a_port_that_is_taken(run: Run, tmp_path: Path) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = other.getsockname()[1]
        taken = run("run", "--port", str(port), PUBLIC_URL=None)
    assert taken.exit_code == 2 and str(port) in taken.stderr and f"PORT={port + 1}" in taken.stderr
    for port in ("http", "70000", "-1"):
        assert run("run", "--port", port, PUBLIC_URL=None).exit_code == 2, port
    assert not (tmp_path / "data" / "redis.sock").exists()


@pytest.mark.parametrize("words", [("run",), ("db", "upgrade"), ("person", "add", "a@example.org"), ("worker",)])
def test_unsafe_settings_in_production(run: Run, words: tuple[str, ...]) -> None:
    refused = run(*words, PUBLIC_URL="http://ideas.example.org", SECRET_KEY="short", POOL_SECRET="a" * 40)
    assert refused.exit_code == 2
    for name in ("SECRET_KEY", "POOL_SECRET", "PUBLIC_URL", "MAIL_URL", "REDIS_URL"):
        assert name in refused.stderr, refused.output
    assert "short" not in refused.stderr


def test_help_needs_nothing(run: Run) -> None:
    for words in (("--help",), ("person", "add", "--help"), ("run", "-h")):
        assert run(*words, DATABASE_URL="nonsense", PUBLIC_URL="http://ideas.example.org").exit_code == 0
