"""The demo city: people, ideas in all states of their journey, comments; written for one city or, where it has no texts
of its own, for any; dated relative to today, put in through the same actions as everybody's."""

import random
import tomllib
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.errors import Invalid, Unsafe
from participation.ideas import actions as ideas
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.ideas.similar import index
from participation.journey import make
from participation.outbox import Event, happened
from participation.people.model import Person
from participation.people.signing_in import person_of
from participation.places import Spot
from participation.support import Support
from participation.waiting import QUORUM, URGENT, Waiting, begin

DOMAIN = "demo.example"  # reserved: no letter ever leaves
STAFF = {"resident": "Rosa Resident", "moderator": "Mo Moderator", "cdo": "Chris Coordinator"}
SUPPORTERS = 240
ANY = Path(__file__).parent / "cities" / "any-demo"


def is_empty(session: Session) -> bool:
    """Whether nobody has used this database yet."""
    return session.scalar(select(func.count()).select_from(Idea)) == 0


def is_known(session: Session, role: str) -> bool:
    """Whether the demo person with that role is here."""
    return session.scalar(select(Person.id).where(Person.email == address_of(role))) is not None


def address_of(role: str) -> str:
    """The demo person with that role."""
    return f"{role}@{DOMAIN}"


def fill(session: Session, city: City, now: datetime, told: Callable[[int], None] = lambda done: None) -> int:
    """Fill an empty database; says how many ideas it made: none for a city in whose languages there are no texts.
    Raises Unsafe for a demo file that does not fit."""
    chance = random.Random(1455)  # the same city every time; the year of Gutenberg's Bible
    people = {role: _person(session, address_of(role), name, role, now) for role, name in STAFF.items()}
    people["resident"].lives_here = True
    people["resident"].district = city.districts[0].key if city.districts else None
    crowd = _crowd(session, city, chance, now)
    entries = [(file.name, entry) for file in sorted(folder(city).glob("*.toml"))
               for entry in tomllib.loads(file.read_text(encoding="utf-8"))["idea"]]
    if folder(city) == ANY:
        entries = [(name, _fitted(city, entry)) for name, entry in entries
                   if entry["language"] in city.content_languages]
    entries.sort(key=lambda pair: -float(pair[1]["submitted_days_ago"]))  # references follow the calendar
    made = 0
    for name, entry in entries:
        try:
            with session.begin_nested():
                _idea(session, city, entry, people, crowd, chance, now)
        except Exception as trouble:
            if isinstance(trouble, Invalid) and folder(city) == ANY:
                continue  # this city's limits have no room for it
            raise Unsafe("demo", what=f"{name}, “{entry.get('title')}”: {trouble!r}") from trouble
        told(made := made + 1)
    # Nobody is to be told of what never happened; what was accepted goes to the pool like everything.
    session.execute(delete(Event).where(Event.kind != "idea.accept"))
    for idea in session.scalars(select(Idea)):
        index(session, idea)
    for row in session.scalars(select(Waiting)):  # a background job looks at them for hints
        about: Any = {f"{row.kind}_id": row.thing_id}
        happened(session, f"{row.kind}.changed", now, **about)
    return made


def folder(city: City) -> Path:
    """Where the city's demo texts lie, or those that fit any city."""
    own = ANY.with_name(f"{city.key}-demo")
    return own if own.is_dir() else ANY


def _fitted(city: City, value: Any, name: str = "") -> Any:
    """A text for any city with this city's name, fields, districts, its reason and the language it writes in."""
    if isinstance(value, dict) and name != "statement":
        made = {key: _fitted(city, one, key) for key, one in value.items()}
        return made | ({"statement_language": _written(city, value["statement"])} if "statement" in value else {})
    if isinstance(value, dict):
        return value[_written(city, value)]
    if isinstance(value, list):
        return [_fitted(city, one) for one in value if one.get("language", "en") in (*city.content_languages, "en")]
    if name == "field":
        return city.fields[value % len(city.fields)].key
    if name == "district":
        return city.districts[value % len(city.districts)].key if city.districts else None
    if name == "reason":
        return next(each.key for each in city.reasons if "idea" in each.kinds and "reject" in each.moves)
    return value.replace("{city}", city.name.own) if isinstance(value, str) else value


def _written(city: City, words: dict[str, str]) -> str:
    return city.languages[0] if city.languages[0] in words else "en"


def _person(session: Session, address: str, name: str, role: str, now: datetime) -> Person:
    person = person_of(session, address, "de", now)
    person.name, person.role = name, role
    return person


def _crowd(session: Session, city: City, chance: random.Random, now: datetime) -> list[Person]:
    """Supporters without names; the districts are drawn so that some are small enough to be withheld."""
    weights = [1 / (place + 1) for place in range(len(city.districts))]
    crowd = [Person(email=f"supporter-{number:03d}@{DOMAIN}", language="de", created_at=now, lives_here=True,
                    tells_supported=False,
                    district=chance.choices(city.districts, weights)[0].key if weights else None)
             for number in range(SUPPORTERS)]
    session.add_all(crowd)
    session.flush()
    return crowd


def _author(session: Session, name: str, now: datetime) -> Person:
    number = sum(ord(c) * 31**i for i, c in enumerate(name)) % 100_000
    return _person(session, f"author-{number}@{DOMAIN}", name, "resident", now)


def _idea(session: Session, city: City, entry: dict[str, Any], people: dict[str, Person], crowd: list[Person],
          chance: random.Random, now: datetime) -> None:
    def ago(days: float) -> datetime:
        return now - timedelta(days=days)

    author = _author(session, entry["author"], ago(entry["submitted_days_ago"] + 1))
    draft = ideas.Draft(entry["title"], entry["body"], entry["benefit"], entry["field"], entry.get("district"),
                        entry["language"], Spot(entry.get("place")))
    idea = ideas.submit(session, city, author, draft, ago(entry["submitted_days_ago"]))
    for step in entry.get("step", ()):
        _step(session, city, idea, author, people, step, ago(step["days_ago"]))
        if step["move"] == "publish":
            _support(session, city, idea, entry, crowd, chance, now)
            for comment in entry.get("comment", ()):
                _comment(session, city, idea, comment, None, people, now)


def _step(session: Session, city: City, idea: Idea, author: Person, people: dict[str, Person], step: dict[str, Any],
          at: datetime) -> None:
    move = IDEA.move(step["move"])
    if move.right is None:
        make(session, IDEA, idea, move.key, None, at)
    elif move.by == "author":
        make(session, IDEA, idea, move.key, author, at, waits=ideas.waits(city, idea, at))
    else:
        staff = people["moderator"] if move.right.startswith("moderation:") else people["cdo"]
        words = {key: step[key] for key in ("reason", "statement", "statement_language", "benefit", "who_benefits")
                 if key in step}
        ready = next((answer for answer in city.answers if answer.move == move.key), None)
        if ready is not None and "statement" not in words:  # as the office answers where it has nothing to add
            tag = city.languages[0]
            words |= {"statement_language": tag, "statement": ready.text.in_(tag).format(
                title=idea.title, city=city.name.in_(tag), office=city.contact.office.in_(tag))}
        ideas.decide(session, city, staff, idea, move.key, at, **words)


def _support(session: Session, city: City, idea: Idea, entry: dict[str, Any], crowd: list[Person],
             chance: random.Random, now: datetime) -> None:
    """The supporters of an idea at once, spread over its time; the counts as giving support leaves them."""
    total, local = entry["supporters"], entry["from_city"]
    begun = idea.published_at
    if not total or begun is None:
        return
    until = min(now, begun + timedelta(days=40))
    moments = sorted(begun + (until - begun) * chance.random() for _ in range(total))
    rows = [{"idea_id": idea.id, "person_id": person.id, "at": at, "from_city": place < local,
             "district": person.district if place < local else None}
            for place, (person, at) in enumerate(zip(chance.sample(crowd, total), moments, strict=True))]
    session.execute(insert(Support), rows)
    reached = moments[city.quorum.supporters - 1] if local >= city.quorum.supporters else None
    session.execute(update(Idea).where(Idea.id == idea.id).values(
        supports=total, supports_total=total, supports_city=local, quorum_reached_at=reached))
    session.refresh(idea)
    if reached is not None:
        due = reached + timedelta(days=city.moderation.quorum_days)
        begin(session, IDEA.name, idea.id, replace(ideas.waits(city, idea, reached, due), cause=QUORUM, rank=URGENT),
              reached)


def _comment(session: Session, city: City, idea: Idea, entry: dict[str, Any], answers: Comment | None,
             people: dict[str, Person], now: datetime) -> None:
    at = now - timedelta(days=entry["days_ago"])
    official = entry.get("official", False)
    author = people["moderator"] if official else _author(session, entry["author"], at)
    comment = comments.say(session, city, author, idea, entry["body"], entry["language"],
                           answers.id if answers else None, at)
    comment.official = official
    if entry.get("published", True):
        comments.decide(session, city, people["moderator"], comment, "publish", at)
        each: Iterable[dict[str, Any]] = entry.get("answer", ())
        for answer in each:
            _comment(session, city, idea, answer, comment, people, now)

