"""Ideas by district and place: the page, GeoJSON, and choosing a place for one's own idea."""

import json
from typing import Any

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select, update

from participation.city import City
from participation.database import Database
from participation.ideas.model import Idea, IdeaVersion
from participation.places import Spot
from tests.counting import counted
from tests.making import published
from tests.people import Guest, Moderator, Resident

BOTH = {"place": "hauptbahnhof", "latitude": "50,00151", "longitude": "8.25912"}


@pytest.fixture
def ideas(database: Database, city: City) -> None:
    """Six ideas: three of them say where they are about."""
    for title, changes in (
            ("At the station", {"district": "", "spot": Spot("hauptbahnhof")}),
            ("At the station, too", {"district": "", "spot": Spot("hauptbahnhof")}),
            ("<b>By</b> the river & the bank", {"district": "neustadt", "spot": Spot(None, 50.0121, 8.2602)}),
            ("In Drais somewhere", {"district": "drais"}), ("In Drais elsewhere", {"district": "drais"}),
            ("Everywhere in town", {"district": ""})):
        published(database, city, title=title, **changes)


def collection(client: FlaskClient, path: str) -> Any:
    """A GeoJSON answer with what RFC 7946 asks for, which any cache may keep."""
    answer = client.get(path)
    assert answer.status_code == 200 and answer.mimetype == "application/geo+json"
    assert answer.headers["Cache-Control"].startswith("public, max-age=")
    assert "Cookie" not in answer.headers.get("Vary", "")
    assert client.get(path, headers={"If-None-Match": answer.headers["ETag"]}).status_code == 304
    read = json.loads(answer.get_data())
    assert read["type"] == "FeatureCollection" and "crs" not in read
    for feature in read["features"]:
        assert feature["type"] == "Feature" and isinstance(feature["properties"], dict)
        if feature["geometry"] and feature["geometry"]["type"] == "Point":
            longitude, latitude = feature["geometry"]["coordinates"]
            assert -180 <= longitude <= 180 and -90 <= latitude <= 90
    return read


@pytest.mark.usefixtures("ideas")
def test_the_page_counts_by_district_and_lists_by_place(guest: Guest, database: Database) -> None:
    with counted(database) as queries:
        page = guest.open("/ideas/map")
    assert len(queries) == 2
    numbers = {e.get("data-district"): e.get("data-number") for e in page.all(".//li[@data-district]")}
    assert len(numbers) == 15 and {numbers[key] for key in ("altstadt", "drais")} == {"2"} and numbers["mombach"] == "0"
    assert page.has("At the station", "By the river", "Hauptbahnhof", "50.01210, 8.26020") is False  # markup is text
    assert page.has("At the station", "<b>By</b> the river & the bank", "Hauptbahnhof", "50.01210, 8.26020")
    assert not page.has("In Drais somewhere")
    assert guest.open(page.link("district=drais")).has("In Drais somewhere", "In Drais elsewhere")
    assert guest.open("/ideas?q=station").link("ideas/map?q=station")
    assert guest.open("/ideas/map?q=station").has("Shown: “station”", "At the station")
    assert not guest.page.has("river")
    assert guest.open("/ideas/map?field=nothing").has("Nothing was found")
    guest.open("/ideas/map?after=nonsense", 404)


def test_an_empty_town(guest: Guest) -> None:
    assert guest.open("/ideas/map").has("There is no idea here yet.")


@pytest.mark.usefixtures("ideas")
def test_ideas_as_geojson(client: FlaskClient, database: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    with counted(database) as queries:
        client.get("/en/ideas.geojson")
    assert len(queries) == 1
    everything = collection(client, "/en/ideas.geojson")["features"]
    assert everything[0]["properties"]["title"] == "Everywhere in town" and len(everything) == 6
    assert [each["geometry"] is None for each in everything] == [True, True, True, False, False, False]
    first = collection(client, "/en/ideas.geojson?placed=1&district=altstadt")["features"][0]
    assert first["geometry"] == {"type": "Point", "coordinates": [8.259, 50.001]}
    assert first["properties"] | {"published": "", "ref": ""} == {
        "ref": "", "title": "At the station, too", "lang": "en", "field": "mobility-environment-urban",
        "district": "altstadt", "place": "Hauptbahnhof", "state": "Gathering support", "supporters": 0, "published": "",
        "address": f"http://localhost/en/ideas/{first['id']}"}
    with database.change() as session:  # hidden meanwhile: gone at once for whoever asks again
        session.execute(update(Idea).where(Idea.ref == first["id"]).values(public=False))
    assert len(collection(client, "/en/ideas.geojson")["features"]) == 5
    monkeypatch.setattr("participation.site.map.MOST", 2)
    seen, path = [], "/en/ideas.geojson"
    while path:
        page = collection(client, path)
        seen += [each["id"] for each in page["features"]]
        assert page["links"][0]["href"] == f"http://localhost{path}"
        path = next((link["href"].removeprefix("http://localhost") for link in page["links"]
                     if link["rel"] == "next"), "")
    assert len(seen) == len(set(seen)) == 5


def test_the_boundaries_are_kept_for_ever_under_their_digest(client: FlaskClient, city: City) -> None:
    assert city.map
    read = collection(client, "/districts.geojson")
    assert {each["properties"]["key"] for each in read["features"]} == {each.key for each in city.districts}
    for feature in read["features"]:
        assert all(ring[0] == ring[-1] for polygon in feature["geometry"]["coordinates"] for ring in polygon)
    named = client.get(f"/districts.geojson?v={city.map.districts.digest}")
    assert "immutable" in named.headers["Cache-Control"]
    assert "immutable" not in client.get("/districts.geojson?v=other").headers["Cache-Control"]


@pytest.mark.usefixtures("ideas")
def test_only_pages_with_a_map_may_load_its_pictures(client: FlaskClient) -> None:
    host = "https://sgx.geodatenzentrum.de"
    for path, allowed in (("/en/ideas/map", True), ("/en/ideas", False), ("/en/", False), ("/en/ideas.geojson", False)):
        policy = client.get(path).headers["Content-Security-Policy"]
        assert (f"img-src {host} 'self'" in policy) is allowed and policy.count(host) == allowed, path


def test_a_place_is_kept_shown_and_changed(resident: Resident, moderator: Moderator, database: Database) -> None:
    resident.propose(district="", **BOTH)
    with database.reading() as session:
        idea, kept = session.scalars(select(Idea)).one(), session.scalars(select(IdeaVersion)).one()
        where = ("hauptbahnhof", 50.00151, 8.25912)
        assert (idea.place, idea.latitude, idea.longitude) == where == (kept.place, kept.latitude, kept.longitude)
        assert idea.district == "altstadt"  # it was left open, and the point says it
        ref, token = idea.ref, resident.page.link("/follow/")
    assert moderator.open(f"/moderation/ideas/{ref}").has("Where it is about Hauptbahnhof · Altstadt")
    moderator.decide(f"ideas/{ref}", "return", statement="Please say where exactly.")
    assert resident.open(f"{token}/change").form("change").values | BOTH | {"latitude": "50.00151"} \
        == resident.page.form("change").values
    resident.send("change", place="", latitude="", longitude="")
    with database.reading() as session:
        assert session.execute(select(Idea.place, Idea.latitude, Idea.longitude)).one() == (None, None, None)
        assert session.scalars(select(IdeaVersion.place).order_by(IdeaVersion.id)).all() == ["hauptbahnhof", None]


@pytest.mark.parametrize(("wrong", "says"), [
    ({"latitude": "50.001"}, "Please write a number from 8.12 to 8.37"),
    ({"latitude": "8", "longitude": "50"}, "49.88"),
    ({"latitude": "here", "longitude": "8.25"}, "Please write a number from 49.88 to 50.05"),
    ({"latitude": "nan", "longitude": "inf"}, "Please write a number"), ({"place": "moon"}, "Please choose one of the"),
])
def test_what_is_not_in_the_city_is_refused_and_nothing_is_lost(resident: Resident, wrong: dict[str, str],
                                                                says: str) -> None:
    resident.open("/ideas/new")
    resident.send("ideas/new", status=422, title="A title that is long enough",
                  body="What should change, in a sentence.", benefit="Who gains something from it",
                  field="mobility-environment-urban", **wrong)
    assert resident.page.has(says)
    values = resident.page.form("ideas/new").values
    assert {name: values[name] for name in wrong if name != "place"} == {
        name: text for name, text in wrong.items() if name != "place"}


def test_what_is_masked_to_protect_somebody_loses_its_point_but_not_its_place(
        resident: Resident, moderator: Moderator, database: Database) -> None:
    resident.propose(body="Mrs Example lives just there, ask her about the benches.", **BOTH)
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert idea.latitude is not None
    moderator.decide(f"ideas/{idea.ref}", "publish", mask="Mrs Example")
    with database.reading() as session:
        idea = session.scalars(select(Idea)).one()
        assert (idea.masked, idea.place, idea.latitude, idea.longitude) == (True, "hauptbahnhof", None, None)
        first = session.scalars(select(IdeaVersion).order_by(IdeaVersion.number)).first()
        assert first is not None and first.latitude is not None  # staff can still look it up
