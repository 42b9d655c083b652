"""What is kept about me: in words, by walking what the tables declare, and all of it as one file."""

from collections.abc import Iterator
from datetime import UTC

from flask import Response, render_template, stream_with_context

from participation.database import INTERNAL, now
from participation.people import own_data
from participation.people.rights import Right, is_staff
from participation.site.me import blueprint
from participation.web.data_words import STAFF, ends_words, group_of, in_order, said
from participation.web.door import door, needs, person
from participation.web.language import speaking
from participation.web.limits import DATA, limiter, somebody

Line = tuple[str, str, str, str]  # what, why, how long, what erasing does


@blueprint.get("/data")
@needs(Right.IDEA_PROPOSE)
def data() -> str:
    """What is kept about me and why. Needs no query: it is what the tables declare, the same for everybody."""
    groups: dict[str, list[Line]] = {}
    for each in own_data.kept():
        declared = each.declared
        group = group_of(each.table, declared.whose)
        if declared.whose == INTERNAL or not (group or is_staff(person())):
            continue
        line = said(declared.what), said(declared.why), said(declared.keep), ends_words(declared.ends)
        lines = groups.setdefault(group or str(STAFF), [])
        if line not in lines:
            lines.append(line)
    return render_template("site/my_data.html", groups={
        name: groups[name] for name in in_order() if name in groups})


@blueprint.get("/data/file")
@limiter.limit(DATA, key_func=somebody)
@needs(Right.IDEA_PROPOSE)
def data_file() -> Response:
    """Everything of mine as one JSON file, streamed: the session of its own lives as long as the stream."""
    made_of, me, at = door(), person(), now()
    session = made_of.database.reading()
    about = {"site": made_of.city.site_name.in_(speaking()), "address": made_of.settings.public_url,
             "person": me.email, "made_at": at, "contact": made_of.city.contact.email}

    def pieces() -> Iterator[str]:
        with session:
            yield from own_data.handed_out(session, me, about, said)

    return Response(stream_with_context(pieces()), mimetype="application/json", headers={
        "Content-Disposition": f'attachment; filename="{made_of.city.key}-my-data-{at.astimezone(UTC):%Y-%m-%d}.json"',
        "Cache-Control": "no-store"})
