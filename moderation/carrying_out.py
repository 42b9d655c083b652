"""What a decision does to its entry, and how it is taken back: the one place that knows every move's effect."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from moderation import merging
from moderation.entries import JOURNEYS, Entered, Entry
from moderation.model import Decision
from participation.city import City
from participation.comments import actions as comments
from participation.comments.journey import COMMENT
from participation.comments.model import Comment, CommentStep
from participation.errors import Conflict
from participation.ideas import actions as ideas
from participation.ideas import revising
from participation.ideas.journey import EDIT, IDEA
from participation.ideas.model import Acceptance, Idea, IdeaEdit, IdeaStep
from participation.journey import Journey, Move, Step, make, undo
from participation.outbox import call_back
from participation.people.model import Person
from participation.text import plain
from participation.waiting import CHECK as CHECK
from participation.waiting import QUORUM as QUORUM
from participation.waiting import find, kept, restore


@dataclass(slots=True)
class Extra:
    """A decision that follows from another: hiding what was reported, blocking an author."""

    kind: str
    thing_id: int
    move: str
    addressee_id: int | None
    step: Any
    before: dict[str, Any]


@dataclass(slots=True)
class Work:
    """One decision being carried out."""

    session: Session
    city: City
    by: Person
    found: Entry
    entered: Entered
    move: Move
    reason: str
    now: datetime
    hold: timedelta
    extras: list[Extra] = field(default_factory=list)

    @property
    def words(self) -> dict[str, Any]:
        """What every action is told of the decision."""
        return {"reason": self.reason, "statement": self.entered.statement, "hold": self.hold,
                "statement_language": self.entered.statement_language or self.city.languages[0]}


def addressee(found: Entry) -> int | None:
    """Whose entry it is, to be told; nobody for a case of reports, whose reporters are told by themselves."""
    return found.author.id if found.author is not None else None


def snapshot(found: Entry) -> dict[str, Any]:
    """What undoing a decision brings back, as plain values."""
    thing: dict[str, Any] = {}
    for target in (found.idea, found.comment):
        if target is not None:
            thing[type(target).__name__] = _texts(target)
    author = found.author
    return {"texts": thing, "trusted": author.trusted if author else None,
            "blocked_until": author.blocked_until.isoformat() if author and author.blocked_until else None}


def carry_out(work: Work) -> Any:
    """Do it; the step of the journey. Raises what the actions raise."""
    author, entered = work.found.author, work.entered
    step = {"idea": _idea, "comment": _comment, "edit": _edit, "report": _report, "appeal": _appeal}[
        work.found.kind](work)
    if author is not None and work.found.kind in ("idea", "comment"):
        if work.move.key == "publish" and entered.trust and work.city.moderation.trust:
            author.trusted = True
        if work.move.key in ("reject", "hide"):
            author.trusted = False  # lost with the first rejection
            if entered.block_days:
                _block(work, author)
    return step


def _idea(work: Work) -> IdeaStep:
    session, city, by, now, entered = work.session, work.city, work.by, work.now, work.entered
    idea: Idea = work.found.thing
    if entered.field or entered.language:
        revising.correct(session, city, by, idea, now, field=entered.field or idea.field,
                         district=entered.district, language=entered.language or idea.language)
    if work.move.key == "publish" and entered.mask.strip():
        revising.mask_idea(session, by, idea, entered.mask.splitlines(), now)
    if work.move.key == "merge":
        ideas.check_words(city, "", statement=plain(entered.statement))
        into = merging.target(session, idea, entered.target)
        return merging.merge(session, city, by, idea, into, now, statement=plain(entered.statement), hold=work.hold,
                             statement_language=work.words["statement_language"])
    if work.move.key == "unmerge":
        return merging.unmerge(session, city, by, idea, now, statement=entered.statement, hold=work.hold,
                               statement_language=work.words["statement_language"])
    return ideas.decide(session, city, by, idea, work.move.key, now, benefit=entered.benefit,
                        who_benefits=entered.who_benefits, **work.words)


def _comment(work: Work) -> CommentStep:
    session, city, by, now, entered = work.session, work.city, work.by, work.now, work.entered
    comment: Comment = work.found.thing
    if entered.language:
        comments.correct(session, city, by, comment, entered.language, now)
    values: dict[str, Any] = {}
    if work.move.key == "publish":
        if entered.mask.strip():
            comments.mask_comment(session, by, comment, entered.mask.splitlines(), now)
        values = {"official": entered.official}
    return comments.decide(session, city, by, comment, work.move.key, now, **work.words, **values)


def _edit(work: Work) -> Any:
    return revising.decide_edit(work.session, work.city, work.by, work.found.thing, work.move.key, work.now,
                                **work.words)


def _report(work: Work) -> Any:
    session, now, found = work.session, work.now, work.found
    thing = found.comment or found.idea
    assert thing is not None
    ideas.check_words(work.city, work.reason, statement=plain(work.entered.statement))
    journey = COMMENT if found.comment is not None else IDEA
    before = {"waiting": kept(find(session, journey.name, thing.id)), "texts": {type(thing).__name__: _texts(thing)}}
    move = "hide" if work.move.key == "uphold_report" else "reinstate"
    owner = getattr(journey.steps, f"{journey.name}_id")
    newest = session.scalar(select(journey.steps.move).where(owner == thing.id, ~journey.steps.undone)
                            .order_by(journey.steps.id.desc()).limit(1))
    fits = journey.begins(move, thing)
    if move == "hide" and thing.public and not fits:
        raise Conflict("cannot_be_hidden")  # an idea that the pool has taken up
    words = work.words | {"statement": plain(work.entered.statement)}
    case = make(session, JOURNEYS["report"], found.thing, work.move.key, work.by, now, **words, decided_at=now)
    if fits and (move == "hide" or newest == "hide_reported"):
        step = _act(work, thing, move)
        work.extras.append(Extra(journey.name, thing.id, move, thing.author_id, step, before))
    elif move == "hide" and newest == "hide_reported":  # hidden by a rule already; now a person says why
        step = make(session, journey, thing, "stay_hidden", None, now, **words)
        work.extras.append(Extra(journey.name, thing.id, "stay_hidden", thing.author_id, step, before))
    return case


def _appeal(work: Work) -> Any:
    """Uphold or reverse. Reversing takes back what was decided, as far as the entry still stands there."""
    session, city, now, found = work.session, work.city, work.now, work.found
    decision = found.appealed
    assert decision is not None
    ideas.check_words(city, "", statement=plain(work.entered.statement))
    values: dict[str, Any] = {"decided_at": now}
    if work.move.key == "uphold":
        values["reply_until"] = now + timedelta(days=city.moderation.reply_days)
    words = work.words | {"statement": plain(work.entered.statement)}
    step = make(session, JOURNEYS["appeal"], found.thing, work.move.key, work.by, now, **words, **values)
    if work.move.key != "reverse":
        return step
    if decision.kind == "person":
        person = session.get_one(Person, decision.thing_id)
        work.extras.append(Extra("person", person.id, "unblock", person.id, None,
                                 {"blocked_until": _iso(person.blocked_until), "person": person.id}))
        person.blocked_until = None
        return step
    if decision.kind == "edit":
        _take_over_after_all(work, decision)
        return step
    thing = found.comment or found.idea
    if decision.kind not in ("idea", "comment") or thing is None:
        return step
    journey = COMMENT if found.comment is not None else IDEA
    before = {"waiting": kept(find(session, journey.name, thing.id)), "texts": {type(thing).__name__: _texts(thing)}}
    if decision.move in ("publish", "publish_trusted"):  # what restricted it was that a part was masked
        if thing.masked:
            _bring_texts_back(session, thing, decision.before["texts"], now)
            work.extras.append(Extra(journey.name, thing.id, "unmask", None, None, before))
    elif journey.begins("reinstate", thing) and _stands(session, journey, thing, decision):
        done = _act(work, thing, "reinstate")
        work.extras.append(Extra(journey.name, thing.id, "reinstate", None, done, before))
    return step


def _take_over_after_all(work: Work, decision: Decision) -> None:
    """Take a refused change over, unless the idea's text or state is another by now; the answer says so then."""
    session, edit = work.session, work.session.get_one(IdeaEdit, decision.thing_id)
    idea = session.get_one(Idea, edit.idea_id)
    if idea.version != edit.base or not IDEA.state(idea.state).gathers:
        return
    before = {"waiting": None, "texts": {Idea.__name__: _texts(idea)}}
    done = revising.decide_edit(session, work.city, work.by, edit, "apply", work.now, **work.words)
    work.extras.append(Extra(EDIT.name, edit.id, "apply", edit.author_id, done, before))


def _stands(session: Session, journey: Journey, thing: Idea | Comment, decision: Decision) -> bool:
    """Whether an entry stands where this decision left it: a later one is not reversed with it."""
    steps = journey.steps
    newest = session.scalars(select(steps).where(getattr(steps, f"{journey.name}_id") == thing.id, ~steps.undone)
                             .order_by(steps.id.desc()).limit(1)).first()
    return newest is not None and (newest.id == decision.step_id or (newest.move, decision.move)
                                   == ("stay_hidden", "hide_reported"))


def _act(work: Work, thing: Idea | Comment, move: str) -> Any:
    """Make a move with the idea or the comment that a report or an appeal is about."""
    if isinstance(thing, Comment):
        return comments.decide(work.session, work.city, work.by, thing, move, work.now, **work.words)
    return ideas.decide(work.session, work.city, work.by, thing, move, work.now, **work.words)


def _block(work: Work, author: Person) -> None:
    until = work.now + timedelta(days=work.entered.block_days)
    work.extras.append(Extra("person", author.id, "block", author.id, None,
                             {"blocked_until": _iso(author.blocked_until), "person": author.id}))
    author.blocked_until = until


def take_back(session: Session, decision: Decision, now: datetime) -> None:
    """Bring everything back that a decision changed. Raises Conflict when something of it has been told."""
    if decision.event_id is None or not call_back(session, decision.event_id):
        raise Conflict("too_late_to_undo")
    before = decision.before
    if decision.kind == "person":
        session.get_one(Person, before["person"]).blocked_until = _moment(before["blocked_until"])
        return
    if decision.step_id is not None:
        _step_back(session, decision, now)
    else:
        thing = session.get_one({"idea": Idea, "comment": Comment}[decision.kind], decision.thing_id)
        _bring_texts_back(session, thing, before["texts"], now)
    if decision.addressee_id is not None and before.get("trusted") is not None:
        session.get_one(Person, decision.addressee_id).trusted = before["trusted"]
    restore(session, before.get("waiting"))


def _step_back(session: Session, decision: Decision, now: datetime) -> None:
    journey = JOURNEYS[decision.kind]
    thing = session.get_one(journey.table, decision.thing_id, with_for_update=True, populate_existing=True)
    step: Step = session.get_one(journey.steps, decision.step_id)
    if isinstance(thing, Comment):
        old = decision.before["texts"]["Comment"]
        comments.undo_decision(session, thing, step, published_at=_moment(old["published_at"]),  # type: ignore[arg-type]
                               official=old["official"])
        _bring_texts_back(session, thing, decision.before["texts"], now)
    elif isinstance(thing, Idea):
        old = decision.before["texts"]["Idea"]
        if decision.move == "merge":
            merging.take_apart(session, thing)
        session.execute(delete(Acceptance).where(Acceptance.step_id == step.id))
        undo(session, IDEA, thing, step, published_at=_moment(old["published_at"]),
             quorum_until=_moment(old["quorum_until"]), merged_into_id=old["merged_into_id"])
        _bring_texts_back(session, thing, decision.before["texts"], now)
    elif isinstance(thing, IdeaEdit):
        undo(session, EDIT, thing, step)
        idea = session.get_one(Idea, thing.idea_id)
        _bring_texts_back(session, idea, decision.before["texts"], now)
        if decision.move == "apply":  # the text that the author changed stands there again, as a newer version
            thing.base = idea.version
    else:
        undo(session, journey, thing, step, decided_at=None)


def _texts(thing: Idea | Comment) -> dict[str, Any]:
    names = ((*revising.COLUMNS, "masked", "merged_into_id")
             if isinstance(thing, Idea) else ("body", "language", "masked", "official"))
    moments = ("published_at", "quorum_until") if isinstance(thing, Idea) else ("published_at",)
    return {name: getattr(thing, name) for name in names} | {name: _iso(getattr(thing, name)) for name in moments}


def _bring_texts_back(session: Session, thing: Any, texts: dict[str, Any], now: datetime) -> None:
    old = texts.get(type(thing).__name__)
    if old is None:
        return
    if isinstance(thing, Idea):
        revising.bring_back(session, thing, revising.draft_from(old), old["masked"], now)
    else:
        comments.bring_back(session, thing, old["body"], old["language"], old["masked"], now)


def _iso(at: datetime | None) -> str | None:
    return at.isoformat() if at is not None else None


def _moment(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
