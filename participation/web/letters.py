"""Letters: followers that render a notice in the person's language and send it.

A letter is a folder in templates/mail with subject.txt, body.txt and body.html. Links are made from
PUBLIC_URL, because a worker has no request. Every letter asks for one thing; those that a click ends
(`following.ENDABLE`) say so at their end and in their headers.
"""

import logging
import re
from collections.abc import Callable
from dataclasses import dataclass
from smtplib import SMTPException
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from sqlalchemy.orm import Session

from participation import translations
from participation.comments.model import Comment, CommentStep
from participation.ideas.actions import follow_token
from participation.ideas.model import Idea, IdeaStep
from participation.jobs import House, TryLater
from participation.mail import Letter, Refused, send
from participation.notices import following
from participation.notices.model import Notice
from participation.outbox import Event
from participation.people.model import Person, SignInCode
from participation.people.signing_in import digits
from participation.text import excerpt
from participation.web.format import day, name_of_reason, number
from participation.web.language import apart, in_language, speaking
from participation.web.words import move_done, state_words

log = logging.getLogger("participation.web")

SUBJECT_MAX = 78  # characters: what lists of letters show, and what a line of a header should hold (RFC 5322)
TITLE_ROOM = (SUBJECT_MAX, 60, 48, 36, 24)  # characters of a title in it, the first that fits
PREVIEW_MAX = 120  # characters of what such lists show beside the subject

_ADDRESS = re.compile(r"https?://\S+")
_MANY_BREAKS = re.compile(r"\n{3,}")

Facts = Callable[[Session, Notice, House], dict[str, Any]]


@dataclass
class Post:
    """A finished letter on its way."""

    letter: Letter
    mail_url: str
    notice_id: int | None = None
    refused: bool = False

    def send(self) -> None:
        """Hand it to the mail server; what the server could not take now is tried later. An address that it refuses for
        good is its reader's slip and nothing that trying again or a person here could mend."""
        try:
            send(self.letter, self.mail_url)
        except Refused as trouble:
            self.refused = True
            log.warning("letter refused", extra={"error": str(trouble)})
        except (SMTPException, OSError) as trouble:
            raise TryLater(type(trouble).__name__) from trouble

    def record(self, session: Session, house: House) -> bool:
        """Note that the notice was sent; of one that was refused, only that its address is needed no more."""
        if self.notice_id is not None:
            sent = session.get_one(Notice, self.notice_id)
            sent.sent_at, sent.email = None if self.refused else house.now, ""
        return True


def code(session: Session, event: Event, house: House) -> Post | None:
    """Follower of code.asked: the letter with the one-time code, unless it would come too late."""
    asked = session.get(SignInCode, event.about["code_id"])
    if asked is None or asked.used_at is not None or asked.expires_at <= house.now:
        return None
    facts = {"code": digits(asked, house.settings.secret_key),
             "minutes": int((asked.expires_at - asked.created_at).total_seconds() // 60)}
    letter = _written(house, "code", asked.email, asked.language, f"code:{event.key}", facts)
    return Post(letter, house.settings.mail)


def notice(session: Session, event: Event, house: House) -> Post | None:
    """Follower of notice.due: the letter of a notice, unless it was sent or the person has no address."""
    due = session.get(Notice, event.about["notice_id"])
    if due is None or due.sent_at is not None or not following.wanted(session, due, house.now):
        return None
    person = session.get(Person, due.person_id) if due.person_id else None
    to, language = (person.email, person.language) if person is not None else (due.email, due.language)
    if not to:
        return None
    facts = _facts(session, due, house)
    if facts.get("count") == 0:  # a list of what waits, and nothing waits any more
        return None
    letter = _written(house, due.letter, to, language, due.key, facts)
    return Post(letter, house.settings.mail, due.id)


def _facts(session: Session, due: Notice, house: House) -> dict[str, Any]:
    """What the templates of a notice are told: the idea, the comment, the step; and what the roof's table LETTERS
    adds for this letter."""
    facts: dict[str, Any] = {"step": None, "reader_id": due.person_id}
    idea = session.get(Idea, due.idea_id) if due.idea_id else None
    if idea is not None:
        # The secret link is its author's alone; a co-author and a supporter are told, too.
        mine = due.person_id is not None and due.person_id == idea.author_id
        facts |= {"idea": idea, "follow": follow_token(idea, house.settings.secret_key) if mine else ""}
    if due.comment_id is not None:
        facts["comment"] = session.get_one(Comment, due.comment_id)
    if due.step_id is not None:
        facts["step"] = session.get_one(CommentStep if due.comment_id is not None else IdeaStep, due.step_id)
        if due.comment_id is None:  # the city's words in the letter's language, where there are any
            words = translations.of(session, "idea_step", [due.step_id]).get(due.step_id, {})
            facts["translated"] = {tag: parts["statement"] for tag, parts in words.items() if "statement" in parts}
    more: dict[str, Facts] = current_app.extensions["letters"]
    if due.letter in more:
        facts |= more[due.letter](session, due, house)
    return facts


def _written(house: House, name: str, to: str, language: str, key: str, facts: dict[str, Any]) -> Letter:
    city = house.city
    with in_language(language):
        tag = speaking()
        behind = facts.get("step") or facts.get("decision")  # whichever gave the reason
        reason, title = (behind.reason, facts["idea"].title if facts.get("idea") else "") if behind else ("", "")
        known = facts | {"link": _linker(house.settings.public_url), "city": city, "lang": tag,
                         "site_name": city.site_name.in_(tag), "move_done": move_done, "state": state_words,
                         "reason_text": city.explain(reason, tag, title), "rule_text": city.rule(reason, tag),
                         "day": day, "number": number, "name_of_reason": name_of_reason(city)}
        known["subject"] = subject = _subject(name, known)
        text = _tidy(_rendered(name, "body.txt", known))
        known["preview"] = excerpt(_ADDRESS.sub("", text.partition("\n-- \n")[0]), PREVIEW_MAX)
        html = _rendered(name, "body.html", known)
        stop = known["link"]("following.stop", token=facts["stop_token"]) if "stop_token" in facts else ""
        return Letter(key, to, city.site_name.in_(tag), city.contact.email, subject, text, html, tag, stop)


def _rendered(name: str, part: str, known: dict[str, Any]) -> str:
    # Past Flask's context: what it adds to pages is about a visitor, and here is none.
    return current_app.jinja_env.get_template(f"mail/{name}/{part}").render(known)


def _subject(name: str, known: dict[str, Any]) -> str:
    """A subject on one line that lists can show whole: the title in it, if any, is cut as far as that needs."""
    words = ""
    for room in TITLE_ROOM:
        known["short"] = lambda title, room=room: apart(excerpt(title, room))
        words = " ".join(_rendered(name, "subject.txt", known).split())
        if len(words) <= SUBJECT_MAX:
            break
    return words


def _tidy(text: str) -> str:
    """Plain text as a person would have typed it: no space at a line's end but the signature's, never two empty
    lines together."""
    lines = (line if line == "-- " else line.rstrip() for line in text.split("\n"))
    return _MANY_BREAKS.sub("\n\n", "\n".join(lines)).strip("\n") + "\n"


def _linker(public_url: str) -> Any:
    """A function like url_for whose addresses begin with PUBLIC_URL."""
    address = urlsplit(public_url)
    adapter = current_app.url_map.bind(address.netloc, url_scheme=address.scheme)

    def link(endpoint: str, **values: Any) -> str:
        values.setdefault("lang", speaking())
        return adapter.build(endpoint, values, force_external=True)

    return link
