"""What mail servers answer, and what becomes of a letter then."""

import ssl
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from smtplib import SMTPException
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from flask import Flask
from sqlalchemy import func, select

from moderation.queue import Counts
from participation.database import Database, now
from participation.mail import Letter, Refused, send
from participation.notices.actions import tell
from participation.notices.model import Notice
from participation.outbox import DONE, PENDING, Task
from tests.making import people
from tests.web.posting import Box, listening
from tests.working import attempt

LETTER = Letter("k", "a@example.org", "Ideen für Mainz", "s@example.org", "Schatten", "Text\n", "<p>t</p>", "de")


def _two_letters(app: Flask, database: Database, mail_url: str) -> list[int]:
    """Two people are to be told of something; the numbers of their letters."""
    made_of = app.extensions["door"]
    app.extensions["door"] = replace(made_of, settings=replace(made_of.settings, mail_url=mail_url))
    with database.change() as session:
        found = [tell(session, f"morning:{person.id}", "morning", now(), person_id=person.id)
                 for person in people(database, 2, session=session)]
        assert all(found)
        return [notice.id for notice in found if notice is not None]


def _tasks(database: Database) -> list[tuple[str, int]]:
    with database.reading() as session:
        return [(row.state, row.attempts) for row in session.scalars(select(Task).order_by(Task.id))]


@pytest.fixture
def something_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """The letter of the morning has something to say."""
    monkeypatch.setattr("moderation.telling.counts", lambda *_: Counts(1, 0, 0, 1, {}))


def test_an_address_refused_for_good_is_asked_once_and_holds_up_nobody(
        something_waits: None, app: Flask, database: Database, unused_port: int,
        caplog: pytest.LogCaptureFixture) -> None:
    box = Box({"person-0@example.org": "550 5.1.1 no such user"})
    with listening(box, unused_port) as mail_url:
        first, second = _two_letters(app, database, mail_url)
        for _ in range(3):
            attempt(app)
    assert len(box.kept) == 1 and _tasks(database) == [(DONE, 1), (DONE, 1)]
    with database.reading() as session:
        assert session.get_one(Notice, first).sent_at is None and session.get_one(Notice, second).sent_at is not None
    said = [record for record in caplog.records if record.message == "letter refused"]
    assert len(said) == 1 and "550" in said[0].__dict__["error"] and "person-0" not in str(said[0].__dict__)


def test_not_now_is_tried_again(something_waits: None, app: Flask, database: Database, unused_port: int) -> None:
    box = Box({"person-0@example.org": "451 4.7.1 greylisted, come back"})
    with listening(box, unused_port) as mail_url:
        _two_letters(app, database, mail_url)
        attempt(app)
        assert len(box.kept) == 1 and _tasks(database) == [(PENDING, 1), (DONE, 1)]
        box.refuses.clear()
        attempt(app)
    assert len(box.kept) == 2 and _tasks(database) == [(DONE, 2), (DONE, 1)]
    with database.reading() as session:
        assert session.scalar(select(func.count()).where(Notice.sent_at.is_not(None))) == 2


def test_refused_and_later_are_told_apart(unused_port: int) -> None:
    for answer, trouble in (("550 5.1.1 no such user", Refused), ("553 5.1.3 bad address", Refused),
                            ("450 4.2.1 try later", SMTPException), ("421 4.7.0 too many", SMTPException)):
        with listening(Box({"a@example.org": answer}), unused_port) as mail_url, pytest.raises(trouble):
            send(LETTER, mail_url)


def test_a_letter_too_big_for_the_server(unused_port: int) -> None:
    box = Box()
    with listening(box, unused_port, data_size_limit=2_000) as mail_url, pytest.raises(SMTPException):
        send(replace(LETTER, text="word " * 2_000), mail_url)
    assert not box.kept


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    """A certificate of this machine's mail server, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    made = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(
        x509.random_serial_number()).not_valid_before(datetime.now(UTC) - timedelta(days=1)).not_valid_after(
        datetime.now(UTC) + timedelta(days=1)).add_extension(
        x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False).add_extension(
        x509.BasicConstraints(ca=True, path_length=None), critical=True).sign(key, hashes.SHA256())
    file = tmp_path / "server.pem"
    file.write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8,
                                       serialization.NoEncryption()) + made.public_bytes(serialization.Encoding.PEM))
    return file


def test_a_server_that_can_encrypt_is_spoken_to_encrypted(certificate: Path, unused_port: int,
                                                          monkeypatch: pytest.MonkeyPatch) -> None:
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(certificate)
    box = Box()
    with listening(box, unused_port, tls_context=server, require_starttls=True) as mail_url:
        mail_url = mail_url.replace("127.0.0.1", "localhost")
        with pytest.raises(ssl.SSLCertVerificationError):  # nobody vouches for this server: it might be anybody
            send(LETTER, mail_url)
        assert not box.kept
        trusting: Callable[..., Any] = ssl.create_default_context
        monkeypatch.setattr("participation.mail.ssl.create_default_context", lambda: trusting(cafile=str(certificate)))
        send(LETTER, mail_url)
    assert len(box.kept) == 1
