"""Atom feeds (RFC 4287): what is new about all ideas, and the steps of one. The same for everybody, so that any cache
may keep them for a few minutes; whatever is public no more is gone from them."""

import hashlib
import re
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, request, url_for
from flask_babel import gettext

from participation.database import now
from participation.notices import news
from participation.notices.news import News
from participation.translations import MACHINE
from participation.web.door import door, open_to_all, reading
from participation.web.language import apart, name_of_language, speaking
from participation.web.words import move_done

blueprint = Blueprint("feeds", __name__)

KEPT_SECONDS = 300
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")  # XML 1.0 has no way to write these
_SINCE = "2026"  # a tag names a day on which the host was ours (RFC 4151); it must never change


@blueprint.get("/ideas.atom")
@open_to_all
def ideas() -> Response:
    """New ideas and answers of the city, narrowed down like the list by field and district."""
    city = door().city
    chosen: dict[str, Any] = {}
    for name, known in (("field", [each.key for each in city.fields]),
                        ("district", [each.key for each in city.districts])):
        if (value := request.args.get(name, "")) in known:
            chosen[name] = value
    names = [each.name.in_(speaking()) for each in city.fields if each.key == chosen.get("field")]
    names += [each.name for each in city.districts if each.key == chosen.get("district")]
    title = city.site_name.in_(speaking())
    title = ": ".join([title, *[", ".join(names)][:len(names)]])
    return _feed(news.newest(reading(), speaking(), now(), **chosen), title,
                 url_for("ideas.index", **chosen), url_for(".ideas", **chosen))


@blueprint.get("/ideas/<ref>.atom")
@open_to_all
def idea(ref: str) -> Response:
    """What became of one idea; never its author's drafts, whoever asks."""
    found = news.of_idea(reading(), ref, speaking(), now())
    return _feed(found, f"{ref}: {found[0].title}", url_for("ideas.show", ref=ref), url_for(".idea", ref=ref),
                 found[0].language)


def _feed(entries: tuple[News, ...], title: str, page: str, here: str, title_language: str = "") -> Response:
    site = door().settings.public_url.rstrip("/")
    # Past Flask's context: what it adds to pages is about a visitor, and would make the feed somebody's.
    body = current_app.jinja_env.get_template("site/feed.xml").render(
        entries=entries, title=title, page=site + page, here=site + here, site=site, lang=speaking(),
        title_language=title_language, site_name=door().city.site_name.in_(speaking()), heading=_heading, note=_note,
        tag=f"tag:{urlsplit(site).hostname},{_SINCE}:", updated=entries[0].at if entries else _NEVER)
    answer = Response(_NOT_XML.sub("", body), mimetype="application/atom+xml")
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    answer.set_etag(hashlib.sha256(answer.get_data()).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


def _heading(entry: News) -> str:
    """The title of an entry: the idea's own for a new one, else what happened to it."""
    if not entry.step_id:
        return entry.title
    return str(gettext("%(what)s: %(title)s", what=move_done(entry.move), title=apart(entry.title)))


def _note(entry: News) -> str:
    """That the words of a new idea are a translation, and of which language."""
    language = name_of_language(entry.original.language, speaking())
    if entry.translated == MACHINE:
        return str(gettext("Translated by a machine; original: %(language)s", language=language))
    return str(gettext("Translated; original: %(language)s", language=language))
