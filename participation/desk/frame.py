"""What the desk's pages share: the blueprint, and the frame around the pages of one record."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, current_app, render_template, request, url_for
from flask_babel import lazy_gettext

from participation.people.rights import Right, may
from participation.pool import queries
from participation.pool.queries import PoolRecord
from participation.settings import BUILT_IN
from participation.web.door import reading, viewer

blueprint = Blueprint("desk", __name__)

# The pages of one record, in the order of the work: endpoint and name.
TABS: tuple[tuple[str, Any], ...] = (
    ("desk.record", lazy_gettext("Record")),
    ("desk.checks", lazy_gettext("Checks")),
    ("desk.rating", lazy_gettext("Rating")),
    ("desk.prepared", lazy_gettext("Public answer")),
    ("desk.record_project", lazy_gettext("Project")),
    ("desk.idea_translations", lazy_gettext("Translations")),
    ("desk.history", lazy_gettext("Work and history")),
)

# The desk's pages beside the records themselves: endpoint, name, and who may open it.
NAV: tuple[tuple[str, Any, Right], ...] = (
    ("desk.inbox", lazy_gettext("Inbox"), Right.RECORDS_SEE),
    ("desk.ranking", lazy_gettext("Ranking"), Right.RECORDS_SEE),
    ("desk.portfolio", lazy_gettext("Portfolio"), Right.RECORDS_SEE),
    ("desk.answers", lazy_gettext("Prepared answers"), Right.RECORD_WORK),
    ("desk.translations", lazy_gettext("Translations"), Right.TEXT_TRANSLATE),
    ("desk.projects", lazy_gettext("Projects"), Right.RECORD_WORK),
    ("desk.figures", lazy_gettext("Figures"), Right.RECORDS_SEE),
    ("desk.delivery", lazy_gettext("Delivery"), Right.RECORDS_SEE),
    ("desk.tokens", lazy_gettext("Tokens"), Right.TOKENS_ISSUE),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to a page of the record that is open, or of the desk."""

    name: str
    url: str
    here: bool


def framed(template: str, found: PoolRecord, here: str, **facts: Any) -> str:
    """A page of one record, in its frame; `here` is the endpoint of the page."""
    tabs = [Tab(str(name), url_for(endpoint, ref=found.ref), endpoint == here) for endpoint, name in TABS]
    return render_template(template, found=found, record=found.content, idea=found.idea, item=found.item, tabs=tabs,
                           **facts)


@blueprint.context_processor
def navigating() -> dict[str, Any]:
    """What the desk's templates can ask for: its pages, as far as they are there and this person may open them."""
    return {"desk_nav": lambda: [Tab(str(name), url_for(endpoint), endpoint == request.endpoint)
                                 for endpoint, name, right in NAV
                                 if endpoint in current_app.view_functions and may(viewer(), right)]}


def held(ref: str) -> PoolRecord:
    """The newest revision of a record, with its line of the inbox; raises NotThere."""
    return queries.one(reading(), ref)


def address(key: str) -> str:
    """A receiver's address as people may see it: what follows the path could be a secret."""
    url = urlsplit(key)
    return "" if key == BUILT_IN else f"{url.scheme}://{url.netloc.rpartition('@')[2]}{url.path}"
