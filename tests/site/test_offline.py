"""What a browser keeps for when there is no connection: nobody's page, and files that cannot be stale."""

import dataclasses
import json
import re

from flask import Flask
from flask.testing import FlaskClient

from participation.site import offline
from participation.web.assets import manifest
from tests.page import Page, inspect
from tests.people import Guest, Resident


def test_the_worker_keeps_files_by_the_hash_in_their_names(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    text = answer.get_data(as_text=True)
    assert answer.mimetype == "text/javascript" and answer.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in answer.headers and "worker-src 'self'" in answer.headers["Content-Security-Policy"]
    site = json.loads(text.removeprefix("const SITE=").partition(";\n")[0])
    assert f"/static/{manifest()['site.css']}" in site["files"]
    for file in site["files"]:
        assert re.search(r"[.-][0-9a-f]{10,12}\.(css|js|svg)$", file), f"{file} could be stale"
        kept = client.get(file, buffered=True)
        assert kept.status_code == 200 and "immutable" in kept.headers["Cache-Control"]


def test_another_file_is_another_worker() -> None:
    one, other = offline._worker(("/static/site.0123456789.css",)), offline._worker(("/static/site.9876543210.css",))
    assert one != other and one.partition("\n")[0] != other.partition("\n")[0]


def test_the_page_is_nobodys(guest: Guest, resident: Resident) -> None:
    page = guest.open("/offline")
    assert page.title == "There is no connection" and page.response.headers["Cache-Control"] == "no-cache"
    assert "Set-Cookie" not in page.response.headers and "csrf" not in page.html
    asked = Page(resident.client.get("/en/offline"))  # the worker asks without a cookie; whoever comes here is greeted
    inspect(asked)
    assert guest.open("/en/").html.count('data-worker="/sw.js"') == 1
    assert 'data-offline="/en/offline"' in guest.page.html


def test_it_takes_itself_away_when_the_site_says_so(app: Flask, client: FlaskClient) -> None:
    made = app.extensions["door"]
    app.extensions["door"] = dataclasses.replace(made, settings=dataclasses.replace(made.settings, offline_page="no"))
    text = client.get("/sw.js").get_data(as_text=True)
    assert "unregister" in text and "SITE" not in text and "fetch" not in text
    assert "data-worker" not in client.get("/en/").get_data(as_text=True)
