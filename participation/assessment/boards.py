"""What boards decided about a record, with the place in the council system. A public answer is another matter."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from urllib.parse import urlsplit

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from participation.assessment.model import BoardDecision
from participation.assessment.working import act
from participation.city import City
from participation.errors import Invalid, NotAllowed, refuse
from participation.ideas.model import Acceptance, IdeaStep
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.items import today
from participation.pool.model import Item
from participation.text import one_line, plain

OUTCOMES = ("for", "against", "deferred")
NOTE_MAX = 2000  # characters
URL_MAX = 500
SHOWN = 50  # decisions of a record


@dataclass(frozen=True, slots=True)
class Entered:
    """A board's decision as it was entered; `decided_on` None when no date could be read."""

    board: str
    decided_on: date | None
    outcome: str
    note: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class Decided:
    """A recorded decision; `host` is where its address leads, `by` who entered it."""

    board: str
    decided_on: date
    outcome: str
    note: str
    url: str
    host: str
    by: str
    at: datetime


def decide(session: Session, city: City, officer: Person, item: Item, entered: Entered, now: datetime) -> BoardDecision:
    """Record what a board decided, once. Raises NotAllowed, and Invalid for everything that is wrong or missing."""
    if not (answer := may(officer, Right.RECORD_ASSESS)):
        raise NotAllowed(answer.why)
    note, url = plain(entered.note), one_line(entered.url)
    day = entered.decided_on
    problems = [problem for problem in (
        _one_of("board", entered.board, [board.key for board in city.boards]),
        Invalid("decided_on", "required") if day is None
        else Invalid("decided_on", "in_the_future") if day > today(city, now)
        else Invalid("decided_on", "before_acceptance") if day < _accepted_on(session, city, item) else None,
        _one_of("outcome", entered.outcome, OUTCOMES),
        Invalid("note", "too_long", limit=NOTE_MAX, length=len(note)) if len(note) > NOTE_MAX else None,
        Invalid("url", "too_long", limit=URL_MAX, length=len(url)) if len(url) > URL_MAX
        else Invalid("url", "not_an_address") if url and not host_of(url) else None,
    ) if problem]
    refuse(problems)
    session.refresh(item, with_for_update=True)  # of two clicks the second finds what the first has written
    same = session.scalar(select(BoardDecision).where(
        BoardDecision.item_id == item.id, BoardDecision.board == entered.board, BoardDecision.decided_on == day,
        BoardDecision.outcome == entered.outcome, BoardDecision.note == note, BoardDecision.url == url).limit(1))
    if same is not None:
        return same
    kept = BoardDecision(item_id=item.id, board=entered.board, decided_on=day, outcome=entered.outcome, note=note,
                         url=url, by_id=officer.id, at=now)
    session.add(kept)
    session.flush()
    act(session, item, officer, "board", now, board=entered.board, outcome=entered.outcome)
    return kept


def of_each(session: Session, item_ids: Sequence[int], limit: int = SHOWN) -> dict[int, tuple[Decided, ...]]:
    """The decisions about each record, the latest first, so many of each."""
    place = func.row_number().over(partition_by=BoardDecision.item_id, order_by=(
        BoardDecision.decided_on.desc(), BoardDecision.id.desc())).label("place")
    first = select(BoardDecision.id, place).where(BoardDecision.item_id.in_(item_ids)).subquery()
    found: dict[int, tuple[Decided, ...]] = {}
    for row, name in session.execute(
            select(BoardDecision, Person.name).join(first, first.c.id == BoardDecision.id)
            .outerjoin(Person, Person.id == BoardDecision.by_id).where(first.c.place <= limit)
            .order_by(BoardDecision.item_id, first.c.place)):
        found[row.item_id] = (*found.get(row.item_id, ()), Decided(
            row.board, row.decided_on, row.outcome, row.note, row.url, host_of(row.url), name or "", row.at))
    return found


def _one_of(field: str, value: str, known: Sequence[str]) -> Invalid | None:
    if not value:
        return Invalid(field, "required")
    return None if value in known else Invalid(field, "not_offered")


def host_of(url: str) -> str:
    """The host of an address that may stand on a page, "" for anything else: https alone, without a name and
    password, which could make it look like another place."""
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return ""
    fits = parts.scheme == "https" and "." in host and "@" not in parts.netloc and not set(url) & set(' "<>\\')
    return host if fits else ""


def _accepted_on(session: Session, city: City, item: Item) -> date:
    """The day the idea was first accepted; of another site's, when its record came."""
    first = session.scalar(select(func.min(IdeaStep.at)).join(Acceptance, Acceptance.step_id == IdeaStep.id)
                           .where(Acceptance.idea_id == item.idea_id)) if item.idea_id is not None else None
    return today(city, first or item.received_at)
