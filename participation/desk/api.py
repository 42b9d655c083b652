"""The pool's machine side: where batches of records are delivered, and the schema they follow."""

from http import HTTPStatus

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue

from participation.database import now
from participation.errors import Invalid, NotAllowed
from participation.pool import importing, record
from participation.pool.delivery import BATCH, MEDIA_TYPE
from participation.web.door import changing, door, open_to_all
from participation.web.limits import RECEIVE, limiter

blueprint = Blueprint("api", __name__)

LARGEST = 16 * 1024 * 1024  # bytes of one batch
_DETAIL = {
    "wrong_signature": "The signature is missing, wrong or older than five minutes. Do both sides have the same "
                       "POOL_SECRET and the right time?",
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
        return _problem(415, "wrong_type")
    body = request.get_data(cache=False)
    try:
        with changing() as session:
            receipt = importing.receive_batch(session, body, dict(request.headers), door().settings.pool_secret, now())
    except (NotAllowed, Invalid) as trouble:
        return _problem(401 if isinstance(trouble, NotAllowed) else 422, trouble.why)
    return jsonify(receipt.as_json())


@blueprint.get("/schemas/idea-record-1.json")
@open_to_all
def schema() -> Response:
    """The JSON Schema of the exported record, version 1."""
    answer = jsonify(record.schema())
    answer.mimetype = "application/schema+json"
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer


def _problem(status: int, why: str) -> ResponseReturnValue:
    """RFC 9457, in English like the reasons of a receipt: whoever runs the sender reads it in a log."""
    answer = jsonify({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status,
                      "detail": _DETAIL[why], "instance": request.path})
    answer.mimetype = "application/problem+json"
    return answer, status
