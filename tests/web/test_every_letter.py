"""Every letter in every language of the city, through a real mail server, and read back as a mail program would."""

import email
import email.policy
import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from email.message import EmailMessage
from typing import Any

import pytest
from babel.support import NullTranslations
from flask import Flask

from participation.city import City
from participation.database import Database
from participation.notices.following import ENDABLE
from participation.web import format, language
from participation.web.letters import SUBJECT_MAX
from tests.marked import Marked, data
from tests.page import words
from tests.people import AN_IDEA, Guest, Moderator, Officer, Resident, plain_text
from tests.web.posting import ARABIC, EDITED, KINDS, Box, listening, one_of_each, write_one_of_each
from tests.web.test_letters import _links, _parts

TITLED = ("comment_decision", "milestone", "receipt")  # letters with a title in their subject


@pytest.fixture
def written(app: Flask, database: Database, city: City, guest: Guest, resident: Resident, moderator: Moderator,
            someone: Callable[..., Any], officer: Officer) -> None:
    """One letter of every kind."""
    second = someone(Moderator, "other@example.org", role="moderator")
    write_one_of_each(app, database, city, guest, resident, moderator, second, officer)


def _arrived(raw: bytes) -> EmailMessage:
    read = email.message_from_bytes(raw, policy=email.policy.default)
    assert isinstance(read, EmailMessage)
    return read


def test_all_letters_in_all_languages(written: None, app: Flask, database: Database, city: City,
                                      unused_port: int) -> None:
    ids: dict[str, set[str]] = {kind: set() for kind in KINDS}
    box = Box()
    with listening(box, unused_port) as mail_url:
        once = database.engine.dialect.name == "sqlite"  # the database changes no word
        for tag in city.languages if once else city.languages[:2]:
            for kind, post in one_of_each(app, database, tag, mail_url).items():
                post.send()
                raw = box.kept[-1]
                letter = _arrived(raw)
                where = f"{kind} in {tag}"
                _headers(letter, raw, kind, tag, city)
                ids[kind].add(str(letter["Message-ID"]))
                text, root = _parts(letter)
                _links(text, root)
                _same_facts(text, root, where)
                _one_thing_to_do(text, root, kind, where)
                _plain(letter, where)
    assert all(len(found) == 1 for found in ids.values()), "the same letter has the same Message-ID, every time"


def _headers(letter: EmailMessage, raw: bytes, kind: str, tag: str, city: City) -> None:
    head = raw.partition(b"\r\n\r\n")[0]
    assert all(len(line) <= 78 or b"<http" in line for line in head.split(b"\r\n")), head
    assert all(len(word) <= 75 for word in re.findall(rb"=\?[^ ]+\?=", head))
    assert max(map(len, raw.split(b"\r\n"))) <= 120
    subject = str(letter["Subject"])
    # A title in it is cut as far as that needs; a translator's own words are not.
    assert 5 <= len(subject) <= (SUBJECT_MAX if kind in TITLED else 100), subject
    assert subject.strip() == subject and not letter.defects
    assert subject.count("\u2068") == subject.count("\u2069")
    assert letter["Auto-Submitted"] == "auto-generated" and letter["Content-Language"] == tag
    assert city.site_name.in_(tag) in letter["From"] and city.contact.email in letter["From"]
    assert letter.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in letter.iter_parts()] == ["text/plain", "text/html"]
    stops = kind in ENDABLE
    assert (letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click") is stops
    assert (letter["List-Unsubscribe"] is not None) is stops
    if stops:
        address = str(letter["List-Unsubscribe"]).strip()
        assert re.fullmatch(rf"<http://localhost/{tag}/unfollow/\d+\.[0-9a-f]+>", address)
        assert address.strip("<>") in plain_text(letter)


def _same_facts(text: str, root: Any, where: str) -> None:
    """What one part says, the other says, too, line by line; but for addresses and the words on links."""
    body = root.find("body")
    whole = words(body)
    for line in text.split("\n"):
        line = re.sub(r"\s+", " ", re.sub(r"[\u2068\u2069]", "", line)).strip()
        if line and line != "--" and not line.startswith("http"):
            for sentence in re.split(r" · ", line):
                assert sentence.rstrip(".") in whole, f"{where}: only in plain text: {sentence}"
    said = re.sub(r"[\s\u2068\u2069]+", "", text)
    for element in body.iter():
        if element.tag in ("p", "li", "blockquote", "h2") and "address" not in (element.get("class") or ""):
            for part in (element.text, *(child.tail for child in element)):
                bare = re.sub(r"[\s\u2068\u2069]+", "", part or "")
                assert bare in said, f"{where}: only in HTML: {part}"


def _one_thing_to_do(text: str, root: Any, kind: str, where: str) -> None:
    buttons = [a for a in root.iter("a") if a.get("class") == "button"]
    assert len(buttons) == (0 if kind == "code" else 1), where  # of a code, the code itself is what there is to do
    for button in buttons:
        address = button.get("href")
        assert [words(p) for p in root.iter("p") if p.get("class") == "address"] == [address], where
        assert f"{words(button)}\n{address}\n" in text, f"{where}: {text}"
        style = button.get("style")
        assert "background:#" in style and "color:#ffffff" in style and "padding" in style
    assert not [e for e in root.iter() if e.get("src") or "url(" in (e.get("style") or "")], where
    assert len(root.findall(".//h1")) == 1
    letter = next(e for e in root.iter("div") if e.get("class") == "letter")
    assert (letter.get("lang"), letter.get("dir")) == (root.get("lang"), root.get("dir"))  # where html is dropped


def _plain(letter: EmailMessage, where: str) -> None:
    part = letter.get_body(("plain",))
    assert part is not None
    for line in str(part.get_content()).split("\n"):
        assert len(line) <= 74 or "http" in line, f"{where}: {line}"
    text = plain_text(letter)
    assert text == text.strip("\n") + "\n" and "\n\n\n" not in text, where
    assert not [line for line in text.split("\n") if line != line.rstrip() and line != "-- "], where
    assert text.count("\n-- \n") == 1 and "None" not in text and "{" not in text and "&#" not in text, where
    for line in text.split("\n"):  # in a sentence, what runs the other way is kept together
        if ARABIC in line and line.strip() != ARABIC and letter["Content-Language"] != "ar":
            assert f"\u2068{ARABIC}\u2069" in line, f"{where}: {line}"


@pytest.fixture
def marked(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Every letter in the marked language."""
    marks: NullTranslations = Marked()
    monkeypatch.setattr(language, "catalogue", lambda _tag: marks)
    monkeypatch.setattr(format, "_parts", {})
    yield


def test_every_word_of_a_letter_can_be_translated(written: None, marked: None, app: Flask, database: Database,
                                                  city: City) -> None:
    known = data(city, ARABIC, "It meets all criteria. See https://example.org/plan for “more” & less.", "The",
                 EDITED, "Shade on the squares of the city", "They say the same.",
                 "Trees along the river bank", "The first tree stands", "Shade everywhere", "It does.", "Not this one.",
                 "One that waits to be read", "Buy my sunshades, they are cheap.", "We will look into it.",
                 "It names a shop and its prices, and nothing else.", "Another one that waits for its reader",
                 "It meets all criteria. See for “more” & less.", "Good for my mother",
                 *(city.explain("advertising", "en", title) for title in (AN_IDEA["title"], EDITED)))
    found: dict[str, list[str]] = {}
    for kind, post in one_of_each(app, database, "en", "file:///nowhere").items():
        for line in (post.letter.subject, *post.letter.text.split("\n")):
            left = re.sub(r"https?://\S+|\S+@\S+|[A-Z]{2}-\d{4}-\d{5}|[\u2068\u2069]", " ", line)
            while re.search(r"⟦[^⟦⟧]*⟧", left):
                left = re.sub(r"⟦[^⟦⟧]*⟧", " ", left)
            left = known.sub(" ", re.sub(r"\s+", " ", left))
            if re.search(r"[^\W\d_]{2,}", left):
                found.setdefault(kind, []).append(left.strip())
    assert not found, "\n".join(f"{kind}: {left}" for kind, left in found.items())


def test_https_in_production(written: None, app: Flask, database: Database, city: City) -> None:
    """The address that a mail program posts to is the site's own; a site that others reach begins with https://."""
    made_of = app.extensions["door"]
    app.extensions["door"] = replace(made_of, settings=replace(made_of.settings, public_url="https://ideas.example"))
    posts = one_of_each(app, database, "en", "file:///nowhere")
    assert all(posts[kind].letter.unsubscribe.startswith("https://ideas.example/en/unfollow/") for kind in ENDABLE)
    assert not [kind for kind, post in posts.items() if "http://localhost" in post.letter.text + post.letter.html]
