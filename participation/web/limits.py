"""How often somebody may do what costs others something. Counted in Redis, in each process' memory
while Redis is gone; nobody is locked out because a counter is missing."""

import ipaddress
from urllib.parse import urlsplit

from flask import Flask, Response, request
from flask_limiter import Limiter
from sqlalchemy.exc import SQLAlchemyError

from participation.settings import Settings
from participation.web.door import viewer

SIGN_IN = "10 per minute; 60 per hour"
CODE = "20 per minute"
PROPOSE = "10 per hour"
WRITE = "1000 per hour"  # steps of an idea: a class at school behind one address
BEGIN = "100 per hour"  # ideas begun, each of which is kept for the city's draft days
LOOK = "120 per minute"  # for similar ideas, while one types
COMMENT = "30 per hour"
REPORT = "20 per hour"
FEEDBACK = "10 per hour"
DATA = "10 per hour"
SUPPORT = "120 per hour"
RECEIVE = "600 per minute"
PULL = "600 per minute"
CARD = "120 per minute"


def network() -> str:
    """The asking network: one IPv4 address, or the /64 that one connection has in IPv6."""
    try:
        address = ipaddress.ip_address(request.remote_addr or "127.0.0.1")
    except ValueError:
        return "unknown"
    return str(ipaddress.ip_network(f"{address}/64", strict=False)) if address.version == 6 else str(address)


def somebody() -> str:
    """The signed-in person, else the network: people behind one address do not slow each other down."""
    try:
        someone = viewer()
    except SQLAlchemyError:  # the view will meet the same trouble and say so; the counters are not to blame
        return network()
    return f"person:{someone.id}" if someone else network()


def carried_out(answer: Response) -> bool:
    """Only what was carried out is counted: a form that was sent back costs nobody anything."""
    return answer.status_code == 303


limiter = Limiter(network, in_memory_fallback_enabled=True, headers_enabled=False, swallow_errors=True,
                  strategy="fixed-window")


def limit(app: Flask, settings: Settings) -> None:
    """Switch the limits on."""
    address = urlsplit(settings.redis)
    uri = f"redis+unix://{address.path}" if address.scheme == "unix" else settings.redis
    app.config.setdefault("RATELIMIT_STORAGE_URI", uri)
    app.config.setdefault("RATELIMIT_STORAGE_OPTIONS", {"socket_connect_timeout": 1, "socket_timeout": 1})
    limiter.init_app(app)
