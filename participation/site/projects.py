"""What came of ideas, for everyone: the projects, their milestones, and whose ideas they were."""

from flask import Blueprint, render_template, request, url_for

from participation.assessment import projects_queries
from participation.city import City
from participation.database import now
from participation.pool.items import today
from participation.site.ideas import number as number_of
from participation.web.door import door, open_to_all, reading
from participation.web.language import speaking

blueprint = Blueprint("projects", __name__)


@blueprint.get("")
@open_to_all
def index() -> str:
    """The projects that public ideas became, the newest first."""
    before = number_of(request.args.get("before"))
    found, after = projects_queries.listed(reading(), before, public=True)
    return render_template("site/projects.html", found=found, first_url=url_for(".index") if before else None,
                           next_url=url_for(".index", before=after) if after else None)


@blueprint.get("/<int(max=2147483647):number>")
@open_to_all
def show(number: int) -> str:
    """One project; raises NotThere while no public idea feeds it."""
    session, city = reading(), door().city
    project = projects_queries.whole(session, number, today(city, now()), public=True)
    return render_template(
        "site/project.html", project=project, budget=_budget(city, project.budget_class),
        credits=projects_queries.credited(session, [idea.id for idea in project.ideas if idea.id is not None]))


def _budget(city: City, key: str) -> str:
    return next((each.name.in_(speaking()) for each in city.budget_classes if each.key == key), "")
