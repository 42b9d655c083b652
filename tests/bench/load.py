"""A small load generator: keep-alive connections from threads, bounded in time, only to this machine."""

import socket
import statistics
import threading
import time
from dataclasses import dataclass

CONNECTIONS = 8


@dataclass(frozen=True)
class Load:
    """What a page stood."""

    rate: float  # answers a second
    p50: float  # milliseconds
    p99: float
    size: int  # bytes of one answer with its headers


def measure(port: int, path: str, seconds: float) -> Load:
    """Ask for a page from eight connections for some seconds; raises RuntimeError for any answer but 200."""
    times: list[list[float]] = [[] for _ in range(CONNECTIONS)]
    sizes: list[int] = []
    troubles: list[str] = []
    until = time.perf_counter() + seconds

    def ask(mine: list[float]) -> None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=30) as line:
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                request = f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\nAccept-Language: de\r\n\r\n".encode()
                while time.perf_counter() < until:
                    begun = time.perf_counter()
                    line.sendall(request)
                    head, size = _answer(line)
                    mine.append(time.perf_counter() - begun)
                    if not head.startswith(b"HTTP/1.1 200"):
                        raise RuntimeError(head.split(b"\r\n")[0].decode())
                sizes.append(size)
        except (OSError, RuntimeError) as trouble:
            troubles.append(f"{path}: {trouble}")

    threads = [threading.Thread(target=ask, args=(mine,)) for mine in times]
    begun = time.perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.perf_counter() - begun
    if troubles:
        raise RuntimeError(troubles[0])
    every = sorted(value * 1000 for mine in times for value in mine)
    return Load(len(every) / took, statistics.median(every), every[int(len(every) * 0.99)], sizes[0])


def _answer(line: socket.socket) -> tuple[bytes, int]:
    got = b""
    while b"\r\n\r\n" not in got:
        piece = line.recv(65_536)
        if not piece:
            raise OSError("closed")
        got += piece
    head, _, body = got.partition(b"\r\n\r\n")
    length = int(next(h for h in head.lower().split(b"\r\n") if h.startswith(b"content-length:")).split(b":")[1])
    left = length - len(body)
    while left > 0:
        left -= len(line.recv(min(left, 262_144)))
    return head, len(head) + 4 + length
