"""What the pool's tests begin with: accepted ideas, written records, a pool of somebody else's."""

import base64
import json
import threading
from collections.abc import Callable, Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cloudevents.http import from_json
from sqlalchemy import select
from standardwebhooks import Webhook

from participation.city import City
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from participation.pool import delivery, record
from tests.making import published, staff


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


def written(database: Database, city: City, house: Callable[[], House], count: int) -> list[Event]:
    for _ in range(count):
        accepted(database, city)
    with database.change() as session:
        for event in session.scalars(select(Event).where(Event.kind == "idea.accept").order_by(Event.id)):
            record.write(session, event, house())
    with database.reading() as session:
        return list(session.scalars(select(Event).where(Event.kind == "record.written").order_by(Event.id)))


def delivered(database: Database, event: Event, house: Callable[[], House]) -> bool | None:
    with database.change() as session:
        batch = delivery.deliver(session, event, house())
    if batch is None:
        return None
    batch.send()
    with database.change() as session:
        return batch.record(session, house())


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


def in_parallel(act: Callable[[Any], object], things: Sequence[Any]) -> list[BaseException]:
    """Do the same with each thing at the very same moment; what went wrong."""
    troubles: list[BaseException] = []
    together = threading.Barrier(len(things))

    def one(thing: Any) -> None:
        try:
            together.wait(10)
            act(thing)
        except BaseException as trouble:
            troubles.append(trouble)

    threads = [threading.Thread(target=one, args=(thing,)) for thing in things]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return troubles
