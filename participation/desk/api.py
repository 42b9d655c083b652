"""The pool's machine side: where batches of records are delivered, and the schema they follow."""

from flask import Blueprint, Response, jsonify, request
from flask.typing import ResponseReturnValue
from werkzeug.exceptions import Unauthorized, UnsupportedMediaType

from participation.database import now
from participation.errors import NotAllowed
from participation.pool import importing, record
from participation.pool.delivery import MEDIA_TYPE
from participation.web.door import changing, door, open_to_all
from participation.web.limits import RECEIVE, limiter

blueprint = Blueprint("api", __name__)

LARGEST = 16 * 1024 * 1024  # bytes of one batch


@blueprint.post("/pool/inbox")
@limiter.limit(RECEIVE)
@open_to_all  # the right is the signature, made with POOL_SECRET over every byte
def inbox() -> ResponseReturnValue:
    """Take a signed batch of records; the answer names what is kept and what is refused."""
    request.max_content_length = LARGEST
    if request.mimetype != MEDIA_TYPE:
        raise UnsupportedMediaType
    body = request.get_data(cache=False)
    try:
        with changing() as session:
            receipt = importing.receive_batch(session, body, dict(request.headers), door().settings.pool_secret, now())
    except NotAllowed as trouble:
        raise Unauthorized from trouble
    return jsonify(receipt.as_json())


@blueprint.get("/schemas/idea-record-1.json")
@open_to_all
def schema() -> Response:
    """The JSON Schema of the exported record, version 1."""
    answer = jsonify(record.schema())
    answer.mimetype = "application/schema+json"
    answer.headers["Cache-Control"] = "public, max-age=86400"
    return answer
