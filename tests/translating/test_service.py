"""A translating service that fails, hangs and lies: what is tried later, refused, or not even asked."""

import json
import time
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from participation import reaching
from participation.city import City
from participation.database import Database, now
from participation.errors import Unsafe
from participation.outbox import Task
from participation.settings import Settings, read_settings
from participation.translating import service
from participation.translations import MACHINE
from tests.making import published
from tests.test_settings import GOOD
from tests.translating.test_reading import GERMAN
from tests.translating.translator import Answer, Translator, dead, kept, tries
from tests.working import attempt, work_off


@pytest.mark.parametrize(("status", "headers"), [(429, {"Retry-After": "120"}), (500, {}), (503, {}), (408, {})])
def test_what_the_service_cannot_do_now_is_tried_later(site: Flask, translator: Translator, database: Database,
                                                       city: City, status: int, headers: dict[str, str]) -> None:
    published(database, city, language="de", **GERMAN)
    translator.act = lambda path, body: (status, headers, b'{"error": "busy"}')
    attempt(site)
    assert tries(database) == [f"HTTP {status}"] and not dead(database)
    if headers:
        with database.reading() as session:
            [due] = session.scalars(select(Task.due).where(Task.error != "")).all()
        assert timedelta(seconds=100) < due - now() <= timedelta(seconds=120)
    translator.act = lambda path, body: None
    with database.change() as session:
        session.execute(update(Task).where(Task.error != "").values(due=now()))
    work_off(site)
    assert kept(database)["title"] == (MACHINE, GERMAN["title"].upper())


def test_a_service_that_hangs_or_is_away_holds_nobody(site: Flask, translator: Translator, database: Database,
                                                      city: City, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reaching, "DEADLINE", 0.4)

    def hang(path: str, body: Any) -> None:
        if path == "/api/translate":
            time.sleep(2)

    translator.act = hang
    published(database, city, language="de", **GERMAN)
    attempt(site)
    began = time.monotonic()
    attempt(site)
    assert time.monotonic() - began < 1.8 and tries(database) and not dead(database) and not kept(database)
    translator.server.shutdown()
    translator.server.server_close()
    attempt(site)
    assert tries(database) == ["ConnectionError"] and not kept(database)


LIES: list[tuple[str, Answer]] = [
    ("as many texts", (200, {}, json.dumps({"translatedText": ["one"]}).encode())),
    ("as many texts", (200, {}, json.dumps({"translatedText": "one text"}).encode())),
    ("as many texts", (200, {}, b'{"something": "else"}')),
    ("cannot be the translation", (200, {}, json.dumps({"translatedText": ["a", 7, "c"]}).encode())),
    ("cannot be the translation", (200, {}, json.dumps({"translatedText": ["a", " \x00", "c"]}).encode())),
    ("cannot be the translation", (200, {}, json.dumps({"translatedText": ["a", "x" * 50_000, "c"]}).encode())),
    ("no JSON", (200, {}, b"<h1>Welcome</h1>")), ("no JSON", (200, {}, b"[" * 100_000)),
    ("TRANSLATE_KEY", (403, {}, b'{"error": "Invalid API key: a-key"}')),
    ("does not translate this", (400, {}, b'{"error": "pl is not supported"}')),
    ("set TRANSLATE_URL to that one", (302, {"Location": "http://127.0.0.1:1/elsewhere"}, b"")),
]


@pytest.mark.parametrize(("why", "answer"), LIES)
def test_wrong_answers_are_refused(site: Flask, translator: Translator, database: Database, city: City, why: str,
                                   answer: Answer) -> None:
    published(database, city, language="de", **GERMAN)
    attempt(site)
    translator.act = lambda path, body: answer
    attempt(site)
    assert [why in each for each in dead(database)] == [True] and not kept(database)
    assert "a-key" not in dead(database)[0]


@pytest.mark.parametrize("answer", [b"{}", b"[]", b'[7, {"code": 3}, {"code": "de", "targets": "all"}]',
                                    b'[{"code": "de"}]', json.dumps([{"code": "x" * 99}] * 600).encode()])
def test_strange_lists_of_languages_want_nothing(site: Flask, translator: Translator, database: Database, city: City,
                                                 answer: bytes) -> None:
    translator.act = lambda path, body: (200, {}, answer)
    published(database, city, language="de", **GERMAN)
    attempt(site)
    attempt(site)
    assert not translator.count("translate") and not kept(database)
    assert len(dead(database)) == (answer == b"{}" or len(answer) > 1000)


def test_an_older_service_names_no_targets(site: Flask, translator: Translator, settings: Settings) -> None:
    translator.act = lambda path, body: (200, {}, b'[{"code": "de"}, {"code": "en"}]')
    assert service.languages(replace(settings, translate_url=translator.url)) == {"de": ["de", "en"],
                                                                                  "en": ["de", "en"]}


def test_spam_of_numbers_alone_is_not_even_sent(translator: Translator, settings: Settings) -> None:
    texts = {"body": "12345 … 99\nanna@example.org "}
    asked = replace(settings, translate_url=translator.url)
    assert service.translate(asked, texts, "de", "en") == {"body": "12345 … 99\nanna@example.org"}
    assert not translator.asked


@pytest.mark.parametrize("change", [
    {"TRANSLATE_URL": "translate.example"}, {"TRANSLATE_URL": "https://key:key@translate.example"},
    {"TRANSLATE_URL": "https://translate.example/?a=b"}, {"TRANSLATE_URL": "https://translate.example/" + "x" * 300},
    {"TRANSLATE_URL": "http://translate.example", "TRANSLATE_KEY": "a-key"}])
def test_an_address_that_cannot_be_right_is_refused_at_the_start(change: dict[str, str]) -> None:
    with pytest.raises(Unsafe) as trouble:
        read_settings(GOOD | change)
    assert "TRANSLATE_URL" in str(trouble.value) and "key:key" not in str(trouble.value)
    assert read_settings(GOOD | {"TRANSLATE_URL": "http://libretranslate:5000"}).translate_url
