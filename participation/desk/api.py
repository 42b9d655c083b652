"""The pool's machine side: where batches of records are delivered, and the schema they follow."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import RequestEntityTooLarge

from participation.database import now
from participation.desk.machine import problem
from participation.errors import Conflict, Invalid, NotAllowed, Trouble
from participation.pool import importing, record
from participation.pool.delivery import BATCH, MEDIA_TYPE
from participation.web.door import changing, door, open_to_all
from participation.web.limits import RECEIVE, limiter

blueprint = Blueprint("api", __name__)

LARGEST = 16 * 1024 * 1024  # bytes of one batch
_STATUS: dict[type[Trouble], int] = {NotAllowed: 401, Conflict: 409, Invalid: 422}
_DETAIL = {
    "wrong_signature": "The signature is missing or wrong. Do both sides have the same POOL_SECRET (or POOL_SECRET_OLD "
                       "while it changes)?",
    "wrong_time": "The message is older than five minutes, or comes from the future. Set the clocks right and send it "
                  "again with the time of that try.",
    "seen_before": "This very message was taken in before. To send its records once more, sign it with the time of "
                   "that try; what is kept already counts once.",
    "too_large": f"A batch has at most {LARGEST} bytes. Send fewer records at a time.",
    "wrong_type": f"The content type has to be {MEDIA_TYPE}.",
    "not_json": "The body is not JSON in UTF-8.",
    "not_a_batch": "The body has to be an array of CloudEvents, each with an id.",
    "batch_too_long": f"A batch holds at most {BATCH} events.",
}


@blueprint.post("/pool/inbox")
@limiter.limit(RECEIVE)
@open_to_all  # the right is the signature, made with POOL_SECRET over every byte
def inbox() -> ResponseReturnValue:
    """Take a signed batch of records; the answer names what is kept and what is refused."""
    request.max_content_length = LARGEST
    if request.mimetype != MEDIA_TYPE:
        return problem(415, _DETAIL["wrong_type"])
    try:
        body = request.get_data(cache=False)
        with changing() as session:
            receipt = importing.receive_batch(session, body, dict(request.headers), door().settings.pool_secrets, now())
    except RequestEntityTooLarge:
        return problem(413, _DETAIL["too_large"])
    except (NotAllowed, Conflict, Invalid) as trouble:
        return problem(_STATUS[type(trouble)], _DETAIL[trouble.why])
    return jsonify(receipt.as_json())


@blueprint.get("/schemas/idea-record-1.json")
@open_to_all
def schema() -> Response:
    """The JSON Schema of the exported record, version 1."""
    answer = jsonify(record.schema())
    answer.mimetype = "application/schema+json"
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
