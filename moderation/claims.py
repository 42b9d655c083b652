"""Claiming an entry, handing it over, and internal notes: how moderators work side by side."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session, aliased

from moderation.model import Note
from participation.city import City
from participation.database import touched
from participation.errors import Conflict, Invalid, NotAllowed
from participation.people.model import Person
from participation.people.rights import ROLES, Right, in_scope
from participation.text import plain
from participation.waiting import Waiting

NOTE_MAX = 2000
HANDED_OVER = timedelta(days=1)  # a colleague does not sit there waiting
_SHOWN = 50


@dataclass(frozen=True, slots=True)
class NoteCard:
    """An internal note as staff read it."""

    author: str
    at: datetime
    body: str
    handed_to: str


def take(session: Session, city: City, row: Waiting, person: Person, now: datetime) -> bool:
    """Claim an entry for the city's minutes; says whether it is this person's now. A claim that has run out
    frees itself, and opening it again goes on claiming it."""
    until = now + timedelta(minutes=city.moderation.claim_minutes)
    if row.holder_id == person.id and row.held_until is not None and row.held_until > until:
        return True
    taken = session.execute(
        update(Waiting).where(Waiting.id == row.id, or_(Waiting.holder_id.is_(None), Waiting.holder_id == person.id,
                                                        Waiting.held_until <= now))
        .values(holder_id=person.id, held_until=until).execution_options(synchronize_session=False))
    if touched(taken):
        session.refresh(row)
    return bool(touched(taken))


def refuse_held(row: Waiting | None, person: Person, now: datetime) -> None:
    """Raises Conflict("claimed") while somebody else holds the entry."""
    if row is not None and row.holder_id not in (None, person.id) and row.held_until is not None \
            and row.held_until > now:
        raise Conflict("claimed", until=row.held_until)


def hand_over(session: Session, row: Waiting, by: Person, to_id: int, words: str, now: datetime) -> None:
    """Hand an entry to a colleague with a note. Raises Invalid for somebody who may not decide on it, and
    Conflict when it is somebody else's."""
    refuse_held(row, by, now)
    colleague = session.get(Person, to_id)
    if colleague is None or colleague.id not in {person.id for person in moderators(session)} \
            or not in_scope(colleague, row.field, row.district):
        raise Invalid("colleague", "not_offered")
    add_note(session, row.kind, row.thing_id, by, words, now, handed_to=colleague)
    row.holder_id, row.held_until = colleague.id, now + HANDED_OVER


def hand_all_over(session: Session, by: Person, to_id: int, now: datetime) -> int:
    """Hand all one's claims to a colleague, before an absence; says how many. What lies outside the colleague's
    fields or districts is set free. Raises Invalid for somebody who is no moderator."""
    colleague = session.get(Person, to_id)
    if colleague is None or colleague.id not in {person.id for person in moderators(session)} \
            or colleague.id == by.id:
        raise Invalid("colleague", "not_offered")
    rows = session.scalars(select(Waiting).where(Waiting.holder_id == by.id, Waiting.held_until > now)).all()
    for row in rows:
        theirs = in_scope(colleague, row.field, row.district)
        row.holder_id, row.held_until = (colleague.id, now + HANDED_OVER) if theirs else (None, None)
    return len(rows)


def moderators(session: Session) -> list[Person]:
    """Everybody who may decide, by name; at most 500."""
    roles = [role for role, rights in ROLES.items() if Right.ENTRY_DECIDE in rights]
    return list(session.scalars(select(Person).where(Person.role.in_(roles)).order_by(Person.name, Person.id)
                                .limit(500)))


def add_note(session: Session, kind: str, thing_id: int, by: Person, words: str, now: datetime,
             handed_to: Person | None = None) -> None:
    """Keep an internal note; handing over may go without words. Raises Invalid for its length."""
    words = plain(words)
    if not words and handed_to is None:
        raise Invalid("note", "required")
    if len(words) > NOTE_MAX:
        raise Invalid("note", "too_long", limit=NOTE_MAX, length=len(words))
    session.add(Note(kind=kind, thing_id=thing_id, by_id=by.id, at=now, body=words,
                     handed_to_id=handed_to.id if handed_to else None))


def notes(session: Session, kind: str, thing_id: int) -> list[NoteCard]:
    """The notes on an entry, oldest first, at most fifty."""
    handed = aliased(Person)
    rows = session.execute(select(Note, Person.name, handed.name).outerjoin(Person, Person.id == Note.by_id)
                           .outerjoin(handed, handed.id == Note.handed_to_id)
                           .where(Note.kind == kind, Note.thing_id == thing_id).order_by(Note.id.desc()).limit(_SHOWN))
    return [NoteCard(name or "", note.at, note.body, to or "") for note, name, to in reversed(rows.all())]


def refuse_outside(person: Person, field: str, district: str | None) -> None:
    """Raises NotAllowed("scope") for an entry outside the moderator's fields or districts."""
    if not in_scope(person, field, district):
        raise NotAllowed("scope")
