"""Keys into sentences: states, moves, troubles. Below the web nobody speaks; here is what they mean.

Every sentence stands whole, so that each language can say it its own way.
"""

from dataclasses import dataclass
from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext

from participation.errors import Trouble


@dataclass(frozen=True, slots=True)
class StateWords:
    """A state for people: its name, what it means, and a tone whose icon and colour go with the words."""

    name: Any
    meaning: Any
    tone: str = "info"

    @property
    def icon(self) -> str:
        """KERN's icon for the tone."""
        return {"neutral": "info"}.get(self.tone, self.tone)


STATES: dict[str, StateWords] = {
    "draft": StateWords(lazy_gettext("Draft"), lazy_gettext("Not sent yet."), "neutral"),
    "submitted": StateWords(lazy_gettext("Waiting for moderation"),
                            lazy_gettext("A moderator will read it and decide."), "warning"),
    "returned": StateWords(lazy_gettext("Question to the author"),
                           lazy_gettext("A moderator has asked the author something."), "warning"),
    "rejected": StateWords(lazy_gettext("Not published"),
                           lazy_gettext("A moderator has decided not to publish it and has given a reason."), "danger"),
    "withdrawn": StateWords(lazy_gettext("Withdrawn"), lazy_gettext("The author has taken it back."), "neutral"),
    "published": StateWords(lazy_gettext("Gathering support"),
                            lazy_gettext("Everyone can support it and discuss it."), "info"),
    "hidden": StateWords(lazy_gettext("Hidden"), lazy_gettext("A moderator has hidden it and has given a reason."),
                         "danger"),
    "declined": StateWords(lazy_gettext("Declined"), lazy_gettext("The city does not take it up and says why."),
                           "danger"),
    "archived": StateWords(lazy_gettext("Closed"), lazy_gettext("It is kept here to be read."), "neutral"),
    "accepted": StateWords(lazy_gettext("Accepted"), lazy_gettext("The city takes it into its idea pool."), "success"),
    "received": StateWords(lazy_gettext("In the idea pool"),
                           lazy_gettext("It has arrived at the office that checks it."), "success"),
    "check_passed": StateWords(lazy_gettext("First check passed"),
                               lazy_gettext("It meets the basic criteria of the city’s strategy."), "success"),
    "check_failed": StateWords(lazy_gettext("First check not passed"),
                               lazy_gettext("It does not meet all basic criteria; the answer says which."), "danger"),
    "rated": StateWords(lazy_gettext("Rated"), lazy_gettext("The office has rated how far the idea would carry."),
                        "success"),
    "planned": StateWords(lazy_gettext("Planned"), lazy_gettext("It is to become a project."), "success"),
    "under_way": StateWords(lazy_gettext("Under way"), lazy_gettext("The city is working on it."), "success"),
    "done": StateWords(lazy_gettext("Done"), lazy_gettext("It has become real."), "success"),
    "not_pursued": StateWords(lazy_gettext("Not pursued further"),
                              lazy_gettext("The city has stopped working on it and says why."), "danger"),
}

# What a move is called on a button for staff, and on the timeline for everyone.
MOVES: dict[str, tuple[Any, Any]] = {
    "submit": (lazy_gettext("Send"), lazy_gettext("Sent to the city")),
    "take_over": (lazy_gettext("Take over"), lazy_gettext("Taken over from another platform")),
    "hand_in": (lazy_gettext("Hand in"), lazy_gettext("Handed in from another platform")),
    "withdraw": (lazy_gettext("Withdraw"), lazy_gettext("Withdrawn by the author")),
    "publish": (lazy_gettext("Publish"), lazy_gettext("Published")),
    "return": (lazy_gettext("Return with a question"), lazy_gettext("Returned to the author with a question")),
    "reject": (lazy_gettext("Reject"), lazy_gettext("Not published")),
    "accept": (lazy_gettext("Accept for the idea pool"), lazy_gettext("Accepted for the idea pool")),
    "decline": (lazy_gettext("Decline with an answer"), lazy_gettext("Declined with an answer")),
    "hide": (lazy_gettext("Hide"), lazy_gettext("Hidden")),
    "archive": (lazy_gettext("Close"), lazy_gettext("Closed")),
    "receive": (lazy_gettext("Receive"), lazy_gettext("Arrived in the idea pool")),
    "pass": (lazy_gettext("First check passed"), lazy_gettext("First check passed")),
    "fail": (lazy_gettext("First check not passed"), lazy_gettext("First check not passed")),
    "rate": (lazy_gettext("Rated"), lazy_gettext("Rated by the office")),
    "plan": (lazy_gettext("Plan as a project"), lazy_gettext("Planned as a project")),
    "start": (lazy_gettext("Work begins"), lazy_gettext("Work has begun")),
    "complete": (lazy_gettext("Done"), lazy_gettext("Completed")),
    "drop": (lazy_gettext("Stop"), lazy_gettext("Not pursued further")),
}


def state_words(key: str) -> StateWords:
    """A state in words."""
    return STATES[key]


def move_button(key: str) -> str:
    """A move as staff choose it."""
    return str(MOVES[key][0])


def move_done(key: str) -> str:
    """A move as the timeline tells it."""
    return str(MOVES[key][1])


def sentence(trouble: Trouble) -> str:
    """What went wrong, as a sentence for the person in front of the page."""
    limit, length = _number(trouble.values.get("limit")), _number(trouble.values.get("length"))
    if trouble.why == "too_short":
        return str(ngettext("Please write at least %(num)d character.",
                            "Please write at least %(num)d characters.", limit))
    if trouble.why == "too_long":
        over = ngettext("This is %(num)d character too long.", "This is %(num)d characters too long.", length - limit)
        most = ngettext("At most %(num)d character fits.", "At most %(num)d characters fit.", limit)
        return f"{over} {most}"
    if trouble.why == "wrong_code":
        return str(ngettext("This code is not right. You have %(num)d more try.",
                            "This code is not right. You have %(num)d more tries.",
                            _number(trouble.values.get("left"))))
    return str(SENTENCES.get(trouble.why) or gettext("This did not work."))


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


SENTENCES: dict[str, Any] = {
    "required": lazy_gettext("Please fill this in."),
    "not_offered": lazy_gettext("Please choose one of the offered answers."),
    "not_an_email": lazy_gettext("Please enter an e-mail address such as name@example.org."),
    "spent_code": lazy_gettext("This code has expired or was used. Please ask for a new one."),
    "spent_link": lazy_gettext("This sign-in address has expired or was used."),
    "signed_out": lazy_gettext("Please sign in first."),
    "role": lazy_gettext("Your account may not do this."),
    "not_own": lazy_gettext("This belongs to somebody else."),
    "unknown_idea": lazy_gettext("There is no such idea here. Perhaps the address has a slip, "
                                 "or the idea is not public."),
    "unknown_comment": lazy_gettext("There is no such comment here."),
    "unknown_entry": lazy_gettext("There is no such entry here."),
    "unknown_record": lazy_gettext("There is no such record in the idea pool."),
    "unknown_page": lazy_gettext("This page of the list does not exist. Please begin with the first one."),
    "unknown_language": lazy_gettext("This site does not speak that language yet."),
    "unknown_move": lazy_gettext("This step does not exist."),
    "moved_on": lazy_gettext("Somebody else has decided meanwhile, so nothing was changed. "
                             "Please look at where it stands now."),
    "decided_meanwhile": lazy_gettext("It was decided meanwhile, so it can no longer be changed."),
    "text_changed": lazy_gettext("The author has changed the text since you opened it, so nothing was decided. "
                                 "Please read it again."),
    "takes_no_support": lazy_gettext("This idea is not gathering support any more."),
    "takes_no_comments": lazy_gettext("This idea does not take comments any more."),
}
