"""The answer back: its form, and publishing it at once from the record's page."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice
from wtforms.widgets import DateInput

from participation.assessment import answers, preparing, promises
from participation.assessment.answers import END, MET, Written
from participation.city import City
from participation.database import now
from participation.desk.frame import blueprint, framed, held
from participation.desk.showing import facts_of
from participation.errors import Conflict, Invalid
from participation.ideas.actions import idea_by_ref
from participation.ideas.journey import IDEA
from participation.journey import Move
from participation.people.rights import Right
from participation.pool.queries import PoolRecord
from participation.text import read_day
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.language import apart, name_of_language, speaking
from participation.web.words import met_words, move_button, move_done, sentence

_ASKED = {"aria-required": "true"}


class AnswerForm(FlaskForm):  # type: ignore[misc]
    """The next step of an idea in the pool, with the public answer; `form_of` adds a field for each language."""

    move = RadioField(lazy_gettext("Next step"), validate_choice=False, render_kw=_ASKED)
    statement_language = SelectField(lazy_gettext("Language of the answer"), validate_choice=False, render_kw=_ASKED)
    statement = TextAreaField(lazy_gettext("Public answer"), filters=[typed], render_kw=_ASKED)
    promised_on = StringField(lazy_gettext("The next answer comes by"), filters=[typed], widget=DateInput())
    outcome = TextAreaField(lazy_gettext("What residents gain from it now"), filters=[typed])
    met = RadioField(lazy_gettext("Is that what was promised at the acceptance?"), validate_choice=False)

    def others(self) -> list[Any]:
        """The fields of the languages that the statement is not written in, and those that hold something."""
        return [field for field in self if field.name.startswith("statement_") and field.name != "statement_language"
                and (field.name != f"statement_{self.statement_language.data}" or field.data or field.errors)]


@lru_cache
def form_of(languages: tuple[str, ...]) -> type[AnswerForm]:
    """The form for a city with these languages."""
    return type("AnswerForm", (AnswerForm,), {f"statement_{tag}": TextAreaField(filters=[typed]) for tag in languages})


@blueprint.post("/<ref>")
@needs(Right.IDEA_ANSWER)
def answer(ref: str) -> ResponseReturnValue:
    """Move the idea on and answer its author publicly; whatever is refused keeps what was typed."""
    found = held(ref)
    form = answer_form(found)
    try:
        written = entered(form)
        with changing() as session:
            step = answers.publish(session, door().city, person(), idea_by_ref(session, ref), written, now())
            done = move_done(step.move)
    except Invalid as trouble:
        put(form, trouble)
        return shown(found, form), 422
    except Conflict as trouble:
        found = held(ref)
        form = answer_form(found)  # what was typed, and what can be done where it stands now
        form.form_errors.append(sentence(trouble))
        return shown(found, form), 409
    flash(gettext("%(what)s: %(title)s", what=done, title=apart(found.content["title"])), "success")
    return redirect(url_for("desk.record", ref=ref), 303)


def answer_form(found: PoolRecord, written: Written | None = None) -> AnswerForm:
    """The form with the moves the journey allows this person from where the idea stands: as it was sent, else
    holding what was `written` before, else a ready-made text where the address asks for one (`?ready=pass`)."""
    city, tag = door().city, speaking()
    written = written or (_begun(city, found) if request.method == "GET" else Written("", tag))
    form = form_of(city.languages)(
        move=written.move, statement_language=written.language, statement=written.statement,
        promised_on=written.promised_on.isoformat() if written.promised_on else "", outcome=written.outcome or "",
        met=written.met, **{f"statement_{other}": text for other, text in written.texts.items()
                            if other != written.language})
    for other in city.languages:
        form[f"statement_{other}"].label.text = gettext("Translation: %(language)s",
                                                        language=name_of_language(other, tag))
    form.statement_language.choices = [SelectChoice(each, name_of_language(each, each)) for each in city.languages]
    form.met.choices = [SelectChoice(each, met_words(each)) for each in MET]
    moves = {move.key: move_button(move.key) for move in _moves(found)}
    if written.move and written.move not in moves:
        moves[written.move] = gettext("%(step)s (not possible from where the idea stands)",
                                      step=move_button(written.move))
    form.move.choices = [SelectChoice(key, name) for key, name in moves.items()]
    if END not in moves and form.move.data != END:
        del form.outcome, form.met
    return form


def entered(form: AnswerForm) -> Written:
    """What was entered. Raises Invalid for a step that is missing, a day that is none, and a text in two fields."""
    if not form.move.data:
        raise Invalid("move", "required")
    tag = str(form.statement_language.data or speaking())
    texts = {name.removeprefix("statement_"): str(field.data or "") for name, field in form._fields.items()
             if name.startswith("statement_") and name != "statement_language"}
    if texts.get(tag):
        raise Invalid(f"statement_{tag}", "same_language")
    # A program that does not know of the outcome sends no such field at all.
    knows = "outcome" in form and form.outcome.raw_data
    return Written(str(form.move.data), tag, texts | {tag: str(form.statement.data or "")},
                   read_day("promised_on", str(form.promised_on.data or "")),
                   str(form.outcome.data or "") if knows else None, str(form.met.data or "") if "met" in form else "")


def ready_texts(found: PoolRecord) -> list[tuple[str, str]]:
    """The city's ready-made answers for what can be done now: key and name."""
    moves = {move.key for move in _moves(found)}
    return [(each.key, each.name.in_(speaking())) for each in door().city.answers if each.move in moves]


def shown(found: PoolRecord, form: AnswerForm) -> str:
    """The record's page with this form beside it."""
    return framed(
        "desk/record.html", found, "desk.record", form=form, ready=ready_texts(found),
        prepared=preparing.of_item(reading(), found.item.id) if found.idea is not None else None, **facts_of(found))


def _moves(found: PoolRecord) -> Sequence[Move]:
    """The desk's moves that this person may make from where the idea stands."""
    moves = IDEA.open_to(person(), found.idea) if found.idea is not None else ()
    return [move for move in moves if move.right is Right.IDEA_ANSWER]


def _begun(city: City, found: PoolRecord) -> Written:
    """What a fresh form holds: the day by which the next answer usually comes, and the ready-made text asked for."""
    key, tag = request.args.get("ready", ""), speaking()
    made = next((each for each in city.answers if each.key == key), None)
    owed = any(answers.goes_on(move.key) for move in _moves(found))
    usual = promises.usual(city, now()) if owed else None
    if made is None or made.key not in dict(ready_texts(found)):
        return Written("", tag, promised_on=usual)
    title = found.idea.title if found.idea is not None else ""
    return Written(made.move, tag, {tag: answers.filled_in(city, key, title)[tag]}, usual)
