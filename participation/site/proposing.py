"""Proposing an idea, and the secret link with which its author follows, changes or withdraws it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation import waiting
from participation.database import now
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.ideas import actions, drafts, queries, revising
from participation.ideas.guessing import guess
from participation.ideas.journey import EDIT, IDEA
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.people.rights import Right
from participation.site import pending, steps
from participation.site.ideas import told
from participation.waiting import find
from participation.web import placing
from participation.web.door import changing, door, needs, open_to_all, person, put, reading, typed, viewer
from participation.web.headers import secret_page
from participation.web.language import base_of, name_of_language, speaking
from participation.web.limits import BEGIN, LOOK, PROPOSE, WRITE, carried_out, limiter, somebody
from participation.web.words import sentence

blueprint = Blueprint("proposing", __name__)

_REQUIRED = {"aria-required": "true"}


class IdeaForm(placing.PlaceFields, FlaskForm):  # type: ignore[misc]
    """An idea, as a resident writes it. `version` is the text that a change began from; `step` is the question that
    the page asks, and `draft` what is kept of it."""

    title = StringField(lazy_gettext("What is your idea, in one sentence?"), filters=[typed], render_kw=_REQUIRED)
    body = TextAreaField(lazy_gettext("What should change?"), filters=[typed], render_kw=_REQUIRED)
    benefit = TextAreaField(lazy_gettext("What do residents gain?"), filters=[typed], render_kw=_REQUIRED)
    field = SelectField(lazy_gettext("Which field of action does it belong to?"), validate_choice=False,
                        filters=[typed], render_kw=_REQUIRED)
    district = SelectField(lazy_gettext("Which district is it about?"), validate_choice=False, filters=[typed])
    idea_language = SelectField(lazy_gettext("Which language is it written in?"), validate_choice=False,
                                filters=[typed], render_kw=_REQUIRED)
    version = HiddenField()
    step = HiddenField()
    draft = HiddenField(filters=[typed])


@blueprint.get("/new")
@open_to_all
def new() -> ResponseReturnValue:
    """A question, by its key; the first one where none is asked for, with the way to where one stopped."""
    begun, asked = steps.begun(), request.args.get("step")
    if begun is None and "draft" in session:  # swept, or thrown away on another device
        del session["draft"]
    entered = begun.entered if begun else {"field": typed(request.args.get("field"))}  # a poster's address names one
    form = _form(**entered, draft=begun.key if begun else "")
    here = steps.step(asked)
    if here is steps.PREVIEW and steps.problems(_draft(form, sure=False)):
        here = steps.FIRST
    if here is steps.PREVIEW:
        form.idea_language.data = _draft(form).language
    further = begun if begun and not asked and begun.step != here.key else None
    return steps.page(form, here, _draft(form, sure=False), further)


@blueprint.post("/new")
@limiter.limit(WRITE, key_func=somebody, exempt_when=lambda: not steps.going())
@limiter.limit(BEGIN, key_func=somebody, exempt_when=lambda: not steps.going() or "draft" in session)
@limiter.limit(PROPOSE, key_func=somebody, deduct_when=carried_out, exempt_when=lambda: bool(steps.going()))
@open_to_all
def submit() -> ResponseReturnValue:
    """Go on to another question; without a button that says so, submit the idea, or keep it until its author has
    signed in."""
    form, go = _form(), steps.going()
    if go == "afresh":
        steps.start_afresh()
        flash(gettext("What you had written is thrown away."), "info")
        return redirect(url_for("proposing.new"), 303)
    here = steps.step(form.step.data)
    if go:
        return _go(form, here, go)
    someone, city = viewer(), door().city
    draft = _draft(form)  # guessing a language takes its time, so before the transaction
    key = form.draft.data or session.get("draft", "")
    try:
        with changing() as changes:
            if someone is None:
                kept = actions.keep_draft(changes, city, draft, now()).id
            else:
                idea = drafts.begin_sending(changes, key, someone)
                if idea is None:  # else the button was pressed twice
                    idea = actions.submit(changes, city, someone, draft, now())
                    drafts.sent(changes, key, someone, idea)
                ref = idea.ref
    except Invalid as trouble:
        put(form, trouble)
        return steps.page(form, here, _draft(form, sure=False)), 422
    if someone is None:
        pending.keep("idea", kept)
        return redirect(url_for("signing_in.email"), 303)
    session.pop("draft", None)
    return redirect(url_for("proposing.thanks", ref=ref), 303)


def _go(form: IdeaForm, here: steps.Step, go: str) -> ResponseReturnValue:
    """Keep what was typed and show another question, or the same one with what is wrong."""
    draft = _draft(form, sure=False)
    if go == "keep":  # a script, when somebody looks elsewhere
        steps.keep(form, here)
        return "", 204
    if (tag := go.removeprefix("in-")) != go and tag in door().city.languages:
        steps.keep(form, here)
        return redirect(url_for("proposing.new", step=here.key, lang=tag), 303)
    there = steps.target(form, here, go)
    passes = steps.passes(form, draft, here, there)
    steps.keep(form, there if passes else here)
    if not passes:
        return steps.page(form, here, draft), 422
    return redirect(url_for("proposing.new", step=there.key), 303)


@blueprint.get("/new/similar")
@limiter.limit(LOOK, key_func=somebody)
@open_to_all
def alike() -> ResponseReturnValue:
    """A part of a page, for the script that asks while one types: the ideas like a title."""
    found = steps.alike(typed(request.args.get("title")))
    return render_template("site/propose/_alike_live.html", alike=found), 200, {"X-Robots-Tag": "noindex"}


@blueprint.get("/thanks/<ref>")
@needs(Right.IDEA_PROPOSE)
def thanks(ref: str) -> str:
    """What happens next, by when, and who reads it: for the author alone."""
    idea, _ = queries.one(reading(), ref)
    if idea.author_id != person().id:
        raise NotThere("unknown_idea")
    city, submitted = door().city, idea.submitted_at or idea.created_at
    return render_template("site/thanks.html", idea=idea, decided_by=city.decide_by(submitted),
                           token=actions.follow_token(idea, door().settings.secret_key))


@blueprint.get("/follow/<token>")
@open_to_all
def follow(token: str) -> ResponseReturnValue:
    """Where an idea stands, for whoever holds the secret link from its receipt."""
    idea, author = _followed(reading(), token)
    looking, city = reading(), door().city
    entries, waits = queries.timeline(looking, idea.id), find(looking, IDEA.name, idea.id)
    edit = revising.waiting_edit(looking, idea.id)
    waits = find(looking, EDIT.name, edit.id) if edit is not None else waits
    place, length = waiting.place(looking, waits) if waits is not None else (0, 0)
    return secret_page(render_template(
        "site/follow.html", idea=idea, token=token, stands=IDEA.state(idea.state), can_change=_can_change(idea),
        place=place, queue_length=length, decided_by=waits.due if waits is not None else None, edit=edit,
        moves={move.key for move in IDEA.open_to(author, idea)},
        entries=[told(city, idea, entry, entry is entries[-1]) for entry in reversed(entries)]))


@blueprint.get("/follow/<token>/change")
@open_to_all
def change_form(token: str) -> ResponseReturnValue:
    """The author's text, to be changed."""
    idea, _ = _followed(reading(), token)
    if not _can_change(idea):
        raise Conflict("decided_meanwhile")
    edit = revising.waiting_edit(reading(), idea.id)
    if edit is not None:  # what the author proposed last, not what is public
        form = _form(title=edit.title, body=edit.body, benefit=edit.benefit, idea_language=edit.language,
                     version=idea.version)
        return secret_page(_form_page(form, idea, token))
    form = _form(title=idea.title, body=idea.body, benefit=idea.benefit, field=idea.field,
                 district=idea.district or "", idea_language=idea.language, version=idea.version,
                 **placing.values(idea))
    return secret_page(_form_page(form, idea, token))


@blueprint.post("/follow/<token>/change")
@limiter.limit(PROPOSE, key_func=somebody, deduct_when=carried_out)
@open_to_all
def change(token: str) -> ResponseReturnValue:
    """Change the idea; a returned or rejected one is sent again by that, of a published one the change waits."""
    form = _form()
    seen, _ = _followed(reading(), token)
    public = IDEA.state(seen.state).gathers
    if public:  # where it belongs is not changed any more: others found it there
        form.field.data, form.district.data = seen.field, seen.district or ""
    draft = _draft(form)
    try:
        with changing() as changes:
            idea, author = _followed(changes, token)
            version = idea.version
            newer = _can_change(idea) and form.version.data != str(version)
            if not newer and public:
                revising.propose_edit(changes, door().city, author, idea, draft, now())
            elif not newer:
                actions.change(changes, door().city, author, idea, draft, now())
    except Invalid as trouble:
        put(form, trouble)
        return secret_page(_form_page(form, seen, token), 422)
    except (Conflict, NotAllowed) as trouble:
        form.form_errors.append(sentence(trouble))
        return secret_page(_form_page(form, seen, token), 409)
    if newer:  # in another window of the same author: sent once more, the text below counts
        form.version.data = str(version)
        form.form_errors.append(gettext("The text was changed in another window meanwhile, so nothing was changed "
                                        "now. Yours stands below: send it again to replace the newer one."))
        return secret_page(_form_page(form, seen, token), 409)
    flash(gettext("Your change is kept. A moderator reads it; until then everyone sees the old text.") if public
          else gettext("Your change is kept. A moderator reads the new text."), "success")
    return redirect(url_for("proposing.follow", token=token), 303)


@blueprint.get("/follow/<token>/withdraw")
@open_to_all
def withdraw_form(token: str) -> ResponseReturnValue:
    """Ask once more before an idea is withdrawn."""
    idea, author = _followed(reading(), token)
    if "withdraw" not in {move.key for move in IDEA.open_to(author, idea)}:
        raise Conflict("decided_meanwhile")
    return secret_page(render_template("site/withdraw.html", idea=idea, token=token))


@blueprint.post("/follow/<token>/withdraw")
@open_to_all
def withdraw(token: str) -> ResponseReturnValue:
    """Withdraw the idea."""
    with changing() as changes:
        idea, author = _followed(changes, token)
        actions.withdraw(changes, author, idea, now())
    flash(gettext("Your idea is withdrawn."), "success")
    return redirect(url_for("proposing.follow", token=token), 303)


def _can_change(idea: Idea) -> bool:
    """Whether the author may change the text: at once before it is published, as a proposal after."""
    stands = IDEA.state(idea.state)
    return stands.author_changes or stands.gathers


def _followed(looking: Session, token: str) -> tuple[Idea, Person]:
    """The idea of a secret link and its author, who acts when its holder does. Raises NotThere."""
    idea = actions.followed(looking, token, door().settings.secret_key)
    author = looking.get(Person, idea.author_id) if idea.author_id else None
    if author is None:
        raise NotThere("unknown_idea")
    return idea, author


def _form(**values: Any) -> IdeaForm:
    """The form with the city's choices in the page's language."""
    city, tag = door().city, speaking()
    form = IdeaForm(**values)
    form.field.choices = [SelectChoice("", gettext("Please choose")),
                          *(SelectChoice(field.key, field.name.in_(tag)) for field in city.fields)]
    form.district.choices = [SelectChoice("", gettext("The whole city")),
                             *(SelectChoice(district.key, district.name) for district in city.districts)]
    placing.offer(form)
    own = [t for t in (tag, base_of(tag)) if t in city.content_languages][:1]
    form.idea_language.choices = [
        SelectChoice("", gettext("Recognise it for me")),
        *(SelectChoice(t, name_of_language(t, t)) for t in dict.fromkeys([*own, *city.content_languages]))]
    return form


def _draft(form: IdeaForm, sure: bool = True) -> actions.Draft:
    """What was entered; a language left open is guessed from the text, or (unless `sure`) taken to be the page's."""
    title, body, benefit = (field.data or "" for field in (form.title, form.body, form.benefit))
    city, tag = door().city, base_of(speaking())
    spoken = tag if tag in city.content_languages else city.content_languages[0]
    language = form.idea_language.data or (
        guess(f"{title}\n{body}\n{benefit}", city.content_languages, spoken) if sure else spoken)
    return actions.Draft(title, body, benefit, form.field.data or "", form.district.data or None, language,
                         placing.chosen(form))


def _form_page(form: IdeaForm, idea: Idea, token: str) -> str:
    return render_template("site/change.html", form=form, idea=idea, token=token)
