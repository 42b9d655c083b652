"""Ending letters: by one click of a mail program, on the page behind the link, in the settings; and undoing that."""

from flask import Flask

from participation.city import City
from participation.database import Database, now
from participation.people.model import NEVER, WEEKLY
from tests.people import Guest, Moderator, Officer, Resident
from tests.site.test_digests import DAY, ME, digest_letters, ref, wants
from tests.site.writing import Desk
from tests.web.posting import morning
from tests.web.test_letters import _parts

__all__ = ["ref"]  # the idea that its people are told of


def test_a_mail_program_ends_them_with_one_click_and_a_person_undoes_it(
        resident: Resident, guest: Guest, officer: Officer, ref: str, app: Flask, database: Database) -> None:
    resident.support(ref)
    wants(database, WEEKLY)
    officer.answer(ref, "pass", "It meets all criteria.")
    resident.mailbox.deliver()
    morning(app, database, now() + 8 * DAY)
    link = resident.mailbox.link(ME, "/unfollow/")
    assert guest.open(link).form("/unfollow/").values["digest"] == "weekly"
    assert guest.page.response.headers["Cache-Control"] == "no-store"
    for _ in range(2):
        answer = app.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 200
    officer.answer(ref, "rate", "Rated.")
    resident.mailbox.deliver()
    morning(app, database, now() + 16 * DAY)
    assert len(digest_letters(resident)) == 1
    assert resident.open("/me/following").has("You get no e-mails about ideas you support or follow, as you chose.")
    page = guest.open(link)
    assert page.has("You get no more e-mails about ideas you support or follow.", "Was that a slip?")
    guest.send("/unfollow/", digest="daily")
    assert guest.page.path == link and guest.page.has("Your settings are kept.") and not guest.page.has("slip")
    assert guest.page.form("/unfollow/").values["digest"] == "daily"
    officer.answer(ref, "plan", "We build it.")
    resident.mailbox.deliver()
    morning(app, database, now() + 18 * DAY)
    assert "We build it." in resident.mailbox.text(ME) and "Rated by" not in resident.mailbox.text(ME)
    guest.open(link)
    guest.send("/unfollow/", status=422, digest="hourly")


def test_who_wants_no_e_mails_gets_none(resident: Resident, officer: Officer, ref: str, database: Database,
                                        app: Flask) -> None:
    wants(database, NEVER)
    resident.open(f"/ideas/{ref}")
    resident.send("/follow")
    assert resident.page.has("You get no e-mails about it, as you chose in your settings.")
    officer.answer(ref, "pass", "It meets all criteria.")
    resident.mailbox.deliver()
    morning(app, database, now() + DAY)
    assert not resident.mailbox.letters(ME)


def test_who_wants_them_at_once_again_gets_what_waited_the_next_morning(
        resident: Resident, officer: Officer, ref: str, database: Database, app: Flask) -> None:
    resident.support(ref)
    wants(database, WEEKLY)
    officer.answer(ref, "pass", "It meets all criteria.")
    resident.mailbox.deliver()
    wants(database, "at_once")
    officer.answer(ref, "rate", "Rated.")
    assert [each["Subject"] for each in resident.mailbox.letters(ME)] == [f"The idea {ref}: Rated by the office"]
    morning(app, database, now() + DAY)
    [letter] = digest_letters(resident)
    assert "It meets all criteria." in _parts(letter)[0] and "Rated by" not in _parts(letter)[0]


def test_the_page_of_one_idea_s_letters_offers_to_undo(resident: Resident, guest: Guest, officer: Officer, ref: str,
                                                       app: Flask) -> None:
    resident.support(ref)
    officer.answer(ref, "pass", "It meets all criteria.")
    link = resident.mailbox.link(ME, "/unfollow/")
    app.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
    assert guest.open(link).has("You are told no more of this idea.", "Undo: tell me of it again")
    form = guest.page.form("/unfollow/")
    for _ in range(2):
        guest.send(form)
        assert guest.page.has("You get an e-mail when the city answers this idea or a milestone is reached.")
    officer.answer(ref, "rate", "Rated.")
    assert resident.mailbox.last(ME)["Subject"] == f"The idea {ref}: Rated by the office"
    guest.open(link)
    assert app.test_client().post(link, data={"digest": "daily", "List-Unsubscribe": "One-Click"}).status_code == 200


def test_letters_about_a_merge_can_be_ended(resident: Resident, guest: Guest, moderator: Moderator, app: Flask,
                                            database: Database, city: City) -> None:
    first, second, into = Desk(database, city).ideas(
        ["Shade at the bus stops", "Shade at the tram stops", "Shade at all the stops"], "publish")
    resident.support(first)
    resident.support(second)
    moderator.decide(f"ideas/{first}", "merge", target=into, statement="They say the same.")
    link = resident.mailbox.link(ME, "/unfollow/")
    assert app.test_client().post(link, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    assert guest.open(link).has("You are told no more of this idea.")
    assert not resident.open("/me/following").has("Shade at all the stops")
    moderator.decide(f"ideas/{second}", "merge", target=into, statement="They say the same.")
    assert len(resident.mailbox.letters(ME)) == 2  # of the other idea they had not had enough
