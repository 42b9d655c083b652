"""Logs as one JSON object a line, with the request's id that follows into jobs, without personal data.

Only the fields named here leave the process: an address, a form or a text can never slip in.
"""

import json
import logging
import sys
import traceback
from datetime import UTC, datetime

FIELDS = ("request_id", "method", "endpoint", "status", "milliseconds", "task", "event", "follower", "try", "error",
          "dead", "process", "what")


class OneLine(logging.Formatter):
    """A record as JSON."""

    def format(self, record: logging.LogRecord) -> str:
        line: dict[str, object] = {
            "at": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(), "log": record.name, "say": record.getMessage(),
        }
        line |= {name: value for name in FIELDS if (value := getattr(record, name, None)) not in (None, "")
                 and not (name == "process" and isinstance(value, int))}
        if record.exc_info and record.exc_info[1] is not None:
            line["trace"] = _trace(record.exc_info[1])
        return json.dumps(line, ensure_ascii=False)


def speak_json(level: str = "INFO") -> None:
    """Send this process' log to standard error in that form; called once by each command that runs long."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(OneLine())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("rq").setLevel(logging.WARNING)
    logging.getLogger("flask-limiter").setLevel(logging.WARNING)  # its INFO names the network that asked


def _trace(trouble: BaseException) -> str:
    """Lines of code and kinds of trouble, from the cause to what it led to. The messages stay out: the
    database's, for one, hold every parameter of the statement, and so what somebody typed."""
    cause = trouble.__cause__ or (None if trouble.__suppress_context__ else trouble.__context__)
    before = f"{_trace(cause)}\n" if cause is not None else ""
    return before + "".join(traceback.format_tb(trouble.__traceback__)) + type(trouble).__qualname__
