"""The CDO office's pages: the inbox of records, one record, its answer, the files."""

from datetime import UTC
from typing import Any

from flask import Blueprint, Response, flash, redirect, render_template, request, stream_with_context, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.database import now
from participation.errors import Conflict, Invalid, NotThere
from participation.ideas.actions import idea_by_ref
from participation.ideas.journey import IDEA, POOL_STATES
from participation.ideas.queries import timeline
from participation.people.rights import Right
from participation.pool import assessment, files, queries, record
from participation.pool.queries import PoolRecord
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.language import speaking
from participation.web.words import move_button, move_done, sentence

blueprint = Blueprint("desk", __name__)


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The next step of an idea in the pool, with the public answer."""

    move = RadioField(lazy_gettext("Next step"), validate_choice=False, render_kw={"aria-required": "true"})
    statement = TextAreaField(lazy_gettext("Public answer"), filters=[typed])


@blueprint.get("/", strict_slashes=False)
@needs(Right.RECORDS_SEE)
def inbox() -> str:
    """The records the pool holds, newest first, and whether everything accepted has arrived."""
    session, before = reading(), request.args.get("before", "")
    state = request.args.get("state", "")
    state = state if state in POOL_STATES else ""
    rows, after = queries.inbox(session, state, int(before) if before.isdecimal() and len(before) < 10 else None)
    receiver = door().settings.pool
    line = queries.delivery_line(session, receiver)
    return render_template(
        "desk/inbox.html", rows=rows, chosen=state, line=line, states=POOL_STATES, counts=queries.counts(session),
        missing=queries.unconfirmed(session, receiver) if line.confirmed < line.accepted else [],
        first_url=url_for("desk.inbox", state=state or None) if before else None,
        next_url=url_for("desk.inbox", state=state or None, before=after) if after else None, kinds=files.MEDIA_TYPES)


@blueprint.get("/records.<kind>")
@needs(Right.RECORDS_EXPORT)
def download(kind: str) -> Response:
    """All current records as a file, streamed: the session of its own lives as long as the stream."""
    if kind not in files.MEDIA_TYPES:
        raise NotThere("unknown_page")
    session = door().database.reading()

    def pieces() -> Any:
        with session:
            yield from files.written(queries.kept_bodies(session), kind)

    name = f"{door().city.key}-idea-pool-{now().astimezone(UTC):%Y-%m-%d}.{kind}"
    return Response(stream_with_context(pieces()), mimetype=files.MEDIA_TYPES[kind], headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"})


@blueprint.get("/<ref>", endpoint="record")
@needs(Right.RECORDS_SEE)
def show_record(ref: str) -> str:
    """One record with its evidence and provenance."""
    found = queries.one(reading(), ref)
    return _page(found, _form(found))


@blueprint.post("/<ref>")
@needs(Right.IDEA_ANSWER)
def answer(ref: str) -> ResponseReturnValue:
    """Move the idea on and answer its author publicly; whatever is refused keeps what was typed."""
    found = queries.one(reading(), ref)
    form = _form(found)
    if not form.move.data:
        put(form, Invalid("move", "required"))
        return _page(found, form), 422
    try:
        with changing() as session:
            idea = idea_by_ref(session, ref)
            step = assessment.answer(session, door().city, person(), idea, form.move.data, form.statement.data or "",
                                     speaking(), now())
            done = move_done(step.move)
    except Invalid as trouble:
        put(form, trouble)
        return _page(found, form), 422
    except Conflict as trouble:
        found = queries.one(reading(), ref)
        form = _form(found)  # what was typed, and what can be done where it stands now
        form.form_errors.append(sentence(trouble))
        return _page(found, form), 409
    flash(gettext("%(what)s: %(title)s", what=done, title=found.content["title"]), "success")
    return redirect(url_for("desk.record", ref=ref), 303)


def _form(found: PoolRecord) -> AnswerForm:
    """The form with the moves the journey allows this person from where the idea stands."""
    form = AnswerForm()
    moves = IDEA.open_to(person(), found.idea) if found.idea is not None else ()
    form.move.choices = [SelectChoice(move.key, move_button(move.key)) for move in moves
                         if move.right is Right.IDEA_ANSWER]
    return form


def _page(found: PoolRecord, form: AnswerForm) -> str:
    idea = found.idea
    return render_template(
        "desk/record.html", record=found.content, found=found, idea=idea, form=form,
        whole=record.digest(found.content) == found.content["provenance"]["digest"],
        entries=list(reversed(timeline(reading(), idea.id))) if idea is not None else [])
