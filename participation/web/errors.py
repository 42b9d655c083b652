"""Every trouble becomes a page in the person's language, or a problem document (RFC 9457) for a
program, with the right status; and what a person typed stands on the page to be sent again.
"""

import logging
import time
from dataclasses import dataclass
from typing import Any

from flask import Flask, g, jsonify, render_template, request
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import HTTPException

from participation.errors import Conflict, Invalid, NotAllowed, NotThere, Trouble
from participation.web.door import typed
from participation.web.language import best_guess
from participation.web.limits import limiter
from participation.web.words import sentence

log = logging.getLogger("participation.web")

STATUS: dict[type[Trouble], int] = {NotThere: 404, NotAllowed: 403, Conflict: 409, Invalid: 422}
_SECRET_FIELDS = {"csrf_token", "code"}
_KEPT_CHARACTERS = 400_000


@dataclass(frozen=True, slots=True)
class Page:
    """What an error page says."""

    status: int
    title: str
    text: str
    retry: bool = False  # sending the same again can help


def _pages() -> dict[int, Page]:
    return {
        400: Page(400, gettext("That could not be read"),
                  gettext("The request was not complete. Please go back and try again."), True),
        401: Page(401, gettext("Please sign in first"),
                  gettext("You are not signed in any more. Sign in in another tab, then send this again."), True),
        403: Page(403, gettext("This is not for your account"),
                  gettext("Your account has no right to do this. If it should, please ask the office.")),
        404: Page(404, gettext("There is nothing here"),
                  gettext("Perhaps the address has a slip, or what was here is not public any more.")),
        405: Page(405, gettext("This address works differently"),
                  gettext("The page was asked for in a way that it does not offer. "
                          "Please use the buttons of the site.")),
        409: Page(409, gettext("This has changed meanwhile"), gettext("Nothing was changed. Please look at it again.")),
        413: Page(413, gettext("That is too much at once"),
                  gettext("What you sent is larger than this site takes. Please shorten it.")),
        422: Page(422, gettext("Something needs a correction"), gettext("Please check what you entered."), True),
        429: Page(429, gettext("That was a lot in a short time"),
                  gettext("Please wait a little and then send it again."), True),
        500: Page(500, gettext("Something broke on our side"),
                  gettext("It is our fault, not yours, and it has been noted. Please try again later."), True),
        503: Page(503, gettext("The site is taking a break"),
                  gettext("Its database does not answer right now. Please try again in a moment."), True),
    }


def catch(app: Flask) -> None:
    """Let every kind of trouble end here."""

    @app.url_value_preprocessor
    def named(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values:  # nothing has a name with NUL in it, and PostgreSQL refuses even to look
            values |= {name: value.replace("\x00", "\ufffd") for name, value in values.items()
                       if isinstance(value, str)}

    @app.errorhandler(Trouble)
    def foreseen(trouble: Trouble) -> ResponseReturnValue:
        status = next((code for kind, code in STATUS.items() if isinstance(trouble, kind)), 400)
        if isinstance(trouble, NotAllowed) and trouble.why == "signed_out":
            return _answer(_pages()[401])
        page = _pages()[status]
        return _answer(Page(page.status, page.title, sentence(trouble), page.retry))

    @app.errorhandler(CSRFError)
    def stale(_trouble: CSRFError) -> ResponseReturnValue:
        return _answer(Page(400, gettext("The page was open for too long"),
                            gettext("For your safety this was not carried out yet. "
                                    "Nothing is lost: check it and send it again."),
                            True))

    @app.errorhandler(HTTPException)
    def http(trouble: HTTPException) -> ResponseReturnValue:
        code = trouble.code or 500
        if code < 400:
            return trouble
        pages = _pages()
        page = pages.get(code, pages[400] if code < 500 else pages[500])
        return _answer(Page(code, page.title, page.text, page.retry), trouble)

    @app.errorhandler(DBAPIError)
    @app.errorhandler(PoolTimeout)
    def database(trouble: Exception) -> ResponseReturnValue:
        away = isinstance(trouble, (OperationalError, InterfaceError, ProgrammingError, PoolTimeout))
        log.error("database trouble", extra={"request_id": g.get("request_id", ""), "endpoint": request.endpoint or "",
                                             "error": type(trouble).__name__}, exc_info=not away)
        g.database_gone = True
        return _answer(_pages()[503 if away else 500])

    @app.errorhandler(Exception)
    def unforeseen(trouble: Exception) -> ResponseReturnValue:
        # web/logs.py writes the trace's lines of code only; the message could hold what somebody typed.
        log.error("unforeseen", extra={"request_id": g.get("request_id", ""), "endpoint": request.endpoint or "",
                                       "error": type(trouble).__name__}, exc_info=True)
        return _answer(_pages()[500])


def _answer(page: Page, trouble: HTTPException | None = None) -> ResponseReturnValue:
    headers: dict[str, str] = {}
    if trouble is not None:
        headers = {name: value for name, value in trouble.get_headers() if name in ("Allow", "Retry-After")}
    if page.status == 503:
        headers["Retry-After"] = "10"
    if page.status == 429 and (limit := limiter.current_limit) is not None:
        headers["Retry-After"] = str(max(round(limit.reset_at - time.time()), 1))
    if request.path.startswith("/api/"):
        problem = {"type": "about:blank", "title": page.title, "status": page.status, "detail": page.text,
                   "instance": request.path}
        answer = jsonify(problem)
        answer.mimetype = "application/problem+json"
        return answer, page.status, headers
    if "lang" not in g:
        g.lang = best_guess()
    return render_template("errors/error.html", page=page, kept=_kept(page),
                           again=typed(request.full_path.rstrip("?"))), page.status, headers


def _kept(page: Page) -> list[tuple[str, Any]]:
    """What the person typed, to be sent again; one-time codes and tokens are not carried on."""
    if request.method != "POST" or page.status in (405, 413):
        return []
    try:
        fields = [(typed(name), typed(value)) for name, values in request.form.lists() for value in values
                  if name not in _SECRET_FIELDS]
    except HTTPException:
        return []
    return fields if sum(len(value) for _, value in fields) <= _KEPT_CHARACTERS else []
