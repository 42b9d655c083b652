"""Looking at records before they are kept: the fast way finds what the complete one finds."""

import copy
import json
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from participation.pool import checking, record
from tests.pool.chains import chain, changed

GOOD = json.loads(chain(1)[0])


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The way to everything in a record."""
    found = [path] if path else []
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for name, child in items:
        found += paths(child, (*path, name))
    return found


def spoilt(path: tuple[Any, ...], value: Any) -> dict[str, Any]:
    """The good record with one thing exchanged, or taken out, and a digest that fits where there is one."""
    made: dict[str, Any] = copy.deepcopy(GOOD)
    place = made
    for name in path[:-1]:
        place = place[name]
    if value is None.__class__:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    if isinstance(made.get("provenance"), dict) and path[:2] != ("provenance", "digest"):
        made["provenance"]["digest"] = record.digest(made)
    return made


@pytest.mark.parametrize("path", paths(GOOD), ids=lambda path: ".".join(str(part) for part in path))
def test_both_ways_find_the_same(path: tuple[Any, ...]) -> None:
    complete = Draft202012Validator(record.schema())
    for value in (None.__class__, None, "", "text", -1, 0, 3, 7.5, True, [], {}, [1], {"x": "y"}, "x\n"):
        made = spoilt(path, value)
        body = record.canonical(made)
        if not complete.is_valid(made):
            assert checking.trouble_of(made, body), (path, value)
        elif not checking.trouble_of(made, body):
            assert record.digest(made) == made["provenance"]["digest"]


def test_what_is_good_is_good() -> None:
    for body in chain(4, comments=["ja", "nein"]):
        later = changed(body, added={"later": [1]})  # additions are compatible
        assert [checking.trouble_of(json.loads(each), each) for each in (body, later)] == ["", ""]
    assert checking.trouble_of(GOOD | {"schema": 7}, "{}").startswith("the record is of the kind '7'")


def test_a_digest_of_the_text_is_the_digest() -> None:
    plain = chain(1)[0]
    said = f'"digest":"{GOOD["provenance"]["digest"]}",'
    for made in (GOOD, GOOD | {"title": f"it says {said} in it"}, GOOD | {"body": '"digest":"' + "0" * 64 + '",'}):
        body = record.canonical(made)
        assert checking.digest_of(made, body) == record.digest(made)
    twin = GOOD | {"aside": {"digest": GOOD["provenance"]["digest"], "z": 1}}
    assert checking.digest_of(twin, record.canonical(twin)) == record.digest(twin)
    assert checking.digest_of(GOOD, plain) == GOOD["provenance"]["digest"]
