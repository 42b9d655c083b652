"""What every answer carries: security headers, the request's id, and how it may be kept.

No inline script or style and no other host: so the policy needs no nonce (ASVS 5.0 3.4).
"""

import logging
import time
from typing import Any
from uuid import uuid4

from flask import Flask, Response, g, request
from flask.sessions import SecureCookieSessionInterface, SessionMixin
from flask.typing import ResponseReturnValue

from participation.settings import Settings

log = logging.getLogger("participation.web")

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "worker-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
))
ALWAYS = {
    "Content-Security-Policy": POLICY,
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


class Sessions(SecureCookieSessionInterface):
    """Flask's sessions in a cookie. At their end it stands whether the page looked into one, which decides
    how the page may be kept; asking earlier counts as looking (Flask 3.1.3)."""

    def save_session(self, app: Flask, session: SessionMixin, response: Response) -> None:
        """Say how the answer may be kept, then write the cookie where there is something to write."""
        if "Cache-Control" not in response.headers:
            # Pages of somebody, and pages with a form, are for that browser alone.
            private = session.accessed or request.method not in ("GET", "HEAD")
            response.headers["Cache-Control"] = "private, no-store" if private else "no-cache"
        if response.cache_control.public and not session.accessed:
            return  # a cache of others may keep the answer: nobody's cookie goes along to be prolonged
        super().save_session(app, session, response)


def secret_page(page: str, status: int = 200) -> ResponseReturnValue:
    """A page whose address is a secret: kept nowhere, named to nobody. Over https its forms are refused
    without a Referer; strict-origin names the site in it and never the address."""
    return page, status, {"Referrer-Policy": "strict-origin", "Cache-Control": "no-store", "X-Robots-Tag": "noindex"}


def dress(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer and one line without personal data into the log."""
    app.session_interface = Sessions()

    @app.url_value_preprocessor  # the first thing that happens to a request, and it may end with the next one
    def begin(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
        g.request_id = str(uuid4())
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        if host := g.get("tile_host"):  # the page has a map
            response.headers["Content-Security-Policy"] = POLICY.replace("img-src", f"img-src {host}")
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if settings.production:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if lang := g.get("lang"):
            response.headers.setdefault("Content-Language", lang)
        if g.get("lang_guessed"):  # by what the browser asked for; every other page's language stands in its address
            response.vary.add("Accept-Language")
        log.info("request", extra={
            "request_id": g.get("request_id", ""), "method": request.method, "endpoint": request.endpoint or "",
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - g.get("began", 0.0)) * 1000, 1),
        })
        return response
