"""What is done to an idea: drafted, submitted, changed, withdrawn, published, accepted."""

import secrets
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from participation import secret_links
from participation.city import City
from participation.database import touched
from participation.errors import Conflict, Invalid, NotAllowed, NotThere, length_problem, refuse
from participation.ideas.journey import IDEA
from participation.ideas.model import Acceptance, Idea, IdeaStep, IdeaVersion, RefCounter
from participation.ideas.search import reindex
from participation.ideas.spots import checked, district_of
from participation.journey import make
from participation.outbox import happened
from participation.people.model import Person
from participation.people.rights import Right, may, refuse_blocked
from participation.places import NOWHERE, Spot
from participation.text import fold, one_line, plain
from participation.waiting import Waiting, Waits


@dataclass(frozen=True, slots=True)
class Draft:
    """What a person wants to propose, as they entered it."""

    title: str
    body: str
    benefit: str
    field: str
    district: str | None
    language: str
    spot: Spot = NOWHERE

    def cleaned(self, city: City) -> "Draft":
        """The same, cleaned and checked against the city's limits. Raises Invalid for everything that
        is wrong; fields are named as on the form. A district left open follows from the place."""
        limits = city.limits
        title, body, benefit = one_line(self.title), plain(self.body), plain(self.benefit)
        problems = [problem for problem in (
            length_problem("title", title, limits.title_min, limits.title_max),
            length_problem("body", body, limits.body_min, limits.body_max),
            length_problem("benefit", benefit, limits.benefit_min, limits.benefit_max),
            None if city.field(self.field) else Invalid("field", "not_offered" if self.field else "required"),
            None if not self.district or city.district(self.district) else Invalid("district", "not_offered"),
            None if self.language in city.content_languages else Invalid("idea_language", "not_offered"),
        ) if problem]
        spot, wrong = checked(city, self.spot)
        refuse(problems + wrong)
        return Draft(title, body, benefit, self.field, self.district or district_of(city, spot), self.language,
                     spot)

    def columns(self) -> dict[str, Any]:
        """The idea's columns for this text, with the folded text that search reads."""
        return {"title": self.title, "body": self.body, "benefit": self.benefit, "field": self.field,
                "district": self.district, "language": self.language, **asdict(self.spot),
                "folded": fold("\n".join((self.title, self.body, self.benefit)))}


def keep_draft(session: Session, city: City, draft: Draft, now: datetime) -> Idea:
    """Keep an idea of somebody who has not signed in yet; nobody's until it is submitted."""
    draft = draft.cleaned(city)
    idea = Idea(created_at=now, link_salt=secrets.token_hex(16), **draft.columns())
    session.add(idea)
    session.flush()
    session.add(version(idea, draft, now))
    return idea


def submit(session: Session, city: City, author: Person, draft: Draft, now: datetime) -> Idea:
    """Propose an idea: it waits for moderation from now on, and its receipt follows."""
    return submit_draft(session, city, author, keep_draft(session, city, draft, now).id, now)


def submit_draft(session: Session, city: City, author: Person, idea_id: int, now: datetime) -> Idea:
    """Submit what was kept before signing in. Raises NotThere when it is gone or somebody's already."""
    if not (answer := may(author, Right.IDEA_PROPOSE)):
        raise NotAllowed(answer.why)
    refuse_blocked(author, now)
    claimed = session.execute(
        update(Idea).where(Idea.id == idea_id, Idea.author_id.is_(None), Idea.ref.is_(None))
        .values(author_id=author.id)
    )
    if not touched(claimed):
        raise NotThere("unknown_idea")
    idea = session.get_one(Idea, idea_id, populate_existing=True)
    [ref] = new_refs(session, city, now, 1)
    make(session, IDEA, idea, "submit", author, now, ref=ref, submitted_at=now, waits=waits(city, idea, now))
    return idea


def waits(city: City, idea: Idea, now: datetime, due: datetime | None = None) -> Waits:
    """How an idea, or something about it, waits for moderation from now on."""
    return Waits(due or city.decide_by(now), idea.id, idea.field, idea.district, idea.language)


def change(session: Session, city: City, author: Person, idea: Idea, draft: Draft, now: datetime) -> Idea:
    """The author changes an idea that is not decided; a returned or rejected one is sent in again by that.

    Raises NotAllowed for another's idea and Conflict when it was decided meanwhile.
    """
    if not (answer := may(author, Right.IDEA_CHANGE, idea)):
        raise NotAllowed(answer.why)
    refuse_blocked(author, now)
    draft = draft.cleaned(city)
    standing = idea.state
    if not IDEA.state(standing).author_changes:
        raise Conflict("decided_meanwhile")
    changed = session.execute(
        update(Idea).where(Idea.id == idea.id, Idea.state == standing, Idea.version == idea.version)
        .values(version=Idea.version + 1, masked=False, **draft.columns()).execution_options(synchronize_session=False)
    )
    if not touched(changed):
        raise Conflict("decided_meanwhile")
    session.refresh(idea)
    reindex(session, idea)
    session.add(version(idea, draft, now))
    if standing in IDEA.move("submit").come_from:
        make(session, IDEA, idea, "submit", author, now, waits=waits(city, idea, now))
    else:
        session.execute(update(Waiting).where(Waiting.kind == IDEA.name, Waiting.thing_id == idea.id)
                        .values(field=idea.field, district=idea.district, language=idea.language))
        happened(session, "idea.changed", now, idea_id=idea.id)
    return idea


def withdraw(session: Session, author: Person, idea: Idea, now: datetime) -> None:
    """The author takes the idea back. Raises NotAllowed or Conflict as `make` does."""
    make(session, IDEA, idea, "withdraw", author, now)


def decide(session: Session, city: City, by: Person, idea: Idea, key: str, now: datetime, *, reason: str = "",
           statement: str = "", statement_language: str = "", benefit: str = "", who_benefits: str = "",
           hold: timedelta = timedelta(0), given: frozenset[str] = frozenset(), **values: Any) -> IdeaStep:
    """Staff move an idea on. Publishing starts the quorum's clock; accepting keeps the benefit and evidence.
    `hold`, `given` and `values` are handed on to `make`.

    Raises what `make` raises, and Invalid for a reason that the city does not know or a text too long.
    """
    statement, benefit, who_benefits = plain(statement), plain(benefit), plain(who_benefits)
    check_words(city, reason, statement=statement, benefit=benefit, who_benefits=who_benefits)
    if IDEA.move(key).to == IDEA.move("publish").to and idea.published_at is None:
        values |= {"published_at": now, "quorum_until": now + timedelta(days=city.quorum.days)}
    given |= {name for name, text in (("benefit", benefit), ("who_benefits", who_benefits)) if text}
    step: IdeaStep = make(session, IDEA, idea, key, by, now, reason=reason, statement=statement, hold=hold,
                          statement_language=statement_language, given=given, **values)
    if key == "accept":
        session.add(Acceptance(step_id=step.id, idea_id=idea.id, guideline=city.guideline, benefit=benefit,
                               who_benefits=who_benefits, supporters=idea.supports,
                               supporters_city=idea.supports_city, comments=idea.comments))
    return step


def check_words(city: City, reason: str, **texts: str) -> None:
    """Raises Invalid for a reason that the city does not know, and for every text that is too long."""
    most = city.limits.statement_max
    problems = [Invalid(name, "too_long", limit=most, length=len(text))
                for name, text in texts.items() if len(text) > most]
    if reason and city.reason(reason) is None:
        problems.insert(0, Invalid("reason", "not_offered"))
    refuse(problems)


def new_refs(session: Session, city: City, now: datetime, count: int) -> list[str]:
    """That many new references of this year, as ABC-2026-00042, in order and never given twice."""
    raised = (update(RefCounter).where(RefCounter.year == now.year).values(last=RefCounter.last + count)
              .returning(RefCounter.last))
    last = session.scalar(raised)
    if last is None:
        try:
            with session.begin_nested():
                session.add(RefCounter(year=now.year, last=count))
            last = count
        except IntegrityError:  # the year's first idea came from two people at once
            last = session.scalars(raised).one()
    return [f"{city.ref_prefix}-{now.year}-{number:05d}" for number in range(last - count + 1, last + 1)]


def follow_token(idea: Idea, secret: str) -> str:
    """The secret of the link in an idea's receipt."""
    return secret_links.token("follow", idea.id, idea.link_salt, secret)


def followed(session: Session, token: str, secret: str) -> Idea:
    """The idea that a secret link opens; raises NotThere for a wrong one."""
    idea = session.get(Idea, secret_links.number_of(token))
    if idea is None or not secret_links.opens(token, "follow", idea.id, idea.link_salt, secret):
        raise NotThere("unknown_idea")
    return idea


def sweep_drafts(session: Session, city: City, now: datetime) -> None:
    """Delete drafts that nobody claimed within the city's days."""
    old = now - timedelta(days=city.deadlines.draft_days)
    session.execute(delete(Idea).where(Idea.author_id.is_(None), Idea.ref.is_(None), Idea.created_at < old))


def idea_by_ref(session: Session, ref: str) -> Idea:
    """The idea with that reference; raises NotThere."""
    idea = session.scalar(select(Idea).where(Idea.ref == ref))
    if idea is None:
        raise NotThere("unknown_idea")
    return idea


def version(idea: Idea, draft: Draft, now: datetime, cause: str = "author") -> IdeaVersion:
    """The row that keeps an idea's present text."""
    return IdeaVersion(idea_id=idea.id, number=idea.version or 1, title=draft.title, body=draft.body,
                       benefit=draft.benefit, language=draft.language, field=draft.field,
                       district=draft.district, **asdict(draft.spot), at=now, cause=cause)
