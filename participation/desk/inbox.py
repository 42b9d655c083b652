"""The CDO office's inbox: the records that the pool holds, and all of them as a file."""

from datetime import UTC
from typing import Any

from flask import Response, render_template, request, stream_with_context, url_for

from participation.database import now
from participation.desk.frame import blueprint
from participation.errors import NotThere
from participation.ideas.journey import POOL_STATES
from participation.people.rights import Right
from participation.pool import files, queries
from participation.web.door import door, needs, reading


@blueprint.get("/", strict_slashes=False)
@needs(Right.RECORDS_SEE)
def inbox() -> str:
    """The records the pool holds, newest first, and whether everything accepted has arrived."""
    session, before = reading(), request.args.get("before", "")
    state = request.args.get("state", "")
    state = state if state in POOL_STATES else ""
    rows, after = queries.inbox(session, state, int(before) if before.isdecimal() and len(before) < 10 else None)
    receiver = queries.receiver_id(session, door().settings.receivers[0])
    line = queries.delivery_line(session, receiver)
    return render_template(
        "desk/inbox.html", rows=rows, chosen=state, line=line, states=POOL_STATES, counts=queries.counts(session),
        missing=queries.unconfirmed(session, receiver) if line.confirmed < line.accepted else [],
        first_url=url_for("desk.inbox", state=state or None) if before else None,
        next_url=url_for("desk.inbox", state=state or None, before=after) if after else None, kinds=files.MEDIA_TYPES)


@blueprint.get("/records.<kind>")
@needs(Right.RECORDS_EXPORT)
def download(kind: str) -> Response:
    """All current records as a file, streamed: the session of its own lives as long as the stream."""
    if kind not in files.MEDIA_TYPES:
        raise NotThere("unknown_page")
    session = door().database.reading()

    def pieces() -> Any:
        with session:
            yield from files.written(queries.kept_bodies(session), kind)

    name = f"{door().city.key}-idea-pool-{now().astimezone(UTC):%Y-%m-%d}.{kind}"
    return Response(stream_with_context(pieces()), mimetype=files.MEDIA_TYPES[kind], headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"})
