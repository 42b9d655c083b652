"""The page of reconciliation: what each receiver was found to hold, and a button to look again."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, IntegerField

from participation.database import now
from participation.desk.frame import address, blueprint
from participation.errors import NotThere
from participation.jobs import House
from participation.people.rights import Right
from participation.pool import reconciling, runs
from participation.web.door import changing, door, needs, reading

_SHOWN = 50  # of each kind, by name; the command names all


class ReconcileForm(FlaskForm):  # type: ignore[misc]
    """Look again, or look again and mend."""

    receiver = IntegerField()
    repair = HiddenField()


@blueprint.get("/delivery/reconciliation")
@needs(Right.RECORDS_SEE)
def reconciliation() -> str:
    """The runs of one receiver, newest first, and by name what the last one found."""
    session, chosen, before = reading(), request.args.get("receiver", ""), request.args.get("before", "")
    receivers = [(number, address(key)) for number, key in runs.set_up(session, door().settings.receivers)]
    if not receivers:
        return render_template("desk/reconciliation.html", receivers=[], receiver=None)
    receiver = next((each for each in receivers if str(each[0]) == chosen), receivers[0])
    rows, after = runs.listed(session, receiver[0], int(before) if before.isdecimal() and len(before) < 10 else None)
    last = rows[0] if rows and not before else None
    return render_template(
        "desk/reconciliation.html", receivers=receivers, receiver=receiver, rows=rows, last=last, shown=_SHOWN,
        named=runs.named(session, last.id) if last and not last.equal else None, form=ReconcileForm(formdata=None),
        first_url=url_for("desk.reconciliation", receiver=receiver[0]) if before else None,
        next_url=url_for("desk.reconciliation", receiver=receiver[0], before=after) if after else None)


@blueprint.post("/delivery/reconciliation")
@needs(Right.DELIVERY_STEER)
def reconcile() -> ResponseReturnValue:
    """Order a comparison, or one that mends; a worker does it, because it may take as long as the receiver does."""
    form, made_of = ReconcileForm(), door()
    if not form.validate() or form.receiver.data is None or not 0 < form.receiver.data < 2**31:
        raise NotThere("unknown_receiver")
    with changing() as session:
        reconciling.ask(session, House(made_of.settings, made_of.city, now()), form.receiver.data,
                        repair=form.repair.data == "yes")
    flash(gettext("The comparison has been ordered. Its result stands here as soon as it is done."))
    return redirect(url_for("desk.reconciliation", receiver=form.receiver.data), 303)
