"""What moderation keeps: decisions and the public log of them, reports, appeals, hints, notes, proposals."""

from datetime import datetime
from typing import Any, ClassVar

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import ACTED, INTERNAL, MACHINERY, Base, personal
from participation.journey import Step

_STAFF = personal("which member of staff did it", why="to answer for a decision", keep="as long as the entry",
                  ends="blank", whose=ACTED)
_WORDS = personal("text a person wrote", why="to decide on it", keep="as long as the entry", ends="keep")


def _idea(index: bool = True) -> Mapped[int | None]:
    return mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=index)


class Decision(Base):
    """One decision of the moderation on one entry: what, why, by whom, and until when it can be appealed.

    `kind` and `thing_id` name the entry as in the queue; "person" stands for a block.
    """

    __tablename__ = "decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    thing_id: Mapped[int]
    idea_id: Mapped[int | None] = _idea()
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    addressee_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "whose entry was decided on", why="to be told and to appeal", keep="until erased", ends="blank",
        unless="undone_at"))
    move: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(40), default="")
    statement: Mapped[str] = mapped_column(Text, default="")
    statement_language: Mapped[str] = mapped_column(String(20), default="")
    automated: Mapped[bool] = mapped_column(default=False)  # made by a rule of the city file, not by a person
    hinted: Mapped[bool] = mapped_column(default=False)  # a machine's hints stood beside it when it was made
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_STAFF)
    confirmed_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_STAFF)
    step_id: Mapped[int | None]
    before: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict, info=MACHINERY)  # what undoing brings back
    event_id: Mapped[int | None] = mapped_column(info=MACHINERY)
    undo_until: Mapped[datetime]
    undone_at: Mapped[datetime | None]
    appeal_until: Mapped[datetime | None]
    salt: Mapped[str] = mapped_column(String(32), info=MACHINERY)  # of its secret link

    __table_args__ = (Index("ix_decision_thing", "kind", "thing_id", "id"), Index("ix_decision_at", "at", "id"))


class LogLine(Base):
    """One line of the public decision log; see `moderation/chain.py`. Erasing a salt makes its digests mute."""

    __tablename__ = "decision_log"

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    decision_id: Mapped[int | None] = mapped_column(ForeignKey("decision.id", ondelete="SET NULL"), unique=True)
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(10))
    move: Mapped[str] = mapped_column(String(30))
    reason: Mapped[str] = mapped_column(String(40))
    rule: Mapped[str] = mapped_column(String(80))
    automated: Mapped[bool]
    salt: Mapped[str] = mapped_column(String(64))
    entry_digest: Mapped[str] = mapped_column(String(64))
    text_digest: Mapped[str] = mapped_column(String(64))
    previous: Mapped[str] = mapped_column(String(64))
    digest: Mapped[str] = mapped_column(String(64))


class LogHead(Base):
    """A signed head of the log, one a day."""

    __tablename__ = "decision_log_head"

    day: Mapped[str] = mapped_column(String(10), primary_key=True)
    number: Mapped[int]
    head: Mapped[dict[str, Any]] = mapped_column(JSON)


class Proposal(Base):
    """A decision that a second moderator has to confirm, as the first entered it."""

    __tablename__ = "decision_proposal"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    thing_id: Mapped[int]
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), info=_STAFF)
    at: Mapped[datetime]
    entered: Mapped[dict[str, Any]] = mapped_column(JSON)

    __table_args__ = (UniqueConstraint("kind", "thing_id"),)


class Note(Base):
    """An internal note on an entry; it never leaves staff pages."""

    __tablename__ = "moderation_note"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    thing_id: Mapped[int]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_STAFF)
    at: Mapped[datetime]
    body: Mapped[str] = mapped_column(Text, info=personal(
        "what staff noted about an entry", why="to work on it together", keep="as long as the entry", ends="keep",
        whose=INTERNAL))
    handed_to_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_STAFF)

    __table_args__ = (Index("ix_moderation_note_thing", "kind", "thing_id", "id"),)


NEAR = "near"  # the most alike ideas that there are, though hardly alike: shown on the entry's page, but no hint


class Hint(Base):
    """What a background job noticed about an entry's present text. Hints, never verdicts."""

    __tablename__ = "moderation_hint"

    id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(10))
    thing_id: Mapped[int]
    key: Mapped[str] = mapped_column(String(20))
    passage: Mapped[str] = mapped_column(String(200), default="", info=personal(
        "a passage of an entry", why="to show what a hint is about", keep="as long as the entry", ends="keep",
        whose=INTERNAL))
    other_id: Mapped[int | None] = _idea()  # the idea it resembles
    at: Mapped[datetime]

    __table_args__ = (Index("ix_moderation_hint_thing", "kind", "thing_id", "key"),
                      Index("ix_moderation_hint_key", "key", "kind", "thing_id"))


class ReportCase(Base):
    """All the reports on one entry that wait for one decision: a flood of them is one entry of the queue."""

    __tablename__ = "report_case"

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    comment_id: Mapped[int | None] = mapped_column(ForeignKey("comment.id", ondelete="CASCADE"), index=True)
    state: Mapped[str] = mapped_column(String(30), default="draft")
    public: Mapped[bool] = mapped_column(default=False)
    author_id: ClassVar[None] = None  # nobody's own: the reporters stand in `report`
    reports: Mapped[int] = mapped_column(default=0)
    opened_at: Mapped[datetime]
    decided_at: Mapped[datetime | None]


class ReportCaseStep(Step, Base):
    """One step of a case."""

    __tablename__ = "report_case_step"

    report_id: Mapped[int] = mapped_column(ForeignKey("report_case.id", ondelete="CASCADE"), index=True)


class Report(Base):
    """One person's report of an idea or a comment (DSA Art. 16)."""

    __tablename__ = "report"

    id: Mapped[int] = mapped_column(primary_key=True)
    case_id: Mapped[int] = mapped_column(ForeignKey("report_case.id", ondelete="CASCADE"))
    category: Mapped[str] = mapped_column(String(40))  # a reason of the city file
    body: Mapped[str] = mapped_column(Text, info=_WORDS)
    language: Mapped[str] = mapped_column(String(20))
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "who reported", why="to get the receipt and the answer", keep="until erased", ends="blank"))
    email: Mapped[str] = mapped_column(String(254), default="", info=personal(
        "address of somebody not signed in", why="to get the receipt and the answer", keep="until answered",
        ends="blank"))
    salt: Mapped[str] = mapped_column(String(32), info=MACHINERY)  # of its secret link
    at: Mapped[datetime]

    __table_args__ = (UniqueConstraint("case_id", "person_id"), Index("ix_report_at", "at", "id"))


class Appeal(Base):
    """An author's appeal against a decision (DSA Art. 20); decided by somebody else than the decision."""

    __tablename__ = "appeal"

    id: Mapped[int] = mapped_column(primary_key=True)
    decision_id: Mapped[int] = mapped_column(ForeignKey("decision.id", ondelete="CASCADE"), unique=True)
    idea_id: Mapped[int | None] = _idea()
    author_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "who appeals", why="to get the answer", keep="until erased", ends="blank"))
    state: Mapped[str] = mapped_column(String(30), default="draft")
    public: Mapped[bool] = mapped_column(default=False)
    body: Mapped[str] = mapped_column(Text, info=_WORDS)
    reply: Mapped[str] = mapped_column(Text, default="", info=_WORDS)
    language: Mapped[str] = mapped_column(String(20))
    filed_at: Mapped[datetime]
    reply_until: Mapped[datetime | None]
    decided_at: Mapped[datetime | None]


class AppealStep(Step, Base):
    """One step of an appeal."""

    __tablename__ = "appeal_step"

    appeal_id: Mapped[int] = mapped_column(ForeignKey("appeal.id", ondelete="CASCADE"), index=True)


class Bulk(Base):
    """One decision for many entries, carried out by a background job."""

    __tablename__ = "bulk_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    by_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=_STAFF)
    at: Mapped[datetime]
    entered: Mapped[dict[str, Any]] = mapped_column(JSON)
    entries: Mapped[int]
    done_at: Mapped[datetime | None]


class BulkEntry(Base):
    """One entry of a bulk decision: waiting, decided, or why not (`trouble`, a key of web/words)."""

    __tablename__ = "bulk_entry"

    bulk_id: Mapped[int] = mapped_column(ForeignKey("bulk_decision.id", ondelete="CASCADE"), primary_key=True)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    kind: Mapped[str] = mapped_column(String(10))
    key: Mapped[str] = mapped_column(String(20))  # of the entry's address
    version: Mapped[int]
    name: Mapped[str] = mapped_column(String(300), info=personal(
        "the name of an entry in a list of the office", why="to decide on it", keep="as long as the entry", ends="keep",
        whose=INTERNAL))
    decided: Mapped[bool] = mapped_column(default=False)
    trouble: Mapped[str] = mapped_column(String(40), default="")
