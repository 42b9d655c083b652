"""The page of reconciliation: the office looks whether everything arrived, and orders that it is mended."""

import time
from collections.abc import Callable

from sqlalchemy import delete, insert

from participation.city import City
from participation.database import Database, now
from participation.pool.model import Delivery, Received, Receiver, Reconciliation
from tests.counting import counted
from tests.people import Officer
from tests.pool.making import accepted


def test_nothing_was_accepted_yet(officer: Officer) -> None:
    officer.open("/pool/delivery/reconciliation")
    assert officer.page.has("nothing to compare")


def test_lost_at_the_receiver_found_and_mended(officer: Officer, database: Database, city: City,
                                               deliver: Callable[[], int]) -> None:
    refs = [accepted(database, city) for _ in range(2)]
    deliver()
    officer.open("/pool/delivery/reconciliation")
    assert officer.page.has("Nothing was compared yet.")
    officer.send("reconciliation")
    assert officer.page.has("has been ordered")
    deliver()
    officer.open("/pool/delivery/reconciliation")
    assert officer.page.has("2 accepted, 2 received, 0 missing.")
    with database.change() as session:
        session.execute(delete(Received).where(Received.ref == refs[0]))
    officer.send("reconciliation")
    officer.send("reconciliation")  # a double click orders two, which harms nothing
    deliver()
    officer.open("/pool/delivery/reconciliation")
    assert officer.page.has("2 accepted, 1 received, 1 missing.") and officer.page.has(refs[0])
    assert not officer.page.has(refs[1])
    officer.send("reconciliation", repair="yes")
    time.sleep(1)  # the same records, signed in the same second, would be the very same message
    deliver()
    officer.send("reconciliation")
    deliver()
    officer.open("/pool/delivery/reconciliation")
    assert officer.page.has("2 accepted, 2 received, 0 missing.")


def test_a_receiver_that_nobody_delivers_to(officer: Officer, database: Database, city: City,
                                            deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    with database.change() as session:
        session.add(Receiver(key="https://gone.example/"))
    officer.open("/pool/delivery/reconciliation")
    for number in ("2", "77", "", "x", str(10**12)):
        officer.send("reconciliation", receiver=number, status=404)
        officer.open("/pool/delivery/reconciliation")


def test_many_runs_are_paged_and_cost_the_same(officer: Officer, database: Database, city: City,
                                               deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    with database.change() as session:
        receiver = session.query(Delivery.receiver_id).limit(1).scalar()

    def runs(count: int) -> int:
        with database.change() as session:
            session.execute(insert(Reconciliation), [
                {"receiver_id": receiver, "at": now(), "accepted": 600, "written": 600, "received": 0,
                 "unwritten": [], "missing": [[n, f"MZ-2026-{n:05d}"] for n in range(1, 501)], "different": [],
                 "extra": [[601, ""]], "missing_count": 600, "extra_count": 1, "trouble": ""}] * count)
        with counted(database) as queries:
            officer.open("/pool/delivery/reconciliation")
        return len(queries)

    assert runs(1) == runs(60) <= 8
    assert officer.page.has("participation pool reconcile") and officer.page.has("MZ-2026-00050")
    assert not officer.page.has("MZ-2026-00051") and officer.page.has("(record 601)")
    page = officer.page.html
    officer.open(next(a.get("href") for a in officer.page.all(".//a[@rel='next']")))  # type: ignore[arg-type]
    assert officer.page.html != page and officer.page.has("Back to the first page")
