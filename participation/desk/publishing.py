"""All prepared answers, to be published many together."""

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm

from participation.assessment import preparing
from participation.assessment.preparing import MOST, Wanted
from participation.database import now
from participation.desk.frame import blueprint
from participation.errors import Trouble
from participation.ideas.journey import IDEA
from participation.people.rights import Right
from participation.web.door import changing, door, needs, person, reading
from participation.web.language import speaking
from participation.web.words import move_button, sentence

_DESKS = tuple(move.key for move in IDEA.moves if move.right is Right.IDEA_ANSWER)


@blueprint.get("/answers", endpoint="answers")
@needs(Right.RECORD_WORK)
def list_answers() -> str:
    """The prepared answers, the oldest first; `?not=7.moved_on` names one that could not be published, and why."""
    return _page([(number, why) for each in request.args.getlist("not")[:MOST]
                  for number, _, why in [each.partition(".")]])


@blueprint.post("/answers")
@needs(Right.IDEA_ANSWER)
def publish() -> ResponseReturnValue:
    """Publish the chosen answers, each in a transaction of its own, so that one that cannot be spoils no other."""
    chosen = [(int(number), int(version)) for each in dict.fromkeys(request.form.getlist("answers"))
              for number, _, version in [each.partition(".")]
              if number.isascii() and version.isascii() and number.isdecimal() and version.isdecimal()
              and len(number) < 10 and len(version) < 20]
    if not chosen or len(chosen) > MOST:
        return _page([], gettext("Please choose at least one answer.") if not chosen else
                     gettext("These are too many at once. Please choose fewer.")), 422
    done, refused = 0, []
    for number, version in chosen:
        try:
            with changing() as session:
                preparing.publish(session, door().city, person(), number, now(), seen=version)
            done += 1
        except Trouble as trouble:
            refused.append(f"{number}.{trouble.why}")
    if done:
        flash(ngettext("%(num)d answer is published.", "%(num)d answers are published.", done), "success")
    # In the address and not in the session, whose cookie holds little.
    return redirect(url_for("desk.answers", **{**_query(_wanted()), "not": refused}), 303)


def _wanted() -> Wanted:
    """What the list is asked for, by the address or by the form that publishes from it."""
    asked = {name: request.values.get(name, "") for name in ("ready", "move", "field")}
    return Wanted(asked["ready"] if asked["ready"] in ("0", "1") else "", asked["move"] if asked["move"] in _DESKS
                  else "", asked["field"] if door().city.field(asked["field"]) else "")


def _query(wanted: Wanted) -> dict[str, Any]:
    return {name: value for name in ("ready", "move", "field") if (value := getattr(wanted, name))}


def _page(refused: list[tuple[str, str]], trouble: str = "") -> str:
    wanted, after = _wanted(), request.values.get("after", "")
    session, tag = reading(), speaking()
    rows, more = preparing.listed(session, wanted, int(after) if after.isdecimal() and len(after) < 10 else None)
    named = preparing.named(session, [int(number) for number, _ in refused
                                      if number.isascii() and number.isdecimal() and len(number) < 10])
    kept = _query(wanted)
    return render_template(
        "desk/answers.html", rows=rows, wanted=wanted, form=FlaskForm(), trouble=trouble, after=after,
        refused=[(*named[int(number)], sentence(Trouble(why))) for number, why in refused
                 if number.isdecimal() and int(number) in named],
        moves=[(key, move_button(key)) for key in _DESKS],
        fields=[(field.key, field.name.in_(tag)) for field in door().city.fields],
        first_url=url_for("desk.answers", **kept) if after else None,
        next_url=url_for("desk.answers", **kept, after=more) if more else None)
