"""Who may read a statement of reasons, what it never says, and where it is listed (DSA Art. 17)."""

from datetime import timedelta

from sqlalchemy import select, update

from moderation import appeals
from moderation.model import Decision, ReportCase
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import Idea
from participation.settings import Settings
from tests.counting import counted
from tests.moderation.answers import (
    AUTHOR,
    BODY,
    PLEA,
    WHY,
    a_comment,
    a_minute_passes,
    an_idea,
    appeal,
    rejected,
    report,
    statement_link,
    subjects,
    text_of,
    uphold,
)
from tests.people import AN_IDEA, Guest, Moderator


def test_a_link_that_was_tampered_with(guest: Guest, moderator: Moderator, database: Database, city: City) -> None:
    rejected(moderator, database, city)
    link = statement_link(guest, AUTHOR)
    form = guest.open(link).form("/appeal")
    for wrong in (link[:-1] + ("0" if link[-1] != "0" else "1"), link.replace("/1.", "/2."), "/en/statements/1",
                  "/en/statements/%00", "/en/statements/²." + "0" * 40, "/en/statements/99999999999.x"):
        guest.open(wrong, 404)
        form.action = f"{wrong}/appeal"
        guest.send(form, status=404, body=PLEA)


def test_a_decision_that_was_undone_has_no_statement(guest: Guest, moderator: Moderator, database: Database,
                                                     city: City, settings: Settings) -> None:
    rejected(moderator, database, city)
    with database.reading() as session:
        token = appeals.token(session.scalars(select(Decision)).one(), settings.secret_key)
    guest.open(f"/statements/{token}")
    moderator.send("/undo/")
    guest.open(f"/statements/{token}", 404)
    assert not [s for s in subjects(guest, AUTHOR) if "Not published" in s]


def test_an_erased_person_has_no_statement(guest: Guest, moderator: Moderator, database: Database,
                                           city: City) -> None:
    rejected(moderator, database, city)
    link = statement_link(guest, AUTHOR)
    with database.change() as session:
        session.execute(update(Decision).values(addressee_id=None))
    guest.open(link, 404)


def test_the_authors_page_lists_what_was_decided(guest: Guest, moderator: Moderator, database: Database,
                                                 city: City) -> None:
    ref = rejected(moderator, database, city)
    follow = guest.mailbox.link(AUTHOR, "/follow/")
    with database.change() as session:
        session.execute(update(Decision).values(undo_until=now() + timedelta(minutes=1)))
    assert not guest.open(follow).has("Decisions on it")  # it can still be undone
    a_minute_passes(database)
    with counted(database) as seen:
        page = guest.open(follow)
    assert len([each for each in seen if "FROM decision" in each]) == 1 and len(seen) <= 8, seen
    assert page.has("Decisions on it", "Not published. Last day to appeal:")
    assert guest.open(page.link("/statements/")).has(ref, "Send the appeal")
    public = an_idea(database, city)
    with counted(database) as seen:
        guest.open(f"/ideas/{public}")
    assert not [each for each in seen if "FROM decision" in each]


def test_a_comment_of_others_is_not_on_the_authors_page(guest: Guest, moderator: Moderator, database: Database,
                                                        city: City, settings: Settings) -> None:
    ref = an_idea(database, city)
    comment = a_comment(database, city, ref)
    report(guest, ref, comment)
    uphold(moderator)
    a_minute_passes(database)
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert appeals.restricting(session, now(), idea.id) == []
        [found] = appeals.restricting(session, now(), comment_ids=(comment,))
        assert (found.kind, found.move) == ("comment", "hide")


def test_nobody_is_named(guest: Guest, moderator: Moderator, other: Moderator, database: Database, city: City) -> None:
    rejected(moderator, database, city)
    link = appeal(guest)
    other.decide("appeals/1", "uphold", statement="It does name a shop in its last line.")
    page = guest.open(link)
    letters = [text_of(letter) for letter in guest.mailbox.letters(AUTHOR)]
    for secret in ("moderator@example.org", "other@example.org", "Ottilie", AUTHOR):
        assert secret not in page.text and not any(secret in letter for letter in letters), secret


def test_the_first_moderator_does_not_hold_it_back(guest: Guest, moderator: Moderator, other: Moderator,
                                                   database: Database, city: City) -> None:
    rejected(moderator, database, city)
    appeal(guest)
    moderator.open("/moderation/appeals/1")  # looks, and claims nothing
    assert other.open("/moderation/appeals/1").has("Claimed by you until")
    assert other.send("/moderation/appeals/1", move="uphold", statement="It stays.").status == 200


def test_a_page_in_german(guest: Guest, moderator: Moderator, database: Database, city: City) -> None:
    rejected(moderator, database, city)
    link = statement_link(guest, AUTHOR).replace("/en/", "/de/")
    page = guest.open(link)
    assert page.response.headers["Content-Language"] == "de"
    assert page.has("Teilnahmeregeln Nr. 7", city.explain("advertising", "de", AN_IDEA["title"]))
    [quoted] = [e for e in page.all(".//blockquote") if e.get("lang") == "en" and WHY in "".join(e.itertext())]
    assert quoted.get("dir") == "auto"


def test_reporting_says_nothing_to_the_author_before_it_is_decided(guest: Guest, database: Database,
                                                                   city: City) -> None:
    ref = an_idea(database, city)
    before = len(guest.mailbox.letters(AUTHOR))
    report(guest, ref)
    assert len(guest.mailbox.letters(AUTHOR)) == before
    with database.reading() as session:
        assert session.scalars(select(ReportCase.reports)).one() == 1
    assert BODY not in guest.open(f"/ideas/{ref}").text
