"""Proposing an idea, and the secret link with which its author follows, changes or withdraws it."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import HiddenField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation import waiting
from participation.database import now
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.ideas import actions, queries, revising
from participation.ideas.guessing import guess
from participation.ideas.journey import EDIT, IDEA
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.people.rights import Right
from participation.site import pending, placing
from participation.site.ideas import told
from participation.waiting import find
from participation.web.door import changing, door, needs, open_to_all, person, put, reading, typed, viewer
from participation.web.headers import secret_page
from participation.web.language import name_of_language, speaking
from participation.web.limits import PROPOSE, carried_out, limiter, somebody
from participation.web.words import sentence

blueprint = Blueprint("proposing", __name__)

_REQUIRED = {"aria-required": "true"}


class IdeaForm(placing.PlaceFields, FlaskForm):  # type: ignore[misc]
    """An idea, as a resident writes it. `version` is the text that a change began from."""

    title = StringField(lazy_gettext("What is your idea, in one sentence?"), filters=[typed], render_kw=_REQUIRED)
    body = TextAreaField(lazy_gettext("What should change?"), filters=[typed], render_kw=_REQUIRED)
    benefit = TextAreaField(lazy_gettext("What do residents gain?"), filters=[typed], render_kw=_REQUIRED)
    field = SelectField(lazy_gettext("Which field of action does it belong to?"), validate_choice=False,
                        render_kw=_REQUIRED)
    district = SelectField(lazy_gettext("Which district is it about?"), validate_choice=False)
    idea_language = SelectField(lazy_gettext("Which language is it written in?"), validate_choice=False,
                                render_kw=_REQUIRED)
    version = HiddenField()


@blueprint.get("/new")
@open_to_all
def new() -> ResponseReturnValue:
    """The empty form."""
    return _form_page(_form())


@blueprint.post("/new")
@limiter.limit(PROPOSE, key_func=somebody, deduct_when=carried_out)
@open_to_all
def submit() -> ResponseReturnValue:
    """Submit the idea, or keep it until its author has signed in."""
    form, someone, city = _form(), viewer(), door().city
    draft = _draft(form)  # guessing a language takes its time, so before the transaction
    try:
        with changing() as changes:
            if someone is None:
                kept = actions.keep_draft(changes, city, draft, now()).id
            else:
                ref = actions.submit(changes, city, someone, draft, now()).ref
    except Invalid as trouble:
        put(form, trouble)
        return _form_page(form), 422
    if someone is None:
        pending.keep("idea", kept)
        return redirect(url_for("signing_in.email"), 303)
    return redirect(url_for("proposing.thanks", ref=ref), 303)


@blueprint.get("/thanks/<ref>")
@needs(Right.IDEA_PROPOSE)
def thanks(ref: str) -> str:
    """What happens next, by when, and who reads it: for the author alone."""
    idea, _ = queries.one(reading(), ref)
    if idea.author_id != person().id:
        raise NotThere("unknown_idea")
    return render_template("site/thanks.html", idea=idea, token=actions.follow_token(idea, door().settings.secret_key))


@blueprint.get("/follow/<token>")
@open_to_all
def follow(token: str) -> ResponseReturnValue:
    """Where an idea stands, for whoever holds the secret link from its receipt."""
    idea, author = _followed(reading(), token)
    session, city = reading(), door().city
    entries, waits = queries.timeline(session, idea.id), find(session, IDEA.name, idea.id)
    edit = revising.waiting_edit(session, idea.id)
    waits = find(session, EDIT.name, edit.id) if edit is not None else waits
    place, length = waiting.place(session, waits) if waits is not None else (0, 0)
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


def _followed(session: Session, token: str) -> tuple[Idea, Person]:
    """The idea of a secret link and its author, who acts when its holder does. Raises NotThere."""
    idea = actions.followed(session, token, door().settings.secret_key)
    author = session.get(Person, idea.author_id) if idea.author_id else None
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
    own = [t for t in (tag, tag.partition("-")[0]) if t in city.content_languages][:1]
    form.idea_language.choices = [
        SelectChoice("", gettext("Recognise it for me")),
        *(SelectChoice(t, name_of_language(t, t)) for t in dict.fromkeys([*own, *city.content_languages]))]
    return form


def _draft(form: IdeaForm) -> actions.Draft:
    """What was entered; a language left open is guessed from the text."""
    title, body, benefit = (field.data or "" for field in (form.title, form.body, form.benefit))
    city, tag = door().city, speaking().partition("-")[0]
    language = form.idea_language.data or guess(f"{title}\n{body}\n{benefit}", city.content_languages, tag)
    return actions.Draft(title, body, benefit, form.field.data or "", form.district.data or None, language,
                         placing.chosen(form))


def _form_page(form: IdeaForm, idea: Idea | None = None, token: str = "") -> str:
    return render_template("site/propose.html", form=form, idea=idea, token=token, signed_out=viewer() is None)
