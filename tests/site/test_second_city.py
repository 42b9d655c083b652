"""Another city's file shows another city: no page, letter, feed or export of it has a trace of the first."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

import wsgi
from moderation import appeals, reports
from moderation.decisions import decide
from moderation.entries import Entered, entry
from moderation.model import Decision
from participation import demo, demo_office
from participation.assessment import projects
from participation.assessment.projects import Plan
from participation.city import City, read_city
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas.model import Idea
from participation.jobs import House
from participation.notices import following
from participation.notices.model import Notice
from participation.people.model import Person
from participation.people.signing_in import link_token
from participation.pool.model import Item
from participation.settings import HOUSE, Settings
from participation.web.limits import limiter
from tests.commanding import commanding
from tests.house.test_routes import address, routes
from tests.making import staff
from tests.people import Guest, Mailbox
from tests.working import InHouse, work_off

FIRST = read_city(HOUSE / "cities" / "mainz.toml")
# Its name in any spelling, its colours, its number's letters, its districts (those that are no word of every city).
TRACES = re.compile("|".join((
    "mainz", "mayence", "magonza", "moguncj", "майнц", "ماينتس", "gutenberg", FIRST.accent, FIRST.accent_dark,
    r"\bMZ-\d", r"\bcdo\b(?!@)", "leuchtturm", "schnellboot", "digitalisierungsstrateg",
    *(each.name for each in FIRST.districts if each.name not in ("Altstadt", "Neustadt", "Oberstadt")))), re.I)


@pytest.fixture
def second() -> City:
    """Neuenfurt."""
    return read_city(Path(__file__).parent.parent / "cities" / "neuenfurt.toml")


@pytest.fixture
def there(second: City, settings: Settings, database: Database, monkeypatch: pytest.MonkeyPatch) -> Iterator[Flask]:
    """Its site, with everything that `participation run --demo` puts into it."""
    with database.change() as session:
        assert demo.fill(session, second, now()) > 5
        demo_office.fill(session, House(settings, second, now()))
    app = wsgi.create_app(settings, second, {"TESTING": True, "RATELIMIT_STORAGE_URI": "memory://"})
    app.extensions["door"].database.engine.dispose()
    object.__setattr__(app.extensions["door"], "database", database)  # one engine, which the test closes
    limiter.enabled = False
    monkeypatch.setattr("participation.reaching.post", InHouse(app).post)
    yield app
    limiter.enabled = True


@pytest.fixture
def world(there: Flask, second: City, settings: Settings, database: Database) -> dict[str, Any]:
    """One of everything that an address can name."""
    work_off(there)
    with database.change() as session:
        author = session.scalars(select(Person).where(Person.email == demo.address_of("resident"))).one()
        author.language = "fr"
        draft = ideas.Draft("Une passerelle", "Une passerelle pour les piétons, près du gué.", "Plus court.", "river",
                            "quai-nord", "fr")
        waiting = ideas.submit(session, second, author, draft, now())
        refused = ideas.submit(session, second, author, draft, now())
        decision = decide(session, second, staff(session), entry(session, staff(session), "idea", refused.ref or ""),
                          Entered("reject", "rude", "Non."), now())
        assert isinstance(decision, Decision)
        item = session.scalars(select(Item).where(Item.stage == "received").limit(1)).one()
        pooled = session.get_one(Idea, item.idea_id)
        comment = comments.say(session, second, author, pooled, "Oui.", "fr", None, now())
        report = reports.file(session, second, pooled, None, now(), category="rude", body="Ce texte est très impoli.",
                              language="fr")
        officer = staff(session, "cdo")
        project = projects.create(session, second, officer, item, Plan("Un projet", "Le pont", "fr"), now())
        milestone = projects.add_milestone(session, second, officer, project.id, "Plan", "fr", "", now())
    work_off(there)
    with database.reading() as session:
        letter = session.scalars(select(Notice).limit(1)).first()
        assert letter is not None
        return {"accepted": pooled.ref, "project": project.id, "milestone": milestone.id, "waiting": waiting.ref,
                "unfollow": following.token(letter, settings.secret_key), "comment": comment.id,
                "report": reports.token(report, settings.secret_key),
                "statement": appeals.token(decision, settings.secret_key),
                "token": ideas.follow_token(waiting, settings.secret_key),
                "public": ideas.follow_token(pooled, settings.secret_key),
                "letter": sorted(Path(settings.mail_url.removeprefix("file://")).glob("*.eml"))[0].name}


def _traces(text: str) -> list[str]:
    return [f"…{text[max(0, found.start() - 40):found.end() + 20]}…" for found in TRACES.finditer(text)]


@pytest.mark.parametrize("who", [None, "resident", "moderator", "cdo"])
def test_no_page_of_the_second_city_has_a_trace_of_the_first(
        who: str | None, there: Flask, world: dict[str, Any], second: City, settings: Settings,
        database: Database) -> None:
    client, found, seen = there.test_client(), [], 0
    with database.change() as session:
        person = session.scalars(select(Person).where(Person.email == demo.address_of(who or "resident"))).one()
        person.role = "admin" if who == "cdo" else person.role
        link = link_token(session, person.email or "", settings.secret_key, now())
        key = f"{person.id}:{person.epoch}"
    if who:
        with client.session_transaction() as kept:
            kept["_user_id"], kept["_fresh"] = key, True
    for method, endpoint, rule in routes(there):
        tags = second.languages if "<lang>" in rule else ("",)
        for tag in tags if method == "GET" else ():
            path = address(rule.replace("<lang>", tag), endpoint, world, link).replace("/city-x.css", "/city-1.css")
            answer = client.get(path)
            assert answer.status_code < 500 or endpoint == "health.ready", (path, answer.status_code)
            if answer.status_code == 200 and answer.mimetype not in ("image/png", "application/octet-stream"):
                seen += 1
                found += [f"{path}: {trace}" for trace in _traces(answer.get_data(as_text=True))]
    assert not found, "\n".join(found[:40])
    assert seen > 70 if who is None else seen > 90, seen


def test_no_letter_or_export_of_the_second_city_has_a_trace_of_the_first(
        there: Flask, world: dict[str, Any], settings: Settings, database: Database, tmp_path: Path, second: City,
        database_url: str) -> None:
    mailbox = Mailbox(Path(settings.mail_url.removeprefix("file://")), lambda: 0)
    letters = mailbox.letters()
    assert letters
    for letter in letters:
        for part in (letter.get_body(("plain",)), letter.get_body(("html",))):
            assert part is None or not _traces(str(part.get_content())), letter["Subject"]
        assert not _traces(" ".join(map(str, letter.values())))
    with commanding(tmp_path, database_url) as run:
        file = str(Path(__file__).parent.parent / "cities" / "neuenfurt.toml")
        for kind in ("jsonl", "csv"):
            assert run("pool", "export", "--format", kind, "--out", str(tmp_path / kind), CITY_FILE=file).exit_code == 0
            assert not _traces((tmp_path / kind).read_text("utf-8-sig"))
        refused = run("db", "upgrade")  # with the first city's file
        assert refused.exit_code == 2 and "another city" in refused.stderr and "DATA_DIR" in refused.stderr
        assert run("db", "upgrade", CITY_FILE=file).exit_code == 0


def test_the_icon_has_the_citys_colour(there: Flask, second: City) -> None:
    visitor = Guest(there.test_client(), Mailbox(Path("/nonexistent"), lambda: 0), lang="ar")
    page = visitor.open("/")
    assert page.root.get("dir") == "rtl" and page.has("شارك في نوينفورت")
    icon = page.all(".//link[@rel='icon']")[0].get("href", "")
    answer = visitor.client.get(icon)
    assert answer.mimetype == "image/svg+xml" and second.accent in answer.get_data(as_text=True)
