"""Finding ideas that resemble a text, the same on both databases and without a model that somebody trained.

It goes in two rounds, as search engines do ("cascade ranking": Wang, Lin, Metzler 2011). The database keeps few terms
of each idea, the beginnings and ends of its words, and names the POOL that share the rarest of them
with the text. Those are then read and compared by pieces of five letters, which see through German compounds
("Fahrradweg", "Radweg"), inflections and misspellings better than a stemmer (McNamee & Mayfield 2004); too many
rows for a table, but quickly made for a few hundred texts. Both rounds weigh by BM25 (Robertson & Zaragoza 2009).
"""

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from sqlalchemy import ForeignKey, Integer, String, column, delete, func, insert, select, values
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import Base
from participation.ideas.model import Idea
from participation.ideas.search import originally
from participation.text import fold

KEPT = 150  # terms of an idea; a longer text says little more about what it is about
ASKED = 250  # terms of the text that is looked for
COMMON = 3_000  # ideas with a term, above which it is not looked up: it tells little and costs most
READ = 15_000  # rows of the table that a search reads, of the rarest terms first: that is what bounds its time
POOL = 300  # ideas that are compared by their text
LONGEST = 6_000  # letters of a text that are compared
# Less is no likeness. A compromise: of the first hundred rewordings, 88 are found without it, 85 with it and 78 with
# 0.2; of twelve texts about what hardly any idea is about (libraries, theatres), eleven find something without it,
# five with it and four with 0.2.
LEAST = 0.17
_PART = 5  # letters of a beginning or an end, and of a piece
_BEGINNING = 7
_TITLE = 2  # a word of the title counts like so many of the body
_K, _B = 2.0, 0.95  # of BM25: how soon repetition stops counting, how much a long text is discounted
_K_ASKED = 8.0  # BM25's k3: the same for repetition in the text that is looked for
_USUAL = 165  # terms in an idea of usual length; fixed, because an index cannot follow an average that moves
_SAME_PLACE = 1.05
_WORD = re.compile(r"[^\W_]{2,}")


class IdeaTerm(Base):
    """One term of one idea's present text; `weight` is a hundred times what it adds to a search (BM25)."""

    __tablename__ = "idea_term"

    term: Mapped[str] = mapped_column(String(40), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True, index=True)
    weight: Mapped[int]

    # The rows of a term stand side by side, with their weights: one jump instead of one for each row.
    __table_args__ = {"sqlite_with_rowid": False}  # noqa: RUF012 - SQLAlchemy reads it as it stands


@dataclass(frozen=True, slots=True)
class Similar:
    """An idea that resembles a text; `score` is from 0 to 1."""

    id: int
    ref: str
    title: str
    language: str
    state: str
    district: str | None
    score: float


def terms(title: str, body: str, language: str) -> dict[str, int]:
    """The terms of a text with how often they stand there, in the title twofold. They are made alike in every
    language: beginnings of words found as much as a stemmer did, and need no package (`language` is not read)."""
    counts: Counter[str] = Counter()
    for text, times in ((title, _TITLE), (body[:LONGEST], 1)):
        for word in _WORD.findall(fold(text)):
            for term in _terms_of(word):
                counts[term] += times
    return dict(counts)


def index(session: Session, idea: Idea) -> None:
    """Write an idea's terms, in place of those it had."""
    forget(session, idea.id)
    counts = terms(idea.title, f"{idea.body}\n{idea.benefit}", idea.language)
    longer = sum(counts.values()) / _USUAL
    # Where there are too many, long words stay: they are the rare ones (Zipf).
    kept = sorted(counts, key=lambda term: (-len(term), term))[:KEPT]
    if kept:
        session.execute(insert(IdeaTerm), [{"term": term, "idea_id": idea.id,
                                            "weight": max(1, round(100 * _gain(counts[term], longer)))}
                                           for term in kept])


def forget(session: Session, idea_id: int) -> None:
    """Take an idea's terms away."""
    session.execute(delete(IdeaTerm).where(IdeaTerm.idea_id == idea_id))


def similar(session: Session, title: str, body: str, language: str, *, without: int | None = None,
            district: str | None = None, limit: int = 5, least: float = LEAST, public: bool = False) -> list[Similar]:
    """The ideas most like a text, best first; drafts and what scores below `least` are left out. One about the same
    district counts a little more. `public`: only what everybody may read."""
    pool = _pool(session, terms(title, body, language), without)
    if not pool:
        return []
    query = select(Idea.id, Idea.ref, Idea.title, Idea.language, Idea.state, Idea.district, Idea.folded)
    query = query.where(Idea.id.in_(pool), Idea.public if public else Idea.ref.is_not(None))
    rows = session.execute(query.order_by(Idea.id)).all()
    scores = _alike(_pieces(fold(title), fold(body[:LONGEST])), [originally(row.folded) for row in rows])
    found = [_found(row, score, district) for row, score in zip(rows, scores, strict=True)]
    return sorted((each for each in found if each.score >= least), key=lambda each: (-each.score, each.id))[:limit]


def _found(row: Any, score: float, district: str | None) -> Similar:
    same = district is not None and row.district == district
    return Similar(row.id, row.ref, row.title, row.language, row.state, row.district,
                   min(score * (_SAME_PLACE if same else 1.0), 1.0))


def _pool(session: Session, counts: dict[str, int], without: int | None) -> Sequence[int]:
    """The ideas that share the rarest terms. Whole numbers, so that both databases add up to the same."""
    rarest = _rarest(session, sorted(counts, key=lambda term: (-len(term), term))[:ASKED])
    if not rarest:
        return []
    total = session.scalar(select(func.max(Idea.id))) or 0
    asked = values(column("term", String), column("gain", Integer), name="asked").data(
        [(term, round(100 * _idf(ideas, total) * _gain_asked(counts[term]))) for term, ideas in rarest]).cte()
    score = func.sum(IdeaTerm.weight * asked.c.gain)
    return session.scalars(select(IdeaTerm.idea_id).select_from(asked).join(IdeaTerm, IdeaTerm.term == asked.c.term)
                           .where(IdeaTerm.idea_id != (without or 0)).group_by(IdeaTerm.idea_id)
                           .order_by(score.desc(), IdeaTerm.idea_id).limit(POOL)).all()


def _rarest(session: Session, asked: list[str]) -> list[tuple[str, int]]:
    """The terms that some ideas have and not too many, with how many, rarest first, of READ ideas together."""
    if not asked:
        return []
    each = values(column("term", String), name="each").data([(term,) for term in asked]).cte()
    some = select(IdeaTerm.idea_id).where(IdeaTerm.term == each.c.term).limit(COMMON + 1).correlate(each).subquery()
    counted = session.execute(select(each.c.term, select(func.count()).select_from(some).scalar_subquery()))
    read = 0
    found: list[tuple[str, int]] = []
    for ideas, term in sorted((ideas, term) for term, ideas in counted if 0 < ideas <= COMMON):
        read += ideas
        if found and read > READ:
            break
        found.append((term, ideas))
    return found


def _alike(asked: Counter[str], texts: Sequence[str]) -> list[float]:
    """How much of what is asked each folded text says, from 0 to 1, by pieces of words."""
    known: dict[str, tuple[str, ...]] = {}
    said: list[Counter[str]] = []
    for text in texts:
        counts: Counter[str] = Counter()
        title, _, rest = text[:LONGEST].partition("\n")
        for part, times in ((title, _TITLE), (rest, 1)):
            for word in _WORD.findall(part):
                pieces = known.get(word)
                if pieces is None:
                    pieces = known[word] = tuple(piece for piece in _pieces_of(word) if piece in asked)
                for piece in pieces:
                    counts[piece] += times
        said.append(counts)
    having = Counter(piece for counts in said for piece in counts)
    weights = {piece: _idf(having[piece], len(texts)) * _gain_asked(times) for piece, times in asked.items()}
    best = math.fsum(weight * _gain(asked[piece], 1.0) for piece, weight in weights.items())
    usual = sum(map(len, texts)) / max(len(texts), 1)
    return [min(1.0, math.fsum(weights[piece] * _gain(times, len(text) / usual) for piece, times in counts.items())
                / best) if best else 0.0 for text, counts in zip(texts, said, strict=True)]


def _pieces(title: str, body: str) -> Counter[str]:
    pieces: Counter[str] = Counter()
    for part, times in ((title, _TITLE), (body, 1)):
        for word in _WORD.findall(part):
            for piece in _pieces_of(word):
                pieces[piece] += times
    return pieces


def _pieces_of(word: str) -> list[str]:
    """Every five letters of a word, whose beginning and end count as letters, and its beginning of seven: nearly its
    stem, in every language, so that the same word counts more than its parts in another."""
    marked = f"^{word}$"
    return [marked[at:at + _PART] for at in range(max(1, len(marked) - _PART + 1))] + [f"={word[:_BEGINNING]}"]


def _idf(ideas: int, total: int) -> float:
    return math.log(1 + (total - min(ideas, total) + 0.5) / (ideas + 0.5))


def _gain(times: int, longer: float) -> float:
    return times * (_K + 1) / (times + _K * (1 - _B + _B * longer))


def _gain_asked(times: int) -> float:
    return times * (_K_ASKED + 1) / (times + _K_ASKED)


@lru_cache(maxsize=50_000)
def _terms_of(word: str) -> tuple[str, ...]:
    """A word's beginning, which stands for the word without its endings in every language, and for a long word what
    compounds with it share."""
    if len(word) < _PART + 2 or not word.isalpha():
        return (word[:_BEGINNING],)
    return word[:_BEGINNING], f"^{word[:_PART]}", f"${word[-_PART:]}"
