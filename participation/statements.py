"""The accessibility statement as the city file gives it (Directive (EU) 2016/2102 Art. 7, in the form of Commission
Implementing Decision (EU) 2018/1523). A file that says nothing gets the honest minimum, and `city check` says what is
missing before the site goes public."""

from dataclasses import dataclass
from typing import Annotated

from participation.city_file import Text, like
from participation.strategy import Days, Key

Day = Annotated[str, like(r"20\d\d-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", "a day such as 2026-11-21")]


@dataclass(frozen=True, slots=True)
class Gap:
    """Something that is not accessible yet, and why."""

    key: Key
    what: Text
    why: Text
    kind: Annotated[str, like("not-yet|burden|outside", "'not-yet', 'burden' (it would be a disproportionate one) or "
                                                       "'outside' (the law does not ask for it)")] = "not-yet"


@dataclass(frozen=True, slots=True)
class Body:
    """Whom to turn to when the city's answer does not help."""

    key: Key
    name: Text
    address: str = ""
    email: Annotated[str, like(r"[^@\s]+@[^@\s]+\.[^@\s.]+", "an e-mail address")] = ""
    url: Annotated[str, like(r"https?://[^\s/]+(/\S*)?", "an address that begins with https://")] = ""
    phone: str = ""


@dataclass(frozen=True, slots=True)
class Law:
    """A law that asks for accessibility."""

    key: Key
    name: Text


@dataclass(frozen=True, slots=True)
class Accessibility:
    """How far the site is accessible, how that is known, and who enforces it."""

    conformity: Annotated[str, like("full|partly|not", "'full', 'partly' or 'not'")] = "partly"
    assessment: Annotated[str, like("self|others", "'self' or 'others'")] = "self"
    prepared_on: Day = ""
    checked_on: Day = ""
    answer_days: Days = 30
    laws: tuple[Law, ...] = ()
    gaps: tuple[Gap, ...] = ()
    enforcement: tuple[Body, ...] = ()


def missing(given: Accessibility) -> tuple[str, ...]:
    """What a city file has to say about accessibility before the site goes public and does not yet."""
    wanted = (("prepared_on", given.prepared_on), ("checked_on", given.checked_on), ("laws", given.laws),
              ("enforcement", given.enforcement), ("gaps", given.gaps or given.conformity == "full"))
    return tuple(f"accessibility.{name}" for name, said in wanted if not said)
