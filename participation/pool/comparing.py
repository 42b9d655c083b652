"""Comparing by digests: what a pool answers when a site asks what it holds of its records.

One digest stands for a range of up to a thousand records, so that a hundred thousand are compared in
seconds; only where a digest differs are the records themselves named.
"""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.errors import Invalid
from participation.pool.importing import verify
from participation.pool.model import Received
from participation.pool.record import digest

WIDTH = 1000  # sequence numbers in one range, at most
RANGES = 100  # ranges in one question
LISTED = 10  # ranges in one question when records are named or read again
HIGHEST = 2**31 - 1  # that a sequence number can be
_READ = 100  # bodies held at once


@dataclass(frozen=True, slots=True)
class Sum:
    """A range of records in one line: how many there are, and the digest over their digests."""

    first: int
    last: int
    count: int
    digest: str


@dataclass(frozen=True, slots=True)
class Question:
    """What a sender wants to know of its own records."""

    site: str
    ranges: tuple[tuple[int, int], ...]
    named: bool  # each record of the ranges instead of their digests
    thorough: bool  # digests made anew of what is kept, instead of those noted when it came


def summed(first: int, last: int, digests: Iterable[str]) -> Sum:
    """The sum of a range: SHA-256, in hexadecimal, over the records' digests in the order of their sequence
    numbers, each followed by a line feed."""
    whole, count = hashlib.sha256(), 0
    for each in digests:
        whole.update(each.encode() + b"\n")
        count += 1
    return Sum(first, last, count, whole.hexdigest())


def read_question(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> Question:
    """What a signed request asks. Raises NotAllowed for a wrong, missing or old signature and Invalid for
    something that is no such question. Asking changes nothing, so the same message may come twice."""
    verify(body, {key.lower(): value for key, value in headers.items()}, secrets)
    try:
        asked = json.loads(body)
        site, ranges = asked["site"], tuple((first, last) for first, last in asked["ranges"])
        named, thorough = asked.get("list", False), asked.get("thorough", False)
    except (ValueError, RecursionError, KeyError, TypeError, AttributeError) as trouble:
        raise Invalid("body", "not_a_question") from trouble
    if not (isinstance(site, str) and isinstance(named, bool) and isinstance(thorough, bool)):
        raise Invalid("body", "not_a_question")
    for each in ranges:
        if not all(type(end) is int for end in each) or not 1 <= each[0] <= each[1] <= HIGHEST:
            raise Invalid("body", "not_a_question")
        if each[1] - each[0] >= WIDTH:
            raise Invalid("body", "range_too_wide", limit=WIDTH)
    if len(ranges) > (most := LISTED if named or thorough else RANGES):
        raise Invalid("body", "too_many_ranges", limit=most)
    return Question(site.rstrip("/"), ranges, named, thorough)


def answer_to(session: Session, asked: Question) -> dict[str, Any]:
    """What the built-in pool holds of a site's records: the contract that any receiver can keep.

    The site POSTs to the receiver's address with "/compare" behind it, signed like a delivery,

        {"site": "https://example.org", "ranges": [[1, 1000], [1001, 1234]]}

    with up to 100 ranges, each up to 1000 numbers wide. The answer says the highest sequence number held
    (0 without any) and, for each range in the order asked, how many records are held and their digest,
    which is the SHA-256 over the records' own digests (provenance.digest) in order, each followed by a
    line feed:

        {"highest": 1234, "ranges": [{"first": 1, "last": 1000, "count": 1000, "digest": "9f86…"}, …]}

    With "list": true, for up to 10 ranges, each range names its records as [sequence, digest] instead:

        {"highest": 1234, "ranges": [{"first": 1, "last": 1000, "records": [[1, "4fc8…"], …]}]}

    With "thorough": true, for up to 10 ranges, the digests are made anew of what is kept, so that a copy
    that was damaged later is seen. A receiver without such an address answers 404 or 405, and is told so.
    """
    highest = session.scalar(select(func.max(Received.seq)).where(Received.site == asked.site)) or 0
    ranges: list[dict[str, Any]] = []
    for first, last in asked.ranges:
        held = _held(session, asked, first, last)
        if asked.named:
            ranges.append({"first": first, "last": last, "records": [list(pair) for pair in held]})
        else:
            ranges.append(asdict(summed(first, last, (each for _, each in held))))
    return {"highest": highest, "ranges": ranges}


def _held(session: Session, asked: Question, first: int, last: int) -> Iterator[tuple[int, str]]:
    """The sequence numbers and digests held of a range, in order."""
    where = (Received.site == asked.site, Received.seq.between(first, last))
    if not asked.thorough:
        for row in session.execute(select(Received.seq, Received.digest).where(*where).order_by(Received.seq)):
            yield row.seq, row.digest
        return
    for kept in session.execute(select(Received.seq, Received.body).where(*where).order_by(Received.seq)
                                .execution_options(yield_per=_READ)):
        yield kept.seq, anew(kept.body)


def anew(body: str) -> str:
    """The digest made anew of a kept text; of one that is no record any more, that of its bytes."""
    try:
        return digest(json.loads(body))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return hashlib.sha256(body.encode("utf-8", "surrogatepass")).hexdigest()
