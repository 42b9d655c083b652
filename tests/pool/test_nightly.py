"""The nightly export: three files and a manifest, complete or not there, once a day, thirty days long."""

import errno
import fcntl
import hashlib
import json
import os
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from participation.city import City
from participation.database import Database, now
from participation.errors import Unsafe
from participation.jobs import House, TryLater
from participation.outbox import Event, happened
from participation.pool import files, nightly, queries, sheets
from participation.pool.model import Record
from participation.settings import Settings
from participation.web.door import Door
from tests.pool.making import written
from tests.working import work_off

NIGHT = datetime(2026, 11, 21, 2, 30, tzinfo=UTC)  # half past three in Mainz
DAY = date(2026, 11, 21)
NAMES = ["manifest-2026-11-21.json", "pool-2026-11-21.csv", "pool-2026-11-21.jsonl", "pool-2026-11-21.xlsx"]
Night = Callable[..., int]


@pytest.fixture
def settings(settings: Settings, tmp_path: Path) -> Settings:
    return replace(settings, export_dir=str(tmp_path / "share"))


@pytest.fixture
def share(tmp_path: Path) -> Path:
    return tmp_path / "share"


@pytest.fixture
def night(database: Database, settings: Settings, city: City) -> Night:
    """Let the follower work as the jobs do, until it is done or so many runs are over; says how many it took."""

    def give(at: datetime = NIGHT, runs: int = 20) -> int:
        for run in range(runs):
            with database.change() as session:
                outgoing = nightly.exported(session, Event(kind="time.hour"), House(settings, city, at))
            if outgoing is None:
                return run
            outgoing.send()
            with database.change() as session:
                if outgoing.record(session, House(settings, city, at)):
                    return run + 1
        return runs

    return give


def seen(share: Path) -> list[str]:
    """What somebody sees in the folder."""
    return sorted(path.name for path in share.iterdir() if not path.name.startswith("."))


def test_three_files_and_a_manifest(database: Database, city: City, house: Callable[[], House], night: Night,
                                    share: Path) -> None:
    written(database, city, house, 3)
    assert night() == 4  # a file a run, then the move
    assert seen(share) == NAMES and not list(share.glob(".pool*"))
    with database.reading() as session:
        bodies = list(queries.bodies(session))
        head = session.scalars(select(Record.digest).order_by(Record.seq.desc())).first()
    said = json.loads((share / NAMES[0]).read_text("utf-8"))
    assert (said["first"], said["last"], said["head"], said["site"]) == (1, 3, head, "http://localhost")
    for entry in said["files"]:
        content = (share / entry["name"]).read_bytes()
        assert (entry["bytes"], entry["records"]) == (len(content), 3)
        assert entry["sha256"] == hashlib.sha256(content).hexdigest()
        assert [line.body for line in sheets.read_records(share / entry["name"])] == bodies
    assert night() == 0  # once a day
    assert night(NIGHT + timedelta(hours=20)) == 0
    assert night(NIGHT + timedelta(days=1)) == 4 and len(seen(share)) == 8


def test_not_before_the_citys_hour_and_not_without_records(database: Database, city: City, night: Night, share: Path,
                                                           house: Callable[[], House]) -> None:
    assert night() == 1 and seen(share) == []
    written(database, city, house, 1)
    assert night(datetime(2026, 11, 21, 0, 59, tzinfo=UTC)) == 0  # not two o'clock yet in Mainz
    assert night(datetime(2026, 11, 21, 22, 0, tzinfo=UTC)) == 4  # the machine was off all day: made up for
    assert seen(share) == NAMES


def test_all_files_hold_the_same_records(database: Database, city: City, house: Callable[[], House], night: Night,
                                         share: Path) -> None:
    written(database, city, house, 2)
    night(runs=1)
    written(database, city, house, 2)
    night()
    said = json.loads((share / NAMES[0]).read_text("utf-8"))
    assert said["last"] == 2 and [entry["records"] for entry in said["files"]] == [2, 2, 2]


@pytest.mark.parametrize("step", [0, 1, 2, 3, 4, 5])
def test_killed_at_any_step_nothing_half_is_seen(step: int, database: Database, city: City, night: Night, share: Path,
                                                 house: Callable[[], House], monkeypatch: pytest.MonkeyPatch) -> None:
    written(database, city, house, 2)
    moves = 0
    replaced = Path.replace

    def killed(self: Path, target: Any) -> Any:
        nonlocal moves
        moves += 1
        if moves == step + 3:  # behind the three plans: the files, the manifest's draft, the manifest
            raise KeyboardInterrupt
        return replaced(self, target)

    def breaks(bodies: Any, kind: str) -> Iterator[bytes]:
        yield b"half a file"
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        if step == 0:
            patched.setattr(files, "written", breaks)
        else:
            patched.setattr(Path, "replace", killed)
        with pytest.raises(KeyboardInterrupt):
            night()
    assert NAMES[0] not in seen(share)  # without its manifest a day is not whole
    night()
    assert seen(share) == NAMES and not list(share.glob(".pool*"))
    for entry in json.loads((share / NAMES[0]).read_text("utf-8"))["files"]:
        assert hashlib.sha256((share / entry["name"]).read_bytes()).hexdigest() == entry["sha256"]


def test_a_full_disk_is_told_and_tried_in_the_next_hour(database: Database, city: City, night: Night, share: Path,
                                                        house: Callable[[], House], monkeypatch: pytest.MonkeyPatch,
                                                        caplog: pytest.LogCaptureFixture) -> None:
    written(database, city, house, 1)

    def full(*_: Any) -> Iterator[bytes]:
        yield b"half"
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as patched:
        patched.setattr(files, "written", full)
        assert night() == 1
    [told] = [entry for entry in caplog.records if entry.name == "participation.pool"]
    assert told.levelname == "ERROR" and vars(told)["why"] == "No space left on device"
    assert seen(share) == []
    assert night(NIGHT + timedelta(hours=1)) == 4 and seen(share) == NAMES


def test_a_folder_that_cannot_be_made(database: Database, city: City, night: Night, share: Path,
                                      house: Callable[[], House], caplog: pytest.LogCaptureFixture) -> None:
    written(database, city, house, 1)
    share.write_text("a file is in its place")
    assert night() == 1 and "could not be written" in caplog.text


def test_too_many_for_a_sheet(database: Database, city: City, house: Callable[[], House], night: Night, share: Path,
                              monkeypatch: pytest.MonkeyPatch) -> None:
    written(database, city, house, 1)
    really = files.written

    def narrow(bodies: Iterator[str], kind: str) -> Iterator[bytes]:
        if kind == "xlsx":
            raise Unsafe("too_many_rows", what="There are more records than a spreadsheet has room for.")
        return really(bodies, kind)

    monkeypatch.setattr(files, "written", narrow)
    night()
    assert seen(share) == NAMES[:3]
    assert "room" in json.loads((share / NAMES[0]).read_text("utf-8"))["files"][2]["left_out"]


def test_two_workers_are_not_at_it_together(database: Database, city: City, house: Callable[[], House], night: Night,
                                            share: Path) -> None:
    written(database, city, house, 1)
    share.mkdir()
    with open(share / ".lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with pytest.raises(TryLater) as raised:
            night()
    assert raised.value.after == 60 and seen(share) == []
    night()
    assert seen(share) == NAMES


def test_thirty_days_are_kept(database: Database, city: City, house: Callable[[], House], night: Night,
                              share: Path) -> None:
    written(database, city, house, 1)
    share.mkdir()
    old, young = DAY - timedelta(days=31), DAY - timedelta(days=30)
    for day in (old, young):
        for name in (f"pool-{day}.csv", f"manifest-{day}.json"):
            (share / name).write_text("x")
    (share / "notes.txt").write_text("the office's own")
    (share / "pool-2026-02-31.csv").write_text("no day of ours")
    (share / f".pool-{old}.part").mkdir()
    night()
    assert seen(share) == sorted([*NAMES, f"manifest-{young}.json", "notes.txt", "pool-2026-02-31.csv",
                                  f"pool-{young}.csv"])
    assert not list(share.glob(".pool*"))


def test_the_hour_strikes(app: Flask, database: Database, city: City, house: Callable[[], House], settings: Settings,
                          share: Path) -> None:
    written(database, city, house, 1)
    early = replace(city, pool=replace(city.pool, night_hour=0))
    app.extensions["door"] = Door(settings, early, database)
    with database.change() as session:
        session.query(Event).delete()
        happened(session, "time.hour", now())
    work_off(app)
    assert len(seen(share)) == 4
