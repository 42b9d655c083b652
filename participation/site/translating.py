"""Translating an idea or a comment: its author's translation is public at once, staff look at everybody else's first.
The author of an idea comes here signed in or by the secret link."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from participation import translations
from participation.database import now
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.ideas import actions
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.site.ideas import number, visible
from participation.translating import offers
from participation.translating.things import COMMENT, IDEA, Thing, into, thing
from participation.web.door import changing, door, needs, open_to_all, person, put, reading
from participation.web.headers import secret_page
from participation.web.language import name_of_language, speaking
from participation.web.limits import COMMENT as LIMIT
from participation.web.limits import carried_out, limiter, somebody
from participation.web.translating import TextsForm, entered, texts_form
from participation.web.words import sentence

blueprint = Blueprint("translating", __name__)


@blueprint.get("/<ref>/translate")
@needs(Right.TRANSLATION_OFFER)
def form(ref: str) -> str:
    """The original beside a form; `?language=fr` chooses into which language, `?comment=7` a comment of the idea."""
    return _page(person(), _named(ref))


@blueprint.post("/<ref>/translate")
@limiter.limit(LIMIT, key_func=somebody, deduct_when=carried_out)
@needs(Right.TRANSLATION_OFFER)
def give(ref: str) -> ResponseReturnValue:
    """Give a translation; what is refused keeps what was typed."""
    of = _named(ref)
    filled = _filled(of)
    try:
        with changing() as session:
            at_once = offers.give(session, door().city, person(), thing(session, of.kind, of.id), _language(of),
                                  entered(filled), now())
    except Invalid as trouble:
        put(filled, trouble)
        return _page(person(), of, filled), 422
    except (Conflict, NotAllowed) as trouble:
        filled.form_errors.append(sentence(trouble))
        return _page(person(), of, filled), 409
    _thank(at_once)
    return redirect(url_for("ideas.show", ref=ref), 303)


@blueprint.post("/<ref>/translate/take-down")
@needs(Right.ENTRY_DECIDE)
def take_down(ref: str) -> ResponseReturnValue:
    """Staff take a public translation down and say why."""
    of, why = _named(ref), request.form.get("reason", "")
    try:
        with changing() as session:
            offers.take_down(session, door().city, person(), thing(session, of.kind, of.id), _language(of), why, now())
    except Invalid as trouble:
        return _page(person(), of, None, why=why, refused=sentence(trouble)), 422
    flash(gettext("The translation is taken down."), "success")
    return redirect(url_for("ideas.show", ref=ref), 303)


@blueprint.get("/<ref>/translate/take-down")
@needs(Right.ENTRY_DECIDE)
def back(ref: str) -> ResponseReturnValue:
    """Somebody reloads a page, or switches its language, that stands where something was sent to."""
    return redirect(url_for("translating.form", ref=ref), 303)


@blueprint.get("/follow/<token>/translate")
@open_to_all
def own_form(token: str) -> ResponseReturnValue:
    """The same for whoever holds the secret link of the idea."""
    author, of = _own(reading(), token)
    return secret_page(_page(author, of, token=token))


@blueprint.post("/follow/<token>/translate")
@limiter.limit(LIMIT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def own_give(token: str) -> ResponseReturnValue:
    """The author's translation."""
    author, of = _own(reading(), token)
    filled = _filled(of)
    try:
        with changing() as session:
            writer, its = _own(session, token)
            at_once = offers.give(session, door().city, writer, its, _language(its), entered(filled), now())
    except Invalid as trouble:
        put(filled, trouble)
        return secret_page(_page(author, of, filled, token=token), 422)
    except NotAllowed as trouble:
        filled.form_errors.append(sentence(trouble))
        return secret_page(_page(author, of, filled, token=token), 409)
    _thank(at_once)
    return redirect(url_for("proposing.follow", token=token), 303)


def _named(ref: str) -> Thing:
    """What the address names. Raises NotThere, and Conflict for what is not public."""
    idea, _ = visible(ref)
    comment = number(request.values.get("comment"))
    of = thing(reading(), COMMENT if comment else IDEA, comment or idea.id)
    if of.idea_id != idea.id or (of.kind == COMMENT and idea.public and not of.public):
        raise NotThere("unknown_comment")
    return _public(of)


def _own(session: Session, token: str) -> tuple[Person, Thing]:
    """The idea of a secret link and its author, who acts when its holder does."""
    idea = actions.followed(session, token, door().settings.secret_key)
    author = session.get(Person, idea.author_id) if idea.author_id else None
    if author is None:
        raise NotThere("unknown_idea")
    return author, _public(thing(session, IDEA, idea.id))


def _public(of: Thing) -> Thing:
    if not of.public:
        raise Conflict("not_public_to_translate")
    return of


def _language(of: Thing) -> str:
    """Into which language: what was chosen, else the page's, else the first that there is; "" for none."""
    offered = into(door().city, of)
    asked = request.values.get("language", "")
    return asked or next((tag for tag in (speaking(), *offered) if tag in offered), "")


def _filled(of: Thing) -> TextsForm:
    return texts_form(of.texts)


def _thank(at_once: bool) -> None:
    flash(gettext("The translation is public now.") if at_once else
          gettext("Thank you. Staff read your translation before everyone can see it. You get a letter about it."),
          "success")


def _page(giver: Person, of: Thing, filled: TextsForm | None = None, token: str = "", **more: Any) -> str:
    """The page; `filled` is the form with what was sent."""
    session, offered, language = reading(), into(door().city, of), _language(of)
    language = language if language in offered else next(iter(offered), "")
    filled = filled if filled is not None else texts_form(of.texts, offers.begun(session, giver, of, language))
    if of.kind == COMMENT:
        filled.body.label.text = gettext("Comment")
    staff = bool(may(giver, Right.ENTRY_DECIDE) or may(giver, Right.TEXT_TRANSLATE))
    here = {"token": token} if token else {"ref": of.ref} | ({"comment": of.id} if of.kind == COMMENT else {})
    return render_template(
        "site/translate.html", of=of, form=filled, language=language, token=token, staff=staff,
        own=offers.at_once(session, giver, of, language), waits=offers.own(session, giver, of, language),
        offered=[(tag, name_of_language(tag, speaking())) for tag in offered],
        there=translations.origin_of(session, of.kind, of.id, language),
        address=url_for("translating.own_form" if token else "translating.form", **here), **more)
