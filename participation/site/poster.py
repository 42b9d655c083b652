"""Posters to print, with a code that leads a telephone here; and the short addresses on them, which name no language,
so that each reader arrives in their own."""

import re
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from participation.errors import NotThere
from participation.ideas.journey import IDEA
from participation.site.cards import public_idea
from participation.site.paper import code
from participation.text import excerpt
from participation.web.door import door, open_to_all
from participation.web.language import best_guess, name_of_language, whole

blueprint = Blueprint("poster", __name__)
short = Blueprint("short", __name__)

_LONG, _LONGEST = 60, 130  # characters of a title, from which it is set smaller
_EXCERPT = 260


@blueprint.get("/ideas/<ref>/poster")
@open_to_all
def idea(ref: str) -> str:
    """The poster of a public idea."""
    found = public_idea(ref)
    return _poster(whole(url_for("short.idea_of", ref=found.ref)), url_for("ideas.show", ref=found.ref), idea=found,
                   gathers=IDEA.state(found.state).gathers,
                   words=excerpt(found.body, _EXCERPT if len(found.title) <= _LONGEST else _EXCERPT // 2),
                   size=_size(found.title))


@blueprint.get("/poster")
@open_to_all
def field() -> str:
    """The poster that asks for ideas: for a field of action (`?field=`), else for any."""
    chosen = door().city.field(request.args.get("field", ""))
    address = url_for("short.new_in", field=chosen.key) if chosen else url_for("short.new")
    page = url_for("proposing.new", field=chosen.key if chosen else None)
    return _poster(whole(address), page, field=chosen, size="")


def _poster(address: str, page: str, **values: Any) -> str:
    city = door().city
    side, path = code(address)
    large = request.args.get("size") == "a3"
    return render_template(
        "site/poster.html", address=address, page=page, side=side, path=path, large=large,
        other_size=url_for(f".{(request.endpoint or '').rpartition('.')[2]}", **{
            **(request.view_args or {}), "field": values["field"].key if values.get("field") else None,
            "size": None if large else "a3"}),
        tongues=[(tag, name_of_language(tag, tag)) for tag in city.languages], **values)


def _size(title: str) -> str:
    return "longest" if len(title) > _LONGEST else "long" if len(title) > _LONG else ""


@short.get("/i/<ref>")
@open_to_all
def idea_of(ref: str) -> Response:
    """To an idea, in the reader's language. Whether it is there, its page says."""
    if not re.fullmatch(r"[\w-]{1,20}", ref, re.ASCII):
        raise NotThere("unknown_idea")
    return redirect(url_for("ideas.show", lang=best_guess(), ref=ref.upper()), 302)


@short.get("/new")
@open_to_all
def new() -> Response:
    """To the form for an idea, in the reader's language."""
    return redirect(url_for("proposing.new", lang=best_guess()), 302)


@short.get("/new/<field>")
@open_to_all
def new_in(field: str) -> Response:
    """To the form for an idea in a field of action; without it where the city has no such field."""
    known = field if door().city.field(field) else None
    return redirect(url_for("proposing.new", lang=best_guess(), field=known), 302)
