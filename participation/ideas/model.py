"""Ideas, the versions their text went through, and the steps of their journey."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Float, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import ACTED, MACHINERY, Base, personal
from participation.journey import Step

_WHERE = personal("place a person chose", why="it says where the idea is", keep="as long as the idea", ends="keep")
_TEXT = personal("text a person wrote", why="it is the contribution itself", keep="as long as the idea", ends="keep")

_FILTERS = {"all": (), "field": ("field",), "district": ("district",), "language": ("language",)}
PLACED = "place IS NOT NULL OR latitude IS NOT NULL"
COUNTED = "ref IS NOT NULL"
OPEN = "quorum_reached_at IS NULL"


class Idea(Base):
    """One idea as it stands now. `public` follows from the state and is what lists ask for."""

    __tablename__ = "idea"

    id: Mapped[int] = mapped_column(primary_key=True)
    ref: Mapped[str | None] = mapped_column(String(20), unique=True)  # given when it is submitted
    state: Mapped[str] = mapped_column(String(30), default="draft")
    public: Mapped[bool] = mapped_column(default=False)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "who proposed it", why="to be asked, told and credited", keep="until erased", ends="blank"))
    title: Mapped[str] = mapped_column(String(300), info=_TEXT)
    body: Mapped[str] = mapped_column(Text, info=_TEXT)
    benefit: Mapped[str] = mapped_column(Text, default="", info=_TEXT)
    language: Mapped[str] = mapped_column(String(20))
    field: Mapped[str] = mapped_column(String(60))
    district: Mapped[str | None] = mapped_column(String(40))
    place: Mapped[str | None] = mapped_column(String(40), info=_WHERE)  # a key of the city's list
    latitude: Mapped[float | None] = mapped_column(Float, info=_WHERE)  # degrees in WGS 84, five digits: both or none
    longitude: Mapped[float | None] = mapped_column(Float, info=_WHERE)
    folded: Mapped[str] = mapped_column(Text, default="", info=MACHINERY)  # title and texts by text.fold, for search
    version: Mapped[int] = mapped_column(default=1)
    link_salt: Mapped[str] = mapped_column(String(32), default="", info=MACHINERY)  # of the secret link in the receipt
    created_at: Mapped[datetime]
    submitted_at: Mapped[datetime | None]
    published_at: Mapped[datetime | None]
    quorum_until: Mapped[datetime | None]
    quorum_reached_at: Mapped[datetime | None]
    supports: Mapped[int] = mapped_column(default=0)  # people here; one row each in `support`
    supports_city: Mapped[int] = mapped_column(default=0)  # of those, from the city
    supports_imported: Mapped[int] = mapped_column(default=0)  # a number from another platform, no people
    supports_total: Mapped[int] = mapped_column(default=0)  # both together, to sort by
    comments: Mapped[int] = mapped_column(default=0)  # public ones
    source: Mapped[str | None] = mapped_column(String(80))  # the platform it was imported from
    source_id: Mapped[str | None] = mapped_column(String(80))
    source_url: Mapped[str] = mapped_column(String(500), default="")
    origin: Mapped[str] = mapped_column(String(20), default="")  # letter, call, workshop: entered by staff; "": online
    author_name: Mapped[str] = mapped_column(String(80), default="", info=personal(
        "name of somebody without an account", why="to be credited, as they agreed", keep="until erased", ends="blank"))
    entered_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who entered it for somebody", why="to ask about it", keep="as long as the idea", ends="blank", whose=ACTED))
    merged_into_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id"), index=True)
    masked: Mapped[bool] = mapped_column(default=False)  # a part of the text is masked; the version before has it

    __table_args__ = (
        UniqueConstraint("source", "source_id"),
        CheckConstraint("supports >= 0 AND supports_city >= 0", name="counts"),
        # One index for each filter and each sort, so that any page of any list reads just its rows.
        *(Index(f"ix_idea_list_{name}_{by}", "public", *columns, sort, "id")
          for by, sort in (("newest", "published_at"), ("supported", "supports_total"), ("discussed", "comments"))
          for name, columns in _FILTERS.items()),
        # Few ideas name a place: those on the map are found without reading the others, however they are narrowed down.
        *(Index(f"ix_idea_placed_{name}", "public", *columns, "published_at", "id", sqlite_where=text(PLACED),
                postgresql_where=text(PLACED))
          for name, columns in _FILTERS.items()),
        # Counting by district reads no row. Its condition says nothing new: it keeps SQLite from listing by this index.
        Index("ix_idea_counted", "public", "district", "field", "language", "ref", sqlite_where=text(COUNTED),
              postgresql_where=text(COUNTED)),
        # What is near the quorum is found among the few that have enough supporters.
        Index("ix_idea_nearing", "public", "supports_city", "id", sqlite_where=text(OPEN),
              postgresql_where=text(OPEN)),
    )


class IdeaVersion(Base):
    """A text an idea had or has; added when it changes, never overwritten."""

    __tablename__ = "idea_version"

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"))
    number: Mapped[int]
    title: Mapped[str] = mapped_column(String(300), info=_TEXT)
    body: Mapped[str] = mapped_column(Text, info=_TEXT)
    benefit: Mapped[str] = mapped_column(Text, info=_TEXT)
    language: Mapped[str] = mapped_column(String(20))
    field: Mapped[str] = mapped_column(String(60))
    district: Mapped[str | None] = mapped_column(String(40))
    place: Mapped[str | None] = mapped_column(String(40), info=_WHERE)  # a key of the city's list
    latitude: Mapped[float | None] = mapped_column(Float, info=_WHERE)  # degrees in WGS 84, five digits: both or none
    longitude: Mapped[float | None] = mapped_column(Float, info=_WHERE)
    at: Mapped[datetime]
    cause: Mapped[str] = mapped_column(String(20), default="author")  # author, edit; mask and correction by staff

    __table_args__ = (UniqueConstraint("idea_id", "number"),)


class IdeaStep(Step, Base):
    """One step of an idea's journey."""

    __tablename__ = "idea_step"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)

    # The newest statements are found without reading all steps.
    __table_args__ = (Index("ix_idea_step_said", "id", sqlite_where=text("statement <> ''"),
                            postgresql_where=text("statement <> ''")),)


class IdeaEdit(Base):
    """A new text that an author proposes for a published idea; it waits while the old one stays to be read."""

    __tablename__ = "idea_edit"

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who proposed the change", why="to be told", keep="until erased", ends="blank"))
    state: Mapped[str] = mapped_column(String(30), default="draft")
    public: Mapped[bool] = mapped_column(default=False)
    title: Mapped[str] = mapped_column(String(300), info=_TEXT)
    body: Mapped[str] = mapped_column(Text, info=_TEXT)
    benefit: Mapped[str] = mapped_column(Text, info=_TEXT)
    language: Mapped[str] = mapped_column(String(20))
    base: Mapped[int]  # the version that the author changed
    created_at: Mapped[datetime]


class IdeaEditStep(Step, Base):
    """One step of a proposed change."""

    __tablename__ = "idea_edit_step"

    edit_id: Mapped[int] = mapped_column(ForeignKey("idea_edit.id", ondelete="CASCADE"), index=True)


class CoAuthor(Base):
    """Somebody whose own idea was merged into this one."""

    __tablename__ = "co_author"

    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "whose idea was merged", why="to be told and credited", keep="until erased", ends="blank"))


class Acceptance(Base):
    """Why an accepted idea serves the city's guideline; the record is made of it."""

    __tablename__ = "acceptance"

    step_id: Mapped[int] = mapped_column(ForeignKey("idea_step.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    guideline: Mapped[str] = mapped_column(String(60))
    benefit: Mapped[str] = mapped_column(Text)
    who_benefits: Mapped[str] = mapped_column(Text)
    supporters: Mapped[int]  # the evidence as it was on that day
    supporters_city: Mapped[int]
    comments: Mapped[int]


class RefCounter(Base):
    """The last number given in a year, raised in one statement, so that no two ideas share one."""

    __tablename__ = "ref_counter"

    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]
