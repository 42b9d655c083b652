"""What a record belongs to: guidelines, needs, cross-cutting themes and goals of the city file."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from participation.assessment.model import Tag
from participation.assessment.working import act
from participation.city import City
from participation.city_file import Text
from participation.errors import Invalid, NotAllowed
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.pool.model import Item

Named = tuple[str, str]  # kind and key


@dataclass(frozen=True, slots=True)
class Group:
    """Tags of one kind that stand together; needs stand by their field of action, which `name` names then."""

    kind: str
    name: Text | None
    tags: tuple[tuple[str, Text], ...]  # key, name


def offered(city: City, field: str = "") -> tuple[Group, ...]:
    """Every tag of the city in its groups, without empty ones; the needs of that field of action first."""
    by_field = sorted(city.fields, key=lambda each: each.key != field)
    groups = (Group("guideline", None, tuple((each.key, each.name) for each in city.guidelines)),
              *(Group("need", each.name, tuple((need.key, need.name) for need in each.needs)) for each in by_field),
              Group("theme", None, tuple((each.key, each.name) for each in city.themes)),
              Group("goal", None, tuple((each.key, each.name) for each in city.goals)))
    return tuple(group for group in groups if group.tags)


def names(city: City) -> dict[Named, Text]:
    """The name of each tag of the city."""
    return {(group.kind, key): name for group in offered(city) for key, name in group.tags}


def tag(session: Session, city: City, officer: Person, item: Item, chosen: Iterable[Named], now: datetime) -> None:
    """These are the record's tags from now on; those that the city no longer offers stay. Raises NotAllowed, and
    Invalid for a tag that the city does not offer."""
    if not (answer := may(officer, Right.RECORD_WORK)):
        raise NotAllowed(answer.why)
    known, wanted = names(city).keys(), set(chosen)
    if not wanted <= known:
        raise Invalid("tags", "not_offered")
    session.refresh(item, with_for_update=True)  # two who tag at once take turns
    here = set(of_each(session, [item.id]).get(item.id, ())) & known
    added, taken = sorted(wanted - here), sorted(here - wanted)
    for kind, key in taken:
        session.execute(delete(Tag).where(Tag.item_id == item.id, Tag.kind == kind, Tag.key == key))
    session.add_all(Tag(item_id=item.id, kind=kind, key=key) for kind, key in added)
    if added or taken:
        act(session, item, officer, "tagged", now, added=[list(each) for each in added],
            taken=[list(each) for each in taken])


def of_each(session: Session, item_ids: Sequence[int]) -> dict[int, tuple[Named, ...]]:
    """The tags of each record that has any."""
    found: dict[int, tuple[Named, ...]] = {}
    for row in session.execute(select(Tag.item_id, Tag.kind, Tag.key).where(Tag.item_id.in_(item_ids))
                               .order_by(Tag.item_id, Tag.kind, Tag.key)):
        found[row.item_id] = (*found.get(row.item_id, ()), (row.kind, row.key))
    return found
