"""A filled site and an empty one, served by this process for a browser."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from flask import Flask, abort, request
from werkzeug.serving import BaseWSGIServer, WSGIRequestHandler, make_server

import wsgi
from participation import schema
from participation.city import City, read_city
from participation.database import make_engine
from participation.people.model import Person
from participation.settings import HOUSE, Settings
from participation.web import format, language
from participation.web.limits import limiter
from tests.access import world
from tests.marked import Marked

MARKED = "en"  # the pages whose every translated text shows that it is one, while `Sites.marked`


class _Silent(WSGIRequestHandler):
    protocol_version = "HTTP/1.1"  # one connection for a page and its files

    def log_request(self, code: object = "-", size: object = "-") -> None:
        pass


class Served:
    """One site: an application on a database of its own, and the thread that serves it."""

    def __init__(self, folder: Path, city: City) -> None:
        folder.mkdir()
        self._server: BaseWSGIServer = make_server("127.0.0.1", 0, _starting, threaded=True, request_handler=_Silent)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        address = f"sqlite:///{folder / 'site.sqlite'}"
        engine = make_engine(address)
        schema.upgrade(engine)
        engine.dispose()
        self.settings = Settings(database_url=address, secret_key="test-secret-key-" * 3, public_url=self.url,
                                 pool_secret="test-pool-secret-" * 3, data_dir=str(folder / "data"),
                                 mail_url=f"file://{folder / 'mail'}")
        self.app: Flask = wsgi.create_app(self.settings, city, {"RATELIMIT_STORAGE_URI": "memory://"})
        self.app.before_request(_trouble)
        self._server.app = self.app
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    def cookie(self, person: Person) -> dict[str, Any]:
        """What the browser of somebody who has signed in keeps."""
        seal: Any = self.app.session_interface
        value = seal.get_signing_serializer(self.app).dumps({"_user_id": f"{person.id}:{person.epoch}", "_fresh": True})
        return {"name": "session", "value": value, "url": self.url}

    def stop(self) -> None:
        """End it."""
        self._server.shutdown()
        self._thread.join(10)
        self._server.server_close()
        self.app.extensions["door"].database.engine.dispose()


def _starting(_environ: Any, start_response: Any) -> list[bytes]:
    start_response("503 Service Unavailable", [])
    return [b""]


def _trouble() -> None:
    """Whatever can go wrong goes wrong for the address that asks for it."""
    if code := request.args.get("trouble"):
        abort(int(code))


class Sites:
    """Both sites. `names` says what there is to see on the filled one; `cookies` who has signed in, by site."""

    def __init__(self, folder: Path, shared: Path) -> None:
        self.city = read_city(HOUSE / "cities" / "mainz.toml")
        self.marked = False
        self._catalogue = language.catalogue
        language.catalogue = self._translated  # type: ignore[assignment]
        self._limited, limiter.enabled = limiter.enabled, False
        self.full, self.empty = Served(folder / "full", self.city), Served(folder / "empty", self.city)
        self.cookies: dict[str, dict[str, dict[str, Any]]] = {}
        for name, site in (("full", self.full), ("empty", self.empty)):
            people = world.people(site.app)
            self.cookies[name] = {who: site.cookie(person) for who, person in people.items()}
        self.names = world.fill(self.full.app, shared)

    def of(self, name: str) -> Served:
        """The site of that name."""
        return self.full if name == "full" else self.empty

    @contextmanager
    def marking(self) -> Iterator[None]:
        """Every translated text of the pages in MARKED shows that it is one."""
        self.marked = True
        format._parts.clear()
        try:
            yield
        finally:
            self.marked = False
            format._parts.clear()

    def _translated(self, tag: str) -> Any:
        return Marked() if self.marked and tag == MARKED else self._catalogue(tag)

    def stop(self) -> None:
        """End both."""
        self.full.stop()
        self.empty.stop()
        language.catalogue = self._catalogue
        limiter.enabled = self._limited
