"""Moderation's keys into words: kinds of entries, hints, causes. Every sentence stands whole."""

from typing import Any

from flask_babel import lazy_gettext

from moderation.pages.queue import blueprint

KINDS: dict[str, tuple[Any, Any]] = {  # many, one
    "idea": (lazy_gettext("Ideas"), lazy_gettext("Idea")),
    "comment": (lazy_gettext("Comments"), lazy_gettext("Comment")),
    "edit": (lazy_gettext("Changes"), lazy_gettext("Change")),
    "report": (lazy_gettext("Reports"), lazy_gettext("Report")),
    "appeal": (lazy_gettext("Appeals"), lazy_gettext("Appeal")),
    "person": (lazy_gettext("Accounts"), lazy_gettext("Account")),
    "quorum": (lazy_gettext("With quorum, undecided"), lazy_gettext("With quorum, undecided")),
    "confirm": (lazy_gettext("To be confirmed"), lazy_gettext("To be confirmed")),
}

HINTS: dict[str, tuple[Any, Any]] = {  # name, what it means
    "similar": (lazy_gettext("Similar"), lazy_gettext("There are ideas that say something like it; they stand below.")),
    "copied": (lazy_gettext("Copied"), lazy_gettext("Nearly the same text was sent before.")),
    "email": (lazy_gettext("E-mail address"), lazy_gettext("It seems to hold an e-mail address.")),
    "phone": (lazy_gettext("Telephone"), lazy_gettext("It seems to hold a telephone number.")),
    "iban": (lazy_gettext("Bank account"), lazy_gettext("It seems to hold the number of a bank account.")),
    "plate": (lazy_gettext("Number plate"), lazy_gettext("It seems to hold a car’s number plate.")),
    "address": (lazy_gettext("Address"),
                lazy_gettext("It names a street with a house number; perhaps somebody lives there.")),
    "links": (lazy_gettext("Link"), lazy_gettext("Nothing of this author was public before, and it links elsewhere: "
                                                 "perhaps advertising.")),
    "shouting": (lazy_gettext("Shouting"),
                 lazy_gettext("Much of it is in capitals, or it has rows of exclamation marks.")),
    "language": (lazy_gettext("Language"), lazy_gettext("It seems to be written in another language than it says.")),
    "rude": (lazy_gettext("Rude word"), lazy_gettext("It holds a word from the city’s list of insults.")),
}

CAUSES: dict[str, Any] = {
    "author": lazy_gettext("Changed by the author"),
    "edit": lazy_gettext("Change of the author, checked"),
    "mask": lazy_gettext("A part was masked"),
    "correction": lazy_gettext("Corrected by the moderation"),
    "undo": lazy_gettext("A decision was undone"),
}

WAITING: dict[str, Any] = {
    "quorum": lazy_gettext("Enough supporters: to be decided first"),
    "confirm": lazy_gettext("A second moderator is asked"),
    "check": lazy_gettext("Published at once, to be checked"),
}

ORIGINS: dict[str, Any] = {
    "letter": lazy_gettext("By letter"),
    "call": lazy_gettext("By telephone"),
    "workshop": lazy_gettext("At a workshop"),
}


@blueprint.app_context_processor
def words() -> dict[str, Any]:
    """The words, for moderation's templates."""
    return {"kind_name": lambda key: str(KINDS[key][0]), "kind_one": lambda key: str(KINDS[key][1]),
            "hint_name": lambda key: str(HINTS[key][0]), "hint_meaning": lambda key: str(HINTS[key][1]),
            "cause_name": lambda key: str(CAUSES[key]), "cause_of_waiting": lambda key: str(WAITING[key]),
            "origin_name": lambda key: str(ORIGINS.get(key, key))}
