"""Whether the site is alive, whether it is ready, and what is loudly wrong."""

from typing import Any

from flask import Blueprint, Flask, jsonify
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from redis import Redis
from redis.exceptions import RedisError
from sqlalchemy.exc import SQLAlchemyError

from participation.database import now
from participation.jobs import missing
from participation.outbox import dead_tasks, waiting_tasks
from participation.people.rights import is_staff
from participation.web.door import door, open_to_all, reading, viewer

blueprint = Blueprint("health", __name__)


@blueprint.get("/healthz")
@open_to_all
def alive() -> ResponseReturnValue:
    """The process answers."""
    return jsonify(status="alive")


@blueprint.get("/readyz")
@open_to_all
def ready() -> ResponseReturnValue:
    """Database, queue, worker and scheduler answer; 503 names what does not."""
    said = {"database": "ok", "queue": "ok", "worker": "ok", "scheduler": "ok"}
    waiting = dead = None
    try:
        absent = missing(reading(), now())
        said |= dict.fromkeys(absent, "not seen for a minute")
        waiting, dead = waiting_tasks(reading()), dead_tasks(reading())
    except SQLAlchemyError as trouble:
        said |= {"database": type(trouble).__name__, "worker": "unknown", "scheduler": "unknown"}
    try:
        with Redis.from_url(door().settings.redis, socket_connect_timeout=1, socket_timeout=1) as redis:
            redis.ping()
    except (RedisError, OSError) as trouble:
        said["queue"] = type(trouble).__name__
    ok = set(said.values()) == {"ok"}
    return jsonify(status="ready" if ok else "not ready", waiting=waiting, failed=dead, **said), 200 if ok else 503


def alarm() -> str | None:
    """What staff must know at once: nobody carries the outbox on, or something failed for good."""
    absent = missing(reading(), now())
    if "worker" in absent and "scheduler" in absent:
        return str(gettext(
            "Worker and scheduler have not been seen for a minute: "
            "no letter is sent and no record is delivered until they run again."))
    if "worker" in absent:
        return str(gettext(
            "The worker has not been seen for a minute: "
            "no letter is sent and no record is delivered until it runs again."))
    if "scheduler" in absent:
        return str(gettext(
            "The scheduler has not been seen for a minute: "
            "no letter is sent and no record is delivered until it runs again."))
    if dead_tasks(reading()):
        return str(gettext(
            "Some letters or records could not be delivered after many tries. "
            "The operator has to look at them."))
    return None


def watch(app: Flask) -> None:
    """Show the alarm on every page a member of staff opens."""

    @app.context_processor
    def loud() -> dict[str, Any]:
        return {"alarm": alarm() if is_staff(viewer()) else None}
