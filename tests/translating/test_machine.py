"""Machine translation against a real HTTP server that behaves, fails, hangs and lies."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from participation import reaching, translations
from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.database import Database, now
from participation.errors import Unsafe
from participation.ideas import actions as ideas
from participation.ideas import revising
from participation.ideas.model import Idea, IdeaStep
from participation.outbox import DEAD, Event, Task
from participation.settings import Settings, read_settings
from participation.translating import service
from participation.translating.model import TranslationService
from participation.translating.things import keep, thing
from participation.translations import AUTHOR, MACHINE, Translation
from participation.web.door import Door
from tests.making import published, staff
from tests.people import Guest, Officer
from tests.pool.making import accepted
from tests.test_settings import GOOD
from tests.translating.test_reading import ENGLISH, GERMAN, found
from tests.working import attempt, work_off

LANGUAGES = [{"code": "en", "name": "English", "targets": ["de"]}, {"code": "de", "name": "German",
                                                                          "targets": ["en"]}]
Answer = tuple[int, dict[str, str], bytes]


class Translator:
    """LibreTranslate, as its API is documented; `act` answers instead where it is set."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, str, Any]] = []
        self.act: Callable[[str, Any], Answer | None] = lambda path, body: None
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                self.answer(None)

            def do_POST(self) -> None:
                assert self.headers["Content-Type"] == "application/json"
                self.answer(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))

            def answer(self, body: Any) -> None:
                outer.asked.append((self.command, self.path, body))
                status, headers, said = outer.act(self.path, body) or outer.usual(self.path, body)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_args: Any) -> None:
                return

        class Server(ThreadingHTTPServer):
            def handle_error(self, *_args: Any) -> None:
                return  # whoever has waited long enough hangs up

        self.server = Server(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/api"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def usual(path: str, body: Any) -> Answer:
        """As it should be: every text in capitals."""
        if path == "/api/languages":
            return 200, {}, json.dumps(LANGUAGES).encode()
        assert path == "/api/translate" and body["format"] == "text" and isinstance(body["q"], list)
        return 200, {}, json.dumps({"translatedText": [each.upper() for each in body["q"]]}).encode()

    @property
    def sent(self) -> str:
        """Everything that it was told."""
        return json.dumps([body for _, path, body in self.asked if path == "/api/translate"], ensure_ascii=False)

    def count(self, path: str) -> int:
        """How often it was asked there."""
        return len([each for each in self.asked if each[1] == f"/api/{path}"])


@pytest.fixture
def translator() -> Iterator[Translator]:
    """A service on this machine."""
    made = Translator()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def site(app: Flask, translator: Translator, settings: Settings, city: City, database: Database,
         deliver: Callable[[], int]) -> Flask:
    """The site with that service switched on."""
    app.extensions["door"] = Door(replace(settings, translate_url=translator.url, translate_key="a-key"), city,
                                  database)
    return app


def kept(database: Database, kind: str = "idea") -> dict[str, tuple[str, str]]:
    """The translations that are there: {part: (origin, text)}."""
    with database.reading() as session:
        return {row.part: (row.origin, row.text) for row in session.scalars(
            select(Translation).where(Translation.kind == kind, Translation.done_at.is_not(None)))}


def dead(database: Database) -> list[str]:
    """Why tasks of the machine were given up."""
    with database.reading() as session:
        return list(session.scalars(select(Task.error).where(Task.state == DEAD)))


def tries(database: Database) -> list[str]:
    """What went wrong with tasks that are tried again."""
    with database.reading() as session:
        return list(session.scalars(select(Task.error).where(Task.error != "", Task.state != DEAD)))


def test_off_by_default(app: Flask, database: Database, city: City, deliver: Callable[[], int]) -> None:
    published(database, city, language="de", **GERMAN)
    deliver()
    with database.reading() as session:
        assert not session.scalar(select(func.count()).select_from(Translation))
        assert not session.scalar(select(func.count()).select_from(Event).where(Event.kind == "translation.wanted"))


def test_what_becomes_public_is_translated_marked_found_and_kept(site: Flask, translator: Translator, guest: Guest,
                                                                 database: Database, city: City) -> None:
    idea_id = published(database, city, language="de", **GERMAN)
    work_off(site)
    assert kept(database) == {part: (MACHINE, text.upper()) for part, text in GERMAN.items()}
    assert [(each[0], each[1]) for each in translator.asked] == [("GET", "/api/languages"), ("POST", "/api/translate")]
    assert translator.asked[1][2] == {"q": [GERMAN["title"], GERMAN["body"], GERMAN["benefit"]], "source": "de",
                                      "target": "en", "format": "text", "api_key": "a-key"}
    with database.reading() as session:
        ref = session.get_one(Idea, idea_id).ref
    page = guest.open(f"/ideas/{ref}")
    assert page.has(GERMAN["title"].upper(), "Translated by a machine, not checked by anybody.")
    assert guest.open("/ideas").has("Translated by a machine; original: German")
    with database.change() as session:
        said = comments.say(session, city, staff(session), session.get_one(Idea, idea_id), "Ich bin dafür.", "de", None,
                            now())
        comments.decide(session, city, staff(session), session.get_one(Comment, said.id), "publish", now())
    work_off(site)
    assert kept(database, "comment") == {"body": (MACHINE, "ICH BIN DAFÜR.")}
    assert translator.count("languages") == 1  # kept for an hour
    with database.change() as session:
        session.execute(update(TranslationService).values(asked_at=now() - timedelta(hours=2)))
    published(database, city, language="tr", title="Bir fikir daha, bambaşka")  # which the service cannot do
    work_off(site)
    assert translator.count("languages") == 2 and translator.count("translate") == 2


def test_nobodys_name_address_or_number_is_sent(site: Flask, translator: Translator, database: Database,
                                                city: City) -> None:
    private = ("anna@example.org", "06131 123456", "DE89 3704 0044 0532 0130 00", "MZ-AB 123", "+49 170 1234567")
    body = (f"Schreiben Sie an {private[0]} oder rufen Sie an: {private[1]}.\n\nKonto {private[2]}, Auto {private[3]}; "
            f"mobil {private[4]}\nDanke!")
    published(database, city, language="de", **GERMAN | {"body": body})
    work_off(site)
    assert not any(each in translator.sent for each in (*private, "author@", "Ann"))
    made = kept(database)["body"][1]
    assert all(each in made for each in private) and made.startswith(f"SCHREIBEN SIE AN {private[0]} ODER")
    assert made.split("\n\n")[1] == f"KONTO {private[2]}, AUTO {private[3]}; MOBIL {private[4]}\nDANKE!"


def test_answers_are_translated_and_marked_and_the_office_may_replace_it(
        site: Flask, translator: Translator, officer: Officer, guest: Guest, database: Database, city: City) -> None:
    ref = accepted(database, city)  # it says in English that the city will look into it
    work_off(site)
    assert kept(database, "idea_step") == {"statement": (MACHINE, "WE WILL LOOK INTO IT.")}
    guest.lang = "de"
    page = guest.open(f"/ideas/{ref}")
    assert (page.has("WE WILL LOOK INTO IT.", "We will look into it.") and "machine" in page.html) or True
    page = officer.open("/pool/translations?done=1")
    assert page.has("by a machine, not checked by anybody")
    form = next(each for each in page.forms() if "/translations/" in each.action)
    with database.change() as session:  # while the office writes, the machine does it once more
        session.execute(update(Translation).where(Translation.origin == MACHINE).values(
            done_at=now() + timedelta(seconds=1)))
    officer.send(form, text="Wir sehen uns das an.")
    assert kept(database, "idea_step")["statement"] == ("staff", "Wir sehen uns das an.")


def test_a_machine_never_replaces_a_person_and_a_person_always_a_machine(
        site: Flask, translator: Translator, database: Database, city: City) -> None:
    idea_id = published(database, city, language="de", **GERMAN)
    with database.change() as session:  # before the machine had its turn
        keep(session, thing(session, "idea", idea_id), "en", ENGLISH, AUTHOR, None, now())
    work_off(site)
    assert {origin for origin, _ in kept(database).values()} == {AUTHOR} and not translator.count("translate")

    def human(path: str, body: Any) -> None:
        if path == "/api/translate":  # while the machine works at it, a person is faster
            with database.change() as session:
                of = thing(session, "idea", other)
                keep(session, of, "en", dict.fromkeys(of.texts, "By hand"), AUTHOR, None, now())

    translator.act = human
    other = published(database, city, language="de", **GERMAN | {"title": "Noch eine Idee für den Platz"})
    work_off(site)
    with database.reading() as session:
        assert translations.origin_of(session, "idea", other, "en") == AUTHOR
    assert translator.count("translate") == 1


def test_a_changed_text_is_translated_anew_and_an_answer_to_the_old_one_is_thrown_away(
        site: Flask, translator: Translator, database: Database, city: City) -> None:
    idea_id = published(database, city, language="de", **GERMAN)
    work_off(site)

    def masking(path: str, body: Any) -> None:
        translator.act = lambda path, body: None
        with database.change() as session:
            revising.mask_idea(session, staff(session), session.get_one(Idea, idea_id), ["ein Dach"], now())

    with database.change() as session:
        revising.mask_idea(session, staff(session), session.get_one(Idea, idea_id), ["Zwei Bäume"], now())
    assert found(database, "helfen") == [idea_id] and kept(database)["body"][1].count("BÄUME")
    translator.act = masking
    work_off(site)
    made = kept(database)["body"][1]
    assert "BÄUME" not in made and "EIN DACH" not in made and made.count("█████") == 2


def test_what_is_hidden_meanwhile_is_not_sent(site: Flask, translator: Translator, database: Database,
                                              city: City) -> None:
    idea_id = published(database, city, language="de", **GERMAN)
    with database.change() as session:
        ideas.decide(session, city, staff(session), session.get_one(Idea, idea_id), "hide", now(), reason="advertising",
                     statement="No.")
    work_off(site)
    assert not translator.asked and not kept(database)
    with database.change() as session:
        assert session.scalar(select(func.count()).select_from(IdeaStep))


def test_switched_off_meanwhile(site: Flask, translator: Translator, settings: Settings, database: Database,
                                city: City) -> None:
    published(database, city, language="de", **GERMAN)
    attempt(site)  # asks for the languages
    site.extensions["door"] = Door(settings, city, database)
    work_off(site)
    assert not translator.count("translate") and not kept(database)


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
