"""Secrets with which programs ask for what a person has allowed them: issued, looked at, revoked.

A secret is shown once and only its digest is kept: its 256 random bits need no salt and no slow hash, and a
copy of the database opens nothing.
"""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.people.model import ApiToken, Person
from participation.people.rights import Right, may
from participation.text import one_line

# What a program can be allowed; whoever issues a token chooses among these. The operator's command offers the first
# alone, because a program answers in the name of the person who issued its token.
SCOPES = (Right.RECORDS_EXPORT, Right.IDEA_ANSWER)
NAME_MAX = 80
PAGE = 25
_PREFIX = "pt_"  # so that scanners and people recognise one that strayed into a log or a repository
_HINT = 8
_SECRET_MAX = 200
_NOTED_EVERY = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class TokenRow:
    """A token as it is listed; `by` is "" where nobody signed in issued it."""

    id: int
    name: str
    hint: str
    scopes: tuple[str, ...]
    created_at: datetime
    by: str
    last_used_at: datetime | None
    revoked_at: datetime | None


def issue(session: Session, by: Person | None, name: str, scopes: Sequence[str], now: datetime) -> tuple[ApiToken, str]:
    """Make a token; its row and its secret, which can never be had again. `by` is None for the operator's command.

    Raises NotAllowed, Invalid for a missing name or scope, and Conflict while a token of that name is in use: so the
    second click of a double click, and a page sent again, issue nothing.
    """
    if by is not None:
        _allowed(by)
        session.get(Person, by.id, with_for_update=True)  # their second click waits for the first
    name = one_line(name)
    if not name:
        raise Invalid("name", "required")
    if len(name) > NAME_MAX:
        raise Invalid("name", "too_long", limit=NAME_MAX, length=len(name))
    if not scopes:
        raise Invalid("scopes", "required")
    if unknown := [scope for scope in scopes if scope not in SCOPES]:
        raise Invalid("scopes", "unknown_scope", scope=unknown[0], offered=", ".join(SCOPES))
    if session.scalar(select(ApiToken.id).where(ApiToken.name == name, ApiToken.revoked_at.is_(None)).limit(1)):
        raise Conflict("known_token", name=name)
    secret = _PREFIX + secrets.token_urlsafe(32)
    token = ApiToken(name=name, scopes=" ".join(dict.fromkeys(scopes)), digest=_digest(secret), hint=secret[:_HINT],
                     created_at=now, created_by_id=by.id if by else None)
    session.add(token)
    session.flush()
    return token, secret


def revoke(session: Session, by: Person | None, token_id: int, now: datetime) -> ApiToken:
    """End a token at once; one that is revoked stays as it is. Raises NotAllowed or NotThere."""
    if by is not None:
        _allowed(by)
    token = session.get(ApiToken, token_id, with_for_update=True)
    if token is None:
        raise NotThere("unknown_token")
    token.revoked_at = token.revoked_at or now
    return token


def bearer(session: Session, header: str, scope: Right, now: datetime) -> ApiToken:
    """The token of an Authorization header. Raises NotAllowed: no_token, unknown_token, revoked_token, or
    token_scope when the token is good and does not allow that."""
    kind, _, secret = header.strip().partition(" ")
    if kind.lower() != "bearer" or not secret.strip():
        raise NotAllowed("no_token")
    secret = secret.strip()
    if len(secret) > _SECRET_MAX or not secret.isascii():
        raise NotAllowed("unknown_token")
    # Looked up by its digest: how long that takes tells nothing about any other secret.
    token = session.scalar(select(ApiToken).where(ApiToken.digest == _digest(secret)))
    if token is None:
        raise NotAllowed("unknown_token")
    if token.revoked_at is not None and token.revoked_at <= now:
        raise NotAllowed("revoked_token")
    if scope not in token.scopes.split():
        raise NotAllowed("token_scope", scope=str(scope))
    return token


def acting(session: Session, token: ApiToken, scope: Right) -> Person:
    """In whose name a program acts: whoever issued its token, as long as they may do it themselves. Raises
    NotAllowed("token_person")."""
    person = session.get(Person, token.created_by_id) if token.created_by_id is not None else None
    if person is None or not may(person, scope):
        raise NotAllowed("token_person")
    return person


def due_to_note(token: ApiToken, now: datetime) -> bool:
    """Whether the last use is old enough to be noted again: a program that asks every second writes once a minute."""
    return token.last_used_at is None or token.last_used_at <= now - _NOTED_EVERY


def used(session: Session, token_id: int, now: datetime) -> None:
    """Note that a token was used just now, unless somebody has within this minute."""
    session.execute(update(ApiToken).where(ApiToken.id == token_id, or_(
        ApiToken.last_used_at.is_(None), ApiToken.last_used_at <= now - _NOTED_EVERY)).values(last_used_at=now))


def listed(session: Session, before: int | None = None, limit: int = PAGE) -> tuple[list[TokenRow], int | None]:
    """A page of the tokens, newest first, and the id to go on behind (None at the end)."""
    query = (select(ApiToken, Person.name, Person.email).outerjoin(Person, Person.id == ApiToken.created_by_id)
             .order_by(ApiToken.id.desc()).limit(limit + 1))
    if before is not None:
        query = query.where(ApiToken.id < before)
    rows = [_row(token, name or email or "") for token, name, email in session.execute(query)]
    return rows[:limit], rows[limit - 1].id if len(rows) > limit else None


def one(session: Session, token_id: int) -> TokenRow:
    """A token as it is listed; raises NotThere."""
    token = session.get(ApiToken, token_id)
    if token is None:
        raise NotThere("unknown_token")
    return _row(token, "")


def named(session: Session, text: str) -> int:
    """The id of the token that an operator names by its number or its beginning. Raises NotThere, and Conflict when
    several begin like this."""
    if text.isascii() and text.isdecimal() and len(text) < 10:
        return one(session, int(text)).id
    found = session.scalars(select(ApiToken.id).where(ApiToken.hint == text).limit(2)).all()
    if not found:
        raise NotThere("unknown_token")
    if len(found) > 1:
        raise Conflict("several_tokens", hint=text)
    return found[0]


def _allowed(by: Person) -> None:
    answer = may(by, Right.TOKENS_ISSUE)
    if not answer:
        raise NotAllowed(answer.why, right=str(Right.TOKENS_ISSUE))


def _row(token: ApiToken, by: str) -> TokenRow:
    return TokenRow(token.id, token.name, token.hint, tuple(token.scopes.split()), token.created_at, by,
                    token.last_used_at, token.revoked_at)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()
