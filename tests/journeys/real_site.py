"""The real thing for a browser: `participation run --demo` on a free port, and Chromium to look at it."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

from playwright.sync_api import Browser, Playwright

from participation.process import stop_group, tied
from participation.settings import HOUSE

START_SECONDS, STOP_SECONDS = 60, 5
UNDO_SECONDS = 5
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync", "--font-render-hinting=none"]
_OURS = ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "MAIL_URL", "PUBLIC_URL", "CITY_FILE", "POOL_URL", "POOL_SECRET",
         "MAKELEVEL")


class Site:
    """A demo site of its own, with everything that belongs to it."""

    def __init__(self, folder: Path) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        self._log = folder / "site.log"
        environ = {name: value for name, value in os.environ.items() if name not in _OURS}
        # Mainz, where nothing is held back for a whole minute so that it can be undone: a test would wait for it.
        city = folder / "city.toml"
        text = (HOUSE / "cities" / "mainz.toml").read_text(encoding="utf-8")
        assert "undo_seconds = 60" in text
        city.write_text(text.replace("undo_seconds = 60", f"undo_seconds = {UNDO_SECONDS}"), encoding="utf-8")
        shutil.copy(HOUSE / "cities" / "mainz-districts.geojson", folder)
        shutil.copytree(HOUSE / "cities" / "mainz-texts", folder / "city-texts")
        with open(self._log, "wb") as log:
            self._process = subprocess.Popen(
                [sys.executable, "-c", "import wsgi; wsgi.cli()", "run", "--demo", "--port", str(port)],
                env={**environ, "DATA_DIR": str(folder / "data"), "CITY_FILE": str(city)}, cwd=HOUSE.parent, stdout=log,
                stderr=subprocess.STDOUT, **tied())

    def wait(self) -> dict[str, str]:
        """Wait until it is ready; the one-time sign-in address of each role. Raises AssertionError after a minute."""
        until = time.monotonic() + START_SECONDS
        while "Ctrl-C" not in self.said() or not self._ready():
            assert self._process.poll() is None, f"the site ended by itself:\n{self.said()[-3000:]}"
            assert time.monotonic() < until, f"the site is not ready:\n{self.said()[-3000:]}"
            time.sleep(0.2)
        return dict(re.findall(r"sign in once as (\w+) +(http\S+)", self.said()))

    def said(self) -> str:
        """Everything it has printed."""
        return self._log.read_text(errors="replace")

    def stop(self) -> float:
        """Press Ctrl-C; how many seconds it took to end. Raises AssertionError when it did not."""
        begun = time.monotonic()
        self._process.send_signal(signal.SIGINT)
        try:
            self._process.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            stop_group([self._process], 1)
            raise AssertionError(f"Ctrl-C did not end the site within {STOP_SECONDS} s") from None
        return time.monotonic() - begun

    def _ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/readyz", timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            return False


def chromium() -> str | None:
    """Where Chromium is on this machine. Its shell without windows draws the same with less work."""
    return next(filter(None, map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser"))), None)


def launch(playwright: Playwright, executable: str) -> Browser:
    """Start Chromium, silent towards everybody but the site."""
    return playwright.chromium.launch(executable_path=executable, args=QUIET)
