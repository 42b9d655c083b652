"""From acceptance to the pool and back: record, delivery, receiving, files, the desk."""

import base64
import csv
import io
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from itertools import pairwise
from typing import Any

import pytest
from cloudevents.http import from_json
from flask import Flask
from jsonschema import Draft202012Validator
from openpyxl import load_workbook
from sqlalchemy import func, select
from standardwebhooks import Webhook

from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.jobs import GiveUp, House, TryLater
from participation.outbox import Event
from participation.people.model import Person
from participation.pool import delivery, files, importing, queries, record
from participation.pool.model import Delivery, Received, Record
from participation.settings import Settings
from tests.making import published, staff
from tests.people import Officer, Resident
from tests.working import work_off

SECRETIVE = ("author@example.org", "Ann Author", "Carla Commenter", "carla@example.org")


def accepted(database: Database, city: City, **changes: Any) -> str:
    """An idea with a comment, accepted for the pool; its reference."""
    idea_id = published(database, city, **changes)
    with database.change() as session:
        session.execute(Person.__table__.update().where(Person.email == "author@example.org")  # type: ignore[attr-defined]
                        .values(name="Ann Author"))
        idea = session.get_one(Idea, idea_id)
        carla = session.scalar(select(Person).where(Person.email == "carla@example.org")) or Person(
            email="carla@example.org", name="Carla Commenter", created_at=now())
        session.add(carla)
        session.flush()
        comment = comments.say(session, city, carla, idea, "Good for my mother", "en", None, now())
        comments.decide(session, city, staff(session), comment, "publish", now())
        session.refresh(idea)
        ideas.decide(session, city, staff(session), idea, "accept", now(), benefit="Shade", who_benefits="Everyone",
                     statement="We will look into it.", statement_language="en")
        return str(idea.ref)


def test_the_record_keeps_its_promise(database: Database, city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    with database.reading() as session:
        [body] = queries.bodies(session)
    content = json.loads(body)
    Draft202012Validator(record.schema()).validate(content)
    assert not any(secret in body for secret in SECRETIVE)
    assert record.canonical(content) == body and record.digest(content) == content["provenance"]["digest"]
    assert (content["ref"], content["sequence"], content["comments"]["count"]) == (ref, 1, 1)
    assert content["guidelines"] == [{"key": "citizens-at-the-centre", "benefit": "Shade", "who_benefits": "Everyone",
                                      "evidence": {"supporters": 0, "supporters_from_city": 0, "comments": 1}}]
    changed = content | {"title": "Another title"}
    assert record.digest(changed) != content["provenance"]["digest"]


def test_the_whole_way_and_back(database: Database, city: City, deliver: Callable[[], int], officer: Officer,
                                resident: Resident) -> None:
    ref = accepted(database, city)
    deliver()
    assert resident.open(f"/ideas/{ref}").has("In the idea pool", "Arrived in the idea pool")
    page = officer.open("/pool/")
    assert page.has("1 accepted, 1 received, 0 missing", ref, "In the idea pool")
    officer.open(f"/pool/{ref}")
    assert officer.page.has("Shade", "Good for my mother", "checked: it fits", "This is the first record.")
    officer.answer(ref, "fail", status=422)  # a failed check needs a public answer
    officer.send(f"/pool/{ref}", move="pass")
    officer.answer(ref, "rate")
    officer.answer(ref, "plan", "Two shelters are planned for spring.")
    assert officer.page.has("Planned", "Two shelters are planned for spring.")
    officer.answer(ref, "plan", "Again", status=409)
    assert officer.page.form(f"/pool/{ref}").values["statement"] == "Again"
    assert resident.open(f"/ideas/{ref}").has("Planned as a project", "Two shelters are planned for spring.")
    assert "Two shelters are planned for spring." in officer.mailbox.text("author@example.org")


def test_the_sequence_has_no_gaps_when_many_are_accepted_at_once(database: Database, city: City,
                                                                 house: Callable[[], House]) -> None:
    refs = [accepted(database, city) for _ in range(8)]
    with database.reading() as session:
        events = session.scalars(select(Event).where(Event.kind == "idea.accept")).all()
    troubles: list[BaseException] = []

    def write(event: Event) -> None:
        try:
            for _ in range(2):  # every task may come twice
                with database.change() as session:
                    record.write(session, event, house())
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=write, args=(event,)) for event in events]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not troubles
    with database.reading() as session:
        records = session.scalars(select(Record).order_by(Record.seq)).all()
    assert [r.seq for r in records] == list(range(1, 9)) and {r.ref for r in records} == set(refs)
    for before, after in pairwise(records):
        assert json.loads(after.body)["provenance"]["previous"] == before.digest


class Receiver:
    """A pool of somebody else's, written with the two standards' own packages."""

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.kept: dict[str, Any] = {}
        self.batches: list[int] = []
        self.answer: Callable[[list[str]], tuple[int, dict[str, str], bytes]] = self.keep_all
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                Webhook(base64.b64encode(receiver.secret.encode()).decode()).verify(
                    body, {k.lower(): v for k, v in self.headers.items()})
                assert self.headers["Content-Type"] == "application/cloudevents-batch+json"
                events = [from_json(json.dumps(each)) for each in json.loads(body)]
                receiver.batches.append(len(events))
                status, headers, said = receiver.answer([str(event["id"]) for event in events])
                if status == 200 and b"accepted" in said:
                    named = json.loads(said)["accepted"]
                    receiver.kept |= {str(e["id"]): e.data for e in events if str(e["id"]) in named}
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(said)))
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_args: Any) -> None:
                return

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/records"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def keep_all(ids: list[str]) -> tuple[int, dict[str, str], bytes]:
        return 200, {}, json.dumps({"accepted": ids, "refused": []}).encode()


@pytest.fixture
def receiver(settings: Settings) -> Iterator[Receiver]:
    found = Receiver(settings.pool_secret)
    yield found
    found.server.shutdown()
    found.server.server_close()


@pytest.fixture
def abroad(settings: Settings, receiver: Receiver, city: City) -> Callable[[], House]:
    """A house whose pool is somebody else's."""
    return lambda: House(replace(settings, pool_url=receiver.url), city, now())


def _written(database: Database, city: City, house: Callable[[], House], count: int) -> list[Event]:
    for _ in range(count):
        accepted(database, city)
    with database.change() as session:
        for event in session.scalars(select(Event).where(Event.kind == "idea.accept").order_by(Event.id)):
            record.write(session, event, house())
    with database.reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == "record.written").order_by(Event.id)))


def _deliver(database: Database, event: Event, house: Callable[[], House]) -> bool | None:
    with database.change() as session:
        batch = delivery.deliver(session, event, house())
    if batch is None:
        return None
    batch.send()
    with database.change() as session:
        return batch.record(session, house())


def test_a_batch_at_another_pool(database: Database, city: City, abroad: Callable[[], House],
                                 receiver: Receiver) -> None:
    events = _written(database, city, abroad, 3)
    assert _deliver(database, events[2], abroad) is True  # the newest one's task takes the older ones along
    assert receiver.batches == [3] and len(receiver.kept) == 3
    assert [_deliver(database, event, abroad) for event in events] == [None, None, None]
    with database.reading() as session:
        assert set(session.scalars(select(Idea.state))) == {"received"}
        assert session.scalar(select(func.count()).where(Delivery.confirmed_at.is_not(None))) == 3


@pytest.mark.parametrize(("status", "headers", "body", "trouble"), [
    (500, {}, b"", TryLater), (503, {"Retry-After": "90"}, b"", TryLater),
    (429, {"Retry-After": "soon"}, b"", TryLater),
    (200, {}, b"thank you", TryLater), (200, {}, b'{"accepted": []}', TryLater), (200, {}, b'[]', TryLater),
    (400, {}, b"no", GiveUp), (302, {"Location": "http://elsewhere.example/"}, b"", GiveUp), (404, {}, b"", GiveUp),
])
def test_nothing_counts_as_delivered_that_the_receiver_did_not_name(
        database: Database, city: City, abroad: Callable[[], House], receiver: Receiver, status: int,
        headers: dict[str, str], body: bytes, trouble: type[Exception]) -> None:
    [event] = _written(database, city, abroad, 1)
    receiver.answer = lambda _ids: (status, headers, body)
    with pytest.raises(trouble) as raised:
        _deliver(database, event, abroad)
    assert getattr(raised.value, "after", None) == (90.0 if headers.get("Retry-After") == "90" else None)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Delivery)) == 0
    receiver.answer = receiver.keep_all
    assert _deliver(database, event, abroad) is True


def test_a_batch_that_is_partly_taken(database: Database, city: City, abroad: Callable[[], House],
                                      receiver: Receiver) -> None:
    events = _written(database, city, abroad, 3)
    receiver.answer = lambda ids: (200, {}, json.dumps(
        {"accepted": ids[:1], "refused": [{"id": ids[1], "why": "no room"}]}).encode())
    assert _deliver(database, events[2], abroad) is False  # its own was left out: it goes on at once
    receiver.answer = receiver.keep_all
    assert _deliver(database, events[2], abroad) is True and receiver.batches == [3, 1]
    with database.reading() as session:
        [(seq, _, why)] = queries.unconfirmed(session, receiver.url)
        assert (seq, why) == (2, "no room")


def test_what_the_pool_refuses(app: Flask, database: Database, city: City, settings: Settings,
                               house: Callable[[], House], deliver: Callable[[], int]) -> None:
    _written(database, city, house, 2)
    with database.reading() as session:
        first, second = (delivery.event_of(r) for r in session.scalars(select(Record).order_by(Record.seq)))

    def post(events: Any, **headers: str) -> Any:
        body = events if isinstance(events, str) else json.dumps(events)
        return app.test_client().post("/api/v1/pool/inbox", data=body.encode(), headers={
            "Content-Type": delivery.MEDIA_TYPE, **delivery.signed("m1", now(), body, settings.pool_secret), **headers})

    assert post([first], **{"webhook-signature": "v1,bm9uZQ=="}).status_code == 401
    assert post([first], **{"webhook-timestamp": "1000000000"}).status_code == 401  # replayed much later
    assert post([first], **{"Content-Type": "application/json"}).status_code == 415
    assert post("{").status_code == 422 and post("{}").status_code == 422 and post("[1]").status_code == 422
    assert post([first] * 101).status_code == 422
    wrong = [(first | {"type": "unknown"}, "unknown event type"), (first | {"data": {}}, "required"),
             (first | {"data": first["data"] | {"title": "changed"}}, "digest"),
             (first | {"data": first["data"] | {"schema": "idea-record-9"}}, "idea-record-1")]
    for event, why in wrong:
        answer = post([event]).get_json()
        assert answer["accepted"] == [] and why in answer["refused"][0]["why"], answer
    ids = [first["id"], second["id"], first["id"]]
    assert post([first, second, first]).get_json() == {"accepted": ids, "refused": []}
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Received)) == 2
    broken = json.loads(json.dumps(second))
    broken["data"]["sequence"], broken["data"]["provenance"]["previous"] = 3, "0" * 64
    broken["data"]["provenance"]["digest"] = record.digest(broken["data"])
    assert "chain is broken" in post([broken]).get_json()["refused"][0]["why"]
    assert work_off(app) >= 0


def test_files_open_in_excel_and_hold_no_formula(database: Database, city: City, deliver: Callable[[], int],
                                                 officer: Officer) -> None:
    titles = ['=HYPERLINK("http://evil.example")', "+49 6131 are the first digits", "-1 reason; \"quoted\"",
              "@all Mainzer:innen"]
    for title in titles:
        accepted(database, city, title=title, body="Zeile eins\nZeile zwei; mit Semikolon " * 3)
    deliver()
    lines = officer.client.get("/en/pool/records.jsonl").get_data(as_text=True).splitlines()
    assert [json.loads(line)["title"] for line in lines] == titles
    sheet = officer.client.get("/en/pool/records.csv")
    assert sheet.get_data()[:3] == b"\xef\xbb\xbf" and "attachment" in sheet.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(sheet.get_data().decode("utf-8-sig")), delimiter=";"))
    assert [row["title"] for row in rows] == ["'" + title for title in titles]
    assert all(row["body"].startswith("Zeile eins\nZeile zwei;") for row in rows)
    book = load_workbook(io.BytesIO(officer.client.get("/en/pool/records.xlsx").get_data()))
    cells = list(book["ideas"].iter_rows(min_row=2))
    assert [row[3].value for row in cells] == titles
    assert not any(cell.data_type == "f" for row in cells for cell in row)
    assert officer.client.get("/en/pool/records.exe").status_code == 404
    with database.reading() as session:
        assert list(files.jsonl(queries.bodies(session, since=3))) == [lines[3].encode() + b"\n"]


def test_importing_is_the_same_twice(database: Database, city: City, house: Callable[[], House]) -> None:
    _written(database, city, house, 1)
    with database.change() as session:
        event = delivery.event_of(session.scalars(select(Record)).one())
        assert [importing.receive(session, event, now()) for _ in range(2)] == ["", ""]
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(Received)) == 1


def test_the_pool_of_nothing(officer: Officer) -> None:
    assert officer.open("/pool/").has("0 accepted, 0 received, 0 missing", "No record here yet")
    officer.open("/pool/MZ-2020-00001", 404)

