"""Staff pages: entering ideas for people who wrote, called or came to a workshop, one at a time or thirty cards.

What may be entered says `ideas.revising.enter`; here it is only asked for and shown. What was entered last stands on
the page that comes next, by its reference, kept in the session as a flashed message is.
"""

import re
from collections.abc import Iterator

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from moderation.pages.queue import blueprint
from moderation.pages.words import ORIGINS
from participation.database import now
from participation.errors import Invalid, refuse
from participation.ideas.actions import Draft
from participation.ideas.guessing import guess
from participation.ideas.revising import NAME_MAX
from participation.ideas.revising import enter as enter_for
from participation.people.rights import Right
from participation.places import NOWHERE
from participation.web import placing
from participation.web.door import changing, door, needs, person, put, typed
from participation.web.language import name_of_language, speaking

CARDS = 30
SHOWN = 10  # cards that lie open; the others wait folded up
_PARTS = ("title", "body", "benefit")
_REQUIRED = {"aria-required": "true"}
_TITLE, _BODY = lazy_gettext("The idea, in one sentence"), lazy_gettext("What should change?")
_BENEFIT = lazy_gettext("What do residents gain?")


class EnteringForm(placing.PlaceFields, FlaskForm):  # type: ignore[misc]
    """One idea, as its author wrote or told it."""

    origin = RadioField(lazy_gettext("How did it come?"), validate_choice=False, render_kw=_REQUIRED)
    title = StringField(_TITLE, filters=[typed], render_kw=_REQUIRED)
    body = TextAreaField(_BODY, filters=[typed], render_kw=_REQUIRED)
    benefit = TextAreaField(_BENEFIT, filters=[typed], render_kw=_REQUIRED)
    field = SelectField(lazy_gettext("Field of action"), validate_choice=False, render_kw=_REQUIRED)
    district = SelectField(lazy_gettext("District"), validate_choice=False)
    idea_language = SelectField(lazy_gettext("Language of the text"), validate_choice=False, render_kw=_REQUIRED)
    name = StringField(lazy_gettext("Name of the author, as they want it shown"), filters=[typed])
    consent = BooleanField(lazy_gettext("The author agrees that the city publishes the idea on this site"),
                           render_kw=_REQUIRED)


class CardsForm(FlaskForm):  # type: ignore[misc]
    """The cards of a workshop, and what is the same for all of them. The cards' fields follow below."""

    field = SelectField(lazy_gettext("Field of action"), validate_choice=False, render_kw=_REQUIRED)
    district = SelectField(lazy_gettext("District"), validate_choice=False)
    idea_language = SelectField(lazy_gettext("Language of the text"), validate_choice=False, render_kw=_REQUIRED)
    consent = BooleanField(lazy_gettext("The authors of all these cards agree that the city publishes their ideas on "
                                        "this site"), render_kw=_REQUIRED)


for _number in range(1, CARDS + 1):
    setattr(CardsForm, f"title-{_number}", StringField(_TITLE, filters=[typed]))
    setattr(CardsForm, f"body-{_number}", TextAreaField(_BODY, filters=[typed]))
    setattr(CardsForm, f"benefit-{_number}", TextAreaField(_BENEFIT, filters=[typed]))


@blueprint.get("/enter")
@needs(Right.IDEA_ENTER)
def enter() -> str:
    """The form for one idea; the way the last one came is chosen already."""
    return _idea_page(_idea_form(request.args.get("origin", "")))


@blueprint.post("/enter")
@needs(Right.IDEA_ENTER)
def enter_idea() -> ResponseReturnValue:
    """Enter one idea, then offer the next empty form."""
    form = _idea_form()
    origin = str(form.origin.data or "")
    draft = _draft(form, *(form[part].data for part in _PARTS))  # guessing takes its time, so before the transaction
    try:
        with changing() as changes:
            idea = enter_for(changes, door().city, person(), draft, now(), origin=origin,
                             consent=bool(form.consent.data), name=form.name.data or "")
            ref = idea.ref
    except Invalid as trouble:
        put(form, trouble)
        return _idea_page(form), 422
    session["entered"] = [ref]
    return redirect(url_for("moderation.enter", origin=origin), 303)


@blueprint.get("/enter/workshop")
@needs(Right.IDEA_ENTER)
def enter_workshop() -> str:
    """The form for the cards of a workshop."""
    return _cards_page(_cards_form())


@blueprint.post("/enter/workshop")
@needs(Right.IDEA_ENTER)
def enter_cards() -> ResponseReturnValue:
    """Enter all cards that are not empty, or none of them when one is wrong."""
    form = _cards_form()
    if any(re.fullmatch(r"(title|body|benefit)-\d+", name) and name not in form for name in request.form):
        form.form_errors.append(gettext("At most %(most)s cards can be entered at once.", most=CARDS))
        return _cards_page(form), 422
    drafts = [(number, _draft(form, *texts)) for number, texts in _cards(form) if any(texts)]
    if not drafts:
        form["title-1"].errors = [gettext("Please fill in at least one card.")]
        return _cards_page(form), 422
    refs, problems = [], []
    try:
        with changing() as changes:
            for number, draft in drafts:
                try:
                    idea = enter_for(changes, door().city, person(), draft, now(), origin="workshop",
                                     consent=bool(form.consent.data))
                    refs.append(idea.ref)
                except Invalid as trouble:
                    problems += [_on_card(number, problem) for problem in trouble.all]
            refuse(_once(problems))  # undoes the cards that were right, so that sending again doubles none
    except Invalid as trouble:
        put(form, trouble)
        return _cards_page(form), 422
    session["entered"] = refs
    return redirect(url_for("moderation.enter_workshop"), 303)


def _cards(form: CardsForm) -> Iterator[tuple[int, tuple[str, ...]]]:
    for number in range(1, CARDS + 1):
        yield number, tuple(form[f"{part}-{number}"].data or "" for part in _PARTS)


def _on_card(number: int, problem: Invalid) -> Invalid:
    """The problem, named after the field of the card; what all cards share stays as it is."""
    field = f"{problem.field}-{number}" if problem.field in _PARTS else problem.field
    return Invalid(field, problem.why, **problem.values)


def _once(problems: list[Invalid]) -> list[Invalid]:
    """Without what each card says again about the fields that they share."""
    return list({(problem.field, problem.why): problem for problem in problems}.values())


def _idea_form(origin: str = "") -> EnteringForm:
    form = EnteringForm(origin=origin if origin in ORIGINS else "")
    form.origin.choices = [SelectChoice(key, str(name)) for key, name in ORIGINS.items()]
    _offer(form)
    placing.offer(form)
    return form


def _cards_form() -> CardsForm:
    form = CardsForm()
    _offer(form)
    return form


def _offer(form: EnteringForm | CardsForm) -> None:
    """Put the city's choices into the form, in the page's language."""
    city, tag = door().city, speaking()
    form.field.choices = [SelectChoice("", gettext("Please choose")),
                          *(SelectChoice(each.key, each.name.in_(tag)) for each in city.fields)]
    form.district.choices = [SelectChoice("", gettext("The whole city")),
                             *(SelectChoice(each.key, each.name) for each in city.districts)]
    form.idea_language.choices = [
        SelectChoice("", gettext("Recognise it for me")),
        *(SelectChoice(each, name_of_language(each, tag)) for each in city.content_languages)]


def _draft(form: EnteringForm | CardsForm, title: str, body: str, benefit: str) -> Draft:
    """One idea with what the form says about it; a language left open is guessed from the text."""
    city, tag = door().city, speaking().partition("-")[0]
    language = form.idea_language.data or guess(f"{title}\n{body}\n{benefit}", city.content_languages, tag)
    spot = placing.chosen(form) if isinstance(form, EnteringForm) else NOWHERE
    return Draft(title, body, benefit, form.field.data or "", form.district.data or None, language, spot)


def _idea_page(form: EnteringForm) -> str:
    return render_template("moderation/enter.html", form=form, entered=_entered(form), name_max=NAME_MAX)


def _cards_page(form: CardsForm) -> str:
    names = {f"{part}-{number}": gettext("Card %(number)s: %(field)s", number=number,
                                         field=str(form[f"{part}-{number}"].label.text))
             for number in range(1, CARDS + 1) for part in _PARTS}
    folded = [form[f"{part}-{number}"] for number in range(SHOWN + 1, CARDS + 1) for part in _PARTS]
    return render_template("moderation/enter_workshop.html", form=form, entered=_entered(form), names=names,
                           most=CARDS, shown=SHOWN, unfolded=any(each.data or each.errors for each in folded))


def _entered(form: FlaskForm) -> list[str]:
    """The references of what was entered last, told once; a form with errors is not the place for it."""
    return [] if form.errors else list(session.pop("entered", []))
