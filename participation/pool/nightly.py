"""The nightly export: all records of this site as JSONL, CSV and XLSX, and a manifest with their digests, complete or
not there at all.

The files are written in a folder of their own beside the place where they belong, one in each run of the follower, so
that none of them outlasts a worker's time; when all are whole, they are moved there, the manifest last. Whatever is
in the way is tried again in the next hour.
"""

import fcntl
import hashlib
import json
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.database import Database
from participation.errors import Unsafe
from participation.jobs import House, TryLater
from participation.outbox import Event
from participation.pool import files, pulling
from participation.pool.items import today
from participation.pool.model import Record

log = logging.getLogger("participation.pool")

KEPT = timedelta(days=30)
KINDS = tuple(files.MEDIA_TYPES)
_OURS = re.compile(r"(?:pool|manifest)-(\d{4}-\d{2}-\d{2})\.(?:jsonl|csv|xlsx|json)")
_PART = re.compile(r"\.pool-(\d{4}-\d{2}-\d{2})\.part")
_PLAN = "plan.json"


@dataclass
class Nightly:
    """One run: the next file that is missing, or the move of all of them."""

    database_url: str
    folder: Path
    day: date
    site: str
    at: datetime
    done: bool = False

    def send(self) -> None:
        """Write a file with no transaction open longer than a page of records takes. Raises TryLater while another
        worker is at it."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with _alone(self.folder):
                self._go_on()
        except OSError as trouble:  # a full disk, a share that is away: told, and tried again in the next hour
            log.error("the nightly export could not be written",
                      extra={"error": type(trouble).__name__, "why": trouble.strerror or "", "day": str(self.day)})
            self.done = True

    def record(self, session: Session, house: House) -> bool:
        """There is nothing to note in the database; says whether anything is left to do."""
        return self.done

    def _go_on(self) -> None:
        if manifest(self.folder, self.day).exists():
            self.done = True
            return
        part = self.folder / f".pool-{self.day}.part"
        part.mkdir(exist_ok=True)
        database = Database(self.database_url)
        try:
            plan = self._plan(part, database.reading)
            if plan is None:  # nothing has ever been accepted
                self.done = True
                part.rmdir()
                return
            missing = [kind for kind in KINDS if kind not in plan["files"]]
            if missing:
                bodies = _bodies(database.reading, plan["first"], plan["last"])
                plan["files"][missing[0]] = _written(part, missing[0], bodies)
                _put(part / _PLAN, plan)
                return
        finally:
            database.engine.dispose()
        self._move(part, plan)
        _forget(self.folder, self.day)
        self.done = True

    def _plan(self, part: Path, reading: Callable[[], Session]) -> dict[str, Any] | None:
        """What is exported: fixed when the first file begins, so that all of them hold the same records."""
        if (part / _PLAN).exists():
            found: dict[str, Any] = json.loads((part / _PLAN).read_text("utf-8"))
            return found
        with reading() as session:
            first = session.scalar(select(Record.seq).order_by(Record.seq).limit(1))
            last = session.execute(select(Record.seq, Record.digest).order_by(Record.seq.desc()).limit(1)).first()
        if first is None or last is None:
            return None
        return {"site": self.site, "day": str(self.day), "at": self.at.isoformat(timespec="seconds"), "first": first,
                "last": last.seq, "head": last.digest, "files": {}}

    def _move(self, part: Path, plan: dict[str, Any]) -> None:
        said = plan | {"files": [{"name": f"pool-{self.day}.{kind}", **plan["files"][kind]} for kind in KINDS]}
        for kind in KINDS:
            file = part / f"pool.{kind}"
            if file.exists():  # not there any more: moved by a run that was killed behind this line
                file.replace(self.folder / f"pool-{self.day}.{kind}")
        _put(part / "manifest.json", said)
        (part / "manifest.json").replace(manifest(self.folder, self.day))
        shutil.rmtree(part)


def exported(session: Session, event: Event, house: House) -> Nightly | None:
    """Follower of time.hour: once a day, from the city's hour on, this site's records are written to files."""
    local, day = house.now.astimezone(house.city.zone), today(house.city, house.now)
    folder = house.settings.export
    if local.hour < house.city.pool.night_hour or manifest(folder, day).exists():
        return None
    return Nightly(house.settings.database, folder, day, house.settings.public_url.rstrip("/"), house.now)


def manifest(folder: Path, day: date) -> Path:
    """Where the manifest of a day is; when it is there, the day's files are whole."""
    return folder / f"manifest-{day}.json"


@contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """A task whose lease ended is given to a second worker while the first one still writes; a killed one holds no
    lock any more."""
    with open(folder / ".lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as trouble:
            raise TryLater("another worker is writing the nightly export", 60) from trouble
        yield


def _bodies(reading: Callable[[], Session], first: int, last: int) -> Iterator[str]:
    """The texts page by page, each in a session of its own: numbers below the highest do not come later."""
    after = first - 1
    while after < last:
        with reading() as session:
            page = pulling.page(session, after, min(pulling.LIMIT_MAX, last - after))
        if not page.bodies:
            return
        yield from page.bodies
        after = page.after


def _written(part: Path, kind: str, bodies: Iterator[str]) -> dict[str, Any]:
    """What the manifest says of a file; one that has no room for all the records is left out, and that is said."""
    try:
        return _write(part, kind, bodies)
    except Unsafe as trouble:
        log.warning("the nightly export goes without a file", extra={"kind": kind, "why": str(trouble)})
        (part / f"pool.{kind}").unlink(missing_ok=True)
        return {"left_out": str(trouble)}


def _write(part: Path, kind: str, bodies: Iterator[str]) -> dict[str, Any]:
    """One file; its size, its records and its digest, as the manifest says them."""
    sealed, size, count = hashlib.sha256(), 0, 0

    def counted() -> Iterator[str]:
        nonlocal count
        for body in bodies:
            count += 1
            yield body

    with open(part / f"pool.{kind}", "wb") as file:
        for piece in files.written(counted(), kind):
            size += file.write(piece)
            sealed.update(piece)
        file.flush()
        os.fsync(file.fileno())
    return {"bytes": size, "records": count, "sha256": sealed.hexdigest()}


def _put(path: Path, content: dict[str, Any]) -> None:
    """A small file, whole or not at all."""
    draft = path.with_name(path.name + ".draft")
    with open(draft, "w", encoding="utf-8") as file:
        file.write(json.dumps(content, ensure_ascii=False, indent=1) + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def _forget(folder: Path, day: date) -> None:
    """Take away the files of more than thirty days ago, and what an earlier night left half done."""
    for path in sorted(folder.iterdir()):
        if (old := _OURS.fullmatch(path.name)) and _day(old[1]) < day - KEPT:
            path.unlink()
        elif (left := _PART.fullmatch(path.name)) and _day(left[1]) < day:
            shutil.rmtree(path)


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:  # not a date of ours, as 2026-02-31: nobody's business here
        return date.max
