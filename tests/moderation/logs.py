"""Decision logs to be tampered with: fifty entries, and the hands of somebody who tampers."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

from moderation.chain import KINDS, ZEROS, Line, digest_of, head, key_of, salted, seal, to_json
from moderation.verifying import Verdict, verify

KEY = key_of("test-secret-key-" * 3)
OTHER_KEY = key_of("other-secret-key-" * 3)
SITE = "https://ideas.example.org"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def a_log(length: int = 50, seed: int = 1, previous: str = ZEROS, start: int = 1) -> list[Line]:
    """A log in order; another seed makes another log."""
    random, made = Random(seed), list[Line]()
    for number in range(start, start + length):
        salt = f"{random.getrandbits(128):032x}"
        line = seal(number, NOON + timedelta(microseconds=random.randrange(10**12)), random.choice(KINDS),
                    random.choice(["publish", "decline", "hide"]), random.choice(["", "insult"]),
                    random.choice(["", "house-rules:insult", "dsa:16"]), random.random() < 0.3,
                    salted(f"idea:{number}", salt), random.choice(["", salted("a text", salt)]), previous)
        made.append(line)
        previous = line.digest
    return made


def a_head(line: Line | None) -> dict[str, Any]:
    """The head that the site signed when that line was the last."""
    return head(line, NOON, KEY, SITE)


def resealed(line: Line, **changed: Any) -> Line:
    """A changed entry whose digest was made anew."""
    made = replace(line, **changed)
    return replace(made, digest=digest_of(made))


def rebuilt(lines: list[Line]) -> list[Line]:
    """Numbers, links and digests of a whole log made anew, as whoever owns the site could."""
    made, previous = list[Line](), ZEROS
    for number, line in enumerate(lines, start=1):
        made.append(resealed(line, number=number, previous=previous))
        previous = made[-1].digest
    return made


def verdict(lines: list[Line], head: dict[str, Any] | None = None) -> Verdict:
    """What the verifier says of these lines."""
    return verify(iter([to_json(line) + "\n" for line in lines]), head)


def raw(line: Line, **changed: Any) -> str:
    """A line of the file with parts that no `Line` could have; None leaves one out."""
    parts = json.loads(to_json(line)) | changed
    return json.dumps({name: part for name, part in parts.items() if part is not None})
