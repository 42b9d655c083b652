"""The answer back from another system: a city that keeps its pool elsewhere moves ideas on from there, with the public
statement that goes to the idea's page and to everyone who follows it."""

from typing import Any

from flask import jsonify, request
from flask.typing import ResponseReturnValue

from participation.assessment import answers
from participation.assessment.answers import Written
from participation.database import now
from participation.desk.api import blueprint
from participation.desk.machine import problem, token, unauthorised
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.ideas.actions import idea_by_ref
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.people import tokens
from participation.people.rights import Right
from participation.text import read_day
from participation.web.door import changing, door, open_to_all, reading
from participation.web.limits import PULL, limiter

LARGEST = 256 * 1024  # bytes of an answer
_FIELDS = {"move", "statement", "statement_language", "translations", "promised_on", "outcome", "met"}
_WHY = {
    "required": "is missing", "not_offered": "is none of those that this site offers", "too_long": "is too long",
    "not_a_day": "has to be a day such as 2027-03-31", "not_in_the_future": "has to be a day after today",
    "not_a_text": "has to be a text", "not_texts": "has to be an object of language and text",
}


@blueprint.post("/pool/records/<ref>/answers")
@limiter.limit(PULL)
@open_to_all  # the right is the token's, and that of whoever issued it
def answer(ref: str) -> ResponseReturnValue:
    """Publish an answer: JSON with `move`, `statement`, `statement_language` and, as far as known, `translations`
    {language: text}, `promised_on`, `outcome` and `met`. The answer says where the idea stands and what can come next;
    so does the refusal (409) of a move that is not possible any more, which is what a second try of the same gets."""
    request.max_content_length = LARGEST
    try:
        allowed = token(Right.IDEA_ANSWER)
        written = _read(request.get_json(silent=True))
        with changing() as session:
            officer = tokens.acting(session, allowed, Right.IDEA_ANSWER)
            idea = idea_by_ref(session, ref)
            step = answers.publish(session, door().city, officer, idea, written, now())
            return jsonify({**_standing(idea), "move": step.move, "at": step.at.isoformat(timespec="seconds")})
    except NotAllowed as trouble:
        return unauthorised(trouble.why, Right.IDEA_ANSWER)
    except NotThere:
        return problem(404, f"There is no idea {ref} here.")
    except Invalid as trouble:
        return problem(422, "Something is missing or wrong.",
                       errors=[{"field": each.field, "why": _WHY.get(each.why, each.why.replace("_", " "))}
                               for each in trouble.all])
    except Conflict:
        return problem(409, "This move is not possible from where the idea stands (any more).",
                       **_standing(idea_by_ref(reading(), ref)))


def _standing(idea: Idea) -> dict[str, Any]:
    """Where an idea stands, and the desk's moves that begin there."""
    return {"ref": idea.ref, "state": idea.state,
            "moves": [move.key for move in IDEA.moves if move.right is Right.IDEA_ANSWER
                      and IDEA.begins(move.key, idea)]}


def _read(body: Any) -> Written:
    """The answer as it was sent; raises Invalid."""
    if not isinstance(body, dict):
        raise Invalid("body", "body has to be a JSON object")
    if unknown := sorted(body.keys() - _FIELDS):
        raise Invalid(unknown[0], "is not known here")
    for name in _FIELDS - {"translations"}:
        if not isinstance(body.get(name, ""), str):
            raise Invalid(name, "not_a_text")
    others = body.get("translations", {})
    if not isinstance(others, dict) or not all(isinstance(text, str) for text in others.values()):
        raise Invalid("translations", "not_texts")
    if not body.get("move"):
        raise Invalid("move", "required")
    tag = body.get("statement_language") or door().city.languages[0]
    return Written(body["move"], tag, {**others, tag: body.get("statement", "")},
                   read_day("promised_on", body.get("promised_on", "")), body.get("outcome"), body.get("met", ""))
