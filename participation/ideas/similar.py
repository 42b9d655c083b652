"""Finding ideas that resemble a text, the same on both databases and without a model that somebody trained.

A text becomes terms: the stem of each word, and the beginnings and ends of words, because a German compound hides
what another person says with two words ("Fahrradweg", "Radweg"). Terms stand in a table of their own; rare ones
weigh more (BM25, Robertson & Zaragoza 2009). A score of 1 is a text that says all of it in the same words.
"""

import math
import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import snowballstemmer
from sqlalchemy import ForeignKey, String, delete, func, insert, literal, select, union_all
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.database import Base
from participation.ideas.model import Idea
from participation.text import fold

KEPT = 120  # terms of an idea; a longer text says little more about what it is about
COMMON = 3_000  # ideas with a term, above which it is not looked up: it tells nothing and costs most
CANDIDATES = 60
LEAST = 0.1
_PART = 6  # letters of a beginning or an end
_TITLE = 3  # a word of the title counts like so many of the body
_K, _B = 1.2, 0.4  # of BM25: how soon a word's repetition stops counting, how much a long text is discounted
_SAME_PLACE = 1.05
_WORD = re.compile(r"[^\W_]{3,}")
_LANGUAGES = {"de": "german", "en": "english", "fr": "french", "it": "italian", "es": "spanish", "pt": "portuguese",
              "nl": "dutch", "ro": "romanian", "ru": "russian", "ar": "arabic", "tr": "turkish", "hu": "hungarian",
              "el": "greek", "pl": "polish"}


class IdeaTerm(Base):
    """One term of one idea's present text; `weight` is how often it stands there, in the title threefold."""

    __tablename__ = "idea_term"

    term: Mapped[str] = mapped_column(String(40), primary_key=True)
    idea_id: Mapped[int] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), primary_key=True, index=True)
    weight: Mapped[int]


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
    same_place: bool


def terms(title: str, body: str, language: str) -> dict[str, int]:
    """The terms of a text with their weights, the heaviest KEPT of them."""
    weights: Counter[str] = Counter()
    for words, weight in ((title, _TITLE), (body, 1)):
        for word in _WORD.findall(words):
            for term in _terms_of(word.casefold(), language.partition("-")[0]):
                weights[term] += weight
    return dict(weights.most_common(KEPT))


def index(session: Session, idea: Idea) -> None:
    """Write an idea's terms, in place of those it had."""
    forget(session, idea.id)
    found = terms(idea.title, f"{idea.body}\n{idea.benefit}", idea.language)
    if found:
        session.execute(insert(IdeaTerm), [{"term": term, "idea_id": idea.id, "weight": weight}
                                           for term, weight in found.items()])


def forget(session: Session, idea_id: int) -> None:
    """Take an idea's terms away."""
    session.execute(delete(IdeaTerm).where(IdeaTerm.idea_id == idea_id))


def similar(session: Session, title: str, body: str, language: str, *, without: int | None = None,
            district: str | None = None, limit: int = 5) -> list[Similar]:
    """The ideas most like a text, best first; drafts and what is hardly alike are left out. One about the same
    district counts a little more."""
    asked = terms(title, body, language)
    total = session.scalar(select(func.max(Idea.id))) or 0
    rarity = _rarities(session, asked, total)
    if not rarity:
        return []
    best = math.fsum(_gain(weight, 1.0) * rarity[term] for term, weight in asked.items() if term in rarity)
    # What no idea here says speaks against likeness as much as a rare word: it is part of the whole.
    best += math.fsum(_gain(weight, 1.0) * _idf(0, total) * 0.25 for term, weight in asked.items()
                      if term not in rarity)
    scores: dict[int, float] = {}
    for term, idea_id, weight, length in session.execute(
            select(IdeaTerm.term, IdeaTerm.idea_id, IdeaTerm.weight, func.length(Idea.folded))
            .join(Idea, Idea.id == IdeaTerm.idea_id)
            .where(IdeaTerm.term.in_(rarity), Idea.ref.is_not(None), Idea.id != (without or 0))):
        longer = 1 - _B + _B * max(length, 80) / 450
        scores[idea_id] = scores.get(idea_id, 0.0) + rarity[term] * min(
            _gain(weight, longer), _gain(asked[term], 1.0))
    ahead = sorted(scores, key=lambda key: (-scores[key], key))[:CANDIDATES]
    rows = session.execute(select(Idea.id, Idea.ref, Idea.title, Idea.language, Idea.state, Idea.district)
                           .where(Idea.id.in_(ahead)))
    found = [_found(row, scores[row.id] / best, district) for row in rows]
    return sorted((each for each in found if each.score >= LEAST), key=lambda each: (-each.score, each.id))[:limit]


def _found(row: Any, score: float, district: str | None) -> Similar:
    same = district is not None and row.district == district
    return Similar(row.id, row.ref or "", row.title, row.language, row.state, row.district,
                   min(score * (_SAME_PLACE if same else 1.0), 1.0), same)


def _rarities(session: Session, asked: Iterable[str], total: int) -> dict[str, float]:
    """How much each term tells, for those that some idea has and not too many have."""
    counted = [select(literal(term).label("term"),
                      select(func.count()).select_from(
                          select(IdeaTerm.idea_id).where(IdeaTerm.term == term).limit(COMMON + 1).subquery())
                      .scalar_subquery().label("ideas")) for term in asked]
    found: dict[str, float] = {}
    for start in range(0, len(counted), 60):  # a statement of more parts is refused by SQLite
        for term, ideas in session.execute(union_all(*counted[start:start + 60])):
            if 0 < ideas <= COMMON:
                found[term] = _idf(ideas, total)
    return found


def _idf(ideas: int, total: int) -> float:
    return math.log(1 + (total - min(ideas, total) + 0.5) / (ideas + 0.5))


def _gain(weight: int, longer: float) -> float:
    return weight * (_K + 1) / (weight + _K * longer)


@lru_cache(maxsize=50_000)
def _terms_of(word: str, language: str) -> tuple[str, ...]:
    stem = fold(_stemmer(language).stemWord(word) if language in _LANGUAGES else word)
    if len(stem) < 3:
        return ()
    parts = [stem[:40]]
    if len(stem) >= _PART and stem.isalpha():
        parts += [f"^{stem[:_PART]}", f"${stem[-_PART:]}"]
    return tuple(parts)


@lru_cache
def _stemmer(language: str) -> Any:
    return snowballstemmer.stemmer(_LANGUAGES[language])
