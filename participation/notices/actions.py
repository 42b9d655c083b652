"""Followers that decide who is told what. They write notices; `web/letters.py` renders and sends them."""

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.comments.model import Comment, CommentStep
from participation.ideas.model import CoAuthor, Idea, IdeaStep
from participation.jobs import House
from participation.notices.model import WAITS, Notice
from participation.outbox import USUAL, Event, happened


def receipt(session: Session, event: Event, house: House) -> None:
    """Follower of idea.submit: the author gets the reference and the secret link, the first time."""
    step = session.get_one(IdeaStep, event.about["step_id"])
    sent = select(IdeaStep.id).where(IdeaStep.idea_id == step.idea_id, IdeaStep.move == step.move)
    if session.scalar(sent.order_by(IdeaStep.id).limit(1)) == step.id:
        _tell_author(session, event, "receipt", house.now)


def decision(session: Session, event: Event, house: House) -> None:
    """Follower of every move that staff make with an idea, moderators or the CDO office: the author is told, and
    whoever's own idea was merged into it."""
    _tell_author(session, event, "decision", house.now)
    for person_id in session.scalars(select(CoAuthor.person_id).where(CoAuthor.idea_id == event.about["idea_id"],
                                                                      CoAuthor.person_id.is_not(None)).distinct()):
        if person_id is not None:
            _write(session, event, "decision", person_id, event.about["idea_id"], house.now)


def comment_decision(session: Session, event: Event, house: House) -> None:
    """Follower of every move that staff make with a comment: its author is told."""
    step = session.get_one(CommentStep, event.about["step_id"])
    comment = session.get_one(Comment, step.comment_id)
    if comment.author_id is not None:
        _write(session, event, "comment_decision", comment.author_id, comment.idea_id, house.now, comment.id)


def _tell_author(session: Session, event: Event, letter: str, now: datetime) -> None:
    idea = session.get_one(Idea, event.about["idea_id"])
    if idea.author_id is not None:
        _write(session, event, letter, idea.author_id, idea.id, now)


def tell(session: Session, key: str, letter: str, now: datetime, *, person_id: int | None, email: str = "",
         language: str = "", idea_id: int | None = None, comment_id: int | None = None, step_id: int | None = None,
         rank: int = USUAL, gathered: bool = False, **about: int) -> Notice | None:
    """Write a letter to a person, or to an address without an account, once for each key: None when it was written
    before. `about` holds ids. What is `gathered` gets no letter of its own, but waits for the next digest."""
    if session.scalar(select(Notice.id).where(Notice.key == key)) is not None:
        return None
    notice = Notice(key=key, person_id=person_id, email=email, language=language, letter=letter, idea_id=idea_id,
                    comment_id=comment_id, step_id=step_id, about=about, created_at=now,
                    digest_id=WAITS if gathered else None)
    session.add(notice)
    session.flush()
    if not gathered:
        happened(session, "notice.due", now, rank=rank, notice_id=notice.id)
    return notice


def _write(session: Session, event: Event, letter: str, person_id: int, idea_id: int, now: datetime,
           comment_id: int | None = None) -> None:
    tell(session, f"{letter}:{event.key}:{person_id}", letter, now, person_id=person_id, idea_id=idea_id,
         comment_id=comment_id, step_id=event.about.get("step_id"))
