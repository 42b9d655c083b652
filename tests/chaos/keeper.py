"""A pool of somebody else's that keeps ids and can be compared, written from the two standards' own packages and
the contract alone; nothing of the platform's own code is used. On request it behaves as badly as pools do."""

import base64
import hashlib
import json
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cloudevents.http import from_json
from standardwebhooks import Webhook

HANG_SECONDS = 6.0


@dataclass(frozen=True, slots=True)
class Kept:
    """One record as it was kept."""

    key: str
    seq: int
    ref: str
    revision: int
    digest: str


class Keeper:
    """It listens at `url`. `fault` is asked before each batch for one of FAULTS, or "" to behave."""

    FAULTS = ("500", "429", "hang", "cut", "dies", "nothing", "half")

    def __init__(self, secret: str, fault: Callable[[], str] = lambda: "") -> None:
        self.hook = Webhook(base64.b64encode(secret.encode()).decode())
        self.fault = fault
        self.kept: dict[str, Kept] = {}
        self.arrivals: list[str] = []  # ids in the order in which they were first kept
        self.lied: set[str] = set()  # ids named as kept though they were not
        self.answers: Counter[str] = Counter()
        self.refused: list[str] = []
        self.comparable = True
        self.lock = threading.Lock()
        keeper = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                keeper.answer(self)

            def log_message(self, *_args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda *_args: None  # type: ignore[method-assign]  # who asked was killed meanwhile
        self.url = f"http://127.0.0.1:{self.server.server_port}/records"
        threading.Thread(target=self.server.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        """Listen no more."""
        self.server.shutdown()
        self.server.server_close()

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        """Take a batch or a question."""
        body = request.rfile.read(int(request.headers["Content-Length"]))
        self.hook.verify(body, {name.lower(): value for name, value in request.headers.items()})
        asked = json.loads(body)
        if request.path.endswith("/compare"):
            self._send(request, *(200, self._compared(asked)) if self.comparable else (404, {}))
            return
        events = [from_json(json.dumps(each)) for each in asked]
        fault = self.fault()
        with self.lock:
            self.answers[fault or "200"] += 1
        ids = [str(event["id"]) for event in events]
        if fault == "500":
            self._send(request, 500, {})
        elif fault == "429":
            self._send(request, 429, {}, {"Retry-After": "1"})
        elif fault == "hang":
            time.sleep(HANG_SECONDS)
        elif fault == "nothing":
            with self.lock:
                self.lied |= set(ids) - self.kept.keys()
            self._send(request, 200, {"accepted": ids, "refused": []})
        elif fault == "half":
            self._send(request, 200, {"accepted": self._keep(events[:(len(events) + 1) // 2]), "refused": []})
        elif fault == "dies":
            self._keep(events)  # and the answer never leaves
        elif fault == "cut":
            said = json.dumps({"accepted": self._keep(events), "refused": []}).encode()
            request.send_response(200)
            request.send_header("Content-Length", str(len(said)))
            request.end_headers()
            request.wfile.write(said[:len(said) // 2])
        else:
            self._send(request, 200, {"accepted": self._keep(events), "refused": []})
        if fault in ("hang", "dies", "cut"):
            with suppress(OSError):
                request.connection.shutdown(socket.SHUT_RDWR)
            request.close_connection = True

    def _keep(self, events: list[Any]) -> list[str]:
        """Keep what is not kept yet; the ids that are kept now."""
        with self.lock:
            for event in events:
                record = event.data
                found = Kept(str(event["id"]), record["sequence"], record["ref"], record["revision"],
                             record["provenance"]["digest"])
                if digest_of(record) != found.digest:
                    self.refused.append(found.key)
                elif found.key not in self.kept:
                    self.kept[found.key] = found
                    self.arrivals.append(found.key)
            return [str(event["id"]) for event in events if str(event["id"]) in self.kept]

    def _compared(self, asked: dict[str, Any]) -> dict[str, Any]:
        with self.lock:
            held = sorted((kept.seq, kept.digest) for kept in self.kept.values())
        ranges: list[dict[str, Any]] = []
        for first, last in asked["ranges"]:
            pairs = [[seq, digest] for seq, digest in held if first <= seq <= last]
            if asked.get("list"):
                ranges.append({"first": first, "last": last, "records": pairs})
            else:
                lines = "".join(f"{digest}\n" for _, digest in pairs)
                ranges.append({"first": first, "last": last, "count": len(pairs),
                               "digest": hashlib.sha256(lines.encode()).hexdigest()})
        return {"highest": held[-1][0] if held else 0, "ranges": ranges}

    @staticmethod
    def _send(request: BaseHTTPRequestHandler, status: int, said: dict[str, Any],
              headers: dict[str, str] | None = None) -> None:
        body = json.dumps(said).encode()
        request.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **(headers or {})}.items():
            request.send_header(name, value)
        request.end_headers()
        request.wfile.write(body)


def digest_of(record: dict[str, Any]) -> str:
    """The digest as the record's documentation says: SHA-256 of the canonical JSON without the digest itself."""
    provenance = {name: value for name, value in record["provenance"].items() if name != "digest"}
    text = json.dumps({**record, "provenance": provenance}, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
