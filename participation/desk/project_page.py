"""What the desk's pages of projects share: their forms, and the page of one project with them."""

from typing import Any

from flask import render_template
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.assessment import answers, projects, projects_queries, working
from participation.assessment.projects_queries import ProjectView
from participation.database import now
from participation.ideas import queries as ideas
from participation.ideas.journey import IDEA
from participation.people.rights import Right
from participation.pool.items import today
from participation.web.door import door, person, reading, typed
from participation.web.language import name_of_language, speaking
from participation.web.words import move_button

NUMBER = "<int(max=2147483647):project>"
_REQUIRED = {"aria-required": "true"}
_DAY = {"type": "date"}


class ProjectForm(FlaskForm):  # type: ignore[misc]
    """What a project says of itself, and who of the office keeps it."""

    title = StringField(lazy_gettext("Title"), filters=[typed], render_kw=_REQUIRED)
    summary = TextAreaField(lazy_gettext("What is to be done"), filters=[typed], render_kw=_REQUIRED)
    language = SelectField(lazy_gettext("Language of title and text"), validate_choice=False, render_kw=_REQUIRED)
    department = StringField(lazy_gettext("Responsible department"), filters=[typed],
                             render_kw={"list": "departments"})
    budget_class = SelectField(lazy_gettext("Budget"), validate_choice=False)
    responsible = SelectField(lazy_gettext("Who of the office keeps it"), validate_choice=False)
    links = TextAreaField(lazy_gettext("Links"), filters=[typed], render_kw={"dir": "ltr"})


class MilestoneForm(FlaskForm):  # type: ignore[misc]
    """A step of a project that is announced."""

    milestone = StringField(lazy_gettext("Milestone"), filters=[typed], render_kw=_REQUIRED)
    milestone_language = SelectField(lazy_gettext("Its language"), validate_choice=False, render_kw=_REQUIRED)
    due_on = StringField(lazy_gettext("Planned for"), filters=[typed], render_kw=_DAY)


class MoveForm(FlaskForm):  # type: ignore[misc]
    """The next step of all ideas of a project, with one public answer."""

    move = RadioField(lazy_gettext("Next step"), validate_choice=False, render_kw=_REQUIRED)
    statement = TextAreaField(lazy_gettext("Public answer"), filters=[typed], render_kw=_REQUIRED)


def whole(project: int) -> ProjectView:
    """A project as the office sees it; raises NotThere."""
    return projects_queries.whole(reading(), project, today(door().city, now()))


def project_page(number: int, *, milestone: MilestoneForm | None = None, move: MoveForm | None = None) -> str:
    """The page of a project, with these forms on it where something was refused."""
    shown, city = whole(number), door().city
    row = projects.one(reading(), number)
    return render_template(
        "desk/project.html", project=shown, milestone_form=milestone or milestone_form(),
        move_form=move or move_form(shown), public=any(each.id for each in shown.ideas),
        budget=next((each.name.in_(speaking()) for each in city.budget_classes if each.key == row.budget_class), ""),
        responsible={each.id: each.name for each in working.office(reading())}.get(row.responsible_id or 0, ""))


def project_form(**values: Any) -> ProjectForm:
    """The form of a project, with what the city offers to choose from."""
    city, form = door().city, ProjectForm(**values)
    form.language.choices = _languages()
    form.budget_class.choices = [SelectChoice("", gettext("Not decided yet")),
                                 *(SelectChoice(each.key, each.name.in_(speaking())) for each in city.budget_classes)]
    form.responsible.choices = [SelectChoice("", gettext("Nobody yet")),
                                *(SelectChoice(str(each.id), each.name) for each in working.office(reading()))]
    return form


def milestone_form(**values: Any) -> MilestoneForm:
    """The form of a milestone."""
    form = MilestoneForm(**{"milestone_language": fitting(speaking())} | values)
    form.milestone_language.choices = _languages()
    return form


def move_form(shown: ProjectView) -> MoveForm:
    """The form with the moves that the journey allows this person with at least one of the ideas."""
    form = MoveForm()
    rows = ideas.those(reading(), [each.id for each in shown.ideas if each.id is not None])
    # What ends the journey records what was reached, for each idea on a page of its own.
    keys = {move.key for row in rows for move in IDEA.open_to(person(), row)
            if move.right is Right.IDEA_ANSWER and move.key != answers.END}
    form.move.choices = [SelectChoice(move.key, move_button(move.key)) for move in IDEA.moves if move.key in keys]
    return form


def _languages() -> list[SelectChoice]:
    return [SelectChoice(tag, name_of_language(tag, tag)) for tag in door().city.languages]


def fitting(tag: str) -> str:
    """A language of the pages that fits this one best."""
    offered = door().city.languages
    return next((each for each in (tag, tag.partition("-")[0], speaking()) if each in offered), offered[0])
