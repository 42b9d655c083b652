"""Asking another machine: one HTTP request, to an address that may be reached, answered in time and in bounds.

Nothing is said to a machine inside a private network unless the operator allows it: what counts is the address that
the socket has reached, so a name that is looked up twice with two answers (DNS rebinding) gains nothing.
"""

import ipaddress
import os
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import InvalidSchema, InvalidURL, MissingSchema

from participation.jobs import GiveUp, TryLater
from participation.text import plain

TIMEOUT = (5, 20)  # seconds to connect, seconds of silence
DEADLINE = 30.0  # seconds for all of it, however slowly the other side speaks; less than the lease of a task
LARGEST_ANSWER = 1_000_000  # bytes
LONGEST_PAUSE = 86_400  # seconds that a receiver may ask for
LATER = (408, 409, 425, 429)  # besides 5xx; 409: it has seen this very message, the next one bears another time
_SAID = 500  # characters kept of a receiver's words; foreign text, so it is cleaned like a person's
_NAT64 = ipaddress.ip_network("64:ff9b::/96")


class Redirected(GiveUp):
    """The address answered that something else is to be asked, which nothing of ours ever is by itself."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Said:
    """What a receiver answered, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def words(self) -> str:
        """The beginning of its text, cleaned and cut."""
        return cleaned(self.body[:4 * _SAID].decode("utf-8", "replace"))


def post(url: str, body: bytes, headers: Mapping[str, str], *, private: bool, proxies: bool,
         named: str = "POOL_URL", silence: float | None = None) -> Said:
    """POST a body; any answer but a redirect is returned. `private` allows an address inside a private network,
    `proxies` those that the environment names; `named` is the setting that holds the address, `silence` how many
    seconds the other side may think. Raises TryLater when there was no answer, GiveUp for an address that cannot or
    may not be used; both say what to do."""
    return _ask("POST", url, body, headers, private, proxies, named, (TIMEOUT[0], silence or TIMEOUT[1]))


def get(url: str, headers: Mapping[str, str], *, private: bool, proxies: bool, named: str) -> Said:
    """GET an address, in the same bounds and with the same troubles as `post`."""
    return _ask("GET", url, b"", headers, private, proxies, named, TIMEOUT)


def _ask(method: str, url: str, body: bytes, headers: Mapping[str, str], private: bool, proxies: bool, named: str,
         timeout: tuple[float, float]) -> Said:
    with requests.Session() as link, _watched() as watch:
        link.trust_env = proxies
        # The one thing of the environment that is wanted without its proxies: a city's own certificates.
        link.verify = os.environ.get("REQUESTS_CA_BUNDLE") or True
        for scheme in ("http://", "https://"):
            link.mount(scheme, _Guard(watch, private))
        try:
            with link.request(method, url, data=body, headers=dict(headers), timeout=timeout, allow_redirects=False,
                              stream=True) as answer:
                said = Said(answer.status_code, answer.headers, _read(answer))
        except (InvalidSchema, InvalidURL, MissingSchema) as trouble:
            raise GiveUp(f"{named} holds something that is no address") from trouble
        except requests.RequestException as trouble:
            watch.in_time()
            raise TryLater(type(trouble).__name__) from trouble
        watch.in_time()
    if 300 <= said.status < 400:
        to = cleaned(said.headers.get("Location", ""))
        raise Redirected(said.status, f"HTTP {said.status}: it redirects to another address ({to}): set {named} to "
                                      "that one if it is right, then try again")
    return said


def pause(said: Said, now: datetime) -> float | None:
    """The seconds a receiver asks to wait (Retry-After, as seconds or as a date), a day at most; None if none."""
    wanted = said.headers.get("Retry-After", "").strip()
    if wanted.isdecimal():
        return float(min(int(wanted[:9]), LONGEST_PAUSE))
    try:
        at = parsedate_to_datetime(wanted)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max((at - now).total_seconds(), 0.0), float(LONGEST_PAUSE))


def cleaned(words: str) -> str:
    """Foreign words as they are kept and shown."""
    return plain(words[:_SAID])


def is_public(address: str) -> bool:
    """Whether an IP address belongs to the open internet, also one that carries an IPv4 address inside."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        inner = ip.ipv4_mapped or ip.sixtofour or (
            ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF) if ip in _NAT64 else None)
        if inner is not None:
            return is_public(str(inner))
    return ip.is_global and not ip.is_multicast


class _Watch:
    """Ends a conversation that takes too long, at whatever point of it."""

    def __init__(self) -> None:
        self.late = threading.Event()
        self._lock = threading.Lock()
        self._held: list[socket.socket] = []

    def hold(self, reached: socket.socket) -> None:
        """Keep a second handle of the connection: TLS takes the first one over."""
        with self._lock:
            self._held.append(reached.dup())
        if self.late.is_set():
            self.end()

    def end(self) -> None:
        """Time is up: whoever reads or writes hears at once that the line is dead."""
        self.late.set()
        with self._lock:
            for held in self._held:
                try:
                    held.shutdown(socket.SHUT_RDWR)
                except OSError:  # it ended by itself at this very moment
                    continue

    def close(self) -> None:
        """Let go of the handles."""
        with self._lock:
            for held in self._held:
                held.close()
            self._held.clear()

    def in_time(self) -> None:
        """Raises TryLater when the time was up: what was read until then may be cut."""
        if self.late.is_set():
            raise TryLater(f"no whole answer within {DEADLINE:g} seconds")


@contextmanager
def _watched() -> Iterator[_Watch]:
    watch = _Watch()
    timer = threading.Timer(DEADLINE, watch.end)
    timer.daemon = True
    timer.start()
    try:
        yield watch
    finally:
        timer.cancel()
        timer.join()
        watch.close()


class _Guard(HTTPAdapter):
    """Connections that look at whom they have reached before they say a word."""

    def __init__(self, watch: _Watch, private: bool) -> None:
        self.watch = watch
        self.private = private
        super().__init__()

    def get_connection_with_tls_context(self, request: Any, verify: Any, proxies: Any = None, cert: Any = None) -> Any:
        pool: Any = super().get_connection_with_tls_context(request, verify, proxies, cert)
        guard, base = self, pool.ConnectionCls

        class Line(base):  # type: ignore[misc, valid-type]
            def _new_conn(self) -> socket.socket:
                reached: socket.socket = super()._new_conn()
                if not guard.private and not is_public(reached.getpeername()[0]):
                    reached.close()
                    host = urlsplit(request.url).hostname
                    raise GiveUp(f"{host} is inside a private network, so nothing was sent: set POOL_URL to a public "
                                 "address, or POOL_ALLOW_PRIVATE=yes if this one is right, then try again")
                guard.watch.hold(reached)
                return reached

        pool.ConnectionCls = Line
        return pool


def _read(answer: requests.Response) -> bytes:
    """The whole body. Raises TryLater for one that is longer than any that is waited for."""
    body = b""
    for piece in answer.iter_content(16_384):
        body += piece
        if len(body) > LARGEST_ANSWER:
            raise TryLater(f"its answer is longer than {LARGEST_ANSWER} bytes")
    return body
