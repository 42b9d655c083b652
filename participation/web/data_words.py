"""What the tables declare about personal data, in words for the person it is about.

Each declared text is the key of a friendlier one; a declaration that has none yet is shown as it stands, so that
nothing is kept back, and the house's tests ask for its words.
"""

from typing import Any

from flask_babel import lazy_gettext

from participation.database import ACTED

GROUPS: tuple[tuple[Any, tuple[str, ...]], ...] = (
    (lazy_gettext("Your account"), ("person", "sign_in_code")),
    (lazy_gettext("Your ideas"), ("idea", "idea_version", "idea_edit", "co_author", "idea_draft")),
    (lazy_gettext("Your comments"), ("comment", "comment_version")),
    (lazy_gettext("What you support and follow"), ("support", "follow")),
    (lazy_gettext("Letters to you"), ("notice",)),
    (lazy_gettext("Decisions, reports and appeals"), ("decision", "report", "appeal")),
    (lazy_gettext("What you translated"), ("translation", "translation_offer")),
    (lazy_gettext("What you told us about barriers"), ("feedback",)),
)
# Steps that people make themselves are beside those of staff in these tables.
STEPS: tuple[Any, tuple[str, ...]] = (lazy_gettext("What happened with what you wrote"),
                                      ("idea_step", "comment_step", "idea_edit_step", "appeal_step"))
STAFF: Any = lazy_gettext("What you do as staff")
OTHER: Any = lazy_gettext("Other things")

_DID: Any = lazy_gettext("What you did with entries and records, and when")
_KEPT_WITH_IT: Any = lazy_gettext("As long as the entry is kept")
_ERASED: Any = lazy_gettext("Until your account is erased")
_LOOKED: Any = lazy_gettext("When you last opened “My page”, and when the time before")
_CREDIT: Any = lazy_gettext("To ask you, to tell you what becomes of it, and to name you as its author")
_STAFF_ANSWER: Any = lazy_gettext("Because staff answer for what they do")
_ANSWERED: Any = lazy_gettext("So that you get the answer")
_DECIDED: Any = lazy_gettext("Until it is decided")
_CHANGED: Any = lazy_gettext("Until you change it")
_BEGUN: Any = lazy_gettext("An idea that you have begun and not sent yet")
_GO_ON: Any = lazy_gettext("So that you can go on where you stopped")
_COUNTED: Any = lazy_gettext("To count supporters per district")

SAID: dict[str, Any] = {
    # what
    "e-mail address": lazy_gettext("Your e-mail address"),
    "e-mail address a code was sent to": lazy_gettext("The address to which you were sent a code for signing in"),
    "name shown beside contributions": lazy_gettext("The name that stands beside what you write"),
    "language of letters": lazy_gettext("The language of our letters to you"),
    "says they live in the city": lazy_gettext("Whether you live in the city"),
    "home district": lazy_gettext("The district you live in"),
    "may not propose or comment until then": lazy_gettext("Until when your account is blocked, if it is"),
    "wants to be told what becomes of ideas they support": lazy_gettext(
        "Whether you want to be told what becomes of ideas you support"),
    "when you last opened your page": _LOOKED,
    "when you opened it the time before": _LOOKED,
    "text a person wrote": lazy_gettext("The texts you wrote, also earlier versions"),
    "who proposed it": lazy_gettext("That you proposed an idea"),
    "name of somebody without an account": lazy_gettext("The name under which staff entered an idea for somebody"),
    "who proposed the change": lazy_gettext("That you asked for a change"),
    "whose idea was merged": lazy_gettext("That your idea was merged into another one"),
    "who wrote it": lazy_gettext("That you wrote a comment"),
    "who supports it": lazy_gettext("That you support an idea"),
    "home district of a supporter": lazy_gettext("Your district when you gave your support"),
    "who follows it": lazy_gettext("That you follow an idea, or want to hear no more of it"),
    "who is told": lazy_gettext("Which letters you were sent, and when"),
    "address of somebody without an account": lazy_gettext("An address that has no account, for one letter"),
    "whose entry was decided on": lazy_gettext("Decisions on what you wrote, with their reasons"),
    "who reported": lazy_gettext("That you reported something"),
    "address of somebody not signed in": lazy_gettext("The address you gave with a report without signing in"),
    "who appeals": lazy_gettext("That you appealed"),
    "what you told us about a barrier": lazy_gettext("What you told us about a barrier"),
    "address for the answer to what you told us about a barrier": lazy_gettext(
        "Your address, if you gave one for an answer"),
    "whose view it is": lazy_gettext("Lists of the idea pool that you saved"),
    "who translated": lazy_gettext("That you translated something"),
    "who made a step": lazy_gettext("Which steps of an entry you made"),
    "who has claimed it": _DID,
    "who issued it": _DID,
    "who entered it for somebody": _DID,
    "who paused the delivery": _DID,
    "who of the office works on it": _DID,
    "which member of staff did it": _DID,
    "who of the office did it": _DID,
    "who checked": _DID,
    "who rated": _DID,
    "who recorded it": _DID,
    "who entered it": _DID,
    "who is responsible": _DID,
    "who prepared it": _DID,
    "who of the staff dealt with it": _DID,
    "how often they want e-mails about ideas they support or follow": lazy_gettext(
        "How often we write to you about ideas you support or follow"),
    "place a person chose": lazy_gettext("Where it belongs"),
    "an idea that is not sent yet": _BEGUN,
    "who is writing it": _BEGUN,
    "who looked at it": _DID,
    # why
    "to sign in and to be told": lazy_gettext("So that you can sign in and be told"),
    "chosen by the person": lazy_gettext("Because you chose it"),
    "to be understood": lazy_gettext("So that you understand them"),
    "the quorum counts supporters from the city": lazy_gettext("Because only supporters from the city count towards "
                                                               "the number at which it deals with an idea first"),
    "supporters per district": _COUNTED,
    "counts per district": _COUNTED,
    "to keep a decision of the moderation": lazy_gettext("To carry out a decision of the moderators"),
    "to be told what they chose": lazy_gettext("So that you are told what you chose"),
    "to show what is new since then": lazy_gettext("To show you what is new since then"),
    "it is the contribution itself": lazy_gettext("It is your contribution itself"),
    "to be asked, told and credited": _CREDIT,
    "to be credited, as they agreed": _CREDIT,
    "to be told": _CREDIT,
    "to be told and credited": _CREDIT,
    "one person, one support": lazy_gettext("So that each person counts once"),
    "to send the letter": lazy_gettext("To send you the letter, and only once"),
    "to send the code to": lazy_gettext("To send you the code for signing in"),
    "to be told and to appeal": lazy_gettext("So that you are told and can appeal"),
    "to get the receipt and the answer": _ANSWERED,
    "to get the answer": _ANSWERED,
    "to decide on it": lazy_gettext("So that it can be decided on"),
    "to take the barrier away": lazy_gettext("To take the barrier away"),
    "to answer you": _ANSWERED,
    "to show it to them": lazy_gettext("To show them to you"),
    "to be asked and named": _CREDIT,
    "to be told and named": _CREDIT,
    "to be told as they chose": lazy_gettext("So that you are told what you chose"),
    "it says where the idea is": lazy_gettext("It is your contribution itself"),
    "to be looked at by staff": lazy_gettext("So that it can be decided on"),
    "so that nothing written is lost": _GO_ON,
    "to go on writing on another device": _GO_ON,
    "to be asked": _STAFF_ANSWER,
    "to answer for it": _STAFF_ANSWER,
    "to answer for a decision": _STAFF_ANSWER,
    "to be asked about it": _STAFF_ANSWER,
    "to ask about it": _STAFF_ANSWER,
    "to divide the work": _STAFF_ANSWER,
    "the office's own record of its work": _STAFF_ANSWER,
    # how long
    "until erased": _ERASED,
    "until it ends": lazy_gettext("Until it ends"),
    "as long as the idea": _KEPT_WITH_IT,
    "as long as the entry": _KEPT_WITH_IT,
    "as long as the record": _KEPT_WITH_IT,
    "as long as the token": _KEPT_WITH_IT,
    "as long as the person": _ERASED,
    "until it is sent": lazy_gettext("Until the letter is sent"),
    "until taken back": _CHANGED,
    "until answered": _DECIDED,
    "until deleted": _CHANGED,
    "until it goes on": _DECIDED,
    "until it is decided": _DECIDED,
    "the city's days for drafts": lazy_gettext("For some days after you last wrote in it"),
    "a month after it was looked at": lazy_gettext("For a month after staff have read it"),
    "one day": lazy_gettext("One day"),
    "one year": lazy_gettext("One year"),
}

_ENDS: dict[str, Any] = {
    "delete": lazy_gettext("It is deleted."),
    "blank": lazy_gettext("It is removed; nothing leads to you any more."),
    "keep": lazy_gettext("The text stays, without your name."),
}


def said(declared: str) -> str:
    """A declared text in words for the person; the text itself where there are none yet."""
    return str(SAID.get(declared, declared))


def ends_words(ends: str) -> str:
    """What erasing an account does to a column."""
    return str(_ENDS[ends])


def group_of(table: str, whose: str) -> str:
    """The heading under which a table's data is shown; "" for what staff alone have."""
    if table in STEPS[1]:
        return str(STEPS[0])
    if whose == ACTED or table == "pool_saved_view":
        return ""
    return str(next((name for name, tables in GROUPS if table in tables), OTHER))


def in_order() -> tuple[str, ...]:
    """The headings in the order in which they stand on a page."""
    return tuple(str(name) for name in (*(name for name, _ in GROUPS), STEPS[0], OTHER, STAFF))
