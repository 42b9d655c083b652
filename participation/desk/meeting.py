"""The meeting view: the first records of the ranking, each on a page of its own when it is printed."""

from dataclasses import replace

from flask import render_template, request

from participation.assessment import meeting, rating, tagging
from participation.database import now
from participation.desk.checking import OUTCOMES
from participation.desk.frame import blueprint
from participation.desk.ranking import offered, wanted_of
from participation.desk.rating import name_of
from participation.people.rights import Right
from participation.text import excerpt
from participation.web.door import door, needs, reading
from participation.web.language import speaking

FIRST = 10


@blueprint.get("/meeting", endpoint="meeting")
@needs(Right.RECORDS_SEE)
def show_meeting() -> str:
    """The first N of the ranking with a page each; `top` is N."""
    city, tag, asked = door().city, speaking(), request.args.get("top", "")
    top = min(max(int(asked), 1), meeting.MOST) if asked.isascii() and asked.isdecimal() and len(asked) < 4 else FIRST
    wanted = replace(wanted_of(request.args), unrated=False)
    return render_template(
        "desk/meeting.html", sheets=meeting.sheets(reading(), city, wanted, top), wanted=wanted, top=top,
        most=meeting.MOST, offered=offered(), name_of=name_of, outcomes=OUTCOMES, printed_at=now(), excerpt=excerpt,
        criteria={each.key: each.name.in_(tag) for each in city.criteria},
        tag_names={named: name.in_(tag) for named, name in tagging.names(city).items()},
        boards={each.key: each.name.in_(tag) for each in city.boards},
        of_degree=rating.of_degree, of_benefit=rating.of_benefit)
