"""The page "Answer" of a record: an answer that is prepared, and the date that the public was promised."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput

from participation.assessment import preparing, promises
from participation.assessment.model import PreparedAnswer
from participation.database import now
from participation.desk.answering import AnswerForm, answer_form, entered, ready_texts
from participation.desk.frame import blueprint, framed, held
from participation.errors import Conflict, Invalid
from participation.ideas.actions import idea_by_ref
from participation.people.rights import Right
from participation.pool.model import Item
from participation.pool.queries import PoolRecord
from participation.text import read_day
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.language import apart, name_of_language, speaking
from participation.web.words import sentence


class PromiseForm(FlaskForm):  # type: ignore[misc]
    """Another day by which the next answer comes, and why."""

    due_on = StringField(lazy_gettext("New date"), filters=[typed], widget=DateInput(),
                         render_kw={"aria-required": "true"})
    reason = TextAreaField(lazy_gettext("Public reason"), filters=[typed])
    reason_language = SelectField(lazy_gettext("Language of the reason"), validate_choice=False)


@blueprint.get("/<ref>/answer", endpoint="prepared")
@needs(Right.RECORDS_SEE)
def show_prepared(ref: str) -> str:
    """The answer that is prepared for a record, or an empty form for one."""
    return _page(held(ref))


@blueprint.post("/<ref>/answer")
@needs(Right.RECORD_WORK)
def prepare(ref: str) -> ResponseReturnValue:
    """Keep what was written: as a draft, as ready, or published at once."""
    found, then = held(ref), request.form.get("then", "keep")
    form = answer_form(found)
    try:
        written = entered(form)
        with changing() as session:
            item = session.get_one(Item, found.item.id)
            kept = preparing.prepare(session, door().city, person(), item, written, then != "keep", now(),
                                     seen=_seen("seen"))
            if then == "publish":
                preparing.publish(session, door().city, person(), kept.id, now(), seen=preparing.version_of(kept))
    except Invalid as trouble:
        put(form, trouble)
        return _page(found, form, seen=_seen("seen")), 422
    except Conflict as trouble:
        found = held(ref)
        form = answer_form(found, _written(_prepared(found)))
        form.form_errors.append(sentence(trouble))
        return _page(found, form, clash=True), 409
    title = found.content["title"]
    said = {"ready": gettext("Ready to be published: %(title)s", title=apart(title)),
            "publish": gettext("Published: %(title)s", title=apart(title))}
    flash(said.get(then) or gettext("Kept as a draft: %(title)s", title=apart(title)), "success")
    return redirect(url_for("desk.prepared", ref=ref), 303)


@blueprint.post("/<ref>/answer/discard")
@needs(Right.RECORD_WORK)
def discard(ref: str) -> ResponseReturnValue:
    """Throw the prepared answer away."""
    found = held(ref)
    with changing() as session:
        preparing.discard(session, person(), session.get_one(Item, found.item.id), now(), seen=_seen("seen"))
    flash(gettext("The prepared answer is discarded."), "info")
    return redirect(url_for("desk.prepared", ref=ref), 303)


@blueprint.post("/<ref>/promise")
@needs(Right.IDEA_ANSWER)
def promise(ref: str) -> ResponseReturnValue:
    """Promise the public another day, and say why."""
    found = held(ref)
    form = _promise_form()
    try:
        due_on = read_day("due_on", str(form.due_on.data or ""))
        with changing() as session:
            promises.move(session, door().city, person(), idea_by_ref(session, ref), due_on,
                          str(form.reason.data or ""), str(form.reason_language.data or speaking()), now(),
                          seen=_seen("promise"))
    except Invalid as trouble:
        put(form, trouble)
        return _page(found, promise_form=form), 422
    except Conflict as trouble:
        form.form_errors.append(sentence(trouble))
        return _page(held(ref), promise_form=form), 409
    flash(gettext("The new date stands on the idea’s page."), "success")
    return redirect(url_for("desk.prepared", ref=ref), 303)


def _page(found: PoolRecord, form: AnswerForm | None = None, promise_form: PromiseForm | None = None, *,
          seen: int | None = None, clash: bool = False) -> str:
    """The page; `clash`: what a colleague wrote meanwhile stands beside what was typed."""
    prepared, idea = _prepared(found), found.idea
    open_ = promises.open_promise(reading(), idea.id) if idea is not None else None
    return framed(
        "desk/answer.html", found, "desk.prepared", prepared=prepared, ready=ready_texts(found),
        form=form if form is not None else answer_form(found, _written(prepared)), clash=clash,
        seen=preparing.version_of(prepared) if seen is None else seen, open_promise=open_,
        late=open_ is not None and promises.overdue(open_, door().city, now()),
        promise_form=promise_form if promise_form is not None else _promise_form(),
        can_promise=idea is not None and promises.may_promise(idea))


def _prepared(found: PoolRecord) -> PreparedAnswer | None:
    return preparing.of_item(reading(), found.item.id)


def _written(prepared: PreparedAnswer | None) -> Any:
    """What is prepared; a link to a ready-made text fills the form anew."""
    return preparing.as_written(prepared) if prepared is not None and not request.args.get("ready") else None


def _promise_form() -> PromiseForm:
    form = PromiseForm(reason_language=speaking())
    form.reason_language.choices = [SelectChoice(tag, name_of_language(tag, tag)) for tag in door().city.languages]
    return form


def _seen(name: str) -> int:
    """The version of something that stood on the form."""
    text = request.form.get(name, "")
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 20 else 0
