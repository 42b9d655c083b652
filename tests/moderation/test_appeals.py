"""The statement of reasons (DSA Art. 17) and the appeal (Art. 20): one form, a different moderator, one reply."""

import re
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from moderation import appeals
from moderation.model import Appeal, Decision, Hint
from participation.city import City
from participation.comments.model import Comment
from participation.database import Database, now
from participation.errors import Conflict, NotAllowed
from participation.ideas.actions import idea_by_ref
from participation.ideas.model import Idea
from participation.ideas.revising import draft_of, propose_edit
from participation.people.model import Person
from participation.people.signing_in import person_of
from participation.waiting import Waiting
from tests.moderation.answers import (
    AUTHOR,
    PLEA,
    WHY,
    a_comment,
    an_idea,
    appeal,
    rejected,
    report,
    statement_link,
    subjects,
    text_of,
    uphold,
    waits,
)
from tests.moderation.claiming import claims_end
from tests.people import AN_IDEA, Guest, Moderator


def test_the_statement_says_what_the_law_asks(guest: Guest, moderator: Moderator, database: Database,
                                              city: City) -> None:
    ref = rejected(moderator, database, city)
    page = guest.open(statement_link(guest, AUTHOR))
    assert page.title == "Not published"
    assert page.has("It is not shown in public", WHY, "House rules no. 7", "Advertising", AN_IDEA["title"],
                    AN_IDEA["body"], "No program took part", "You can appeal until", "within 14 days", ref,
                    city.explain("advertising", "en", AN_IDEA["title"]), "to a court")
    headers = page.response.headers
    assert headers["Referrer-Policy"] == "strict-origin" and headers["Cache-Control"] == "no-store"
    assert headers["X-Robots-Tag"] == "noindex"


def test_whether_a_program_pointed_at_it(guest: Guest, moderator: Moderator, database: Database, city: City) -> None:
    ref = waits(database, city)
    with database.change() as session:
        session.add(Hint(kind="idea", thing_id=session.scalars(select(Idea.id)).one(), key="links", at=now()))
    moderator.decide(f"ideas/{ref}", "reject", reason="advertising", statement=WHY)
    assert "A program pointed at passages; a person decided." in guest.mailbox.text(AUTHOR)
    assert guest.open(statement_link(guest, AUTHOR)).has("A program pointed at passages; a person decided.")


def test_a_statement_is_kept_clean(moderator: Moderator, database: Database, city: City) -> None:
    rejected(moderator, database, city, statement="Not\u202e ours.\r\n\r\n\r\n\r\nReally\x07 not.  ")
    with database.reading() as session:
        assert session.scalars(select(Decision.statement)).one() == "Not ours.\n\nReally not."


def test_an_appeal_is_decided_by_somebody_else_and_brings_the_idea_back(
        guest: Guest, moderator: Moderator, other: Moderator, database: Database, city: City) -> None:
    ref = rejected(moderator, database, city)
    link = appeal(guest)
    assert guest.page.has("Your appeal has arrived", "Appeal filed", PLEA, "by somebody who did not make this decision")
    assert moderator.open("/moderation/appeals/1").has("nothing for you to decide")
    token = moderator.page.form("/note").values["csrf_token"]
    refused = moderator.client.post("/en/moderation/appeals/1", data={
        "csrf_token": token, "move": "uphold", "statement": "It stays as it is."})
    assert refused.status_code == 403
    other.decide("appeals/1", "reverse", statement="You are right, it was mixed up.")
    assert guest.open(f"/ideas/{ref}").has(AN_IDEA["title"], "Published after all")
    answer = next(letter for letter in guest.mailbox.letters(AUTHOR) if "Your appeal" in letter["Subject"])
    assert "Decision reversed" in answer["Subject"] and "it was mixed up" in text_of(answer)
    page = guest.open(link)
    assert page.has("Reversed", "You are right, it was mixed up.") and not page.has("Send the")
    guest.open(f"{link}/reply")  # led back to the statement
    assert guest.page.path == link


def test_upheld_then_one_reply_then_closed(guest: Guest, moderator: Moderator, other: Moderator, database: Database,
                                           city: City) -> None:
    rejected(moderator, database, city)
    link = appeal(guest)
    other.decide("appeals/1", "uphold", statement="It does name a shop in its last line.")
    letter = guest.mailbox.last(AUTHOR)
    assert "Decision upheld" in letter["Subject"] and "You can reply once, until" in text_of(letter)
    guest.open(statement_link(guest, AUTHOR))
    assert guest.page.path == link
    assert guest.page.has("It does name a shop in its last line.", "You can reply once")
    form = guest.page.form("/reply")
    guest.send("/reply", body="The last line names a street, not a shop.")
    assert guest.page.has("Your reply has arrived", "The last line names a street") and not guest.page.has("Send the")
    guest.send(form, status=409, body="And one more thing I forgot to say.")  # a second reply, or a double click
    assert guest.page.has("You have replied already") and "one more thing I forgot" in guest.page.html
    assert other.open("/moderation/appeals/1").has("The last line names a street")
    other.decide("appeals/1", "close", statement="It is a shop; this is our last word.")
    page = guest.open(link)
    assert page.has("Decided for good", "this is our last word") and not page.has("Send the")
    guest.send(form, status=409, body="But it is a street all the same!")
    letter = guest.mailbox.last(AUTHOR)
    assert "Decision upheld for good" in letter["Subject"] and "reply once" not in text_of(letter)


def test_the_reply_can_bring_it_back(guest: Guest, moderator: Moderator, other: Moderator, database: Database,
                                     city: City) -> None:
    ref = rejected(moderator, database, city)
    appeal(guest)
    other.decide("appeals/1", "uphold", statement="It does name a shop in its last line.")
    guest.open(statement_link(guest, AUTHOR))
    guest.send("/reply", body="The last line names a street, not a shop.")
    other.decide("appeals/1", "reverse", statement="You are right, it is a street.")
    assert guest.open(f"/ideas/{ref}").has(AN_IDEA["title"])


def test_a_double_click_appeals_once(guest: Guest, moderator: Moderator, database: Database, city: City) -> None:
    rejected(moderator, database, city)
    guest.open(statement_link(guest, AUTHOR))
    form = guest.page.form("/appeal")
    guest.send(form, body=PLEA)
    guest.send(form, status=409, body=PLEA)
    assert guest.page.has("You have appealed already", "Appeal filed", PLEA)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Appeal)) == 1
        assert session.scalars(select(Waiting.kind)).all() == ["appeal"]


@pytest.mark.parametrize(("body", "said"), [("", "Please fill this in"), ("short", "at least 10 characters"),
                                            ("x" * 100_000, "characters too long")])
def test_what_is_wrong_with_the_words(guest: Guest, moderator: Moderator, database: Database, city: City,
                                      body: str, said: str) -> None:
    rejected(moderator, database, city)
    appeal(guest, body=body, status=422)
    assert guest.page.has(said) and guest.page.form("/appeal").values["body"] == body


def test_after_the_deadline(guest: Guest, moderator: Moderator, database: Database, city: City) -> None:
    rejected(moderator, database, city)
    with database.change() as session:
        decision = session.scalars(select(Decision)).one()
        author = session.get_one(Person, decision.addressee_id)
        assert decision.appeal_until is not None
        assert decision.appeal_until - decision.at >= timedelta(days=183)  # Art. 20(1): six months
        with pytest.raises(Conflict, match="appeal_too_late"):
            appeals.file(session, city, author, decision, PLEA, "en", now() + timedelta(days=184))
        stranger = person_of(session, "stranger@example.org", "en", now())
        with pytest.raises(NotAllowed, match="not_own"):
            appeals.file(session, city, stranger, decision, PLEA, "en", now())
    guest.open(statement_link(guest, AUTHOR))
    form = guest.page.form("/appeal")
    with database.change() as session:
        session.execute(update(Decision).values(appeal_until=now() - timedelta(days=1)))
    guest.send(form, status=409, body=PLEA)
    assert guest.page.has("The time for this has passed", "that time has passed") and PLEA in guest.page.html
    assert not guest.open(form.action.removesuffix("/appeal")).has("Send the appeal")


def test_after_the_deadline_for_the_reply(guest: Guest, moderator: Moderator, other: Moderator, database: Database,
                                          city: City) -> None:
    rejected(moderator, database, city)
    link = appeal(guest)
    other.decide("appeals/1", "uphold", statement="It does name a shop in its last line.")
    form = guest.open(link).form("/reply")
    with database.change() as session:
        session.execute(update(Appeal).values(reply_until=now() - timedelta(days=1)))
    guest.send(form, status=409, body="The last line names a street, not a shop.")
    assert guest.page.has("The time for this has passed", "You could reply until")
    assert "names a street" in guest.page.html


def test_an_appeal_against_a_block_lifts_it(guest: Guest, moderator: Moderator, other: Moderator, database: Database,
                                            city: City) -> None:
    rejected(moderator, database, city, block_days="30")
    letter = next(each for each in guest.mailbox.letters(AUTHOR) if "blocked" in each["Subject"])
    assert WHY in text_of(letter) and "You can appeal until" in text_of(letter)
    assert "House rules no. 7" in text_of(letter) and "blocked until" in text_of(letter)
    link = re.search(r"http://localhost(/\S+/statements/\S+)", text_of(letter))
    assert link is not None
    page = guest.open(link[1])
    assert page.has("A decision on your account", "Author blocked", "Blocked until", "cannot propose or comment", WHY)
    guest.send("/appeal", body="I have never done anything of the kind before.")
    other.decide("appeals/1", "reverse", statement="A warning would have been enough.")
    with database.reading() as session:
        person = session.scalars(select(Person).where(Person.email == AUTHOR)).one()
        assert person.blocked_until is None
        assert session.scalars(select(Idea.public)).one() is False  # the rejection is another decision
    assert guest.open(link[1]).has("not blocked any more", "A warning would have been enough.")
    assert len([s for s in subjects(guest, AUTHOR) if "blocked" in s]) == 1  # of lifting it the answer tells


def test_an_appeal_against_hiding_a_comment(guest: Guest, moderator: Moderator, other: Moderator, database: Database,
                                            city: City) -> None:
    ref = an_idea(database, city)
    comment = a_comment(database, city, ref)
    report(guest, ref, comment)
    uphold(moderator)
    appeal(guest, "talker@example.org")
    assert guest.page.has("A decision on your comment")
    other.decide("appeals/1", "reverse", statement="It is a joke, and it may stay.")
    with database.reading() as session:
        assert session.get_one(Comment, comment).public and session.scalars(select(Idea.comments)).one() == 1


def test_a_masked_passage_is_shown_again(guest: Guest, moderator: Moderator, other: Moderator, database: Database,
                                         city: City) -> None:
    ref = waits(database, city)
    moderator.decide(f"ideas/{ref}", "publish", mask="Two trees")
    assert "Passages in it were made unreadable." in guest.mailbox.text(AUTHOR)
    assert not guest.open(f"/ideas/{ref}").has("Two trees")
    appeal(guest, body="Two trees are not a person and need no protection.")
    assert guest.page.has("passages in it were made unreadable")
    other.decide("appeals/1", "reverse", statement="That was one click too many.")
    assert guest.open(f"/ideas/{ref}").has("Two trees")


def test_an_appeal_reverses_no_later_decision(guest: Guest, moderator: Moderator, other: Moderator, database: Database,
                                              city: City) -> None:
    ref = waits(database, city)
    moderator.decide(f"ideas/{ref}", "publish", mask="Two trees")
    appeal(guest, body="Two trees are not a person and need no protection.")
    moderator.decide(f"ideas/{ref}", "hide", reason="advertising", statement=WHY)
    other.decide("appeals/1", "reverse", statement="That was one click too many.")
    guest.open(f"/ideas/{ref}", 404)  # that it is hidden was not appealed against




















def test_a_refused_change_is_taken_over_after_an_appeal(guest: Guest, moderator: Moderator, other: Moderator,
                                                        database: Database, city: City) -> None:
    ref = an_idea(database, city)
    with database.change() as session:
        idea = idea_by_ref(session, ref)
        author = session.get_one(Person, idea.author_id)
        propose_edit(session, city, author, idea, replace(draft_of(idea), title="A much better title for it"), now())
    moderator.decide("edits/1", "refuse", reason="unclear", statement="The old title says it better.")
    appeal(guest)
    other.decide("appeals/1", "reverse", statement="The new title is clear enough.")
    assert guest.open(f"/ideas/{ref}").title == "A much better title for it"
    other.open("/moderation/")
    other.send("/moderation/undo")
    assert guest.open(f"/ideas/{ref}").title != "A much better title for it"
    claims_end(database)
    other.decide("appeals/1", "reverse", statement="The new title is clear enough.")
    assert guest.open(f"/ideas/{ref}").title == "A much better title for it"
