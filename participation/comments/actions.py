"""What is done to a comment: written, sent to moderation, decided."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments.journey import COMMENT
from participation.comments.model import Comment, CommentStep, CommentVersion
from participation.database import touched
from participation.errors import Conflict, Invalid, NotAllowed, NotThere, length_problem, refuse
from participation.ideas.actions import check_words, waits
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.journey import make, undo
from participation.outbox import happened
from participation.people.model import Person
from participation.people.rights import Right, may, refuse_blocked
from participation.text import mask, plain
from participation.waiting import Waits


def keep_draft(session: Session, city: City, idea: Idea, body: str, language: str, answers: int | None,
               now: datetime) -> Comment:
    """Keep a comment of somebody who has not signed in yet. `answers` is the comment it answers.

    Raises Invalid for the text or the language, Conflict where the idea takes no comments, NotThere
    for an answer to nothing.
    """
    body = _cleaned(city, body, language)
    if not IDEA.state(idea.state).takes_comments:
        raise Conflict("takes_no_comments")
    thread = None
    if answers is not None:
        first = session.get(Comment, answers)
        if first is None or first.idea_id != idea.id or not first.public:
            raise NotThere("unknown_comment")
        thread = first.thread_id or first.id
    comment = Comment(idea_id=idea.id, parent_id=answers, thread_id=thread, body=body, language=language,
                      created_at=now)
    session.add(comment)
    session.flush()
    return comment


def _cleaned(city: City, body: str, language: str) -> str:
    body = plain(body)
    problems = [length_problem("body", body, city.limits.comment_min, city.limits.comment_max)]
    if language not in city.content_languages:
        problems.append(Invalid("comment_language", "not_offered"))
    refuse([problem for problem in problems if problem])
    return body


def submit_draft(session: Session, city: City, author: Person, comment_id: int, now: datetime) -> Comment:
    """Send a kept comment to moderation; it is public only after a moderator's move. Raises NotThere
    when it is gone or somebody's already."""
    if not (answer := may(author, Right.IDEA_COMMENT)):
        raise NotAllowed(answer.why)
    refuse_blocked(author, now)
    claimed = session.execute(update(Comment).where(Comment.id == comment_id, Comment.author_id.is_(None),
                                                    Comment.source_id.is_(None)).values(author_id=author.id))
    if not touched(claimed):
        raise NotThere("unknown_comment")
    comment = session.get_one(Comment, comment_id, populate_existing=True)
    make(session, COMMENT, comment, "submit", author, now, waits=comment_waits(session, city, comment, now))
    return comment


def comment_waits(session: Session, city: City, comment: Comment, now: datetime) -> Waits:
    """How a comment waits for moderation from now on: in its own language, where its idea belongs."""
    return replace(waits(city, session.get_one(Idea, comment.idea_id), now), language=comment.language)


def change(session: Session, city: City, author: Person, comment: Comment, body: str, language: str,
           now: datetime) -> Comment:
    """The author changes a comment that is not public; a returned or rejected one is sent again by that. The old
    text is kept. Raises NotAllowed for another's comment and Conflict when it was decided meanwhile."""
    if not (answer := may(author, Right.COMMENT_SUBMIT, comment)):
        raise NotAllowed(answer.why)
    refuse_blocked(author, now)
    body, standing = _cleaned(city, body, language), comment.state
    if not COMMENT.state(standing).author_changes:
        raise Conflict("decided_meanwhile")
    _replace(session, comment, body, language, now, "author", masked=False)
    if standing in COMMENT.move("submit").come_from:
        make(session, COMMENT, comment, "submit", author, now, waits=comment_waits(session, city, comment, now))
    else:
        happened(session, "comment.changed", now, comment_id=comment.id)
    return comment


def withdraw(session: Session, author: Person, comment: Comment, now: datetime) -> None:
    """The author takes a comment back. Raises NotAllowed or Conflict as `make` does."""
    was_public = comment.public
    make(session, COMMENT, comment, "withdraw", author, now)
    _recount(session, comment, was_public)


def correct(session: Session, city: City, by: Person, comment: Comment, language: str, now: datetime,
            official: bool | None = None) -> bool:
    """Staff correct a comment's language, or whether it is the city's own; says whether anything was different."""
    if not (answer := may(by, Right.ENTRY_DECIDE)):
        raise NotAllowed(answer.why)
    if language not in city.content_languages:
        raise Invalid("language", "not_offered")
    other = official is not None and official != comment.official
    if other:
        comment.official = bool(official)
    if language == comment.language:
        return other
    _replace(session, comment, comment.body, language, now, "correction", masked=comment.masked)
    return True


def mask_comment(session: Session, by: Person, comment: Comment, passages: Sequence[str], now: datetime) -> None:
    """Make passages of a comment unreadable. Raises Invalid("mask") for one that it lacks."""
    if not (answer := may(by, Right.ENTRY_DECIDE)):
        raise NotAllowed(answer.why)
    [body] = mask((comment.body,), passages)
    _replace(session, comment, body, comment.language, now, "mask", masked=True)


def bring_back(session: Session, comment: Comment, body: str, language: str, masked: bool, now: datetime) -> None:
    """Set a comment's text back to what it was before a decision that is undone."""
    if (comment.body, comment.language, comment.masked) != (body, language, masked):
        _replace(session, comment, body, language, now, "undo", masked=masked)


def _replace(session: Session, comment: Comment, body: str, language: str, now: datetime, cause: str, *,
             masked: bool) -> None:
    """Give a comment another text and keep the one before."""
    before = CommentVersion(comment_id=comment.id, number=comment.version, body=comment.body,
                            language=comment.language, at=now, cause=cause)
    changed = session.execute(
        update(Comment).where(Comment.id == comment.id, Comment.version == comment.version)
        .values(version=Comment.version + 1, body=body, language=language, masked=masked)
        .execution_options(synchronize_session=False))
    if not touched(changed):
        raise Conflict("text_changed")
    session.add(before)
    session.flush()
    session.refresh(comment)


def say(session: Session, city: City, author: Person, idea: Idea, body: str, language: str,
        answers: int | None, now: datetime) -> Comment:
    """Comment on an idea, or answer a comment."""
    return submit_draft(session, city, author, keep_draft(session, city, idea, body, language, answers, now).id, now)


def decide(session: Session, city: City, by: Person, comment: Comment, key: str, now: datetime, *,
           reason: str = "", statement: str = "", statement_language: str = "", hold: timedelta = timedelta(0),
           **values: Any) -> CommentStep:
    """Staff move a comment on; the idea's count of public comments follows in the same transaction. `hold` and
    `values` are handed on to `make`."""
    statement = plain(statement)
    check_words(city, reason, statement=statement)
    was_public = comment.public
    if COMMENT.move(key).to == COMMENT.move("publish").to and comment.published_at is None:
        values |= {"published_at": now}
    step: CommentStep = make(session, COMMENT, comment, key, by, now, reason=reason, statement=statement, hold=hold,
                             statement_language=statement_language, **values)
    _recount(session, comment, was_public)
    return step


def hide_reported(session: Session, comment: Comment, now: datetime) -> CommentStep:
    """The house hides a comment that so many people have reported, as the city file asks; a moderator decides."""
    step: CommentStep = make(session, COMMENT, comment, "hide_reported", None, now)
    _recount(session, comment, was_public=True)
    return step


def publish_trusted(session: Session, comment: Comment, now: datetime) -> CommentStep:
    """The house publishes a trusted author's comment at once; a moderator reads it after."""
    step: CommentStep = make(session, COMMENT, comment, "publish_trusted", None, now, published_at=now)
    _recount(session, comment, was_public=False)
    return step


def undo_decision(session: Session, comment: Comment, step: CommentStep, **values: Any) -> None:
    """Take back the last step of a comment, as `journey.undo` does; the idea's count follows."""
    was_public = comment.public
    undo(session, COMMENT, comment, step, **values)
    _recount(session, comment, was_public)


def _recount(session: Session, comment: Comment, was_public: bool) -> None:
    if (change := int(comment.public) - int(was_public)):
        session.execute(update(Idea).where(Idea.id == comment.idea_id).values(comments=Idea.comments + change)
                        .execution_options(synchronize_session=False))


def sweep_drafts(session: Session, city: City, now: datetime) -> None:
    """Delete comments that nobody signed within the city's days."""
    old = now - timedelta(days=city.deadlines.draft_days)
    session.execute(delete(Comment).where(Comment.author_id.is_(None), Comment.source_id.is_(None),
                                          Comment.created_at < old))
