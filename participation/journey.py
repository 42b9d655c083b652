"""The only code that changes a state.

A journey is data: states with what they mean for everyone, moves with who may make them and what
they ask for. `make` carries a thing from one state to the next; it writes the step into history and
the event into the outbox, in the caller's transaction. Everything else only asks.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

from sqlalchemy import ForeignKey, String, Text, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import ACTED, personal, touched
from participation.errors import Conflict, Invalid, NotAllowed, refuse
from participation.outbox import call_back, happened
from participation.people.model import Person
from participation.people.rights import Answer, Right, may
from participation.waiting import Waits, begin, settle


@dataclass(frozen=True, slots=True)
class State:
    """Where a thing can stand, and what follows from standing there."""

    key: str
    public: bool = False  # everyone may read it
    waits_for: str = ""  # "moderation", "author", "pool" or nobody
    takes_support: bool = False
    gathers: bool = False  # it runs for the quorum, and its author may propose changes
    takes_comments: bool = False
    author_changes: bool = False  # the author may still change the text


@dataclass(frozen=True, slots=True)
class Move:
    """A way from some states to one. `right` None means that only the house itself makes it."""

    key: str
    come_from: tuple[str, ...]
    to: str
    right: Right | None
    needs: frozenset[str] = frozenset()  # of: reason, statement, benefit, who_benefits
    by: str = "city"  # whose move it is on the timeline: "author", "city" or "system"


class Step:
    """The columns of one step of a history; each journey has its own table of them."""

    id: Mapped[int] = mapped_column(primary_key=True)
    move: Mapped[str] = mapped_column(String(30))
    from_state: Mapped[str] = mapped_column(String(30))
    to_state: Mapped[str] = mapped_column(String(30))
    at: Mapped[datetime]
    by: Mapped[str] = mapped_column(String(10))
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who made a step", why="to answer for it", keep="as long as the entry", ends="blank", whose=ACTED))
    reason: Mapped[str] = mapped_column(String(40), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    statement_language: Mapped[str] = mapped_column(String(20), default="")
    event_id: Mapped[int | None]  # of the outbox; events are forgotten after a month, steps are not
    undone: Mapped[bool] = mapped_column(default=False)  # taken back before anybody was told; staff alone see it


class Traveller(Protocol):
    """A thing on a journey."""

    @property
    def state(self) -> Any: ...
    @property
    def author_id(self) -> Any: ...


@dataclass(frozen=True)
class Journey:
    """States and moves of one kind of thing; `name` is also the first word of its events."""

    name: str
    table: type[Any]
    steps: type[Any]
    states: tuple[State, ...]
    moves: tuple[Move, ...]
    _state: dict[str, State] = field(init=False, default_factory=dict)
    _move: dict[str, Move] = field(init=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._state.update((state.key, state) for state in self.states)
        self._move.update((move.key, move) for move in self.moves)

    def state(self, key: str) -> State:
        """The state with that key; raises KeyError for one that the table does not name."""
        return self._state[key]

    def move(self, key: str) -> Move:
        """The move with that key; raises Conflict for one that the table does not name."""
        if key not in self._move:
            raise Conflict("unknown_move")
        return self._move[key]

    def keys(self, **having: object) -> tuple[str, ...]:
        """The keys of the states with those marks, as `keys(public=True)`."""
        return tuple(s.key for s in self.states if all(getattr(s, mark) == value for mark, value in having.items()))

    def begins(self, key: str, thing: Traveller) -> bool:
        """Whether the thing stands where the move begins, whoever makes it."""
        return str(thing.state) in self.move(key).come_from

    def led_here(self, key: str, thing: Traveller) -> bool:
        """Whether the thing stands where the move leads to."""
        return str(thing.state) == self.move(key).to

    def open_to(self, person: Person, thing: Traveller) -> tuple[Move, ...]:
        """The moves this person may make with this thing from where it stands, in the table's order."""
        return tuple(m for m in self.moves if str(thing.state) in m.come_from and allowed(m, person, thing))


def allowed(move: Move, person: Person | None, thing: Traveller) -> Answer:
    """Whether the person may make the move with this thing, wherever it stands."""
    if move.right is None:
        return Answer(False, "system")
    return may(person, move.right, thing)


def make(session: Session, journey: Journey, thing: Any, key: str, by: Person | None, now: datetime, *,
         reason: str = "", statement: str = "", statement_language: str = "",
         given: frozenset[str] = frozenset(), waits: Waits | None = None, hold: timedelta = timedelta(0),
         about: Mapping[str, int] = MappingProxyType({}), **values: Any) -> Any:
    """Make a move and return its step. `values` are columns that change with it; `by` None is the house; `about` are
    further ids for its event.

    `given` names what else the caller was handed and stores itself (benefit, who_benefits); `waits` says until
    when a thing that now waits for moderation is to be decided; `hold` keeps its event back for so long.
    Raises NotAllowed, Invalid for something the move asks for and lacks, and Conflict when the thing
    does not stand (any more) where the move begins: the state is compared and set in one statement,
    so of two people who decide at once one is refused.
    """
    move = journey.move(key)
    if by is None:
        if move.right is not None and move.by != "system":
            raise NotAllowed("signed_out")
    elif not (answer := allowed(move, by, thing)):
        raise NotAllowed(answer.why, right=str(move.right))
    start, end = str(thing.state), journey.state(move.to)
    if start not in move.come_from:
        raise Conflict("moved_on", state=start, move=key)
    has = given | ({"reason"} if reason else set()) | ({"statement"} if statement else set())
    refuse([Invalid(missing, "required") for missing in ("reason", "statement", "benefit", "who_benefits")
            if missing in move.needs - has])
    changed = session.execute(
        update(journey.table)
        .where(journey.table.id == thing.id, journey.table.state == start)
        .values(state=end.key, public=end.public, **values)
        .execution_options(synchronize_session=False)
    )
    if not touched(changed):
        raise Conflict("moved_on", state=start, move=key)
    if journey.state(start).waits_for != "author":  # what waits for its author is in no queue
        settle(session, journey.name, thing.id)
    if end.waits_for == "moderation":
        if waits is None:
            raise ValueError(f"{journey.name}.{key} leads to where it waits, and nobody said until when")
        begin(session, journey.name, thing.id, waits, now)
    step = journey.steps(move=key, from_state=start, to_state=end.key, at=now, by=move.by,
                         by_id=by.id if by else None, reason=reason, statement=statement,
                         statement_language=statement_language if statement else "",
                         **{f"{journey.name}_id": thing.id})
    session.add(step)
    session.flush()
    session.refresh(thing)
    event = happened(session, f"{journey.name}.{key}", now, hold,
                     **{f"{journey.name}_id": thing.id, "step_id": step.id, **about})
    session.flush()
    step.event_id = event.id
    return step


def undo(session: Session, journey: Journey, thing: Any, step: Any, **values: Any) -> None:
    """Take the last step of a thing back, as long as its event has not been told to anybody. `values` are the
    columns to set back. The step stays in the history, marked. Raises Conflict when it is too late."""
    owner = f"{journey.name}_id"
    newest = session.scalar(select(journey.steps.id).where(getattr(journey.steps, owner) == thing.id,
                                                           ~journey.steps.undone)
                            .order_by(journey.steps.id.desc()).limit(1))
    if newest != step.id or step.event_id is None or not call_back(session, step.event_id):
        raise Conflict("too_late_to_undo")
    before = journey.state(step.from_state)
    changed = session.execute(
        update(journey.table).where(journey.table.id == thing.id, journey.table.state == step.to_state)
        .values(state=before.key, public=before.public, **values).execution_options(synchronize_session=False)
    )
    if not touched(changed):
        raise Conflict("moved_on", state=str(thing.state), move=step.move)
    settle(session, journey.name, thing.id)
    step.undone = True
    session.flush()
    session.refresh(thing)
