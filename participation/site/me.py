"""What is mine: what is new for me, my ideas and where they stand, what I support and follow, my settings."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectField, StringField
from wtforms.fields.choices import SelectChoice

from participation import mine
from participation import support as supports
from participation.database import now
from participation.errors import Invalid
from participation.ideas import queries
from participation.ideas.actions import follow_token, idea_by_ref
from participation.ideas.journey import IDEA
from participation.notices import following
from participation.people import actions
from participation.people.rights import Right
from participation.site.ideas import number, visible
from participation.web.door import changing, door, needs, person, put, reading, sign_out, typed
from participation.web.language import name_of_language, speaking
from participation.web.limits import SUPPORT, carried_out, limiter, somebody
from participation.web.words import RHYTHMS

blueprint = Blueprint("me", __name__)

NEWEST = 3  # ideas of mine beside what is new


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
def index() -> str:
    """What is new for me, newest first, and where my newest ideas stand."""
    me, at, after = person(), now(), request.args.get("after", "")
    since = me.looked_before or me.created_at
    if not after and mine.is_new_visit(me, at):
        with changing() as changes:
            since = mine.looked(changes, me, at)
    session = reading()
    news, further = mine.news(session, me, speaking(), at, after)
    cards = () if after else queries.mine(session, me.id, limit=NEWEST).cards
    hidden = [each.idea_id for each in news if each.why == mine.OWN_IDEA and not each.public]
    return render_template(
        "site/me.html", news=news, since=since, cards=cards, kinds=mine,
        tokens=_tokens([*hidden, *(c.id for c in cards)]),
        first_url=url_for("me.index") if after else None,
        next_url=url_for("me.index", after=further) if further else None)


@blueprint.get("/ideas")
@needs(Right.IDEA_PROPOSE)
def ideas() -> str:
    """My ideas, newest first."""
    page = queries.mine(reading(), person().id, number(request.args.get("before")))
    return render_template(
        "site/my_ideas.html", cards=page.cards, first_url=url_for("me.ideas") if request.args.get("before") else None,
        next_url=url_for("me.ideas", before=page.after) if page.after else None,
        tokens=_tokens([c.id for c in page.cards]))


@blueprint.get("/supported")
@needs(Right.IDEA_SUPPORT)
def supported() -> str:
    """The ideas that I support or follow, the newest first."""
    before = number(request.args.get("before"))
    found, further = mine.supported(reading(), person(), before)
    return render_template(
        "site/my_supported.html", found=found, takes_support=IDEA.keys(takes_support=True),
        first_url=url_for("me.supported") if before else None,
        next_url=url_for("me.supported", before=further) if further else None)


@blueprint.post("/supported")
@limiter.limit(SUPPORT, key_func=somebody, deduct_when=carried_out)
@needs(Right.IDEA_SUPPORT)
def end() -> ResponseReturnValue:
    """Take my support of an idea back, or follow it no more (`what`: support, follow); twice is harmless."""
    idea, _ = visible(request.form.get("ref", ""))
    support = request.form.get("what") == "support"
    with changing() as changes:
        if support:
            supports.take_back(changes, person(), idea_by_ref(changes, idea.ref or ""))
        else:
            following.follow(changes, person(), idea_by_ref(changes, idea.ref or ""), False, now())
    flash(gettext("Your support is taken back.") if support else gettext("You are told no more of this idea."),
          "success")
    return redirect(url_for("me.supported", before=number(request.form.get("before"))), 303)


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


def _tokens(ids: list[int]) -> dict[int, str]:
    """The secrets of the links to my ideas, by the ideas' ids."""
    secret = door().settings.secret_key
    return {idea.id: follow_token(idea, secret) for idea in queries.those(reading(), ids)}


def _form(**values: object) -> SettingsForm:
    city = door().city
    form = SettingsForm(**values)
    form.language.choices = [SelectChoice(tag, name_of_language(tag, tag)) for tag in city.languages]
    form.district.choices = [SelectChoice("", gettext("I would rather not say")),
                             *(SelectChoice(district.key, district.name) for district in city.districts)]
    return form


def _page(form: SettingsForm) -> str:
    return render_template("site/settings.html", form=form)
