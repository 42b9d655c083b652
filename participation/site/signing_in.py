"""Signing in with a code from an e-mail, or with a one-time address that the operator printed."""

import secrets
from datetime import timedelta

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import EmailField, HiddenField, StringField

from participation.database import now
from participation.errors import Invalid
from participation.people import signing_in
from participation.people.model import Person
from participation.site import pending
from participation.web.door import changing, door, local_path, open_to_all, put, sign_in, sign_out, typed, viewer
from participation.web.language import speaking
from participation.web.limits import CODE, SIGN_IN, limiter

blueprint = Blueprint("signing_in", __name__)

CODES_PER_ADDRESS = 5  # in the time that a code lasts
_LONGEST_TARGET = 500  # it is kept in the cookie, which holds 4 KB


class EmailForm(FlaskForm):  # type: ignore[misc]
    """Where to send the code."""

    email = EmailField(lazy_gettext("Your e-mail address"), filters=[typed], render_kw={"aria-required": "true"})
    next = HiddenField()


class CodeForm(FlaskForm):  # type: ignore[misc]
    """The code from the letter."""

    code = StringField(lazy_gettext("Code from the e-mail"), filters=[typed], render_kw={"aria-required": "true"})


@blueprint.get("")
@open_to_all
def email() -> ResponseReturnValue:
    """Ask for the address."""
    if viewer() is not None:
        return redirect(local_path(_target(request.args.get("next")), url_for("home.index")), 303)
    return _email_page(EmailForm(next=request.args.get("next", "")))


@blueprint.post("")
@limiter.limit(SIGN_IN)
@open_to_all
def send_code() -> ResponseReturnValue:
    """Send a code. Known and unknown addresses, and those that had many codes, get the same answer."""
    form, browser = EmailForm(), secrets.token_urlsafe(32)
    try:
        with changing() as changes:
            since = now() - timedelta(minutes=15)
            full = signing_in.asked_lately(changes, form.email.data or "", since) >= CODES_PER_ADDRESS
            code = None if full else signing_in.ask(changes, form.email.data or "", browser, speaking(), now())
            session["code"] = {"id": code.id if code else 0, "browser": browser}
    except Invalid as trouble:
        put(form, trouble)
        return _email_page(form), 422
    session["code_address"] = form.email.data
    session["next"] = _target(form.next.data)
    return redirect(url_for("signing_in.code"), 303)


@blueprint.get("/code")
@open_to_all
def code() -> ResponseReturnValue:
    """Ask for the code."""
    if viewer() is not None or "code" not in session:
        return redirect(url_for("signing_in.email"), 303)
    return _code_page(CodeForm())


@blueprint.post("/code")
@limiter.limit(CODE)
@open_to_all
def enter_code() -> ResponseReturnValue:
    """Check the code; the try counts even when it is wrong, so nothing is raised inside the transaction."""
    form, asked = CodeForm(), session.get("code")
    if asked is None:
        return redirect(url_for("signing_in.email"), 303)
    with changing() as changes:
        attempt = signing_in.enter(changes, asked["id"], form.code.data or "", asked["browser"],
                                   door().settings.secret_key, now())
    if attempt.person is None:
        put(form, Invalid("code", attempt.why, left=attempt.left))
        return _code_page(form), 422
    return _enter(attempt.person, session.get("next", ""))


@blueprint.get("/link/<token>")
@open_to_all
def link(token: str) -> ResponseReturnValue:
    """A one-time address leads to a button only: mail scanners open addresses, but press nothing."""
    return _quiet(render_template("site/sign_in_link.html", token=token))


@blueprint.post("/link/<token>")
@limiter.limit(SIGN_IN)
@open_to_all
def use_link(token: str) -> ResponseReturnValue:
    """Spend the one-time address."""
    with changing() as changes:
        someone = signing_in.use_link(changes, token, door().settings.secret_key, now())
    return _enter(someone, "")


@blueprint.post("/out")
@open_to_all
def out() -> ResponseReturnValue:
    """Sign out."""
    sign_out()
    flash(gettext("You are signed out."), "info")
    return redirect(url_for("home.index"), 303)


def _enter(someone: Person, target: str) -> ResponseReturnValue:
    """Begin the session and go on to where the person was heading."""
    sign_in(someone)
    place = pending.complete(someone)
    if place is None:
        place = local_path(target, url_for("home.index"))
        flash(gettext("You are signed in."), "success")
    return redirect(place, 303)


def _email_page(form: EmailForm) -> str:
    return render_template("site/sign_in_email.html", form=form, kept=pending.is_kept())


def _code_page(form: CodeForm) -> str:
    return render_template("site/sign_in_code.html", form=form, address=session.get("code_address", ""),
                           kept=pending.is_kept(), target=session.get("next", ""))


def _target(text: str | None) -> str:
    """Where to go on to after signing in; nothing for what no page of ours asks for. Browsers take tabs
    and line breaks out of an address, so that one with them could lead off the site."""
    return text if text and len(text) <= _LONGEST_TARGET and text.isprintable() else ""


def _quiet(page: str) -> ResponseReturnValue:
    """A page whose address is a secret: kept nowhere, named to nobody. Over https its form is refused
    without a Referer; strict-origin names the site in it and never the address."""
    return page, 200, {"Referrer-Policy": "strict-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}
