"""Moderation's followers: what a background job does after an event. Each may run twice and does its work once."""

from datetime import timedelta
from typing import Any

from sqlalchemy import delete, exists, func, select
from sqlalchemy.orm import Session

from moderation import merging
from moderation.carrying_out import snapshot
from moderation.decisions import record
from moderation.entries import JOURNEYS, Entered, Entry
from moderation.model import Appeal, Decision, Hint, Report, ReportCase
from moderation.queue import counts
from participation.comments.actions import comment_waits, publish_trusted
from participation.comments.model import Comment
from participation.ideas import actions as ideas
from participation.ideas.guessing import guess
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaEdit
from participation.jobs import House
from participation.journey import make
from participation.notices.actions import tell
from participation.outbox import Event
from participation.people.model import Person
from participation.people.rights import ROLES, Right
from participation.waiting import CHECK, Waiting, begin, find

CARRIED_AT_ONCE = 200


def trusted(session: Session, event: Event, house: House) -> None:
    """Follower of idea.submit and comment.submit: what a trusted author wrote is published at once, where the city
    file allows it, and waits to be checked after."""
    kind = event.kind.partition(".")[0]
    thing: Any = session.get_one(JOURNEYS[kind].table, event.about[f"{kind}_id"])
    author = session.get(Person, thing.author_id) if thing.author_id else None
    if not house.city.moderation.trust or author is None or not author.trusted \
            or not JOURNEYS[kind].begins("publish_trusted", thing):
        return
    idea = thing if isinstance(thing, Idea) else session.get_one(Idea, thing.idea_id)
    comment = thing if isinstance(thing, Comment) else None
    found = Entry(kind, "", thing, idea, comment, author, (), find(session, kind, thing.id), None, None)
    before = snapshot(found)
    if comment is not None:
        step: Any = publish_trusted(session, comment, house.now)
        waits = comment_waits(session, house.city, comment, house.now)
    else:
        step = make(session, IDEA, idea, "publish_trusted", None, house.now, published_at=house.now,
                    quorum_until=house.now + timedelta(days=house.city.quorum.days))
        waits = ideas.waits(house.city, idea, house.now)
    begin(session, kind, thing.id, waits, house.now).cause = CHECK
    record(session, house.city, kind=kind, thing_id=thing.id, move="publish_trusted", by=None, now=house.now, reason="",
           entered=Entered("publish_trusted"), idea=idea, comment=comment, addressee_id=author.id, step=step,
           before=before)


def noted(session: Session, event: Event, house: House) -> None:
    """Follower of decision.taken: whoever reported, appealed or was blocked is told. The authors of ideas and
    comments are told by the letters of those."""
    decision = session.get(Decision, event.about["decision_id"])
    if decision is None or decision.undone_at is not None:
        return
    about: Any = {"decision_id": decision.id}
    if decision.kind == "report":
        case = session.get_one(ReportCase, decision.thing_id)
        for report in session.scalars(select(Report).where(Report.case_id == case.id).order_by(Report.id)):
            if report.person_id or report.email:
                tell(session, f"report_answer:{decision.id}:{report.id}", "report_answer", house.now,
                     person_id=report.person_id, email=report.email, language=report.language,
                     report_id=report.id, **about)
    elif decision.kind == "appeal":
        appeal = session.get_one(Appeal, decision.thing_id)
        if appeal.author_id is not None:
            tell(session, f"appeal_answer:{decision.id}", "appeal_answer", house.now, person_id=appeal.author_id,
                 **about)
    elif decision.move == "block" and decision.addressee_id is not None:  # of lifting it the appeal's answer tells
        tell(session, f"block:{decision.id}", "block", house.now, person_id=decision.addressee_id, **about)
    elif decision.kind == "edit":
        edit = session.get_one(IdeaEdit, decision.thing_id)
        if edit.author_id is not None:
            tell(session, f"edit_answer:{decision.id}", "edit_answer", house.now, person_id=edit.author_id, **about)


def receipt(session: Session, event: Event, house: House) -> None:
    """Follower of report.filed: the reporter gets a receipt (DSA Art. 16(4))."""
    report = session.get_one(Report, event.about["report_id"])
    if report.person_id or report.email:
        tell(session, f"report_receipt:{report.id}", "report_receipt", house.now, person_id=report.person_id,
             email=report.email, language=report.language, report_id=report.id)


def ask_supporters(session: Session, event: Event, house: House) -> None:
    """Follower of idea.merge: the supporters are asked whether to carry their support over, with one letter each."""
    idea = session.get_one(Idea, event.about["idea_id"])
    if idea.merged_into_id is None:
        return
    behind = 0
    while people := merging.supporters(session, idea.id, behind, CARRIED_AT_ONCE):
        for person_id in people:
            tell(session, f"merged:{event.key}:{person_id}", "merged", house.now, person_id=person_id, idea_id=idea.id,
                 other_id=idea.merged_into_id)
        behind = people[-1]


def morning(session: Session, event: Event, house: House) -> None:
    """Follower of time.hour: once a day, from the city's hour on, every moderator for whom something waits gets a
    letter that says how much, and what is overdue."""
    local = house.now.astimezone(house.city.zone)
    if local.hour < house.city.moderation.morning_hour:
        return
    roles = [role for role, rights in ROLES.items() if Right.ENTRY_DECIDE in rights]
    for person in session.scalars(select(Person).where(Person.role.in_(roles), Person.email.is_not(None))):
        if counts(session, person, house.now).total:
            tell(session, f"morning:{local.date()}:{person.id}", "morning", house.now, person_id=person.id)


def forgotten(session: Session, event: Event, house: House) -> None:
    """Follower of time.sweep: the addresses of people who reported without an account go when they have had their
    answer for a month; hints, of whatever kind, go a month later when their entry waits no longer."""
    old = house.now - timedelta(days=30)
    for report in session.scalars(select(Report).join(ReportCase, ReportCase.id == Report.case_id)
                                  .where(Report.email != "", ReportCase.decided_at < old).limit(1000)):
        report.email = ""
    still = exists(select(Waiting.id).where(Waiting.kind == Hint.kind, Waiting.thing_id == Hint.thing_id))
    session.execute(delete(Hint).where(Hint.at < old, ~still).execution_options(synchronize_session=False))


def is_new(session: Session, author_id: int | None) -> bool:
    """Whether nothing of this author has been public yet."""
    if author_id is None:
        return False
    public = session.scalar(select(func.count()).select_from(Idea).where(Idea.author_id == author_id, Idea.public))
    return not public and not session.scalar(select(func.count()).select_from(Comment).where(
        Comment.author_id == author_id, Comment.public))


def guessed(title: str, body: str, house: House, declared: str) -> str:
    """The language a text seems to be in; the declared one where that is not sure."""
    return guess(f"{title}\n{body}", house.city.content_languages, declared)
