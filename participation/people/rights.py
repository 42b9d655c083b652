"""Every right and every role, on one page.

A right reads scope:thing:act. Rights on one's own things ask, besides the role, that the thing is
one's own. `may` is the only question anybody asks; its answer carries the reason.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from participation.errors import NotAllowed
from participation.people.model import Person


class Right(StrEnum):
    """What can be done here; the sentence beside each is what the documentation prints."""

    IDEA_PROPOSE = "idea:any:propose"
    IDEA_SUPPORT = "idea:any:support"
    IDEA_COMMENT = "idea:any:comment"
    IDEA_CHANGE = "idea:own:change"
    IDEA_WITHDRAW = "idea:own:withdraw"
    TRANSLATION_OFFER = "translation:any:offer"
    COMMENT_SUBMIT = "comment:own:submit"
    DECISION_APPEAL = "decision:own:appeal"
    QUEUE_SEE = "moderation:queue:see"
    ENTRY_DECIDE = "moderation:entry:decide"
    IDEA_ACCEPT = "moderation:idea:accept"
    IDEA_ENTER = "moderation:idea:enter"
    RECORDS_SEE = "pool:records:see"
    RECORDS_EXPORT = "pool:records:export"
    RECORD_WORK = "pool:record:work"
    RECORD_ASSESS = "pool:record:assess"
    IDEA_ANSWER = "pool:idea:answer"
    DELIVERY_STEER = "pool:delivery:steer"
    TOKENS_ISSUE = "pool:tokens:issue"
    TEXT_TRANSLATE = "translation:text:write"
    FEEDBACK_SEE = "feedback:any:see"


MEANING: dict[Right, str] = {
    Right.IDEA_PROPOSE: "propose an idea",
    Right.IDEA_SUPPORT: "support an idea and take that back",
    Right.IDEA_COMMENT: "comment on an idea, answer a comment",
    Right.IDEA_CHANGE: "change one's own idea while it waits, and send a returned one again",
    Right.IDEA_WITHDRAW: "withdraw one's own idea",
    Right.TRANSLATION_OFFER: "translate one's own idea, offer a translation of another's idea or comment",
    Right.COMMENT_SUBMIT: "send one's own comment to moderation",
    Right.DECISION_APPEAL: "appeal against a decision on one's own entry",
    Right.QUEUE_SEE: "see what waits for moderation",
    Right.ENTRY_DECIDE: "decide on an entry: publish, return, reject, hide, merge, decline, reports, appeals",
    Right.IDEA_ACCEPT: "accept a published idea for the idea pool",
    Right.IDEA_ENTER: "enter an idea for somebody who wrote, called or came to a workshop",
    Right.RECORDS_SEE: "see the records of the idea pool",
    Right.RECORDS_EXPORT: "download the records of the idea pool",
    Right.RECORD_WORK: "divide and discuss the work on a record, tag it, keep projects",
    Right.RECORD_ASSESS: "check and rate a record, enter what boards decided",
    Right.DELIVERY_STEER: "pause, resume and repeat the delivery of records",
    Right.TOKENS_ISSUE: "issue and revoke the tokens of programs",
    Right.TEXT_TRANSLATE: "translate what the city answered",
    Right.FEEDBACK_SEE: "see what people could not use here, and note that it is dealt with",
    Right.IDEA_ANSWER: "move an accepted idea on and answer its author publicly",
}

_RESIDENT = frozenset({Right.IDEA_PROPOSE, Right.IDEA_SUPPORT, Right.IDEA_COMMENT, Right.IDEA_CHANGE,
                       Right.IDEA_WITHDRAW, Right.TRANSLATION_OFFER, Right.COMMENT_SUBMIT,
                       Right.DECISION_APPEAL})
_MODERATOR = frozenset({Right.QUEUE_SEE, Right.ENTRY_DECIDE, Right.IDEA_ACCEPT, Right.IDEA_ENTER,
                        Right.FEEDBACK_SEE})
_CDO = frozenset({Right.RECORDS_SEE, Right.RECORDS_EXPORT, Right.RECORD_WORK, Right.RECORD_ASSESS, Right.IDEA_ANSWER,
                  Right.DELIVERY_STEER, Right.TEXT_TRANSLATE, Right.FEEDBACK_SEE})
_ADMIN = frozenset({Right.TOKENS_ISSUE})

ROLES: dict[str, frozenset[Right]] = {
    "resident": _RESIDENT,
    "moderator": _RESIDENT | _MODERATOR,
    "cdo": _RESIDENT | _CDO,
    "admin": _RESIDENT | _MODERATOR | _CDO | _ADMIN,
}

_STAFF = _MODERATOR | _CDO | _ADMIN


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


def refuse_blocked(person: Person, now: datetime) -> None:
    """Raises NotAllowed("blocked") while the person may not contribute, by a decision they can appeal."""
    if person.blocked_until is not None and person.blocked_until > now:
        raise NotAllowed("blocked", until=person.blocked_until)


def in_scope(person: Person, field: str, district: str | None) -> bool:
    """Whether entries of that field and district are this moderator's to decide on; those that name none are
    everybody's. Somebody limited to districts also sees what concerns the whole city."""
    fields, districts = person.fields.split(), person.districts.split()
    return (not fields or not field or field in fields) and (not districts or not district or district in districts)


def is_staff(person: Person | None) -> bool:
    """Whether the person has any right that residents have not."""
    return person is not None and bool(ROLES.get(person.role, frozenset()) & _STAFF)
