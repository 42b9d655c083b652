"""Translations by residents and staff: given, looked at, taken down. An author's are public at once and looked at
after; a volunteer's wait until staff take them; those of staff wait for nobody."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation import translations
from participation.city import City
from participation.errors import Conflict, Invalid, NotAllowed, NotThere, length_problem, refuse
from participation.ideas.model import Idea
from participation.jobs import House
from participation.notices.actions import tell
from participation.notices.model import Notice
from participation.outbox import Event
from participation.people.model import Person
from participation.people.rights import Right, in_scope, may, refuse_blocked
from participation.text import plain
from participation.translating.model import TranslationOffer
from participation.translating.things import Thing, cleaned, into, keep, take_away, thing
from participation.translations import AUTHOR, STAFF, VOLUNTEER

PAGE = 20
KEPT = timedelta(days=30)
LETTER = "translation_answer"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A translation that staff have not looked at yet, in the list of them."""

    id: int
    kind: str
    language: str
    origin: str
    by: str  # the name they have chosen, "" for none
    at: datetime
    ref: str
    title: str
    title_language: str


def give(session: Session, city: City, by: Person, of: Thing, language: str, texts: Mapping[str, str],
         now: datetime) -> bool:
    """Somebody translates an idea or a comment; says whether that is public at once. Of what is masked only staff
    translate at once: its author knows what stood there. Where staff have taken an author's down, the next one waits.

    Raises NotAllowed, Conflict for what is not public, and Invalid for the language and for every part that is missing
    or too long.
    """
    if not (answer := may(by, Right.TRANSLATION_OFFER)):
        raise NotAllowed(answer.why, right=str(Right.TRANSLATION_OFFER))
    refuse_blocked(by, now)
    if not of.public:
        raise Conflict("not_public_to_translate")
    made, problems = cleaned(city, of, texts)
    refuse(([] if language in into(city, of) else [Invalid("language", "not_offered")]) + problems)
    decides = may(by, Right.ENTRY_DECIDE) and in_scope(by, of.field, of.district)
    if decides or may(by, Right.TEXT_TRANSLATE):
        keep(session, of, language, made, STAFF, by.id, now)
        return True
    author = at_once(session, by, of, language)
    entered: dict[str, Any] = {"texts": made, "source": of.source, "offered_at": now,
                               "origin": AUTHOR if author else VOLUNTEER}
    offer = own(session, by, of, language, lock=True)
    if offer is None:
        try:
            with session.begin_nested():
                session.add(TranslationOffer(kind=of.kind, thing_id=of.id, idea_id=of.idea_id, language=language,
                                             by_id=by.id, **entered))
        except IntegrityError:  # the same person at the same moment in another window
            offer = own(session, by, of, language, lock=True)
    for name, value in entered.items() if offer is not None else ():
        setattr(offer, name, value)
    if author:
        keep(session, of, language, made, AUTHOR, by.id, now)
    session.flush()
    return author


def at_once(session: Session, person: Person, of: Thing, language: str) -> bool:
    """Whether somebody's translation is public before staff look at it, as its author's is: not of what is masked, and
    not where staff did not take what they wrote in the last month."""
    return of.author_id == person.id and not of.masked and session.scalar(select(TranslationOffer.id).where(
        TranslationOffer.by_id == person.id, TranslationOffer.kind == of.kind, TranslationOffer.thing_id == of.id,
        TranslationOffer.language == language, TranslationOffer.taken.is_(False)).limit(1)) is None


def own(session: Session, person: Person, of: Thing, language: str, lock: bool = False) -> TranslationOffer | None:
    """The translation of a thing that somebody has given and staff have not looked at, if any. With `lock`, staff look
    at it before or after, or what is written anew would never be looked at."""
    query = select(TranslationOffer).where(
        TranslationOffer.by_id == person.id, TranslationOffer.kind == of.kind, TranslationOffer.thing_id == of.id,
        TranslationOffer.language == language, TranslationOffer.decided_at.is_(None)).limit(1)
    return session.scalar(query.with_for_update() if lock else query)


def begun(session: Session, person: Person, of: Thing, language: str) -> Mapping[str, str]:
    """What the form begins with: what the person has given and is not looked at, else the public translation that fits
    today's text; its author also gets their own of an earlier text, but nothing of what is masked since."""
    if (offer := own(session, person, of, language)) is not None and (offer.source == of.source or not of.masked):
        return offer.texts
    found = translations.fitting(session, of.kind, of.id, of.texts).get(language, {})
    if not found and of.author_id == person.id and not of.masked:
        return translations.of(session, of.kind, [of.id]).get(of.id, {}).get(language, {})
    return found


def waiting(session: Session, moderator: Person, after: int | None = None, limit: int = PAGE) -> tuple[
        list[Waiting], int | None]:
    """A page of what waits for this moderator's look, the oldest first, and the id to continue behind (None at the
    end)."""
    query = (select(TranslationOffer, Idea.ref, Idea.title, Idea.language, Person.name)
             .join(Idea, Idea.id == TranslationOffer.idea_id).outerjoin(Person, Person.id == TranslationOffer.by_id)
             .where(*_scope(moderator)).order_by(TranslationOffer.id).limit(limit + 1))
    if after is not None:
        query = query.where(TranslationOffer.id > after)
    rows = session.execute(query).all()
    found = [Waiting(offer.id, offer.kind, offer.language, offer.origin, by or "", offer.offered_at, ref or "", title,
                     language) for offer, ref, title, language, by in rows[:limit]]
    return found, found[-1].id if len(rows) > limit else None


def count(session: Session, moderator: Person) -> int:
    """How many wait for this moderator's look."""
    return session.scalar(select(func.count()).select_from(TranslationOffer)
                          .join(Idea, Idea.id == TranslationOffer.idea_id).where(*_scope(moderator))) or 0


def one(session: Session, moderator: Person, number: int, lock: bool = False) -> tuple[TranslationOffer, Thing]:
    """A translation that was given, looked at or not, and what it translates. Raises NotThere, and NotAllowed for one
    of another moderator's field or district."""
    if not (answer := may(moderator, Right.ENTRY_DECIDE)):
        raise NotAllowed(answer.why, right=str(Right.ENTRY_DECIDE))
    offer = session.get(TranslationOffer, number, with_for_update=lock, populate_existing=lock)
    if offer is None:
        raise NotThere("unknown_translation")
    of = thing(session, offer.kind, offer.thing_id)
    _refuse_outside(moderator, of)
    return offer, of


def approve(session: Session, city: City, by: Person, number: int, texts: Mapping[str, str], now: datetime, *,
            seen: str) -> None:
    """Staff find a translation right: an author's stays, a volunteer's becomes public, as it is or with `texts` that
    staff have changed. `seen` is the version that stood on the page.

    Raises NotAllowed, NotThere, Invalid, and Conflict when it was looked at or written anew meanwhile, when the
    original is another one than it was made from, or not public any more.
    """
    offer, of = _open(session, by, number, seen)
    if offer.origin == AUTHOR:
        _settle(session, offer, by, now, taken=True)
        return
    if not of.public:
        raise Conflict("not_public_to_translate")
    if offer.source != of.source:
        raise Conflict("original_changed")
    made, problems = cleaned(city, of, texts)
    refuse(problems)
    offer.changed, offer.texts = made != dict(offer.texts), made
    keep(session, of, offer.language, made, VOLUNTEER, offer.by_id, now)
    _settle(session, offer, by, now, taken=True)
    _tell(session, offer, now)


def turn_down(session: Session, city: City, by: Person, number: int, reason: str, now: datetime, *, seen: str) -> None:
    """Staff do not take a volunteer's translation, or take an author's down; its writer is told why. Raises what
    `approve` raises, and Invalid for a reason that is missing or too long."""
    offer, of = _open(session, by, number, seen)
    offer.reason = _reason(city, reason)
    if offer.origin == AUTHOR and translations.origin_of(session, of.kind, of.id, offer.language) == AUTHOR:
        take_away(session, of, offer.language, now)
    _settle(session, offer, by, now, taken=False)
    _tell(session, offer, now)


def take_down(session: Session, city: City, by: Person, of: Thing, language: str, reason: str, now: datetime) -> None:
    """Staff take a public translation down, whoever made it; a resident who did is told why. Raises NotAllowed,
    NotThere for none, and Invalid for a reason that is missing or too long."""
    if not (answer := may(by, Right.ENTRY_DECIDE)):
        raise NotAllowed(answer.why, right=str(Right.ENTRY_DECIDE))
    _refuse_outside(by, of)
    row = session.scalar(select(translations.Translation).where(
        translations.Translation.kind == of.kind, translations.Translation.thing_id == of.id,
        translations.Translation.language == language, translations.Translation.done_at.is_not(None)).limit(1))
    if row is None:
        raise NotThere("unknown_translation")
    reason, origin, by_id = _reason(city, reason), row.origin, row.by_id
    take_away(session, of, language, now)
    if origin not in (AUTHOR, VOLUNTEER):
        return
    offer = session.scalar(select(TranslationOffer).where(
        TranslationOffer.by_id == by_id, TranslationOffer.kind == of.kind, TranslationOffer.thing_id == of.id,
        TranslationOffer.language == language, TranslationOffer.decided_at.is_(None),
        TranslationOffer.origin == AUTHOR).limit(1))
    if offer is None:
        offer = TranslationOffer(kind=of.kind, thing_id=of.id, idea_id=of.idea_id, language=language, by_id=by_id,
                                 texts={}, source="", origin=origin, offered_at=now)
        session.add(offer)
    offer.reason = reason
    _settle(session, offer, by, now, taken=False)
    _tell(session, offer, now)


def version_of(offer: TranslationOffer) -> str:
    """What a form says it has seen of it: when it was written."""
    return offer.offered_at.isoformat()


def forgotten(session: Session, _event: Event, house: House) -> None:
    """Follower of time.sweep: what was looked at a month ago is forgotten; what is public stands elsewhere."""
    session.execute(delete(TranslationOffer).where(TranslationOffer.decided_at < house.now - KEPT))


def letter(session: Session, notice: Notice, _house: House) -> dict[str, Any]:
    """For the letter to whoever translated: what staff have decided; none where that is forgotten meanwhile."""
    offer = session.get(TranslationOffer, notice.about["offer_id"])
    return {"offer": offer} if offer is not None else {"count": 0}


def _open(session: Session, by: Person, number: int, seen: str) -> tuple[TranslationOffer, Thing]:
    offer, of = one(session, by, number, lock=True)
    if offer.decided_at is not None:
        raise Conflict("moved_on")
    if version_of(offer) != seen:
        raise Conflict("text_changed")
    return offer, of


def _reason(city: City, reason: str) -> str:
    reason = plain(reason)
    if problem := length_problem("reason", reason, 1, city.limits.statement_max):
        raise problem
    return reason


def _settle(session: Session, offer: TranslationOffer, by: Person, now: datetime, *, taken: bool) -> None:
    offer.decided_at, offer.decided_by_id, offer.taken = now, by.id, taken
    session.flush()


def _tell(session: Session, offer: TranslationOffer, now: datetime) -> None:
    if offer.by_id is not None:
        # With the time: SQLite gives the number of a row that is forgotten to the next one.
        tell(session, f"{LETTER}:{offer.id}:{now:%Y%m%d%H%M%S%f}", LETTER, now, person_id=offer.by_id,
             idea_id=offer.idea_id, offer_id=offer.id)


def _refuse_outside(moderator: Person, of: Thing) -> None:
    if not in_scope(moderator, of.field, of.district):
        raise NotAllowed("scope")


def _scope(moderator: Person) -> list[ColumnElement[bool]]:
    """What waits and is this moderator's, as `rights.in_scope` says for one."""
    fields, districts = moderator.fields.split(), moderator.districts.split()
    where: list[ColumnElement[bool]] = [TranslationOffer.decided_at.is_(None)]
    if fields:
        where.append(Idea.field.in_(["", *fields]))
    if districts:
        where.append(or_(Idea.district.is_(None), Idea.district.in_(districts)))
    return where
