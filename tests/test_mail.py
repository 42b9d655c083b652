"""Letters through a real SMTP server, and into files."""

import email
import email.policy
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from participation.mail import Letter, send
from tests.people import plain_text

WORDS = ("Ihre Idee „Schatten für Haltestellen“ – MZ-2026-00042", "فكرتك: ظل لمواقف الحافلات", "Ваша ідея: тінь",
         "Duraklara gölge: İğne ağaçları")


class Box:
    """Keeps what arrives."""

    def __init__(self) -> None:
        self.kept: list[bytes] = []

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.kept.append(envelope.content)
        return "250 kept"


@pytest.mark.filterwarnings("ignore")
def test_every_language_survives_the_way(unused_port: int) -> None:
    box = Box()
    controller = Controller(box, "127.0.0.1", unused_port)
    controller.start()
    try:
        for words in WORDS:
            letter = Letter("key", "a@example.org", "Ideen für Mainz", "ideen@mainz.example", words, (words + " ") * 30,
                            f"<p>{words}</p>", "de")
            send(letter, f"smtp://127.0.0.1:{unused_port}")
            assert all(len(line) <= 998 for line in box.kept[-1].split(b"\r\n"))
            got = email.message_from_bytes(box.kept[-1], policy=email.policy.default)
            assert got["Subject"] == words and got["Auto-Submitted"] == "auto-generated"
            body = got.get_body(("plain",))
            assert body is not None and plain_text(got).strip() == (words + " ") * 29 + words
            assert str(got["From"]) == "Ideen für Mainz <ideen@mainz.example>"
    finally:
        controller.stop()


def test_into_files_whole_and_in_order(tmp_path: Path) -> None:
    for number in range(3):
        words = f"Number {number}\nX: y"
        letter = Letter(f"key {number}", "a@example.org", "S", "s@example.org", words, "t", "<p>t</p>",
                        "en")
        send(letter, f"file://{tmp_path / 'mail'}")
    files = sorted((tmp_path / "mail").glob("*.eml"))
    subjects = [email.message_from_bytes(f.read_bytes(), policy=email.policy.default)["Subject"] for f in files]
    assert subjects == ["Number 0 X: y", "Number 1 X: y", "Number 2 X: y"]
    assert not list((tmp_path / "mail").glob(".*"))


def test_nobody_listens(unused_port: int) -> None:
    letter = Letter("k", "a@example.org", "S", "s@example.org", "x", "t", "<p>t</p>", "en")
    with pytest.raises(OSError):
        send(letter, f"smtp://127.0.0.1:{unused_port}")
