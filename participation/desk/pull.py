"""Pull: other systems fetch this site's records with a token, page by page, and wait for the next one."""

import json
import threading
import time
from http import HTTPStatus

from flask import Response, jsonify, request, url_for
from flask.typing import ResponseReturnValue

from participation.database import now
from participation.desk.api import blueprint
from participation.errors import Invalid, NotAllowed
from participation.people import tokens
from participation.people.rights import Right
from participation.pool import pulling
from participation.pool.pulling import Page
from participation.web.door import changing, door, open_to_all
from participation.web.limits import PULL, limiter

JSON, LINES = "application/json", "application/x-ndjson"
WAIT_MAX = 30  # seconds
LOOK_EVERY = 1.0  # seconds between two looks into the database while somebody waits
AGAIN_AFTER = 5  # seconds, for whom there is no room to wait
_AFTER_MAX = 2**31 - 1
# Each process answers with a few threads; those who wait may take half of them.
_room = threading.BoundedSemaphore(2)

_TOKEN = {
    "no_token": "This address needs a token, sent as “Authorization: Bearer pt_…”. Ask the operator of this site for "
                "one.",
    "unknown_token": "This token is not known here. Was it copied whole, and is it of this very site? If so, ask the "
                     "operator for a new one.",
    "revoked_token": "This token was revoked. Ask the operator of this site for a new one.",
    "token_scope": "This token does not allow to fetch records. Ask the operator for one with the scope "
                   f"{Right.RECORDS_EXPORT.value}.",
}


@blueprint.get("/pool/records")
@limiter.limit(PULL)
@open_to_all  # the right is the token's
def records() -> ResponseReturnValue:
    """The records behind `after`, as one JSON object or, asked for, as JSON Lines; `wait` keeps the answer back until
    there is one, or that many seconds."""
    try:
        _token()
        after, wait = _number("after", 0, _AFTER_MAX, 0), _number("wait", 0, WAIT_MAX, 0)
        limit = _number("limit", 1, pulling.LIMIT_MAX, pulling.LIMIT)
    except NotAllowed as trouble:
        return _unauthorised(trouble.why)
    except Invalid as trouble:
        return _problem(422, f"{trouble.field} has to be a whole number from {trouble.values['least']} to "
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


def _token() -> None:
    """Look at the token; raises NotAllowed. The session ends here, because the answer may be a long time away."""
    at, header = now(), request.headers.get("Authorization", "")
    with door().database.reading() as session:
        token = tokens.bearer(session, header, Right.RECORDS_EXPORT, at)
    if tokens.due_to_note(token, at):
        with changing() as session:
            tokens.used(session, token.id, at)


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


def _unauthorised(why: str) -> ResponseReturnValue:
    """The refusal of a token, with the header by which programs understand it (RFC 6750)."""
    challenge = 'Bearer realm="idea pool"'
    if why == "token_scope":
        challenge += f', error="insufficient_scope", scope="{Right.RECORDS_EXPORT.value}"'
    elif why != "no_token":
        challenge += ', error="invalid_token"'
    answer, status = _problem(403 if why == "token_scope" else 401, _TOKEN[why])
    answer.headers["WWW-Authenticate"] = challenge
    return answer, status


def _problem(status: int, detail: str, **more: str) -> tuple[Response, int]:
    """RFC 9457, in English: whoever runs the program reads it in a log."""
    answer = jsonify({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
                      "instance": request.path, **more})
    answer.mimetype = "application/problem+json"
    answer.headers["Cache-Control"] = "no-store"
    return answer, status
