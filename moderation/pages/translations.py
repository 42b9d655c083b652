"""Staff pages: translations that residents have written. A volunteer's is published, changed or turned down; an
author's, which is public already, is left or taken down."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from wtforms import TextAreaField

from moderation.pages.queue import blueprint
from participation.database import now
from participation.errors import Conflict, Invalid
from participation.people.rights import Right
from participation.translating import offers
from participation.translating.things import COMMENT
from participation.translations import AUTHOR
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.translating import TextsForm, entered
from participation.web.words import sentence


class DecisionForm(TextsForm):
    """The translation as staff publish it, or why they do not."""

    reason = TextAreaField(lazy_gettext("Why not?"), filters=[typed])


@blueprint.get("/translations")
@needs(Right.ENTRY_DECIDE)
def translations() -> str:
    """What waits for a look, the oldest first."""
    asked = request.args.get("after", "")
    after = int(asked) if asked.isdecimal() and len(asked) < 10 else None
    rows, more = offers.waiting(reading(), person(), after)
    return render_template("moderation/translations.html", rows=rows,
                           first_url=url_for("moderation.translations") if after else None,
                           next_url=url_for("moderation.translations", after=more) if more else None)


@blueprint.get("/translations/<int(max=2147483647):number>")
@needs(Right.ENTRY_DECIDE)
def translation(number: int) -> str:
    """One of them beside its original."""
    return _page(number)


@blueprint.post("/translations/<int(max=2147483647):number>")
@needs(Right.ENTRY_DECIDE)
def decide_translation(number: int) -> ResponseReturnValue:
    """Publish it or leave it (`then` = approve), turn it down or take it down (`then` = refuse)."""
    offers.one(reading(), person(), number)
    form, seen, city = DecisionForm(), request.form.get("seen", ""), door().city
    taken = request.form.get("then") == "approve"
    try:
        with changing() as session:
            if taken:
                offers.approve(session, city, person(), number, entered(form), now(), seen=seen)
            else:
                offers.turn_down(session, city, person(), number, str(form.reason.data or ""), now(), seen=seen)
    except Invalid as trouble:
        put(form, trouble)
        return _page(number, form), 422
    except Conflict as trouble:
        form.form_errors.append(sentence(trouble))
        return _page(number, form), 409
    flash(gettext("The translation is public now.") if taken else gettext("The translation is not public."), "success")
    return redirect(url_for("moderation.translations"), 303)


def _page(number: int, form: DecisionForm | None = None) -> str:
    offer, of = offers.one(reading(), person(), number)
    form = form if form is not None else DecisionForm(formdata=None, **dict(offer.texts))
    for part in ("title", "body", "benefit"):
        if part not in of.texts and part in form:
            del form[part]
    if of.kind == COMMENT:
        form.body.label.text = gettext("Comment")
    return render_template("moderation/translation.html", offer=offer, of=of, form=form, seen=offers.version_of(offer),
                           author=offer.origin == AUTHOR, stale=offer.source != of.source)
