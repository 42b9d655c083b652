"""What Flask and its extensions are told: cookies, how much may be sent at once, how long a form holds, what is
compressed."""

from datetime import timedelta
from typing import Any

from participation.settings import Settings


def config_of(settings: Settings) -> dict[str, Any]:
    """The configuration that follows from these settings."""
    secure = settings.public_url.startswith("https://")
    return {
        "SECRET_KEY": settings.secret_key,
        "SESSION_COOKIE_NAME": "__Host-session" if secure else "session",
        "SESSION_COOKIE_SECURE": secure, "SESSION_COOKIE_HTTPONLY": True, "SESSION_COOKIE_SAMESITE": "Lax",
        "PERMANENT_SESSION_LIFETIME": timedelta(days=14),
        "MAX_CONTENT_LENGTH": 4 * 1024 * 1024, "MAX_FORM_MEMORY_SIZE": 4 * 1024 * 1024, "MAX_FORM_PARTS": 100,
        "WTF_CSRF_TIME_LIMIT": 24 * 3600,  # WCAG 2.2.1 asks for 20 hours; after it the page brings back what was typed
        "COMPRESS_MIMETYPES": ["text/html", "text/css", "application/json", "application/schema+json",
                            "application/x-ndjson", "application/atom+xml", "application/geo+json"],
        "COMPRESS_ALGORITHM": ["br", "gzip"], "COMPRESS_BR_LEVEL": 3, "COMPRESS_LEVEL": 4, "COMPRESS_STREAMS": False,
    }
