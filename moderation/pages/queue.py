"""Staff pages: the queue, the next entry, the keys, handing everything over."""

from typing import Any

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.blueprints import BlueprintSetupState
from flask.typing import ResponseReturnValue
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.routing import BaseConverter

from moderation import claims, hints, queue
from moderation.pages.forms import colleague_of, note_form
from moderation.queue import KINDS, Wanted
from participation.database import now
from participation.errors import Invalid
from participation.people.rights import Right
from participation.translating import offers
from participation.waiting import CONFIRM, QUORUM
from participation.web.door import changing, door, needs, person, put, reading
from participation.web.language import name_of_language, speaking

blueprint = Blueprint("moderation", __name__)


class Kind(BaseConverter):
    """The kind of an entry in an address, in the plural: /moderation/ideas/…"""

    regex = "|".join(f"{kind}s" for kind in KINDS)

    def to_python(self, value: str) -> str:
        """The kind."""
        return value.removesuffix("s")

    def to_url(self, value: str) -> str:
        """The word of the address."""
        return f"{value}s"


@blueprint.record_once
def known(setup: BlueprintSetupState) -> None:
    """Teach the application to read the kind, before the addresses that name it are added."""
    setup.app.url_map.converters["entries"] = Kind


def wanted_of(values: Any) -> Wanted:
    """What the queue is narrowed down to, as an address or a form says; what we do not offer counts for nothing."""
    city = door().city
    offered = {"kind": {*KINDS, QUORUM, CONFIRM}, "field": {f.key for f in city.fields},
               "district": {d.key for d in city.districts}, "language": {*city.content_languages},
               "hint": {*hints.KEYS}, "who": {"mine", "free"}}
    return Wanted(**{name: value if (value := str(values.get(name, ""))) in known else ""
                     for name, known in offered.items()})


@blueprint.get("/", endpoint="queue", strict_slashes=False)
@needs(Right.QUEUE_SEE)
def show() -> str:
    """What waits, the most urgent first."""
    session, city, at, me, tag = reading(), door().city, now(), person(), speaking()
    wanted, after = wanted_of(request.args), request.args.get("after", "")
    entries, behind = queue.waiting(session, me, wanted, at, after)
    offered = {
        "field": [(field.key, field.name.in_(tag)) for field in city.fields],
        "district": [(district.key, district.name) for district in city.districts],
        "language": [(each, name_of_language(each, tag)) for each in city.content_languages],
    }
    return render_template(
        "moderation/queue.html", wanted=wanted, counts=queue.counts(session, me, at), offered=offered,
        hint_counts=queue.hint_counts(session, me), form=FlaskForm(), translated=offers.count(session, me),
        rows=[(entry, queue.urgency(entry.since, entry.due, at), address(entry.kind, entry.key, wanted))
              for entry in entries],
        first_url=url_for("moderation.queue", **wanted.query()) if after else None,
        next_url=url_for("moderation.queue", **wanted.query(), after=behind) if behind else None)


@blueprint.get("/next")
@needs(Right.ENTRY_DECIDE)
def following() -> ResponseReturnValue:
    """Claim what is due first and open it; back to the queue when nothing is free."""
    city, me, wanted = door().city, person(), wanted_of(request.args)
    with changing() as session:
        for row in queue.free(session, me, wanted, now()):
            if claims.take(session, city, row, me, now()):
                return redirect(address(row.kind, queue.key_of(session, row), wanted), 303)
    return redirect(url_for("moderation.queue", **wanted.query()), 303)


@blueprint.get("/keys")
@needs(Right.QUEUE_SEE)
def keys() -> str:
    """Which keys do what."""
    return render_template("moderation/keys.html")


@blueprint.get("/absence")
@needs(Right.ENTRY_DECIDE)
def absence() -> str:
    """Hand everything over that one has claimed."""
    session, me = reading(), person()
    return render_template("moderation/absence.html", form=note_form(claims.moderators(session), me),
                           mine=queue.counts(session, me, now()).mine)


@blueprint.post("/absence")
@needs(Right.ENTRY_DECIDE)
def hand_all_over() -> ResponseReturnValue:
    """Hand all claims to a colleague."""
    form = note_form(claims.moderators(reading()), person())
    try:
        with changing() as session:
            count = claims.hand_all_over(session, person(), colleague_of(form), now())
    except Invalid as trouble:
        put(form, trouble)
        return render_template("moderation/absence.html", form=form,
                               mine=queue.counts(reading(), person(), now()).mine), 422
    flash(ngettext("%(num)s entry is handed over.", "%(num)s entries are handed over.", count), "success")
    return redirect(url_for("moderation.queue"), 303)


def address(kind: str, key: str, wanted: Wanted | None = None) -> str:
    """The page of an entry; the queue's filters travel with it, so that the next one fits them, too."""
    return url_for("moderation.entry", kind=kind, key=key, **(wanted.query_behind() if wanted else {}))
