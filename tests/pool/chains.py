"""Chains of records made without a database, as a site would have written them."""

import json
from collections.abc import Iterable
from typing import Any

from participation.pool.record import canonical, digest
from tests.pool.bodies import body

SITE = "https://mitreden.example"


def sealed(record: dict[str, Any]) -> str:
    """The canonical text of a record with a digest that fits."""
    record["provenance"]["digest"] = digest(record)
    return canonical(record)


def chain(count: int, start: int = 1, previous: str = "", site: str = SITE, **changes: Any) -> list[str]:
    """That many records, each following the one before. Every third one is the second revision of the one before it."""
    made = []
    for number in range(start, start + count):
        record = json.loads(body(number, title=f"Idea {number}", **changes))
        if number % 3 == 0:
            record |= {"ref": f"MZ-2026-{number - 1:05}", "revision": 2}
        record["provenance"] |= {"previous": previous, "site": site}
        made.append(sealed(record))
        previous = record["provenance"]["digest"]
    return made


def changed(text: str, **changes: Any) -> str:
    """A record with other contents and a digest that fits; what follows it does not any more."""
    record = json.loads(text)
    for name in ("previous", "site"):
        if name in changes:
            record["provenance"][name] = changes.pop(name)
    return sealed(record | changes)


def lines(bodies: Iterable[str]) -> bytes:
    """A JSONL file of them."""
    return "".join(f"{each}\n" for each in bodies).encode()
