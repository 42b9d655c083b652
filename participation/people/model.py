"""People and the one-time codes they sign in with. What is personal says so where it is stored."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from participation.database import ACTED, MACHINERY, Base, personal

# How often somebody wants e-mails about ideas they support or follow.
AT_ONCE, DAILY, WEEKLY, NEVER = RHYTHMS = ("at_once", "daily", "weekly", "never")


class Person(Base):
    """Somebody with a role. Residents have an e-mail address and, if they like, a name to be shown."""

    __tablename__ = "person"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254), unique=True, info=personal(
        "e-mail address", why="to sign in and to be told", keep="until erased", ends="blank"))
    name: Mapped[str] = mapped_column(String(80), default="", info=personal(
        "name shown beside contributions", why="chosen by the person", keep="until erased", ends="blank"))
    role: Mapped[str] = mapped_column(String(20), default="resident")
    language: Mapped[str] = mapped_column(String(20), default="", info=personal(
        "language of letters", why="to be understood", keep="until erased", ends="blank"))
    lives_here: Mapped[bool] = mapped_column(default=False, info=personal(
        "says they live in the city", why="the quorum counts supporters from the city",
        keep="until erased", ends="blank"))
    district: Mapped[str | None] = mapped_column(String(40), info=personal(
        "home district", why="supporters per district", keep="until erased", ends="blank"))
    fields: Mapped[str] = mapped_column(Text, default="")  # a moderator's fields of action, by spaces; "": all
    districts: Mapped[str] = mapped_column(Text, default="")  # a moderator's districts, by spaces; "": all
    trusted: Mapped[bool] = mapped_column(default=False)  # what they write is published at once and checked after
    blocked_until: Mapped[datetime | None] = mapped_column(info=personal(
        "may not propose or comment until then", why="to keep a decision of the moderation",
        keep="until it ends", ends="blank"))
    looked_at: Mapped[datetime | None] = mapped_column(info=personal(
        "when you last opened your page", why="to show what is new since then", keep="until erased", ends="blank"))
    looked_before: Mapped[datetime | None] = mapped_column(info=personal(
        "when you opened it the time before", why="to show what is new since then", keep="until erased", ends="blank"))
    tells_supported: Mapped[bool] = mapped_column(default=True, info=personal(
        "wants to be told what becomes of ideas they support", why="to be told what they chose",
        keep="until erased", ends="blank"))
    digest: Mapped[str] = mapped_column(String(10), default=AT_ONCE, info=personal(
        "how often they want e-mails about ideas they support or follow", why="to be told as they chose",
        keep="until erased", ends="blank"))
    epoch: Mapped[int] = mapped_column(default=0, info=MACHINERY)  # raised to end all sessions of this person
    created_at: Mapped[datetime]


class SignInCode(Base):
    """A one-time code or link that was asked for. The code itself is nowhere stored: it is derived
    from SECRET_KEY, the row's id and its salt, so neither a backup nor the outbox can give it away."""

    __tablename__ = "sign_in_code"

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str] = mapped_column(String(254), index=True, info=personal(
        "e-mail address a code was sent to", why="to send the code to", keep="one day", ends="delete"))
    salt: Mapped[str] = mapped_column(String(32), info=MACHINERY)
    browser: Mapped[str] = mapped_column(String(64), default="", info=MACHINERY)  # digest of the asking browser's nonce
    language: Mapped[str] = mapped_column(String(20), default="")
    expires_at: Mapped[datetime] = mapped_column(index=True)
    tries: Mapped[int] = mapped_column(default=0)
    used_at: Mapped[datetime | None]
    created_at: Mapped[datetime]


class ApiToken(Base):
    """A secret with which a program asks for what its scopes allow. Only its digest is kept."""

    __tablename__ = "api_token"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(80))  # what it is for
    scopes: Mapped[str] = mapped_column(Text)  # rights, by spaces
    digest: Mapped[str] = mapped_column(String(64), unique=True)  # SHA-256; the secret has 256 random bits of its own
    hint: Mapped[str] = mapped_column(String(12))  # its first characters, to tell it from others
    created_at: Mapped[datetime]
    created_by_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), info=personal(
        "who issued it", why="to be asked about it", keep="as long as the token", ends="blank", whose=ACTED))
    revoked_at: Mapped[datetime | None]
    last_used_at: Mapped[datetime | None]
