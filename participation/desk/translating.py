"""Translations: what the city said publicly, in the languages that are still missing, and an accepted idea's text."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import TextAreaField

from participation.assessment import translating
from participation.assessment.translating import PARTS
from participation.database import now
from participation.desk.frame import blueprint, framed, held
from participation.errors import Conflict, Invalid
from participation.ideas.actions import idea_by_ref
from participation.people.rights import Right
from participation.pool.queries import PoolRecord
from participation.translations import MACHINE, origin_of
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.translating import TextsForm, texts_form
from participation.web.words import sentence


class TextForm(FlaskForm):  # type: ignore[misc]
    """One text in another language; each on the page has an id of its own."""

    text = TextAreaField(lazy_gettext("Translation"), filters=[typed], render_kw={"aria-required": "true"})


@blueprint.get("/translations")
@needs(Right.TEXT_TRANSLATE)
def translations() -> str:
    """What is wanted, the oldest first; `?done=1` what was written, the newest first."""
    return _list()


@blueprint.post("/translations/<int(max=2147483647):number>")
@needs(Right.TEXT_TRANSLATE)
def translate(number: int) -> ResponseReturnValue:
    """Keep a translation; what is refused keeps what was typed."""
    form = _text_form(number)
    try:
        with changing() as session:
            translating.write(session, door().city, person(), number, str(form.text.data or ""), now(),
                              seen=request.form.get("seen", ""))
    except Invalid as trouble:
        put(form, trouble)
        return _list(number, form), 422
    except Conflict as trouble:
        form.form_errors.append(sentence(trouble))
        return _list(number, form), 409
    flash(gettext("The translation is kept."), "success")
    return redirect(url_for("desk.translations", **_query()), 303)


@blueprint.get("/<ref>/translations")
@needs(Right.RECORDS_SEE)
def idea_translations(ref: str) -> str:
    """An accepted idea's own text in the other languages of the site."""
    return _idea_page(held(ref))


@blueprint.post("/<ref>/translations")
@needs(Right.TEXT_TRANSLATE)
def translate_idea(ref: str) -> ResponseReturnValue:
    """Keep an idea's text in another language."""
    found = held(ref)
    language = request.form.get("language", "")
    form = texts_form(PARTS)
    try:
        with changing() as session:
            translating.write_idea(session, door().city, person(), idea_by_ref(session, ref), language,
                                   {part: str(form[part].data or "") for part in PARTS}, now())
    except Invalid as trouble:
        put(form, trouble)
        return _idea_page(found, form), 422
    flash(gettext("The translation is kept."), "success")
    return redirect(url_for("desk.idea_translations", ref=ref, language=language), 303)


def _query() -> dict[str, Any]:
    """Which list it is, by the address or by the form that was sent from it."""
    language = request.values.get("only", "")
    return ({"only": language} if language in door().city.languages else {}) | (
        {"done": "1"} if request.values.get("done") == "1" else {})


def _text_form(number: int, text: str = "", asked: bool = True) -> TextForm:
    """The form of one row; only that of the row that was sent reads what was sent."""
    form = TextForm(text=text) if asked else TextForm(formdata=None, text=text)
    form.text.id = f"text-{number}"
    form.text.label.field_id = form.text.id
    return form


def _list(number: int = 0, form: TextForm | None = None) -> str:
    """The list, with this form for one of its rows, which stands first if it is not on the page."""
    query, after = _query(), request.values.get("after", "")
    rows, more = translating.listed(reading(), query.get("only", ""), "done" in query,
                                    int(after) if after.isdecimal() and len(after) < 10 else None)
    if number and number not in {row.id for row in rows}:
        rows.insert(0, translating.one(reading(), number))
    return render_template(
        "desk/translations.html", only=query.get("only", ""), done="done" in query, refused=form, after=after,
        rows=[(row, form if form is not None and row.id == number else _text_form(row.id, row.text, asked=False))
              for row in rows],
        first_url=url_for("desk.translations", **query) if after else None,
        next_url=url_for("desk.translations", **query, after=more) if more else None)


def _idea_page(found: PoolRecord, form: TextsForm | None = None) -> str:
    """The page; with several languages one at a time, as the address says."""
    idea, city = found.idea, door().city
    others = [tag for tag in city.languages if idea is not None and tag != idea.language]
    asked = request.values.get("language", "")
    language = asked if asked in others else next(iter(others), "")
    if idea is None or not language:
        return framed("desk/record_translations.html", found, "desk.idea_translations", others=[], language="")
    there = translating.of_idea(reading(), idea)
    form = form if form is not None else texts_form(PARTS, there.get(language, {}))
    if not idea.benefit and "benefit" in form:
        del form.benefit
    return framed("desk/record_translations.html", found, "desk.idea_translations", others=others, language=language,
                  form=form, there=there, stale=translating.stale(reading(), idea),
                  machine=origin_of(reading(), translating.IDEA, idea.id, language) == MACHINE)
