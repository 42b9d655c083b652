"""The journey of a comment: every state and every move, as data."""

from participation.comments.model import Comment, CommentStep
from participation.journey import Journey, Move, State
from participation.people.rights import Right

_STATEMENT = frozenset({"statement"})
_REASON = frozenset({"reason", "statement"})

COMMENT = Journey(
    name="comment",
    table=Comment,
    steps=CommentStep,
    states=(
        State("draft", waits_for="author"),
        State("submitted", waits_for="moderation", author_changes=True),
        State("returned", waits_for="author", author_changes=True),
        State("published", public=True),
        State("rejected", author_changes=True),
        State("withdrawn"),
        State("hidden"),
    ),
    moves=(
        Move("submit", ("draft", "returned", "rejected"), "submitted", Right.COMMENT_SUBMIT, by="author"),
        Move("withdraw", ("submitted", "returned", "published"), "withdrawn", Right.COMMENT_SUBMIT,
             by="author"),
        Move("take_over", ("draft",), "published", None, by="system"),  # imported from another platform
        Move("hand_in", ("draft",), "submitted", None, by="system"),  # imported, to be moderated here
        Move("publish", ("submitted",), "published", Right.ENTRY_DECIDE),
        Move("return", ("submitted",), "returned", Right.ENTRY_DECIDE, _STATEMENT),
        Move("reject", ("submitted",), "rejected", Right.ENTRY_DECIDE, _REASON),
        Move("hide", ("published",), "hidden", Right.ENTRY_DECIDE, _REASON),
        Move("reinstate", ("rejected", "hidden"), "published", Right.ENTRY_DECIDE, _STATEMENT),
        Move("publish_trusted", ("submitted",), "published", None, by="system"),
        Move("hide_reported", ("published",), "hidden", None, by="system"),
        Move("stay_hidden", ("hidden",), "hidden", None),  # a moderator upholds the reports that hid it
    ),
)
