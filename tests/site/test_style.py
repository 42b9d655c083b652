"""The living page of parts: there for who builds the site, not in production."""

import dataclasses

from flask import Flask

from participation.ideas.journey import IDEA
from participation.web.door import Door
from participation.web.words import state_words
from tests.people import Guest


def test_every_part_stands_there_in_both_directions(guest: Guest) -> None:
    page = guest.open("/style")
    for part in ("type", "signs", "list", "idea", "journey", "thread", "forms", "staff"):
        for direction, language in (("ltr", "de"), ("rtl", "ar")):
            found = page.root.find(f".//*[@id='{part}-{direction}']")
            assert found is not None and found.get("dir") == direction and found.get("lang") == language
    assert page.has(*(str(state_words(state.key).name) for state in IDEA.states))


def test_there_is_none_in_production(app: Flask, guest: Guest) -> None:
    made_of: Door = app.extensions["door"]
    app.extensions["door"] = dataclasses.replace(
        made_of, settings=dataclasses.replace(made_of.settings, public_url="https://ideas.example.org"))
    guest.open("/style", 404)
