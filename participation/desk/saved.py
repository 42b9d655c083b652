"""Lists of the inbox that somebody has named: keeping one and deleting it."""

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from participation.assessment import views
from participation.desk.frame import blueprint
from participation.desk.inbox import SaveForm, present_in, shown
from participation.errors import Conflict, Invalid
from participation.people.rights import Right
from participation.web.door import changing, needs, person, put
from participation.web.language import apart
from participation.web.words import sentence


@blueprint.post("/views")
@needs(Right.RECORDS_SEE)
def save_view() -> ResponseReturnValue:
    """Keep the list that is shown under a name; what is refused keeps the list and the name."""
    form, present = SaveForm(), present_in(request.form.get("query", ""))
    try:
        with changing() as session:
            name = views.save(session, person(), form.name.data or "", present.text()).name
    except Invalid as trouble:
        put(form, trouble)
        return shown(present, save=form), 422
    except Conflict as trouble:
        form.form_errors.append(sentence(trouble))
        return shown(present, save=form), 409
    flash(gettext("Saved: %(name)s", name=apart(name)), "success")
    return redirect(present.with_(), 303)


@blueprint.post("/views/<int(max=2147483647):number>/delete")
@needs(Right.RECORDS_SEE)
def delete_view(number: int) -> ResponseReturnValue:
    """Delete a list of one's own; the records stay as they are."""
    with changing() as session:
        name = views.forget(session, person(), number)
    flash(gettext("Deleted: %(name)s", name=apart(name)), "success")
    return redirect(url_for("desk.inbox"), 303)


@blueprint.get("/views", endpoint="views_back")
@blueprint.get("/together", endpoint="views_back")
@needs(Right.RECORDS_SEE)
def back() -> ResponseReturnValue:
    """Somebody reloads a page that stands where something was sent to."""
    return redirect(url_for("desk.inbox"), 303)
