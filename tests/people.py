"""People in tests: what they do, in their words. Every page they pass is inspected."""

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any, Self
from urllib.parse import urlsplit

from flask.testing import FlaskClient

from tests.page import Form, Page, inspect

# A path that needs no language before it: it has one, or is none of a language.
_WHOLE = re.compile(r"/(de-simple|de|en|fr|it|pl|tr|uk|ru|ar|dev)(/|$)|http")


class Guest:
    """Somebody with a browser, not signed in."""

    def __init__(self, client: FlaskClient, mailbox: "Mailbox", lang: str = "en") -> None:
        self.client = client
        self.mailbox = mailbox
        self.lang = lang
        self.page: Page

    def open(self, path: str, status: int = 200) -> Page:
        """Open an address (a path after the language, or whole) and follow where it leads."""
        path = path if _WHOLE.match(path) else f"/{self.lang}{path}"
        spoken = {"Accept-Language": self.lang}
        return self._arrive(self.client.get(path, follow_redirects=True, headers=spoken), status)

    def send(self, form: Form | str = "", /, *, status: int = 200, **values: Any) -> Page:
        """Fill a form of the page in and send it; a string names the form by a part of its action."""
        form = self.page.form(form) if isinstance(form, str) else form
        data = form.values | {name: value for name, value in values.items() if value is not None}
        return self._arrive(self.client.post(form.action, data=data, follow_redirects=True,
                                             headers={"Accept-Language": self.lang}), status)

    def _arrive(self, response: Any, status: int) -> Page:
        self.page = Page(response)
        assert self.page.status == status, \
            f"{self.page.path}: {self.page.status}, expected {status}: {self.page.text[:600]}"
        inspect(self.page)
        return self.page

    def sign_in(self, address: str) -> Self:
        """Sign in with the code from the letter."""
        self.open("/sign-in")
        return self.finish_sign_in(address)

    def finish_sign_in(self, address: str) -> Self:
        """From the page that asks for the address: enter it, read the letter, enter the code."""
        self.send("sign-in", email=address)
        self.send("sign-in/code", code=self.mailbox.code(address))
        return self

    def propose(self, **changes: Any) -> Page:
        """Write an idea and send it."""
        self.open("/ideas/new")
        return self.send("ideas/new", **(AN_IDEA | changes))

    def support(self, ref: str) -> Page:
        """Press the support button of an idea."""
        self.open(f"/ideas/{ref}")
        return self.send("/support")

    def comment(self, ref: str, body: str, answer: int | None = None, **values: Any) -> Page:
        """Comment on an idea, or answer a comment."""
        self.open(f"/ideas/{ref}" + (f"?answer={answer}" if answer else ""))
        return self.send("/comments", body=body, **values)


class Resident(Guest):
    """Somebody who takes part."""


class Moderator(Guest):
    """Somebody who decides."""

    def decide(self, path: str, move: str, status: int = 200, **values: str) -> Page:
        """Open an entry ("ideas/MZ-…" or "comments/7") and decide."""
        self.open(f"/moderation/{path}")
        return self.send(f"/moderation/{path}", status=status, move=move, **values)


class Officer(Guest):
    """Somebody at the CDO office."""

    def answer(self, ref: str, move: str, statement: str = "", status: int = 200) -> Page:
        """Move an idea on in the pool, with a public answer."""
        self.open(f"/pool/{ref}")
        return self.send(f"/pool/{ref}", status=status, move=move, statement=statement)


class Mailbox:
    """The letters that were sent; `deliver` lets the outbox work first."""

    def __init__(self, folder: Path, deliver: Any) -> None:
        self.folder = folder
        self.deliver = deliver

    def letters(self, to: str = "") -> list[EmailMessage]:
        """All letters (to an address), oldest first."""
        self.deliver()
        found = []
        for file in sorted(self.folder.glob("*.eml")):
            letter = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            assert isinstance(letter, EmailMessage)
            if not to or letter["To"] == to:
                found.append(letter)
        return found

    def last(self, to: str) -> EmailMessage:
        """The newest letter to an address."""
        letters = self.letters(to)
        assert letters, f"no letter to {to}"
        return letters[-1]

    def text(self, to: str) -> str:
        """The plain text of the newest letter."""
        return plain_text(self.last(to))

    def code(self, to: str) -> str:
        """The one-time code in the newest letter that has one."""
        for letter in reversed(self.letters(to)):
            if found := re.search(r"\b(\d{6})\b", plain_text(letter)):
                return str(found.group(1))
        raise AssertionError(f"no code for {to}")

    def link(self, to: str, part: str) -> str:
        """A path from the newest letter to an address, by a part of it."""
        for url in re.findall(r"https?://\S+", self.text(to)):
            if part in url:
                return str(urlsplit(url).path)
        raise AssertionError(f"no link with {part} in {self.text(to)}")


def plain_text(letter: EmailMessage) -> str:
    """The plain text of a letter as a mail program shows it, the lines joined that were only folded (RFC 3676)."""
    part = letter.get_body(("plain",))
    assert part is not None and part.get_param("format") == "flowed"
    lines = re.sub(r"(?<!\n--) \n", " ", str(part.get_content()))
    return re.sub(r"^ ", "", lines, flags=re.MULTILINE)


AN_IDEA = {
    "title": "Shade for the bus stops on the square",
    "body": "The stops stand in the sun all afternoon. Two trees and a light roof would help everyone who waits.",
    "benefit": "Older people and families can wait without getting ill in the heat.",
    "field": "mobility-environment-urban",
    "district": "neustadt",
    "idea_language": "en",
}
