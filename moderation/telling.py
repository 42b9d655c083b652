"""What moderation's letters are told: the facts of a statement of reasons, of a report, of a merge, of a morning.
The roof's table LETTERS names these functions."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import appeals, reports
from moderation.journey import APPEAL
from moderation.model import Decision
from moderation.queue import counts
from participation.comments.model import Comment
from participation.ideas.model import Idea
from participation.jobs import House
from participation.notices import following
from participation.notices.model import Notice
from participation.people.model import Person
from participation.waiting import find


def of_entry(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For the letters about an idea's or a comment's own step: the decision behind it, if moderation made it and
    the letter goes to the person it is addressed to."""
    kind = "comment" if notice.comment_id is not None else "idea"
    decision = session.scalar(select(Decision).where(Decision.kind == kind, Decision.step_id == notice.step_id))
    if decision is None or decision.addressee_id != notice.person_id:
        return {"decision": None}
    return _statement(decision, house)


def of_decision(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For the answers to an edit, to an appeal, and for a block."""
    decision = session.get_one(Decision, notice.about["decision_id"])
    facts = _statement(decision, house)
    appeal = appeals.about(session, decision) if decision.kind == "appeal" else None
    if appeal is not None:  # the address leads to the page of what was appealed against, where the answer stands
        first = session.get_one(Decision, appeal.decision_id)
        facts |= {"first": first, "statement_token": appeals.token(first, house.settings.secret_key),
                  "reply_until": appeal.reply_until if APPEAL.state(appeal.state).waits_for == "author" else None}
    person = session.get(Person, decision.thing_id) if decision.kind == "person" else None
    return facts | {"idea": session.get(Idea, decision.idea_id) if decision.idea_id else None,
                    "comment": session.get(Comment, decision.comment_id) if decision.comment_id else None,
                    "blocked_until": person.blocked_until if person else None}


def of_report(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For a reporter: what was reported, the secret link, and the decision once there is one."""
    report, case = reports.with_case(session, notice.about["report_id"])
    decision = session.get(Decision, notice.about.get("decision_id", 0))
    comment = session.get(Comment, case.comment_id) if case.comment_id else None
    waiting = find(session, "report", case.id)
    return {"report": report, "idea": session.get_one(Idea, case.idea_id), "comment": comment, "decision": decision,
            "due": waiting.due if waiting is not None else None,
            "report_token": reports.token(report, house.settings.secret_key)}


def of_merge(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For a supporter: the idea their support could be carried over to, and the secret of the link that ends such
    letters."""
    return {"into": session.get_one(Idea, notice.about["other_id"]),
            "stop_token": following.token(notice, house.settings.secret_key)}


def of_morning(session: Session, notice: Notice, house: House) -> dict[str, Any]:
    """For a moderator: how much waits for them now."""
    person = session.get_one(Person, notice.person_id)
    return {"counts": counts(session, person, house.now)}


def _statement(decision: Decision, house: House) -> dict[str, Any]:
    return {"decision": decision, "statement_token": appeals.token(decision, house.settings.secret_key)}
