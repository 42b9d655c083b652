"""Ideas that are being written: kept as they grow, step by step, before anything is sent.

A draft belongs to a browser, which knows its key, or to a person, who finds it on every device. It is nobody
else's: it has no reference, stands in no list, and nothing is looked for in it.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta

from sqlalchemy import JSON, ForeignKey, String, delete, select, update
from sqlalchemy.orm import Mapped, Session, mapped_column

from participation.city import City
from participation.database import MACHINERY, Base, personal
from participation.ideas.model import Idea
from participation.people.model import Person

LONGEST = 20_000  # characters of all answers, so that nobody fills the table; the form itself carries longer ones


class IdeaDraft(Base):
    """What somebody has written of an idea. Once it is sent, the row says which idea it became and nothing else, so
    that sending it a second time can be told."""

    __tablename__ = "idea_draft"

    id: Mapped[int] = mapped_column(primary_key=True)
    # a secret of the browser that began it
    key: Mapped[str] = mapped_column(String(32), unique=True, info=MACHINERY)
    person_id: Mapped[int | None] = mapped_column(ForeignKey("person.id"), index=True, info=personal(
        "who is writing it", why="to go on writing on another device", keep="the city's days for drafts",
        ends="delete"))
    entered: Mapped[dict[str, str]] = mapped_column(JSON, info=personal(
        "an idea that is not sent yet", why="so that nothing written is lost", keep="the city's days for drafts",
        ends="delete"))
    step: Mapped[str] = mapped_column(String(20), default="")  # the question that the author has come to
    idea_id: Mapped[int | None] = mapped_column(ForeignKey("idea.id", ondelete="CASCADE"), index=True)  # what it became
    changed_at: Mapped[datetime] = mapped_column(index=True)


def kept(session: Session, key: str, person: Person | None) -> IdeaDraft | None:
    """The draft to go on with: this browser's, else the person's newest. None where there is none, where it has been
    sent, or where the key is another person's."""
    draft = _by_key(session, key, person)
    return draft if draft is not None and draft.idea_id is None else _newest(session, person)


def keep(session: Session, key: str, person: Person | None, step: str, entered: Mapping[str, str],
         now: datetime) -> str:
    """Keep what was typed, by the names of the form's fields, and the step to go on at; the draft's key. The time that
    it is kept begins anew. More than LONGEST characters of all answers together are not kept."""
    draft = kept(session, key, person)
    if draft is None:
        draft = IdeaDraft(key=secrets.token_hex(16))
        session.add(draft)
    draft.entered = _bounded(entered)
    draft.step, draft.changed_at = step, now
    if person is not None:
        draft.person_id = person.id
    return draft.key


def adopt(session: Session, key: str, person: Person) -> None:
    """Somebody has signed in: what this browser kept is theirs from now on."""
    session.execute(update(IdeaDraft).where(IdeaDraft.key == key, IdeaDraft.person_id.is_(None))
                    .values(person_id=person.id))


def begin_sending(session: Session, key: str, person: Person) -> Idea | None:
    """Nobody else can send this draft until the transaction ends; the idea that it has already become, if it has."""
    draft = _by_key(session, key, person, lock=True)
    return session.get(Idea, draft.idea_id) if draft is not None and draft.idea_id is not None else None


def sent(session: Session, key: str, person: Person, idea: Idea) -> None:
    """The draft has become this idea: its own copy of the text goes."""
    draft = _by_key(session, key, person)
    if draft is not None:
        draft.idea_id, draft.person_id, draft.entered = idea.id, person.id, {}


def forget(session: Session, key: str, person: Person | None) -> None:
    """Throw the draft away that `kept` would give. Doing so again, when there is none, is no trouble."""
    draft = kept(session, key, person)
    if draft is not None:
        session.delete(draft)


def sweep(session: Session, city: City, now: datetime) -> None:
    """Delete drafts that nobody went on with within the city's days."""
    session.execute(delete(IdeaDraft).where(IdeaDraft.changed_at < now - timedelta(days=city.deadlines.draft_days)))


def _bounded(entered: Mapping[str, str]) -> dict[str, str]:
    """The answers, the short ones first, so that a long text costs none of them."""
    kept, room = {}, LONGEST
    for name, text in sorted(entered.items(), key=lambda item: len(item[1])):
        if text := text[:room]:
            kept[name], room = text, room - len(text)
    return kept


def _by_key(session: Session, key: str, person: Person | None, lock: bool = False) -> IdeaDraft | None:
    if not key:
        return None
    query = select(IdeaDraft).where(IdeaDraft.key == key)
    draft = session.scalar(query.with_for_update() if lock else query)
    mine = draft is not None and draft.person_id in (None, person.id if person else None)
    return draft if mine else None


def _newest(session: Session, person: Person | None) -> IdeaDraft | None:
    if person is None:
        return None
    return session.scalar(select(IdeaDraft).where(IdeaDraft.person_id == person.id, IdeaDraft.idea_id.is_(None))
                          .order_by(IdeaDraft.changed_at.desc(), IdeaDraft.id.desc()).limit(1))
