"""The ranking of the records, with the formula and each score worked out; and the same as a file."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for

from participation.assessment import ranking
from participation.assessment.ranking import Line, Wanted
from participation.database import now
from participation.desk.frame import blueprint
from participation.desk.rating import name_of
from participation.ideas.journey import POOL_STATES
from participation.people.rights import Right
from participation.pool.files import MEDIA_TYPES, harmless
from participation.web.door import door, needs, reading
from participation.web.language import speaking

_COLUMNS = ("place", "ref", "title", "field", "stage", "priority", "supporters", "maturity", "benefit",
            "points_maturity", "points_benefit", "points_supporters", "score")


@blueprint.get("/ranking", endpoint="ranking")
@needs(Right.RECORDS_SEE)
def show_ranking() -> str:
    """A page of the ranking, or of what has no score yet."""
    session, city, wanted, after = reading(), door().city, wanted_of(request.args), request.args.get("after", "")
    lines, behind = ranking.ranked(session, city, wanted, after)
    here = address_of(wanted)
    return render_template(
        "desk/ranking.html", lines=lines, wanted=wanted, offered=offered(),
        unrated=ranking.unrated(session, city, wanted), name_of=name_of, here=here, states=POOL_STATES,
        ranks=", ".join(each.name.in_(speaking()) for each in sorted(city.priorities, key=lambda each: each.rank)),
        other=address_of(wanted) | {"rated": None if wanted.unrated else "no"},
        first_url=url_for("desk.ranking", **here) if after else None,
        next_url=url_for("desk.ranking", **here, after=behind) if behind else None)


@blueprint.get("/ranking.csv")
@needs(Right.RECORDS_EXPORT)
def ranking_file() -> Response:
    """The ranking as CSV, streamed: the session of its own lives as long as the stream."""
    city, wanted, session = door().city, wanted_of(request.args), door().database.reading()

    def pieces() -> Iterator[bytes]:
        with session:
            yield from _csv(ranking.whole(session, city, wanted))

    return Response(stream_with_context(pieces()), mimetype=MEDIA_TYPES["csv"], headers={
        "Content-Disposition": f'attachment; filename="{city.key}-ranking-{now().astimezone(UTC):%Y-%m-%d}.csv"',
        "Cache-Control": "private, no-store"})


def wanted_of(values: Any) -> Wanted:
    """What the ranking is narrowed down to, as an address says; what we do not offer counts for nothing."""
    known = {"field": {each.key for each in door().city.fields}, "stage": {*POOL_STATES},
             "priority": {each.key for each in door().city.priorities}}
    chosen = {name: value if (value := values.get(name, "")) in keys else "" for name, keys in known.items()}
    return Wanted(**chosen, unrated=values.get("rated", "") == "no")


def address_of(wanted: Wanted) -> dict[str, Any]:
    """The same as the query of an address, without what is empty."""
    query = {"field": wanted.field, "stage": wanted.stage, "priority": wanted.priority}
    return {name: value for name, value in query.items() if value} | ({"rated": "no"} if wanted.unrated else {})


def offered() -> dict[str, list[tuple[str, str]]]:
    """What the lists of the assessment can be narrowed down to, by key and name."""
    city, tag = door().city, speaking()
    return {"field": [(each.key, each.name.in_(tag)) for each in city.fields],
            "priority": [(each.key, each.name.in_(tag)) for each in city.priorities]}


def _csv(lines: Iterator[Line]) -> Iterator[bytes]:
    """A CSV that Excel opens right; numbers have a point, as in every program."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(_COLUMNS)
    yield b"\xef\xbb\xbf" + out.getvalue().encode()
    for line in lines:
        out.seek(0)
        out.truncate()
        points = line.points
        parts = (points.maturity, points.benefit, points.supporters, points.total) if points else ()
        marks = (line.maturity, line.benefit) if points else ("", "")
        writer.writerow([harmless(each) for each in (
            line.place if points else "", line.ref, line.title, line.field, line.stage, line.priority, line.supporters,
            *(f"{mark / 100:.2f}" if isinstance(mark, int) else mark for mark in marks),
            *(f"{part / 100:.2f}" for part in parts))])
        yield out.getvalue().encode()
