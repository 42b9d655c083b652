"""The journeys of a case of reports and of an appeal: every state and every move, as data."""

from moderation.model import Appeal, AppealStep, ReportCase, ReportCaseStep
from participation.journey import Journey, Move, State
from participation.people.rights import Right

_STATEMENT = frozenset({"statement"})
_REASON = frozenset({"reason", "statement"})

REPORT = Journey(
    name="report",
    table=ReportCase,
    steps=ReportCaseStep,
    states=(
        State("draft"),
        State("open", waits_for="moderation"),
        State("upheld"),
        State("dismissed"),
    ),
    moves=(
        Move("open", ("draft",), "open", None, by="system"),
        Move("uphold_report", ("open",), "upheld", Right.ENTRY_DECIDE, _REASON),
        Move("dismiss", ("open",), "dismissed", Right.ENTRY_DECIDE, _STATEMENT),
    ),
)

APPEAL = Journey(
    name="appeal",
    table=Appeal,
    steps=AppealStep,
    states=(
        State("draft", waits_for="author"),
        State("filed", waits_for="moderation"),
        State("upheld", waits_for="author"),  # the decision stands; the author can reply once
        State("replied", waits_for="moderation"),
        State("closed"),
        State("reversed"),
    ),
    moves=(
        Move("file", ("draft",), "filed", Right.DECISION_APPEAL, by="author"),
        Move("reply", ("upheld",), "replied", Right.DECISION_APPEAL, by="author"),
        Move("reverse", ("filed", "replied"), "reversed", Right.ENTRY_DECIDE, _STATEMENT),
        Move("uphold", ("filed",), "upheld", Right.ENTRY_DECIDE, _STATEMENT),
        Move("close", ("replied",), "closed", Right.ENTRY_DECIDE, _STATEMENT),
    ),
)
