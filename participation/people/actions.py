"""What is done to a person's own entry: settings they choose, the role an operator gives."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from participation.city import City
from participation.errors import Conflict, Invalid, NotThere
from participation.people.model import RHYTHMS, Person
from participation.people.rights import ROLES
from participation.people.signing_in import address
from participation.text import one_line

NAME_MAX = 80


def settle(session: Session, city: City, person: Person, *, name: str, language: str,
           lives_here: bool, district: str | None, tells_supported: bool, digest: str) -> None:
    """Keep what a person says about themselves. Raises Invalid for what the city does not offer."""
    name = one_line(name)
    if len(name) > NAME_MAX:
        raise Invalid("name", "too_long", limit=NAME_MAX)
    if language not in city.languages:
        raise Invalid("language", "not_offered")
    if district and city.district(district) is None:
        raise Invalid("district", "not_offered")
    choose_rhythm(session, person.id, digest)
    mine = session.get_one(Person, person.id)
    mine.name, mine.language, mine.tells_supported = name, language, tells_supported
    mine.lives_here, mine.district = lives_here, (district or None) if lives_here else None


def choose_rhythm(session: Session, person_id: int, digest: str) -> None:
    """Keep how often a person wants e-mails about ideas they support or follow, one of RHYTHMS. Raises Invalid."""
    if digest not in RHYTHMS:
        raise Invalid("digest", "not_offered")
    session.get_one(Person, person_id).digest = digest


def sign_out_everywhere(session: Session, person: Person) -> None:
    """End every session of this person on every device."""
    mine = session.get_one(Person, person.id)
    mine.epoch = Person.epoch + 1


def limit(session: Session, city: City, email: str, fields: Sequence[str], districts: Sequence[str]) -> None:
    """An operator limits a moderator to fields of action and districts; empty means all. Raises NotThere for an
    unknown address and Invalid, naming what the city has, for one that it does not."""
    person = session.scalar(select(Person).where(Person.email == address(email)))
    if person is None:
        raise NotThere("unknown_person", email=email)
    for name, chosen, known in (("field", fields, [each.key for each in city.fields]),
                                ("district", districts, [each.key for each in city.districts])):
        for key in chosen:
            if key not in known:
                raise Invalid(name, "unknown_key", key=key, offered=", ".join(known))
    person.fields, person.districts = " ".join(fields), " ".join(districts)


def add_person(session: Session, email: str, name: str, role: str, now: datetime) -> Person:
    """An operator adds somebody. Raises Invalid for an unknown role, Conflict for a known address."""
    if role not in ROLES:
        raise Invalid("role", "not_offered", offered=", ".join(ROLES))
    email = address(email)
    if session.scalar(select(Person.id).where(Person.email == email)) is not None:
        raise Conflict("known_person", email=email)
    person = Person(email=email, name=one_line(name)[:NAME_MAX], role=role, created_at=now)
    session.add(person)
    session.flush()
    return person
