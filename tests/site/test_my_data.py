"""What is kept about me: in words, and as a file."""

import json
import re
from typing import Any

import pytest
from flask import Flask

from participation.city import City
from participation.database import Base, Database
from participation.people import own_data
from participation.web.data_words import SAID
from tests.counting import counted
from tests.people import Guest, Moderator, Resident
from tests.site.writing import Desk

ME = "resident@example.org"


def _file(visitor: Guest) -> tuple[Any, dict[str, list[dict[str, Any]]]]:
    answer = visitor.client.get(visitor.page.link("/me/data/file"))
    assert answer.status_code == 200 and answer.mimetype == "application/json"
    document = json.loads(answer.get_data(as_text=True))
    return answer, {f"{each['table']}.{each['rows_are']}": each["rows"] for each in document["data"]}


def test_every_declaration_has_its_words() -> None:
    lacking = {text for each in own_data.kept(Base.metadata) if each.declared.whose != "internal"
               for text in (each.declared.what, each.declared.why, each.declared.keep)} - SAID.keys()
    assert not lacking, f"participation/web/data_words.py has no words for {sorted(lacking)}"


def test_in_words(resident: Resident, moderator: Moderator, database: Database) -> None:
    with counted(database) as queries:
        page = resident.open("/me/data")
    assert len(queries) <= 2, queries
    assert page.has("Your e-mail address", "So that you can sign in and be told", "Until your account is erased",
                    "The text stays, without your name.", "ideen@mainz.example", "One day")
    assert not page.has("What you do as staff") and not page.has("Lists of the idea pool")
    assert not [button for button in page.all(".//button") if "rase" in "".join(button.itertext())]
    assert moderator.open("/me/data").has("What you do as staff", "What you did with entries and records, and when")


def test_all_of_mine_as_one_file(resident: Resident, moderator: Moderator, database: Database, city: City) -> None:
    desk = Desk(database, city)
    ref = desk.idea("A well for the market square", author=ME, name="Rosa")
    theirs = desk.idea("An idea of somebody else entirely")
    resident.support(theirs)
    resident.comment(theirs, "I walk there every day, say I.")
    desk.comments(ref, ["Another person's words beneath my idea"])
    resident.open(f"/ideas/{theirs}")
    moderator.open(f"/ideas/{ref}/report")
    moderator.send("/report", category="advertising", body="A report that its author must never see.")
    resident.open("/me/data")
    answer, found = _file(resident)
    assert answer.headers["Cache-Control"] == "no-store"
    name = answer.headers["Content-Disposition"]
    assert re.fullmatch(r'attachment; filename="mainz-my-data-\d{4}-\d\d-\d\d\.json"', name)
    assert found["person.own"][0]["email"] == ME and found["idea.own"][0]["title"] == "A well for the market square"
    assert found["comment.own"][0]["body"] == "I walk there every day, say I."
    assert len(found["support.own"]) == 1 and found["idea_version.own"]
    whole = answer.get_data(as_text=True)
    for others in ("somebody else entirely", "Another person's words", "must never see", "moderator@", "talker@",
                   "salt"):
        assert others not in whole, others
    assert "So that you can sign in and be told" in whole  # declared, in the person's language


def test_a_guest_is_led_in(guest: Guest, app: Flask) -> None:
    assert guest.open("/me/data").title == "Sign in"
    assert guest.open("/me/data/file").title == "Sign in"


@pytest.mark.parametrize("name", ["رضا 😀", 'x"},{"', "\u2028"])
def test_whatever_somebody_is_called(resident: Resident, name: str) -> None:
    resident.open("/me/settings")
    resident.send("/me/settings", name=name)
    resident.open("/me/data")
    assert _file(resident)[1]["person.own"][0]["name"] == name.strip("\u2028").strip()
