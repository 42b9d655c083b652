"""What an operator meets when the site is stopped, killed or crippled and started again at once."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from redis import Redis

from participation import redis_server
from participation.errors import Unsafe
from participation.redis_server import EmbeddedRedis
from participation.supervisor import require_free_port

STUBBORN = """
import os, sys
from pathlib import Path
from participation.redis_server import EmbeddedRedis
from participation.supervisor import Child, supervise
folder = Path(sys.argv[1])
code = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True); time.sleep(60)"
redis = EmbeddedRedis(folder)
redis.start()
child = Child("deaf", [sys.executable, "-c", code], dict(os.environ))
sys.exit(supervise([child], redis, lambda: None, folder / "log"))
"""

CRIPPLED = """
import os, signal, sys, threading, time
from pathlib import Path
from participation import redis_server
from participation.redis_server import EmbeddedRedis
from participation.supervisor import Child, supervise
folder = Path(sys.argv[1])
found = redis_server.server_binary
redis = EmbeddedRedis(folder)
redis.start()

def trouble():
    redis_server.server_binary = lambda: "/bin/false"
    os.kill(redis.process.pid, signal.SIGKILL)
    time.sleep(2)
    redis_server.server_binary = found
    until = time.monotonic() + 10
    while not redis.alive() and time.monotonic() < until:
        time.sleep(0.05)
    os.kill(os.getpid(), signal.SIGTERM)

code = "import time; print('serves', flush=True); time.sleep(60)"
child = Child("site", [sys.executable, "-c", code], dict(os.environ))
sys.exit(supervise([child], redis, trouble, folder / "log"))
"""


@pytest.fixture
def redis(tmp_path: Path) -> Iterator[EmbeddedRedis]:
    """A running server of this test."""
    made = EmbeddedRedis(tmp_path)
    made.start()
    yield made
    made.stop()


def _run(code: str, folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen([sys.executable, "-c", code, str(folder)], stderr=subprocess.PIPE, text=True,
                            start_new_session=True, cwd=Path(__file__).parents[2])


def test_the_port_of_a_site_just_stopped_can_be_used_again() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as site:
        port = site.getsockname()[1]
        with closing(socket.create_connection(("127.0.0.1", port))) as visitor:
            site.accept()[0].close()  # the site ends first: the kernel remembers the connection on its side
            assert visitor.recv(1) == b""
    with socket.socket() as plain, pytest.raises(OSError, match="in use"):
        plain.bind(("127.0.0.1", port))  # else this test would prove nothing
    require_free_port("127.0.0.1", port)


def test_a_server_that_shares_its_port_is_noticed() -> None:
    with socket.socket() as shared:
        for option in (socket.SO_REUSEADDR, socket.SO_REUSEPORT):  # as granian opens it
            shared.setsockopt(socket.SOL_SOCKET, option, 1)
        shared.bind(("127.0.0.1", 0))
        shared.listen()
        with pytest.raises(Unsafe, match="cannot be used"):
            require_free_port("127.0.0.1", shared.getsockname()[1])


def test_a_redis_still_ending_does_not_take_its_successor_along(redis: EmbeddedRedis, tmp_path: Path) -> None:
    old = redis.process
    assert old is not None
    os.kill(old.pid, signal.SIGSTOP)  # a busy disk: it ends a second after it was told to
    os.kill(old.pid, signal.SIGTERM)
    goes_on = threading.Timer(1, os.kill, (old.pid, signal.SIGCONT))
    goes_on.start()
    successor = EmbeddedRedis(tmp_path)
    try:
        successor.start()
        assert old.wait(5) == 0
        with Redis.from_url(successor.url) as client:
            assert client.ping()
    finally:
        goes_on.join()
        successor.stop()


def test_a_redis_that_never_ends_is_named(redis: EmbeddedRedis, tmp_path: Path,
                                          monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(redis_server, "START_SECONDS", 0.2)
    with pytest.raises(Unsafe, match="has not ended"):
        EmbeddedRedis(tmp_path).start()
    with Redis.from_url(redis.url) as client:
        assert client.ping()


def test_the_site_serves_on_while_redis_cannot_start(tmp_path: Path) -> None:
    process = _run(CRIPPLED, tmp_path)
    said = process.communicate(timeout=30)[1]
    assert process.returncode == 0, said
    assert "did not start" in said
    assert said.count("Redis ended") >= 2  # tried, tried again, and back at last
    assert (tmp_path / "log").read_text() == "serves\n"  # started once, never restarted


def test_processes_that_ignore_the_request_to_stop_do_not_hold_it_up(tmp_path: Path) -> None:
    process = _run(STUBBORN, tmp_path)
    until = time.monotonic() + 10
    while not ((tmp_path / "log").exists() and (tmp_path / "log").read_text()) and time.monotonic() < until:
        time.sleep(0.05)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode == 0
    assert time.monotonic() - begun < 5
