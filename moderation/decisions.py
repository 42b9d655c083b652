"""Deciding: one act for every kind of entry and every move that its journey allows. Nothing is sent before the
city's seconds to undo it have passed."""

import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import carrying_out
from moderation.claims import add_note, refuse_held
from moderation.entries import JOURNEYS, Entered, Entry, due_of_confirming, lock, moves, needs_second, refuse_party
from moderation.model import Decision, Hint, Proposal
from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.errors import Conflict, Invalid, NotAllowed
from participation.ideas import revising
from participation.ideas.model import Idea
from participation.journey import Move
from participation.outbox import happened
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.text import plain
from participation.waiting import CONFIRM, Waits, begin, kept, settle

BLOCK_DAYS_MOST = 365
# What DSA Art. 17(1) asks reasons for: visibility restricted, an account suspended.
_RESTRICTS = ("reject", "hide", "hide_reported", "stay_hidden", "refuse", "block")


def decide(session: Session, city: City, moderator: Person, found: Entry, entered: Entered,
           now: datetime) -> Decision | Proposal:
    """Decide on an entry, or propose to, where the city asks for a second moderator. Raises Conflict when somebody
    else holds it, the text changed after the moderator read it or it was decided meanwhile, Invalid and
    NotAllowed as the journey says."""
    _refuse(session, moderator, found, entered, now)
    move = JOURNEYS[found.kind].move(entered.move)
    if found.proposal is not None:
        raise Conflict("waits_for_second")
    if not needs_second(city, move.key):
        return _decide(session, city, moderator, None, found, entered, move, now)
    with session.begin_nested() as trial:  # whatever is wrong with it is told now, not to the second moderator
        _decide(session, city, moderator, None, found, entered, move, now)
        trial.rollback()
    session.expire_all()
    proposal = Proposal(kind=found.kind, thing_id=found.thing.id, by_id=moderator.id, at=now, entered=asdict(entered))
    session.add(proposal)
    idea = found.idea
    row = begin(session, found.kind, found.thing.id, Waits(
        due_of_confirming(city, found, now), idea.id if idea else None, idea.field if idea else "",
        idea.district if idea else None, idea.language if idea else "", CONFIRM), now)
    row.holder_id = row.held_until = None
    session.flush()
    return proposal


def confirm(session: Session, city: City, moderator: Person, found: Entry, agrees: bool, words: str,
            now: datetime) -> Decision | None:
    """A second moderator confirms what the first proposed, or sends it back with a note. Raises NotAllowed for the
    first one themselves and Conflict when there is nothing to confirm or the text has changed."""
    proposal = found.proposal
    if proposal is None:
        raise Conflict("moved_on")
    if proposal.by_id == moderator.id:
        raise NotAllowed("proposed_it_oneself")
    entered = Entered.read(proposal.entered)
    first = session.get_one(Person, proposal.by_id)
    if agrees:
        _refuse(session, moderator, found, entered, now)
    else:
        add_note(session, found.kind, found.thing.id, moderator, words, now)
    session.delete(proposal)
    _waits_by_itself(session, found)
    session.flush()
    if not agrees:
        return None
    return _decide(session, city, first, moderator, found, entered, JOURNEYS[found.kind].move(entered.move), now)


def checked(session: Session, moderator: Person, found: Entry, now: datetime) -> None:
    """What a trusted author published at once has been read and stays. Raises Conflict when it does not wait."""
    if not may(moderator, Right.ENTRY_DECIDE):
        raise NotAllowed("role")
    refuse_held(found.waiting, moderator, now)
    if found.waiting is None or found.waiting.cause != carrying_out.CHECK:
        raise Conflict("moved_on")
    settle(session, found.kind, found.thing.id)


def correct(session: Session, city: City, moderator: Person, found: Entry, entered: Entered, now: datetime) -> bool:
    """Correct where an entry belongs without deciding on it; says whether anything was different. Raises what
    `decide` raises before it looks at the move."""
    refuse_held(found.waiting, moderator, now)
    lock(session, found)
    if entered.seen is not None and entered.seen != found.version:
        raise Conflict("text_changed")
    if isinstance(found.thing, Idea):
        return revising.correct(session, city, moderator, found.thing, now, field=entered.field or found.thing.field,
                                district=entered.district, language=entered.language or found.thing.language)
    if isinstance(found.thing, Comment):
        return comments.correct(session, city, moderator, found.thing, entered.language or found.thing.language, now,
                                entered.official)
    raise Conflict("unknown_move")


def undo(session: Session, city: City, moderator: Person, decision: Decision, now: datetime) -> None:
    """Take one's decision back within the city's seconds: nothing has been sent, everything stands as before. The
    limit is essential (WCAG 2.2.1): the author's letter waits for it; later the decision is changed by another move.
    Raises NotAllowed for another's decision and Conflict when it is too late."""
    if not may(moderator, Right.ENTRY_DECIDE) or moderator.id not in (decision.by_id, decision.confirmed_by_id):
        raise NotAllowed("not_own")
    if decision.undone_at is not None or now > decision.undo_until:
        raise Conflict("too_late_to_undo")
    for each in (*(session.get_one(Decision, key) for key in reversed(decision.before.get("with", []))), decision):
        carrying_out.take_back(session, each, now)
        each.undone_at = now


def _refuse(session: Session, moderator: Person, found: Entry, entered: Entered, now: datetime) -> None:
    """What speaks against deciding, before anything is written."""
    move = JOURNEYS[found.kind].move(entered.move)
    if move.right not in (Right.ENTRY_DECIDE, Right.IDEA_ACCEPT):
        raise Conflict("unknown_move")
    refuse_party(found, moderator)
    refuse_held(found.waiting, moderator, now)
    lock(session, found)
    if entered.seen is not None and entered.seen != found.version:
        raise Conflict("text_changed")
    if move.key not in {each.key for each in moves(found.kind, moderator, found.thing, found.appealed)}:
        if not (answer := may(moderator, move.right)):
            raise NotAllowed(answer.why)
        raise Conflict("moved_on", state=found.thing.state, move=move.key)
    if entered.block_days and not 0 < entered.block_days <= BLOCK_DAYS_MOST:
        raise Invalid("block_days", "not_offered")


def _decide(session: Session, city: City, by: Person, second: Person | None, found: Entry, entered: Entered,
            move: Move, now: datetime) -> Decision:
    """Carry out what was entered and write the decision down, with what undoing it would bring back."""
    reason = _reason(city, found, move, entered.reason)
    hold = timedelta(seconds=city.moderation.undo_seconds)
    hinted = session.scalar(select(Hint.id).where(Hint.kind == found.kind, Hint.thing_id == found.thing.id)
                            .limit(1)) is not None
    before = {"waiting": kept(found.waiting), **carrying_out.snapshot(found)}
    work = carrying_out.Work(session, city, by, found, entered, move, reason, now, hold)
    step = carrying_out.carry_out(work)
    decision = record(session, city, kind=found.kind, thing_id=found.thing.id, move=move.key, by=by, now=now,
                      reason=reason, entered=entered, idea=found.idea, comment=found.comment,
                      addressee_id=carrying_out.addressee(found), step=step, before=before, second=second,
                      hinted=hinted)
    also = [record(session, city, kind=extra.kind, thing_id=extra.thing_id, move=extra.move, by=by, now=now,
                   reason=reason, entered=entered, idea=found.idea, comment=found.comment,
                   addressee_id=extra.addressee_id, step=extra.step, before=extra.before, second=second,
                   hinted=hinted).id
            for extra in work.extras]
    if also:
        decision.before = {**decision.before, "with": also}
    return decision


def record(session: Session, city: City, *, kind: str, thing_id: int, move: str, by: Person | None, now: datetime,
           reason: str, entered: Entered, idea: Idea | None, comment: Any, addressee_id: int | None, step: Any,
           before: dict[str, Any], second: Person | None = None, hinted: bool = False) -> Decision:
    """Write a decision down. What restricts somebody's entry can be appealed within the city's days."""
    masked = move in ("publish", "publish_trusted") and bool(entered.mask.strip())
    restricts = move in _RESTRICTS or masked
    hold = timedelta(seconds=city.moderation.undo_seconds if by is not None else 0)
    decision = Decision(
        at=now, kind=kind, thing_id=thing_id, idea_id=idea.id if idea else None,
        comment_id=comment.id if comment is not None else None, addressee_id=addressee_id, move=move, reason=reason,
        statement=plain(entered.statement), statement_language=entered.statement_language, automated=by is None,
        hinted=hinted, by_id=by.id if by else None, confirmed_by_id=second.id if second else None,
        step_id=step.id if step is not None else None, before=before, undo_until=now + hold,
        appeal_until=now + timedelta(days=city.moderation.appeal_days) if restricts and addressee_id else None,
        salt=secrets.token_hex(16))
    session.add(decision)
    session.flush()
    event = happened(session, "decision.taken", now, hold, decision_id=decision.id)
    session.flush()
    decision.event_id = event.id
    return decision


def _waits_by_itself(session: Session, found: Entry) -> None:
    """After a proposal has ended: the entry waits on if its state does, else it leaves the queue."""
    row = found.waiting
    if row is None:
        return
    if JOURNEYS[found.kind].state(found.thing.state).waits_for == "moderation":
        row.cause, row.holder_id, row.held_until = "", None, None
    elif isinstance(found.thing, Idea) and found.thing.quorum_reached_at is not None:
        row.cause = carrying_out.QUORUM
    else:
        settle(session, found.kind, found.thing.id)


def _reason(city: City, found: Entry, move: Move, key: str) -> str:
    """The reason to keep. A move that asks for none keeps none: what was chosen before the moderator decided
    otherwise must not stand beside "Published" for everyone to read."""
    reason = city.reason(key)
    if key and reason is None:
        raise Invalid("reason", "not_offered")
    if "reason" not in move.needs:
        return ""
    if reason is not None and not (cause_kind(found) in reason.kinds and cause_of(move.key) in reason.moves):
        raise Invalid("reason", "not_offered")
    return key


def cause_kind(found: Entry) -> str:
    """Which reasons fit an entry: those for ideas, or those for comments."""
    return "comment" if found.comment is not None else "idea"


def cause_of(move: str) -> str:
    """Which of the city file's causes a move is: refusing a change is rejecting, upholding a report is hiding."""
    return {"refuse": "reject", "uphold_report": "hide"}.get(move, move)
