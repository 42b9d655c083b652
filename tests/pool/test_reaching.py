"""Sending over a real socket: whom it may reach, how long it waits, what it reads, and what it says to do."""

import ipaddress
import os
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Protocol

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from participation import reaching
from participation.jobs import GiveUp, TryLater
from tests.pool.making import Receiver


class Serve(Protocol):
    def __call__(self, act: Callable[[socket.socket], None], read: bool = True) -> str: ...


@pytest.fixture
def serve() -> Iterator[Serve]:
    """A server that does with each connection what it is told; its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        def begin(act: Callable[[socket.socket], None], read: bool = True) -> str:
            def run() -> None:
                while True:
                    try:
                        with listening.accept()[0] as line:
                            if read:
                                line.recv(65_536)
                            act(line)
                    except OSError:  # the other side has had enough, or the test is over
                        if listening.fileno() < 0:
                            return

            threading.Thread(target=run, daemon=True).start()
            return f"http://127.0.0.1:{listening.getsockname()[1]}/records"

        yield begin
        listening.shutdown(socket.SHUT_RDWR)


def sent(url: str, private: bool = True, proxies: bool = False) -> reaching.Said:
    """Something that is posted."""
    return reaching.post(url, b"[]", {"Content-Type": "text/plain"}, private=private, proxies=proxies)


def drip(beginning: bytes) -> Callable[[socket.socket], None]:
    """Speak without end, a byte at a time, faster than anybody takes for silence."""
    def act(line: socket.socket) -> None:
        line.sendall(beginning)
        while True:
            line.sendall(b"x")
            time.sleep(0.05)

    return act


@pytest.mark.parametrize("beginning", [b"HTTP/1.1 200 OK\r\nX-Slow: ", b"HTTP/1.1 200 OK\r\n\r\n",
                                       b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"])
def test_a_slow_drip_holds_nobody(serve: Serve, monkeypatch: pytest.MonkeyPatch, beginning: bytes) -> None:
    monkeypatch.setattr(reaching, "DEADLINE", 0.5)
    began = time.monotonic()
    with pytest.raises(TryLater, match=r"no whole answer within 0\.5 seconds"):
        sent(serve(drip(beginning)))
    assert time.monotonic() - began < 2


def test_an_answer_without_end_is_not_read(serve: Serve) -> None:
    def pour(line: socket.socket) -> None:
        line.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            line.sendall(b"x" * 65_536)

    with pytest.raises(TryLater, match="longer than 1000000 bytes"):
        sent(serve(pour))


def test_a_line_that_is_cut(serve: Serve) -> None:
    with pytest.raises(TryLater, match=r"ChunkedEncodingError|ConnectionError"):
        sent(serve(lambda line: line.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{")))


def test_a_redirect_is_not_followed_and_says_what_to_do(serve: Serve, receiver: Receiver) -> None:
    answer = f"HTTP/1.1 307 There\r\nLocation: {receiver.url}\r\nContent-Length: 0\r\n\r\n".encode()
    with pytest.raises(GiveUp) as raised:
        sent(serve(lambda line: line.sendall(answer)))
    assert "redirects to another address" in str(raised.value) and "set POOL_URL to that one" in str(raised.value)
    assert receiver.url in str(raised.value) and receiver.batches == []


def test_nothing_is_said_inside_a_private_network(receiver: Receiver) -> None:
    heard = receiver.batches
    for url in (receiver.url, receiver.url.replace("127.0.0.1", "localhost")):
        with pytest.raises(GiveUp, match=r"inside a private network.*POOL_ALLOW_PRIVATE=yes"):
            sent(url, private=False)
    assert heard == []


def test_the_address_that_was_reached_counts_not_the_one_that_was_looked_up(
        receiver: Receiver, monkeypatch: pytest.MonkeyPatch) -> None:
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: Any, *args: Any, **rest: Any) -> Any:
        looked_up.append(str(host))
        return real("127.0.0.1", *args, **rest)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    with pytest.raises(GiveUp, match=r"pool\.example is inside a private network"):
        sent(receiver.url.replace("127.0.0.1", "pool.example"), private=False)
    assert looked_up == ["pool.example"]


@pytest.mark.parametrize(("address", "public"), [
    ("93.184.216.34", True), ("2606:2800:220:1:248:1893:25c8:1946", True),
    ("127.0.0.1", False), ("10.1.2.3", False), ("172.20.0.1", False), ("192.168.0.1", False),
    ("169.254.169.254", False), ("100.64.0.1", False), ("0.0.0.0", False), ("224.0.0.1", False), ("::1", False),
    ("fe80::1%eth0", False),
    ("fd00::1", False), ("::ffff:10.0.0.1", False), ("2002:0a00:0001::1", False), ("64:ff9b::10.0.0.1", False),
    ("64:ff9b::93.184.216.34", True),
])
def test_what_belongs_to_the_open_internet(address: str, public: bool) -> None:
    assert reaching.is_public(address) is public


def test_proxies_of_the_environment_are_asked_only_where_it_is_allowed(
        receiver: Receiver, monkeypatch: pytest.MonkeyPatch, unused_port: int) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HTTP_PROXY", f"http://127.0.0.1:{unused_port}")
    with pytest.raises(TryLater, match=r"ConnectionError|ReadTimeout"):
        sent(receiver.url)  # it arrives: what it hears is not signed, so it hangs up
    with pytest.raises(TryLater, match="ProxyError"):
        sent(receiver.url, proxies=True)


@pytest.mark.parametrize("url", ["records", "ftp://pool.example/", "http://", "http://[::1"])
def test_something_that_is_no_address(url: str) -> None:
    with pytest.raises(GiveUp, match="no address"):
        sent(url)


@pytest.fixture
def certificate(tmp_path: Path) -> tuple[Path, Path]:
    """A certificate for this machine that nobody vouches for, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
            .serial_number(1).not_valid_before(datetime.now(UTC) - timedelta(days=1))
            .not_valid_after(datetime.now(UTC) + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    file, secret = tmp_path / "certificate.pem", tmp_path / "key.pem"
    file.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    secret.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                         serialization.NoEncryption()))
    return file, secret


def test_who_answers_has_to_prove_who_it_is(serve: Serve, certificate: tuple[Path, Path],
                                            monkeypatch: pytest.MonkeyPatch) -> None:
    safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    safe.load_cert_chain(*certificate)

    def answer(line: socket.socket) -> None:
        with safe.wrap_socket(line, server_side=True) as spoken:
            spoken.recv(65_536)
            spoken.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}")

    url = serve(answer, read=False).replace("http:", "https:")
    with pytest.raises(TryLater, match="SSLError"):
        sent(url)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))
    assert sent(url).body == b"{}"


def test_a_slow_drip_behind_tls(serve: Serve, certificate: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    safe = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    safe.load_cert_chain(*certificate)
    monkeypatch.setattr(reaching, "DEADLINE", 0.5)
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate[0]))

    def answer(line: socket.socket) -> None:
        with safe.wrap_socket(line, server_side=True) as spoken:
            drip(b"HTTP/1.1 200 OK\r\n\r\n")(spoken)

    began = time.monotonic()
    with pytest.raises(TryLater, match="no whole answer"):
        sent(serve(answer, read=False).replace("http:", "https:"))
    assert time.monotonic() - began < 2


def test_when_to_come_back() -> None:
    now = datetime(2026, 11, 21, 12, tzinfo=UTC)

    def wait(wanted: str) -> float | None:
        return reaching.pause(reaching.Said(503, {"Retry-After": wanted} if wanted else {}, b""), now)

    assert [wait("90"), wait("0"), wait("999999999999"), wait("soon"), wait("-5"), wait("")] == [
        90.0, 0.0, 86_400.0, None, None, None]
    assert wait(format_datetime(now + timedelta(minutes=3), usegmt=True)) == 180.0
    assert wait(format_datetime(now - timedelta(minutes=3), usegmt=True)) == 0.0
    assert wait(format_datetime(now + timedelta(days=9), usegmt=True)) == 86_400.0
