"""One moderator in a process of its own: claims what is due first, decides, until nothing is left. Prints how many.

    python -m tests.moderation.one_moderator DATABASE_URL EMAIL
"""

import sys

from sqlalchemy import select

from moderation import claims, decisions, queue
from moderation.entries import Entered, entry
from participation.city import read_city
from participation.database import Database, now
from participation.errors import Conflict
from participation.people.model import Person
from participation.settings import HOUSE


def work(url: str, email: str) -> tuple[int, int]:
    """Decide until nothing is free; says how many decisions and how many refusals there were."""
    city, database = read_city(HOUSE / "cities" / "mainz.toml"), Database(url)
    with database.reading() as session:
        me = session.scalars(select(Person).where(Person.email == email)).one()
    decided = refused = 0
    while True:
        with database.change() as session:
            taken = next(((row.kind, queue.key_of(session, row)) for row in
                          queue.free(session, me, queue.Wanted(), now())
                          if claims.take(session, city, row, me, now())), None)
            if taken is None and not queue.counts(session, me, now()).free:
                return decided, refused
        if taken is None:
            continue
        try:
            with database.change() as session:
                person = session.get_one(Person, me.id)
                found = entry(session, person, *taken)
                decisions.decide(session, city, person, found, Entered("publish", seen=found.version), now())
            decided += 1
        except Conflict:
            refused += 1


if __name__ == "__main__":
    print(*work(*sys.argv[1:]))
