"""Keeps a process tree alive and ends it whole: what `participation run` stands on."""

import fcntl
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from participation.errors import Unsafe
from participation.process import die_with_parent, stop_group, tied
from participation.redis_server import EmbeddedRedis

PAUSES = (1, 2, 4, 8, 15, 30)  # seconds before a process that keeps ending is started again
STEADY = 60.0  # seconds after which it counts as running well
STOP_SECONDS = 3.5
LOG_BYTES = 50_000_000


@dataclass(frozen=True, slots=True)
class Child:
    """A process of the tree."""

    name: str
    argv: Sequence[str]
    env: Mapping[str, str]


class _Kept:
    """A child, running or waiting to be started again."""

    def __init__(self, child: Child, log: Path) -> None:
        self.child = child
        self.log = log
        self.falls = 0
        self.start()

    def start(self) -> None:
        self.begun = time.monotonic()
        self.again = 0.0
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(list(self.child.argv), env=dict(self.child.env), stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, **tied())

    def look(self) -> None:
        """Start it again, after a pause that grows while it keeps ending."""
        code, moment = self.process.poll(), time.monotonic()
        if code is None:
            return
        if not self.again:
            stop_group([self.process], 0.1)  # what it left behind would serve on beside its successor
            self.falls = 0 if moment - self.begun > STEADY else self.falls
            pause = PAUSES[min(self.falls, len(PAUSES) - 1)]
            self.falls += 1
            self.again = moment + pause
            print(f"{self.child.name} ended with {code}; it starts again in {pause} s; {self.log} tells why",
                  file=sys.stderr, flush=True)
        elif moment >= self.again:
            self.start()


class _KeptRedis:
    """The Redis. The database alone is the truth, so the site serves on while this one cannot start."""

    def __init__(self, redis: EmbeddedRedis) -> None:
        self.redis = redis
        self.falls = 0
        self.begun = time.monotonic()
        self.again = 0.0

    def look(self) -> None:
        """Start it again at once, and after pauses that grow while it keeps ending."""
        moment = time.monotonic()
        if self.redis.alive() or moment < self.again:
            return
        print("Redis ended; it starts again", file=sys.stderr, flush=True)
        self.falls = 0 if moment - self.begun > STEADY else self.falls
        try:
            self.redis.start()
        except Unsafe as trouble:
            print(trouble, file=sys.stderr, flush=True)
        self.begun = time.monotonic()
        self.again = self.begun + PAUSES[min(self.falls, len(PAUSES) - 1)]
        self.falls += 1


def supervise(children: Sequence[Child], redis: EmbeddedRedis | None, ready: Callable[[], None], log: Path) -> int:
    """Run the children until SIGINT or SIGTERM, then stop them all within five seconds, Redis last.

    The first one starts alone, because it is what people wait for; the others follow when `ready`, called
    beside it, has returned. What they print goes into `log`, of which one older part is kept. Returns
    the exit code.
    """
    if log.exists() and log.stat().st_size > LOG_BYTES:
        log.replace(log.with_suffix(".old"))
    stop = threading.Event()
    for sign in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(sign, lambda *_: stop.set())
    if "MAKELEVEL" in os.environ:
        die_with_parent()  # `make` was killed: nobody could stop us any more
    kept = [_Kept(children[0], log)]
    kept_redis = _KeptRedis(redis) if redis is not None else None
    waiting = threading.Thread(target=ready, daemon=True)
    waiting.start()
    try:
        while not stop.wait(0.2):
            if len(kept) < len(children) and not waiting.is_alive():
                kept += [_Kept(child, log) for child in children[1:]]
            if kept_redis is not None:
                kept_redis.look()
            for each in kept:
                each.look()
    finally:
        stop_group([each.process for each in kept], STOP_SECONDS)
        if redis is not None:
            redis.stop()
    return 0


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Hold a folder for this process tree alone; raises Unsafe when another one does."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with open(folder / "lock", "w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Unsafe("in_use", what=f"{folder} is in use: the site runs from it already. Stop that one, or "
                                        "choose another folder with DATA_DIR=…") from None
        os.set_inheritable(lock.fileno(), False)
        yield


def require_free_port(host: str, port: int) -> None:
    """Raises Unsafe when something listens there; the web server itself would share the port silently."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # Without it, connections of a site just stopped (TIME_WAIT) would keep the port shut for a minute.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except (OSError, OverflowError) as trouble:
            raise Unsafe("port_taken", what=f"port {port} on {host} cannot be used ({trouble}). Is the site running "
                                            f"already? Choose another one: make run PORT={port + 1}") from None
