"""What the desk's pages share: the blueprint, and the frame around the pages of one record."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, render_template, url_for
from flask_babel import lazy_gettext

from participation.pool import queries
from participation.pool.queries import PoolRecord
from participation.web.door import reading

blueprint = Blueprint("desk", __name__)

# The pages of one record, in the order of the work: endpoint and name.
TABS: tuple[tuple[str, Any], ...] = (
    ("desk.record", lazy_gettext("Record")),
    ("desk.record_project", lazy_gettext("Project")),
)


@dataclass(frozen=True, slots=True)
class Tab:
    """A link to a page of the record that is open."""

    name: str
    url: str
    here: bool


def framed(template: str, found: PoolRecord, here: str, **facts: Any) -> str:
    """A page of one record, in its frame; `here` is the endpoint of the page."""
    tabs = [Tab(str(name), url_for(endpoint, ref=found.ref), endpoint == here) for endpoint, name in TABS]
    return render_template(template, found=found, record=found.content, idea=found.idea, item=found.item, tabs=tabs,
                           **facts)


def held(ref: str) -> PoolRecord:
    """The newest revision of a record, with its line of the inbox; raises NotThere."""
    return queries.one(reading(), ref)
