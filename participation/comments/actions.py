"""What is done to a comment: written, sent to moderation, decided."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, update
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments.journey import COMMENT
from participation.comments.model import Comment, CommentStep
from participation.database import touched
from participation.errors import Conflict, Invalid, NotAllowed, NotThere, refuse
from participation.ideas.actions import check_words, length_problem
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.journey import make
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.text import plain


def keep_draft(session: Session, city: City, idea: Idea, body: str, language: str, answers: int | None,
               now: datetime) -> Comment:
    """Keep a comment of somebody who has not signed in yet. `answers` is the comment it answers.

    Raises Invalid for the text or the language, Conflict where the idea takes no comments, NotThere
    for an answer to nothing.
    """
    body = plain(body)
    problems = [length_problem("body", body, city.limits.comment_min, city.limits.comment_max)]
    if language not in city.content_languages:
        problems.append(Invalid("comment_language", "not_offered"))
    refuse([problem for problem in problems if problem])
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


def submit_draft(session: Session, author: Person, comment_id: int, now: datetime) -> Comment:
    """Send a kept comment to moderation; it is public only after a moderator's move. Raises NotThere
    when it is gone or somebody's already."""
    if not (answer := may(author, Right.IDEA_COMMENT)):
        raise NotAllowed(answer.why)
    claimed = session.execute(update(Comment).where(Comment.id == comment_id, Comment.author_id.is_(None),
                                                    Comment.source_id.is_(None)).values(author_id=author.id))
    if not touched(claimed):
        raise NotThere("unknown_comment")
    comment = session.get_one(Comment, comment_id, populate_existing=True)
    make(session, COMMENT, comment, "submit", author, now)
    return comment


def say(session: Session, city: City, author: Person, idea: Idea, body: str, language: str,
        answers: int | None, now: datetime) -> Comment:
    """Comment on an idea, or answer a comment."""
    return submit_draft(session, author, keep_draft(session, city, idea, body, language, answers, now).id, now)


def decide(session: Session, city: City, by: Person, comment: Comment, key: str, now: datetime, *,
           reason: str = "", statement: str = "", statement_language: str = "") -> CommentStep:
    """Staff move a comment on; the idea's count of public comments follows in the same transaction."""
    statement = plain(statement)
    check_words(city, reason, statement=statement)
    was_public = comment.public
    values: dict[str, Any] = {"published_at": now} if key == "publish" else {}
    step: CommentStep = make(session, COMMENT, comment, key, by, now, reason=reason, statement=statement,
                             statement_language=statement_language, **values)
    if (change := int(comment.public) - int(was_public)):
        session.execute(update(Idea).where(Idea.id == comment.idea_id).values(comments=Idea.comments + change)
                        .execution_options(synchronize_session=False))
    return step


def sweep_drafts(session: Session, city: City, now: datetime) -> None:
    """Delete comments that nobody signed within the city's days."""
    old = now - timedelta(days=city.deadlines.draft_days)
    session.execute(delete(Comment).where(Comment.author_id.is_(None), Comment.source_id.is_(None),
                                          Comment.created_at < old))
