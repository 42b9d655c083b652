"""The browser's files: every one a page asks for is there, compressed, for a year."""

from pathlib import Path

import pytest
from flask.testing import FlaskClient

from participation.city import City
from participation.errors import Unsafe
from participation.web.assets import STATIC, colours, manifest
from tests.page import Page


def test_what_a_page_asks_for_is_there(client: FlaskClient) -> None:
    for path in ("/en/", "/de/ideas", "/en/nothing"):
        page = Page(client.get(path))
        asked = [e.get("href") or e.get("src") or "" for e in [*page.all(".//link"), *page.all(".//script")]
                 if e.get("rel") not in ("alternate", "canonical")]
        assert len(asked) >= 4
        for address in asked:
            answer = client.get(address, buffered=True)
            assert answer.status_code == 200 and answer.data, address
            assert "max-age=31536000" in answer.headers["Cache-Control"], address


@pytest.mark.parametrize(("encoding", "ending"), [("br", ".br"), ("gzip", ".gz"), ("identity", "")])
def test_the_browser_gets_the_twin_it_takes(client: FlaskClient, encoding: str, ending: str) -> None:
    name = manifest()["site.css"]
    answer = client.get(f"/static/{name}", headers={"Accept-Encoding": encoding}, buffered=True)
    assert answer.data == (STATIC / f"{name}{ending}").read_bytes()
    assert answer.headers.get("Content-Encoding", "identity") == encoding
    assert "Accept-Encoding" in answer.headers["Vary"] and answer.mimetype == "text/css"


def test_pages_travel_compressed(client: FlaskClient) -> None:
    for encoding in ("br", "gzip"):
        answer = client.get("/en/", headers={"Accept-Encoding": encoding})
        assert answer.headers["Content-Encoding"] == encoding and "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in client.get("/en/").headers


@pytest.mark.parametrize("path", ["/static/../wsgi.py", "/static/%2e%2e/settings.py", "/static/manifest.json/x",
                                  "/static/", "/static/%00", "/static/none.css", "/static//etc/passwd"])
def test_nothing_else_is_served(client: FlaskClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 404 and b"import" not in answer.data


def test_the_citys_colours(client: FlaskClient, city: City) -> None:
    assert city.accent in colours(city) and city.accent_dark in colours(city)
    css = next(link for link in (e.get("href", "") for e in Page(client.get("/en/")).all(".//link")) if "city-" in link)
    assert client.get(css).get_data(as_text=True) == colours(city)


def test_not_built(tmp_path: Path) -> None:
    with pytest.raises(Unsafe, match="make assets"):
        manifest(tmp_path)
