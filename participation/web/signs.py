"""The signs that stand beside words: which of KERN's icons goes with which move of an idea."""

# Written out, because the build keeps of KERN what it finds so. Other moves bear the sign of something done.
_ICONS = {move: icon.removeprefix("kern-icon--") for icon, moves in {
    "kern-icon--mail": ("submit", "enter", "hand_in", "take_over", "receive"),
    "kern-icon--visibility": ("publish", "publish_trusted", "reinstate", "unmerge"),
    "kern-icon--close": ("reject", "decline", "hide", "hide_reported", "stay_hidden", "fail", "drop", "withdraw"),
    "kern-icon--help": ("return", "recheck"),
    "kern-icon--calendar-today": ("plan",),
    "kern-icon--autorenew": ("start",),
    "kern-icon--arrow-forward": ("merge",),
}.items() for move in moves}


def move_icon(key: str) -> str:
    """The sign of a move on the timeline, by KERN's name for it."""
    return _ICONS.get(key, "check")
