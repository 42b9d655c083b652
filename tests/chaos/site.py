"""A whole site as real processes, each of which can be killed and comes back: what the chaos test stands on.

Children are tied to the thread that starts them, so everything here is called from one thread alone.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from participation.process import stop_group, tied
from participation.redis_server import EmbeddedRedis
from participation.settings import HOUSE
from tests.databases import Server

START_SECONDS = 60


class Part:
    """One process of the site."""

    def __init__(self, argv: list[str], env: dict[str, str], log: Path) -> None:
        self.argv = argv
        self.env = env
        self.log = log
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it; it answers a little later."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen([sys.executable, *self.argv], env=self.env, cwd=HOUSE.parent,
                                            stdout=log, stderr=log, **tied())

    def kill(self) -> None:
        """kill -9 it and, as a power cut would, its children."""
        assert self.process is not None
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def alive(self) -> bool:
        """Whether it runs."""
        return self.process is not None and self.process.poll() is None


class Site:
    """Web server, two workers, scheduler, Redis and, where it is one, the database's server."""

    def __init__(self, folder: Path, url: str, pool_url: str, secret: str, port: int, server: Server | None) -> None:
        city = folder / "city.toml"
        text = (HOUSE / "cities" / "mainz.toml").read_text(encoding="utf-8")
        assert "undo_seconds = 60" in text
        city.write_text(text.replace("undo_seconds = 60", "undo_seconds = 0"), encoding="utf-8")
        shutil.copy(HOUSE / "cities" / "mainz-districts.geojson", folder)
        shutil.copytree(HOUSE / "cities" / "mainz-texts", folder / "city-texts")
        self.url = f"http://127.0.0.1:{port}"
        self.log = folder / "log"
        self.redis = EmbeddedRedis(folder / "data")
        self.server = server
        ours = ("MAIL_URL", "EXPORT_DIR", "POOL_SECRET_OLD", "MAKELEVEL")
        self.env = {name: value for name, value in os.environ.items() if name not in ours} | {
            "DATABASE_URL": url, "DATA_DIR": str(folder / "data"), "REDIS_URL": self.redis.url,
            "PUBLIC_URL": self.url, "LOCAL_URL": self.url, "POOL_URL": pool_url, "POOL_SECRET": secret,
            "POOL_ALLOW_PRIVATE": "yes", "SECRET_KEY": "chaos-secret-key-" * 3, "CITY_FILE": str(city)}
        command = ["-m", "tests.chaos.impatient"]
        web = ["-m", "granian", "--interface", "wsgi", "--workers", "1", "--blocking-threads", "8", "--no-ws",
               "--log-level", "error", "--host", "127.0.0.1", "--port", str(port), "wsgi:app"]
        self.parts = {name: Part(argv, self.env, self.log) for name, argv in (
            ("web", web), ("worker", [*command, "worker"]), ("worker 2", [*command, "worker"]),
            ("scheduler", [*command, "scheduler"]))}
        self.kills: Counter[str] = Counter()
        self._back: dict[str, tuple[float, Callable[[], None]]] = {}  # what is down, and when it comes back

    @property
    def victims(self) -> list[str]:
        """What can be killed."""
        return [*self.parts, "redis"] + (["database"] if self.server is not None and self.server.begin else [])

    def start(self) -> None:
        """Start everything and wait until the site answers."""
        self.redis.start()
        for part in self.parts.values():
            part.start()
        until = time.monotonic() + START_SECONDS
        while not self._answers():
            assert time.monotonic() < until, f"the site does not start:\n{self.said()[-3000:]}"
            time.sleep(0.1)

    def kill(self, name: str, dice: random.Random) -> bool:
        """kill -9 one of them, if it is up; it stays away for a moment."""
        if name in self._back or (name in self.parts and not self.parts[name].alive()):
            return False
        if name == "redis":
            assert self.redis.process is not None
            self.redis.process.kill()
            self.redis.process.wait()
            again: Callable[[], None] = self.redis.start
        elif name == "database":
            assert self.server is not None
            self.server.kill()
            again = self.server.start
        else:
            self.parts[name].kill()
            again = self.parts[name].start
        self.kills[name] += 1
        self._back[name] = (time.monotonic() + dice.uniform(0.1, 1.0), again)
        return True

    def mend(self) -> None:
        """Start again what was killed, once its moment has passed, and what ended by itself (a worker may, with its
        Redis); in a city systemd or `participation run` does that."""
        for name, (at, again) in list(self._back.items()):
            if time.monotonic() >= at:
                del self._back[name]
                again()
        for name, part in self.parts.items():
            if name not in self._back and not part.alive():
                part.start()
        if self.server is not None and self.server.process is not None and "database" not in self._back \
                and self.server.process.poll() is not None:  # it came back too early, while its parts still ended
            self.server.start()

    def whole(self) -> bool:
        """Whether everything is up."""
        return not self._back and all(part.alive() for part in self.parts.values())

    def stop(self) -> None:
        """End everything."""
        stop_group([part.process for part in self.parts.values() if part.process is not None], 3)
        self.redis.stop()

    def said(self) -> str:
        """What the processes have printed."""
        return self.log.read_text(errors="replace") if self.log.exists() else ""

    def command(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Give the platform's command as an operator would."""
        return subprocess.run([sys.executable, "-c", "import wsgi; wsgi.cli()", *words], env=self.env,
                              cwd=HOUSE.parent, capture_output=True, text=True, check=False, timeout=300)

    def _answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False
