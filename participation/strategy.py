"""The city's strategy as its file declares it: guidelines, fields and needs, and how the idea pool checks, rates, ranks
and answers. Read by `participation/city.py`, which puts the whole city together."""

from dataclasses import dataclass
from typing import Annotated

from participation.city_file import Rule, Text, like, number

Key = Annotated[str, like("[a-z][a-z0-9-]{0,39}", "small letters a-z, digits and hyphens, 40 at most")]
Days = Annotated[int, number(1, 3650)]
Weight = Annotated[int, number(0, 100)]
SOME = Rule(bool, "at least one")


@dataclass(frozen=True, slots=True)
class Guideline:
    """A guideline of the city's strategy, and what it asks of a measure."""

    key: Key
    name: Text
    asks: Text


@dataclass(frozen=True, slots=True)
class Need:
    """A need within a field of action, with its goals."""

    key: Key
    name: Text
    goals: tuple[Text, ...] = ()


@dataclass(frozen=True, slots=True)
class Field:
    """A field of action; its needs are the city's own to write and may be none yet."""

    key: Key
    name: Text
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True, slots=True)
class Criterion:
    """A basic criterion of the pool's first check, asked as a question."""

    key: Key
    name: Text
    asks: Text


@dataclass(frozen=True, slots=True)
class Degree:
    """A degree of maturity; the anchors say what its ratings 0, 1, 2 and 3 mean."""

    key: Key
    name: Text
    asks: Text
    anchors: Annotated[tuple[Text, ...], Rule(lambda a: len(a) == 4, "four texts, for the ratings 0 to 3")]


@dataclass(frozen=True, slots=True)
class Choice:
    """Something the office chooses from, by its key: a theme, a goal, a board, a budget class, a department."""

    key: Key
    name: Text


@dataclass(frozen=True, slots=True)
class Priority:
    """A class of ideas; those of the lowest rank are treated first, those without one last."""

    key: Key
    name: Text
    asks: Text
    rank: Annotated[int, number(1, 8)]


@dataclass(frozen=True, slots=True)
class Ranking:
    """What the score is made of, in points of 100: the mean of the degrees, the benefit, and the supporters, of whom
    `supporters_full` count as all points."""

    maturity: Weight = 50
    benefit: Weight = 30
    supporters: Weight = 20
    supporters_full: Annotated[int, number(1, 10_000_000)] = 200

    @property
    def weights(self) -> tuple[int, int, int]:
        """The three weights."""
        return self.maturity, self.benefit, self.supporters


@dataclass(frozen=True, slots=True)
class PoolRules:
    """How the pool's desk works."""

    answer_days: Days = 90  # an accepted idea is promised its next answer within so many
    warn_days: Days = 7  # the office is told so long before a promise falls due
    milestones: tuple[Annotated[int, number(1, 10_000_000)], ...] = (25, 50, 100, 200, 500, 1000, 2000, 5000, 10000)
    night_hour: Annotated[int, number(0, 23)] = 2  # of the nightly export and reconciliation, by the city's clock


@dataclass(frozen=True, slots=True)
class AnswerText:
    """A ready-made public answer for a move of the desk; {title}, {city} and {office} are filled in."""

    key: Key
    move: Annotated[str, like("pass|fail|rate|plan|start|complete|drop|recheck", "a move of the desk, as 'pass'")]
    name: Text
    text: Annotated[Text, like(r"([^{}]|{{|}}|{(title|city|office)})*",
                                "only {title}, {city} and {office} in braces, every brace closed")]
