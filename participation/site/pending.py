"""What somebody meant to do before they had signed in: kept, and carried out when they have."""

from flask import flash, session, url_for
from flask_babel import gettext

from participation import support
from participation.comments import actions as comments
from participation.database import now
from participation.errors import NotThere, Trouble
from participation.ideas import actions as ideas
from participation.ideas import drafts
from participation.ideas.model import Idea
from participation.notices import following
from participation.people.model import Person
from participation.web.door import changing, door
from participation.web.words import sentence

KINDS = ("idea", "comment", "support", "follow")


def keep(kind: str, number: int) -> None:
    """Keep in this browser's session what to do after signing in; the newest wish replaces an older one."""
    session["pending"] = {"kind": kind, "id": number}


def is_kept() -> str:
    """What kind of thing is kept, or nothing."""
    kind = session.get("pending", {}).get("kind", "")
    return kind if kind in KINDS else ""


def drop(kind: str) -> None:
    """What was kept is not meant any more, if it is of that kind."""
    if is_kept() == kind:
        del session["pending"]


def complete(person: Person) -> str | None:
    """Carry out what was kept; the address to go on to, None when nothing was kept. An idea that was being written is
    the person's from now on.

    A trouble (the idea moved on, the draft is gone) becomes a message: signing in is never lost by it.
    """
    if "draft" in session:
        with changing() as changes:
            drafts.adopt(changes, session["draft"], person)
    kind, wish = is_kept(), session.pop("pending", {})
    if not kind:
        return None
    try:
        if kind == "idea":
            return _idea(person, wish["id"])
        if kind == "follow":
            return _follow(person, wish["id"])
        return _comment(person, wish["id"]) if kind == "comment" else _support(person, wish["id"])
    except Trouble as trouble:
        flash(sentence(trouble), "warning")
        return url_for("ideas.index")


def _idea(person: Person, number: int) -> str:
    with changing() as changes:
        idea = ideas.submit_draft(changes, door().city, person, number, now())
        drafts.sent(changes, session.pop("draft", ""), person, idea)
        return url_for("proposing.thanks", ref=idea.ref)


def _comment(person: Person, number: int) -> str:
    with changing() as changes:
        comment = comments.submit_draft(changes, door().city, person, number, now())
        ref = changes.get_one(Idea, comment.idea_id).ref
    flash(gettext("Thank you. A moderator reads your comment, then everyone can see it."), "success")
    return url_for("ideas.show", ref=ref, _anchor="comments")


def _support(person: Person, number: int) -> str:
    with changing() as changes:
        idea = changes.get(Idea, number)
        if idea is None:
            raise NotThere("unknown_idea")
        support.give(changes, door().city, person, idea, now())
        ref = idea.ref
    flash(gettext("You support this idea. Thank you."), "success")
    return url_for("ideas.show", ref=ref, _anchor="support")


def _follow(person: Person, number: int) -> str:
    with changing() as changes:
        idea = changes.get(Idea, number)
        if idea is None:
            raise NotThere("unknown_idea")
        following.follow(changes, person, idea, True, now())
        ref = idea.ref
    flash(gettext("You follow this idea. You are told what becomes of it."), "success")
    return url_for("ideas.show", ref=ref, _anchor="follow")
