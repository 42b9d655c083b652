"""The public decision log as a chain that shows tampering: its lines, their seals, and the signed head.

Pure functions: no database, no clock. `verifying.py` beside this file checks a whole log. Whoever wants to write
a verifier of their own needs no more than this page.

**The file** is JSON Lines in UTF-8: one JSON object a line, lines end with a line feed and only with that, blank
lines mean nothing. No line is longer than 10,000 characters. Every object has exactly these names, none twice:

    number        integer, 1 for the first entry, then 2, 3, … without gaps, at most 2^53 - 1
    at            when it was decided, in UTC, always written like 2026-11-21T08:05:09.000120Z
    kind          what was decided on: idea, comment, edit, report, appeal or person
    move          the key of what was done, like publish
    reason, rule  the key of the reason, and of the rule it rests on, like house-rules:insult or dsa:16; "" for none
    automated     true when no human decided, else false
    entry_digest  which entry: the salted digest of its reference, 64 lower-case hexadecimal digits
    text_digest   the text as it stood: its salted digest; "" where there was none
    previous      the digest of the entry before; for the first entry 64 zeros
    digest        the digest of this entry

Keys (move, reason, rule) consist of A-Z a-z 0-9 . _ : / - and have at most 100 characters, so no sentence and no
name can get into a log that is never changed again.

**The canonical text** of an object: names sorted, no spaces, UTF-8, only what JSON demands is escaped
(as RFC 8785 has it). **The digest of an entry** is SHA-256, in lower-case hexadecimal, over the canonical text of the
entry without `digest`. Key order and spaces of the line in the file mean nothing.

**A salted digest** is HMAC-SHA256, in lower-case hexadecimal; its key is the salt (ASCII text, random, another for
each line, kept by the site and not published), its message the text in UTF-8. While the salt is kept, the site can
show that a text is the one meant. When the text and its salt are erased, nobody can guess the text any more, and
the chain stays whole.

**The head** says how far the log went at a time. It is one JSON object with exactly these names:

    site          the address of the site
    number        the number of the last entry; 0 for an empty log
    digest        the digest of that entry; for an empty log 64 zeros
    at            when the head was signed, written as above
    public_key    an Ed25519 public key (RFC 8032): its 32 bytes in base64 with padding
    signature     the Ed25519 signature, 64 bytes in base64, over the canonical text of the head without `signature`

The private key's 32 bytes are HKDF-SHA256 (RFC 5869) of the site's SECRET_KEY in UTF-8, without salt, with the info
"participation decision log 1". A head proves only that the holder of *its* key signed it: compare `public_key` with
one you had earlier, or from elsewhere. The chain alone cannot show that its end was cut off or written anew; a head
that you kept can. Keep heads.

**To verify:** each line has the shape above · numbers go 1, 2, 3, … · each digest fits · each `previous` is the digest
of the entry before · the head's signature fits · the log reaches the head's number and has the head's digest there.
"""

import base64
import binascii
import hashlib
import hmac
import json
import re
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from participation.errors import Trouble

KINDS = ("idea", "comment", "edit", "report", "appeal", "person")
ZEROS = "0" * 64
LINE_MAX = 10_000  # characters; ours have fewer than a thousand
NUMBER_MAX = 2**53 - 1  # beyond it, JavaScript and others read another number than is written
_HEX = re.compile(r"[0-9a-f]{64}")
_KEY = re.compile(r"[A-Za-z0-9._:/-]{1,100}")
_AT = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.[0-9]{6}Z")
_HEAD = ("site", "number", "digest", "at", "public_key", "signature")


class ChainError(Trouble):
    """A line or a head that cannot be right: which (0 for a head, or when nobody knows), and why in plain English."""

    def __init__(self, line_number: int, why: str) -> None:
        super().__init__(why, what=why)
        self.line_number = line_number


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of the log; the module's description says what each part means."""

    number: int
    at: datetime
    kind: str
    move: str
    reason: str
    rule: str
    automated: bool
    entry_digest: str
    text_digest: str
    previous: str
    digest: str


_NAMES = tuple(field.name for field in fields(Line))


def salted(text: str, salt: str) -> str:
    """The digest that stands for a text in the log. The salt must be random and another for each line."""
    if len(salt) < 32:  # 16 bytes in hexadecimal; a shorter or an empty one could be guessed along with the text
        raise ValueError("a salt has at least 32 characters")
    return hmac.new(salt.encode(), text.encode(), hashlib.sha256).hexdigest()


def seal(number: int, at: datetime, kind: str, move: str, reason: str, rule: str, automated: bool,
         entry_digest: str, text_digest: str, previous: str) -> Line:
    """The entry with its digest. Raises ChainError when it would not fit into a log."""
    line = _line({"number": number, "at": _written(at), "kind": kind, "move": move, "reason": reason, "rule": rule,
                  "automated": automated, "entry_digest": entry_digest, "text_digest": text_digest,
                  "previous": previous, "digest": ZEROS}, number)
    return replace(line, digest=digest_of(line))


def digest_of(line: Line) -> str:
    """The digest that fits the contents of a line, whatever digest it has."""
    contents = _plain(line)
    del contents["digest"]
    return hashlib.sha256(_canonical(contents)).hexdigest()


def to_json(line: Line) -> str:
    """The line as it stands in the log, without a line end; always in the same order."""
    return json.dumps(_plain(line), ensure_ascii=False, separators=(",", ":"))


def from_json(text: str, line_number: int = 0) -> Line:
    """Read a line of the log; `line_number` is only for the message. Raises ChainError that says what is wrong.

    It looks at the shape alone: whether the digest fits is for whoever verifies.
    """
    return _line(_read(text, line_number), line_number)


def key_of(secret: str) -> Ed25519PrivateKey:
    """The key that signs heads, derived from the site's SECRET_KEY; changing that one changes this one."""
    derive = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"participation decision log 1")
    return Ed25519PrivateKey.from_private_bytes(derive.derive(secret.encode()))


def public(key: Ed25519PrivateKey) -> str:
    """The public key in base64, as heads carry it."""
    return base64.b64encode(key.public_key().public_bytes_raw()).decode()


def head(line: Line | None, at: datetime, key: Ed25519PrivateKey, site: str) -> dict[str, Any]:
    """The signed head of a log whose last entry is `line`; None for a log without entries."""
    number, digest = (line.number, line.digest) if line else (0, ZEROS)
    made = {"site": site, "number": number, "digest": digest, "at": _written(at), "public_key": public(key)}
    return made | {"signature": base64.b64encode(key.sign(_canonical(made))).decode()}


def head_from_json(text: str) -> dict[str, Any]:
    """Read what ought to be a head; whether it is one, `check_head` says. Raises ChainError."""
    try:
        read = _read(text, 0)
    except ChainError as trouble:
        raise ChainError(0, f"the head cannot be read: {trouble.why}") from trouble
    if not isinstance(read, dict):
        raise ChainError(0, "the head is not a JSON object")
    return read


def check_head(head: dict[str, Any], public_key: str | None = None) -> None:
    """Raise ChainError when a head is malformed, its signature is wrong, or its key is not `public_key`.

    Without `public_key` it shows only that the head is whole: anybody can sign with a key of their own.
    """
    try:
        _exactly(head, _HEAD, 0)
    except ChainError as trouble:
        raise ChainError(0, f"the head is malformed: {trouble.why}") from trouble
    number, digest, site = head["number"], head["digest"], head["site"]
    if type(number) is not int or not 0 <= number <= NUMBER_MAX:
        raise ChainError(0, f"the head's number is not one: {_shown(number)}")
    if not _is(_HEX, digest) or (number == 0 and digest != ZEROS):
        raise ChainError(0, f"the head's digest is not one: {_shown(digest)}")
    if not isinstance(site, str) or not site.isprintable():  # half a character (a lone surrogate) is not printable
        raise ChainError(0, f"the head's site is not an address: {_shown(site)}")
    _moment(head["at"], 0)
    key, signature = _bytes(head, "public_key", 32), _bytes(head, "signature", 64)
    if public_key is not None and head["public_key"] != public_key:
        raise ChainError(0, "the head is signed with another key than the one expected")
    try:
        signed = _canonical({name: head[name] for name in _HEAD if name != "signature"})
        Ed25519PublicKey.from_public_bytes(key).verify(signature, signed)
    except InvalidSignature as trouble:
        raise ChainError(0, "the head's signature is wrong: it was changed, or signed with another key") from trouble


def _read(text: str, number: int) -> object:
    if len(text.rstrip("\r\n")) > LINE_MAX:
        raise ChainError(number, f"it is longer than {LINE_MAX} characters")
    try:
        found: object = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError) as trouble:  # ValueError also for a number of thousands of digits
        raise ChainError(number, "it is not JSON, or is cut off") from trouble
    except ChainError as trouble:
        raise ChainError(number, trouble.why) from None
    return found


def _line(read: object, number: int) -> Line:
    """The line of what was read from JSON; everything about its shape is checked here."""
    if not isinstance(read, dict):
        raise ChainError(number, "it is not a JSON object")
    _exactly(read, _NAMES, number)
    if type(read["number"]) is not int or not 1 <= read["number"] <= NUMBER_MAX:  # True is an int, too
        raise ChainError(number, f"its number is not one: {_shown(read['number'])}")
    at = _moment(read["at"], number)
    if not isinstance(read["kind"], str) or read["kind"] not in KINDS:
        raise ChainError(number, f"its kind is none of {', '.join(KINDS)}: {_shown(read['kind'])}")
    for name in ("move", "reason", "rule"):
        if not _is(_KEY, read[name]) and (name == "move" or read[name] != ""):
            raise ChainError(number, f"its {name} is not a key: {_shown(read[name])}")
    if type(read["automated"]) is not bool:
        raise ChainError(number, f"its automated is neither true nor false: {_shown(read['automated'])}")
    for name in ("entry_digest", "text_digest", "previous", "digest"):
        if not _is(_HEX, read[name]) and (name != "text_digest" or read[name] != ""):
            raise ChainError(number, f"its {name} is not 64 hexadecimal digits: {_shown(read[name])}")
    return Line(**(read | {"at": at}))


def _exactly(read: dict[str, Any], names: tuple[str, ...], number: int) -> None:
    """Neither more nor less: what is not known here would not be under the digest as anybody understands it."""
    for name in names:
        if name not in read:
            raise ChainError(number, f"it lacks {name}")
    for name in read:
        if name not in names:
            raise ChainError(number, f"it has something that does not belong there: {_shown(name)}")


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object none of whose names stands twice: readers would differ about which one counts."""
    made = dict(pairs)
    if len(made) < len(pairs):
        raise ChainError(0, "a name stands in it twice")
    return made


def _moment(value: object, number: int) -> datetime:
    try:
        if isinstance(value, str) and _AT.fullmatch(value):
            return datetime.fromisoformat(value)
    except ValueError:  # the 31st of February
        pass
    raise ChainError(number, f"its time is not written like 2026-11-21T08:05:09.000120Z: {_shown(value)}")


def _bytes(head: dict[str, Any], name: str, length: int) -> bytes:
    try:
        found = base64.b64decode(head[name], validate=True)
    except (TypeError, ValueError, binascii.Error):
        found = b""
    if len(found) != length:
        raise ChainError(0, f"the head's {name} is not {length} bytes in base64: {_shown(head[name])}")
    return found


def _plain(line: Line) -> dict[str, Any]:
    return {name: getattr(line, name) for name in _NAMES} | {"at": _written(line.at)}


def _written(at: datetime) -> str:
    if at.tzinfo is None:  # it would be taken for the time of wherever this runs
        raise ChainError(0, "a time has no time zone")
    return at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def _canonical(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()


def _is(pattern: re.Pattern[str], value: object) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _shown(value: object) -> str:
    """A value for a message: short, and without what could play tricks on a terminal."""
    shown = ascii(value)
    return shown if len(shown) <= 60 else shown[:57] + "..."
