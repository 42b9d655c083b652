"""What every answer carries: security headers, the request's id, and how it may be kept.

No inline script or style and no other host: so the policy needs no nonce (ASVS 5.0 3.4).
"""

import logging
import time
from uuid import uuid4

from flask import Flask, Response, g, request, session

from participation.settings import Settings

log = logging.getLogger("participation.web")

POLICY = "; ".join((
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "font-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
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


def dress(app: Flask, settings: Settings) -> None:
    """Put the headers on every answer and one line without personal data into the log."""

    @app.before_request
    def begin() -> None:
        g.request_id = str(uuid4())
        g.began = time.perf_counter()

    @app.after_request
    def end(response: Response) -> Response:
        for name, value in ALWAYS.items():
            response.headers.setdefault(name, value)
        if settings.production:
            response.headers["Strict-Transport-Security"] = "max-age=31536000"
        response.headers["X-Request-Id"] = g.get("request_id", "")
        if "Cache-Control" not in response.headers:
            # Pages of somebody, and pages with a form, are for that browser alone.
            private = session.accessed or request.method != "GET"
            response.headers["Cache-Control"] = "private, no-store" if private else "no-cache"
        if lang := g.get("lang"):
            response.headers.setdefault("Content-Language", lang)
        log.info("request", extra={
            "request_id": g.get("request_id", ""), "method": request.method, "endpoint": request.endpoint or "",
            "status": response.status_code,
            "milliseconds": round((time.perf_counter() - g.get("began", 0.0)) * 1000, 1),
        })
        return response
