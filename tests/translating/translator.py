"""A translating service on this machine, and what a site makes of its answers."""

import json
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy import select

from participation.database import Database
from participation.outbox import DEAD, Task
from participation.translations import Translation

LANGUAGES = [{"code": "en", "name": "English", "targets": ["de"]}, {"code": "de", "name": "German",
                                                                          "targets": ["en"]}]
Answer = tuple[int, dict[str, str], bytes]


class Translator:
    """LibreTranslate, as its API is documented; `act` answers instead where it is set."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.act: Callable[[str, Any], Answer | None] = lambda path, body: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(None)

            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/json"
                self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def answer(self, body: Any) -> None:
                outer.asked.append((self.command, self.path, body))
                status, headers, said = outer.act(self.path, body) or outer.usual(self.path, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_args: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_args: Any) -> None:
                return  # whoever has waited long enough hangs up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def usual(path: str, body: Any) -> Answer:
        """As it should be: every text in capitals."""
        if path == "/api/languages":
            return 200, {}, json.dumps(LANGUAGES).encode()
        assert path == "/api/translate" and body["format"] == "text" and isinstance(body["q"], list)
        return 200, {}, json.dumps({"translatedText": [each.upper() for each in body["q"]]}).encode()

    @property
    def sent(self) -> str:
        """Everything that it was told."""
        return json.dumps([body for _, path, body in self.asked if path == "/api/translate"], ensure_ascii=False)

    def count(self, path: str) -> int:
        """How often it was asked there."""
        return len([each for each in self.asked if each[1] == f"/api/{path}"])


def kept(database: Database, kind: str = "idea") -> dict[str, tuple[str, str]]:
    """The translations that are there: {part: (origin, text)}."""
    with database.reading() as session:
        return {row.part: (row.origin, row.text) for row in session.scalars(
            select(Translation).where(Translation.kind == kind, Translation.done_at.is_not(None)))}


def dead(database: Database) -> list[str]:
    """Why tasks of the machine were given up."""
    with database.reading() as session:
        return list(session.scalars(select(Task.error).where(Task.state == DEAD)))


def tries(database: Database) -> list[str]:
    """What went wrong with tasks that are tried again."""
    with database.reading() as session:
        return list(session.scalars(select(Task.error).where(Task.error != "", Task.state != DEAD)))
