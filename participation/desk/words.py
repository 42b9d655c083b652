"""Keys into sentences at the desk: what the office did, why a record has a revision, the columns of the inbox.

ACT_WORDS has a sentence for every kind of act; a room that notes a new kind adds one. It is given what was noted with
the act, and the names of the `person` and the `project` that are meant.
"""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from flask_babel import gettext, lazy_gettext

from participation.web.door import door
from participation.web.format import day
from participation.web.language import apart, speaking
from participation.web.words import MOVES, move_button

About = Mapping[str, Any]

ATTENTION: dict[str, Any] = {
    "": lazy_gettext("Everything"), "new": lazy_gettext("New"), "changed": lazy_gettext("Changed"),
    "overdue": lazy_gettext("Overdue"), "mine": lazy_gettext("Mine"), "unassigned": lazy_gettext("Nobody’s"),
}

ORDERS: dict[str, Any] = {
    "changed": lazy_gettext("Newest change first"), "deadline": lazy_gettext("Nearest date first"),
    "score": lazy_gettext("Highest score first"), "supporters": lazy_gettext("Most supporters first"),
}

COLUMNS: dict[str, Any] = {
    "stage": lazy_gettext("Where it stands"), "field": lazy_gettext("Field of action"),
    "district": lazy_gettext("District"), "language": lazy_gettext("Language"),
    "supporters": lazy_gettext("Supporters"), "comments": lazy_gettext("Comments"),
    "assignee": lazy_gettext("Who works on it"), "deadline": lazy_gettext("Date"), "score": lazy_gettext("Score"),
    "priority": lazy_gettext("Priority"), "project": lazy_gettext("Project"), "changed": lazy_gettext("Last change"),
    "received": lazy_gettext("Received"), "revision": lazy_gettext("Revision"),
}
NUMBERS = frozenset({"supporters", "comments", "score", "revision"})
USUAL = ("stage", "field", "supporters", "assignee", "deadline")

TAG_KINDS: dict[str, Any] = {"guideline": lazy_gettext("Guideline"), "need": lazy_gettext("Need"),
                             "theme": lazy_gettext("Theme"), "goal": lazy_gettext("Goal")}

REASONS: dict[str, Any] = {
    "accepted": lazy_gettext("The idea was accepted."), "translation": lazy_gettext("A translation was added."),
    "milestone": lazy_gettext("More people support it."), "correction": lazy_gettext("Its text was corrected."),
    "merged": lazy_gettext("Another idea was merged into it."),
    "unmerged": lazy_gettext("An idea that was merged into it stands for itself again."),
}

PARTS: dict[str, Any] = {
    "title": lazy_gettext("Title"), "body": lazy_gettext("Description"), "benefit": lazy_gettext("What residents gain"),
    "supporters": lazy_gettext("Supporters"), "comments": lazy_gettext("Comments"),
    "translations": lazy_gettext("Translations"), "merged": lazy_gettext("Merged ideas"),
}

_OUTCOMES: dict[str, Any] = {
    "for": lazy_gettext("%(board)s decided in favour."), "against": lazy_gettext("%(board)s decided against it."),
    "deferred": lazy_gettext("%(board)s put the decision off."),
}


def reason_words(key: str) -> str:
    """Why there is a revision."""
    return str(REASONS.get(key) or gettext("The record has changed."))


def part_words(key: str) -> str:
    """A part of a record."""
    return str(PARTS[key])


def act_words(kind: str, about: About) -> str:
    """What the office did, as a sentence of the history."""
    words = ACT_WORDS.get(kind)
    return str(words(about) if words else gettext("The office worked on it."))


def _assigned(about: About) -> str:
    if about.get("person"):
        return str(gettext("Given to %(name)s.", name=apart(about["person"])))
    return str(gettext("Given to nobody."))


def _due(about: About) -> str:
    if not about.get("on"):
        return str(gettext("The office’s date was taken away."))
    return str(gettext("To be done by %(day)s.", day=day(date.fromisoformat(about["on"]))))


def _checked(about: About) -> str:
    held = about.get("passed")
    return str(gettext("First check: passed.") if held else gettext("First check: not passed."))


def _priority(about: About) -> str:
    named = {each.key: each.name.in_(speaking()) for each in door().city.priorities}
    if not about.get("key"):
        return str(gettext("The priority was taken away."))
    return str(gettext("Priority: %(name)s.", name=named.get(about["key"], about["key"])))


def _board(about: About) -> str:
    named = {each.key: each.name.in_(speaking()) for each in door().city.boards}
    key = about.get("board", "")
    words = _OUTCOMES.get(about.get("outcome", ""))
    return str(words) % {"board": named.get(key, key)} if words else str(gettext("A board decided on it."))


def _project(about: About) -> str:
    if not about.get("project_id"):
        return str(gettext("It belongs to no project any more."))
    return str(gettext("It belongs to the project “%(title)s”.", title=apart(about.get("project", ""))))


def _move(about: About) -> str:
    return move_button(about["move"]) if about.get("move") in MOVES else ""


_MILESTONE: dict[str, Any] = {
    "added": lazy_gettext("A milestone was announced."), "changed": lazy_gettext("A milestone was changed."),
    "reached": lazy_gettext("A milestone was reached."), "removed": lazy_gettext("A milestone was taken back."),
}

ACT_WORDS: dict[str, Callable[[About], str]] = {
    "assigned": _assigned,
    "due": _due,
    "remark": lambda about: gettext("Remark"),
    "tagged": lambda about: gettext("The tags were changed."),
    "checked": _checked,
    "rated": lambda about: gettext("Maturity and benefit were rated."),
    "consensus": lambda about: gettext("The assessors agreed on a rating."),
    "priority": _priority,
    "board": _board,
    "project": _project,
    "answer_prepared": lambda about: gettext("An answer was prepared: %(move)s.", move=_move(about)),
    "answer_published": lambda about: gettext("The answer was published: %(move)s.", move=_move(about)),
    "answer_discarded": lambda about: gettext("The prepared answer was discarded: %(move)s.", move=_move(about)),
    "promise_moved": lambda about: gettext("Another date was promised to the public: %(day)s.",
                                           day=day(date.fromisoformat(about["on"]))),
    "translated": lambda about: gettext("Its text was translated."),
    "project_changed": lambda about: gettext("The project was changed."),
    "milestone": lambda about: str(_MILESTONE.get(about.get("did", ""), "")),
}
