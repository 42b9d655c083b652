"""The letters: what each says, to whom, in which language, and that nothing in them can be played with."""

import re
from collections.abc import Callable
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import html5lib
import pytest
from flask import Flask
from sqlalchemy import update

from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.notices.model import Notice
from participation.outbox import happened
from participation.people.model import Person, SignInCode
from participation.web.language import direction
from tests.page import words
from tests.people import AN_IDEA, Guest, Mailbox, Moderator, Officer, Resident, plain_text
from tests.site.writing import Desk

ME = "resident@example.org"
HOSTILE = '<script>alert(1)</script> "Bänke" & \u202egnp.exe\nBcc: all@example.org'


def _parts(letter: EmailMessage) -> tuple[str, Any]:
    """The plain text and the parsed HTML, which is valid, in the letter's language and loads nothing."""
    text, html = plain_text(letter), letter.get_body(("html",))
    assert html is not None
    parser = html5lib.HTMLParser(namespaceHTMLElements=False, tree=html5lib.getTreeBuilder("etree"))
    root = parser.parse(html.get_content())
    assert not parser.errors, parser.errors
    assert root.get("lang") == (tag := letter["Content-Language"]) and root.get("dir") == direction(tag)
    assert (root.find("head/title").text or "").strip()
    root = parser.parse(re.sub(r"<!--.*?-->", "", html.get_content()))  # what only Outlook reads is no word
    assert not [e.tag for e in root.iter() if e.tag in ("script", "img", "iframe", "link", "form", "object")]
    return text, root


def _links(text: str, root: Any) -> set[str]:
    """The web addresses of a letter, the same in both of its parts."""
    found = set(re.findall(r"https?://\S+", text))
    assert found == {a.get("href") for a in root.iter("a") if a.get("href").startswith("http")}
    return found


@pytest.fixture
def ref(resident: Resident, database: Database) -> str:
    """An idea that waits for moderation."""
    resident.propose()
    return resident.page.text.split("Its number is ")[1].split(".")[0]


def test_every_letter_says_who_writes_and_why(resident: Resident, guest: Guest, moderator: Moderator,
                                              officer: Officer, ref: str, city: City, database: Database) -> None:
    moderator.decide(f"ideas/{ref}", "publish")
    resident.comment(ref, "Where exactly would the trees stand?")
    [comment] = Desk(database, city).waiting()
    moderator.decide(f"comments/{comment.id}", "publish")
    moderator.decide(f"ideas/{ref}", "accept", benefit="Cooler waiting.", who_benefits="Whoever waits.")
    guest.mailbox.deliver()
    officer.answer(ref, "pass", "It meets all criteria.")
    guest.sign_in("new@example.org")
    letters = guest.mailbox.letters()
    assert sorted(letter["Subject"].partition(":")[2].strip() for letter in letters) == [
        "", "Accepted for the idea pool", "First check passed", "Published", "Published", AN_IDEA["title"]]
    for letter in letters:
        text, root = _parts(letter)
        assert letter["Subject"].strip() and letter["Auto-Submitted"] == "auto-generated"
        assert city.contact.email in letter["From"] and city.site_name.in_("en") in letter["From"]
        for whole in (text, words(root)):
            assert city.contact.email in whole and city.contact.office.in_("en") in whole
            assert "You get this letter because" in whole
        assert max(map(len, text.splitlines())) < 500
        if letter["To"] == ME:
            assert len(_links(text, root)) == 1  # one clear thing to do


def test_a_rejection_gives_the_reason_and_the_words_of_the_moderator(
        resident: Resident, moderator: Moderator, ref: str, city: City) -> None:
    moderator.decide(f"ideas/{ref}", "reject", reason="outside-remit", statement="Die Bahn baut diesen Bahnsteig.")
    letter = resident.mailbox.last(ME)
    text, root = _parts(letter)
    reason = city.explain("outside-remit", "en", AN_IDEA["title"])
    assert ref in letter["Subject"] and "Not published" in letter["Subject"]
    assert reason in text and "Die Bahn baut diesen Bahnsteig." in text
    quoted = [e for e in root.iter("blockquote") if "Bahnsteig" in words(e)]
    assert [(e.get("lang"), e.get("dir")) for e in quoted] == [("en", "auto")]  # the moderator's page was English
    links = _links(text, root)
    assert len(links) == 2  # where it stands, and the appeal against it
    assert resident.open(next(link for link in links if "/statements/" in link)).has("You can appeal until")
    page = resident.open(next(link for link in links if "/follow/" in link))
    assert page.has(AN_IDEA["title"], "Not published", "Die Bahn baut diesen Bahnsteig.", reason)
    assert page.has("Change it and send it again") and not page.has("Withdraw it")


def test_a_returned_idea_can_be_changed_from_the_letter(resident: Resident, guest: Guest, moderator: Moderator,
                                                        ref: str) -> None:
    moderator.decide(f"ideas/{ref}", "return", statement="Which square do you mean?")
    text, root = _parts(resident.mailbox.last(ME))
    assert "Which square do you mean?" in text and "what you can do now" in text
    [link] = _links(text, root)
    assert guest.open(link).has("Which square do you mean?", "Change it and send it again")


def test_letters_are_written_in_the_language_of_the_person(someone: Callable[..., Any], moderator: Moderator,
                                                           database: Database, mailbox: Mailbox, city: City) -> None:
    someone(Resident, "de@example.org", language="de").propose()
    with database.reading() as session:
        ref = session.query(Idea).one().ref
    moderator.decide(f"ideas/{ref}", "reject", reason="outside-remit", statement="Not ours to decide.")
    receipt, decision = mailbox.letters("de@example.org")
    assert "/de/ideas/follow/" in _parts(receipt)[0]
    text, root = _parts(decision)
    assert decision["Content-Language"] == "de" and "Ideen für Mainz" in decision["From"]
    assert [e.get("lang") for e in root.iter("blockquote")] == ["en", "en"]  # the idea, the moderator
    assert city.explain("outside-remit", "de", AN_IDEA["title"]) in text


def test_a_language_we_do_not_speak_falls_back(someone: Callable[..., Any], mailbox: Mailbox) -> None:
    someone(Resident, "tlh@example.org", language="tlh").propose()
    assert mailbox.last("tlh@example.org")["Content-Language"] == "de"  # the city's first


def test_what_people_write_stays_words(resident: Resident, moderator: Moderator, database: Database) -> None:
    resident.propose(title=HOSTILE, body=HOSTILE * 2)
    with database.reading() as session:
        ref = session.query(Idea).one().ref
    moderator.decide(f"ideas/{ref}", "return", statement=HOSTILE)
    letters = resident.mailbox.letters(ME)
    assert len(letters) == 2 and "Bänke" in letters[0]["Subject"]
    for letter in letters:
        text, root = _parts(letter)
        assert letter["Bcc"] is None and letter.get_all("To") == [ME]
        assert "<script>alert(1)</script>" in text and "<script>alert(1)</script>" in words(root)
        assert "\u202e" not in text + words(root) + letter["Subject"]


def test_arabic_is_set_from_right_to_left_where_it_is_quoted(resident: Resident, ref: str, moderator: Moderator,
                                                             database: Database) -> None:
    resident.propose(title="المزيد من الأشجار في الساحة", body="نحتاج إلى المزيد من الأشجار والمقاعد في الساحة.",
                     idea_language="ar")
    text, root = _parts(resident.mailbox.last(ME))
    [quoted] = root.iter("blockquote")
    assert (quoted.get("lang"), quoted.get("dir")) == ("ar", "auto")
    assert re.search(r"^ +المزيد من الأشجار في الساحة$", text, re.MULTILINE)  # alone on its line


def test_a_comment_that_is_not_published(resident: Resident, moderator: Moderator, database: Database, city: City,
                                         ref: str) -> None:
    moderator.decide(f"ideas/{ref}", "publish")
    resident.comment(ref, "Buy sunshades at my shop!\n\nThe best of all the sunshades.")
    [comment] = Desk(database, city).waiting()
    moderator.decide(f"comments/{comment.id}", "reject", reason="advertising", statement="This is advertising.")
    letter = resident.mailbox.last(ME)
    text, _ = _parts(letter)
    assert AN_IDEA["title"] in letter["Subject"] and "This is advertising." in text
    assert city.explain("advertising", "en", AN_IDEA["title"]) in text
    assert "    Buy sunshades at my shop!" in text and "    The best of all the sunshades." in text


def test_nobody_is_told_twice(resident: Resident, ref: str, database: Database) -> None:
    assert len(resident.mailbox.letters(ME)) == 1
    with database.change() as session:  # the very same event is handed out again
        notice = session.query(Notice).one()
        happened(session, "notice.due", now(), notice_id=notice.id)
    assert len(resident.mailbox.letters(ME)) == 1


def test_a_change_and_a_second_sending_bring_no_second_receipt(resident: Resident, moderator: Moderator,
                                                              ref: str) -> None:
    moderator.decide(f"ideas/{ref}", "return", statement="Which square do you mean?")
    link = resident.mailbox.link(ME, "/follow/")
    resident.open(f"{link}/change")
    resident.send("/change", title="Shade for the stops on Münsterplatz")
    assert [letter["Subject"].split(":")[0] for letter in resident.mailbox.letters(ME)] == [
        f"Your idea {ref} has arrived", f"Your idea {ref}"]


def test_an_erased_person_is_written_to_no_more(resident: Resident, moderator: Moderator, ref: str,
                                                database: Database) -> None:
    before = len(resident.mailbox.letters())
    with database.change() as session:
        session.execute(update(Person).where(Person.email == ME).values(email=None))
    moderator.decide(f"ideas/{ref}", "publish")
    assert len(resident.mailbox.letters()) == before


def test_a_code_that_would_come_too_late_is_not_sent(guest: Guest, database: Database) -> None:
    guest.open("/sign-in")
    guest.send("sign-in", email="late@example.org")
    with database.change() as session:
        session.execute(update(SignInCode).values(expires_at=now() - timedelta(seconds=1)))
    assert guest.mailbox.letters() == []


def test_links_begin_with_the_public_address(app: Flask, resident: Resident, ref: str) -> None:
    text, root = _parts(resident.mailbox.last(ME))
    [link] = _links(text, root)
    assert link.startswith(app.extensions["door"].settings.public_url + "/en/ideas/follow/")
