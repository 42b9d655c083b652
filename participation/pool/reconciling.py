"""Reconciliation: this site's records beside what a receiver really holds, whatever it has confirmed.

A comparison has three beats, because nothing may be sent while a transaction is open: sum up ours, ask
the receiver, then name and, where a person wants it, mend. The nightly one only names: a receiver that
has lost records has had an accident, and what to do about that is for its people to say.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from sqlalchemy import delete, exists, func, literal, select
from sqlalchemy.orm import Session

from participation import reaching
from participation.database import now
from participation.errors import NotThere
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.jobs import GiveUp, House, TryLater
from participation.outbox import Event, happened, untold
from participation.pool.comparing import HIGHEST, LISTED, RANGES, WIDTH, Sum, anew, summed
from participation.pool.delivery import signed
from participation.pool.model import Delivery, Receiver, Reconciliation, Record
from participation.pool.record import alone, receivers, site_of
from participation.pool.runs import Finding, Found, note
from participation.settings import BUILT_IN

BEYOND = 100 * WIDTH  # numbers beyond ours that are looked at
AT_ONCE = 500  # rows in one statement
_NOT_OFFERED = (404, 405, 501)


class _Silent(Exception):
    """The receiver cannot be compared; its words say why, in English."""


@dataclass
class Comparison:
    """One run on its way: what a follower sends and then records."""

    receiver_id: int
    receiver: str
    url: str
    secrets: tuple[str, ...]
    private: bool  # whether the address may lie inside a private network
    proxies: bool  # whether the way there may lead through what the environment names
    site: str
    at: datetime
    repair: bool
    thorough: bool
    ours: Sequence[Sum]
    differing: dict[tuple[int, int], dict[int, str]] = field(default_factory=dict)  # range → theirs
    beyond: list[int] = field(default_factory=list)  # numbers there that are higher than any of ours
    trouble: str = ""

    def send(self) -> None:
        """Ask the receiver. Trouble with it is a result of the run, to be shown, not a reason to repeat it."""
        try:
            self._ask()
        except _Silent as trouble:
            self.trouble, self.differing, self.beyond = str(trouble), {}, []

    def _ask(self) -> None:
        step = LISTED if self.thorough else RANGES
        highest = 0
        for start in range(0, max(len(self.ours), 1), step):
            part = self.ours[start:start + step]
            said, ranges = self._asked([(each.first, each.last) for each in part], named=False)
            highest = max(highest, said)
            for ours, theirs in zip(part, ranges, strict=True):
                if (theirs.get("count"), theirs.get("digest")) != (ours.count, ours.digest):
                    self.differing[ours.first, ours.last] = {}
        for found, records in self._named(list(self.differing)):
            self.differing[found] = records
        last = self.ours[-1].last if self.ours else 0
        if highest > last + BEYOND:
            raise _Silent(f"it says that it holds record {highest}, and this site wrote {last}")
        for _, records in self._named([(first, min(first + WIDTH - 1, highest))
                                       for first in range(last + 1, highest + 1, WIDTH)]):
            self.beyond += records

    def _named(self, wanted: list[tuple[int, int]]) -> Iterator[tuple[tuple[int, int], dict[int, str]]]:
        """The records of those ranges as the receiver names them."""
        for start in range(0, len(wanted), LISTED):
            part = wanted[start:start + LISTED]
            _, ranges = self._asked(part, named=True)
            for (first, last), theirs in zip(part, ranges, strict=True):
                try:
                    records = {int(seq): str(digest) for seq, digest in theirs["records"]}
                except (KeyError, ValueError, TypeError) as trouble:
                    raise _Silent("it did not name its records as it was asked to") from trouble
                yield (first, last), {seq: digest for seq, digest in records.items() if first <= seq <= last}

    def _asked(self, ranges: list[tuple[int, int]], named: bool) -> tuple[int, list[dict[str, Any]]]:
        """One question: the highest number held, and the receiver's answer for each range."""
        body = json.dumps({"site": self.site, "ranges": ranges, "list": named, "thorough": self.thorough})
        headers = signed(f"compare-{uuid4()}", now(), body, *self.secrets) | {"Content-Type": "application/json"}
        try:
            answer = reaching.post(self.url, body.encode(), headers, private=self.private, proxies=self.proxies)
        except (TryLater, GiveUp) as trouble:
            raise _Silent(f"it did not answer ({trouble})") from trouble
        if answer.status in _NOT_OFFERED:
            raise _Silent("it cannot be compared: nothing answers at its address with /compare behind the path")
        if answer.status >= 300:
            raise _Silent(f"it answered HTTP {answer.status}")
        try:
            said = json.loads(answer.body)
            highest, parts = int(said["highest"]), list(said["ranges"])
        except (ValueError, KeyError, TypeError, RecursionError) as trouble:
            raise _Silent("it answered something else than what it holds") from trouble
        if len(parts) != len(ranges) or not all(isinstance(part, dict) for part in parts) \
                or not 0 <= highest <= HIGHEST:
            raise _Silent("it answered something else than what was asked")
        return highest, parts

    def record(self, session: Session, house: House) -> bool:
        """What a worker does with the answer."""
        self.name(session, house.now)
        return True

    def name(self, session: Session, now: datetime) -> Found:
        """Name what differs, have it mended where that is wanted, and note the run."""
        alone(session)
        missing, different, extra, less = self._named_here(session)
        accepted, unwritten = _accepted(session, now)
        again = sorted(each.seq for each in (*missing, *different)) if self.repair else []
        if again:
            _send_again(session, self.receiver_id, again, now)
        for step_id, idea_id, _ in unwritten if self.repair else ():
            happened(session, "record.lacking", now, step_id=step_id, idea_id=idea_id)
        found = Found(
            receiver=self.receiver, accepted=accepted,
            received=0 if self.trouble else accepted - len(unwritten) - less,
            unwritten=tuple(ref for _, _, ref in unwritten),
            missing=tuple(missing), different=tuple(different), extra=tuple(extra),
            repaired=len(again) + len(unwritten) * self.repair, trouble=self.trouble)
        note(session, self.receiver_id, found, now)
        return found

    def _named_here(self, session: Session) -> tuple[list[Finding], list[Finding], list[Finding], int]:
        """What is missing there, different and extra, and how many of the former two are of an acceptance."""
        missing: list[Finding] = []
        different: list[Finding] = []
        last, less = session.scalar(select(func.max(Record.seq))) or 0, 0
        extra = [Finding(seq, "") for seq in self.beyond if seq > last]
        for (first, end), theirs in self.differing.items():
            for row in session.execute(_of_range(self.receiver_id, first, end, self.thorough)):
                said = theirs.pop(row.seq, None)
                if said == (anew(row.body) if self.thorough else row.digest):
                    continue
                if said is None and row.confirmed_at is not None and row.confirmed_at >= self.at:
                    continue  # it came while the question was on its way
                (missing if said is None else different).append(
                    Finding(row.seq, row.ref, row.confirmed_at is not None, row.refused or ""))
                less += row.reason == "accepted"
            extra += [Finding(seq, "") for seq in theirs]  # numbers that this site has never given
        return missing, different, extra, less


def begin(session: Session, receiver: Receiver, house: House, *, repair: bool = False,
          thorough: bool = False) -> Comparison:
    """Sum up what this site wrote, ready to be compared with what a receiver holds."""
    settings = house.settings
    last = session.scalar(select(func.max(Record.seq))) or 0
    ranges = [(first, min(first + WIDTH - 1, last)) for first in range(1, last + 1, WIDTH)]
    ours = [summed(first, end, _digests(session, first, end, thorough)) for first, end in ranges]
    address = urlsplit(settings.address_of(receiver.key))
    url = address._replace(path=address.path.rstrip("/") + "/compare").geturl()
    allowed, own = settings.pool_allow_private == "yes", receiver.key == BUILT_IN
    return Comparison(receiver.id, receiver.key, url, settings.pool_secrets, allowed or own, allowed and not own,
                      site_of(session, settings.public_url), house.now, repair, thorough, ours)


def ask(session: Session, house: House, receiver_id: int, repair: bool) -> None:
    """Order a comparison, done by a worker as soon as it can; raises NotThere for an unknown receiver."""
    receiver = session.get(Receiver, receiver_id)
    if receiver is None or receiver.key not in house.settings.receivers:
        raise NotThere("unknown_receiver")
    happened(session, "reconciliation.asked", house.now, receiver_id=receiver_id, repair=int(repair))


def asked(session: Session, event: Event, house: House) -> Comparison | None:
    """Follower of reconciliation.asked: one comparison, with a receiver that is still set up."""
    receiver = session.get_one(Receiver, event.about["receiver_id"])
    if receiver.key not in house.settings.receivers:
        return None
    return begin(session, receiver, house, repair=bool(event.about["repair"]))


def nightly(session: Session, event: Event, house: House) -> None:
    """Follower of time.hour: once a night, from the city's hour on, every receiver is compared. Nothing is mended
    by itself: that would hide the accident, and refill a pool that somebody may have emptied on purpose."""
    local = house.now.astimezone(house.city.zone)
    night = local.replace(hour=house.city.pool.night_hour, minute=0, second=0, microsecond=0)
    if local < night:
        return
    for receiver in receivers(session, house.settings.receivers):
        done = exists().where(Reconciliation.receiver_id == receiver.id, Reconciliation.at >= night)
        if not session.scalar(select(done)):
            ask(session, house, receiver.id, repair=False)


def _digests(session: Session, first: int, last: int, thorough: bool) -> Iterator[str]:
    column = Record.body if thorough else Record.digest
    for value in session.scalars(select(column).where(Record.seq.between(first, last)).order_by(Record.seq)
                                 .execution_options(yield_per=WIDTH if not thorough else 100)):
        yield anew(value) if thorough else value


def _of_range(receiver_id: int, first: int, last: int, thorough: bool) -> Any:
    """Our records of a range, with what the receiver said to each."""
    return (select(Record.seq, Record.ref, Record.reason, Record.digest, Delivery.confirmed_at, Delivery.refused,
                   (Record.body if thorough else literal("")).label("body"))
            .outerjoin(Delivery, (Delivery.seq == Record.seq) & (Delivery.receiver_id == receiver_id))
            .where(Record.seq.between(first, last)).order_by(Record.seq))


def _accepted(session: Session, now: datetime) -> tuple[int, list[tuple[int, int, str]]]:
    """How many acceptances count, and those without a record: (step, idea, ref). One that can still be undone is
    told to nobody, so it does not count yet."""
    told = ~untold(IdeaStep.event_id, now)
    counts = select(func.count()).select_from(Acceptance).join(IdeaStep, IdeaStep.id == Acceptance.step_id)
    accepted = session.scalar(counts.where(~IdeaStep.undone, told)) or 0
    lacking = session.execute(
        select(Acceptance.step_id, Acceptance.idea_id, Idea.ref).join(IdeaStep, IdeaStep.id == Acceptance.step_id)
        .join(Idea, Idea.id == Acceptance.idea_id)
        .where(~IdeaStep.undone, told, ~exists().where(Record.step_id == Acceptance.step_id))
        .order_by(Acceptance.step_id))
    return accepted, [(step_id, idea_id, ref or "") for step_id, idea_id, ref in lacking]


def _send_again(session: Session, receiver_id: int, seqs: list[int], now: datetime) -> None:
    """Take back that these were confirmed, so that the normal delivery sends them, oldest first."""
    for start in range(0, len(seqs), AT_ONCE):
        session.execute(delete(Delivery).where(Delivery.receiver_id == receiver_id,
                                               Delivery.seq.in_(seqs[start:start + AT_ONCE])))
    happened(session, "record.written", now, seq=seqs[-1], receiver_id=receiver_id)
