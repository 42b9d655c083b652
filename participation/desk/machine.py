"""What the pool's machine side shares: problems after RFC 9457, and the token a program comes with (RFC 6750)."""

from http import HTTPStatus

from flask import Response, jsonify, request

from participation.database import now
from participation.people import tokens
from participation.people.model import ApiToken
from participation.people.rights import Right
from participation.web.door import changing, door

_TOKEN = {
    "no_token": "This address needs a token, sent as “Authorization: Bearer pt_…”. Ask the operator of this site for "
                "one.",
    "unknown_token": "This token is not known here. Was it copied whole, and is it of this very site? If so, ask the "
                     "operator for a new one.",
    "revoked_token": "This token was revoked. Ask the operator of this site for a new one.",
    "token_scope": "This token does not allow that. Ask the operator for one with the scope {scope}.",
    "token_person": "This token acts for the person who issued it, and there is nobody (any more) who may do that. Let "
                    "somebody of the office with the right to answer issue a new one on the page of the tokens.",
}


def problem(status: int, detail: str, **more: object) -> tuple[Response, int]:
    """RFC 9457, in English: whoever runs the program reads it in a log."""
    answer = jsonify({"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status, "detail": detail,
                      "instance": request.path, **more})
    answer.mimetype = "application/problem+json"
    answer.headers["Cache-Control"] = "no-store"
    return answer, status


def token(scope: Right) -> ApiToken:
    """The token of this request; raises NotAllowed. No session stays open, because the answer may be a long time
    away."""
    at, header = now(), request.headers.get("Authorization", "")
    with door().database.reading() as session:
        found = tokens.bearer(session, header, scope, at)
    if tokens.due_to_note(found, at):
        with changing() as session:
            tokens.used(session, found.id, at)
    return found


def unauthorised(why: str, scope: Right) -> tuple[Response, int]:
    """The refusal of a token, with the header by which programs understand it."""
    challenge = 'Bearer realm="idea pool"'
    forbidden = why in ("token_scope", "token_person")
    if forbidden:
        challenge += f', error="insufficient_scope", scope="{scope.value}"'
    elif why != "no_token":
        challenge += ', error="invalid_token"'
    answer, status = problem(403 if forbidden else 401, _TOKEN[why].format(scope=scope.value))
    answer.headers["WWW-Authenticate"] = challenge
    return answer, status
