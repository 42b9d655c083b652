"""Sends one finished message: over SMTP, or into a folder as files where MAIL_URL says so."""

import smtplib
import ssl
import textwrap
from dataclasses import dataclass
from email.header import Header
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText
from email.policy import compat32
from email.utils import formatdate
from hashlib import sha256
from pathlib import Path
from urllib.parse import unquote, urlsplit

SMTP_SECONDS = 20
WIDTH = 72  # characters of a line of plain text


class Refused(Exception):
    """The mail server will never take a letter to this address; the code says why (RFC 5321)."""

    def __init__(self, code: int) -> None:
        super().__init__(f"the mail server refuses this address for good ({code})")
        self.code = code


@dataclass(frozen=True, slots=True)
class Letter:
    """A finished message: to one person, in one language, as plain text and as HTML.

    `key` is the same for every try of the same letter; it becomes the Message-ID, so that a
    mailbox can tell a repetition. `unsubscribe` is an address that ends such letters when it is
    posted to (RFC 8058); empty for a letter that nobody can be spared.
    """

    key: str
    to: str
    sender_name: str
    sender: str
    subject: str
    text: str
    html: str
    language: str
    unsubscribe: str = ""

    def message(self) -> MIMEMultipart:
        """The letter as a MIME message. The legacy policy folds non-ASCII subjects without losing a
        space, which the modern one does on Python 3.11 (notes/front-end.md section 7)."""
        message = MIMEMultipart("alternative", policy=compat32.clone(max_line_length=75))
        sender = Header(self.sender_name, "utf-8", header_name="From")
        sender.append(f"<{self.sender}>", "us-ascii")
        message["From"] = sender  # type: ignore[assignment]
        message["To"] = self.to
        subject = " ".join(self.subject.split())
        message["Subject"] = Header(subject, "us-ascii" if subject.isascii() else "utf-8",  # type: ignore[assignment]
                                    header_name="Subject")
        message["Date"] = formatdate(localtime=False)
        domain = self.sender.rpartition("@")[2]
        message["Message-ID"] = f"<{sha256(self.key.encode()).hexdigest()[:32]}@{domain}>"
        message["Auto-Submitted"] = "auto-generated"
        message["Content-Language"] = self.language
        if self.unsubscribe:
            message["List-Unsubscribe"] = f"<{self.unsubscribe}>"
            message["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = MIMEText(flowed(self.text), "plain", "utf-8")
        text.set_param("format", "flowed")
        message.attach(text)
        message.attach(MIMEText(self.html, "html", "utf-8"))
        return message


def flowed(text: str) -> str:
    """The text in lines of at most WIDTH characters, which a mail program may join again where its window is wider
    or narrower (RFC 3676). Addresses are never broken; lines that are set in stay lines."""
    lines: list[str] = []
    for line in text.split("\n"):
        if line == "-- ":  # what mail programs know a signature by
            lines.append(line)
            continue
        indent = line[:len(line) - len(line.lstrip(" "))]
        parts = textwrap.wrap(line, WIDTH, break_long_words=False, break_on_hyphens=False,
                              subsequent_indent=indent) or [""]
        soft = "" if indent else " "
        parts = [part + soft for part in parts[:-1]] + parts[-1:]
        lines += [" " + part if part.startswith((" ", ">", "From ")) else part for part in parts]
    return "\n".join(lines)


def send(letter: Letter, mail_url: str) -> None:
    """Hand the letter over; raises OSError or smtplib.SMTPException when it was not taken, and Refused when it
    never will be."""
    address = urlsplit(mail_url)
    message = letter.message()
    if address.scheme == "file":
        folder = Path(unquote(address.path))
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        number = sum(1 for _ in folder.glob("*.eml"))
        name = f"{number:06d}-{sha256(letter.key.encode()).hexdigest()[:12]}.eml"
        (folder / f".{name}").write_bytes(message.as_bytes())
        (folder / f".{name}").rename(folder / name)  # whole or not at all
        return
    host, port = address.hostname or "localhost", address.port or (465 if address.scheme == "smtps" else 587)
    if address.scheme == "smtps":
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SMTP_SECONDS, context=ssl.create_default_context())
    else:
        server = smtplib.SMTP(host, port, timeout=SMTP_SECONDS)
    with server:
        server.ehlo()  # before it, the server has not said what it can do
        if address.scheme == "smtp" and server.has_extn("starttls"):
            server.starttls(context=ssl.create_default_context())
        if address.username:
            server.login(unquote(address.username), unquote(address.password or ""))
        try:
            server.send_message(message, letter.sender, [letter.to])  # with the line ends that SMTP asks for
        except smtplib.SMTPRecipientsRefused as trouble:
            for code, _words in trouble.recipients.values():
                if code >= 500:
                    raise Refused(code) from trouble
            raise
