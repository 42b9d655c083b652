"""Pull: other systems fetch this site's records with a token, page by page, and wait for the next one."""

import json
import threading
import time

from flask import Response, request, url_for
from flask.typing import ResponseReturnValue

from participation.desk.api import blueprint
from participation.desk.machine import problem, token, unauthorised
from participation.errors import Invalid, NotAllowed
from participation.people.rights import Right
from participation.pool import pulling
from participation.pool.pulling import Page
from participation.web.door import door, open_to_all
from participation.web.limits import PULL, limiter

JSON, LINES = "application/json", "application/x-ndjson"
WAIT_MAX = 30  # seconds
LOOK_EVERY = 1.0  # seconds between two looks into the database while somebody waits
AGAIN_AFTER = 5  # seconds, for whom there is no room to wait
_AFTER_MAX = 2**31 - 1
# Each process answers with a few threads; those who wait may take half of them.
_room = threading.BoundedSemaphore(2)


@blueprint.get("/pool/records")
@limiter.limit(PULL)
@open_to_all  # the right is the token's
def records() -> ResponseReturnValue:
    """The records behind `after`, as one JSON object or, asked for, as JSON Lines; `wait` keeps the answer back until
    there is one, or that many seconds."""
    try:
        token(Right.RECORDS_EXPORT)
        after, wait = _number("after", 0, _AFTER_MAX, 0), _number("wait", 0, WAIT_MAX, 0)
        limit = _number("limit", 1, pulling.LIMIT_MAX, pulling.LIMIT)
    except NotAllowed as trouble:
        return unauthorised(trouble.why, Right.RECORDS_EXPORT)
    except Invalid as trouble:
        return problem(422, f"{trouble.field} has to be a whole number from {trouble.values['least']} to "
                             f"{trouble.values['most']}.", parameter=trouble.field)
    waited = not wait or _waited(after, wait)
    with door().database.reading() as session:
        page = pulling.page(session, after, limit)
    answer = _answered(page, limit)
    answer.headers["Cache-Control"] = "private, no-cache"
    answer.headers["Vary"] = "Accept, Authorization"
    if not waited and not page.bodies:
        answer.headers["Retry-After"] = str(AGAIN_AFTER)
    return answer.make_conditional(request)


def _waited(after: int, seconds: int) -> bool:
    """Wait until there is a record behind `after`, or the seconds are over; says whether there was room to wait."""
    if not _room.acquire(blocking=False):
        return False
    try:
        until = time.monotonic() + seconds
        while True:
            with door().database.reading() as session:
                if pulling.highest(session) > after:
                    return True
            left = until - time.monotonic()
            if left <= 0:
                return True
            time.sleep(min(LOOK_EVERY, left))
    finally:
        _room.release()


def _answered(page: Page, limit: int) -> Response:
    """The page in the form asked for. The texts go out as they are kept, to the byte, so that digests hold; all at
    once and not as a stream, so that the length stands before it and a cut is noticed."""
    further = url_for("api.records", after=page.after, limit=limit) if page.more else None
    if request.accept_mimetypes.best_match([JSON, LINES], JSON) == LINES:
        answer = Response("".join(f"{body}\n" for body in page.bodies), content_type=LINES)
        answer.set_etag(f"{page.tag}-lines")
    else:
        head = json.dumps({"after": page.after, "last": page.last, "next": further})
        answer = Response(f'{head[:-1]}, "records": [{",".join(page.bodies)}]}}\n', content_type=JSON)
        answer.set_etag(page.tag)
    answer.headers["Pool-Last-Sequence"] = str(page.last)
    if further:
        answer.headers["Link"] = f'<{further}>; rel="next"'
    return answer


def _number(name: str, least: int, most: int, otherwise: int) -> int:
    text = request.args.get(name)
    if text is None:
        return otherwise
    if not (text.isascii() and text.isdecimal() and len(text) <= 10 and least <= int(text) <= most):
        raise Invalid(name, "not_offered", least=least, most=most)
    return int(text)
