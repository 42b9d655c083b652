"""The journey of an idea: every state and every move, as data.

A state stands here only when a person can reach it. An appeal against a decision has a journey of its own
(`moderation/journey.py`); what it leads to is the move `reinstate`.
"""

from participation.ideas.model import Idea, IdeaEdit, IdeaEditStep, IdeaStep
from participation.journey import Journey, Move, State
from participation.people.rights import Right

_STATEMENT = frozenset({"statement"})
_REASON = frozenset({"reason", "statement"})
_BENEFIT = frozenset({"benefit", "who_benefits"})

IDEA = Journey(
    name="idea",
    table=Idea,
    steps=IdeaStep,
    states=(
        State("draft", waits_for="author", author_changes=True),
        State("submitted", waits_for="moderation", author_changes=True),
        State("returned", waits_for="author", author_changes=True),
        State("rejected", author_changes=True),
        State("withdrawn"),
        State("merged", public=True),
        State("published", public=True, takes_support=True, gathers=True, takes_comments=True),
        State("hidden"),
        State("declined", public=True),
        State("archived", public=True),
        State("accepted", public=True, waits_for="pool", takes_support=True, takes_comments=True),
        State("received", public=True, waits_for="pool", takes_support=True, takes_comments=True),
        State("check_passed", public=True, waits_for="pool", takes_support=True, takes_comments=True),
        State("check_failed", public=True, waits_for="pool", takes_comments=True),
        State("rated", public=True, waits_for="pool", takes_support=True, takes_comments=True),
        State("planned", public=True, waits_for="pool", takes_support=True, takes_comments=True),
        State("under_way", public=True, waits_for="pool", takes_comments=True),
        State("done", public=True, takes_comments=True),
        State("not_pursued", public=True),
    ),
    moves=(
        Move("submit", ("draft", "returned", "rejected"), "submitted", Right.IDEA_CHANGE, by="author"),
        Move("take_over", ("draft",), "published", None, by="system"),  # imported from another platform
        Move("hand_in", ("draft",), "submitted", None, by="system"),  # imported, to be moderated here
        Move("enter", ("draft",), "submitted", Right.IDEA_ENTER, by="city"),  # for somebody without an account
        Move("withdraw", ("draft", "submitted", "returned", "published"), "withdrawn", Right.IDEA_WITHDRAW,
             by="author"),
        Move("publish", ("submitted",), "published", Right.ENTRY_DECIDE),
        Move("return", ("submitted",), "returned", Right.ENTRY_DECIDE, _STATEMENT),
        Move("reject", ("submitted",), "rejected", Right.ENTRY_DECIDE, _REASON),
        Move("accept", ("published",), "accepted", Right.IDEA_ACCEPT, _BENEFIT),
        Move("decline", ("published",), "declined", Right.ENTRY_DECIDE, _STATEMENT),
        Move("merge", ("submitted", "published"), "merged", Right.ENTRY_DECIDE, frozenset({"target"})),
        Move("hide", ("published", "declined", "archived", "merged"), "hidden", Right.ENTRY_DECIDE, _REASON),
        Move("reinstate", ("rejected", "hidden"), "published", Right.ENTRY_DECIDE, _STATEMENT),
        Move("unmerge", ("merged",), "published", Right.ENTRY_DECIDE, _STATEMENT),
        Move("publish_trusted", ("submitted",), "published", None, by="system"),
        Move("hide_reported", ("published",), "hidden", None, by="system"),
        Move("stay_hidden", ("hidden",), "hidden", None),  # a moderator upholds the reports that hid it
        Move("archive", ("published", "declined"), "archived", Right.ENTRY_DECIDE, _STATEMENT),
        Move("receive", ("accepted",), "received", None, by="system"),
        Move("pass", ("received",), "check_passed", Right.IDEA_ANSWER, _STATEMENT),
        Move("fail", ("received",), "check_failed", Right.IDEA_ANSWER, _STATEMENT),
        Move("rate", ("check_passed",), "rated", Right.IDEA_ANSWER, _STATEMENT),
        Move("plan", ("rated",), "planned", Right.IDEA_ANSWER, _STATEMENT),
        Move("start", ("planned",), "under_way", Right.IDEA_ANSWER, _STATEMENT),
        Move("complete", ("under_way",), "done", Right.IDEA_ANSWER, _STATEMENT),
        Move("recheck", ("check_failed", "not_pursued"), "received", Right.IDEA_ANSWER, _STATEMENT),
        Move("drop", ("check_failed", "rated", "planned", "under_way"), "not_pursued", Right.IDEA_ANSWER, _STATEMENT),
    ),
)

# The states in which an idea belongs to the pool's desk.
POOL_STATES = tuple(dict.fromkeys(
    state for move in IDEA.moves if move.right is Right.IDEA_ANSWER for state in (*move.come_from, move.to)))

EDIT = Journey(
    name="edit",
    table=IdeaEdit,
    steps=IdeaEditStep,
    states=(
        State("draft", waits_for="author"),
        State("submitted", waits_for="moderation"),
        State("applied"),
        State("refused"),
        State("withdrawn"),
    ),
    moves=(
        Move("submit", ("draft",), "submitted", Right.IDEA_CHANGE, by="author"),
        Move("withdraw", ("submitted",), "withdrawn", Right.IDEA_CHANGE, by="author"),
        Move("apply", ("submitted", "refused"), "applied", Right.ENTRY_DECIDE),
        Move("refuse", ("submitted",), "refused", Right.ENTRY_DECIDE, _REASON),
    ),
)
