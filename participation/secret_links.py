"""The secret part of a link in a letter: derived from SECRET_KEY, the row's number and its salt, so that neither a
backup nor the outbox can give it away. Changing SECRET_KEY ends all of them."""

import hmac

_LONGEST = 10  # digits of a row's number


def token(kind: str, number: int, salt: str, secret: str) -> str:
    """The token of a row of that kind, as "7.1a2b…"."""
    seal = hmac.new(secret.encode(), f"{kind}|{number}|{salt}".encode(), "sha256").hexdigest()[:40]
    return f"{number}.{seal}"


def number_of(text: str) -> int:
    """The number of the row that a token names; 0 for what is no token."""
    number = text.partition(".")[0]
    return int(number) if number.isascii() and number.isdecimal() and len(number) < _LONGEST else 0


def opens(text: str, kind: str, number: int, salt: str, secret: str) -> bool:
    """Whether the token is that of the row; compared in the same time whatever is wrong with it."""
    return hmac.compare_digest(token(kind, number, salt, secret).encode(), text.encode())
