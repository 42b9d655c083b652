"""Translations of what people and the city wrote, and the list of those that are wanted.

One row is one part of one thing in one language: the statement of a step, the title of an idea. A row without text is
wanted: staff see it in a list. The original stays where it was written; nothing here replaces it. A translation is
shown only while the original reads as it did when the translation was made.
"""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, delete, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import Base, personal
from participation.people.model import Person

# Where a translation comes from. "city": the city file; "volunteer": anybody's, checked by staff.
CITY, STAFF, AUTHOR, VOLUNTEER, MACHINE = "city", "staff", "author", "volunteer", "machine"

Parts = Mapping[int, Mapping[str, Mapping[str, str]]]  # {thing: {language: {part: text}}}


class Translation(Base):
    """A part of a thing in another language; `text` is empty while it is wanted."""

    __tablename__ = "translation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # "idea", "comment", "idea_step" or "promise"
    thing_id: Mapped[int]
    part: Mapped[str] = mapped_column(String(20))  # title, body, benefit, statement, outcome, reason
    language: Mapped[str] = mapped_column(String(20))
    text: Mapped[str] = mapped_column(Text, default="")
    origin: Mapped[str] = mapped_column(String(10), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who translated", why="to be asked and named", keep="until erased", ends="blank"))
    source: Mapped[str] = mapped_column(String(64))  # digest of the original it was made from
    wanted_at: Mapped[datetime]
    done_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("kind", "thing_id", "part", "language"),
                      Index("ix_translation_wanted", "done_at", "id"))


@dataclass(frozen=True, slots=True)
class Original:
    """What a translation must have been made from: the language of a thing and the digests of its parts, without
    those that are empty."""

    language: str
    sources: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Reading:
    """A thing as somebody reads it who does not read its own language. `by` is the name that a volunteer has chosen,
    "" for none; `origin` says what kind of translator it was."""

    language: str
    origin: str
    by: str
    texts: tuple[tuple[str, str], ...]

    def part(self, name: str) -> str:
        """One part; "" for one that the original has not either."""
        return dict(self.texts).get(name, "")


def base_of(tag: str) -> str:
    """The language itself: "de" for "de-simple", which is German too, in plain language ("simple" is a registered
    variant, BCP 47)."""
    return tag.partition("-")[0]


def understood(tag: str, original: str) -> tuple[str, ...]:
    """The languages in which somebody who chose `tag` would rather read what was written in `original`, the best
    first. None where they understand the original; only plain language is preferred to one's own."""
    if base_of(tag) == base_of(original):
        return (tag,) if tag not in (original, base_of(tag)) else ()
    return tuple(dict.fromkeys((tag, base_of(tag))))


def original_of(language: str, texts: Mapping[str, str]) -> Original:
    """A thing's original, by its texts of today."""
    return Original(language, tuple((part, source_of(text)) for part, text in texts.items() if text))


def source_of(text: str) -> str:
    """The digest by which a translation knows the original it was made from."""
    return hashlib.sha256(text.encode()).hexdigest()


def want(session: Session, kind: str, thing_id: int, part: str, original: str, languages: Iterable[str],
         now: datetime) -> None:
    """Note which languages a part is wanted in; those that are there or wanted already are left as they are."""
    known = set(session.scalars(select(Translation.language).where(
        Translation.kind == kind, Translation.thing_id == thing_id, Translation.part == part)))
    session.add_all(Translation(kind=kind, thing_id=thing_id, part=part, language=language, wanted_at=now,
                                source=source_of(original)) for language in languages if language not in known)
    session.flush()


def keep(session: Session, kind: str, thing_id: int, part: str, language: str, text: str, original: str,
         origin: str, by_id: int | None, now: datetime) -> Translation:
    """Keep a translation; a newer one replaces what was there. `text` is cleaned by the caller."""
    there = select(Translation).where(Translation.kind == kind, Translation.thing_id == thing_id,
                                      Translation.part == part, Translation.language == language)
    row = session.scalar(there)
    if row is None:
        row = Translation(kind=kind, thing_id=thing_id, part=part, language=language, wanted_at=now,
                          source=source_of(original))
        try:
            with session.begin_nested():
                session.add(row)
        except IntegrityError:  # somebody else, or the machine, at the same moment
            row = session.scalars(there).one()
    row.text, row.origin, row.by_id, row.source, row.done_at = text, origin, by_id, source_of(original), now
    session.flush()
    return row


def fitting(session: Session, kind: str, thing_id: int, originals: Mapping[str, str],
            machine: bool = True) -> dict[str, dict[str, str]]:
    """The translations of a thing that were made from these very texts: {language: {part: text}}. One of a text that
    was changed or masked since is left out: it could still say what the original no longer says. `machine` False
    leaves out what no person has translated."""
    made_from = {part: source_of(text) for part, text in originals.items()}
    query = select(Translation.language, Translation.part, Translation.text, Translation.source).where(
        Translation.kind == kind, Translation.thing_id == thing_id, Translation.done_at.is_not(None))
    if not machine:
        query = query.where(Translation.origin != MACHINE)
    found: dict[str, dict[str, str]] = {}
    for row in session.execute(query.order_by(Translation.language, Translation.part)):
        if made_from.get(row.part) == row.source:
            found.setdefault(row.language, {})[row.part] = row.text
    return found


def readings(session: Session, kind: str, things: Mapping[int, Original], tag: str) -> dict[int, Reading]:
    """How somebody who chose the language `tag` reads these things; those are left out that they understand, and those
    without a translation of all that stands there today. One query, none where everything is understood."""
    wanted = {thing: order for thing, each in things.items() if (order := understood(tag, each.language))}
    if not wanted:
        return {}
    rows = session.execute(
        select(Translation.thing_id, Translation.language, Translation.part, Translation.text, Translation.source,
               Translation.origin, Person.name).outerjoin(Person, Person.id == Translation.by_id)
        .where(Translation.kind == kind, Translation.thing_id.in_(list(wanted)),
               Translation.language.in_({each for order in wanted.values() for each in order}),
               Translation.done_at.is_not(None)).order_by(Translation.id))
    kept: dict[tuple[int, str], dict[str, tuple[str, str, str, str]]] = {}
    for thing, language, part, text, source, origin, by in rows:
        kept.setdefault((thing, language), {})[part] = (text, source, origin, by or "")
    found: dict[int, Reading] = {}
    for thing, order in wanted.items():
        for language in order:
            parts = kept.get((thing, language), {})
            sources = things[thing].sources
            if sources and all(part in parts and parts[part][1] == source for part, source in sources):
                _, _, origin, by = parts[sources[0][0]]
                found[thing] = Reading(language, origin, by if origin == VOLUNTEER else "",
                                       tuple((part, parts[part][0]) for part, _ in sources))
                break
    return found


def of(session: Session, kind: str, things: Iterable[int], machine: bool = False) -> Parts:
    """What is translated of these things: {thing: {language: {part: text}}}, in one query; by people, unless `machine`
    says that the caller marks what is machine-made."""
    found: dict[int, dict[str, dict[str, str]]] = {}
    query = select(Translation.thing_id, Translation.language, Translation.part, Translation.text).where(
        Translation.kind == kind, Translation.thing_id.in_(list(things)), Translation.done_at.is_not(None))
    if not machine:
        query = query.where(Translation.origin != MACHINE)
    for thing_id, language, part, text in session.execute(query):
        found.setdefault(thing_id, {}).setdefault(language, {})[part] = text
    return found


def origin_of(session: Session, kind: str, thing_id: int, language: str) -> str:
    """Where the translation of a thing into a language comes from; "" where there is none."""
    return session.scalar(select(Translation.origin).where(
        Translation.kind == kind, Translation.thing_id == thing_id, Translation.language == language,
        Translation.done_at.is_not(None)).limit(1)) or ""


def take_away(session: Session, kind: str, thing_id: int, language: str) -> None:
    """Forget the translation of a thing into a language."""
    session.execute(delete(Translation).where(Translation.kind == kind, Translation.thing_id == thing_id,
                                              Translation.language == language)
                    .execution_options(synchronize_session="fetch"))
