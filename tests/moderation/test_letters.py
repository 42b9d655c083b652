"""Moderation's letters: valid, whole in both parts, with one clear thing to do, and to the right person."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from moderation import following
from participation.city import City
from participation.database import Database
from participation.ideas.actions import follow_token
from participation.ideas.model import Idea, IdeaEdit
from participation.jobs import House
from participation.outbox import Event
from tests.moderation.answers import AUTHOR, BODY, WHY, a_comment, an_idea, rejected, report, uphold, waits
from tests.page import words
from tests.people import AN_IDEA, Guest, Mailbox, Moderator, Resident
from tests.web.test_letters import _links, _parts


def _letter(mailbox: Mailbox, to: str, subject: str) -> tuple[str, Any, set[str]]:
    """The letter with these words in its subject: its text, its HTML, its links."""
    found = [letter for letter in mailbox.letters(to) if subject in letter["Subject"]]
    assert len(found) == 1, [letter["Subject"] for letter in mailbox.letters(to)]
    text, root = _parts(found[0])
    assert "\n\n\n\n" not in text, text
    return text, root, _links(text, root)


def test_of_reports(guest: Guest, moderator: Moderator, database: Database, city: City) -> None:
    ref = an_idea(database, city)
    comment = a_comment(database, city, ref)
    report(guest, ref, comment, email="reader@example.org")
    guest.mailbox.deliver()
    uphold(moderator)
    for subject, told in (("has arrived", "decides by"), ("Hidden after a report", WHY)):
        text, root, links = _letter(guest.mailbox, "reader@example.org", subject)
        for whole in (text, words(root)):
            assert told in whole and "a comment on this idea" in whole and AN_IDEA["title"] in whole
            assert "Buy my sunshades" not in whole and BODY not in whole
        [link] = links
        assert "/reports/" in link
    text, root, links = _letter(guest.mailbox, "talker@example.org", "Hidden")
    for whole in (text, words(root)):
        assert WHY in whole and "House rules no. 7" in whole and "No program took part" in whole
        assert "You can appeal until" in whole
    assert len(links) == 2 and any("/statements/" in link for link in links)


def test_of_appeals(guest: Guest, moderator: Moderator, someone: Callable[..., Any], database: Database,
                    city: City) -> None:
    rejected(moderator, database, city)
    _, _, links = _letter(guest.mailbox, AUTHOR, "Not published")
    guest.open(next(link for link in links if "/statements/" in link))
    guest.send("/appeal", body="It names no shop at all, please read it again.")
    someone(Moderator, "other@example.org", role="moderator").decide("appeals/1", "uphold", statement="It does.")
    text, root, answered = _letter(guest.mailbox, AUTHOR, "Your appeal about")
    for whole in (text, words(root)):
        assert "Decision upheld" in whole and "It does." in whole and "You can reply once, until" in whole
    assert answered == {link for link in links if "/statements/" in link}


def test_of_a_block(guest: Guest, moderator: Moderator, database: Database, city: City) -> None:
    rejected(moderator, database, city, block_days="7")
    text, root, links = _letter(guest.mailbox, AUTHOR, "blocked")
    for whole in (text, words(root)):
        assert "blocked until" in whole and WHY in whole and "You can appeal until" in whole
        assert AN_IDEA["title"] in whole
    [link] = links
    assert "/statements/" in link


def test_of_a_merge(guest: Guest, resident: Resident, moderator: Moderator, database: Database, city: City) -> None:
    into, ref = an_idea(database, city, title="Shade on the squares of the city"), an_idea(database, city)
    resident.support(ref)
    moderator.decide(f"ideas/{ref}", "merge", target=into, statement="They say the same.")
    text, root, links = _letter(guest.mailbox, "resident@example.org", "was merged")
    for whole in (text, words(root)):
        assert AN_IDEA["title"] in whole and "Shade on the squares" in whole and "One click" in whole
        assert "because you support this idea" in whole
    link, stop = sorted(links)
    assert link.endswith(f"/ideas/{ref}") and "/unfollow/" in stop


def test_a_co_author_gets_no_secret_link(guest: Guest, resident: Resident, moderator: Moderator, database: Database,
                                         city: City) -> None:
    resident.propose(title="Shade for every single bus stop")
    with database.reading() as session:
        ref = session.scalars(select(Idea.ref)).one()
    into = an_idea(database, city)
    moderator.decide(f"ideas/{ref}", "merge", target=into, statement="They say the same.")
    moderator.decide(f"ideas/{into}", "hide", reason="advertising", statement=WHY)
    text, _, links = _letter(guest.mailbox, "resident@example.org", "Hidden")
    assert WHY in text and links == {"http://localhost/en/me/ideas"}
    # neither its author's page nor an appeal that is not theirs
    _, _, links = _letter(guest.mailbox, AUTHOR, "Hidden")
    assert len(links) == 2


def test_of_a_change(guest: Guest, moderator: Moderator, database: Database, city: City,
                     house: Callable[[], House]) -> None:
    ref = an_idea(database, city)
    answers: tuple[tuple[str, str, dict[str, Any]], ...] = (
        ("Change not taken over", "refuse", {"reason": "advertising", "statement": WHY}),
        ("Change taken over", "apply", {}))
    for subject, move, values in answers:
        with database.reading() as session:
            idea = session.scalars(select(Idea)).one()
            token = follow_token(idea, house().settings.secret_key)
        guest.open(f"/ideas/follow/{token}/change")
        guest.send("/change", title=f"Shade for all the stops, {move}")
        with database.reading() as session:
            edit = session.scalars(select(IdeaEdit).order_by(IdeaEdit.id.desc())).first()
            assert edit is not None
        moderator.decide(f"edits/{edit.id}", move, **values)
        text, root, links = _letter(guest.mailbox, AUTHOR, subject)
        assert any(link.endswith(f"/ideas/{ref}") for link in links)
        if move == "refuse":
            assert WHY in text and "House rules no. 7" in words(root)
            page = guest.open(next(link for link in links if "/statements/" in link))
            assert page.has("the one before stays", "Send the appeal")


def test_of_a_morning(guest: Guest, moderator: Moderator, database: Database, city: City,
                      house: Callable[[], House]) -> None:
    waits(database, city)
    for hour, letters in ((3, 0), (9, 1), (10, 1)):  # once a day, from the city's hour on
        at = datetime(2027, 3, 1, hour, tzinfo=UTC)
        with database.change() as session:
            following.morning(session, Event(kind="time.hour"), House(house().settings, city, at))
        assert len(guest.mailbox.letters("moderator@example.org")) == letters
    text, root, links = _letter(guest.mailbox, "moderator@example.org", "1 entry waits for moderation")
    for whole in (text, words(root)):
        assert "overdue" in whole and "because you moderate here" in whole
    [link] = links
    assert moderator.open(link).has(AN_IDEA["title"])
