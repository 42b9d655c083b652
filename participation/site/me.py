"""What is mine: my ideas and where they stand, my settings."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from participation.errors import Invalid
from participation.ideas import queries
from participation.ideas.actions import follow_token
from participation.people import actions
from participation.people.rights import Right
from participation.site.ideas import number
from participation.web.door import changing, door, needs, person, put, reading, sign_out, typed
from participation.web.language import name_of_language, speaking
from participation.web.words import RHYTHMS

blueprint = Blueprint("me", __name__)


class SettingsForm(FlaskForm):  # type: ignore[misc]
    """What a person says about themselves; all of it may stay empty."""

    name = StringField(lazy_gettext("Name beside your contributions"), filters=[typed])
    language = SelectField(lazy_gettext("Language of our letters to you"), validate_choice=False,
                           render_kw={"aria-required": "true"})
    lives_here = BooleanField(lazy_gettext("I live in the city"))
    district = SelectField(lazy_gettext("The district I live in"), validate_choice=False)
    tells_supported = BooleanField(lazy_gettext("Tell me what becomes of ideas I support"))
    digest = SelectField(lazy_gettext("How often we write to you about ideas you support or follow"),
                         choices=list(RHYTHMS.items()), validate_choice=False, render_kw={"aria-required": "true"})


@blueprint.get("")
@needs(Right.IDEA_PROPOSE)
def ideas() -> str:
    """My ideas, newest first."""
    session, secret = reading(), door().settings.secret_key
    page = queries.mine(session, person().id, number(request.args.get("before")))
    return render_template(
        "site/my_ideas.html", cards=page.cards, first_url=url_for("me.ideas") if request.args.get("before") else None,
        next_url=url_for("me.ideas", before=page.after) if page.after else None,
        tokens={idea.id: follow_token(idea, secret) for idea in queries.those(session, [c.id for c in page.cards])})


@blueprint.get("/settings")
@needs(Right.IDEA_PROPOSE)
def settings() -> str:
    """My settings as they are."""
    me = person()
    return _page(_form(name=me.name, language=me.language or speaking(), lives_here=me.lives_here,
                       district=me.district or "", tells_supported=me.tells_supported, digest=me.digest))


@blueprint.post("/settings")
@needs(Right.IDEA_PROPOSE)
def settle() -> ResponseReturnValue:
    """Keep my settings."""
    form = _form()
    try:
        with changing() as changes:
            actions.settle(changes, door().city, person(), name=form.name.data or "", language=form.language.data or "",
                           lives_here=bool(form.lives_here.data), district=form.district.data or None,
                           tells_supported=bool(form.tells_supported.data), digest=form.digest.data or "")
    except Invalid as trouble:
        put(form, trouble)
        return _page(form), 422
    flash(gettext("Your settings are kept."), "success")
    return redirect(url_for("me.settings"), 303)


@blueprint.post("/out-everywhere")
@needs(Right.IDEA_PROPOSE)
def out_everywhere() -> ResponseReturnValue:
    """Sign out on every device."""
    with changing() as changes:
        actions.sign_out_everywhere(changes, person())
    sign_out()
    flash(gettext("You are signed out on every device."), "info")
    return redirect(url_for("home.index"), 303)


def _form(**values: object) -> SettingsForm:
    city = door().city
    form = SettingsForm(**values)
    form.language.choices = [SelectChoice(tag, name_of_language(tag, tag)) for tag in city.languages]
    form.district.choices = [SelectChoice("", gettext("I would rather not say")),
                             *(SelectChoice(district.key, district.name) for district in city.districts)]
    return form


def _page(form: SettingsForm) -> str:
    return render_template("site/settings.html", form=form)
