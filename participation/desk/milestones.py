"""The milestones of a project at the desk: announced, changed, reached, taken back."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from participation.assessment import projects
from participation.assessment.model import Milestone
from participation.database import now
from participation.desk.frame import blueprint
from participation.desk.project_page import NUMBER, MilestoneForm, milestone_form, project_page
from participation.errors import Conflict, Invalid
from participation.people.rights import Right
from participation.pool.items import today
from participation.web.door import changing, door, needs, person, put, reading
from participation.web.words import sentence

_MILESTONE = f"/projects/{NUMBER}/milestones/<int(max=2147483647):milestone>"


@blueprint.post(f"/projects/{NUMBER}/milestones")
@needs(Right.RECORD_WORK)
def add_milestone(project: int) -> ResponseReturnValue:
    """Announce a milestone."""
    form = milestone_form()
    try:
        with changing() as session:
            projects.add_milestone(session, door().city, person(), project, form.milestone.data or "",
                                   form.milestone_language.data or "", form.due_on.data or "", now())
    except Invalid as trouble:
        put(form, trouble)
        return project_page(project, milestone=form), 422
    except Conflict as trouble:
        form.form_errors.append(sentence(trouble))
        return project_page(project, milestone=form), 409
    flash(gettext("The milestone is announced."), "success")
    return redirect(url_for("desk.project", project=project), 303)


@blueprint.get(f"/projects/{NUMBER}/milestones")
@needs(Right.RECORD_WORK)
def milestones_back(project: int) -> ResponseReturnValue:
    """Somebody reloads a page, or switches its language, that stands where a milestone was sent to."""
    return redirect(url_for("desk.project", project=project), 303)


@blueprint.get(_MILESTONE)
@needs(Right.RECORD_WORK)
def milestone(project: int, milestone: int) -> str:
    """One milestone: to be changed, marked as reached, or taken back."""
    row = projects.milestone_of(reading(), project, milestone)
    return _milestone_page(row, _standing(row))


@blueprint.post(_MILESTONE)
@needs(Right.RECORD_WORK)
def change_milestone(project: int, milestone: int) -> ResponseReturnValue:
    """Change a milestone, mark it as reached (`act` = reach, `reached_on`) or take it back (`act` = remove)."""
    form, wish, city = milestone_form(), request.form.get("act", ""), door().city
    try:
        with changing() as session:
            row = projects.milestone_of(session, project, milestone)
            if wish == "reach":
                projects.reach(session, city, person(), row, request.form.get("reached_on", ""), now())
                done = gettext("The milestone is reached. Whoever follows the ideas is told.")
            elif wish == "remove":
                projects.remove_milestone(session, person(), row, now())
                done = gettext("The milestone is taken back.")
            else:
                projects.change_milestone(session, city, person(), row, form.milestone.data or "",
                                          form.milestone_language.data or "", form.due_on.data or "", now())
                done = gettext("The milestone is changed.")
    except Invalid as trouble:
        row = projects.milestone_of(reading(), project, milestone)
        if wish == "reach":
            form = _standing(row)
            return _milestone_page(row, form, sentence(trouble)), 422
        put(form, trouble)
        return _milestone_page(row, form), 422
    except Conflict as trouble:
        return _milestone_page(projects.milestone_of(reading(), project, milestone), form, sentence(trouble)), 409
    flash(done, "success")
    return redirect(url_for("desk.project", project=project), 303)


def _standing(row: Milestone) -> MilestoneForm:
    """The form as the milestone stands now."""
    return milestone_form(milestone=row.title, milestone_language=row.language,
                          due_on=row.due_on.isoformat() if row.due_on else "")


def _milestone_page(row: Milestone, form: MilestoneForm, trouble: str = "") -> str:
    return render_template("desk/milestone.html", row=row, form=form, trouble=trouble,
                           reached_on=request.form.get("reached_on", "") or today(door().city, now()).isoformat())
