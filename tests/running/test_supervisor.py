"""The process tree with real processes: it stops whole, leaves no orphan, and starts again what falls."""

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
from redis import Redis

from participation.errors import Unsafe
from participation.redis_server import EmbeddedRedis
from participation.supervisor import locked, require_free_port

TREE = """
import sys
from pathlib import Path
from participation.redis_server import EmbeddedRedis
from participation.supervisor import Child, locked, supervise
folder = Path(sys.argv[1])
import os
busy = "import os, subprocess, sys, time; open(sys.argv[1], 'a').write(f'{os.getpid()}\\\\n'); " \\
       "subprocess.Popen([sys.executable, '-c', " \\
       "\\"import ctypes, time; ctypes.CDLL(None).prctl(1, 15); time.sleep(60)\\"]) " \\
       "if len(sys.argv) > 2 else None; time.sleep(60)"
child = Child("busy", [sys.executable, "-c", busy, str(folder / "pids"), "grand"], dict(os.environ))
with locked(folder):
    redis = EmbeddedRedis(folder)
    redis.start()
    print("started", flush=True)
    sys.exit(supervise([child], redis, lambda: None, folder / "log"))
"""


def _tree(folder: Path) -> subprocess.Popen[str]:
    process = subprocess.Popen([sys.executable, "-c", TREE, str(folder)], stdout=subprocess.PIPE, text=True,
                               start_new_session=True, cwd=Path(__file__).parents[2])
    assert process.stdout is not None
    with process.stdout as said:
        assert said.readline() == "started\n"
    _until(lambda: (folder / "pids").exists() and (folder / "pids").read_text().endswith("\n"))
    return process


def _until(true: object, seconds: float = 8) -> None:
    until = time.monotonic() + seconds
    while not true():  # type: ignore[operator]
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.05)


def _mentions(word: str) -> list[str]:
    """Processes whose command line names this folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                line = (entry / "cmdline").read_bytes().decode(errors="replace")
                state = (entry / "stat").read_text().rsplit(")", 1)[1].split()[0]
            except OSError:
                continue
            if word in line and state != "Z":
                found.append(f"{entry.name} {line}")
    return found


def test_ctrl_c_stops_all_within_five_seconds(tmp_path: Path) -> None:
    process = _tree(tmp_path)
    begun = time.monotonic()
    process.send_signal(signal.SIGINT)
    assert process.wait(10) == 0
    assert time.monotonic() - begun < 5
    assert not _mentions(str(tmp_path))


def test_a_killed_parent_leaves_no_orphan(tmp_path: Path) -> None:
    process = _tree(tmp_path)
    process.kill()
    process.wait()
    _until(lambda: not _mentions(str(tmp_path)))


def test_what_falls_is_started_again(tmp_path: Path) -> None:
    process = _tree(tmp_path)
    first = int((tmp_path / "pids").read_text().split()[0])
    os.kill(first, signal.SIGKILL)
    _until(lambda: len((tmp_path / "pids").read_text().split()) == 2)
    redis = Redis.from_url(f"unix://{tmp_path / 'redis.sock'}")
    redis.set("kept", "yes")
    server = int(str(redis.info("server")["process_id"]))
    time.sleep(1.2)  # the append-only file is flushed every second
    os.kill(server, signal.SIGKILL)

    def back() -> bool:
        try:
            return redis.get("kept") == b"yes"
        except Exception:
            return False

    _until(back)
    redis.close()
    process.terminate()
    assert process.wait(10) == 0
    assert not _mentions(str(tmp_path))


def test_a_folder_in_use_is_a_clear_error(tmp_path: Path) -> None:
    with locked(tmp_path), pytest.raises(Unsafe, match="in use"), locked(tmp_path):
        pass


def test_a_taken_port_is_a_clear_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        with pytest.raises(Unsafe, match="make run PORT="):
            require_free_port("127.0.0.1", taken.getsockname()[1])
    with pytest.raises(Unsafe, match="cannot be used"):
        require_free_port("127.0.0.1", 99_999)


def test_redis_in_a_folder_with_a_long_name(tmp_path: Path) -> None:
    folder = tmp_path / ("a-very-long-folder-name-" * 5)
    redis = EmbeddedRedis(folder)
    redis.start()
    try:
        with Redis.from_url(redis.url) as client:
            assert client.ping()
    finally:
        redis.stop()
    assert not _mentions(str(folder))
