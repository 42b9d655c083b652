"""The public side of moderation (Regulation (EU) 2022/2065, Digital Services Act): reporting an entry (Art. 16),
the statement of reasons (Art. 17), the appeal against a decision and the reply to its answer (Art. 20).

The pages behind a secret link say nothing about who reported, who wrote or who decided.
"""

from datetime import timedelta
from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import EmailField, HiddenField, RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from moderation import appeals, reports
from moderation.journey import APPEAL
from moderation.model import Decision
from participation.comments.model import Comment
from participation.database import now
from participation.errors import Conflict, Invalid, NotThere
from participation.ideas.actions import idea_by_ref
from participation.ideas.model import Idea, IdeaEdit
from participation.people.model import Person
from participation.text import excerpt
from participation.waiting import find
from participation.web.door import changing, door, open_to_all, put, reading, typed, viewer
from participation.web.headers import secret_page
from participation.web.language import speaking
from participation.web.limits import REPORT, carried_out, limiter, somebody
from participation.web.words import sentence

blueprint = Blueprint("answering", __name__)

_REQUIRED = {"aria-required": "true"}


class ReportForm(FlaskForm):  # type: ignore[misc]
    """A report; `comment` is the number of the comment that it is about, empty for the idea itself."""

    category = RadioField(lazy_gettext("What is it about?"), validate_choice=False, render_kw=_REQUIRED)
    body = TextAreaField(lazy_gettext("What is wrong with it?"), filters=[typed], render_kw=_REQUIRED)
    email = EmailField(lazy_gettext("Your e-mail address"), filters=[typed])
    comment = HiddenField()


class WordsForm(FlaskForm):  # type: ignore[misc]
    """An appeal, or the reply to its answer."""

    body = TextAreaField(lazy_gettext("Why should it be decided differently?"), filters=[typed], render_kw=_REQUIRED)


@blueprint.get("/ideas/<ref>/report")
@open_to_all
def report_form(ref: str) -> ResponseReturnValue:
    """The empty form to report an idea, or with `?comment=7` a comment on it."""
    idea, comment = _entry(reading(), ref, request.args.get("comment", ""))
    if not (idea.public and (comment is None or comment.public)):
        raise NotThere("unknown_idea" if comment is None else "unknown_comment")
    return _report_page(_report_form(idea, comment), idea, comment)


@blueprint.post("/ideas/<ref>/report")
@limiter.limit(REPORT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def report(ref: str) -> ResponseReturnValue:
    """File the report, then show its receipt."""
    idea, comment = _entry(reading(), ref, request.form.get("comment", ""))
    form, someone, city = _report_form(idea, comment), viewer(), door().city
    try:
        with changing() as session:
            idea_, comment_ = _entry(session, ref, request.form.get("comment", ""))
            made = reports.file(session, city, idea_, comment_, now(), category=form.category.data or "",
                                body=form.body.data or "", language=speaking(), person=someone,
                                email=(form.email.data or "") if "email" in form else "")
            token = reports.token(made, door().settings.secret_key)
    except Invalid as trouble:
        put(form, trouble)
        return _report_page(form, idea, comment), 422
    except Conflict as trouble:  # hidden meanwhile, or reported already: the words must not go with it
        form.form_errors.append(sentence(trouble))
        return _report_page(form, idea, comment), 409
    flash(gettext("Thank you. Your report has arrived."), "success")
    return redirect(url_for("answering.receipt", token=token), 303)


@blueprint.get("/reports/<token>")
@open_to_all
def receipt(token: str) -> ResponseReturnValue:
    """Where a report stands and how it was answered (Art. 16(4) and (5)), for whoever holds its secret link."""
    session, city = reading(), door().city
    made, case = reports.followed(session, token, door().settings.secret_key)
    idea = session.get_one(Idea, case.idea_id)
    comment = session.get(Comment, case.comment_id) if case.comment_id else None
    step, decision = reports.answer(session, case, now()) or (None, None)
    waiting = find(session, "report", case.id)
    return secret_page(render_template(
        "moderation/receipt.html", report=made, case=case, idea=idea, comment=comment, step=step, decision=decision,
        shown=idea.public and (comment is None or comment.public), told=bool(made.email or made.person_id),
        due=waiting.due if waiting else case.opened_at + timedelta(days=city.moderation.report_days),
        rule=city.rule(step.reason, speaking()) if step else ""))


@blueprint.get("/statements/<token>")
@open_to_all
def statement(token: str) -> ResponseReturnValue:
    """The statement of reasons, and the appeal, for whoever holds the secret link from the letter."""
    return _statement_page(token)


@blueprint.get("/statements/<token>/appeal")
@blueprint.get("/statements/<token>/reply")
@open_to_all
def statement_back(token: str) -> ResponseReturnValue:
    """Somebody reloads a page, or switches its language, that stands where something was sent to."""
    return redirect(url_for("answering.statement", token=token), 303)


@blueprint.post("/statements/<token>/appeal")
@limiter.limit(REPORT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def appeal(token: str) -> ResponseReturnValue:
    """Appeal; the holder of the link acts as the person it was sent to."""
    form = WordsForm()
    try:
        with changing() as session:
            decision, person = _decided(session, token)
            appeals.file(session, door().city, person, decision, form.body.data or "", speaking(), now())
    except (Invalid, Conflict) as trouble:
        return _sent_back(token, form, trouble)
    flash(gettext("Thank you. Your appeal has arrived."), "success")
    return redirect(url_for("answering.statement", token=token), 303)


@blueprint.post("/statements/<token>/reply")
@limiter.limit(REPORT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def reply(token: str) -> ResponseReturnValue:
    """Reply to the answer, once."""
    form = WordsForm()
    try:
        with changing() as session:
            decision, person = _decided(session, token)
            appeals.reply(session, door().city, person, decision, form.body.data or "", now())
    except (Invalid, Conflict) as trouble:
        return _sent_back(token, form, trouble)
    flash(gettext("Thank you. Your reply has arrived."), "success")
    return redirect(url_for("answering.statement", token=token), 303)


@blueprint.app_context_processor
def statements() -> dict[str, Any]:
    """What the page of an author asks for; nothing is read before it does."""
    return {"statements_of": statements_of}


def statements_of(idea_id: int | None = None, comment_ids: tuple[int, ...] = ()) -> list[tuple[Decision, str]]:
    """The decisions that restrict an author's entries, each with the secret of its statement. Only for pages that
    the author alone sees."""
    secret = door().settings.secret_key
    return [(decision, appeals.token(decision, secret))
            for decision in appeals.restricting(reading(), now(), idea_id, comment_ids)]


def _entry(session: Session, ref: str, number: str) -> tuple[Idea, Comment | None]:
    """The idea, and the comment on it, that is or was public. Raises NotThere alike for one that never was."""
    idea = idea_by_ref(session, ref)
    if not idea.public and idea.published_at is None:
        raise NotThere("unknown_idea")
    if not number:
        return idea, None
    known = number.isascii() and number.isdecimal() and len(number) < 10
    comment = session.get(Comment, int(number)) if known else None
    if comment is None or comment.idea_id != idea.id or not (comment.public or comment.published_at):
        raise NotThere("unknown_comment")
    return idea, comment


def _report_form(idea: Idea, comment: Comment | None) -> ReportForm:
    """The form with the city's reasons that fit; whoever is signed in needs no address."""
    city, tag = door().city, speaking()
    form = ReportForm(comment=str(comment.id) if comment else "")
    offered = reports.categories(city, "comment" if comment else "idea")
    form.category.choices = [SelectChoice(reason.key, reason.name.in_(tag)) for reason in city.reasons
                             if reason.key in offered]
    if viewer() is not None:
        del form.email
    return form


def _report_page(form: ReportForm, idea: Idea, comment: Comment | None) -> str:
    """The form with the beginning of the entry, as long as everyone may read that."""
    offered = {choice.value for choice in form.category.choices}
    return render_template(
        "moderation/reporting.html", form=form, idea=idea, comment=comment, most=reports.BODY_MAX,
        shown=idea.public and (comment is None or comment.public),
        words=excerpt(comment.body if comment else idea.body), thing=comment or idea,
        reasons=[reason for reason in door().city.reasons if reason.key in offered])


def _decided(session: Session, token: str) -> tuple[Decision, Person]:
    """The decision of a secret link and the person it was told to. Raises NotThere."""
    decision = appeals.followed(session, token, door().settings.secret_key)
    person = session.get(Person, decision.addressee_id) if decision.addressee_id else None
    if person is None:
        raise NotThere("unknown_statement")
    return decision, person


def _sent_back(token: str, form: WordsForm, trouble: Invalid | Conflict) -> ResponseReturnValue:
    """The page once more, with what was typed and what is wrong with it."""
    if isinstance(trouble, Invalid):
        put(form, trouble)
        return _statement_page(token, form, 422)
    form.form_errors.append(sentence(trouble))
    return _statement_page(token, form, 409)


def _statement_page(token: str, form: WordsForm | None = None, status: int = 200) -> ResponseReturnValue:
    session, city, tag = reading(), door().city, speaking()
    decision, person = _decided(session, token)
    told = appeals.statement(session, decision, now())
    form = form or WordsForm()
    if told.appeal is not None:
        form.body.label.text = gettext("Your reply")
    thing: Any = session.get(IdeaEdit, decision.thing_id) if decision.kind == "edit" else told.comment or told.idea
    waiting = find(session, "appeal", told.appeal.id) if told.appeal else None
    return secret_page(render_template(
        "moderation/statement.html", told=told, decision=decision, idea=told.idea, comment=told.comment, thing=thing,
        form=form, token=token, most=appeals.BODY_MAX, due=waiting.due if waiting else None,
        reason_text=city.explain(decision.reason, tag, told.idea.title if told.idea else ""),
        rule=city.rule(decision.reason, tag), effect=_effect(decision, person),
        shown=told.idea is not None and told.idea.public and (told.comment is None or told.comment.public),
        blocked_until=person.blocked_until,
        reply_passed=told.appeal is not None and APPEAL.state(told.appeal.state).waits_for == "author",
        answers=[step for step in told.answers if step.by == "city"]), status)


_EFFECTS = {
    "reject": lazy_gettext("It is not shown in public. Only you and the moderators can read it."),
    "hide": lazy_gettext("It is not shown in public any more. Only you and the moderators can read it."),
    "stay_hidden": lazy_gettext("It is not shown in public any more. Only you and the moderators can read it."),
    "hide_reported": lazy_gettext("Several people have reported it, so it is not shown until a moderator decides. "
                                  "Only you and the moderators can read it."),
    "refuse": lazy_gettext("The new text is not shown; the one before stays."),
    "publish": lazy_gettext("It was published, but passages in it were made unreadable."),
    "block": lazy_gettext("Until then this account cannot propose or comment. Reading, supporting, reporting and "
                          "appealing stay open to you."),
}


def _effect(decision: Decision, person: Person) -> str:
    """What a decision restricts, and how far (Art. 17(3)(a)); "" where it restricts nothing."""
    if decision.kind == "person" and (person.blocked_until is None or person.blocked_until <= now()):
        return str(gettext("Your account is not blocked any more."))
    return str(_EFFECTS.get(decision.move, "")) if decision.appeal_until is not None else ""
