"""Reporting an idea or a comment (DSA Art. 16): for anyone, with a receipt and an answer. A flood of reports on
one entry is one case; nothing hides by itself unless the city file says so."""

import secrets
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from moderation.carrying_out import snapshot
from moderation.decisions import record
from moderation.entries import Entered, Entry
from moderation.journey import REPORT
from moderation.model import Decision, Report, ReportCase, ReportCaseStep
from participation import secret_links
from participation.city import City
from participation.comments import actions as comments
from participation.comments.journey import COMMENT
from participation.comments.model import Comment
from participation.errors import Conflict, Invalid, NotThere, length_problem, refuse
from participation.ideas.actions import waits
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.journey import make
from participation.outbox import happened
from participation.people.model import Person
from participation.people.signing_in import address
from participation.text import plain
from participation.waiting import URGENT

BODY_MIN, BODY_MAX = 10, 4000


def categories(city: City, kind: str) -> tuple[str, ...]:
    """The reasons of the city file that an entry of this kind can be reported for."""
    return tuple(reason.key for reason in city.reasons if reason.report and kind in reason.kinds)


def file(session: Session, city: City, idea: Idea, comment: Comment | None, now: datetime, *, category: str,
         body: str, language: str, person: Person | None = None, email: str = "") -> Report:
    """Report an entry. Raises Invalid for each field that is wrong, Conflict when the entry is not public (any
    more) or this person has reported it already."""
    body, kind = plain(body), "idea" if comment is None else "comment"
    problems = []
    if category not in categories(city, kind):
        problems.append(Invalid("category", "not_offered" if category else "required"))
    if problem := length_problem("body", body, BODY_MIN, BODY_MAX):
        problems.append(problem)
    if person is None and email.strip():  # Art. 16(2)(c): a report may also come without a name
        try:
            email = address(email)
        except Invalid as trouble:
            problems.append(trouble)
    refuse(problems)
    thing: Idea | Comment = idea if comment is None else comment
    if not (idea.public and thing.public):
        raise Conflict("not_public_any_more")
    case = _open_case(session, city, idea, comment, now)
    if person is not None and session.scalar(select(Report.id).where(
            Report.case_id == case.id, Report.person_id == person.id)) is not None:
        raise Conflict("reported_already")
    report = Report(case_id=case.id, category=category, body=body, language=language, at=now,
                    person_id=person.id if person else None, email="" if person else email.strip(),
                    salt=secrets.token_hex(16))
    session.add(report)
    session.execute(update(ReportCase).where(ReportCase.id == case.id).values(reports=ReportCase.reports + 1)
                    .execution_options(synchronize_session=False))
    session.flush()
    happened(session, "report.filed", now, report_id=report.id)
    _hide_by_itself(session, city, thing, case, now)
    return report


def _open_case(session: Session, city: City, idea: Idea, comment: Comment | None, now: datetime) -> ReportCase:
    """The case of this entry that waits; a new one where none does. The idea's row is held meanwhile, so that two
    people who report at once share one."""
    session.refresh(idea, with_for_update=True)
    case = session.scalar(select(ReportCase).where(
        ReportCase.idea_id == idea.id, ReportCase.comment_id == (comment.id if comment else None),
        ReportCase.state.in_(REPORT.keys(waits_for="moderation"))))
    if case is None:
        case = ReportCase(idea_id=idea.id, comment_id=comment.id if comment else None, opened_at=now)
        session.add(case)
        session.flush()
        due = now + timedelta(days=city.moderation.report_days)
        make(session, REPORT, case, "open", None, now, waits=replace(waits(city, idea, now, due), rank=URGENT))
    return case


def _hide_by_itself(session: Session, city: City, thing: Idea | Comment, case: ReportCase, now: datetime) -> None:
    """Where the city file asks for it: hidden as soon as so many different people have reported it. Its author
    gets a statement of reasons for that, too, and can appeal (DSA Art. 17(1)(a), 20(1)(a))."""
    enough = city.moderation.hide_after_reports
    if not enough:
        return
    people = session.scalar(select(func.count(func.distinct(Report.person_id))).where(
        Report.case_id == case.id, Report.person_id.is_not(None))) or 0
    journey = COMMENT if isinstance(thing, Comment) else IDEA
    if people < enough or not journey.begins("hide_reported", thing):
        return
    comment = thing if isinstance(thing, Comment) else None
    idea = thing if isinstance(thing, Idea) else session.get_one(Idea, case.idea_id)
    author = session.get(Person, thing.author_id) if thing.author_id else None
    before = snapshot(Entry(journey.name, "", thing, idea, comment, author, (), None, None, None))
    step: Any = (comments.hide_reported(session, comment, now) if comment is not None
                 else make(session, IDEA, idea, "hide_reported", None, now))
    record(session, city, kind=journey.name, thing_id=thing.id, move="hide_reported", by=None, now=now, reason="",
           entered=Entered("hide_reported"), idea=idea, comment=comment, addressee_id=thing.author_id, step=step,
           before=before)


def answer(session: Session, case: ReportCase, now: datetime) -> tuple[ReportCaseStep, Decision | None] | None:
    """The step that decided a case, and the decision behind it; None while it waits or can still be undone."""
    step = session.scalar(select(ReportCaseStep).where(
        ReportCaseStep.report_id == case.id, ~ReportCaseStep.undone, ReportCaseStep.move != "open")
        .order_by(ReportCaseStep.id.desc()).limit(1))
    if step is None:
        return None
    made = session.scalar(select(Decision).where(Decision.kind == "report", Decision.step_id == step.id))
    return None if made is not None and made.undo_until > now else (step, made)


def of_case(session: Session, case_id: int, limit: int = 100) -> list[Report]:
    """The reports of a case, newest first."""
    return list(session.scalars(select(Report).where(Report.case_id == case_id).order_by(Report.id.desc())
                                .limit(limit)))


def categories_of_case(session: Session, case_id: int) -> dict[str, int]:
    """How many reports name each category."""
    return {row[0]: row[1] for row in session.execute(
        select(Report.category, func.count()).where(Report.case_id == case_id).group_by(Report.category)
        .order_by(func.count().desc()))}


def with_case(session: Session, report_id: int) -> tuple[Report, ReportCase]:
    """A report and its case."""
    report = session.get_one(Report, report_id)
    return report, session.get_one(ReportCase, report.case_id)


def token(report: Report, secret: str) -> str:
    """The secret of the link in a report's receipt."""
    return secret_links.token("report", report.id, report.salt, secret)


def followed(session: Session, text: str, secret: str) -> tuple[Report, ReportCase]:
    """The report of a secret link and its case; raises NotThere for a wrong one."""
    found = session.get(Report, secret_links.number_of(text))
    if found is None or not secret_links.opens(text, "report", found.id, found.salt, secret):
        raise NotThere("unknown_report")
    return found, session.get_one(ReportCase, found.case_id)
