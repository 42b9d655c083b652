"""The first check of a record, with its public answer; beside it the record's tags and what boards decided."""

from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import DateField, HiddenField, RadioField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.assessment import answers, boards, checking, tagging
from participation.assessment.checking import Finding
from participation.database import now
from participation.desk.frame import blueprint, framed, held
from participation.errors import Conflict, Invalid
from participation.ideas.journey import IDEA
from participation.people.rights import Right
from participation.pool.model import Item
from participation.pool.queries import PoolRecord
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.language import speaking
from participation.web.words import sentence

_HOLDS = {"yes": True, "no": False}
OUTCOMES = {"for": lazy_gettext("In favour"), "against": lazy_gettext("Against"), "deferred": lazy_gettext("Deferred")}


class BoardForm(FlaskForm):  # type: ignore[misc]
    """What a board decided."""

    board = RadioField(lazy_gettext("Board"), validate_choice=False, render_kw={"aria-required": "true"})
    decided_on = DateField(lazy_gettext("Day of the decision"), render_kw={"aria-required": "true"})
    outcome = RadioField(lazy_gettext("Decision"), validate_choice=False, render_kw={"aria-required": "true"},
                         choices=list(OUTCOMES.items()))
    note = TextAreaField(lazy_gettext("Note"), filters=[typed])
    url = StringField(lazy_gettext("Address in the council system"), filters=[typed])


@blueprint.get("/<ref>/checks")
@needs(Right.RECORDS_SEE)
def checks(ref: str) -> str:
    """The first check, the tags and the boards' decisions of a record."""
    found = held(ref)
    return shown(found, check_form(found))


@blueprint.post("/<ref>/checks")
@needs(Right.RECORD_ASSESS)
def check(ref: str) -> ResponseReturnValue:
    """Record the check and answer publicly; whatever is refused keeps what was typed."""
    found, city = held(ref), door().city
    form = check_form(found)
    findings = checking.cleaned(city, _findings(form))
    public = is_public(found)
    if public and city.criteria and not checking.problems(findings) and (why := _unread(form, found, findings)):
        put(form, Invalid("statement", why))
        return shown(found, form), 422
    try:
        with changing() as session:
            checking.check(session, city, person(), session.get_one(Item, found.item.id), findings, now(),
                           form.statement.data or "", speaking())
    except Invalid as trouble:
        put(form, trouble)
        return shown(found, form), 422
    except Conflict as trouble:
        found = held(ref)
        form = check_form(found)
        form.form_errors.append(sentence(trouble))
        return shown(found, form), 409
    flash(gettext("The check is recorded and answered publicly.") if public else gettext("The check is recorded."),
          "success")
    return redirect(url_for("desk.checks", ref=ref), 303)


def board_form(fresh: bool = False) -> BoardForm:
    """The form for a board's decision; `fresh`: without what was sent to another form of the page."""
    form = BoardForm(formdata=None) if fresh else BoardForm()
    form.board.choices = [SelectChoice(each.key, each.name.in_(speaking())) for each in door().city.boards]
    return form


def check_form(found: PoolRecord, fresh: bool = False) -> Any:
    """The form with the city's criteria; where the idea waits for this check, its statement is the ready-made one.
    `fresh`: without what was sent to another form of the page."""

    class CheckForm(FlaskForm):  # type: ignore[misc]
        statement = TextAreaField(lazy_gettext("Public answer"), filters=[typed],
                                  render_kw={"aria-required": "true"})
        answers = HiddenField()  # the result that the statement was written for

    for each in door().city.criteria:
        name = each.name.in_(speaking())
        setattr(CheckForm, f"holds_{each.key}", RadioField(
            name, choices=[("yes", gettext("Yes")), ("no", gettext("No"))], validate_choice=False,
            render_kw={"aria-required": "true"}))
        setattr(CheckForm, f"why_{each.key}", TextAreaField(
            gettext("Why: %(criterion)s", criterion=name), filters=[typed], render_kw={"aria-required": "true"}))
    # What a form did not send is empty, not the ready-made text.
    data = {"statement": ready_text(found, "pass"), "answers": "pass"} if fresh or request.method == "GET" else None
    return CheckForm(formdata=None, data=data) if fresh else CheckForm(data=data)


def shown(found: PoolRecord, form: Any, board: Any = None, tags: set[tagging.Named] | None = None,
          trouble: str = "") -> str:
    """The page with these forms; `tags` are those that were chosen, where they could not be kept."""
    session, city = reading(), door().city
    here = set(tagging.of_each(session, [found.item.id]).get(found.item.id, ()))
    return framed(
        "desk/checks.html", found, "desk.checks", form=form, public=is_public(found),
        history=checking.history(session, found.item.id), longest=checking.WHY_MAX,
        names={each.key: each.name.in_(speaking()) for each in city.criteria},
        groups=tagging.offered(city, found.item.field), chosen=here if tags is None else tags, trouble=trouble,
        named=[name.in_(speaking()) for key, name in tagging.names(city).items() if key in here],
        decisions=boards.of_each(session, [found.item.id]).get(found.item.id, ()),
        outcomes=OUTCOMES, boards={each.key: each.name.in_(speaking()) for each in city.boards},
        board=board if board is not None else board_form(fresh=True))


def is_public(found: PoolRecord) -> bool:
    """Whether the idea stands where the first check moves it on."""
    return found.idea is not None and IDEA.begins("pass", found.idea)


def ready_text(found: PoolRecord, move: str) -> str:
    """The city's ready-made answer for a move, in the language of the page; "" for none."""
    city, title = door().city, found.idea.title if found.idea is not None else str(found.content["title"])
    return next((answers.filled_in(city, each.key, title)[speaking()] for each in city.answers if each.move == move),
                "")


def _unread(form: Any, found: PoolRecord, findings: tuple[Finding, ...]) -> str:
    """Why the statement cannot be meant for this result; it is replaced by a draft only where nobody has touched it."""
    result = "pass" if checking.passes(findings) else "fail"
    words, meant = (form.statement.data or "").strip(), form.answers.data or result
    untouched = not words or (words == ready_text(found, "pass").strip() and result == "fail")
    form.answers.data = result
    if untouched:
        form.statement.data = ready_text(found, "pass") if result == "pass" else _failed_text(found, findings)
        return "read_the_draft"
    return "" if meant == result else "written_for_other"


def _failed_text(found: PoolRecord, findings: tuple[Finding, ...]) -> str:
    if ready := ready_text(found, "fail"):
        return ready
    names = {each.key: each.name.in_(speaking()) for each in door().city.criteria}
    return "\n\n".join((
        gettext("Your idea “%(title)s” does not meet all basic criteria of the city’s strategy, so it does not go on "
                "as it is.", title=found.content["title"]),
        *(f"{names[each.key]}: {each.why}" for each in findings if not each.holds)))


def _findings(form: Any) -> list[Finding]:
    return [Finding(each.key, _HOLDS.get(form[f"holds_{each.key}"].data or ""), form[f"why_{each.key}"].data or "")
            for each in door().city.criteria]
