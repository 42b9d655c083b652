"""Reading what others wrote in another language: ideas, comments, lists, search, feeds; and nothing of what was changed
or masked since."""

import xml.etree.ElementTree as ET
from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import update

from participation import translations
from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas import queries, revising
from participation.ideas.model import Idea
from participation.ideas.queries import Wanted
from participation.people.model import Person
from participation.translating.things import keep, thing
from participation.translations import AUTHOR, MACHINE, STAFF, VOLUNTEER, original_of, readings, understood
from tests.counting import counted
from tests.making import published, staff
from tests.people import Guest

GERMAN: dict[str, Any] = {
    "title": "Schatten für die Haltestellen am Platz", "benefit": "Ältere und Familien warten ohne Hitzschlag.",
    "body": "Die Haltestellen liegen in der Sonne. Zwei Bäume und ein Dach helfen allen, die dort warten."}
ENGLISH: dict[str, Any] = {
    "title": "Shade on the square", "benefit": "Older people wait without a heatstroke.",
    "body": "The stops lie in the sun, two linden trees would help."}
ATOM, XML = "{http://www.w3.org/2005/Atom}", "{http://www.w3.org/XML/1998/namespace}"


def translate(database: Database, idea_id: int, language: str = "en", origin: str = STAFF, by_id: int | None = None,
              kind: str = "idea", **texts: str) -> None:
    """Somebody has translated it."""
    with database.change() as session:
        of = thing(session, kind, idea_id)
        keep(session, of, language, {part: (ENGLISH | texts)[part] for part in of.texts}, origin, by_id, now())


def found(database: Database, q: str) -> list[int]:
    """The ideas that a search finds."""
    with database.reading() as session:
        return [card.id for card in queries.listed(session, Wanted(q=q)).cards]


@pytest.fixture
def idea_id(database: Database, city: City) -> int:
    """A published idea in German."""
    return published(database, city, language="de", **GERMAN)


@pytest.fixture
def reader(guest: Guest) -> Guest:
    """Somebody who reads English."""
    return guest


@pytest.mark.parametrize(("tag", "original", "order"), [
    ("de", "en", ("de",)), ("de", "de", ()), ("de-simple", "tr", ("de-simple", "de")),
    ("de-simple", "de", ("de-simple",)),
    ("de", "de-simple", ()), ("de-simple", "de-simple", ()), ("en", "", ("en",)),
])
def test_who_understands_what(tag: str, original: str, order: tuple[str, ...]) -> None:
    assert understood(tag, original) == order


def test_plain_language_before_the_language_itself(database: Database, city: City, idea_id: int) -> None:
    turkish = published(database, city, language="tr")
    translate(database, turkish, "de")
    translate(database, idea_id, "de-simple", title="Schatten")
    with database.reading() as session:
        rows = {idea.id: idea for idea in queries.those(session, [idea_id, turkish])}
        things = {key: original_of(idea.language, {part: getattr(idea, part) for part in GERMAN})
                  for key, idea in rows.items()}
        simple = readings(session, "idea", things, "de-simple")
        assert {key: each.language for key, each in simple.items()} == {turkish: "de", idea_id: "de-simple"}
        assert set(readings(session, "idea", things, "de")) == {turkish}
        assert readings(session, "idea", things, "en") == {}  # nobody has translated any into English


@pytest.mark.parametrize(("origin", "name", "words"), [
    (STAFF, "Ode", "Translated by the city."), (AUTHOR, "Ann", "Translated by the author."),
    (VOLUNTEER, "Vera", "Translated by Vera, checked by the city."),
    (VOLUNTEER, "", "Translated by a volunteer, checked by the city."),
    (MACHINE, "", "Translated by a machine, not checked by anybody."),
])
def test_an_idea_in_translation_says_who_translated(reader: Guest, database: Database, idea_id: int, origin: str,
                                                    name: str, words: str) -> None:
    with database.change() as session:
        person = Person(email="vera@example.org", name=name, created_at=now())
        session.add(person)
        session.flush()
        by_id = person.id if origin != MACHINE else None
    translate(database, idea_id, origin=origin, by_id=by_id)
    with database.reading() as session:
        ref = session.get_one(Idea, idea_id).ref
    page = reader.open(f"/ideas/{ref}")
    assert page.title == ENGLISH["title"] and page.has(ENGLISH["body"], ENGLISH["benefit"], words, "(German)")
    assert page.has(*GERMAN.values())  # the original, folded
    assert ("Vera" in page.text) is (name == "Vera") and "Ann" not in page.text and "Ode" not in page.text
    languages = [e.get("lang") for e in page.all(".//details[@class='translated']//div")]
    assert languages == ["de"] and page.all(".//h1")[0].get("lang") == "en"
    reader.lang = "de"
    page = reader.open(f"/ideas/{ref}")  # who understands the original gets it
    assert page.title == GERMAN["title"] and not page.all(".//details[@class='translated']")


def test_lists_home_and_search_are_read_in_translation(reader: Guest, database: Database, city: City,
                                                       idea_id: int) -> None:
    other = published(database, city, title="A lift at the station for everybody", language="tr")
    for path in ("", "/ideas"):
        with counted(database) as before:
            reader.open(path)
        translate(database, idea_id, origin=MACHINE)
        with counted(database) as seen:
            page = reader.open(path)
        assert len(seen) == len(before) <= 4, seen  # one query more than without languages, whatever there is
        assert page.has(ENGLISH["title"], "The stops lie in the sun", "A lift at the station", "original: German")
        assert not page.has("Haltestellen")
        with database.change() as session:
            translations.take_away(session, "idea", idea_id, "en")
    translate(database, idea_id)
    assert found(database, "linden trees") == [idea_id] == found(database, "stops haltestellen shade schatten")
    assert set(found(database, "a")) == {idea_id, other}
    page = reader.open("/ideas?q=Heatstroke")
    assert page.has(ENGLISH["title"]) and "A lift" not in page.text
    assert reader.open("/ideas?q=Familien").has(ENGLISH["title"])  # found by the original, read in translation
    with counted(database) as seen:
        reader.open("/ideas?language=it")
    assert len(seen) <= 2, seen


@pytest.mark.parametrize("how", ["changed", "masked", "title only", "taken down"])
def test_nothing_of_a_changed_or_masked_text_survives(how: str, reader: Guest, database: Database, city: City,
                                                      idea_id: int) -> None:
    translate(database, idea_id)
    with database.change() as session:
        idea, admin = session.get_one(Idea, idea_id), staff(session)
        ref = idea.ref
        if how == "masked":
            revising.mask_idea(session, admin, idea, ["Zwei Bäume"], now())
        elif how == "taken down":
            translations.take_away(session, "idea", idea_id, "en")
            from participation.ideas.search import reindex
            reindex(session, idea)
        else:
            body = idea.body if how == "title only" else "Another text that is long enough for what the city asks."
            draft = replace(revising.draft_of(idea), title="Another title for the same idea", body=body)
            edit = revising.propose_edit(session, city, session.get_one(Person, idea.author_id), idea, draft, now())
            revising.decide_edit(session, city, admin, edit, "apply", now())
    assert found(database, "linden") == [] == found(database, "heatstroke")
    assert len(found(database, "title" if how in ("changed", "title only") else "schatten")) == 1
    feed = reader.client.get("/en/ideas.atom").get_data(as_text=True)
    for text in (reader.open("").text, reader.open("/ideas").text, reader.open(f"/ideas/{ref}").text, feed,
                 reader.open("/ideas?q=Schatten").text):
        assert not any(words in text for words in ("Shade on", "linden", "heatstroke"))


def test_a_field_that_is_corrected_and_a_text_brought_back_keep_the_translation(database: Database, city: City,
                                                                                idea_id: int) -> None:
    translate(database, idea_id)
    with database.change() as session:
        idea, admin = session.get_one(Idea, idea_id), staff(session)
        revising.correct(session, city, admin, idea, now(), field=city.fields[0].key, district=None, language="de")
    assert found(database, "linden") == [idea_id]
    with database.change() as session:
        idea, admin = session.get_one(Idea, idea_id), staff(session)
        before = revising.draft_of(idea)
        revising.mask_idea(session, admin, idea, ["Zwei Bäume"], now())
        assert found_in(session, "linden") == []
        revising.bring_back(session, idea, before, False, now())
    assert found(database, "linden") == [idea_id]


def found_in(session: Any, q: str) -> list[int]:
    """The same inside a transaction."""
    return [card.id for card in queries.listed(session, Wanted(q=q)).cards]


def test_a_comment_in_translation_and_after_it_was_masked(reader: Guest, database: Database, city: City,
                                                          idea_id: int) -> None:
    with database.change() as session:
        idea, admin = session.get_one(Idea, idea_id), staff(session)
        ref, made = idea.ref, comments.say(session, city, admin, idea, "Fragen Sie Frau Miller.", "de", None, now())
        comments.decide(session, city, admin, made, "publish", now())
        answer = comments.say(session, city, admin, idea, "Ich habe sie gefragt.", "de", made.id, now())
        comments.decide(session, city, admin, answer, "publish", now())
        first, second = made.id, answer.id
    translate(database, first, kind="comment", body="Ask Mrs Miller.")
    translate(database, second, kind="comment", body="I have asked her.")
    with counted(database) as seen:
        page = reader.open(f"/ideas/{ref}")
    assert page.has("Fragen Sie Frau Miller.", "I have asked her.", "Ask Mrs Miller.")
    assert len([each for each in seen if "FROM translation" in each]) == 2, seen  # of the idea, of all comments
    with database.change() as session:
        comments.mask_comment(session, staff(session), session.get_one(Comment, first), ["Frau Miller"], now())
    page = reader.open(f"/ideas/{ref}")
    assert "Miller" not in page.text and page.has("I have asked her.", "Fragen Sie █████.")


def test_feeds_name_the_language_of_what_they_show(reader: Guest, database: Database, city: City,
                                                   idea_id: int) -> None:
    translate(database, idea_id, origin=MACHINE)
    [entry] = ET.fromstring(reader.client.get("/en/ideas.atom").get_data()).iter(f"{ATOM}entry")
    summary = entry.find(f"{ATOM}summary")
    assert entry.get(f"{XML}lang") == "en" == (summary.get(f"{XML}lang") if summary is not None else "")
    assert entry.findtext(f"{ATOM}title") == ENGLISH["title"]
    assert "Translated by a machine; original: German" in str(entry.findtext(f"{ATOM}summary"))
    [entry] = ET.fromstring(reader.client.get("/de/ideas.atom").get_data()).iter(f"{ATOM}entry")
    assert entry.get(f"{XML}lang") == "de" and "(" not in str(entry.findtext(f"{ATOM}summary"))
    with database.reading() as session:
        ref = session.get_one(Idea, idea_id).ref
    root = ET.fromstring(reader.client.get(f"/en/ideas/{ref}.atom").get_data())
    assert all(ENGLISH["title"] in str(each.findtext(f"{ATOM}title")) for each in root.iter(f"{ATOM}entry"))


def test_a_language_corrected_to_the_readers_own_shows_the_original(reader: Guest, database: Database, city: City,
                                                                    idea_id: int) -> None:
    translate(database, idea_id)
    with database.change() as session:
        session.execute(update(Idea).where(Idea.id == idea_id).values(language="en"))
        ref = ideas.idea_by_ref(session, str(session.get_one(Idea, idea_id).ref)).ref
    assert reader.open(f"/ideas/{ref}").title == GERMAN["title"]
