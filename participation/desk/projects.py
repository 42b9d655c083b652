"""Projects at the desk: a record becomes one or joins one, what a project says of itself, all its ideas moved on."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy import select

from participation.assessment import answers, projects, projects_queries
from participation.assessment.model import Project
from participation.assessment.projects import Plan
from participation.assessment.working import act
from participation.database import now
from participation.desk.frame import blueprint, framed, held
from participation.desk.project_page import NUMBER, ProjectForm, fitting, move_form, project_form, project_page, whole
from participation.errors import Conflict, Invalid, Trouble
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.people.rights import Right
from participation.pool.model import Item
from participation.pool.queries import PoolRecord
from participation.text import one_line
from participation.web.door import changing, door, needs, person, put, reading
from participation.web.language import apart, speaking
from participation.web.words import sentence


@blueprint.get("/projects", endpoint="projects")
@needs(Right.RECORD_WORK)
def list_projects() -> str:
    """All projects, the newest first."""
    before, q = request.args.get("before", ""), one_line(request.args.get("q", ""))[:200]
    found, after = projects_queries.listed(reading(), _number(before), q=q)
    return render_template("desk/projects.html", found=found, q=q,
                           first_url=url_for("desk.projects", q=q or None) if before else None,
                           next_url=url_for("desk.projects", q=q or None, before=after) if after else None)


@blueprint.get("/<ref>/project")
@needs(Right.RECORD_WORK)
def record_project(ref: str) -> str:
    """The project of a record; without one, the forms to make or join one."""
    found = held(ref)
    return _of_record(found, project_form(title=found.content["title"], language=fitting(found.content["language"])))


@blueprint.post("/<ref>/project")
@needs(Right.RECORD_WORK)
def make_project(ref: str) -> ResponseReturnValue:
    """Make the record a project of its own."""
    found, form = held(ref), project_form()
    try:
        with changing() as session:
            made = projects.create(session, door().city, person(), session.get_one(Item, found.item.id), _plan(form),
                                   now())
            number, title = made.id, made.title
    except Invalid as trouble:
        put(form, trouble)
        return _of_record(found, form), 422
    flash(gettext("The project is made: %(title)s", title=apart(title)), "success")
    return redirect(url_for("desk.project", project=number), 303)


@blueprint.post("/<ref>/project/join")
@needs(Right.RECORD_WORK)
def join_project(ref: str) -> ResponseReturnValue:
    """Let the record feed a project that is there."""
    found, chosen = held(ref), _number(request.form.get("project", ""))
    with changing() as session:
        joined = projects.join(session, person(), session.get_one(Item, found.item.id), chosen or 0, now())
        title = joined.title
    flash(gettext("The record belongs to this project now: %(title)s", title=apart(title)), "success")
    return redirect(url_for("desk.record_project", ref=ref), 303)


@blueprint.post("/<ref>/project/leave")
@needs(Right.RECORD_WORK)
def leave_project(ref: str) -> ResponseReturnValue:
    """Take the record out of its project."""
    found = held(ref)
    with changing() as session:
        projects.leave(session, person(), session.get_one(Item, found.item.id), now())
    flash(gettext("The record does not belong to a project any more."), "success")
    return redirect(url_for("desk.record_project", ref=ref), 303)


@blueprint.get(f"/projects/{NUMBER}")
@needs(Right.RECORD_WORK)
def project(project: int) -> str:
    """One project: its records, its milestones, the form that moves all its ideas on."""
    return project_page(project)


@blueprint.get(f"/projects/{NUMBER}/edit")
@needs(Right.RECORD_WORK)
def edit_project(project: int) -> str:
    """What the project says of itself, to be changed."""
    row = projects.one(reading(), project)
    links = "\n".join(f"{each['url']} {each['title']}" for each in row.links)
    return _edit_page(row, project_form(title=row.title, summary=row.summary, language=row.language, links=links,
                                         department=row.department, budget_class=row.budget_class,
                                         responsible=str(row.responsible_id or "")))


@blueprint.post(f"/projects/{NUMBER}/edit")
@needs(Right.RECORD_WORK)
def change_project(project: int) -> ResponseReturnValue:
    """Keep the change."""
    row, form = projects.one(reading(), project), project_form()
    try:
        with changing() as session:
            projects.change(session, door().city, person(), project, _plan(form), now())
    except Invalid as trouble:
        put(form, trouble)
        return _edit_page(row, form), 422
    flash(gettext("The project is changed."), "success")
    return redirect(url_for("desk.project", project=project), 303)


@blueprint.post(f"/projects/{NUMBER}/move")
@needs(Right.IDEA_ANSWER)
def move_project(project: int) -> ResponseReturnValue:
    """Move all ideas of the project on that stand where the move begins, each for itself: one that somebody else has
    moved meanwhile does not hold the others back, and is named."""
    shown = whole(project)
    form, done, refused = move_form(shown), 0, []
    if not form.move.data or not (form.statement.data or "").strip():
        field = "statement" if form.move.data else "move"
        put(form, Invalid(field, "required"))
        return project_page(project, move=form), 422
    for each in shown.ideas:
        try:
            done += _moved(each.id, form.move.data, form.statement.data or "")
        except Invalid as trouble:  # the same for all of them, so nothing was done yet
            put(form, trouble)
            return project_page(project, move=form), 422
        except Trouble as trouble:
            refused.append(f"{each.ref}: {sentence(trouble)}")
    if not done and not refused:
        raise Conflict("nothing_stands_there")
    flash(" ".join((gettext("Ideas moved on: %(number)s.", number=done), *refused)),
          "warning" if refused else "success")
    return redirect(url_for("desk.project", project=project), 303)


@blueprint.get("/<ref>/project/join")
@blueprint.get("/<ref>/project/leave")
@blueprint.get(f"/projects/{NUMBER}/move")
@needs(Right.RECORD_WORK)
def project_back(ref: str = "", project: int = 0) -> ResponseReturnValue:
    """Somebody reloads a page, or switches its language, that stands where something was sent to."""
    if ref:
        return redirect(url_for("desk.record_project", ref=ref), 303)
    return redirect(url_for("desk.project", project=project), 303)


def _moved(idea_id: int | None, move: str, statement: str) -> int:
    """Move one idea on in a transaction of its own; 1 when it was, 0 when it stands elsewhere."""
    with changing() as session:
        idea = session.get(Idea, idea_id) if idea_id else None
        if idea is None or not IDEA.begins(move, idea):
            return 0
        answers.answer(session, door().city, person(), idea, move, statement, speaking(), now(),
                       answers.next_by(door().city, move, now()))
        item = session.scalars(select(Item).where(Item.idea_id == idea.id)).one()
        act(session, item, person(), "answer_published", now(), move=move)
    return 1


def _of_record(found: PoolRecord, form: ProjectForm) -> str:
    city, q = door().city, one_line(request.args.get("q", ""))[:200]
    mine = found.item.project_id
    offered = projects_queries.listed(reading(), q=q, limit=projects_queries.OFFERED)[0] if mine is None else ()
    return framed("desk/record_project.html", found, "desk.record_project", form=form, q=q, offered=offered,
                  departments=[each.name.in_(speaking()) for each in city.departments],
                  project=whole(mine) if mine is not None else None)


def _edit_page(row: Project, form: ProjectForm) -> str:
    return render_template("desk/project_edit.html", number=row.id, heading=row.title, language=row.language, form=form,
                           departments=[each.name.in_(speaking()) for each in door().city.departments])


def _plan(form: ProjectForm) -> Plan:
    return Plan(**{name: form[name].data or "" for name in Plan.__dataclass_fields__})


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else None
