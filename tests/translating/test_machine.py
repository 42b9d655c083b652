"""Machine translation against a real HTTP server that behaves, fails, hangs and lies."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask import Flask
from sqlalchemy import func, select, update

from participation import translations
from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas import revising
from participation.ideas.model import Idea
from participation.outbox import Event
from participation.settings import Settings
from participation.translating.model import TranslationService
from participation.translating.things import keep, thing
from participation.translations import AUTHOR, MACHINE, Translation
from participation.web.door import Door
from tests.making import published, staff
from tests.people import Guest, Officer
from tests.pool.making import accepted
from tests.translating.test_reading import ENGLISH, GERMAN, found
from tests.translating.translator import Translator, kept
from tests.working import attempt, work_off


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
    assert guest.open(f"/ideas/{ref}").has("WE WILL LOOK INTO IT.", "We will look into it.")
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


def test_switched_off_meanwhile(site: Flask, translator: Translator, settings: Settings, database: Database,
                                city: City) -> None:
    published(database, city, language="de", **GERMAN)
    attempt(site)  # asks for the languages
    site.extensions["door"] = Door(settings, city, database)
    work_off(site)
    assert not translator.count("translate") and not kept(database)
