"""The roof: what the house is made of. It alone knows all rooms, and nobody imports it.

Three tables: ROOMS (address → pages), FOLLOWERS (event → functions), TIMETABLE (what happens by itself). `app` is made
on first use, so that the command can start without a database.
"""

import os
from collections.abc import Mapping
from datetime import timedelta
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

from flask import Blueprint, Flask
from flask_compress import Compress
from flask_wtf import CSRFProtect
from werkzeug.middleware.proxy_fix import ProxyFix

import moderation.pages.answering
import moderation.pages.bulk
import moderation.pages.deciding
import moderation.pages.entering
import moderation.pages.openness
import moderation.pages.queue
import moderation.pages.translations
import moderation.pages.words
import participation.desk.answering
import participation.desk.answers_api
import participation.desk.api
import participation.desk.checking
import participation.desk.comparing
import participation.desk.delivery
import participation.desk.figures
import participation.desk.frame
import participation.desk.inbox
import participation.desk.meeting
import participation.desk.milestones
import participation.desk.portfolio
import participation.desk.preparing
import participation.desk.projects
import participation.desk.publishing
import participation.desk.pull
import participation.desk.ranking
import participation.desk.rating
import participation.desk.reconciling
import participation.desk.records
import participation.desk.saved
import participation.desk.tagging
import participation.desk.tokens
import participation.desk.translating
import participation.desk.working
import participation.site.accessibility
import participation.site.cards
import participation.site.feeds
import participation.site.following
import participation.site.home
import participation.site.ideas
import participation.site.map
import participation.site.me
import participation.site.my_comments
import participation.site.my_data
import participation.site.offline
import participation.site.paper
import participation.site.poster
import participation.site.projects
import participation.site.proposing
import participation.site.signing_in
import participation.site.style
import participation.site.taking_part
import participation.site.translating
from moderation import bulk, following, hints, log, telling
from moderation.commands import words
from participation import city_command, feedback, jobs, outbox, pool_commands, reconcile_command
from participation.assessment import news, promises, ranking, reminding, translating, warning, working
from participation.city import City, read_city
from participation.commands import Roof, command
from participation.comments import actions as comments
from participation.database import Database, now
from participation.ideas import actions as ideas
from participation.ideas import drafts
from participation.notices import actions as notices
from participation.notices import digests
from participation.notices import following as told
from participation.people import signing_in
from participation.pool import delivery, importing, nightly, reconciling, record, revising
from participation.process import die_with_parent
from participation.settings import HOUSE, Settings, read_settings
from participation.translating import machine, offers
from participation.web import assets, errors, format, headers, health, language, letters, limits, maps
from participation.web.config import config_of
from participation.web.door import Door, check_marks, open_door
from participation.web.logs import speak_json

ROOMS: tuple[tuple[str, Blueprint], ...] = (
    ("", language.blueprint),
    ("", assets.blueprint),
    ("", health.blueprint),
    ("", participation.site.offline.root),
    ("", participation.site.poster.short),
    ("/api/v1", participation.desk.api.blueprint),
    ("/api/v1", moderation.pages.openness.api),
    ("/dev", participation.site.home.mail_blueprint),
    ("/<lang>", participation.site.home.blueprint),
    ("/<lang>/ideas", participation.site.proposing.blueprint),
    ("/<lang>/ideas", participation.site.ideas.blueprint),
    ("/<lang>/ideas", participation.site.taking_part.blueprint),
    ("/<lang>", participation.site.accessibility.blueprint),
    ("/<lang>/ideas", participation.site.translating.blueprint),
    ("/<lang>", participation.site.feeds.blueprint),
    ("/<lang>", participation.site.map.blueprint),
    ("", participation.site.map.files),
    ("/<lang>", participation.site.cards.blueprint),
    ("/<lang>", participation.site.poster.blueprint),
    ("/<lang>", participation.site.following.blueprint),
    ("/<lang>", participation.site.offline.blueprint),
    ("/<lang>/projects", participation.site.projects.blueprint),
    ("/<lang>", participation.site.style.blueprint),
    ("/<lang>/paper", participation.site.paper.blueprint),
    ("/<lang>/sign-in", participation.site.signing_in.blueprint),
    ("/<lang>/me", participation.site.me.blueprint),
    ("/<lang>/me/comments", participation.site.my_comments.blueprint),
    ("/<lang>", moderation.pages.openness.blueprint),
    ("/<lang>/moderation", moderation.pages.queue.blueprint),
    ("/<lang>", moderation.pages.answering.blueprint),
    ("/<lang>/pool", participation.desk.frame.blueprint),
)


def _sweep(session: Any, _event: Any, house: jobs.House) -> None:
    """Follower of time.sweep: forget what its declaration says is not kept."""
    signing_in.sweep(session, house.now)
    outbox.sweep(session, house.now)
    ideas.sweep_drafts(session, house.city, house.now)
    drafts.sweep(session, house.city, house.now)
    comments.sweep_drafts(session, house.city, house.now)
    importing.forget(session, house.now)
    feedback.sweep(session, house.now)
    delivery.let_go(session, house)


DESK_MOVES = ("pass", "fail", "rate", "plan", "start", "complete", "recheck", "drop")  # each is an answer of the city
FOLLOWERS: dict[str, tuple[jobs.Follower, ...]] = {
    "code.asked": (letters.code,),
    "idea.submit": (following.trusted, hints.looked, notices.receipt),
    "idea.enter": (hints.looked,),
    "idea.hand_in": (hints.looked,),
    "idea.changed": (hints.looked, revising.corrected, machine.wanted),
    "idea.milestone": (revising.milestone,),
    "idea.take_over": (hints.indexed,),
    "idea.publish": (notices.decision, machine.wanted),
    "idea.publish_trusted": (machine.wanted,),
    "idea.return": (notices.decision,),
    "idea.reject": (notices.decision,),
    "idea.hide": (notices.decision,),
    "idea.hide_reported": (notices.decision,),
    "idea.stay_hidden": (notices.decision,),
    "idea.reinstate": (notices.decision, machine.wanted),
    "idea.merge": (following.ask_supporters, notices.decision, revising.merged, told.merged),
    "idea.unmerge": (notices.decision, revising.unmerged),
    "idea.decline": (translating.said, machine.answered, notices.decision, told.progress),
    "idea.archive": (translating.said, machine.answered, notices.decision),
    "idea.accept": (record.write, promises.accepted, translating.said, machine.answered, notices.decision,
                    told.progress),
    "idea.receive": (promises.received,),
    "items.arrived": (promises.arrived,),
    **dict.fromkeys((f"idea.{move}" for move in DESK_MOVES), (machine.answered, notices.decision, told.progress)),
    "following.portion": (told.portion,),
    "digest.portion": (digests.portion,),
    "project.milestone": (news.milestone,),
    "comment.submit": (following.trusted, hints.looked),
    "comment.hand_in": (hints.looked,),
    "comment.changed": (hints.looked,),
    "comment.publish": (notices.comment_decision, machine.wanted),
    "comment.publish_trusted": (machine.wanted,),
    "comment.return": (notices.comment_decision,),
    "comment.reject": (notices.comment_decision,),
    "comment.hide": (notices.comment_decision, revising.comment_gone),
    "comment.hide_reported": (notices.comment_decision, revising.comment_gone),
    "comment.withdraw": (revising.comment_gone,),
    "comment.stay_hidden": (notices.comment_decision,),
    "comment.reinstate": (notices.comment_decision, machine.wanted),
    "edit.submit": (hints.looked,),
    "decision.taken": (log.entered, following.noted),
    "report.filed": (following.receipt,),
    "bulk.begun": (bulk.carried_on,),
    "translation.kept": (revising.translated,),
    "translation.wanted": (machine.translated,),
    "translation.gone": (revising.corrected,),
    "record.written": (delivery.deliver,),
    "record.lacking": (record.write,),
    "reconciliation.asked": (reconciling.asked,),
    "notice.due": (letters.notice,),
    "item.supported": (ranking.rescored,),
    "ranking.looked": (ranking.reweighed,),
    "time.sweep": (_sweep, following.forgotten, offers.forgotten, ranking.reweighed),
    "terms.missing": (hints.caught_up,),
    "time.hour": (following.morning, reminding.morning, digests.hourly, log.headed, hints.caught_up, nightly.exported,
                  reconciling.nightly, warning.warned),
}

TIMETABLE = (jobs.Timed("sweep", timedelta(hours=6)), jobs.Timed("hour", timedelta(hours=1)))

# What the letters of rooms above the post are told.
LETTERS: dict[str, letters.Facts] = {
    "decision": telling.of_entry,
    "comment_decision": telling.of_entry,
    "edit_answer": telling.of_decision,
    "appeal_answer": telling.of_decision,
    "block": telling.of_decision,
    "report_receipt": telling.of_report,
    "report_answer": telling.of_report,
    "merged": telling.of_merge,
    "feedback": feedback.facts,
    offers.LETTER: offers.letter,
    "progress": told.of_progress,
    "milestone": news.of_milestone,
    "digest": news.of_digest,
    "morning": telling.of_morning,
    "desk_morning": reminding.of_morning,
    "assigned": working.of_assigned,
    "promise_near": warning.letter,
}


def _name(follower: jobs.Follower) -> str:
    return f"{follower.__module__}.{follower.__qualname__}"


BY_NAME: dict[str, jobs.Follower] = {_name(f): f for followers in FOLLOWERS.values() for f in followers}
NAMES: dict[str, list[str]] = {kind: [_name(f) for f in followers] for kind, followers in FOLLOWERS.items()}


def create_app(settings: Settings | None = None, city: City | None = None,
               config: Mapping[str, Any] | None = None) -> Flask:
    """The application. Raises Unsafe or CityFileError, naming the remedy, when it cannot be made."""
    settings = settings or read_settings(os.environ)
    city = city or read_city(Path(settings.city_file))
    app = Flask("participation", root_path=str(HOUSE), template_folder=str(HOUSE.parent / "templates"),
                static_folder=None)
    app.config.update(config_of(settings))
    app.config.update(config or {})
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.production:
        # Exactly one reverse proxy stands before the site; it overwrites these two headers.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=1, x_proto=1)  # type: ignore[method-assign]
    open_door(app, Door(settings, city, Database(settings.database)))
    headers.dress(app, settings)
    language.teach(app, city)
    format.furnish(app, city)
    maps.furnish(app)
    limits.limit(app, settings)
    errors.catch(app)
    assets.serve(app, city)
    health.watch(app)
    app.extensions["letters"] = LETTERS
    Compress(app)
    csrf = CSRFProtect(app)
    csrf.exempt(participation.desk.api.blueprint)  # its callers sign what they send
    csrf.exempt(participation.site.following.stop)  # a mail program presses this button; the token is the right
    for prefix, blueprint in ROOMS:
        app.register_blueprint(blueprint, url_prefix=prefix or None)
    check_marks(app)
    return app


@lru_cache
def the_app() -> Flask:
    """The one application of this process."""
    return create_app()


roof = Roof(the_app, NAMES, TIMETABLE)
cli = command(roof)
words(cli)
city_command.words(cli)
pool_commands.words(cli, roof)
reconcile_command.words(cli, roof)


def __getattr__(name: str) -> Flask:
    if name == "app":  # asked for by the web server
        die_with_parent()  # it leaves its workers behind when it is killed
        speak_json()
        return the_app()
    raise AttributeError(name)


def work(tasks: list[tuple[int, int]]) -> None:
    """The RQ job: what the relay enqueues by the name "wsgi.work"."""
    app = the_app()
    made_of: Door = app.extensions["door"]
    with app.app_context():
        jobs.run(made_of.database, partial(_house, made_of), BY_NAME, tasks)


def _house(made_of: Door) -> jobs.House:
    return jobs.House(made_of.settings, made_of.city, now())

