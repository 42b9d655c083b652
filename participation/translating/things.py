"""What residents and machines may translate: an idea's own text, a comment. What it says today, and keeping a
translation of all of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from participation import translations
from participation.city import City
from participation.comments.model import Comment
from participation.errors import Invalid, NotThere
from participation.ideas.model import Idea
from participation.ideas.search import reindex
from participation.outbox import happened
from participation.text import one_line, plain
from participation.translations import MACHINE, Original, original_of, source_of, understood

IDEA, COMMENT = "idea", "comment"
PARTS = {IDEA: ("title", "body", "benefit"), COMMENT: ("body",)}
TITLE_MAX = 300  # characters, as many as the column of an original holds


@dataclass(frozen=True, slots=True)
class Thing:
    """An idea or a comment; `texts` are the parts that it has, `idea_id`, `ref` and `title` those of its idea."""

    kind: str
    id: int
    idea_id: int
    ref: str
    title: str
    title_language: str
    language: str
    texts: Mapping[str, str]
    public: bool
    masked: bool
    author_id: int | None
    field: str
    district: str | None

    @property
    def original(self) -> Original:
        """What a fitting translation was made from."""
        return original_of(self.language, self.texts)

    @property
    def source(self) -> str:
        """The digest of all of it, in its language."""
        return source_of("\x1e".join((self.language, *(f"{part}\x1f{text}" for part, text in self.texts.items()))))


def thing(session: Session, kind: str, number: int) -> Thing:
    """The idea or the comment with that number; raises NotThere."""
    if kind == COMMENT:
        comment = session.get(Comment, number)
        if comment is None:
            raise NotThere("unknown_comment")
        idea = session.get_one(Idea, comment.idea_id)
        return Thing(COMMENT, comment.id, idea.id, idea.ref or "", idea.title, idea.language, comment.language,
                     {"body": comment.body}, comment.public and idea.public, comment.masked, comment.author_id,
                     idea.field, idea.district)
    found = session.get(Idea, number) if kind == IDEA else None
    if found is None:
        raise NotThere("unknown_idea")
    texts = {part: text for part in PARTS[IDEA] if (text := str(getattr(found, part)))}
    return Thing(IDEA, found.id, found.id, found.ref or "", found.title, found.language, found.language, texts,
                 found.public, found.masked, found.author_id, found.field, found.district)


def into(city: City, of: Thing) -> tuple[str, ...]:
    """The languages of the site in which a translation of it would be read."""
    return tuple(tag for tag in city.languages if tag in understood(tag, of.language))


def cleaned(city: City, of: Thing, texts: Mapping[str, str]) -> tuple[dict[str, str], list[Invalid]]:
    """The parts of a translation as they are stored, and what is wrong with them: one missing, one too long. In another
    language the same may take twice as many characters as the form allows an original."""
    limits = city.limits
    most = {"title": TITLE_MAX, "benefit": 2 * limits.benefit_max,
            "body": 2 * (limits.body_max if of.kind == IDEA else limits.comment_max)}
    made = {part: (one_line if part == "title" else plain)(texts.get(part, "")) for part in of.texts}
    problems = []
    for part, text in made.items():
        limit = max(most[part], len(of.texts[part]) if part != "title" else 0)
        if not text:
            problems.append(Invalid(part, "required"))
        elif len(text) > limit:
            problems.append(Invalid(part, "too_long", limit=limit, length=len(text)))
    return made, problems


def keep(session: Session, of: Thing, language: str, texts: Mapping[str, str], origin: str, by_id: int | None,
         now: datetime) -> None:
    """Keep a translation of all of a thing; one that was there is replaced. What a machine made is in no record."""
    rows = [translations.keep(session, of.kind, of.id, part, language, texts[part], original, origin, by_id, now)
            for part, original in of.texts.items()]
    _noted(session, of)
    if origin != MACHINE:
        happened(session, "translation.kept", now, translation_id=rows[0].id)


def take_away(session: Session, of: Thing, language: str, now: datetime) -> None:
    """A translation is public no more."""
    translations.take_away(session, of.kind, of.id, language)
    _noted(session, of)
    if of.kind == IDEA:
        happened(session, "translation.gone", now, idea_id=of.id)


def _noted(session: Session, of: Thing) -> None:
    if of.kind == IDEA:
        reindex(session, session.get_one(Idea, of.id))
