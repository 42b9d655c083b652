"""What staff do to an idea's text, each as a version of its own: correct it, mask a part, enter one for somebody;
and the changes that authors propose for what is published already."""

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from participation.city import City
from participation.database import touched
from participation.errors import Conflict, Invalid, NotAllowed, refuse
from participation.ideas.actions import Draft, check_words, new_refs, version, waits
from participation.ideas.journey import EDIT, IDEA
from participation.ideas.model import Idea, IdeaEdit, IdeaEditStep
from participation.ideas.search import reindex
from participation.journey import make
from participation.outbox import happened
from participation.people.model import Person
from participation.people.rights import Right, may, refuse_blocked
from participation.places import Spot
from participation.text import mask, one_line, plain
from participation.waiting import Waiting

ORIGINS = ("letter", "call", "workshop")
NAME_MAX = 80
COLUMNS = ("title", "body", "benefit", "field", "district", "language", "place", "latitude", "longitude")


def draft_of(idea: Idea) -> Draft:
    """An idea's present text as a draft."""
    return draft_from({name: getattr(idea, name) for name in COLUMNS})


def draft_from(kept: Mapping[str, Any]) -> Draft:
    """A draft from what was kept of an idea under the names of COLUMNS; what was not kept yet then is empty."""
    return Draft(**{name: kept[name] for name in COLUMNS[:6]}, spot=Spot(*(kept.get(name) for name in COLUMNS[6:])))


def correct(session: Session, city: City, by: Person, idea: Idea, now: datetime, *, field: str, district: str | None,
            language: str) -> bool:
    """Staff correct where an idea belongs; says whether anything was different. Raises Invalid for what the city
    does not have and NotAllowed."""
    if not (answer := may(by, Right.ENTRY_DECIDE)):
        raise NotAllowed(answer.why)
    if city.field(field) is None:
        raise Invalid("field", "not_offered")
    if district and city.district(district) is None:
        raise Invalid("district", "not_offered")
    if language not in city.content_languages:
        raise Invalid("language", "not_offered")
    draft = replace(draft_of(idea), field=field, district=district or None, language=language)
    if draft == draft_of(idea):
        return False
    _replace(session, idea, draft, now, "correction", masked=idea.masked)
    return True


def mask_idea(session: Session, by: Person, idea: Idea, passages: Sequence[str], now: datetime) -> None:
    """Make passages unreadable wherever they stand in an idea, and take the point off the map: it may show where
    somebody lives. A place by its name stays. Raises Invalid("mask") for a passage that the idea lacks."""
    if not (answer := may(by, Right.ENTRY_DECIDE)):
        raise NotAllowed(answer.why)
    title, body, benefit = mask((idea.title, idea.body, idea.benefit), passages)
    before = draft_of(idea)
    _replace(session, idea, replace(before, title=title[:300], body=body, benefit=benefit,
                                    spot=Spot(before.spot.place)), now, "mask", masked=True)


def enter(session: Session, city: City, by: Person, draft: Draft, now: datetime, *, origin: str, consent: bool,
          name: str = "") -> Idea:
    """Staff enter an idea for somebody without an account; it then waits like every other. `name` is shown beside
    it, as its author agreed. Raises Invalid for everything that is wrong at once: what `Draft` raises, an unknown
    origin, a name too long, no consent."""
    if not (answer := may(by, Right.IDEA_ENTER)):
        raise NotAllowed(answer.why)
    name = one_line(name)
    problems: list[Invalid] = []
    try:
        draft = draft.cleaned(city)
    except Invalid as trouble:
        problems += trouble.all
    if origin not in ORIGINS:
        problems.append(Invalid("origin", "not_offered" if origin else "required"))
    if len(name) > NAME_MAX:
        problems.append(Invalid("name", "too_long", limit=NAME_MAX, length=len(name)))
    if not consent:
        problems.append(Invalid("consent", "consent_missing"))
    refuse(problems)
    [ref] = new_refs(session, city, now, 1)
    idea = Idea(ref=ref, created_at=now, submitted_at=now, origin=origin, author_name=name, entered_by_id=by.id,
                link_salt=secrets.token_hex(16), **draft.columns())
    session.add(idea)
    session.flush()
    session.add(version(idea, draft, now))
    make(session, IDEA, idea, "enter", by, now, waits=waits(city, idea, now))
    return idea


def propose_edit(session: Session, city: City, author: Person, idea: Idea, draft: Draft, now: datetime) -> IdeaEdit:
    """The author of a published idea proposes a new text; it waits for moderation, the old one stays. A proposal
    of theirs that still waits is replaced. Raises Conflict where the idea cannot be edited any more."""
    if not (answer := may(author, Right.IDEA_CHANGE, idea)):
        raise NotAllowed(answer.why)
    refuse_blocked(author, now)
    if not IDEA.state(idea.state).gathers:
        raise Conflict("decided_meanwhile")
    draft = draft.cleaned(city)
    waiting = waiting_edit(session, idea.id)
    if waiting is not None:
        make(session, EDIT, waiting, "withdraw", author, now)
    edit = IdeaEdit(idea_id=idea.id, author_id=author.id, title=draft.title, body=draft.body, benefit=draft.benefit,
                    language=draft.language, base=idea.version, created_at=now)
    session.add(edit)
    session.flush()
    make(session, EDIT, edit, "submit", author, now, waits=waits(city, idea, now))
    return edit


def waiting_edit(session: Session, idea_id: int) -> IdeaEdit | None:
    """The change of an idea that waits for moderation, if any."""
    return session.scalar(select(IdeaEdit).where(IdeaEdit.idea_id == idea_id,
                                                 IdeaEdit.state.in_(EDIT.keys(waits_for="moderation"))))


def decide_edit(session: Session, city: City, by: Person, edit: IdeaEdit, key: str, now: datetime, *, reason: str = "",
                statement: str = "", statement_language: str = "", hold: timedelta = timedelta(0)) -> IdeaEditStep:
    """Staff apply or refuse a proposed change. Raises Conflict when the idea's text is another than the author
    changed, or when it cannot be edited any more."""
    statement = plain(statement)
    check_words(city, reason, statement=statement)
    idea = session.get_one(Idea, edit.idea_id, with_for_update=True, populate_existing=True)
    if key == "apply":
        if idea.version != edit.base:
            raise Conflict("text_changed")
        if not IDEA.state(idea.state).gathers:
            raise Conflict("decided_meanwhile")
    step: IdeaEditStep = make(session, EDIT, edit, key, by, now, reason=reason, statement=statement, hold=hold,
                              statement_language=statement_language)
    if key == "apply":
        draft = replace(draft_of(idea), title=edit.title, body=edit.body, benefit=edit.benefit, language=edit.language)
        _replace(session, idea, draft, now, "edit", masked=False)
    return step


def bring_back(session: Session, idea: Idea, draft: Draft, masked: bool, now: datetime) -> None:
    """Set an idea's text back to what it was before a decision that is undone."""
    if draft_of(idea) != draft or idea.masked != masked:
        _replace(session, idea, draft, now, "undo", masked=masked)


def _replace(session: Session, idea: Idea, draft: Draft, now: datetime, cause: str, *, masked: bool) -> None:
    changed = session.execute(
        update(Idea).where(Idea.id == idea.id, Idea.version == idea.version)
        .values(version=Idea.version + 1, masked=masked, **draft.columns())
        .execution_options(synchronize_session=False))
    if not touched(changed):
        raise Conflict("text_changed")
    session.refresh(idea)
    reindex(session, idea)
    session.add(version(idea, draft, now, cause))
    session.execute(update(Waiting).where(Waiting.idea_id == idea.id)
                    .values(field=idea.field, district=idea.district))
    happened(session, "idea.changed", now, idea_id=idea.id)
