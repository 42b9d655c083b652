"""One decision for many entries: summed up before, carried out by a background job, each with its own statement."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from moderation.decisions import decide
from moderation.entries import Entered, Entry, entry
from moderation.model import Bulk, BulkEntry
from participation.city import City
from participation.errors import Invalid, NotAllowed, NotThere, Trouble
from participation.jobs import House
from participation.outbox import Event, happened
from participation.people.model import Person
from participation.people.rights import Right, may

AT_ONCE = 20  # entries of one transaction, so that nobody waits long behind it
MOVES = ("publish", "return", "reject", "hide")  # what makes sense for many at once
KINDS = ("idea", "comment")


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a bulk decision has come."""

    bulk: Bulk
    decided: int
    refused: Sequence[BulkEntry]

    @property
    def open(self) -> int:
        """Entries not looked at yet."""
        return self.bulk.entries - self.decided - len(self.refused)


def chosen(session: Session, city: City, moderator: Person, keys: Sequence[str]) -> list[Entry]:
    """The entries named as "idea.ABC-2026-00042" or "comment.7". Raises Invalid("entries") for none, for more than
    the city's most, and for names that are none; what has gone meanwhile or is another's is left out."""
    keys = list(dict.fromkeys(keys))
    if not keys:
        raise Invalid("entries", "nothing_chosen")
    if len(keys) > city.moderation.bulk_most:
        raise Invalid("entries", "too_many", limit=city.moderation.bulk_most, length=len(keys))
    found = []
    for key in keys:
        kind, _, name = key.partition(".")
        if kind not in KINDS or len(key) > 40:
            raise Invalid("entries", "not_offered")
        try:
            found.append(entry(session, moderator, kind, name))
        except (NotThere, NotAllowed):
            continue
    if not found:
        raise Invalid("entries", "nothing_chosen")
    return found


def common_moves(found: Sequence[Entry]) -> list[str]:
    """The moves open with any of the entries; what does not fit one is refused for that one."""
    there = {move.key for each in found for move in each.moves}
    return [move for move in MOVES if move in there]


def begin(session: Session, city: City, moderator: Person, found: Sequence[Entry], entered: Entered,
          seen: Sequence[int], now: datetime) -> Bulk:
    """Let a background job decide on all of them. Raises Invalid for a decision that lacks something, NotAllowed."""
    if not (answer := may(moderator, Right.ENTRY_DECIDE)):
        raise NotAllowed(answer.why)
    if entered.move not in MOVES:
        raise Invalid("move", "required")
    asked = {need for each in found for move in each.moves if move.key == entered.move for need in move.needs}
    for name in ("reason", "statement"):
        if name in asked and not getattr(entered, name).strip():
            raise Invalid(name, "required")
    if len(entered.statement) > city.limits.statement_max:
        raise Invalid("statement", "too_long", limit=city.limits.statement_max, length=len(entered.statement))
    if "reason" in asked and city.reason(entered.reason) is None:
        raise Invalid("reason", "not_offered")
    bulk = Bulk(by_id=moderator.id, at=now, entered=asdict(entered), entries=len(found))
    session.add(bulk)
    session.flush()
    session.add_all(BulkEntry(bulk_id=bulk.id, place=place, kind=each.kind, key=each.key, version=version,
                              name=each.title[:300])
                    for place, (each, version) in enumerate(zip(found, seen, strict=True), start=1))
    happened(session, "bulk.begun", now, bulk_id=bulk.id)
    return bulk


def carried_on(session: Session, event: Event, house: House) -> None:
    """Follower of bulk.begun: the next entries, each in a transaction of its own inside this one, so
    that one that is refused spoils no other. A moderator whose role was taken away meanwhile decides no more."""
    bulk = session.get_one(Bulk, event.about["bulk_id"])
    by = session.get_one(Person, bulk.by_id)
    entered = Entered.read(bulk.entered)
    rows = session.scalars(_open(bulk.id).limit(AT_ONCE).with_for_update()).all()
    for row in rows:
        try:
            with session.begin_nested():
                found = entry(session, by, row.kind, row.key)
                decide(session, house.city, by, found, replace(entered, seen=row.version), house.now)
                row.decided = True
        except Trouble as trouble:
            row.trouble = trouble.why
    session.flush()
    if session.scalar(_open(bulk.id).limit(1)) is None:
        bulk.done_at = bulk.done_at or house.now
    elif rows:
        happened(session, "bulk.begun", house.now, bulk_id=bulk.id)


def progress(session: Session, moderator: Person, bulk_id: int) -> Progress:
    """How far a bulk decision of this moderator has come; raises NotThere for another's."""
    bulk = session.get(Bulk, bulk_id)
    if bulk is None or bulk.by_id != moderator.id:
        raise NotThere("unknown_entry")
    decided = session.scalar(select(func.count()).select_from(BulkEntry)
                             .where(BulkEntry.bulk_id == bulk_id, BulkEntry.decided)) or 0
    refused = session.scalars(select(BulkEntry).where(BulkEntry.bulk_id == bulk_id, BulkEntry.trouble != "")
                              .order_by(BulkEntry.place)).all()
    return Progress(bulk, decided, refused)


def _open(bulk_id: int) -> Select[BulkEntry]:
    return (select(BulkEntry).where(BulkEntry.bulk_id == bulk_id, ~BulkEntry.decided, BulkEntry.trouble == "")
            .order_by(BulkEntry.place))
