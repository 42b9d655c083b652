"""What is new about ideas, for the feeds: new ideas, and the steps that everyone may read. Nothing that is not public
at this moment, whatever it was before."""

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from participation import translations
from participation.database import Query
from participation.errors import NotThere
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea, IdeaStep
from participation.notices.following import MOVES
from participation.outbox import untold
from participation.people.model import Person
from participation.text import excerpt
from participation.translations import Original, Reading, original_of

NEWEST = 50
_ANSWERS = 500  # the newest answers that are looked at
_EXCERPT = 400  # characters of a new idea
_FIRST = datetime(1970, 1, 1, tzinfo=UTC)  # not "is not null": by this the list is read along its index


@dataclass(frozen=True, slots=True)
class News:
    """Something new about an idea: a step with what the city said, or (`step_id` 0) the idea itself. `author` is the
    name they chose, "" for none; `original` says what a translation of the idea must have been made from, `translated`
    where the one that is shown comes from."""

    step_id: int
    ref: str
    title: str
    language: str
    at: datetime
    move: str
    words: str
    words_language: str
    author: str
    idea_id: int
    original: Original
    translated: str = ""


def newest(session: Session, tag: str, now: datetime, field: str = "", district: str = "") -> tuple[News, ...]:
    """The newest public ideas and answers of the city together, in a field or district; answers are looked for among
    the newest few hundred of all. Titles, words and statements come in the language `tag` where there is a
    translation."""
    ideas = select(Idea.ref, Idea.title, Idea.language, Idea.published_at, Idea.body,
                   func.coalesce(func.nullif(Person.name, ""), Idea.author_name), Idea.id, Idea.benefit).outerjoin(
        Person, Person.id == Idea.author_id).where(Idea.public, Idea.published_at > _FIRST)
    # By their number, which grows with time. The text is written out, so that the index of statements is recognised.
    said = select(IdeaStep.id).where(text("idea_step.statement <> ''"), IdeaStep.move.in_(MOVES)).order_by(
        IdeaStep.id.desc()).limit(_ANSWERS).subquery()
    steps = _steps(now).join(said, said.c.id == IdeaStep.id).order_by(IdeaStep.id.desc())
    for column, value in ((Idea.field, field), (Idea.district, district)):
        if value:
            ideas, steps = ideas.where(column == value), steps.where(column == value)
    rows = session.execute(ideas.order_by(Idea.published_at.desc(), Idea.id.desc()).limit(NEWEST))
    found = [News(0, row[0], row[1], row[2], row[3], "", excerpt(row[4], _EXCERPT), row[2], row[5], row[6],
                  _original(row[2], row[1], row[4], row[7])) for row in rows]
    found += _told(session, steps.limit(NEWEST), tag)
    return _read(session, sorted(found, key=lambda each: (each.at, each.step_id), reverse=True)[:NEWEST], tag)


def of_idea(session: Session, ref: str, tag: str, now: datetime) -> tuple[News, ...]:
    """The public steps of one idea, the newest first; at least one. Raises NotThere for one that is not public."""
    steps = _steps(now).where(Idea.ref == ref, IdeaStep.to_state.in_(IDEA.keys(public=True)))
    found = _told(session, steps.order_by(IdeaStep.at.desc(), IdeaStep.id.desc()).limit(NEWEST), tag)
    if not found:
        raise NotThere("unknown_idea")
    return _read(session, found, tag)


def _read(session: Session, found: list[News], tag: str) -> tuple[News, ...]:
    """The same for somebody who chose the language `tag`: in translation, where one fits."""
    known = translations.readings(session, IDEA.name, {each.idea_id: each.original for each in found}, tag)
    return tuple(_translated(each, it) if (it := known.get(each.idea_id)) else each for each in found)


def _translated(news: News, reading: Reading) -> News:
    news = replace(news, title=reading.part("title"), language=reading.language, translated=reading.origin)
    return news if news.step_id else replace(news, words=excerpt(reading.part("body"), _EXCERPT),
                                             words_language=reading.language)


def _original(language: str, title: str, body: str, benefit: str) -> Original:
    return original_of(language, {"title": title, "body": body, "benefit": benefit})


def _steps(now: datetime) -> Query:
    return select(IdeaStep.id, Idea.ref, Idea.title, Idea.language, IdeaStep.at, IdeaStep.move, IdeaStep.statement,
                  IdeaStep.statement_language, Idea.id.label("idea_id"), Idea.body, Idea.benefit).join(
        Idea, Idea.id == IdeaStep.idea_id).where(
        # Nothing that can still be undone: what a feed reader has, it keeps.
        Idea.public, ~IdeaStep.undone, ~untold(IdeaStep.event_id, now))


def _told(session: Session, query: Query, tag: str) -> list[News]:
    rows: list[Any] = list(session.execute(query))
    said = [row.id for row in rows if row.statement]
    known = translations.of(session, "idea_step", said) if said else {}
    found = []
    for row in rows:
        translated = known.get(row.id, {}).get(tag, {}).get("statement")
        found.append(News(row.id, row.ref, row.title, row.language, row.at, row.move, translated or row.statement,
                          tag if translated else row.statement_language, "", row.idea_id,
                          _original(row.language, row.title, row.body, row.benefit)))
    return found
