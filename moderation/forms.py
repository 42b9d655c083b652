"""The form of a decision. It only shapes: what a move asks for, the journey says."""

from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, RadioField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from moderation.decisions import Decision, Entry
from participation.city import City
from participation.web.door import typed
from participation.web.words import move_button


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """What a moderator decides; `version` is the text that was read."""

    move = RadioField(lazy_gettext("Your decision"), validate_choice=False, render_kw={"aria-required": "true"})
    reason = SelectField(lazy_gettext("Reason"), validate_choice=False)
    statement = TextAreaField(lazy_gettext("What you say to the author"), filters=[typed])
    benefit = TextAreaField(lazy_gettext("How it serves the people of the city"), filters=[typed])
    who_benefits = TextAreaField(lazy_gettext("Who benefits"), filters=[typed])
    version = HiddenField()


def decision_form(city: City, entry: Entry, tag: str) -> DecisionForm:
    """The form with the moves the journey allows here, and the city's reasons that fit them. Where
    accepting has become impossible meanwhile, what was typed for it stays."""
    idea = entry.idea
    form = DecisionForm(benefit=idea.benefit, version=getattr(entry.thing, "version", 0))
    form.move.choices = [SelectChoice(move.key, move_button(move.key)) for move in entry.moves]
    moves = {move.key for move in entry.moves}
    form.reason.choices = [SelectChoice("", gettext("No reason needed")), *(
        SelectChoice(reason.key, reason.name.in_(tag)) for reason in city.reasons
        if entry.kind in reason.kinds and reason.moves & moves)]
    if "accept" not in moves and form.move.data != "accept":
        del form.benefit, form.who_benefits
    return form


def decided(form: DecisionForm, tag: str) -> Decision:
    """What was entered."""
    version = str(form.version.data or "")
    return Decision(
        move=form.move.data or "", reason=form.reason.data or "", statement=form.statement.data or "",
        statement_language=tag, benefit=form.benefit.data or "" if "benefit" in form else "",
        who_benefits=form.who_benefits.data or "" if "who_benefits" in form else "",
        seen=int(version) if version.isdecimal() and len(version) < 9 else None)
