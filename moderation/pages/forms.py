"""The forms of moderation's staff pages. They only shape: what a move asks for, the journey says."""

from typing import Any

from flask_babel import gettext, lazy_gettext, ngettext
from flask_wtf import FlaskForm
from wtforms import BooleanField, HiddenField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from moderation.decisions import cause_kind, cause_of
from moderation.entries import Entered, Entry
from participation.city import City
from participation.ideas.model import Idea
from participation.people.model import Person
from participation.web.door import typed
from participation.web.language import name_of_language
from participation.web.words import move_button

BLOCK_DAYS = (7, 30, 90, 365)


class DecisionForm(FlaskForm):  # type: ignore[misc]
    """What a moderator decides; `version` is the text that was read."""

    move = RadioField(lazy_gettext("Your decision"), validate_choice=False, render_kw={"aria-required": "true"})
    reason = SelectField(lazy_gettext("Reason"), validate_choice=False)
    statement = TextAreaField(lazy_gettext("What you say to the author"), filters=[typed])
    benefit = TextAreaField(lazy_gettext("How it serves the people of the city"), filters=[typed])
    who_benefits = TextAreaField(lazy_gettext("Who benefits"), filters=[typed])
    target = StringField(lazy_gettext("Number of the idea to merge into"), filters=[typed])
    mask = TextAreaField(lazy_gettext("Passages to mask, one a line"), filters=[typed])
    official = BooleanField(lazy_gettext("It is the city’s own comment"))
    trust = BooleanField(lazy_gettext("Trust this author: what they write next is published at once and checked after"))
    block_days = SelectField(lazy_gettext("Block the author as well"), validate_choice=False)
    field = SelectField(lazy_gettext("Field of action"), validate_choice=False)
    district = SelectField(lazy_gettext("District"), validate_choice=False)
    language = SelectField(lazy_gettext("Language of the text"), validate_choice=False)
    version = HiddenField()


class NoteForm(FlaskForm):  # type: ignore[misc]
    """An internal note, which may hand the entry to a colleague."""

    note = TextAreaField(lazy_gettext("Internal note"), filters=[typed])
    colleague = SelectField(lazy_gettext("Hand over to"), validate_choice=False)


class ConfirmForm(FlaskForm):  # type: ignore[misc]
    """What the second moderator says to a proposed decision."""

    agrees = RadioField(lazy_gettext("What do you say to it?"), validate_choice=False,
                        render_kw={"aria-required": "true"})
    note = TextAreaField(lazy_gettext("Note to your colleague"), filters=[typed], id="note-to-colleague")


def decision_form(city: City, entry: Entry, tag: str, **begun: str) -> DecisionForm:
    """The form with the moves the journey allows here, and the city's reasons that fit them. Fields that fit no
    move are left out; where a move has become impossible meanwhile, what was typed for it stays. `begun` is what
    a link of the page has filled in: a move, the idea to merge into, passages to mask."""
    thing: Any = entry.thing
    idea = entry.idea
    form = DecisionForm(**begun, version=entry.version, benefit=idea.benefit if idea else "",
                        field=idea.field if idea else "", district=(idea.district or "") if idea else "",
                        language=getattr(thing, "language", ""), official=getattr(thing, "official", False))
    form.move.choices = [SelectChoice(move.key, move_button(move.key)) for move in entry.moves]
    moves = {move.key for move in entry.moves}
    causes = {cause_of(key) for key in moves}
    form.reason.choices = [SelectChoice("", gettext("No reason needed")), *(
        SelectChoice(reason.key, reason.name.in_(tag)) for reason in city.reasons
        if cause_kind(entry) in reason.kinds and reason.moves & causes)]
    form.block_days.choices = [SelectChoice("0", gettext("Do not block")), *(
        SelectChoice(str(days), ngettext("for %(num)d day", "for %(num)d days", days)) for days in BLOCK_DAYS)]
    form.field.choices = [SelectChoice(each.key, each.name.in_(tag)) for each in city.fields]
    form.district.choices = [SelectChoice("", gettext("The whole city")),
                             *(SelectChoice(each.key, each.name) for each in city.districts)]
    form.language.choices = [SelectChoice(each, name_of_language(each, tag)) for each in city.content_languages]
    chosen = form.move.data or ""
    for names, fits in ((("benefit", "who_benefits"), {"accept"}), (("target",), {"merge"}),
                        (("mask", "trust"), {"publish"}), (("block_days",), {"reject", "hide"})):
        if not moves & fits and chosen not in fits:
            for name in names:
                delattr(form, name)
    own = isinstance(thing, Idea)
    for name, kept in (("field", own), ("district", own), ("language", own or entry.kind == "comment"),
                       ("official", entry.kind == "comment"), ("trust", entry.author is not None),
                       ("block_days", (entry.author is not None and own) or entry.kind == "comment")):
        if not (kept and moves) and name in form:
            delattr(form, name)
    if not city.moderation.trust and "trust" in form:
        del form.trust
    return form


def entered(form: DecisionForm, entry: Entry, tag: str) -> Entered:
    """What was entered. Corrections count for what can be corrected, with any decision."""
    version = str(form.version.data or "")

    def words(name: str) -> str:
        return str(form[name].data or "") if name in form else ""

    days = words("block_days")
    return Entered(
        move=words("move"), reason=words("reason"), statement=words("statement"), statement_language=tag,
        benefit=words("benefit"), who_benefits=words("who_benefits"), target=words("target"), mask=words("mask"),
        official="official" in form and bool(form.official.data), trust="trust" in form and bool(form.trust.data),
        block_days=int(days) if days.isascii() and days.isdecimal() and len(days) < 5 else 0,
        field=words("field"), district=words("district"), language=words("language"),
        seen=int(version) if version.isascii() and version.isdecimal() and len(version) < 9 else None)


def note_form(colleagues: list[Person], me: Person) -> NoteForm:
    """The form for a note, with the colleagues one can hand the entry to."""
    form = NoteForm()
    form.colleague.choices = [SelectChoice("", gettext("Nobody, keep it as a note")), *(
        SelectChoice(str(each.id), each.name or each.email or "") for each in colleagues if each.id != me.id)]
    return form


def colleague_of(form: NoteForm) -> int:
    """The colleague chosen, by number; 0 for nobody."""
    chosen = str(form.colleague.data or "")
    return int(chosen) if chosen.isascii() and chosen.isdecimal() and len(chosen) < 10 else 0


def confirm_form() -> ConfirmForm:
    """The form for the second moderator."""
    form = ConfirmForm()
    form.agrees.choices = [SelectChoice("1", gettext("Confirm it")), SelectChoice("0", gettext("Send it back"))]
    return form
