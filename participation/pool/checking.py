"""Records from a file or another site, looked at before any of them is kept: each for itself, and all as a chain.

One pass over everything names whatever is wrong, so that nothing is half imported. Of a record no more is remembered
than its number, its digest and the line it stands in.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from hashlib import sha256
from typing import Any, TypeVar

import fastjsonschema
from jsonschema import Draft202012Validator
from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.pool.model import Received
from participation.pool.record import VERSION, digest, schema
from participation.pool.strict import AGAIN

T = TypeVar("T")

WHOLE = ("Import the records before it first, or export all of them with `participation pool export`: what is "
         "downloaded at the desk holds the newest revision of each idea only.")
_AT_ONCE = 500  # numbers that the pool is asked for together
_INT_MAX = 2**31 - 1
_DIGEST = 32  # bytes
# What the pool's columns hold, beyond what the schema says; SQLite alone would take more.
_LONGEST = (("ref", 20), ("field", 60), ("district", 40), ("language", 20))


@cache
def _fits() -> Callable[[Any], Any]:
    # Compiled once, it is seventeen times as fast as jsonschema, which says better what is wrong.
    compiled: Callable[[Any], Any] = fastjsonschema.compile(schema(), use_formats=False)
    return compiled


def event_of(record: dict[str, Any]) -> str:
    """The id under which a record is kept: the same that its delivery has."""
    return f"{record['ref']}/{record['revision']}"


def digest_of(record: dict[str, Any], body: str) -> str:
    """The digest of a record whose canonical text is at hand: without the part that says it, where that is the only
    one of its kind, because writing the text anew takes three times as long."""
    said = f'"digest":"{record["provenance"]["digest"]}",'
    if body.count(said) != 1:
        return digest(record)
    return sha256(body.replace(said, "").encode()).hexdigest()


def trouble_of(record: dict[str, Any], body: str) -> str:
    """What is wrong with a record by itself and what to do, in English; "" when nothing is. `body` is its canonical
    text."""
    said = record.get("schema")
    if said != f"idea-record-{VERSION}":
        return (f"the record is of the kind {str(said)[:40]!a}, and this pool reads idea-record-{VERSION}. Update this "
                "site, or export from one of the same version.")
    try:
        _fits()(record)
    except fastjsonschema.JsonSchemaException as trouble:
        problem = next(iter(Draft202012Validator(schema()).iter_errors(record)), None)
        what = f"{problem.json_path}: {problem.message[:300]}" if problem is not None else str(trouble)[:300]
        return f"{what}. {AGAIN}"
    try:
        if digest_of(record, body) != record["provenance"]["digest"]:
            return f"the digest does not fit: the record was changed after it was written. {AGAIN}"
    except UnicodeEncodeError:
        return f"the record holds half a character (a lone surrogate), which cannot be stored. {AGAIN}"
    whole = (record["sequence"], record["revision"], record["supporters"]["total"], record["comments"]["count"])
    if not all(type(number) is int and number <= _INT_MAX for number in whole):
        return f"a number of the record is none that can be stored. {AGAIN}"
    long = [name for name, limit in _LONGEST if len(record[name] or "") > limit]
    if long or len(record["provenance"]["site"]) > 300:
        return f"{(long or ['site'])[0]} is longer than can be stored. {AGAIN}"
    return ""


class Check:
    """What was read so far, of each site it is from."""

    def __init__(self) -> None:
        self._chains: dict[str, _Chain] = {}
        self.records = 0

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites the records are from."""
        return tuple(self._chains)

    @property
    def highest(self) -> int:
        """The highest number among them; 0 when there is none."""
        return max((max(chain.seen, default=0) for chain in self._chains.values()), default=0)

    def look(self, line: int, body: str) -> str:
        """Take in the record of a line; says what is wrong with it and what to do, or nothing."""
        record = json.loads(body)
        self.records += 1
        why = trouble_of(record, body)
        try:
            chain = self._chains.setdefault(record["provenance"]["site"], _Chain())
            if not why:
                return chain.add(line, record)
            chain.bad.add(record["sequence"])  # its neighbours are not to be blamed for it
        except (KeyError, TypeError):
            pass
        return why

    def compared(self, session: Session) -> Iterator[tuple[int, str]]:
        """What does not go together with what the pool holds, or is missing in both: (line, what to do)."""
        for site, chain in self._chains.items():
            yield from chain.compared(session, site)

    def knows(self, record: dict[str, Any], body: str) -> bool:
        """Whether the very same record was looked at before; looks at all of its text again."""
        try:
            chain, sealed = self._chains[record["provenance"]["site"]], record["provenance"]["digest"]
            return bool(chain.seen[record["sequence"]][:_DIGEST].hex() == sealed == digest_of(record, body))
        except (KeyError, TypeError):
            return False


class _Chain:
    """The records of one site by their numbers."""

    def __init__(self) -> None:
        self.seen: dict[int, bytes] = {}  # number: digest and line; bytes are a third of what a tuple takes
        self.wants: dict[int, bytes] = {}  # number: the digest it follows, while that one has not been read
        self.events: dict[str, int] = {}
        self.bad: set[int] = set()

    def add(self, line: int, record: dict[str, Any]) -> str:
        """A record that is right by itself; says whether it is there twice, or does not follow the one before."""
        number, event = record["sequence"], event_of(record)
        sealed, previous = (bytes.fromhex(record["provenance"][name]) for name in ("digest", "previous"))
        if there := self.seen.get(number):
            what = "is there twice" if there[:_DIGEST] == sealed else "is there with two different texts"
            return f"record {number} {what}: it stands in line {_line(there)}, too. Take one of them out, or: {AGAIN}"
        self.seen[number] = sealed + line.to_bytes(4, "big")
        if event in self.events:
            return f"revision {event} is there as record {self.events[event]} already. {AGAIN}"
        self.events[event] = number
        follower = self.wants.pop(number + 1, sealed)
        if number == 1:
            return f"record 1 follows another one, and the first follows none. {AGAIN}" if previous else ""
        before = self.seen.get(number - 1)
        if before is None:
            self.wants[number] = previous
        elif before[:_DIGEST] != previous:
            return _broken(number - 1, number)
        return "" if follower == sealed else _broken(number, number + 1)

    def compared(self, session: Session, site: str) -> Iterator[tuple[int, str]]:
        """Against the pool, some hundred numbers at a time."""
        for part in _parts(sorted(self.seen)):
            near = {near for number in part for near in (number - 1, number, number + 1)}
            held = {row.seq: bytes.fromhex(row.digest) for row in session.execute(
                select(Received.seq, Received.digest).where(Received.site == site, Received.seq.in_(near)))}
            behind = {n for n in part if n not in held and n + 1 in held and n + 1 not in self.seen}
            for number in part:
                if why := self._against(number, held) or (number in behind and _follows(session, site, number,
                                                                                       self.seen[number])):
                    yield _line(self.seen[number]), why
        for events in _parts(list(self.events)):
            for row in session.execute(select(Received.event, Received.seq)
                                       .where(Received.site == site, Received.event.in_(events))):
                number = self.events[row.event]
                if row.seq != number:
                    yield _line(self.seen[number]), (
                        f"revision {row.event} is record {row.seq} in the pool already. {AGAIN}")

    def _against(self, number: int, held: dict[int, bytes]) -> str:
        if number in held:
            return "" if held[number] == self.seen[number][:_DIGEST] else (
                f"the pool holds another record with the number {number} of this site. Was the site set back to an "
                "older state? Compare the two with `participation pool reconcile`.")
        if number not in self.wants or number - 1 in self.bad:
            return ""
        if number - 1 not in held:
            return (f"record {number} follows record {number - 1}, which neither this file nor the pool holds. "
                    f"{WHOLE}")
        return "" if held[number - 1] == self.wants[number] else _broken(number - 1, number)


def _follows(session: Session, site: str, number: int, kept: bytes) -> str:
    body = session.scalar(select(Received.body).where(Received.site == site, Received.seq == number + 1))
    previous = previous_of(body) if body else None
    return "" if previous in (None, kept[:_DIGEST].hex()) else _broken(number, number + 1)


def previous_of(body: str) -> str | None:
    """The digest that a kept record follows; None where the copy is damaged, which says nothing about others."""
    try:
        return str(json.loads(body)["provenance"]["previous"])
    except (ValueError, KeyError, TypeError):
        return None


def _broken(before: int, number: int) -> str:
    return f"the chain is broken: record {number} follows another record {before} than this one. {AGAIN}"


def _line(kept: bytes) -> int:
    return int.from_bytes(kept[_DIGEST:], "big")


def _parts(things: Sequence[T]) -> Iterator[Sequence[T]]:
    for start in range(0, len(things), _AT_ONCE):
        yield things[start:start + _AT_ONCE]
