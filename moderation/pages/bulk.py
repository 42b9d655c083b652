"""Staff pages: one decision for many entries. Choose, sum up, decide, watch it run."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from moderation import bulk
from moderation.entries import Entered, Entry
from moderation.pages.queue import blueprint
from participation.database import now
from participation.errors import Invalid
from participation.people.rights import Right
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.language import speaking
from participation.web.words import move_button, sentence


class BulkForm(FlaskForm):  # type: ignore[misc]
    """One decision for all the chosen entries."""

    move = RadioField(lazy_gettext("Your decision for all of them"), validate_choice=False,
                      render_kw={"aria-required": "true"})
    reason = SelectField(lazy_gettext("Reason"), validate_choice=False)
    statement = TextAreaField(lazy_gettext("What you say to each author"), filters=[typed])


@blueprint.post("/bulk/choose")
@needs(Right.ENTRY_DECIDE)
def bulk_choose() -> ResponseReturnValue:
    """Sum up what was chosen and ask for the decision."""
    try:
        found = bulk.chosen(reading(), door().city, person(), request.form.getlist("entries"))
    except Invalid as trouble:
        return _refused(trouble)
    return _page(found, _form(found))


@blueprint.get("/bulk/choose", endpoint="bulk_back")
@blueprint.get("/bulk", endpoint="bulk_back")
@needs(Right.ENTRY_DECIDE)
def back() -> ResponseReturnValue:
    """Somebody reloads a page that stands where something was sent to."""
    return redirect(url_for("moderation.queue"), 303)


@blueprint.post("/bulk")
@needs(Right.ENTRY_DECIDE)
def bulk_decide() -> ResponseReturnValue:
    """Hand the decision to a background job and show how far it is."""
    city, tag = door().city, speaking()
    try:
        found = bulk.chosen(reading(), city, person(), request.form.getlist("entries"))
    except Invalid as trouble:
        return _refused(trouble)
    form = _form(found)
    what = Entered(move=form.move.data or "", reason=form.reason.data or "", statement=form.statement.data or "",
                   statement_language=tag)
    read = dict(pair.rpartition("=")[::2] for pair in request.form.getlist("read"))
    seen = [int(text) if (text := read.get(f"{each.kind}.{each.key}", "")).isdecimal() and len(text) < 9
            else each.version for each in found]
    try:
        with changing() as session:
            number = bulk.begin(session, city, person(), found, what, seen, now()).id
    except Invalid as trouble:
        put(form, trouble)
        return _page(found, form), 422
    return redirect(url_for("moderation.bulk_progress", number=number), 303)


@blueprint.get("/bulk/<int(max=2147483647):number>")
@needs(Right.ENTRY_DECIDE)
def bulk_progress(number: int) -> str:
    """How far it has come, and what was refused."""
    progress = bulk.progress(reading(), person(), number)
    what = Entered.read(progress.bulk.entered)
    troubles = [(row, sentence(Invalid("entries", row.trouble))) for row in progress.refused]
    return render_template("moderation/bulk_progress.html", progress=progress, what=what, troubles=troubles)


def _form(found: list[Entry]) -> BulkForm:
    city, tag, moves = door().city, speaking(), bulk.common_moves(found)
    kinds = {each.kind for each in found}
    form = BulkForm()
    form.move.choices = [SelectChoice(key, move_button(key)) for key in moves]
    form.reason.choices = [SelectChoice("", gettext("No reason needed")), *(
        SelectChoice(reason.key, reason.name.in_(tag)) for reason in city.reasons
        if kinds <= reason.kinds and reason.moves & set(moves))]
    return form


def _page(found: list[Entry], form: BulkForm) -> str:
    return render_template("moderation/bulk.html", found=found, form=form)


def _refused(trouble: Invalid) -> ResponseReturnValue:
    """Nothing usable was chosen: said on a page of its own, from which one goes back to the queue as it was."""
    limit, length = trouble.values.get("limit"), trouble.values.get("length")
    return render_template("moderation/bulk_refused.html", why=sentence(trouble), limit=limit, length=length), 422
