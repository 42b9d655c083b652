"""The accessibility statement, the form on it to report a barrier, and the staff's list of what was reported."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, StringField, TextAreaField

from participation import feedback
from participation.database import now
from participation.errors import Invalid
from participation.people.rights import Right
from participation.site.ideas import number
from participation.text import read_day
from participation.web.door import changing, door, local_path, needs, open_to_all, person, put, reading, typed
from participation.web.language import speaking
from participation.web.limits import FEEDBACK, carried_out, limiter, somebody

blueprint = Blueprint("accessibility", __name__)


class FeedbackForm(FlaskForm):  # type: ignore[misc]
    """A barrier that somebody met. `website` is a trap: people do not see it, programs fill it in."""

    body = TextAreaField(lazy_gettext("What could you not use?"), filters=[typed], render_kw={"aria-required": "true"})
    page = StringField(lazy_gettext("Which page is it about?"), filters=[typed])
    email = EmailField(lazy_gettext("Your e-mail address, if you would like an answer"), filters=[typed])
    website = StringField(filters=[typed])


@blueprint.get("/accessibility")
@open_to_all
def show() -> str:
    """The statement, and the form. `?page=/en/ideas` names the page it is about, on this site only."""
    return _page(FeedbackForm(formdata=None, page=local_path(request.args.get("page", ""), "")[:feedback.PAGE_MAX]))


@blueprint.post("/accessibility")
@limiter.limit(FEEDBACK, key_func=somebody, deduct_when=carried_out)
@open_to_all
def report() -> ResponseReturnValue:
    """Keep what somebody could not use. Whoever fills in the trap is thanked, too, and nothing of it is kept."""
    form = FeedbackForm()
    try:
        if not form.website.data:
            with changing() as changes:
                feedback.give(changes, door().city, body=form.body.data or "", page=form.page.data or "",
                              email=form.email.data or "", language=speaking(), now=now())
    except Invalid as trouble:
        put(form, trouble)
        return _page(form), 422
    flash(gettext("Thank you. Your message has arrived."), "success")
    return redirect(url_for("accessibility.show"), 303)


@blueprint.get("/accessibility/reported")
@needs(Right.FEEDBACK_SEE)
def reported() -> str:
    """What people could not use, newest first; `?all=1` with what is dealt with."""
    before, everything = number(request.args.get("before")), request.args.get("all") == "1"
    found, further = feedback.listed(reading(), not everything, before)
    which: dict[str, Any] = {"all": "1"} if everything else {}
    return render_template(
        "site/barriers.html", found=found, local_path=local_path, everything=everything, which=which,
        first_url=url_for(".reported", **which) if before else None,
        next_url=url_for(".reported", **which, before=further) if further else None)


@blueprint.post("/accessibility/reported")
@needs(Right.FEEDBACK_SEE)
def mark() -> ResponseReturnValue:
    """Note that one is dealt with (`done` = 1), or not yet after all (0): the state to reach."""
    done = request.form.get("done", "1") != "0"
    with changing() as changes:
        feedback.mark(changes, person(), number(request.form.get("number")) or 0, done, now())
    flash(gettext("Noted as dealt with.") if done else gettext("Noted as open again."), "success")
    return redirect(url_for(".reported", all="1" if request.form.get("all") == "1" else None), 303)


@blueprint.app_context_processor
def reporting() -> dict[str, Any]:
    """Where a barrier on the page in front of somebody is reported."""
    return {"barrier_url": barrier_url}


def barrier_url() -> str:
    """The statement's address with the page it is asked for from. A page behind a secret link is not named: its address
    would be kept and sent."""
    secret = "token" in (request.view_args or {})
    here = "" if secret or request.endpoint is None or request.blueprint == blueprint.name else request.path
    return url_for("accessibility.show", page=here[:feedback.PAGE_MAX] or None)


def _page(form: FeedbackForm) -> str:
    given = door().city.accessibility
    return render_template("site/accessibility.html", form=form, given=given, address=door().settings.public_url,
                           prepared=read_day("prepared_on", given.prepared_on),
                           checked=read_day("checked_on", given.checked_on))
