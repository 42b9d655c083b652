"""Where another site asks what the built-in pool holds of its records; see `pool.comparing.answer_to`."""

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from participation.desk.api import blueprint
from participation.desk.machine import problem
from participation.errors import Invalid, NotAllowed
from participation.pool import comparing
from participation.pool.comparing import LISTED, RANGES, WIDTH
from participation.web.door import door, open_to_all, reading
from participation.web.limits import RECEIVE, limiter

_LARGEST = 64 * 1024  # bytes of one question
_DETAIL = {
    "wrong_signature": "The signature is missing or wrong. Do both sides have the same POOL_SECRET (or POOL_SECRET_OLD "
                       "while it changes)?",
    "wrong_time": "The question is older than five minutes, or comes from the future. Set the clocks right.",
    "not_a_question": 'The body has to be JSON like {"site": "https://example.org", "ranges": [[1, 1000]]}.',
    "range_too_wide": f"A range holds at most {WIDTH} numbers.",
    "too_many_ranges": f"At most {RANGES} ranges are compared at once, {LISTED} where records are named or read again.",
}


@blueprint.post("/pool/inbox/compare")
@limiter.limit(RECEIVE)
@open_to_all  # the right is the signature, made with POOL_SECRET over every byte
def compare() -> ResponseReturnValue:
    """Say how many of a site's records are held in each range, and their digest."""
    request.max_content_length = _LARGEST
    try:
        asked = comparing.read_question(request.get_data(cache=False), dict(request.headers),
                                        door().settings.pool_secrets)
    except (NotAllowed, Invalid) as trouble:
        return problem(401 if isinstance(trouble, NotAllowed) else 422, _DETAIL[trouble.why])
    return jsonify(comparing.answer_to(reading(), asked))
