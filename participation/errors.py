"""What can go wrong, in the words of the house and without HTTP.

Rules raise these; `web/errors.py` alone turns them into a page or a problem document, in the
person's language. They carry keys and numbers, never sentences and never personal data.
"""


class Trouble(Exception):
    """Anything the house foresees to go wrong. `why` is a key that `web/words.py` has a sentence for."""

    def __init__(self, why: str, **values: object) -> None:
        super().__init__(why)
        self.why = why
        self.values = values


class Invalid(Trouble):
    """What somebody entered breaks a rule; `field` names the form field it belongs to."""

    def __init__(self, field: str, why: str, **values: object) -> None:
        super().__init__(why, **values)
        self.field = field
        self.others: tuple[Invalid, ...] = ()

    @property
    def all(self) -> "tuple[Invalid, ...]":
        """This and everything else that is wrong with the same input, in the order of its fields."""
        return (self, *self.others)


def length_problem(field: str, text: str, least: int, most: int) -> Invalid | None:
    """What is wrong with a cleaned text's length, in characters, not bytes; None when nothing is."""
    if not text:
        return Invalid(field, "required")
    if len(text) < least:
        return Invalid(field, "too_short", limit=least, length=len(text))
    if len(text) > most:
        return Invalid(field, "too_long", limit=most, length=len(text))
    return None


def refuse(problems: "list[Invalid]") -> None:
    """Raise the first problem with the others behind it, so that a form can show all at once."""
    if problems:
        problems[0].others = tuple(problems[1:])
        raise problems[0]


class NotAllowed(Trouble):
    """The person lacks the right; `why` is the right that was asked for or a reason key."""


class NotThere(Trouble):
    """What was asked for does not exist, or may not be known to exist by this person."""


class Conflict(Trouble):
    """The thing has changed meanwhile: the move is no longer possible from where it stands."""


class Unsafe(Trouble):
    """A setting or a file that the house refuses to start with."""

    def __str__(self) -> str:
        return str(self.values.get("what", self.why))
