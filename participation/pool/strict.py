"""JSON from elsewhere, read strictly: one record, and nothing that two programs could read differently.

Doubled keys, NaN, numbers without end, half a character or a thousand brackets are refused here, so
that behind this door every record has one canonical text.
"""

import json
import math
import re
from typing import Any, NoReturn

from participation.pool.record import canonical

AGAIN = "Export the records once more and import that file as it is."
DEPTH_MAX = 20
_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


class Wrong(Exception):
    """What is wrong with one record and what to do, in English."""


def record_of(text: str) -> tuple[dict[str, Any], str]:
    """A record and its canonical text. Raises Wrong, whatever the text holds."""
    try:
        record = json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_int=_whole,
                            parse_float=_fraction)
        if not isinstance(record, dict):
            raise Wrong(f"this is JSON, but no record. {AGAIN}")
        if _deeper_than(record, DEPTH_MAX):
            raise RecursionError
        kept = canonical(record)
        kept.encode()
    except json.JSONDecodeError as trouble:
        raise Wrong(f"this is not one whole record in JSON ({trouble.msg}, character {trouble.pos + 1}). "
                    f"{AGAIN}") from trouble
    except RecursionError as trouble:
        raise Wrong(f"the record is nested deeper than any record is. {AGAIN}") from trouble
    except UnicodeEncodeError as trouble:
        raise Wrong("the record holds half a character (a lone surrogate), which cannot be stored. "
                    f"{AGAIN}") from trouble
    if "\\u0000" in kept and _NUL.search(kept):
        raise Wrong(f"the record holds a NUL character, which cannot be stored. {AGAIN}")
    return record, kept


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        twice = next(name for name in names if names.count(name) > 1)
        raise Wrong(f"the record says {twice[:40]!a} twice, and it is not sure which counts. {AGAIN}")
    return found


def _no_number(name: str) -> NoReturn:
    raise Wrong(f"{name} is no number in JSON. {AGAIN}")


def _whole(digits: str) -> int:
    if len(digits) > 19 or not -2**63 <= (number := int(digits)) < 2**63:
        raise Wrong(f"the number {digits[:20]}… is too large to be one of a record. {AGAIN}")
    return number


def _fraction(digits: str) -> float:
    if not math.isfinite(number := float(digits)):
        raise Wrong(f"the number {digits[:20]} is too large to be one of a record. {AGAIN}")
    return number


def _deeper_than(value: Any, limit: int) -> bool:
    """Level by level and not by recursion, because the stack is what such a text is made to exhaust."""
    level = [value]
    for _ in range(limit):
        level = [child for each in level if isinstance(each, dict | list)
                 for child in (each.values() if isinstance(each, dict) else each)]
        if not level:
            return False
    return True
