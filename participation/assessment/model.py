"""What the CDO office adds to a record: its own history and discussion, checks, ratings, decisions, projects, prepared
answers, promises and what was recorded at the end. Added to, never overwritten."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import ACTED, Base, personal


def _by(what: str) -> dict[Any, Any]:
    return personal(what, why="the office's own record of its work", keep="as long as the record", ends="blank",
                    whose=ACTED)


class Act(Base):
    """Something the office did with a record, or said to each other about it (`kind` "remark")."""

    __tablename__ = "pool_act"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pool_item.id", ondelete="CASCADE"))
    at: Mapped[datetime]
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_by("who of the office did it"))
    kind: Mapped[str] = mapped_column(String(20))  # remark, assigned, due, tagged, checked, rated, …
    body: Mapped[str] = mapped_column(Text, default="")
    about: Mapped[dict[str, Any]] = mapped_column(JSON, default=dict)  # keys, numbers and dates; no words of people

    __table_args__ = (Index("ix_pool_act_item", "item_id", "id"),)


class Tag(Base):
    """What a record belongs to: a guideline, need, theme or goal of the city file."""

    __tablename__ = "pool_tag"

    item_id: Mapped[int] = mapped_column(ForeignKey("pool_item.id", ondelete="CASCADE"), primary_key=True)
    kind: Mapped[str] = mapped_column(String(10), primary_key=True)  # guideline, need, theme, goal
    key: Mapped[str] = mapped_column(String(40), primary_key=True)

    __table_args__ = (Index("ix_pool_tag_key", "kind", "key", "item_id"),)


class SavedView(Base):
    """A list of the inbox that somebody of the office has named to come back to."""

    __tablename__ = "pool_saved_view"

    id: Mapped[int] = mapped_column(primary_key=True)
    person_id: Mapped[int] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "whose view it is", why="to show it to them", keep="until deleted", ends="delete"))
    name: Mapped[str] = mapped_column(String(80))
    query: Mapped[str] = mapped_column(Text)  # filters, order and columns, as the address says them

    __table_args__ = (UniqueConstraint("person_id", "name"),)


class Check(Base):
    """A first check: each basic criterion, whether it holds, and a sentence why. The newest one counts."""

    __tablename__ = "pool_check"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pool_item.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_by("who checked"))
    at: Mapped[datetime]
    passed: Mapped[bool]
    criteria: Mapped[dict[str, Any]] = mapped_column(JSON)  # {key: {"holds": true, "why": "…"}}


class Rating(Base):
    """One assessor's rating in the second check; the newest one of each assessor counts."""

    __tablename__ = "pool_rating"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pool_item.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_by("who rated"))
    at: Mapped[datetime]
    degrees: Mapped[dict[str, Any]] = mapped_column(JSON)  # {key: 0 to 3}
    benefit: Mapped[int]  # 0 to 3
    note: Mapped[str] = mapped_column(Text, default="")


class Consensus(Base):
    """What the assessors agreed on; the newest one counts."""

    __tablename__ = "pool_consensus"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pool_item.id", ondelete="CASCADE"), index=True)
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_by("who recorded it"))
    at: Mapped[datetime]
    degrees: Mapped[dict[str, Any]] = mapped_column(JSON)
    benefit: Mapped[int]
    note: Mapped[str] = mapped_column(Text, default="")


class BoardDecision(Base):
    """What a board decided about a record, with the place in the council system where it can be read."""

    __tablename__ = "pool_board_decision"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pool_item.id", ondelete="CASCADE"), index=True)
    board: Mapped[str] = mapped_column(String(40))
    decided_on: Mapped[date]
    outcome: Mapped[str] = mapped_column(String(20))  # for, against, deferred
    note: Mapped[str] = mapped_column(Text, default="")
    url: Mapped[str] = mapped_column(String(500), default="")
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_by("who entered it"))
    at: Mapped[datetime]


class Project(Base):
    """What one or several ideas became."""

    __tablename__ = "project"

    id: Mapped[int] = mapped_column(primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    summary: Mapped[str] = mapped_column(Text, default="")
    language: Mapped[str] = mapped_column(String(20))  # of title and summary
    department: Mapped[str] = mapped_column(String(120), default="")
    budget_class: Mapped[str] = mapped_column(String(40), default="")
    responsible_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_by("who is responsible"))
    links: Mapped[list[Any]] = mapped_column(JSON, default=list)  # [{"title": …, "url": …}]
    created_at: Mapped[datetime]


class Milestone(Base):
    """A step of a project that everyone can watch: by when, and when it was reached."""

    __tablename__ = "project_milestone"

    id: Mapped[int] = mapped_column(primary_key=True)
    project_id: Mapped[int] = mapped_column(ForeignKey("project.id", ondelete="CASCADE"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    language: Mapped[str] = mapped_column(String(20))
    due_on: Mapped[date | None]
    reached_on: Mapped[date | None]


class PreparedAnswer(Base):
    """A public answer that the office prepares: the move, the statement in the languages written so far, the next
    promised date. Internal until it is published; one unpublished one for each record."""

    __tablename__ = "pool_answer"

    id: Mapped[int] = mapped_column(primary_key=True)
    item_id: Mapped[int] = mapped_column(ForeignKey("pool_item.id", ondelete="CASCADE"))
    move: Mapped[str] = mapped_column(String(30))
    language: Mapped[str] = mapped_column(String(20))  # the one the statement was written in first
    texts: Mapped[dict[str, Any]] = mapped_column(JSON)  # {language: statement}
    promised_on: Mapped[date | None]  # by when the next answer comes
    outcome: Mapped[str] = mapped_column(Text, default="")  # with "complete": the benefit that was reached
    met: Mapped[str] = mapped_column(String(10), default="")  # with "complete": fully, partly, not
    ready: Mapped[bool] = mapped_column(default=False)  # may be published with others
    by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=_by("who prepared it"))
    at: Mapped[datetime]
    published_at: Mapped[datetime | None]
    step_id: Mapped[int | None]  # the step it was published as

    __table_args__ = (Index("ix_pool_answer_item", "item_id", "published_at"),
                      Index("ix_pool_answer_open", "published_at", "ready", "id"))


class Promise(Base):
    """A date by which the public was promised the next answer on an idea; kept by the step that answered, or replaced
    by another promise, with a reason that everyone can read."""

    __tablename__ = "promise"

    id: Mapped[int] = mapped_column(primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    made_at: Mapped[datetime]
    made_step_id: Mapped[int | None]
    due_on: Mapped[date]
    kept_at: Mapped[datetime | None]
    kept_step_id: Mapped[int | None]
    warned_at: Mapped[datetime | None]  # when the office was told that it is near
    late_warned_at: Mapped[datetime | None]  # when the office was told that its day has passed
    replaced_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was replaced
    reason_language: Mapped[str] = mapped_column(String(20), default="")

    __table_args__ = (Index("ix_promise_open", "kept_at", "due_on"),)


class Outcome(Base):
    """The benefit recorded when an idea was done, beside the one claimed at its acceptance."""

    __tablename__ = "outcome"

    step_id: Mapped[int] = mapped_column(ForeignKey("idea_step.id", ondelete="CASCADE"), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)
    benefit: Mapped[str] = mapped_column(Text)
    met: Mapped[str] = mapped_column(String(10))  # fully, partly, not
