"""The delivery of records: what each receiver has, what did not arrive; pausing it, going on, trying again."""


from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, ngettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session

from participation.database import now
from participation.desk.frame import address, blueprint
from participation.errors import Invalid
from participation.people.rights import Right
from participation.pool import steering
from participation.pool.model import Receiver
from participation.web.door import changing, door, needs, person, reading
from participation.web.words import sentence


@blueprint.get("/delivery")
@needs(Right.RECORDS_SEE)
def delivery() -> str:
    """How the delivery to each receiver stands, with the first page of what did not arrive."""
    return _page()


@blueprint.post("/delivery/pause")
@needs(Right.DELIVERY_STEER)
def pause() -> ResponseReturnValue:
    """Send nothing more to a receiver for now."""
    with changing() as session:
        steering.pause(session, person(), _receiver(session), now())
    flash(gettext("The delivery is paused. Whatever is accepted meanwhile waits here."), "success")
    return _back()


@blueprint.post("/delivery/resume")
@needs(Right.DELIVERY_STEER)
def resume() -> ResponseReturnValue:
    """Let the delivery to a receiver go on."""
    with changing() as session:
        steering.resume(session, person(), _receiver(session), now())
    flash(gettext("The delivery goes on. Everything that waits is sent now, in its order."), "success")
    return _back()


@blueprint.post("/delivery/retry")
@needs(Right.DELIVERY_STEER)
def retry() -> ResponseReturnValue:
    """Send one record again, the chosen ones, or all that did not arrive."""
    one = request.form.get("one", "")
    numbers = [one] if one else request.form.getlist("chosen")
    chosen = None if "all" in request.form else sorted({int(n) for n in numbers if n.isdecimal() and len(n) < 10})
    try:
        with changing() as session:
            receiver = _receiver(session)
            count = steering.retry(session, person(), receiver, chosen, now())
            paused = receiver.paused_at is not None
    except Invalid as trouble:
        return _page(sentence(trouble)), 422
    if not count:
        flash(gettext("There was nothing left to send again."), "info")
    elif paused:
        flash(ngettext("%(num)s record is sent again as soon as the delivery goes on.",
                       "%(num)s records are sent again as soon as the delivery goes on.", count), "success")
    else:
        flash(ngettext("%(num)s record is sent again.", "%(num)s records are sent again.", count), "success")
    return _back()


def _page(trouble: str = "") -> str:
    session, keys = reading(), door().settings.receivers
    wanted, after = request.args.get("receiver", ""), request.args.get("after", "")
    start = int(after) if after.isdecimal() and len(after) < 10 else 0
    parts = []
    for standing in steering.standings(session, keys):
        mine = standing.name == wanted
        rows, behind = steering.undelivered(session, standing.id, start if mine else 0) if standing.id else ([], None)
        parts.append((standing, address(standing.key), rows, _link(standing, None) if mine and start else None,
                      _link(standing, behind) if behind else None))
    return render_template("desk/delivery.html", parts=parts, trouble=trouble, form=FlaskForm(),
                           others=steering.other_failures(session))


def _link(standing: steering.Standing, after: int | None) -> str:
    return url_for("desk.delivery", receiver=standing.name, after=after, _anchor=f"receiver-{standing.name}")


def _receiver(session: Session) -> Receiver:
    return steering.named(session, door().settings.receivers, request.form.get("receiver", ""))


def _back() -> ResponseReturnValue:
    return redirect(url_for("desk.delivery"), 303)
