"""Translations that residents wrote, until staff have looked at them; what a translating service says it can do."""

from datetime import datetime

from sqlalchemy import JSON, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import ACTED, Base, personal


class TranslationOffer(Base):
    """A whole translation of an idea or a comment: a volunteer's, which is not public until staff take it, or the
    author's own, which is public already and is looked at afterwards."""

    __tablename__ = "translation_offer"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(20))  # idea or comment
    thing_id: Mapped[int]
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)  # it belongs to
    language: Mapped[str] = mapped_column(String(20))
    texts: Mapped[dict[str, str]] = mapped_column(JSON, info=personal(
        "text a person wrote", why="to be looked at by staff", keep="a month after it was looked at", ends="keep"))
    source: Mapped[str] = mapped_column(String(64))  # digest of the whole original it was made from
    origin: Mapped[str] = mapped_column(String(10))  # author or volunteer
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "who translated", why="to be told and named", keep="a month after it was looked at", ends="blank"))
    offered_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]
    decided_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who looked at it", why="to be asked", keep="a month after it was looked at", ends="blank", whose=ACTED))
    taken: Mapped[bool | None]  # whether it is public after that
    changed: Mapped[bool] = mapped_column(default=False)  # staff have changed its words
    reason: Mapped[str] = mapped_column(Text, default="")  # why it is not public, as its author is told

    __table_args__ = (
        Index("ix_translation_offer_waiting", "decided_at", "id"),
        # Of one person, one of each thing and language waits.
        Index("ix_translation_offer_own", "by_id", "kind", "thing_id", "language", unique=True,
              sqlite_where=text("decided_at IS NULL"), postgresql_where=text("decided_at IS NULL")),
    )


class TranslationService(Base):
    """What the service at TRANSLATE_URL can translate: {language: [into which]}, as it said when it was last asked."""

    __tablename__ = "translation_service"

    url: Mapped[str] = mapped_column(String(300), primary_key=True)
    targets: Mapped[dict[str, list[str]]] = mapped_column(JSON)
    asked_at: Mapped[datetime]
