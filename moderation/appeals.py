"""The statement of reasons (DSA Art. 17) and the appeal against a decision (Art. 20): one form, a different
moderator, one reply, and deadlines that run and are shown."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation.journey import APPEAL
from moderation.model import Appeal, AppealStep, Decision
from participation import secret_links
from participation.city import City
from participation.comments.model import Comment
from participation.errors import Conflict, NotAllowed, NotThere, length_problem
from participation.ideas.model import Idea
from participation.journey import make
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.text import excerpt, plain
from participation.waiting import Waits

BODY_MIN, BODY_MAX = 10, 4000


@dataclass(frozen=True, slots=True)
class Statement:
    """A statement of reasons as its addressee reads it, and how far an appeal has come."""

    decision: Decision
    idea: Idea | None
    comment: Comment | None
    words: str  # the beginning of what was decided on
    language: str
    appeal: Appeal | None
    answers: tuple[AppealStep, ...]
    can_appeal: bool
    can_reply: bool


def statement(session: Session, decision: Decision, now: datetime) -> Statement:
    """What a decision says to the person whose entry it is about."""
    idea = session.get(Idea, decision.idea_id) if decision.idea_id else None
    comment = session.get(Comment, decision.comment_id) if decision.comment_id else None
    appeal = session.scalar(select(Appeal).where(Appeal.decision_id == decision.id))
    answers = tuple(session.scalars(select(AppealStep).where(AppealStep.appeal_id == appeal.id, ~AppealStep.undone)
                                    .order_by(AppealStep.id))) if appeal else ()
    thing = comment or idea
    return Statement(
        decision, idea, comment, excerpt(comment.body if comment else idea.title if idea else ""),
        thing.language if thing else "", appeal, answers,
        can_appeal=appeal is None and decision.appeal_until is not None and now <= decision.appeal_until
        and decision.undone_at is None,
        can_reply=appeal is not None and APPEAL.begins("reply", appeal)
        and appeal.reply_until is not None and now <= appeal.reply_until)


def restricting(session: Session, now: datetime, idea_id: int | None = None,
                comment_ids: Collection[int] = ()) -> list[Decision]:
    """The decisions that restrict an author's idea, or these comments, newest first: those that can or could be
    appealed, once they can no longer be undone. Only what is addressed to the author themselves."""
    query = select(Decision).where(Decision.appeal_until.is_not(None), Decision.undone_at.is_(None),
                                   Decision.undo_until <= now).order_by(Decision.id.desc()).limit(50)
    found: list[Decision] = []
    if idea_id is not None:
        found += session.scalars(query.join(Idea, Idea.id == Decision.idea_id).where(
            Idea.id == idea_id, Decision.comment_id.is_(None), Decision.addressee_id == Idea.author_id))
    if comment_ids:
        found += session.scalars(query.join(Comment, Comment.id == Decision.comment_id).where(
            Comment.id.in_(comment_ids), Decision.addressee_id == Comment.author_id))
    return sorted(found, key=lambda decision: decision.id, reverse=True)


def about(session: Session, answer: Decision) -> Appeal:
    """The appeal that a decision answers."""
    return session.get_one(Appeal, answer.thing_id)


def file(session: Session, city: City, author: Person, decision: Decision, body: str, language: str,
         now: datetime) -> Appeal:
    """Appeal against a decision. Raises Invalid for the text, NotAllowed for another's decision, Conflict when it
    is too late, cannot be appealed or has been already."""
    _refuse_other(author, decision)
    body = _cleaned(body)
    if decision.appeal_until is None or decision.undone_at is not None:
        raise Conflict("cannot_be_appealed")
    if now > decision.appeal_until:
        raise Conflict("appeal_too_late")
    session.refresh(decision, with_for_update=True)
    if session.scalar(select(Appeal.id).where(Appeal.decision_id == decision.id)) is not None:
        raise Conflict("appealed_already")
    appeal = Appeal(decision_id=decision.id, idea_id=decision.idea_id, author_id=author.id, body=body,
                    language=language, filed_at=now)
    session.add(appeal)
    session.flush()
    make(session, APPEAL, appeal, "file", author, now, waits=_waits(session, city, appeal, now))
    return appeal


def reply(session: Session, city: City, author: Person, decision: Decision, body: str, now: datetime) -> Appeal:
    """Reply once to the answer. Raises as `file` does."""
    _refuse_other(author, decision)
    body = _cleaned(body)
    appeal = session.scalar(select(Appeal).where(Appeal.decision_id == decision.id).with_for_update())
    if appeal is None:
        raise NotThere("unknown_entry")
    if appeal.reply:
        raise Conflict("replied_already")
    if appeal.reply_until is not None and now > appeal.reply_until:
        raise Conflict("appeal_too_late")
    make(session, APPEAL, appeal, "reply", author, now, reply=body, waits=_waits(session, city, appeal, now))
    return appeal


def token(decision: Decision, secret: str) -> str:
    """The secret of the link to a statement of reasons."""
    return secret_links.token("statement", decision.id, decision.salt, secret)


def followed(session: Session, text: str, secret: str) -> Decision:
    """The decision of a secret link; raises NotThere for a wrong one and for one that was undone."""
    found = session.get(Decision, secret_links.number_of(text))
    if found is None or found.undone_at is not None \
            or not secret_links.opens(text, "statement", found.id, found.salt, secret):
        raise NotThere("unknown_statement")
    return found


def _waits(session: Session, city: City, appeal: Appeal, now: datetime) -> Waits:
    idea = session.get(Idea, appeal.idea_id) if appeal.idea_id else None
    return Waits(now + timedelta(days=city.moderation.appeal_decide_days), appeal.idea_id, idea.field if idea else "",
                 idea.district if idea else None, appeal.language)


def _refuse_other(author: Person, decision: Decision) -> None:
    if not (answer := may(author, Right.DECISION_APPEAL)):
        raise NotAllowed(answer.why)
    if decision.addressee_id != author.id:
        raise NotAllowed("not_own")


def _cleaned(body: str) -> str:
    body = plain(body)
    if problem := length_problem("body", body, BODY_MIN, BODY_MAX):
        raise problem
    return body
