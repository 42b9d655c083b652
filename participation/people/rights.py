"""Every right and every role, on one page.

A right reads scope:thing:act. Rights on one's own things ask, besides the role, that the thing is
one's own. `may` is the only question anybody asks; its answer carries the reason.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Protocol

from participation.people.model import Person


class Right(StrEnum):
    """What can be done here; the sentence beside each is what the documentation prints."""

    IDEA_PROPOSE = "idea:any:propose"
    IDEA_SUPPORT = "idea:any:support"
    IDEA_COMMENT = "idea:any:comment"
    IDEA_CHANGE = "idea:own:change"
    IDEA_WITHDRAW = "idea:own:withdraw"
    COMMENT_SUBMIT = "comment:own:submit"
    QUEUE_SEE = "moderation:queue:see"
    ENTRY_DECIDE = "moderation:entry:decide"
    IDEA_ACCEPT = "moderation:idea:accept"
    RECORDS_SEE = "pool:records:see"
    RECORDS_EXPORT = "pool:records:export"
    IDEA_ANSWER = "pool:idea:answer"


MEANING: dict[Right, str] = {
    Right.IDEA_PROPOSE: "propose an idea",
    Right.IDEA_SUPPORT: "support an idea and take that back",
    Right.IDEA_COMMENT: "comment on an idea, answer a comment",
    Right.IDEA_CHANGE: "change one's own idea while it waits, and send a returned one again",
    Right.IDEA_WITHDRAW: "withdraw one's own idea",
    Right.COMMENT_SUBMIT: "send one's own comment to moderation",
    Right.QUEUE_SEE: "see what waits for moderation",
    Right.ENTRY_DECIDE: "publish, return, reject, hide, decline or archive an entry",
    Right.IDEA_ACCEPT: "accept a published idea for the idea pool",
    Right.RECORDS_SEE: "see the records of the idea pool",
    Right.RECORDS_EXPORT: "download the records of the idea pool",
    Right.IDEA_ANSWER: "move an accepted idea on and answer its author publicly",
}

_RESIDENT = frozenset({Right.IDEA_PROPOSE, Right.IDEA_SUPPORT, Right.IDEA_COMMENT, Right.IDEA_CHANGE,
                       Right.IDEA_WITHDRAW, Right.COMMENT_SUBMIT})
_MODERATOR = frozenset({Right.QUEUE_SEE, Right.ENTRY_DECIDE, Right.IDEA_ACCEPT})
_CDO = frozenset({Right.RECORDS_SEE, Right.RECORDS_EXPORT, Right.IDEA_ANSWER})

ROLES: dict[str, frozenset[Right]] = {
    "resident": _RESIDENT,
    "moderator": _RESIDENT | _MODERATOR,
    "cdo": _RESIDENT | _CDO,
    "admin": _RESIDENT | _MODERATOR | _CDO,
}

_STAFF = _MODERATOR | _CDO


class Owned(Protocol):
    """A thing with an author."""

    @property
    def author_id(self) -> Any: ...


@dataclass(frozen=True, slots=True)
class Answer:
    """Yes or no, and why not: signed_out, role or not_own."""

    allowed: bool
    why: str = ""

    def __bool__(self) -> bool:
        return self.allowed


def may(person: Person | None, right: Right, thing: Owned | None = None) -> Answer:
    """Whether the person may do that (to that thing)."""
    if person is None:
        return Answer(False, "signed_out")
    if right not in ROLES.get(person.role, frozenset()):
        return Answer(False, "role")
    if ":own:" in right and thing is not None and thing.author_id != person.id:
        return Answer(False, "not_own")
    return Answer(True)


def is_staff(person: Person | None) -> bool:
    """Whether the person has any right that residents have not."""
    return person is not None and bool(ROLES.get(person.role, frozenset()) & _STAFF)
