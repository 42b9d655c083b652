"""The decision log's lines, seals and heads."""

import base64
import hashlib
import hmac
import json
from dataclasses import fields
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from moderation.chain import (
    LINE_MAX,
    ZEROS,
    ChainError,
    Line,
    check_head,
    from_json,
    head,
    head_from_json,
    key_of,
    public,
    salted,
    seal,
    to_json,
)
from tests.moderation.logs import KEY, NOON, OTHER_KEY, SITE, a_head, a_log, raw

LINE = a_log(1)[0]
HEAD = a_head(a_log()[-1])


def _seal(**changed: Any) -> Line:
    parts = {field.name: getattr(LINE, field.name) for field in fields(LINE) if field.name != "digest"}
    return seal(**(parts | changed))


def test_a_salted_text_is_an_hmac_and_needs_a_salt_worth_the_name() -> None:
    salt = "0123456789abcdef" * 2
    assert salted("Straße", salt) == hmac.digest(salt.encode(), "Straße".encode(), "sha256").hex()
    assert salted("Straße", salt) != salted("Straße", salt[::-1])
    with pytest.raises(ValueError):
        salted("Straße", "")


def test_the_digest_is_what_the_description_says() -> None:
    line = seal(1, datetime(2026, 11, 21, 9, 5, 9, 120, timezone(timedelta(hours=1))), "idea", "publish", "", "dsa:16",
                False, "a" * 64, "", ZEROS)
    text = ('{"at":"2026-11-21T08:05:09.000120Z","automated":false,"entry_digest":"' + "a" * 64 + '","kind":"idea",'
            '"move":"publish","number":1,"previous":"' + ZEROS + '","reason":"","rule":"dsa:16","text_digest":""}')
    assert line.digest == hashlib.sha256(text.encode()).hexdigest()


def test_a_line_comes_back_as_it_was_and_in_a_fixed_order() -> None:
    for line in a_log():
        assert from_json(to_json(line)) == line
        assert list(json.loads(to_json(line))) == [field.name for field in fields(Line)]
        assert "\n" not in to_json(line)


@pytest.mark.parametrize(("changed", "why"), [
    ({"at": datetime(2026, 11, 21)}, "time zone"),
    ({"number": 0}, "number"), ({"number": True}, "number"), ({"number": 2**53}, "number"),
    ({"kind": "ideas"}, "kind"), ({"move": ""}, "move"), ({"move": "publish\n"}, "move"), ({"move": "p" * 101}, "move"),
    ({"reason": "Anna insulted Bert"}, "reason"), ({"rule": "\ud800"}, "rule"), ({"automated": 1}, "automated"),
    ({"entry_digest": ""}, "entry_digest"), ({"text_digest": "A" * 64}, "text_digest"), ({"previous": "0"}, "previous"),
])
def test_nothing_is_sealed_that_would_not_be_read(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ChainError, match=why):
        _seal(**changed)


@pytest.mark.parametrize(("text", "why"), [
    ("", "not JSON"), ("{", "not JSON"), (to_json(LINE)[:-5], "not JSON"), (to_json(LINE) + "{}", "not JSON"),
    ("[]", "not a JSON object"), ("null", "not a JSON object"), ("[" * 9000, "not JSON"), ("9" * 5000, "not JSON"),
    ("\ufeff" + to_json(LINE), "not JSON"), (" " * LINE_MAX + to_json(LINE), "longer"),
    (to_json(LINE)[:-1] + ',"automated":true}', "twice"), (raw(LINE, kind={"a": 1}), "kind"),
    (raw(LINE, kind=[]), "kind"),
    (raw(LINE, author="Anna"), "does not belong there: 'author'"), (raw(LINE, rule=None), "lacks rule"),
    (raw(LINE, number="1"), "number"), (raw(LINE, number=1.0), "number"), (raw(LINE, number=float("nan")), "number"),
    (raw(LINE, at=0), "time"), (raw(LINE, at="2026-02-31T08:05:09.000120Z"), "time"),
    (raw(LINE, at="2026-11-21T08:05:09Z"), "time"), (raw(LINE, at="2026-11-21T08:05:09.000120+00:00"), "time"),
    (raw(LINE, at="٢026-11-21T08:05:09.000120Z"), "time"), (raw(LINE, automated="no"), "automated"),
    (raw(LINE, move="\x1b[31m" * 30), r"move is not a key: '\\x1b\[31m.*\.\.\.$"), (raw(LINE, digest=5), "digest"),
    (raw(LINE, digest="g" * 64), "digest"), (raw(LINE, digest="a" * 64 + "\n"), "digest"),
], ids=lambda value: ascii(value)[:40])
def test_a_line_that_is_none_is_refused_with_its_number_and_why(text: str, why: str) -> None:
    with pytest.raises(ChainError, match=why) as caught:
        from_json(text, 17)
    assert caught.value.line_number == 17
    assert len(caught.value.why) < 200


def test_order_and_spaces_of_a_line_mean_nothing() -> None:
    parts = json.loads(to_json(LINE))
    assert from_json(json.dumps(dict(reversed(parts.items())), indent=1) + "\r\n") == LINE


def test_a_head_is_signed_over_the_rest_of_it() -> None:
    check_head(HEAD, public(KEY))
    rest = json.dumps({k: v for k, v in HEAD.items() if k != "signature"}, sort_keys=True, separators=(",", ":"))
    key = Ed25519PublicKey.from_public_bytes(base64.b64decode(HEAD["public_key"]))
    key.verify(base64.b64decode(HEAD["signature"]), rest.encode())
    assert list(HEAD) == ["site", "number", "digest", "at", "public_key", "signature"]
    assert head_from_json(json.dumps(HEAD)) == HEAD


def test_the_key_follows_from_the_secret_and_from_nothing_else() -> None:
    secret = b"a secret of the site"
    seed = hmac.digest(hmac.digest(bytes(32), secret, "sha256"), b"participation decision log 1\x01", "sha256")
    assert key_of(secret.decode()).private_bytes_raw() == seed
    assert public(KEY) != public(OTHER_KEY)


def test_the_head_of_an_empty_log() -> None:
    empty = a_head(None)
    check_head(empty)
    assert (empty["number"], empty["digest"]) == (0, ZEROS)


def test_a_head_says_when() -> None:
    with pytest.raises(ChainError, match="time zone"):
        head(LINE, datetime(2026, 11, 21), KEY, SITE)


@pytest.mark.parametrize(("changed", "why"), [
    ({"number": 49}, "signature is wrong"), ({"digest": "a" * 64}, "signature is wrong"),
    ({"site": "https://evil.example.org"}, "signature is wrong"), ({"at": "2026-11-21T12:00:00.000001Z"}, "signature"),
    ({"public_key": public(OTHER_KEY)}, "signature is wrong"),
    ({"signature": base64.b64encode(bytes(64)).decode()}, "signature is wrong"),
    ({"signature": "äöü"}, "64 bytes"), ({"signature": 5}, "64 bytes"), ({"signature": ""}, "64 bytes"),
    ({"public_key": HEAD["public_key"][:-4]}, "32 bytes"), ({"public_key": None}, "32 bytes"),
    ({"number": True}, "number"), ({"number": -1}, "number"), ({"number": 50.0}, "number"), ({"number": 0}, "digest"),
    ({"digest": ""}, "digest"), ({"digest": None}, "digest"), ({"site": None}, "site"), ({"site": "\ud800"}, "site"),
    ({"at": "yesterday"}, "time"), ({"more": 1}, "does not belong there"),
])
def test_a_changed_or_malformed_head_is_refused(changed: dict[str, Any], why: str) -> None:
    with pytest.raises(ChainError, match=why):
        check_head(HEAD | changed)


@pytest.mark.parametrize("name", list(HEAD))
def test_a_head_lacks_nothing(name: str) -> None:
    with pytest.raises(ChainError, match=f"malformed: it lacks {name}"):
        check_head({key: value for key, value in HEAD.items() if key != name})


def test_a_head_signed_with_another_key_is_whole_but_not_the_sites() -> None:
    forged = head(a_log()[-1], NOON, OTHER_KEY, SITE)
    check_head(forged)
    with pytest.raises(ChainError, match="another key"):
        check_head(forged, public(KEY))


@pytest.mark.parametrize(("text", "why"), [
    ("", "cannot be read: it is not JSON"), ("[]", "not a JSON object"), (json.dumps(HEAD)[:-1], "not JSON"),
    (json.dumps(HEAD)[:-1] + ',"number":3}', "twice"), (" " * LINE_MAX + json.dumps(HEAD), "longer"),
], ids=lambda value: ascii(value)[:40])
def test_what_is_no_head_is_not_read_as_one(text: str, why: str) -> None:
    with pytest.raises(ChainError, match=why):
        head_from_json(text)
