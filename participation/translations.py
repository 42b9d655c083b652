"""Translations of what people and the city wrote, and the list of those that are wanted.

One row is one part of one thing in one language: the statement of a step, the title of an idea. A row without text is
wanted: staff see it in a list. The original stays where it was written; nothing here replaces it.
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import Base, personal

CITY, STAFF, AUTHOR = "city", "staff", "author"  # where a translation comes from; "city": the city file

Parts = Mapping[int, Mapping[str, Mapping[str, str]]]  # {thing: {language: {part: text}}}


class Translation(Base):
    """A part of a thing in another language; `text` is empty while it is wanted."""

    __tablename__ = "translation"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # "idea", "idea_step" or "promise"
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
    row = session.scalar(select(Translation).where(
        Translation.kind == kind, Translation.thing_id == thing_id, Translation.part == part,
        Translation.language == language))
    if row is None:
        row = Translation(kind=kind, thing_id=thing_id, part=part, language=language, wanted_at=now)
        session.add(row)
    row.text, row.origin, row.by_id, row.source, row.done_at = text, origin, by_id, source_of(original), now
    session.flush()
    return row


def fitting(session: Session, kind: str, thing_id: int, originals: Mapping[str, str]) -> dict[str, dict[str, str]]:
    """The translations of a thing that were made from these very texts: {language: {part: text}}. One of a text that
    was changed or masked since is left out: it could still say what the original no longer says."""
    made_from = {part: source_of(text) for part, text in originals.items()}
    found: dict[str, dict[str, str]] = {}
    for row in session.execute(
            select(Translation.language, Translation.part, Translation.text, Translation.source)
            .where(Translation.kind == kind, Translation.thing_id == thing_id, Translation.done_at.is_not(None))
            .order_by(Translation.language, Translation.part)):
        if made_from.get(row.part) == row.source:
            found.setdefault(row.language, {})[row.part] = row.text
    return found


def of(session: Session, kind: str, things: Iterable[int]) -> Parts:
    """What is translated of these things: {thing: {language: {part: text}}}, in one query."""
    found: dict[int, dict[str, dict[str, str]]] = {}
    rows = session.execute(select(Translation.thing_id, Translation.language, Translation.part, Translation.text)
                           .where(Translation.kind == kind, Translation.thing_id.in_(list(things)),
                                  Translation.done_at.is_not(None)))
    for thing_id, language, part, text in rows:
        found.setdefault(thing_id, {}).setdefault(language, {})[part] = text
    return found
