"""Ideas like a text: found in other words, nothing else shown, the same on both databases."""

import json
import shutil
from pathlib import Path

import pytest
from sqlalchemy import func, select

from participation.city import City
from participation.database import Base, Database, now
from participation.ideas import actions
from participation.ideas.model import Idea
from participation.ideas.similar import LEAST, IdeaTerm, forget, index, similar, terms
from tests.databases import Server, fresh_database
from tests.making import a_draft, published

POTHOLES = ("Schlaglöcher im Fahrradweg an der Rheinallee", "Der Radweg ist voller Löcher, besonders bei Regen stürzt "
            "man leicht. Bitte den Belag auf der ganzen Rheinallee erneuern und die Kanten abschleifen.")
LIBRARY = ("Bücherei länger öffnen", "Wer arbeitet, kommt nie vor Ladenschluss zum Ausleihen. Abends und sonntags "
           "sollte der Lesesaal mit seinen Computern für alle zugänglich sein.")
TREES = ("Bäume für den Marktplatz", "Im Sommer gibt es dort keinen Schatten. Linden oder Platanen und ein Brunnen "
         "würden den Platz kühlen, dazu Sitzbänke ringsum.")


@pytest.fixture(autouse=True)
def _table(database: Database) -> None:
    Base.metadata.tables[IdeaTerm.__tablename__].create(database.engine, checkfirst=True)


def _made(database: Database, city: City, title: str, body: str, language: str = "de", district: str | None = None
          ) -> int:
    idea_id = published(database, city, title=title, body=body, benefit=title * 2, language=language,
                        district=district or city.districts[0].key)
    _indexed(database, idea_id)
    return idea_id


def _indexed(database: Database, idea_id: int) -> None:
    with database.change() as session:
        idea = session.get(Idea, idea_id)
        assert idea is not None
        index(session, idea)


def _three(database: Database, city: City) -> list[int]:
    return [_made(database, city, *texts) for texts in (POTHOLES, LIBRARY, TREES)]


def test_found_in_other_words_and_compounds(database: Database, city: City) -> None:
    potholes, library, trees = _three(database, city)
    with database.reading() as session:
        for title, body, expected in (
                ("Rheinallee: kaputter Radwegbelag", "Die Fahrradspur hat Löcher und Kanten, bei Nässe fällt man hin.",
                 potholes),
                ("Längere Öffnungszeiten", "Die Stadtbücherei sollte abends offen sein, damit Berufstätige Bücher "
                 "ausleihen können.", library),
                ("Schattenplätze am Markt", "Baumpflanzungen und Bänke auf dem Marktplatz, gern Linden.", trees)):
            hits = similar(session, title, body, "de")
            assert hits and hits[0].id == expected, title
            assert 1 >= hits[0].score >= LEAST
        same = similar(session, *POTHOLES, "de")[0]
        assert same.id == potholes and same.score > 0.8


def test_unrelated_is_not_shown(database: Database, city: City) -> None:
    _made(database, city, *POTHOLES)
    _made(database, city, *TREES)
    with database.reading() as session:
        assert similar(session, *LIBRARY, "de") == []
        assert similar(session, "", "", "de") == []


def test_own_idea_and_drafts_are_left_out(database: Database, city: City) -> None:
    own = _made(database, city, *POTHOLES)
    with database.change() as session:
        draft = actions.keep_draft(session, city, a_draft(title=POTHOLES[0], body=POTHOLES[1], benefit=POTHOLES[0],
                                                            language="de"), now())
        session.flush()
        assert draft.ref is None
        index(session, draft)
    with database.reading() as session:
        assert [hit.id for hit in similar(session, *POTHOLES, "de")] == [own]
        assert similar(session, *POTHOLES, "de", without=own) == []


def test_the_same_district_comes_first_when_equal(database: Database, city: City) -> None:
    here, there = city.districts[0].key, city.districts[1].key
    one = _made(database, city, *POTHOLES, district=here)
    other = _made(database, city, *POTHOLES, district=there)
    _made(database, city, *TREES)
    text = ("Radweg Rheinallee", "Der Belag hat Löcher, bitte erneuern.")
    with database.reading() as session:
        assert [hit.id for hit in similar(session, *text, "de")] == [one, other]
        assert [hit.id for hit in similar(session, *text, "de", district=there)] == [other, one]


def test_other_languages(database: Database, city: City) -> None:
    arabic = _made(database, city, "أشجار أكثر في الساحة", "نحتاج إلى الظل في الصيف وإلى مقاعد حول النافورة", "ar")
    ukrainian = _made(database, city, "Більше дерев на площі", "Влітку потрібна тінь і лавки біля фонтану", "uk")
    with database.reading() as session:
        assert similar(session, "أشجار في الساحة", "مقاعد وظل في الصيف", "ar")[0].id == arabic
        assert similar(session, "Дерева на площі", "Тінь влітку, лавки", "uk")[0].id == ukrainian
        assert similar(session, "広場に木を植える", "夏の日陰とベンチ", "ja") == []


def test_changed_and_forgotten(database: Database, city: City) -> None:
    idea_id = _made(database, city, *POTHOLES)
    _indexed(database, idea_id)  # twice is the same as once
    with database.change() as session:
        assert 0 < (session.scalar(select(func.count()).select_from(IdeaTerm)) or 0) <= 150
        forget(session, idea_id)
    with database.reading() as session:
        assert similar(session, *POTHOLES, "de") == []


def test_both_databases_give_the_same(city: City, shared: Path, sqlite_template: Path, postgres: Server,
                                      tmp_path: Path) -> None:
    shutil.copy(sqlite_template, tmp_path / "order.sqlite")
    lines = (shared / "proposals.jsonl").read_text(encoding="utf-8").splitlines()[:60]
    texts = [(row["title"], row["body"][:1500]) for row in map(json.loads, lines) if len(row["body"]) > 100]
    results = []
    for url in (f"sqlite:///{tmp_path / 'order.sqlite'}", fresh_database(postgres)):
        database = Database(url)
        Base.metadata.tables[IdeaTerm.__tablename__].create(database.engine, checkfirst=True)
        made = [_made(database, city, *text) for text in texts]
        with database.reading() as session:
            results.append([[(made.index(hit.id), hit.score) for hit in similar(session, *text, "de")]
                            for text in texts])
        database.engine.dispose()
    assert all(results[0]) and any(len(hits) > 1 for hits in results[0])
    assert results[0] == results[1]


def test_hostile_strings(database: Database, city: City, shared: Path) -> None:
    hostile = [json.loads(line)["text"] for line in (shared / "hostile_strings.jsonl").read_text().splitlines()]
    _made(database, city, *POTHOLES)
    with database.reading() as session:
        for text in hostile:
            similar(session, text, text, "de")
            assert all(0 < len(term) <= 40 for term in terms(text, text, "tr"))
