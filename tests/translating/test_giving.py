"""Giving a translation: the author's, a volunteer's, staff's; looking at it; taking it down."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select, update

from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas import revising
from participation.ideas.model import Idea
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from participation.pool.model import Record
from participation.settings import Settings
from participation.translating import offers
from participation.translating.model import TranslationOffer
from participation.translating.things import keep, thing
from participation.translations import MACHINE, STAFF, Translation
from tests.counting import counted
from tests.making import published, staff
from tests.people import Guest, Moderator, Resident
from tests.pool.making import accepted
from tests.translating.test_reading import ENGLISH, GERMAN, found


@pytest.fixture
def ref(database: Database, city: City) -> str:
    """A published idea in German, by author@example.org."""
    published(database, city, language="de", **GERMAN)
    return the_idea(database).ref or ""


def the_idea(database: Database) -> Idea:
    """The one idea."""
    with database.reading() as session:
        return session.scalars(select(Idea)).one()


def origins(database: Database) -> set[str]:
    """Where the public translations come from."""
    with database.reading() as session:
        return set(session.scalars(select(Translation.origin).where(Translation.done_at.is_not(None))))


def offered(resident: Guest, ref: str, **texts: str) -> Guest:
    """Somebody translates the idea into English."""
    resident.open(f"/ideas/{ref}")
    resident.open(resident.page.link("/translate"))
    resident.send("/translate", **(ENGLISH | texts))
    return resident


def test_a_volunteers_translation_waits_is_changed_and_published(resident: Resident, moderator: Moderator, guest: Guest,
                                                                 database: Database, ref: str) -> None:
    assert not moderator.open("/moderation").has("Translations (1)")
    offered(resident, ref)
    assert resident.page.has("Thank you. Staff read your translation") and guest.open(
        f"/ideas/{ref}").title == GERMAN["title"]
    assert found(database, "heatstroke") == []
    resident.open(f"/ideas/{ref}/translate")  # once more: the same one is changed
    assert resident.page.has("Staff have not read your translation yet")
    assert resident.page.form("/translate").values["benefit"] == ENGLISH["benefit"]
    resident.send("/translate", benefit="Older people wait in the shade.")
    assert moderator.open("/moderation").has("Translations (1)")
    page = moderator.open(moderator.page.link("/moderation/translations"))
    assert page.has("By a volunteer", "Rosa", "Into the language: English", ref)
    page = moderator.open(page.link("/moderation/translations/"))
    assert page.has(*GERMAN.values())
    sent = page.form("/translations/")
    moderator.send(sent, status=422, then="approve", body=" ")
    assert moderator.page.has("Idea – Please fill this in.")
    moderator.send(sent, then="approve", title="Shade for the square")
    assert moderator.page.has("The translation is public now.", "Nothing waits. Thank you.")
    page = guest.open(f"/ideas/{ref}")
    assert page.title == "Shade for the square" and page.has("Translated by Rosa, checked by the city.")
    assert found(database, "older people wait in the shade") == [the_idea(database).id]
    letter = resident.mailbox.text("resident@example.org")
    assert "Your translation is public now" in letter and "Staff have changed some of its words." in letter
    moderator.send(sent, status=409, then="approve")  # the second click, the back button
    assert moderator.page.has("Somebody else has decided meanwhile")


def test_a_volunteers_translation_is_turned_down_with_a_reason(resident: Resident, moderator: Moderator, guest: Guest,
                                                               ref: str) -> None:
    offered(resident, ref)
    page = moderator.open("/moderation/translations")
    page = moderator.open(page.link("/moderation/translations/"))
    moderator.send("/translations/", status=422, then="refuse", reason=" ", title="Typed")
    assert moderator.page.has("Why not? – Please fill this in.")
    assert moderator.page.form("/translations/").values["title"] == "Typed"
    moderator.send("/translations/", then="refuse", reason="It says something else than the original.")
    letter = resident.mailbox.text("resident@example.org")
    assert "do not publish it" in letter and "It says something else than the original." in letter
    assert guest.open(f"/ideas/{ref}").title == GERMAN["title"]


def test_what_is_missing_too_long_or_in_no_language_keeps_what_was_typed(resident: Resident, ref: str) -> None:
    page = resident.open(f"/ideas/{ref}/translate?language=xx")
    form = page.form("/translate")
    resident.send(form, status=422, title="", body="x" * 20_000, benefit="Kept")
    assert resident.page.has("Title – Please fill this in.") and "too long" in resident.page.text
    assert resident.page.form("/translate").values["benefit"] == "Kept"
    resident.send(form, status=422, language="xx", **ENGLISH)
    resident.open(f"/ideas/{ref}/translate?comment=99", 404)
    resident.open("/ideas/MZ-2020-00001/translate", 404)


def test_an_author_translates_at_once_by_the_secret_link_and_is_looked_at(
        guest: Guest, moderator: Moderator, database: Database, settings: Settings, ref: str) -> None:
    token = ideas.follow_token(the_idea(database), settings.secret_key)
    guest.open(f"/ideas/follow/{token}")
    page = guest.open(guest.page.link("/translate"))
    assert page.has("public at once") and page.response.headers["Referrer-Policy"] == "strict-origin"
    guest.send("/translate", status=422, body="")
    guest.send("/translate", **ENGLISH)
    assert guest.page.has("The translation is public now.") and origins(database) == {"author"}
    page = guest.open(f"/ideas/{ref}")
    assert page.title == ENGLISH["title"] and page.has("Translated by the author.")
    page = moderator.open("/moderation/translations")
    assert page.has("Public already, by the author")
    moderator.open(page.link("/moderation/translations/"))
    moderator.send("/translations/", then="approve")
    assert moderator.page.has("Nothing waits.") and guest.open(f"/ideas/{ref}").title == ENGLISH["title"]
    guest.open(f"/ideas/follow/{token}/translate")  # changed: public at once, looked at once more
    guest.send("/translate", title="Shade, and trees")
    assert guest.mailbox.letters("author@example.org")  # what was sent before
    moderator.open(moderator.open("/moderation/translations").link("/moderation/translations/"))
    moderator.send("/translations/", then="refuse", reason="It advertises something.")
    assert guest.open(f"/ideas/{ref}").title == GERMAN["title"] and found(database, "linden") == []
    assert "It advertises something." in guest.mailbox.text("author@example.org")
    assert not guest.open(f"/ideas/follow/{token}/translate").has("public at once")
    guest.send("/translate", **(ENGLISH | {"title": "It advertises again"}))
    assert guest.page.has("Staff read your translation") and origins(database) == set()


def test_of_a_masked_idea_an_authors_translation_waits_and_old_words_are_not_offered_again(
        someone: Callable[..., Any], database: Database, ref: str) -> None:
    author: Guest = someone(Resident, "author@example.org")
    offered(author, ref)
    with database.change() as session:
        idea = session.scalars(select(Idea)).one()
        revising.mask_idea(session, staff(session), idea, ["Zwei Bäume"], now())
    page = author.open(f"/ideas/{ref}/translate")
    assert "linden" not in page.html and page.form("/translate").values["body"] == ""
    author.send("/translate", **ENGLISH)
    assert author.page.has("Staff read your translation before everyone can see it")
    assert "linden" not in author.open(f"/ideas/{ref}").text
    with database.reading() as session:
        assert session.scalars(select(TranslationOffer.origin)).all() == ["volunteer"]


def test_of_a_changed_text_nothing_old_is_published(resident: Resident, moderator: Moderator, database: Database,
                                                    city: City, ref: str) -> None:
    offered(resident, ref)
    moderator.open(moderator.open("/moderation/translations").link("/moderation/translations/"))
    form = moderator.page.form("/translations/")
    with database.change() as session:
        idea, admin = session.scalars(select(Idea)).one(), staff(session)
        draft = replace(revising.draft_of(idea), benefit="Alle warten gern, auch im Sommer und auch im Regen.")
        edit = revising.propose_edit(session, city, session.get_one(Person, idea.author_id), idea, draft, now())
        revising.decide_edit(session, city, admin, edit, "apply", now())
    moderator.send(form, status=409, then="approve")
    assert moderator.page.has("The original has been changed since it was translated")
    assert origins(database) == set()
    assert resident.open(f"/ideas/{ref}/translate").has("The original has been changed since it was translated.")
    resident.send("/translate", benefit="Everybody likes to wait.")
    moderator.send(form, status=409, then="approve")  # it was written anew since that page
    moderator.open(moderator.open("/moderation/translations").link("/moderation/translations/"))
    moderator.send("/translations/", then="approve")
    assert origins(database) == {"volunteer"}


def test_staff_translate_at_once_and_take_down(moderator: Moderator, resident: Resident, guest: Guest,
                                               database: Database, ref: str) -> None:
    offered(moderator, ref)
    assert guest.open(f"/ideas/{ref}").has("Translated by the city.")
    page = resident.open(f"/ideas/{ref}/translate")
    assert page.form("/translate").values["title"] == ENGLISH["title"]  # to be made better
    assert not [form for form in page.forms() if "take-down" in form.action]
    moderator.open(f"/ideas/{ref}/translate")
    moderator.send("take-down", status=422, reason=" ")
    moderator.send("take-down", status=422, reason="x" * 100_000)
    assert moderator.page.form("take-down").values["reason"].startswith("xxx")
    moderator.send("take-down", reason="It was wrong.")
    assert moderator.page.has("The translation is taken down.") and origins(database) == set()
    assert guest.open(f"/ideas/{ref}").title == GERMAN["title"]
    assert not resident.mailbox.letters("moderator@example.org")


def test_a_published_translation_of_a_volunteer_is_taken_down_and_they_are_told(
        resident: Resident, moderator: Moderator, database: Database, ref: str) -> None:
    offered(resident, ref)
    moderator.open(moderator.open("/moderation/translations").link("/moderation/translations/"))
    moderator.send("/translations/", then="approve")
    moderator.open(f"/ideas/{ref}/translate")
    moderator.send("take-down", reason="Somebody has reported it.")
    assert "Somebody has reported it." in resident.mailbox.text("resident@example.org")
    with database.change() as session:
        event = Event(kind="time.sweep", about={}, at=now(), due=now())
        house: Any = House(None, None, now() + timedelta(days=31))  # type: ignore[arg-type]
        offers.forgotten(session, event, house)
        assert session.scalars(select(TranslationOffer)).all() == []
    offered(resident, ref)  # SQLite gives it the number of the one that was forgotten
    moderator.open(moderator.open("/moderation/translations").link("/moderation/translations/"))
    moderator.send("/translations/", then="refuse", reason="It is the same again.")
    assert "It is the same again." in resident.mailbox.text("resident@example.org")


def test_a_comment_is_translated_by_a_volunteer(resident: Resident, moderator: Moderator, guest: Guest,
                                                database: Database, city: City, ref: str) -> None:
    with database.change() as session:
        idea, admin = session.scalars(select(Idea)).one(), staff(session)
        said = comments.say(session, city, admin, idea, "Gute Idee, ich bin dafür.", "de", None, now())
        comments.decide(session, city, admin, said, "publish", now())
    resident.open(f"/ideas/{ref}")
    page = resident.open(resident.page.link("/translate?comment="))
    assert page.title == "Translate this comment"
    resident.send("/translate", status=422, body="")
    resident.send("/translate", body="Good idea, I am for it.")
    page = moderator.open("/moderation/translations")
    assert page.has("Comment")
    moderator.open(page.link("/moderation/translations/"))
    moderator.send("/translations/", then="approve")
    assert guest.open(f"/ideas/{ref}").has("Good idea, I am for it.", "Translated by Rosa, checked by the city.")


def test_who_may_not(guest: Guest, resident: Resident, someone: Callable[..., Any], database: Database, city: City,
                     ref: str) -> None:
    guest.open(f"/ideas/{ref}/translate")
    assert "sign-in" in guest.page.path
    limited: Guest = someone(Moderator, "other@example.org", role="moderator", districts="drais")
    offered(resident, ref)
    assert limited.open("/moderation/translations").has("Nothing waits.")
    with database.reading() as session:
        number = session.scalars(select(TranslationOffer.id)).one()
    limited.open(f"/moderation/translations/{number}", 403)
    with database.change() as session:
        session.execute(update(Person).where(Person.email == "resident@example.org").values(
            blocked_until=now() + timedelta(days=1)))
    resident.open(f"/ideas/{ref}/translate")
    resident.send("/translate", status=409, **ENGLISH)
    assert resident.page.has("Your account is blocked") and resident.page.form("/translate").values == (
        resident.page.form("/translate").values | ENGLISH)
    with database.change() as session:
        idea, admin = session.scalars(select(Idea)).one(), staff(session)
        ideas.decide(session, city, admin, idea, "hide", now(), reason="advertising", statement="No.")
    resident.open(f"/ideas/{ref}/translate", 404)
    someone(Resident, "author@example.org").open(f"/ideas/{ref}/translate", 409)


def test_the_list_pages_by_key_with_few_queries(resident: Resident, moderator: Moderator, database: Database,
                                                ref: str) -> None:
    idea = the_idea(database)
    with database.change() as session:
        session.add_all(TranslationOffer(kind="idea", thing_id=idea.id, idea_id=idea.id, language="en", texts=ENGLISH,
                                         source="", origin="volunteer", offered_at=now())
                        for _ in range(offers.PAGE + 1))
    with counted(database) as seen:
        page = moderator.open("/moderation/translations")
    assert len(seen) <= 3 and len([link for link in page.links() if "/translations/" in link]) == offers.PAGE, seen
    assert len([link for link in moderator.open(page.link("after=")).links() if "/translations/" in link]) == 1
    with counted(database) as seen:
        resident.open(f"/ideas/{ref}/translate")
    assert len(seen) <= 8, seen


def test_a_persons_translation_is_in_the_record_and_a_machines_is_not(
        database: Database, city: City, deliver: Callable[[], int], moderator: Moderator) -> None:
    ref = accepted(database, city, language="de", **GERMAN)
    deliver()
    with database.change() as session:
        of = thing(session, "idea", the_idea(database).id)
        keep(session, of, "en", ENGLISH, MACHINE, None, now())
    deliver()
    with database.reading() as session:
        assert session.scalars(select(Record.reason)).all() == ["accepted"]
    offered(moderator, ref)
    assert origins(database) == {STAFF}
    deliver()
    moderator.open(f"/ideas/{ref}/translate")
    moderator.send("take-down", reason="Wrong.")
    deliver()
    with database.reading() as session:
        rows = session.execute(select(Record.reason, Record.body).order_by(Record.seq)).all()
    assert [row.reason for row in rows] == ["accepted", "translation", "correction"]
    assert [ENGLISH["title"] in row.body for row in rows] == [False, True, False]
