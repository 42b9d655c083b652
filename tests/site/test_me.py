"""My ideas, my settings, my devices."""

from sqlalchemy import select

from participation.city import City
from participation.database import Database
from participation.people.model import Person
from tests.counting import counted
from tests.page import words
from tests.people import AN_IDEA, Guest, Moderator, Resident
from tests.site.writing import Desk

ME = "resident@example.org"


def _me(database: Database) -> Person:
    with database.reading() as session:
        return session.scalars(select(Person).where(Person.email == ME)).one()


def test_where_each_of_my_ideas_stands(resident: Resident, moderator: Moderator, database: Database,
                                       city: City) -> None:
    desk = Desk(database, city)
    desk.idea("An idea of somebody else", "publish")
    refs = {move: desk.idea(f"An idea to {move}", move, author=ME) for move in ("publish", "return", "reject")}
    page = resident.open("/me/ideas")
    assert page.has(*refs.values(), "Gathering support", "Question to the author", "Not published")
    assert not page.has("An idea of somebody else")
    resident.open(page.link("An idea to return"))
    assert resident.page.has("About return.", "Change it and send it again", "Withdraw it")
    resident.open("/me/ideas")
    resident.open(resident.page.link("An idea to reject"))
    assert resident.page.has("About reject.", "Not published")
    assert resident.page.has("Change it and send it again") and not resident.page.has("Withdraw it")


def test_all_my_ideas_come_in_pages(resident: Resident, database: Database, city: City) -> None:
    Desk(database, city).ideas([f"Idea number {n:02d} of mine" for n in range(45)], "publish", author=ME)
    seen: list[str] = []
    with counted(database) as queries:
        resident.open("/me/ideas")
    assert len(queries) <= 8, queries
    for _ in range(3):
        seen += [words(h) for h in resident.page.all(".//article//h2")]
        if len(seen) < 45:
            resident.open(resident.page.link("Next page"))
    assert seen == [f"Idea number {n:02d} of mine" for n in reversed(range(45))]
    assert resident.open("/me/ideas?before=nonsense").has("Idea number 44 of mine")


def test_nothing_proposed_yet(resident: Resident) -> None:
    assert resident.open("/me/ideas").has("You have not proposed anything yet", "Propose an idea")


def test_who_is_signed_out_is_led_in_and_back(guest: Guest) -> None:
    for path, title in (("/me", "My page"), ("/me/ideas", "My ideas"), ("/me/settings", "My settings")):
        assert guest.open(path).title == "Sign in"
        guest.finish_sign_in(ME)
        assert guest.page.title == title
        guest.send("/out")


def test_my_settings(resident: Resident, database: Database) -> None:
    with counted(database) as queries:
        resident.open("/me/settings")
    assert len(queries) <= 8, queries
    resident.send("/me/settings", name="  Rosa\nL. ", language="de", district="drais")
    me = _me(database)
    assert (me.name, me.language, me.lives_here, me.district) == ("Rosa L.", "de", True, "drais")
    assert resident.page.form("/me/settings").values["district"] == "drais"
    resident.propose()
    assert resident.mailbox.last(ME)["Content-Language"] == "de"


def test_who_moves_away_leaves_no_district(resident: Resident, database: Database) -> None:
    resident.open("/me/settings")
    form = resident.page.form("/me/settings")
    form.values.pop("lives_here")
    resident.send(form, district="drais")
    assert (_me(database).lives_here, _me(database).district) == (False, None)


def test_what_is_wrong_is_said_and_kept(resident: Resident, database: Database) -> None:
    for wrong in ({"name": "x" * 81}, {"district": "atlantis"}, {"language": "tlh"}, {"name": "x" * 100_000}):
        resident.open("/me/settings")
        resident.send("/me/settings", status=422, **({"name": "Rosa of Mainz"} | wrong))
        assert resident.page.has("Something is missing or not right yet")
        assert resident.page.form("/me/settings").values["name"] == wrong.get("name", "Rosa of Mainz")
    assert _me(database).name == "Rosa"


def test_a_name_shows_only_what_it_says(resident: Resident, moderator: Moderator, database: Database) -> None:
    resident.open("/me/settings")
    resident.send("/me/settings", name="\u202eرضا\x00 <b>Rosa</b>\u2066")
    assert _me(database).name == "رضا <b>Rosa</b>"
    resident.propose()
    ref = resident.page.text.split("Its number is ")[1].split(".")[0]
    moderator.decide(f"ideas/{ref}", "publish")
    resident.open(f"/ideas/{ref}")
    assert resident.page.has(AN_IDEA["title"], "رضا <b>Rosa</b>")
    assert not [e for e in resident.page.all(".//main//b") if e.text == "Rosa"]


def test_the_thanks_offer_a_name_only_to_who_has_none(resident: Resident, guest: Guest) -> None:
    guest.propose()
    guest.finish_sign_in("new@example.org")
    assert guest.page.has("give a name that stands beside your idea")
    assert not resident.propose().has("give a name that stands beside your idea")
