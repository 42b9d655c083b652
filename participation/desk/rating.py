"""The second check of a record: one's own rating, the spread of all, the consensus with its answer, the priority."""

from collections.abc import Iterable
from typing import Any

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.assessment import ranking, rating
from participation.assessment.rating import Marks, Rated
from participation.database import now
from participation.desk.checking import ready_text
from participation.desk.frame import blueprint, framed, held
from participation.errors import Conflict, Invalid
from participation.ideas.journey import IDEA
from participation.people.rights import Right
from participation.pool.model import Item
from participation.pool.queries import PoolRecord
from participation.strategy import Choice, Degree, Priority
from participation.web.door import changing, door, needs, person, put, reading, typed
from participation.web.language import speaking
from participation.web.words import sentence

AGREED = "agreed-"  # before the names of the consensus' fields, which are the rating's


class PriorityForm(FlaskForm):  # type: ignore[misc]
    """Which class of ideas a record belongs to."""

    priority = RadioField(lazy_gettext("Priority"), validate_choice=False, render_kw={"aria-required": "true"})


@blueprint.get("/<ref>/rating", endpoint="rating")
@needs(Right.RECORDS_SEE)
def show_rating(ref: str) -> str:
    """The ratings that this person may see, their own form, the consensus and the score."""
    return _shown(held(ref))


@blueprint.post("/<ref>/rating")
@needs(Right.RECORD_ASSESS)
def rate(ref: str) -> ResponseReturnValue:
    """Record one's own rating."""
    found, form = held(ref), _marks_form()
    try:
        with changing() as session:
            rating.rate(session, door().city, person(), session.get_one(Item, found.item.id), _marks(form), now())
    except Invalid as trouble:
        put(form, trouble)
        return _shown(found, own=form), 422
    flash(gettext("Your rating is recorded. You see those of the others now."), "success")
    return redirect(url_for("desk.rating", ref=ref), 303)


@blueprint.post("/<ref>/consensus")
@needs(Right.RECORD_ASSESS)
def agree(ref: str) -> ResponseReturnValue:
    """Record the consensus, with or without the public answer."""
    found, form, publish = held(ref), _marks_form(AGREED), "publish" in request.form
    try:
        with changing() as session:
            rating.agree(session, door().city, person(), session.get_one(Item, found.item.id), _marks(form), now(),
                         form.statement.data or "", speaking(), publish)
    except Invalid as trouble:
        put(form, trouble)
        return _shown(found, agreed=form), 422
    except Conflict as trouble:
        form.form_errors.append(sentence(trouble))
        return _shown(held(ref), agreed=form), 409
    flash(gettext("The consensus is recorded and answered publicly.") if publish
          else gettext("The consensus is recorded."), "success")
    return redirect(url_for("desk.rating", ref=ref), 303)


@blueprint.post("/<ref>/priority")
@needs(Right.RECORD_ASSESS)
def prioritise(ref: str) -> ResponseReturnValue:
    """Give the record a priority, or take it away."""
    found, form = held(ref), _priority_form(held(ref))
    try:
        if not form.priority.raw_data:
            raise Invalid("priority", "required")
        with changing() as session:
            rating.prioritise(session, door().city, person(), session.get_one(Item, found.item.id),
                              form.priority.data or "", now())
    except Invalid as trouble:
        put(form, trouble)
        return _shown(found, first=form), 422
    flash(gettext("The priority is kept."), "success")
    return redirect(url_for("desk.rating", ref=ref, _anchor="priority-title"), 303)


def name_of(choices: Iterable[Choice | Priority], key: str) -> str:
    """The name of something that the city lets choose from, in the language of the page; "" for none."""
    return next((each.name.in_(speaking()) for each in choices if each.key == key), key)


def _marks_form(prefix: str = "", data: dict[str, Any] | None = None, fresh: bool = False) -> Any:
    """The form of a rating or, with the prefix, of the consensus; `fresh`: without what was sent to another form."""

    class MarksForm(FlaskForm):  # type: ignore[misc]
        note = TextAreaField(lazy_gettext("Note for the office"), filters=[typed])

    if prefix:
        MarksForm.statement = TextAreaField(lazy_gettext("Public answer"), filters=[typed])
    for each in _rated_things():
        setattr(MarksForm, _field(each), RadioField(
            each.name.in_(speaking()), validate_choice=False, render_kw={"aria-required": "true"},
            choices=[(str(mark), f"{mark} – {anchor.in_(speaking())}") for mark, anchor in enumerate(each.anchors)]))
    return MarksForm(prefix=prefix, data=data, **({"formdata": None} if fresh else {}))


def _priority_form(found: PoolRecord, fresh: bool = False) -> PriorityForm:
    data = {"priority": found.item.priority}
    form = PriorityForm(formdata=None, data=data) if fresh else PriorityForm(data=data)
    form.priority.choices = [SelectChoice("", gettext("No priority")), *(
        SelectChoice(each.key, f"{each.name.in_(speaking())}: {each.asks.in_(speaking())}")
        for each in door().city.priorities)]
    return form


def _rated_things() -> tuple[Degree, ...]:
    """What is rated: the city's degrees, and the benefit last."""
    city = door().city
    return (*city.degrees, city.benefit)


def _field(each: Degree) -> str:
    return "benefit" if each is door().city.benefit else f"degree_{each.key}"


def _marks(form: Any) -> Marks:
    given = {_field(each): _mark(form[_field(each)].data) for each in _rated_things()}
    return Marks({name.removeprefix("degree_"): mark for name, mark in given.items() if name != "benefit"},
                 given["benefit"], form.note.data or "")


def _mark(text: str | None) -> int | None:
    return int(text) if text and len(text) == 1 and text.isascii() and text.isdecimal() else None


def _data(rated: Rated | None) -> dict[str, Any]:
    """What a form is filled in with from what was recorded before."""
    if rated is None:
        return {}
    return {"benefit": str(rated.benefit), "note": rated.note,
            **{f"degree_{key}": str(mark) for key, mark in rated.degrees.items()}}


def _shown(found: PoolRecord, own: Any = None, agreed: Any = None, first: PriorityForm | None = None) -> str:
    """The page with these forms, filled in afresh where none is given."""
    session, city, me, item_id = reading(), door().city, person(), found.item.id
    rated = rating.of_each(session, [item_id]).get(item_id, ())
    seen, mine = rating.seen_by(me, rated), next((each for each in rated if each.by_id == me.id), None)
    consensus = rating.consensus(session, [item_id]).get(item_id)
    spreads = {_field(each): rating.of_benefit(seen) if each is city.benefit else rating.of_degree(seen, each.key)
               for each in _rated_things()}
    public = found.idea is not None and IDEA.begins("rate", found.idea)
    if agreed is None:
        middles = {name: str(spread.middle) for name, spread in spreads.items() if spread}
        agreed = _marks_form(AGREED, (_data(consensus) or middles) | {"statement": ready_text(found, "rate")},
                             fresh=True)
    return framed(
        "desk/rating.html", found, "desk.rating", own=own or _marks_form(data=_data(mine), fresh=True), agreed=agreed,
        first=first or _priority_form(found, fresh=True), mine=mine, rated=seen, hidden=len(rated) - len(seen),
        names=[each.by or gettext("Somebody who has left") for each in seen], consensus=consensus, public=public,
        longest=rating.NOTE_MAX, things=[(each, _field(each)) for each in _rated_things()], spreads=spreads,
        points=ranking.points(city, found.item), name_of=name_of)
