"""What somebody's own page shows: what is new about what they proposed, wrote, support and follow; what they support.

All news come from one query, newest first and by key, however much somebody takes part in. A look at the page is noted,
so that the next visit shows what has come since; looks within half an hour are one visit, so that going back loses no
mark.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import Integer, String, Text, case, cast, exists, literal, null, or_, select, tuple_, union_all, update
from sqlalchemy.orm import Session, aliased

from participation import translations
from participation.comments.model import Comment, CommentStep
from participation.database import Query
from participation.errors import NotThere
from participation.ideas.model import CoAuthor, Idea, IdeaStep
from participation.notices.following import MOVES
from participation.notices.model import Follow
from participation.outbox import untold
from participation.people.model import Person
from participation.support import Support
from participation.text import excerpt

PAGE = 20
VISIT = timedelta(minutes=30)
_EXCERPT = 400  # characters of an answer to a comment
# Written so that no index of public ideas is begun from: somebody takes part in a few of a hundred thousand.
_PUBLIC = case((Idea.public, 1), else_=0) == 1
OWN_IDEA, CONCERNED, OWN_COMMENT, ANSWER = 1, 2, 3, 4  # why something is news to somebody


@dataclass(frozen=True, slots=True)
class News:
    """Something that happened. `why` is OWN_IDEA or CONCERNED (a step of an idea), OWN_COMMENT (a step of my comment)
    or ANSWER (somebody answered it); `words` are what was said, `author` who answered. `comment_id` is mine for a step
    and theirs for an answer."""

    why: int
    at: datetime
    move: str
    idea_id: int
    ref: str
    title: str
    language: str
    public: bool
    comment_id: int | None
    reason: str
    words: str
    words_language: str
    author: str
    official: bool  # the city itself answered


@dataclass(frozen=True, slots=True)
class Supported:
    """A public idea that somebody supports, follows, or both."""

    ref: str
    title: str
    language: str
    state: str
    supports: int
    supported: bool
    follows: bool


def looked(session: Session, person: Person, now: datetime) -> datetime:
    """Note that the person looks at their page now; since when what they see is new to them."""
    if person.looked_at is not None and now - person.looked_at < VISIT:
        return person.looked_before or person.created_at
    since = person.looked_at or person.created_at
    session.execute(update(Person).where(Person.id == person.id).values(looked_at=now, looked_before=since))
    return since


def is_new_visit(person: Person, now: datetime) -> bool:
    """Whether a look at the page now has to be noted."""
    return person.looked_at is None or now - person.looked_at >= VISIT


def news(session: Session, person: Person, tag: str, now: datetime, after: str = "",
         limit: int = PAGE) -> tuple[tuple[News, ...], str]:
    """A page of what is new for somebody, newest first, and the key of the next page ("" at the end). Statements come
    in the language `tag` where there is a translation. Nothing that can still be undone, and of others' ideas and
    comments nothing that is not public at this moment. Raises NotThere for a key that no page of ours gave out."""
    parts = ((OWN_IDEA, _of_ideas(person, now)), (CONCERNED, _of_concerned(person, now)),
             (OWN_COMMENT, _of_comments(person, now)), (ANSWER, _answers(person)))
    newest = [_newest(why, part, _key(after) if after else None, limit + 1) for why, part in parts]
    every = union_all(*(select(part) for part in newest)).subquery()
    rows = session.execute(select(every).order_by(every.c.at.desc(), every.c.why.desc(), every.c.id.desc())
                           .limit(limit + 1)).all()
    found, more = rows[:limit], len(rows) > limit
    steps = [row.id for row in found if row.words and row.why in (OWN_IDEA, CONCERNED)]
    known = translations.of(session, "idea_step", steps) if steps else {}
    return tuple(_news(row, known, tag) for row in found), _after(found[-1]) if more else ""


def supported(session: Session, person: Person, before: int | None = None,
              limit: int = PAGE) -> tuple[tuple[Supported, ...], int | None]:
    """A page of the public ideas that somebody supports or follows, newest first, and the number to go on before."""
    backs = exists().where(Support.idea_id == Idea.id, Support.person_id == person.id)
    follows = exists().where(Follow.idea_id == Idea.id, Follow.person_id == person.id, Follow.on)
    query = select(Idea.ref, Idea.title, Idea.language, Idea.state, Idea.supports_total, backs, follows, Idea.id).where(
        _PUBLIC, Idea.id.in_(_concern(person)))
    if before is not None:
        query = query.where(Idea.id < before)
    rows = session.execute(query.order_by(Idea.id.desc()).limit(limit + 1)).all()
    found = tuple(Supported(row[0] or "", *row[1:5], bool(row[5]), bool(row[6])) for row in rows[:limit])
    return found, rows[limit - 1][7] if len(rows) > limit else None


def _concern(person: Person) -> Any:
    """The ids of what somebody supports or follows."""
    return (select(Support.idea_id).where(Support.person_id == person.id)
            .union(select(Follow.idea_id).where(Follow.person_id == person.id, Follow.on)))


def _of_ideas(person: Person, now: datetime) -> Query:
    """What others did with my ideas, and with those that mine were merged into."""
    ideas = select(Idea.id).where(Idea.author_id == person.id).union(
        select(CoAuthor.idea_id).where(CoAuthor.person_id == person.id))
    return _idea_steps(OWN_IDEA, now).where(IdeaStep.by != "author", IdeaStep.idea_id.in_(ideas),
                                            or_(Idea.author_id == person.id, _PUBLIC))


def _of_concerned(person: Person, now: datetime) -> Query:
    """What the city answered on public ideas that somebody supports or follows and did not propose."""
    stopped = select(Follow.idea_id).where(Follow.person_id == person.id, ~Follow.on)
    helped = select(CoAuthor.idea_id).where(CoAuthor.person_id == person.id)
    return _idea_steps(CONCERNED, now).where(
        _PUBLIC, IdeaStep.move.in_(MOVES), IdeaStep.idea_id.in_(_concern(person)), Idea.id.not_in(stopped),
        Idea.id.not_in(helped), or_(Idea.author_id.is_(None), Idea.author_id != person.id))


def _of_comments(person: Person, now: datetime) -> Query:
    """What was decided on my comments."""
    return select(*_columns(OWN_COMMENT, CommentStep.id, CommentStep.at, CommentStep.move, Comment.id,
                            CommentStep.reason, CommentStep.statement, CommentStep.statement_language,
                            cast(literal(""), String))).select_from(CommentStep).join(
        Comment, Comment.id == CommentStep.comment_id).join(Idea, Idea.id == Comment.idea_id).where(
        Comment.author_id == person.id, CommentStep.by != "author", ~CommentStep.undone,
        ~untold(CommentStep.event_id, now))


def _answers(person: Person) -> Query:
    """Public answers of others to my comments."""
    mine = aliased(Comment)
    name = select(Person.name).where(Person.id == Comment.author_id, ~Comment.official).scalar_subquery()
    return select(*_columns(ANSWER, Comment.id, Comment.published_at, cast(literal(""), String), Comment.id,
                            cast(literal(""), String), Comment.body, Comment.language, name, Comment.official)
                  ).select_from(Comment).join(mine, mine.id == Comment.parent_id).join(
        Idea, Idea.id == Comment.idea_id).where(
        mine.author_id == person.id, mine.public, Comment.public, Comment.published_at.is_not(None), _PUBLIC,
        or_(Comment.author_id.is_(None), Comment.author_id != person.id))


def _idea_steps(why: int, now: datetime) -> Query:
    return select(*_columns(why, IdeaStep.id, IdeaStep.at, IdeaStep.move, cast(null(), Integer), IdeaStep.reason,
                            IdeaStep.statement, IdeaStep.statement_language, cast(literal(""), String))).select_from(
        IdeaStep).join(Idea, Idea.id == IdeaStep.idea_id).where(~IdeaStep.undone, ~untold(IdeaStep.event_id, now))


def _columns(why: int, id_: Any, at: Any, move: Any, comment: Any, reason: Any, words: Any, language: Any,
             author: Any, official: Any = None) -> tuple[Any, ...]:
    """The columns of every kind of news, by the same names."""
    return (at.label("at"), literal(why).label("why"), id_.label("id"), move.label("move"), Idea.id.label("idea_id"),
            Idea.ref.label("ref"), Idea.title.label("title"), Idea.language.label("language"),
            Idea.public.label("public"), comment.label("comment_id"), reason.label("reason"),
            cast(words, Text).label("words"), language.label("words_language"), author.label("author"),
            (literal(False) if official is None else official).label("official"))


def _newest(why: int, part: Query, behind: tuple[datetime, int, int] | None, limit: int) -> Any:
    """The newest of one kind, behind a key that may belong to another kind."""
    at, id_ = part.exported_columns["at"].element, part.exported_columns["id"].element
    if behind is not None and why == behind[1]:
        part = part.where(tuple_(at, id_) < tuple_(behind[0], behind[2]))
    elif behind is not None:
        part = part.where(at <= behind[0] if why < behind[1] else at < behind[0])
    return part.order_by(at.desc(), id_.desc()).limit(limit).subquery()


def _news(row: Any, known: translations.Parts, tag: str) -> News:
    words, language = row.words or "", row.words_language or ""
    if row.why in (OWN_IDEA, CONCERNED) and (other := known.get(row.id, {}).get(tag, {}).get("statement")):
        words, language = other, tag
    if row.why == ANSWER:
        words = excerpt(words, _EXCERPT)
    # Whoever commented on an idea that is hidden since knows it by its number.
    title = row.title if row.public or row.why == OWN_IDEA else row.ref or ""
    return News(row.why, row.at, row.move, row.idea_id, row.ref or "", title, row.language, bool(row.public),
                row.comment_id, row.reason, words, language, row.author or "", bool(row.official))


def _after(row: Any) -> str:
    """The key behind a row: microseconds since 1970, why and id."""
    past = row.at - datetime(1970, 1, 1, tzinfo=UTC)
    return f"{(past.days * 86_400 + past.seconds) * 1_000_000 + past.microseconds}.{row.why}.{row.id}"


def _key(after: str) -> tuple[datetime, int, int]:
    parts = after.split(".")
    if not (after.isascii() and len(after) < 50 and len(parts) == 3 and all(part.isdecimal() for part in parts)):
        raise NotThere("unknown_page")
    try:
        at = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(microseconds=int(parts[0]))
    except OverflowError:
        raise NotThere("unknown_page") from None
    return at, min(int(parts[1]), 9), min(int(parts[2]), 2**31 - 1)
