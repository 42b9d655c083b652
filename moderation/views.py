"""Staff pages of moderation: the queue, and deciding on one entry."""

from datetime import datetime
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from moderation import decisions, history, queue
from moderation.forms import DecisionForm, decided, decision_form
from moderation.queue import QueueEntry
from participation.database import now
from participation.errors import Conflict, Invalid
from participation.ideas.queries import timeline
from participation.people.rights import Right
from participation.web.door import changing, door, needs, person, put, reading
from participation.web.language import speaking
from participation.web.words import move_done, sentence

blueprint = Blueprint("moderation", __name__)


def urgency(since: datetime, due: datetime, at: datetime) -> str:
    """How an entry's waiting is shown: success while at least half of the promised time is left, warning
    after that, danger once the promise is broken."""
    if at > due:
        return "danger"
    return "warning" if at - since > (due - since) / 2 else "success"


@blueprint.get("/", endpoint="queue", strict_slashes=False)
@needs(Right.QUEUE_SEE)
def show_queue() -> str:
    """What waits, the oldest first; ideas that reached the quorum have a list of their own."""
    session, city, at = reading(), door().city, now()
    kind = request.args.get("kind", "")
    kind = kind if kind in ("idea", "comment", "quorum") else ""
    page = request.args.get("after", "")
    entries: list[QueueEntry] = []
    after = ""
    if kind != "quorum":
        entries, after = queue.waiting(session, city, kind, page)
    return render_template(
        "moderation/queue.html", kind=kind, counts=queue.counts(session),
        rows=[(entry, urgency(entry.since, entry.due, at), _address(entry)) for entry in entries],
        quorum=queue.reached_quorum(session) if kind == "quorum" or not (kind or page) else [],
        first_url=url_for("moderation.queue", kind=kind or None) if page else None,
        next_url=url_for("moderation.queue", kind=kind or None, after=after) if after else None)


@blueprint.get("/ideas/<ref>")
@needs(Right.ENTRY_DECIDE)
def entry_idea(ref: str) -> str:
    """An idea to decide on."""
    return _page(reading(), "idea", ref)


@blueprint.get("/comments/<int:number>")
@needs(Right.ENTRY_DECIDE)
def entry_comment(number: int) -> str:
    """A comment to decide on."""
    return _page(reading(), "comment", str(number))


@blueprint.post("/ideas/<ref>")
@needs(Right.ENTRY_DECIDE)
def decide_idea(ref: str) -> ResponseReturnValue:
    """Decide on an idea."""
    return _decide("idea", ref)


@blueprint.post("/comments/<int:number>")
@needs(Right.ENTRY_DECIDE)
def decide_comment(number: int) -> ResponseReturnValue:
    """Decide on a comment."""
    return _decide("comment", str(number))


def _decide(kind: str, key: str) -> ResponseReturnValue:
    """Decide, then open the entry that waits longest; whatever is refused keeps what was typed."""
    city, tag = door().city, speaking()
    shown = decisions.entry(reading(), person(), kind, key)
    form = decision_form(city, shown, tag)
    decision = decided(form, tag)
    if not decision.move:
        put(form, Invalid("move", "required"))
        return _page(reading(), kind, key, form), 422
    try:
        with changing() as session:
            found = decisions.entry(session, person(), kind, key)
            step = decisions.decide(session, city, person(), found, decision, now())
            done = move_done(step.move)
    except Invalid as trouble:
        put(form, trouble)
        return _page(reading(), kind, key, form), 422
    except Conflict as trouble:
        # The page shows what stands there now, so that is what its form offers and what is decided on next.
        standing = decisions.entry(reading(), person(), kind, key)
        form = decision_form(city, standing, tag)
        form.version.data = str(getattr(standing.thing, "version", 0))
        form.form_errors.append(sentence(trouble))
        return _page(reading(), kind, key, form), 409
    flash(gettext("%(what)s: %(title)s", what=done, title=shown.idea.title), "success")
    following = queue.next_after(reading(), city)
    return redirect(_address(following) if following else url_for("moderation.queue"), 303)


def _page(session: Session, kind: str, key: str, form: DecisionForm | None = None) -> str:
    city, tag = door().city, speaking()
    entry = decisions.entry(session, person(), kind, key)
    facts: dict[str, Any] = {"steps": history.comment_steps(session, entry.thing.id)}
    if kind == "idea":
        facts = {"versions": history.versions(session, entry.idea.id), "steps": timeline(session, entry.idea.id)}
    reasons = [reason for reason in city.reasons
               if kind in reason.kinds and reason.moves & {move.key for move in entry.moves}]
    return render_template(
        f"moderation/{kind}.html", entry=entry, idea=entry.idea, form=form or decision_form(city, entry, tag),
        history=history.author_history(session, entry.thing.author_id), reasons=reasons, **facts)


def _address(entry: QueueEntry) -> str:
    if entry.kind == "idea":
        return url_for("moderation.entry_idea", ref=entry.ref)
    return url_for("moderation.entry_comment", number=entry.id)
