"""Reading ideas: lists by key, one idea, its timeline. Everything comes out frozen.

A page far into a list costs what the first costs, because each begins behind the last key of the
one before; ideas that arrive meanwhile neither repeat nor hide any.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import case, func, select, tuple_
from sqlalchemy.orm import Session

from participation import translations
from participation.city import City
from participation.database import Query
from participation.errors import NotThere
from participation.ideas.journey import IDEA
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.ideas.search import matching
from participation.people.model import Person
from participation.text import excerpt
from participation.translations import MACHINE, Original, Translation, original_of

PAGE = 20
SORTS: dict[str, Any] = {"newest": Idea.published_at, "supported": Idea.supports_total, "discussed": Idea.comments}
_WENT_FAR = tuple(IDEA.move(key).to for key in ("complete", "start", "plan"))
_EXCERPT_READS = 500  # characters of the body a list reads


@dataclass(frozen=True, slots=True)
class Wanted:
    """What a list is asked for; empty strings mean everything."""

    q: str = ""
    field: str = ""
    district: str = ""
    language: str = ""
    sort: str = "newest"
    after: str = ""


@dataclass(frozen=True, slots=True)
class IdeaCard:
    """An idea in a list. `original` says what a translation must have been made from; `translated` is where the one
    that the card shows comes from, "" for the original."""

    id: int
    ref: str
    title: str
    excerpt: str
    language: str
    field: str
    district: str | None
    state: str
    published_at: datetime | None
    supports: int
    comments: int
    from_import: bool
    original: Original
    translated: str = ""


@dataclass(frozen=True, slots=True)
class IdeaList:
    """A page of a list; `after` is the key of the next page, empty on the last."""

    cards: tuple[IdeaCard, ...]
    after: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of an idea's timeline. `translated` are its words in other languages, by language and part; `machine`
    names the languages in which no person has written them."""

    id: int
    move: str
    state: str
    at: datetime
    by: str
    reason: str
    statement: str
    statement_language: str
    translated: Mapping[str, Mapping[str, str]]
    machine: frozenset[str] = frozenset()


_CARD = (Idea.id, Idea.ref, Idea.title, Idea.body, Idea.benefit, Idea.language, Idea.field, Idea.district, Idea.state,
         Idea.published_at, Idea.supports_total, Idea.comments, Idea.source)


def listed(session: Session, wanted: Wanted, limit: int = PAGE) -> IdeaList:
    """A page of the public ideas. Raises NotThere for a key that no list of ours gave out."""
    by = SORTS.get(wanted.sort, SORTS["newest"])
    query = narrowed(select(*_CARD), session, wanted)
    if wanted.after:
        query = query.where(tuple_(by, Idea.id) < tuple_(*key_of(wanted.sort, wanted.after)))
    rows = session.execute(query.order_by(by.desc(), Idea.id.desc()).limit(limit + 1)).all()
    more = len(rows) > limit
    return IdeaList(tuple(map(card, rows[:limit])), after_row(wanted.sort, rows[limit - 1]) if more else "")


def narrowed(query: Query, session: Session, wanted: Wanted) -> Query:
    """The query, narrowed to the public ideas that a list is asked for."""
    query = query.where(Idea.public)
    for column, value in ((Idea.field, wanted.field), (Idea.district, wanted.district),
                          (Idea.language, wanted.language)):
        if value:
            query = query.where(column == value)
    return matching(query, session, wanted.q) if wanted.q else query


def card(row: Any) -> IdeaCard:
    """A row of `card_columns` as an IdeaCard."""
    return IdeaCard(row.id, row.ref or "", row.title, excerpt(row.body[:_EXCERPT_READS]), row.language, row.field,
                    row.district, row.state, row.published_at, row.supports_total, row.comments,
                    row.source is not None,
                    original_of(row.language, {"title": row.title, "body": row.body, "benefit": row.benefit}))


def reading_in(session: Session, tag: str, *lists: Sequence[IdeaCard]) -> tuple[tuple[IdeaCard, ...], ...]:
    """The lists of a page as somebody reads them who chose the language `tag`: title and excerpt in translation where
    there is one that fits; one query for all of them, none where everything is in that language."""
    found = translations.readings(session, IDEA.name, {card.id: card.original for cards in lists for card in cards},
                                  tag)
    return tuple(tuple(_read(card, found.get(card.id)) for card in cards) for cards in lists)


def _read(card: IdeaCard, reading: translations.Reading | None) -> IdeaCard:
    return card if reading is None else replace(
        card, title=reading.part("title"), excerpt=excerpt(reading.part("body")[:_EXCERPT_READS]),
        language=reading.language, translated=reading.origin)


def card_columns() -> Query:
    """The query that `card` reads from, for other rooms' lists of ideas."""
    return select(*_CARD)


def showcase(session: Session, limit: int = 3) -> tuple[IdeaCard, ...]:
    """Public ideas that went far, the furthest first: what came of them already.

    Read from the few that were accepted, so that its cost does not grow with the ideas.
    """
    furthest = case({state: place for place, state in enumerate(_WENT_FAR)}, value=Idea.state)
    rows = session.execute(
        select(*_CARD).where(Idea.id.in_(select(Acceptance.idea_id)), Idea.public, Idea.state.in_(_WENT_FAR))
        .order_by(furthest, Idea.published_at.desc(), Idea.id.desc()).limit(limit)
    )
    return tuple(map(card, rows))


def mine(session: Session, person_id: int, before: int | None = None, limit: int = PAGE) -> IdeaList:
    """A person's own ideas in whatever state, newest first; `after` of the page is the next `before`."""
    query = select(*_CARD).where(Idea.author_id == person_id).order_by(Idea.id.desc()).limit(limit + 1)
    if before is not None:
        query = query.where(Idea.id < before)
    rows = session.execute(query).all()
    return IdeaList(tuple(map(card, rows[:limit])), str(rows[limit - 1].id) if len(rows) > limit else "")


def those(session: Session, ids: Sequence[int]) -> list[Idea]:
    """The ideas with those ids, in no order."""
    return list(session.scalars(select(Idea).where(Idea.id.in_(ids)))) if ids else []


def one(session: Session, ref: str) -> tuple[Idea, str]:
    """The idea with that reference and its author's chosen name ("" for none), which for somebody without an
    account is the one that staff entered. Raises NotThere."""
    row = session.execute(select(Idea, Person.name).outerjoin(Person, Person.id == Idea.author_id)
                          .where(Idea.ref == ref)).first()
    if row is None:
        raise NotThere("unknown_idea")
    return row[0], row[1] or row[0].author_name


def timeline(session: Session, idea_id: int) -> tuple[Entry, ...]:
    """What happened to an idea, in order, without what was undone before anybody was told; at most a hundred steps,
    with what is translated of their words, in one query."""
    steps = (select(IdeaStep.id, IdeaStep.move, IdeaStep.to_state, IdeaStep.at, IdeaStep.by, IdeaStep.reason,
                    IdeaStep.statement, IdeaStep.statement_language)
             .where(IdeaStep.idea_id == idea_id, ~IdeaStep.undone).order_by(IdeaStep.at, IdeaStep.id).limit(100)
             .subquery())
    rows = session.execute(
        select(*steps.c, Translation.language, Translation.part, Translation.text, Translation.origin)
        .outerjoin(Translation, (Translation.kind == "idea_step") & (Translation.thing_id == steps.c.id)
                   & Translation.done_at.is_not(None)).order_by(steps.c.at, steps.c.id, Translation.id))
    found: dict[int, Entry] = {}
    words: dict[int, dict[str, dict[str, str]]] = {}
    machine: dict[int, set[str]] = {}
    for row in rows:
        said = words.setdefault(row.id, {})
        found.setdefault(row.id, Entry(*row[:8], said))
        if row.language:
            said.setdefault(row.language, {})[row.part] = row.text
        if row.origin == MACHINE:
            machine.setdefault(row.id, set()).add(row.language)
    return tuple(replace(entry, machine=frozenset(machine.get(entry.id, ()))) for entry in found.values())


def merged_here(session: Session, idea_id: int, limit: int = 50) -> list[tuple[str, str, str, str]]:
    """The ideas that were merged into this one, the oldest first: reference, title, language and the name of the
    author, who is a co-author here ("" for none)."""
    rows = session.execute(
        select(Idea.ref, Idea.title, Idea.language, func.coalesce(Person.name, Idea.author_name))
        .outerjoin(Person, Person.id == Idea.author_id).where(Idea.merged_into_id == idea_id, Idea.public)
        .order_by(Idea.id).limit(limit))
    return [(row[0] or "", row[1], row[2], row[3] or "") for row in rows]


def acceptance(session: Session, idea_id: int) -> Acceptance | None:
    """The latest acceptance of an idea: benefit, who benefits, evidence."""
    return session.scalar(select(Acceptance).where(Acceptance.idea_id == idea_id)
                          .order_by(Acceptance.step_id.desc()).limit(1))


def after_row(sort: str, row: Any) -> str:
    """The key behind a row: microseconds since 1970 or a count, and the id. Readable, not secret."""
    if sort in ("supported", "discussed"):
        value = row.supports_total if sort == "supported" else row.comments
    else:
        value = _micros(row.published_at)
    return f"{value}.{row.id}"


def key_of(sort: str, after: str) -> tuple[Any, int]:
    """What `after_row` wrote, as values to compare with. Raises NotThere for anything else."""
    value, _, number = after.partition(".")
    if not (after.isascii() and value.isdecimal() and number.isdecimal() and len(after) < 40):
        raise NotThere("unknown_page")
    if sort in ("supported", "discussed"):
        return min(int(value), 2**31 - 1), min(int(number), 2**62)
    try:
        seconds, micro = divmod(int(value), 1_000_000)
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=micro), min(int(number), 2**62)
    except (OverflowError, ValueError, OSError):
        raise NotThere("unknown_page") from None


def _micros(at: datetime) -> int:
    """Microseconds since 1970, exactly: a float's rounding would skip a row."""
    past = at - datetime(1970, 1, 1, tzinfo=UTC)
    return (past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds


def of_another_city(session: Session, city: City) -> str:
    """The newest idea's reference when neither its prefix nor its field is this city's, so that the database must be
    another city's; else ""."""
    row = session.execute(select(Idea.ref, Idea.field).where(Idea.ref.is_not(None)).order_by(Idea.id.desc())
                          .limit(1)).first()
    if row is None or row.ref is None or row.ref.startswith(f"{city.ref_prefix}-") or city.field(row.field):
        return ""
    return str(row.ref)
