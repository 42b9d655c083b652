"""Finding ideas by words: the same hits on both databases.

The folded text (text.fold) is searched for every word as a part of a word, so that „Radweg“ finds
„Fahrradweg“. SQLite answers from an FTS5 index of trigrams, PostgreSQL from pg_trgm; both are made
in the first migration. Words shorter than three letters have no trigram and are compared directly
among the rows that the longer words leave.

Behind the original's words stand those of its translations, as long as they fit it: whoever replaces a text writes
only the new one's words (`Draft.columns`), and `reindex` adds what still fits.
"""

from sqlalchemy import column, select, table, text, update
from sqlalchemy.orm import Session

from participation import translations
from participation.database import Query
from participation.ideas.model import Idea
from participation.text import fold, plain

WORDS = 8  # of a query; more cannot make the hits better
TRANSLATED = "\x1e"  # stands before the words of translations; a control character, so that nobody can write it
_fts = table("idea_search", column("rowid"))


def words(q: str) -> list[str]:
    """The folded words of a query that are searched for, longest first."""
    return sorted(dict.fromkeys(fold(plain(q[:400])).split()), key=len, reverse=True)[:WORDS]


def matching(query: Query, session: Session, q: str) -> Query:
    """The query, narrowed to ideas that contain every word of q."""
    parts = words(q)
    if session.get_bind().dialect.name == "sqlite" and (long := [part for part in parts if len(part) > 2]):
        quoted = " AND ".join('"' + part.replace('"', '""') + '"' for part in long)
        hits = select(_fts.c.rowid).where(text("idea_search MATCH :words").bindparams(words=quoted))
        query = query.where(Idea.id.in_(hits))
        parts = [part for part in parts if len(part) <= 2]
    for part in parts:
        query = query.where(Idea.folded.contains(part, autoescape=True))
    return query


def originally(folded: str) -> str:
    """The folded words of the original alone."""
    return folded.partition(TRANSLATED)[0]


def reindex(session: Session, idea: Idea) -> None:
    """Let an idea be found by its present words and those of its fitting translations, and by no others."""
    parts = {"title": idea.title, "body": idea.body, "benefit": idea.benefit}
    fitting = translations.fitting(session, "idea", idea.id, parts)
    whole = ["\n".join(each[part] for part, original in parts.items() if original) for each in fitting.values()
             if all(each.get(part) for part, original in parts.items() if original)]
    folded = TRANSLATED.join(fold(words) for words in ("\n".join(parts.values()), *whole))
    if folded != idea.folded:
        session.execute(update(Idea).where(Idea.id == idea.id).values(folded=folded)
                        .execution_options(synchronize_session="fetch"))
