"""The proof that an export loses nothing: ideas are accepted while everything is killed and the receiver misbehaves.

At the end each accepted idea's records are at the receiver, each exactly once, in order; what it claimed to keep and
did not is found by `participation pool reconcile`, and mended by it.
"""

import json
import random
import socket
import threading
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

from sqlalchemy import delete, func, select
from sqlalchemy.exc import SQLAlchemyError

from participation import schema
from participation.city import City
from participation.database import Database, make_engine, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.outbox import DEAD, PENDING, Event, Task, happened
from participation.people.model import Person
from participation.people.signing_in import link_token
from participation.pool.model import Delivery, Received, Receiver, Record
from tests.chaos.keeper import Keeper
from tests.chaos.moderator import Accepting
from tests.chaos.site import Site
from tests.databases import Server, fresh_database, start_postgres
from tests.people import AN_IDEA

SECRET = "chaos-pool-secret-" * 3
SAY_SECONDS = 60
BRISK_SECONDS = 4.0  # in which a site starts on a machine that has nothing else to do
FORGOTTEN = 2  # records that the receiver loses at the end, as one does that is brought back from a backup


@dataclass(frozen=True, slots=True)
class Size:
    """How much, and how rough."""

    ideas: int
    corrections: int
    moderators: int
    kills_every: tuple[float, float]  # seconds
    faulty: float  # share of the receiver's answers
    settle_seconds: float


@contextmanager
def ground(backend: str, folder: Path) -> Iterator[tuple[str, Server | None]]:
    """A migrated database of that kind: its address, and the server where one can be killed with it."""
    server = start_postgres(durable=True) if backend == "postgresql" else None
    url = server.url if server is not None else f"sqlite:///{folder / 'chaos.sqlite'}"
    if server is not None and server.process is None:  # somebody else's
        url = fresh_database(server)
    try:
        engine = make_engine(url)
        schema.upgrade(engine)
        engine.dispose()
        yield url, server
    finally:
        if server is not None:
            server.stop()


class Faults:
    """Every fault once, then the share of them at random, until it is calm."""

    def __init__(self, dice: random.Random, share: float) -> None:
        self.dice, self.share, self.calm = dice, share, False
        self.first = dice.sample(Keeper.FAULTS, len(Keeper.FAULTS))
        self.lock = threading.Lock()

    def __call__(self) -> str:
        with self.lock:
            if self.calm:
                return ""
            if self.first:
                return self.first.pop()
            return self.dice.choice(Keeper.FAULTS) if self.dice.random() < self.share else ""


class Correcting(threading.Thread):
    """Corrects the title of ideas whose record is written, so that there are revisions to keep in order."""

    def __init__(self, database: Database, count: int, dice: random.Random) -> None:
        super().__init__(daemon=True)
        self.database, self.left, self.dice, self.stop = database, count, dice, False

    def run(self) -> None:
        while self.left and not self.stop:
            with suppress(SQLAlchemyError), self.database.change() as session:
                known = session.scalars(select(Record.idea_id).where(Record.revision == 1)).all()
                if known:
                    idea = session.get_one(Idea, self.dice.choice(known))
                    idea.title = f"{AN_IDEA['title']}, corrected {self.left}"
                    happened(session, "idea.changed", now(), idea_id=idea.id)
                    self.left -= 1
            time.sleep(0.1)


class Proof:
    """One run on one database."""

    def __init__(self, folder: Path, url: str, server: Server | None, city: City, size: Size, seed: int,
                 say: Callable[[str], None]) -> None:
        self.size, self.city, self.say = size, city, say
        self.dice = random.Random(seed)
        self.database = Database(url)
        self.faults = Faults(self.dice, size.faulty)
        self.keeper = Keeper(SECRET, self.faults)
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.site = Site(folder, url, f"{self.keeper.url} built-in", SECRET, port, server)
        self.moderators: list[Accepting] = []
        self.slow = 1.0  # how much slower this machine is just now: what is killed has to have been up
        self.begun = time.monotonic()
        say(f"seed {seed}, {size.ideas} ideas, {self.database.engine.dialect.name}")

    def prove(self) -> None:
        """All of it; raises AssertionError where the promise is not kept."""
        try:
            refs = self._filled()
            begun = time.monotonic()
            self.site.start()
            self.slow = max((time.monotonic() - begun) / BRISK_SECONDS, 1.0)
            self._chaos(refs)
            lost = self._calm()
            self._reconciled(lost)
            self._each_once(set(refs), lost)
        except BaseException:
            self.say(f"what the site said at last:\n{self.site.said()[-6000:]}")
            raise
        finally:
            self.site.stop()
            self.keeper.stop()
            self.database.engine.dispose()
            self._table()

    def _filled(self) -> list[str]:
        """Public ideas, and moderators with a link each. What had to be told of that is left out."""
        with self.database.change() as session:
            author = Person(created_at=now(), language="en")
            staff = [Person(email=f"m{n}@example.org", role="moderator", language="en", created_at=now())
                     for n in range(self.size.moderators)]
            session.add_all([author, *staff])
            session.flush()
            refs = []
            for number in range(self.size.ideas):
                draft = ideas.Draft(f"{AN_IDEA['title']} {number}", AN_IDEA["body"], AN_IDEA["benefit"],
                                    AN_IDEA["field"], AN_IDEA["district"], "en")
                idea = ideas.submit(session, self.city, author, draft, now())
                ideas.decide(session, self.city, staff[0], idea, "publish", now())
                refs.append(str(idea.ref))
            session.flush()
            session.execute(delete(Event))
            secret = self.site.env["SECRET_KEY"]
            links = [f"{self.site.url}/en/sign-in/link/{link_token(session, str(person.email), secret, now())}"
                     for person in staff]
        waiting = list(reversed(refs))
        fixed = {"field": AN_IDEA["field"], "district": AN_IDEA["district"], "language": "en"}
        self.moderators = [Accepting(self.site.url, link, waiting, fixed) for link in links]
        return refs

    def _chaos(self, refs: list[str]) -> None:
        for moderator in self.moderators:
            moderator.sign_in()
            moderator.start()
        correcting = Correcting(self.database, self.size.corrections, random.Random(self.dice.random()))
        correcting.start()
        deck: list[str] = []
        next_kill, next_word = time.monotonic() + 1, time.monotonic() + SAY_SECONDS
        while any(each.is_alive() for each in (*self.moderators, correcting)) or self.faults.first \
                or len(self.site.kills) < len(self.site.victims):
            self.site.mend()
            if time.monotonic() >= next_word:
                next_word += SAY_SECONDS
                self.say(f"{time.monotonic() - self.begun:.0f} s: {sum(self.site.kills.values())} killed, "
                         f"{sum(each.answers['accepted'] for each in self.moderators)} accepted, "
                         f"{len(self.keeper.kept)} records at the receiver")
            troubles = [moderator.trouble for moderator in self.moderators if moderator.trouble]
            assert not troubles, troubles
            if time.monotonic() >= next_kill:
                deck = deck or self.dice.sample(self.site.victims, len(self.site.victims))
                if self.site.kill(deck.pop(), self.dice):
                    next_kill = time.monotonic() + self.slow * self.dice.uniform(*self.size.kills_every)
            time.sleep(0.05)

    def _calm(self) -> set[str]:
        """No more killing, no more lies; the ids that the receiver claims to keep and does not."""
        self.say(f"{time.monotonic() - self.begun:.0f} s: all accepted, now it is calm")
        self.faults.calm = True
        self._settle()
        with self.keeper.lock:
            for key in self.dice.sample(sorted(self.keeper.kept), FORGOTTEN):
                del self.keeper.kept[key]
                self.keeper.arrivals.remove(key)
                self.keeper.lied.add(key)
            return self.keeper.lied - self.keeper.kept.keys()

    def _reconciled(self, lost: set[str]) -> None:
        """What is lost is named by the command, mended by it, and then nothing differs any more."""
        self.say(f"{time.monotonic() - self.begun:.0f} s: settled; the receiver lacks {len(lost)} records")
        looked = self.site.command("pool", "reconcile")
        lines = looked.stdout.splitlines()
        assert looked.returncode == 1, looked.stdout + looked.stderr
        assert sum("missing there although it was confirmed" in line for line in lines) == len(lost), looked.stdout
        assert f"{len(lost)} missing" in looked.stdout
        mended = self.site.command("pool", "reconcile", "--repair")
        assert mended.returncode == 1 and f"{len(lost)} repaired" in mended.stdout, mended.stdout + mended.stderr
        self._settle()
        again = self.site.command("pool", "reconcile", "--thorough")
        assert again.returncode == 0, again.stdout + again.stderr
        self.say(again.stdout.strip())

    def _each_once(self, refs: set[str], lost: set[str]) -> None:
        with self.database.reading() as session:
            records = session.execute(select(Record.seq, Record.ref, Record.revision, Record.digest, Record.body)
                                      .order_by(Record.seq)).all()
            receiver = session.scalar(select(Receiver.id).where(Receiver.key == self.keeper.url))
            confirmed = session.scalars(select(Delivery.seq).where(
                Delivery.receiver_id == receiver, Delivery.confirmed_at.is_not(None)).order_by(Delivery.seq)).all()
            received = session.execute(select(Received.event, Received.seq, Received.digest)
                                       .order_by(Received.seq)).all()
            current = session.scalar(select(func.count()).select_from(Received).where(Received.current))
        numbers = list(range(1, len(records) + 1))
        assert [record.seq for record in records] == numbers, "the sequence has gaps"
        for before, after in pairwise(records):
            assert json.loads(after.body)["provenance"]["previous"] == before.digest
        assert {record.ref for record in records} == refs, "an accepted idea has no record"
        assert len({(record.ref, record.revision) for record in records}) == len(records) > len(refs)
        assert list(confirmed) == numbers, "the site says something else than it delivered"
        here = [(f"{record.ref}/{record.revision}", record.seq, record.digest) for record in records]
        there = sorted((kept.seq, kept.key, kept.digest) for kept in self.keeper.kept.values())
        assert [(key, seq, digest) for seq, key, digest in there] == here
        assert [tuple(row) for row in received] == here and current == len(refs)
        assert len(self.keeper.arrivals) == len(set(self.keeper.arrivals)) == len(records)
        assert not self.keeper.refused
        order: dict[str, list[int]] = defaultdict(list)
        for key in self.keeper.arrivals:
            ref, _, revision = key.partition("/")
            if key not in lost:  # those came later, when they were missed
                order[ref].append(int(revision))
        assert all(revisions == sorted(revisions) for revisions in order.values()), "not in order"

    def _settle(self) -> None:
        """Wait until everything is up and nothing is left to do."""
        until = time.monotonic() + self.slow * self.size.settle_seconds
        left: object = "nobody looked"
        while time.monotonic() < until:
            self.site.mend()
            with suppress(SQLAlchemyError), self.database.reading() as session:
                new = session.scalar(select(func.count()).select_from(Event).where(Event.spread_at.is_(None)))
                tasks = Counter(session.scalars(select(Task.state).where(Task.state.in_((PENDING, DEAD)))))
                left = f"{new} events, {dict(tasks)} tasks"
                if self.site.whole() and not new and not tasks[PENDING]:
                    assert not tasks[DEAD], session.execute(
                        select(Task.follower, Task.error).where(Task.state == DEAD)).all()
                    return
            time.sleep(0.2)
        raise AssertionError(f"it does not settle: {left}")

    def _table(self) -> None:
        said: Counter[str] = sum((moderator.answers for moderator in self.moderators), Counter())
        for what, counts in (("killed", self.site.kills), ("the receiver answered", self.keeper.answers),
                             ("the moderators met", said)):
            self.say(f"{what}: " + ", ".join(f"{name} {count}" for name, count in sorted(counts.items())))
        self.say(f"{time.monotonic() - self.begun:.0f} s in all")
