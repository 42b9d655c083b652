"""Signing in without a password: a one-time code by e-mail, or a one-time address from the operator.

The code is derived, not stored (see SignInCode). It holds for 15 minutes, five tries, one use, and
only in the browser that asked for it. The answer is the same for known and unknown addresses. That it ends soon is
what makes it safe (WCAG 2.2.1 calls that essential); a new one is one click away and loses nothing that was kept.
ASVS 5.0 6.6 (out-of-band codes: random, short-lived, used once, rate limited).
"""

import hashlib
import hmac
import secrets
import unicodedata
from dataclasses import dataclass
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from participation.database import touched
from participation.errors import Invalid, NotThere
from participation.outbox import URGENT, happened
from participation.people.model import Person, SignInCode

CODE_LASTS = timedelta(minutes=15)
LINK_LASTS = timedelta(hours=24)
TRIES = 5


@dataclass(frozen=True, slots=True)
class Attempt:
    """How entering a code ended: the person, or why not (wrong_code, spent_code) and the tries left."""

    person: Person | None
    why: str = ""
    left: int = 0


def address(text: str) -> str:
    """An e-mail address in the form it is stored and compared in; raises Invalid("email", …)."""
    try:
        return validate_email(text.strip(), check_deliverability=False, test_environment=True).normalized.lower()
    except EmailNotValidError as trouble:
        raise Invalid("email", "not_an_email") from trouble


def ask(session: Session, email: str, browser: str, language: str, now: datetime) -> SignInCode:
    """Ask for a code: the row is written, and the letter with the code follows as an outbox event."""
    code = SignInCode(email=address(email), salt=secrets.token_hex(16), browser=_digest(browser), language=language,
                      expires_at=now + CODE_LASTS, created_at=now)
    session.add(code)
    session.flush()
    happened(session, "code.asked", now, rank=URGENT, code_id=code.id)
    return code


def digits(code: SignInCode, secret: str) -> str:
    """The six digits of a code; only its letter and its check need them."""
    seal = hmac.digest(secret.encode(), f"code|{code.id}|{code.salt}".encode(), "sha256")
    return f"{int.from_bytes(seal[:8], 'big') % 1_000_000:06d}"


def enter(session: Session, code_id: int, entered: str, browser: str, secret: str, now: datetime) -> Attempt:
    """Try a code. The try is counted before it is compared, in one statement, so that guesses sent
    side by side cannot share one; a right code is spent in the same transaction."""
    counted = session.execute(
        update(SignInCode)
        .where(SignInCode.id == code_id, SignInCode.browser == _digest(browser), SignInCode.used_at.is_(None),
               SignInCode.expires_at > now, SignInCode.tries < TRIES)
        .values(tries=SignInCode.tries + 1)
    )
    if not touched(counted):
        return Attempt(None, "spent_code")
    code = session.get_one(SignInCode, code_id, populate_existing=True)
    # Pasted with spaces or dashes, or typed in the digits of another script: the same code.
    typed = "".join(str(unicodedata.decimal(c)) for c in entered if c.isdecimal())
    if not hmac.compare_digest(digits(code, secret).encode(), typed.encode()):
        left = TRIES - code.tries
        return Attempt(None, "wrong_code" if left else "spent_code", left)
    code.used_at = now
    return Attempt(person_of(session, code.email, code.language, now))


def person_of(session: Session, email: str, language: str, now: datetime) -> Person:
    """The person with that address; a new resident where there is none."""
    person = session.scalar(select(Person).where(Person.email == email))
    if person is None:
        person = Person(email=email, language=language, created_at=now)
        session.add(person)
        session.flush()
    return person


def link_token(session: Session, email: str, secret: str, now: datetime) -> str:
    """A one-time token for the operator's `person link`; raises NotThere for an unknown address."""
    if session.scalar(select(Person.id).where(Person.email == address(email))) is None:
        raise NotThere("unknown_person", email=email)
    code = SignInCode(email=address(email), salt=secrets.token_hex(16), browser="link",
                      expires_at=now + LINK_LASTS, created_at=now)
    session.add(code)
    session.flush()
    return f"{code.id}.{_link_seal(code, secret)}"


def use_link(session: Session, token: str, secret: str, now: datetime) -> Person:
    """Spend a one-time address; raises NotThere when it is wrong, used or too old."""
    number, _, seal = token.partition(".")
    named = number.isascii() and number.isdecimal() and len(number) < 10
    code = session.get(SignInCode, int(number)) if named else None
    if code is None or code.browser != "link" \
            or not hmac.compare_digest(_link_seal(code, secret).encode(), seal.encode()):
        raise NotThere("spent_link")
    spent = session.execute(
        update(SignInCode).where(SignInCode.id == code.id, SignInCode.used_at.is_(None), SignInCode.expires_at > now)
        .values(used_at=now)
    )
    if not touched(spent):
        raise NotThere("spent_link")
    return person_of(session, code.email, code.language, now)


def asked_lately(session: Session, email: str, since: datetime) -> int:
    """How many codes an address was sent since then; the limit on top of the limit per network."""
    return session.scalar(select(func.count()).where(SignInCode.email == address(email),
                                                     SignInCode.created_at > since)) or 0


def sweep(session: Session, now: datetime) -> None:
    """Forget codes a day after they ended, as their declaration says."""
    session.execute(delete(SignInCode).where(SignInCode.expires_at < now - timedelta(days=1)))


def _digest(browser: str) -> str:
    return hashlib.sha256(browser.encode()).hexdigest()


def _link_seal(code: SignInCode, secret: str) -> str:
    return hmac.new(secret.encode(), f"link|{code.id}|{code.salt}".encode(), "sha256").hexdigest()
