"""The tags of a record and what boards decided about it: two forms on the page of its checks."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from participation.assessment import boards, tagging
from participation.database import now
from participation.desk.checking import board_form, check_form, shown
from participation.desk.frame import blueprint, held
from participation.errors import Invalid
from participation.people.rights import Right
from participation.pool.model import Item
from participation.web.door import changing, door, needs, person, put
from participation.web.words import sentence


@blueprint.post("/<ref>/tags", endpoint="tag")
@needs(Right.RECORD_WORK)
def keep_tags(ref: str) -> ResponseReturnValue:
    """The chosen boxes are the record's tags from now on."""
    found = held(ref)
    chosen = {(kind, key) for kind, _, key in (each.partition(":") for each in request.form.getlist("tags"))}
    try:
        with changing() as session:
            tagging.tag(session, door().city, person(), session.get_one(Item, found.item.id), chosen, now())
    except Invalid as trouble:
        return shown(found, check_form(found, fresh=True), tags=chosen, trouble=sentence(trouble)), 422
    flash(gettext("The tags are kept."), "success")
    return redirect(url_for("desk.checks", ref=ref, _anchor="tags"), 303)


@blueprint.post("/<ref>/decisions", endpoint="board")
@needs(Right.RECORD_ASSESS)
def keep_decision(ref: str) -> ResponseReturnValue:
    """Record what a board decided; whatever is refused keeps what was typed."""
    found, form = held(ref), board_form()
    # A day that cannot be read is told as one that is missing; what was typed stands in the field.
    entered = boards.Entered(form.board.data or "", form.decided_on.data, form.outcome.data or "",
                             form.note.data or "", form.url.data or "")
    try:
        with changing() as session:
            boards.decide(session, door().city, person(), session.get_one(Item, found.item.id), entered, now())
    except Invalid as trouble:
        put(form, trouble)
        return shown(found, check_form(found, fresh=True), board=form), 422
    flash(gettext("The decision is recorded."), "success")
    return redirect(url_for("desk.checks", ref=ref, _anchor="decisions"), 303)
