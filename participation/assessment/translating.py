"""Public words in all offered languages: what is wanted for an answer, the list of it, and what the office writes.

A translation belongs to a statement or an outcome of a step, to the reason of a moved promise, or to an accepted idea's
own text. The original is never touched; a newer translation replaces an older one.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation import translations
from participation.assessment import working
from participation.assessment.model import Outcome, Promise
from participation.assessment.promises import KIND as PROMISE
from participation.city import City
from participation.errors import Conflict, Invalid, NotAllowed, NotThere, refuse
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.ideas.search import reindex
from participation.jobs import House
from participation.outbox import Event, happened
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.model import Item
from participation.text import one_line, plain
from participation.translations import MACHINE, STAFF, Translation

STEP, IDEA = "idea_step", "idea"
STATEMENT, OUTCOME = "statement", "outcome"
PARTS = ("title", "body", "benefit")  # of an idea
PAGE = 20


@dataclass(frozen=True, slots=True)
class Wanted:
    """A translation that is wanted, or was written: the original beside it."""

    id: int
    ref: str
    title: str
    title_language: str
    kind: str
    part: str
    move: str  # the step's; "" for a promise
    original: str
    original_language: str
    language: str
    text: str
    origin: str
    by: str  # whose name; "" for nobody's
    done_at: datetime | None
    stale: bool  # the original is another one now

    @property
    def version(self) -> str:
        """What a form says it has seen: when it was written, "" for not yet."""
        return self.done_at.isoformat() if self.done_at else ""


def said(session: Session, event: Event, house: House) -> None:
    """Follower of the moves by which moderation answers publicly: their statement is wanted in the other languages."""
    step = session.get_one(IdeaStep, event.about["step_id"])
    want(session, house.city, step, house.now)


def want(session: Session, city: City, step: IdeaStep, now: datetime, outcome: str = "") -> None:
    """Note in which offered languages a step's public words are missing."""
    others = [tag for tag in city.languages if tag != step.statement_language]
    for part, text in ((STATEMENT, step.statement), (OUTCOME, outcome)):
        if text:
            translations.want(session, STEP, step.id, part, text, others, now)


def listed(session: Session, language: str = "", done: bool = False, after: int | None = None,
           limit: int = PAGE) -> tuple[list[Wanted], int | None]:
    """A page of what is wanted, the oldest first, or of what was written, the newest first, and the id to continue
    behind (None at the end)."""
    query = select(Translation, Person.name).outerjoin(Person, Person.id == Translation.by_id).where(
        Translation.kind.in_((STEP, PROMISE)),
        Translation.done_at.is_not(None) if done else Translation.done_at.is_(None))
    if language:
        query = query.where(Translation.language == language)
    if after is not None:
        query = query.where(Translation.id < after if done else Translation.id > after)
    rows = session.execute(query.order_by(Translation.id.desc() if done else Translation.id).limit(limit + 1)).all()
    found = _with_originals(session, [(row[0], row[1] or "") for row in rows[:limit]])
    return found, rows[limit - 1][0].id if len(rows) > limit else None


def one(session: Session, number: int) -> Wanted:
    """One of the list; raises NotThere."""
    row = session.execute(select(Translation, Person.name).outerjoin(Person, Person.id == Translation.by_id)
                          .where(Translation.id == number, Translation.kind.in_((STEP, PROMISE)))).first()
    found = _with_originals(session, [(row[0], row[1] or "")]) if row is not None else []
    if not found:
        raise NotThere("unknown_translation")
    return found[0]


def write(session: Session, city: City, translator: Person, number: int, text: str, now: datetime, *,
          seen: str) -> Wanted:
    """Keep a translation of public words. `seen` is the version that stood on the form.

    Raises NotAllowed, NotThere, Invalid for no text or one too long, and Conflict when somebody else wrote one
    meanwhile.
    """
    _may(translator)
    row = session.get(Translation, number, with_for_update=True)
    if row is None:
        raise NotThere("unknown_translation")
    wanted = one(session, number)
    if wanted.version != seen and wanted.origin != MACHINE:  # whatever a machine wrote meanwhile gives way
        raise Conflict("translated_meanwhile")
    text = plain(text)
    problem = _problem("text", text, city.limits.statement_max, wanted.original)
    refuse([problem] if problem else [])
    _kept(session, translations.keep(session, row.kind, row.thing_id, row.part, row.language, text, wanted.original,
                                     STAFF, translator.id, now), now)
    return wanted


def of_idea(session: Session, idea: Idea) -> Mapping[str, Mapping[str, str]]:
    """The translations of an idea's own text: {language: {part: text}}."""
    return translations.of(session, IDEA, [idea.id], machine=True).get(idea.id, {})


def stale(session: Session, idea: Idea) -> frozenset[str]:
    """The languages in which the idea's translation was made from an earlier text."""
    rows = session.execute(select(Translation.language, Translation.part, Translation.source).where(
        Translation.kind == IDEA, Translation.thing_id == idea.id, Translation.done_at.is_not(None)))
    return frozenset(language for language, part, source in rows
                     if part in PARTS and source != translations.source_of(getattr(idea, part)))


def write_idea(session: Session, city: City, translator: Person, idea: Idea, language: str, texts: Mapping[str, str],
               now: datetime) -> None:
    """Keep the translation of an accepted idea: title, text and benefit, all that the original has.

    Raises NotAllowed, NotThere for an idea that was not accepted, and Invalid for a language that is not offered
    and every part that is missing or too long.
    """
    _may(translator)
    item = session.scalar(select(Item).where(Item.idea_id == idea.id))
    if session.scalar(select(Acceptance.step_id).where(Acceptance.idea_id == idea.id).limit(1)) is None:
        raise NotThere("unknown_record")
    if language not in city.languages or language == idea.language:
        raise Invalid("language", "not_offered")
    cleaned = {part: (one_line if part == "title" else plain)(texts.get(part, "")) for part in PARTS}
    most = {"title": 300, "body": 2 * city.limits.body_max, "benefit": 2 * city.limits.benefit_max}
    refuse([problem for part, text in cleaned.items()
            if (problem := _problem(part, text, max(most[part], len(getattr(idea, part))), getattr(idea, part)))])
    rows = [translations.keep(session, IDEA, idea.id, part, language, text, getattr(idea, part), STAFF,
                              translator.id, now) for part, text in cleaned.items()]
    reindex(session, idea)
    _kept(session, rows[0], now)  # the three are one translation
    if item is not None:
        working.act(session, item, translator, "translated", now, language=language)


def _may(translator: Person) -> None:
    if not (answer := may(translator, Right.TEXT_TRANSLATE)):
        raise NotAllowed(answer.why, right=str(Right.TEXT_TRANSLATE))


def _problem(field: str, text: str, most: int, original: str) -> Invalid | None:
    if original and not text:
        return Invalid(field, "required")
    return Invalid(field, "too_long", limit=most, length=len(text)) if len(text) > most else None


def _kept(session: Session, row: Translation, now: datetime) -> None:
    happened(session, "translation.kept", now, translation_id=row.id)


def _with_originals(session: Session, rows: Sequence[tuple[Translation, str]]) -> list[Wanted]:
    """The rows beside their originals, in two queries; without those whose original is gone."""
    steps = {each[0]: each for each in session.execute(
        select(IdeaStep.id, IdeaStep.move, IdeaStep.statement, IdeaStep.statement_language, Outcome.benefit, Idea.ref,
               Idea.title, Idea.language).join(Idea, Idea.id == IdeaStep.idea_id)
        .outerjoin(Outcome, Outcome.step_id == IdeaStep.id)
        .where(IdeaStep.id.in_([row.thing_id for row, _ in rows if row.kind == STEP])))}
    moved = {each[0].id: each for each in session.execute(
        select(Promise, Idea.ref, Idea.title, Idea.language).join(Idea, Idea.id == Promise.idea_id)
        .where(Promise.id.in_([row.thing_id for row, _ in rows if row.kind == PROMISE])))}
    found = []
    for row, by in rows:
        if row.kind == STEP and row.thing_id in steps:
            _, move, statement, spoken, benefit, ref, title, title_language = steps[row.thing_id]
            original = benefit if row.part == OUTCOME else statement
        elif row.kind == PROMISE and row.thing_id in moved:
            promise, ref, title, title_language = moved[row.thing_id]
            move, original, spoken = "", promise.reason, promise.reason_language
        else:
            continue
        found.append(Wanted(row.id, ref or "", title, title_language, row.kind, row.part, move, original or "", spoken,
                            row.language, row.text, row.origin, by, row.done_at,
                            bool(row.source) and row.source != translations.source_of(original or "")))
    return found
