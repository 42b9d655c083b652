"""The answer back, published at once from the record's page."""

from flask import flash, redirect, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.assessment import answers
from participation.database import now
from participation.desk.frame import blueprint, framed, held
from participation.desk.showing import facts_of
from participation.errors import Conflict, Invalid
from participation.ideas.actions import idea_by_ref
from participation.ideas.journey import IDEA
from participation.people.rights import Right
from participation.pool.queries import PoolRecord
from participation.web.door import changing, door, needs, person, put, typed
from participation.web.language import speaking
from participation.web.words import move_button, move_done, sentence


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The next step of an idea in the pool, with the public answer."""

    move = RadioField(lazy_gettext("Next step"), validate_choice=False, render_kw={"aria-required": "true"})
    statement = TextAreaField(lazy_gettext("Public answer"), filters=[typed])


@blueprint.post("/<ref>")
@needs(Right.IDEA_ANSWER)
def answer(ref: str) -> ResponseReturnValue:
    """Move the idea on and answer its author publicly; whatever is refused keeps what was typed."""
    found = held(ref)
    form = answer_form(found)
    if not form.move.data:
        put(form, Invalid("move", "required"))
        return shown(found, form), 422
    try:
        with changing() as session:
            idea = idea_by_ref(session, ref)
            step = answers.answer(session, door().city, person(), idea, form.move.data, form.statement.data or "",
                                     speaking(), now())
            done = move_done(step.move)
    except Invalid as trouble:
        put(form, trouble)
        return shown(found, form), 422
    except Conflict as trouble:
        found = held(ref)
        form = answer_form(found)  # what was typed, and what can be done where it stands now
        form.form_errors.append(sentence(trouble))
        return shown(found, form), 409
    flash(gettext("%(what)s: %(title)s", what=done, title=found.content["title"]), "success")
    return redirect(url_for("desk.record", ref=ref), 303)


def answer_form(found: PoolRecord) -> AnswerForm:
    """The form with the moves the journey allows this person from where the idea stands."""
    form = AnswerForm()
    moves = IDEA.open_to(person(), found.idea) if found.idea is not None else ()
    form.move.choices = [SelectChoice(move.key, move_button(move.key)) for move in moves
                         if move.right is Right.IDEA_ANSWER]
    return form


def shown(found: PoolRecord, form: AnswerForm) -> str:
    """The record's page with this form beside it."""
    return framed("desk/record.html", found, "desk.record", form=form, **facts_of(found))
