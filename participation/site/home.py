"""The first page; and, on a machine of one's own, the letters that would have been sent."""

import email
import email.policy
import re
from email.message import EmailMessage
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from flask import Blueprint, abort, g, render_template
from flask.typing import ResponseReturnValue

from participation.database import now
from participation.ideas import queries
from participation.ideas.nearing import nearing
from participation.web.door import door, open_to_all, reading
from participation.web.language import best_guess, offers, speaking

blueprint = Blueprint("home", __name__)
mail_blueprint = Blueprint("dev", __name__)

CARDS = 3
LETTERS = 100
_ADDRESS = re.compile(r"(https?://[^\s<>]+)")


@blueprint.get("/")
@open_to_all
def index() -> str:
    """What this is, what one can do now, and what has come of it."""
    session = reading()
    near = nearing(session, door().city.quorum, now(), CARDS)
    showcase, newest, cards = queries.reading_in(
        session, speaking(), queries.showcase(session, CARDS),
        queries.listed(session, queries.Wanted(), CARDS).cards, tuple(each.card for each in near))
    return render_template("site/home.html", showcase=showcase, newest=newest,
                           nearing=list(zip(cards, near, strict=True)),
                           plain=[offer for offer in offers() if offer.tag.endswith("-simple")])


@mail_blueprint.get("/mail")
@open_to_all
def mail() -> ResponseReturnValue:
    """The letters written to files, newest first."""
    folder = _folder()
    g.lang = best_guess()
    files = sorted((file for file in folder.glob("*.eml") if not file.name.startswith(".")), reverse=True)[:LETTERS]
    return render_template("site/mail.html", letters=[(file.name, _read(file)) for file in files])


@mail_blueprint.get("/mail/<name>")
@open_to_all
def letter(name: str) -> ResponseReturnValue:
    """One letter: its plain text, the addresses in it as links. Its HTML is not shown: it is not ours to trust."""
    file = _folder() / name
    g.lang = best_guess()
    if not re.fullmatch(r"[\w-]+\.eml", name) or not file.is_file():
        abort(404)
    read = _read(file)
    body = read.get_body(("plain",))
    # Every second part is an address, as `split` with a group gives them.
    parts = _ADDRESS.split(str(body.get_content()) if body is not None else "")
    return render_template("site/letter.html", letter=read, parts=parts)


@mail_blueprint.app_context_processor
def shown() -> dict[str, Any]:
    """Whether the page of letters is there, for the navigation."""
    return {"dev_mail": _in_files()}


def _in_files() -> bool:
    settings = door().settings
    return settings.mail.startswith("file://") and not settings.production


def _folder() -> Path:
    """The folder of letters; there is none, and no page about it, where mail is really sent."""
    if not _in_files():
        abort(404)
    return Path(unquote(urlsplit(door().settings.mail).path))


def _read(file: Path) -> EmailMessage:
    read = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read
