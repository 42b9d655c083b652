"""A site's records in bulk, chained and valid as if they had been written one by one; run as a module it delivers them,
batch by batch, as a worker does."""

import json
import os
import random
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import select

from participation.city import City, read_city
from participation.database import Database, now
from participation.ideas.model import Acceptance, Idea, IdeaStep
from participation.jobs import House
from participation.outbox import Event
from participation.people.model import Person
from participation.pool import delivery
from participation.pool.model import Received, Record
from participation.pool.record import canonical, digest, receivers, validator
from participation.settings import HOUSE, read_settings
from tests.bench.generate import _ideas, _many

REAL = HOUSE.parent.parent / "shared" / "data" / "proposals.jsonl"
COMMENTS = 3  # in each record
PAGE = 1000


def fill(database: Database, city: City, count: int, site: str, tell: Callable[[str, int, int], None]) -> None:
    """That many accepted ideas with a record each, into an empty database."""
    chance, at = random.Random(42), now()
    texts = [json.loads(line) for line in open(REAL, encoding="utf-8")]  # noqa: SIM115
    said = [comment["body"][:2000] for text in texts for comment in text["comments"]]
    backing = [chance.randrange(80) for _ in range(count)]
    _many(database, Person, 100, "people", tell, (
        {"id": i, "email": f"p{i}@bench.example", "role": "resident", "language": "de", "created_at": at}
        for i in range(1, 101)))
    ideas = _ideas(chance, city, texts, count, [COMMENTS] * count, backing, 100, at)
    _many(database, Idea, count, "ideas", tell, (row | {"state": "accepted"} for row in ideas))
    _many(database, IdeaStep, count, "steps", tell, (
        {"id": i, "idea_id": i, "move": "accept", "from_state": "published", "to_state": "accepted", "at": at,
         "by": "staff", "by_id": 1, "reason": "", "statement": "", "statement_language": ""}
        for i in range(1, count + 1)))
    _many(database, Acceptance, count, "acceptances", tell, (
        {"step_id": i, "idea_id": i, "guideline": city.guideline, "benefit": "Shade", "who_benefits": "Everyone",
         "supporters": backing[i - 1], "supporters_city": backing[i - 1], "comments": COMMENTS}
        for i in range(1, count + 1)))
    _many(database, Record, count, "records", tell, _records(database, city, said, site, at))


def keep(site: Database, pool: Database, count: int, tell: Callable[[str, int, int], None]) -> None:
    """The same records as a pool keeps them, without the work of receiving them."""

    def rows() -> Iterator[dict[str, Any]]:
        for start in range(0, count, PAGE):
            with site.reading() as session:
                found = session.scalars(select(Record).where(Record.seq > start, Record.seq <= start + PAGE)
                                        .order_by(Record.seq)).all()
            for each in found:
                said = json.loads(each.body)
                yield {"site": said["provenance"]["site"], "event": f"{each.ref}/1", "seq": each.seq, "ref": each.ref,
                       "revision": 1, "title": said["title"], "field": said["field"], "district": said["district"],
                       "supporters": 0, "body": each.body, "digest": each.digest, "current": True,
                       "received_at": each.created_at}

    _many(pool, Received, count, "received", tell, rows())


def _records(database: Database, city: City, said: list[str], site: str, at: datetime) -> Iterator[dict[str, Any]]:
    before, after = "", 0
    while True:
        with database.reading() as session:
            rows = session.execute(select(Idea.id, Idea.ref, Idea.title, Idea.body, Idea.benefit, Idea.language,
                                          Idea.field, Idea.district, Idea.supports)
                                   .where(Idea.id > after).order_by(Idea.id).limit(PAGE)).all()
        if not rows:
            return
        for row in rows:
            record = _record(row, city, said, site, at, before)
            if row.id == 1:
                validator().validate(record)
            before, after = record["provenance"]["digest"], row.id
            yield {"seq": row.id, "step_id": row.id, "cause": f"step:{row.id}", "reason": "accepted", "idea_id": row.id,
                   "ref": row.ref, "revision": 1, "body": canonical(record), "digest": before, "created_at": at}


def _record(row: Any, city: City, said: list[str], site: str, at: datetime, before: str) -> dict[str, Any]:
    when = at.isoformat(timespec="seconds")
    record: dict[str, Any] = {
        "schema": "idea-record-1", "sequence": row.id, "revision": 1, "revision_reason": "accepted", "ref": row.ref,
        "address": f"{site}/de/ideas/{row.ref}", "title": row.title, "body": row.body, "benefit": row.benefit,
        "language": row.language, "translations": [], "field": row.field, "needs": [], "district": row.district,
        "dates": {"submitted": when, "published": when, "accepted": when, "quorum_reached": None},
        "supporters": {"total": row.supports, "from_city": row.supports, "imported": 0, "per_district": {}},
        "comments": {"count": COMMENTS, "published": [
            {"body": said[(row.id * COMMENTS + n) % len(said)], "language": "de", "at": when}
            for n in range(COMMENTS)]},
        "guidelines": [{"key": city.guideline, "benefit": "Shade", "who_benefits": "Everyone",
                        "evidence": {"supporters": row.supports, "supporters_from_city": row.supports,
                                     "comments": COMMENTS}}],
        "decision": {"move": "accept", "at": when, "statement": "", "statement_language": "", "translations": {}},
        "merged": [], "provenance": {"site": site, "city": city.key, "version": "1", "previous": before}}
    record["provenance"]["digest"] = digest(record)
    return record


def deliver() -> None:
    """What a worker does with the newest record's task, until all before it are there, too."""
    settings = read_settings(os.environ)
    city, database = read_city(Path(settings.city_file)), Database(settings.database)
    with database.change() as session:
        [receiver] = receivers(session, settings.receivers)
        newest = session.scalars(select(Record.seq).order_by(Record.seq.desc()).limit(1)).one()
        event = Event(about={"seq": newest, "receiver_id": receiver.id})
    batches = 0
    while True:
        with database.change() as session:
            batch = delivery.deliver(session, event, House(settings, city, now()))
        assert batch is not None
        batch.send()
        batches += 1
        with database.change() as session:
            if batch.record(session, House(settings, city, now())):
                break
    print(f"{batches} batches")


if __name__ == "__main__":
    deliver()
