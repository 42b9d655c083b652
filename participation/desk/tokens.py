"""The tokens of programs that fetch records: issued, listed with their last use, revoked."""

from typing import Any

from flask import Response, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, StringField
from wtforms.fields.choices import SelectChoice

from participation.database import now
from participation.desk.frame import blueprint
from participation.errors import Conflict, Invalid
from participation.people import tokens
from participation.people.rights import Right
from participation.web.door import changing, needs, person, put, reading, typed
from participation.web.language import apart

SCOPES: dict[str, Any] = {
    Right.RECORDS_EXPORT: lazy_gettext("Fetch the records of the idea pool"),
    Right.IDEA_ANSWER: lazy_gettext("Move ideas on and answer publicly, in your name"),
}


class TokenForm(FlaskForm):  # type: ignore[misc]
    """A new token: what it is for, and what it may do."""

    name = StringField(lazy_gettext("What the token is for"), filters=[typed], render_kw={"aria-required": "true"})
    scopes = RadioField(lazy_gettext("What it may do"), validate_choice=False, render_kw={"aria-required": "true"},
                        choices=[SelectChoice(key, name) for key, name in SCOPES.items()],
                        default=str(Right.RECORDS_EXPORT))


@blueprint.get("/tokens", endpoint="tokens")
@needs(Right.TOKENS_ISSUE)
def show_tokens() -> str:
    """The tokens, newest first, and the form for a new one."""
    return _page(TokenForm())


@blueprint.post("/tokens")
@needs(Right.TOKENS_ISSUE)
def issue_token() -> ResponseReturnValue:
    """Issue a token and show its secret, this once: it stands in this answer and nowhere else, so there is nothing to
    be led on to. Sent again, the form is refused, because the name is in use."""
    form = TokenForm()
    try:
        with changing() as session:
            token, secret = tokens.issue(session, person(), form.name.data or "",
                                         [form.scopes.data] if form.scopes.data else [], now())
            name = token.name
    except Invalid as trouble:
        put(form, trouble)
        return _page(form), 422
    except Conflict as trouble:
        put(form, Invalid("name", trouble.why))
        return _page(form), 409
    answer: Response = make_response(render_template("desk/token.html", name=name, secret=secret))
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.get("/tokens/<int(max=2147483647):number>")
@needs(Right.TOKENS_ISSUE)
def revoke_form(number: int) -> str:
    """Ask once more before a token is revoked."""
    return render_template("desk/token_revoke.html", token=tokens.one(reading(), number))


@blueprint.post("/tokens/<int(max=2147483647):number>")
@needs(Right.TOKENS_ISSUE)
def revoke_token(number: int) -> ResponseReturnValue:
    """Revoke a token: from now on it opens nothing."""
    with changing() as session:
        name = tokens.revoke(session, person(), number, now()).name
    flash(gettext("Revoked: %(name)s", name=apart(name)), "success")
    return redirect(url_for("desk.tokens"), 303)


def _page(form: TokenForm) -> str:
    text = request.args.get("before", "")
    before = int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
    rows, after = tokens.listed(reading(), before)
    return render_template(
        "desk/tokens.html", form=form, rows=rows, scopes=SCOPES, name_max=tokens.NAME_MAX,
        first_url=url_for("desk.tokens") if before else None,
        next_url=url_for("desk.tokens", before=after) if after else None)
