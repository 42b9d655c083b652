"""What there is to see: the demo city, and beside it what is long, hostile, in another direction or in a rare state.

Everything goes through the same actions as everybody's.
"""

import json
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import select
from sqlalchemy.orm import Session

from moderation import appeals, bulk, reports
from moderation.decisions import decide
from moderation.entries import Entered, entry
from moderation.model import Decision
from participation import demo, demo_office, feedback
from participation.assessment.model import Milestone, Project
from participation.city import City
from participation.comments import actions as comments
from participation.comments.model import Comment
from participation.database import now
from participation.ideas import actions as ideas
from participation.ideas import revising
from participation.ideas.actions import Draft
from participation.ideas.model import Idea
from participation.jobs import House
from participation.notices import following
from participation.notices.model import Notice
from participation.people import tokens
from participation.people.model import Person
from participation.people.signing_in import link_token, person_of
from participation.pool.model import Item
from participation.translating import offers
from participation.translating.things import IDEA, into, thing
from participation.web.door import Door
from tests.working import work_off

LONG = "Donaudampfschifffahrtsgesellschaftskapitänsmützenabzeichenverleihungsfeierlichkeit"
ARABIC = "ظل لمحطة الحافلات Münsterplatz (خط 6)، قرب Café Ω!"
BOTH_WAYS = "نادية (Mainz-Neustadt) <b>"
WORDS = "Dort stehen die Menschen im Sommer in der prallen Sonne, und im Winter zieht es durch."
WHO = {"resident": "Rosa Resident", "moderator": "Mo Moderator", "cdo": "Chris vom CDO-Büro", "admin": "Ada Admin",
       "new": "", "second": BOTH_WAYS}


def people(app: Flask) -> dict[str, Person]:
    """Whoever comes signed in; "new" has done nothing yet, "second" is a moderator with a name in two directions."""
    made_of: Door = app.extensions["door"]
    with made_of.database.change() as session:
        found = {}
        for who, name in WHO.items():
            found[who] = person_of(session, demo.address_of(who), "de", now())
            found[who].name = name
            found[who].role = {"new": "resident", "second": "moderator"}.get(who, who)
        session.flush()
        return found


@dataclass(frozen=True, slots=True)
class _Making:
    """What the parts of the world are made with."""

    session: Session
    city: City
    at: datetime
    secret: str

    def person(self, who: str) -> Person:
        return person_of(self.session, demo.address_of(who), "de", self.at)

    def idea(self, author: str, title: str, body: str = WORDS, language: str = "de", days: float = 3) -> Idea:
        draft = Draft(title[:self.city.limits.title_max], body, body[:self.city.limits.benefit_max],
                      self.city.fields[0].key, self.city.districts[1].key, language)
        return ideas.submit(self.session, self.city, self.person(author), draft, self.at - timedelta(days=days))

    def say(self, author: str, idea: Idea, body: str, language: str = "de", answers: int | None = None,
            public: bool = True) -> Comment:
        at = self.at - timedelta(days=1)
        said = comments.say(self.session, self.city, self.person(author), idea, body, language, answers, at)
        if public:
            comments.decide(self.session, self.city, self.person("admin"), said, "publish", at)
        return said

    def move(self, idea: Idea, key: str, **words: Any) -> None:
        ideas.decide(self.session, self.city, self.person("admin"), idea, key, self.at - timedelta(days=2), **words)

    def decided(self, kind: str, key: str, **entered: Any) -> Decision:
        admin = self.person("admin")
        made = decide(self.session, self.city, admin, entry(self.session, admin, kind, key), Entered(**entered),
                      self.at - timedelta(hours=1))
        assert isinstance(made, Decision)
        return made


def fill(app: Flask, shared: Path) -> dict[str, Any]:
    """Fill a site that only has its people; what there is to see, by the names that scenes use."""
    made_of: Door = app.extensions["door"]
    with made_of.database.change() as session:
        demo.fill(session, made_of.city, now())
        demo_office.fill(session, House(made_of.settings, made_of.city, now()))
    work_off(app)
    with made_of.database.change() as session:
        make = _Making(session, made_of.city, now(), made_of.settings.secret_key)
        names = _hostile(make, shared) | _own(make) | _moderated(make)
    work_off(app)
    with made_of.database.change() as session:
        make = _Making(session, made_of.city, now(), made_of.settings.secret_key)
        names |= _waiting(make) | _secret(make) | _office(make)
        for name, state in (("open", "published"), ("done", "done"), ("declined", "declined")):
            names[name] = session.scalars(select(Idea.ref).where(Idea.state == state, Idea.source.is_(None)).order_by(
                Idea.comments.desc())).first()
        names["titles"] = (*session.scalars(select(Idea.title)), *session.scalars(select(Project.title)))
        names["rush"] = session.scalars(select(Idea.ref).where(Idea.quorum_reached_at.is_not(None))).first()
    work_off(app)
    names["letter"] = sorted(Path(made_of.settings.mail_url.removeprefix("file://")).glob("*.eml"))[-1].name
    return names


def _hostile(make: _Making, shared: Path) -> dict[str, Any]:
    """Texts that break pages: without a place to break a line, in two directions, in strange letters, as long as
    allowed."""
    strange = [json.loads(line)["text"] for line in (shared / "hostile_strings.jsonl").read_text().splitlines()]
    strange_body = "\n\n".join(text for text in strange if 2 < len(text) < 400)[:3500]
    found: dict[str, Any] = {}
    for name, author, title, body, language in (
            ("hostile", "second", f"<b>{LONG}</b> {BOTH_WAYS} \"'&amp;", f"{LONG * 5}\n\n{strange_body}", "de"),
            ("arabic", "second", ARABIC, f"{ARABIC} https://example.org/{'x' * 90} — {ARABIC}\n\n{WORDS}", "ar")):
        idea = make.idea(author, title, body, language)
        make.move(idea, "publish")
        first = make.say("second", idea, f"{LONG * 3} {ARABIC} https://example.org/{'a' * 150}", language)
        deep = first.id
        for text in (ARABIC, LONG * 2, "😀👩‍👩‍👧‍👦 " * 40, WORDS):
            deep = make.say("resident", idea, text, language, deep).id
        found |= {name: idea.ref, f"{name}_comment": deep}
    accepted = make.idea("second", f"{LONG} {ARABIC}", LONG * 20)
    make.move(accepted, "publish")
    make.move(accepted, "accept", benefit=LONG * 4, who_benefits=ARABIC, statement=LONG * 4, statement_language="de")
    double = make.idea("new", f"Noch einmal: {LONG}")
    make.move(double, "publish")
    make.decided("idea", double.ref or "", move="merge", target=found["hostile"], statement=WORDS,
                 statement_language="de")
    return {**found, "record_long": accepted.ref, "merged": double.ref}


def _own(make: _Making) -> dict[str, Any]:
    """The resident's own ideas and comments, in every state in which they have something to do."""
    waits, back, open_ = (make.idea("resident", f"Eine Bank am Rheinufer, {place}") for place in
                          ("Höhe Kaisertor", "Höhe Winterhafen", "Höhe Zollhafen"))
    make.move(back, "return", statement=f"{WORDS} {LONG}", statement_language="de")
    make.move(open_, "publish")
    edit = revising.propose_edit(make.session, make.city, make.person("resident"), open_, Draft(
        open_.title, f"{WORDS} Zwei Bänke wären noch besser.", WORDS, open_.field, open_.district, "de"), make.at)
    said = make.say("resident", open_, "Ich komme dort jeden Tag vorbei.", public=False)
    returned = make.say("resident", open_, "Das sehe ich auch so, und zwar schon lange.", public=False)
    comments.decide(make.session, make.city, make.person("admin"), returned, "return", make.at,
                    statement="Bitte schreiben Sie, was Sie meinen.", statement_language="de")
    token = {name: ideas.follow_token(idea, make.secret) for name, idea in
             (("waits", waits), ("back", back), ("public", open_))}
    return {"mine": waits.ref, "mine_token": token["waits"], "returned_token": token["back"], "mine_public": open_.ref,
            "public_token": token["public"], "said": said.id, "said_back": returned.id, "edit": edit.id}


def _moderated(make: _Making) -> dict[str, Any]:
    """Decisions that can be appealed, an appeal, reports."""
    refused = [make.idea("resident", f"Kostenlose Autos für alle, Teil {part}") for part in (1, 2)]
    decisions = [make.decided("idea", idea.ref or "", move="reject", reason="outside-remit", statement=WORDS,
                              statement_language="de") for idea in refused]
    appeal = appeals.file(make.session, make.city, make.person("resident"), decisions[1],
                          f"Das sehe ich anders. {LONG}", "de", make.at)
    open_ = make.session.scalars(select(Idea).where(Idea.state == "published").limit(1)).one()
    report = reports.file(make.session, make.city, open_, None, make.at, category="advertising", language="de",
                          body=f"Das ist Werbung: {LONG}", email="reporter@example.org")
    volunteer, of = make.person("volunteer"), thing(make.session, IDEA, open_.id)
    tag = next(tag for tag in ("fr", "it") if tag in into(make.city, of))
    offers.give(make.session, make.city, volunteer, of, tag, dict.fromkeys(of.texts, f"{ARABIC} {LONG}"[:100]), make.at)
    offer = offers.own(make.session, volunteer, of, tag)
    assert offer is not None
    feedback.give(make.session, make.city, body=f"{ARABIC} {LONG}", page=f"/de/ideas/{open_.ref}",
                  email="reporter@example.org", language="de", now=make.at)
    return {"offer": offer.id, "statement": appeals.token(decisions[0], make.secret),
            "appealed": appeals.token(decisions[1], make.secret),
            "appeal": appeal.id, "report": report.case_id, "receipt": reports.token(report, make.secret)}


def _waiting(make: _Making) -> dict[str, Any]:
    """What waits for a moderator, and a decision for many that is under way."""
    waits = make.idea("second", f"{LONG} {ARABIC}"[:120], f"{LONG * 9} {ARABIC} max@example.org 06131 123456")
    open_ = make.session.scalars(select(Idea).where(Idea.state == "published").limit(1)).one()
    said = make.say("second", open_, f"{ARABIC} {LONG}", public=False)
    moderator = make.person("moderator")
    many = [make.idea("new", f"Mehr Fahrradbügel in der Straße {number}") for number in range(3)]
    entries = bulk.chosen(make.session, make.city, moderator, [f"idea.{idea.ref}" for idea in many])
    running = bulk.begin(make.session, make.city, moderator, entries, Entered("publish"), [1, 1, 1], make.at)
    return {"waiting": waits.ref, "comment": said.id, "bulk": running.id}


def _secret(make: _Making) -> dict[str, Any]:
    """Links from letters, and a program's token."""
    letter = make.session.scalars(select(Notice).where(Notice.letter.in_(following.ENDABLE)).limit(1)).one()
    token, _ = tokens.issue(make.session, make.person("admin"), LONG[:tokens.NAME_MAX], list(tokens.SCOPES), make.at)
    return {"unfollow": following.token(letter, make.secret), "token": token.id,
            "link": link_token(make.session, demo.address_of("new"), make.secret, make.at)}


def _office(make: _Making) -> dict[str, Any]:
    """Records of the pool: one of a project, one that has not been looked at."""
    in_project = make.session.scalars(select(Item).where(Item.project_id.is_not(None)).order_by(Item.id)).first()
    fresh = make.session.scalars(select(Item).where(Item.project_id.is_(None), Item.stage == "received")).first()
    assert in_project is not None and fresh is not None
    milestone = make.session.scalars(select(Milestone.id).where(
        Milestone.project_id == in_project.project_id)).first()
    rated = make.session.scalars(select(Item.ref).where(Item.score.is_not(None)).order_by(Item.id)).first()
    unrated = make.session.scalars(select(Item.ref).where(Item.score.is_(None), Item.stage == "check_passed")).first()
    return {"record": in_project.ref, "rated": rated, "unrated": unrated, "fresh": fresh.ref,
            "project": in_project.project_id, "milestone": milestone}
