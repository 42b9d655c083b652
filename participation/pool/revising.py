"""Revisions: what changes about an idea that the pool has is written as a new record of it, with the reason.

Each follower only notices what an event is about; whether the record says anything new is for `record.add` to tell. An
idea without a first record gets none here: its acceptance, which may still be taken back, writes one that holds it all.
"""

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.comments.model import Comment
from participation.ideas.model import Acceptance
from participation.jobs import House
from participation.outbox import Event
from participation.pool.model import Record
from participation.pool.record import add, alone
from participation.translations import Translation


def corrected(session: Session, event: Event, house: House) -> None:
    """Follower of idea.changed: its text, field, district or language is another, or a part of it is masked."""
    _revise(session, event, house, event.about["idea_id"], "correction")


def comment_gone(session: Session, event: Event, house: House) -> None:
    """Follower of what takes a comment away from the public: no newer record holds it."""
    _revise(session, event, house, session.get_one(Comment, event.about["comment_id"]).idea_id, "correction")


def milestone(session: Session, event: Event, house: House) -> None:
    """Follower of idea.milestone: as many people support it as the city's file wants the pool to know."""
    _revise(session, event, house, event.about["idea_id"], "milestone")


def merged(session: Session, event: Event, house: House) -> None:
    """Follower of idea.merge: another idea goes on together with this one."""
    _revise(session, event, house, event.about.get("into_id", 0), "merged")


def unmerged(session: Session, event: Event, house: House) -> None:
    """Follower of idea.unmerge: an idea that was merged into this one stands for itself again."""
    _revise(session, event, house, event.about.get("into_id", 0), "unmerged")


def translated(session: Session, event: Event, house: House) -> None:
    """Follower of translation.kept: of the idea, or of what was said when it was accepted."""
    kept = session.get(Translation, event.about["translation_id"])
    if kept is None:
        return
    if kept.kind == "idea":
        _revise(session, event, house, kept.thing_id, "translation")
    elif kept.kind == "idea_step" and (accepted := session.get(Acceptance, kept.thing_id)) is not None:
        _revise(session, event, house, accepted.idea_id, "translation")


def _revise(session: Session, event: Event, house: House, idea_id: int, reason: str) -> None:
    alone(session)  # the first record may be written at this very moment
    step_id = session.scalar(select(Record.step_id).where(Record.idea_id == idea_id)
                             .order_by(Record.revision.desc()).limit(1))
    if step_id is not None:
        add(session, house, idea_id, step_id, f"event:{event.key}", reason)
