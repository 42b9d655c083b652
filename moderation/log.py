"""The public decision log in the database: lines are added one after the other and never changed."""

import secrets
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from moderation.chain import Line, head, key_of, salted, seal
from moderation.model import Decision, LogHead, LogLine
from participation.comments.model import Comment
from participation.ideas.model import Idea
from participation.jobs import House
from participation.outbox import Event

PAGE = 50
FIRST = "0" * 64
_LOCK = 0x6C6F67  # "log"


def entered(session: Session, event: Event, house: House) -> None:
    """Follower of decision.taken: when it can no longer be undone it goes into the log, once."""
    decision = session.get(Decision, event.about["decision_id"])
    if decision is None or decision.undone_at is not None:
        return
    _alone(session)
    if session.scalar(select(LogLine.number).where(LogLine.decision_id == decision.id)) is not None:
        return
    last = session.scalar(select(LogLine).order_by(LogLine.number.desc()).limit(1))
    salt = secrets.token_hex(32)
    line = seal((last.number if last else 0) + 1, decision.at, decision.kind, decision.move, decision.reason,
                f"house-rules:{decision.reason}" if decision.reason else "", decision.automated,
                salted(_name(session, decision), salt), salted(_text(session, decision), salt),
                last.digest if last else FIRST)
    session.add(LogLine(number=line.number, decision_id=decision.id, at=line.at, kind=line.kind, move=line.move,
                        reason=line.reason, rule=line.rule, automated=line.automated, salt=salt,
                        entry_digest=line.entry_digest, text_digest=line.text_digest, previous=line.previous,
                        digest=line.digest))


def headed(session: Session, event: Event, house: House) -> None:
    """Follower of time.hour: once a day the newest line is signed, for everyone to keep."""
    day = house.now.astimezone(house.city.zone).date().isoformat()
    _alone(session)
    last = session.scalar(select(LogLine).order_by(LogLine.number.desc()).limit(1))
    if last is None or session.get(LogHead, day) is not None:
        return
    made = head(line_of(last), house.now, key_of(house.settings.secret_key), house.settings.public_url.rstrip("/"))
    session.add(LogHead(day=day, number=last.number, head=made))


def page(session: Session, before: int | None = None, limit: int = PAGE) -> tuple[list[dict[str, Any]], int | None]:
    """A page of the log, newest first, each line with its entry where that is public now; and the next `before`.
    A block never names one: the idea that gave cause to it would name the person."""
    query = (select(LogLine, Decision.kind, Idea.ref, Idea.title, Idea.language, Idea.public, Comment.id,
                    Comment.public)
             .outerjoin(Decision, Decision.id == LogLine.decision_id).outerjoin(Idea, Idea.id == Decision.idea_id)
             .outerjoin(Comment, Comment.id == Decision.comment_id)
             .order_by(LogLine.number.desc()).limit(limit + 1))
    if before is not None:
        query = query.where(LogLine.number < before)
    rows = session.execute(query).all()
    shown = []
    for line, kind, ref, title, language, idea_public, comment_id, comment_public in rows[:limit]:
        public = bool(idea_public) and (comment_id is None or bool(comment_public)) and kind != "person"
        shown.append({"line": line, "ref": ref if public else "", "title": title if public else "",
                      "language": language, "comment": comment_id if public else None})
    return shown, rows[limit - 1][0].number if len(rows) > limit else None


def lines(session: Session, after: int, limit: int) -> list[Line]:
    """Lines behind a number, in order, as they are handed out for checking."""
    return [line_of(row) for row in session.scalars(
        select(LogLine).where(LogLine.number > after).order_by(LogLine.number).limit(limit))]


def newest_head(session: Session) -> dict[str, Any] | None:
    """The newest signed head; None while there is none."""
    row = session.scalar(select(LogHead).order_by(LogHead.day.desc()).limit(1))
    return row.head if row else None


def heads(session: Session, limit: int = 31) -> list[LogHead]:
    """The signed heads of the last days, newest first."""
    return list(session.scalars(select(LogHead).order_by(LogHead.day.desc()).limit(limit)))


def count(session: Session) -> int:
    """How many lines the log has."""
    return session.scalar(select(func.coalesce(func.max(LogLine.number), 0))) or 0


def line_of(row: LogLine) -> Line:
    """A row as the chain knows it."""
    return Line(row.number, row.at, row.kind, row.move, row.reason, row.rule, row.automated, row.entry_digest,
                row.text_digest, row.previous, row.digest)


def mute(session: Session, decision_id: int) -> None:
    """Erase the salt of a line: its digests then tell nothing about the texts, and the chain still holds."""
    line = session.scalar(select(LogLine).where(LogLine.decision_id == decision_id))
    if line is not None:
        line.salt = ""


def _name(session: Session, decision: Decision) -> str:
    """What the digest of the entry is made of: its reference, the number of a comment, or the kind and number."""
    idea = session.get(Idea, decision.idea_id) if decision.idea_id else None
    if decision.comment_id is not None:
        return f"{idea.ref if idea else ''}#comment-{decision.comment_id}"
    return (idea.ref or "") if idea is not None else f"{decision.kind}:{decision.thing_id}"


def _text(session: Session, decision: Decision) -> str:
    """What the digest of the text is made of: the entry as it stood when it was decided on, then the statement."""
    comment = session.get(Comment, decision.comment_id) if decision.comment_id else None
    idea = session.get(Idea, decision.idea_id) if decision.idea_id else None
    parts = [comment.body] if comment else [idea.title, idea.body, idea.benefit] if idea else []
    return "\n\n".join((*parts, decision.statement))


def _alone(session: Session) -> None:
    """One process at a time adds to the log. SQLite has one writer anyway."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
