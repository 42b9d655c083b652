"""Working on records together: the history of one with its discussion, who works on it and until when; the same for
several at once."""

from collections.abc import Callable
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import SelectField, StringField, TextAreaField

from participation.assessment import working
from participation.assessment.history import history
from participation.assessment.model import Act
from participation.database import now
from participation.desk.frame import blueprint, framed, held
from participation.desk.inbox import Present, TogetherForm, assignees, present_in, together_form
from participation.desk.words import act_words
from participation.errors import Invalid
from participation.people.rights import Right
from participation.pool.model import Item
from participation.pool.queries import PoolRecord
from participation.text import read_day
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.words import sentence


class AssignForm(FlaskForm):  # type: ignore[misc]
    """Who works on a record."""

    assignee = SelectField(lazy_gettext("Who works on it"), validate_choice=False)


class DueForm(FlaskForm):  # type: ignore[misc]
    """The office's own date; empty takes it away."""

    due_on = StringField(lazy_gettext("To be done by"), filters=[typed], render_kw={"type": "date"})


class RemarkForm(FlaskForm):  # type: ignore[misc]
    """What colleagues say to each other about a record."""

    remark = TextAreaField(lazy_gettext("Remark"), filters=[typed], render_kw={"aria-required": "true"})


@blueprint.get("/<ref>/history", endpoint="history")
@needs(Right.RECORDS_SEE)
def show_history(ref: str) -> str:
    """Everything that happened to a record, newest first, and the forms to work on it."""
    return _shown(held(ref), after=request.args.get("after", ""))


@blueprint.get("/<ref>/assign", endpoint="work_back")
@blueprint.get("/<ref>/due", endpoint="work_back")
@blueprint.get("/<ref>/remark", endpoint="work_back")
@needs(Right.RECORDS_SEE)
def back(ref: str) -> ResponseReturnValue:
    """Somebody reloads a page that stands where something was sent to."""
    return redirect(url_for("desk.history", ref=ref), 303)


@blueprint.post("/<ref>/assign")
@needs(Right.RECORD_WORK)
def assign(ref: str) -> ResponseReturnValue:
    """Give the record to a colleague, to its field's coordinator, or to nobody."""
    form = AssignForm()
    return _done(ref, form, lambda session, item: working.assign(session, person(), item, form.assignee.data or "",
                                                                 now()), gettext("Saved."))


@blueprint.post("/<ref>/due")
@needs(Right.RECORD_WORK)
def due(ref: str) -> ResponseReturnValue:
    """Set the office's date for the record, or take it away."""
    form = DueForm()
    return _done(ref, form, lambda session, item: working.date_it(
        session, door().city, person(), item, read_day("due_on", form.due_on.data or ""), now()), gettext("Saved."))


@blueprint.post("/<ref>/remark")
@needs(Right.RECORD_WORK)
def remark(ref: str) -> ResponseReturnValue:
    """Say something that only the office reads."""
    form = RemarkForm()
    return _done(ref, form, lambda session, item: working.remark(session, person(), item, form.remark.data or "",
                                                                 now()), gettext("Your remark stands in the history."))


@blueprint.post("/together")
@needs(Right.RECORD_WORK)
def together() -> ResponseReturnValue:
    """Give the chosen records to somebody, or set their date; those that are refused are named."""
    colleagues, present = working.office(reading()), present_in(request.form.get("query", ""))
    form = together_form(colleagues)
    refs, doing = request.form.getlist("refs"), request.form.get("do", "")
    try:
        do = _doing(form, doing)
        with changing() as session:
            done, refused = working.together(session, refs, lambda item: do(session, item))
    except Invalid as trouble:
        if trouble.field == "refs":
            form.form_errors.append(sentence(trouble))
        else:
            put(form, trouble)
        return _together(form, present, refs[:working.TOGETHER]), 422
    if refused:
        return _together(form, present, [ref for ref, _ in refused], done,
                         [(ref, sentence(trouble)) for ref, trouble in refused]), 422
    flash(ngettext("%(num)s record was changed.", "%(num)s records were changed.", done), "success")
    return redirect(present.with_(), 303)


def _doing(form: TogetherForm, doing: str) -> Callable[[Session, Item], Act | None]:
    """What is to be done with each of the chosen records; raises Invalid for what can be done with none."""
    city, me, at = door().city, person(), now()
    if doing == "due":
        day = read_day("due_on", form.due_on.data or "")
        working.refuse_passed(city, day, at)
        return lambda session, item: working.date_it(session, city, me, item, day, at)
    to = form.assignee.data or ""
    if to not in {choice.value for choice in form.assignee.choices}:
        raise Invalid("assignee", "not_of_the_office")
    return lambda session, item: working.assign(session, me, item, to, at)


def _together(form: TogetherForm, present: Present, refs: list[str], done: int = 0,
              refused: list[tuple[str, str]] | None = None) -> str:
    return render_template("desk/together.html", form=form, present=present, refs=refs, done=done,
                           refused=refused or [])


def _done(ref: str, form: FlaskForm, do: Callable[[Session, Item], Act | None], told: str) -> ResponseReturnValue:
    try:
        with changing() as session:
            do(session, working.item_of(session, ref))
    except Invalid as trouble:
        put(form, trouble)
        return _shown(held(ref), form), 422
    flash(told, "success")
    return redirect(url_for("desk.history", ref=ref), 303)


def _shown(found: PoolRecord, refused: FlaskForm | None = None, after: str = "") -> str:
    session, item = reading(), found.item
    happened, behind = history(session, item, after)
    colleagues = working.office(session)
    forms: dict[str, Any] = {
        "assign": AssignForm(formdata=None, assignee=str(item.assignee_id or "")),
        "due": DueForm(formdata=None, due_on=item.due_on.isoformat() if item.due_on else ""),
        "remark": RemarkForm(formdata=None),
    }
    forms |= {name: refused for name, form in forms.items() if type(form) is type(refused)}
    forms["assign"].assignee.choices = assignees(colleagues)
    return framed(
        "desk/history.html", found, "desk.history", happened=happened, act_words=act_words, forms=forms,
        refused=refused, remark_max=working.REMARK_MAX,
        first_url=url_for("desk.history", ref=found.ref) if after else None,
        next_url=url_for("desk.history", ref=found.ref, after=behind) if behind else None)
