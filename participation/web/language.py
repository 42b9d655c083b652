"""The language of a page: in its address, guessed once from the browser, switched on the same page.

Catalogues are read from the .po files themselves at first use, so that nothing compiled can be
stale. The source language is English; a language is offered when the city wants it and a catalogue
is there.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from babel import Locale
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Blueprint, Flask, current_app, g, redirect, request, url_for
from flask_babel import Babel, Domain, force_locale
from werkzeug.wrappers import Response

from participation.city import City
from participation.errors import NotThere, Unsafe
from participation.settings import HOUSE
from participation.text import isolated
from participation.translations import base_of as base_of
from participation.web.door import door, open_to_all

SOURCE = "en"
FOLDER = HOUSE.parent / "translations"

blueprint = Blueprint("language", __name__)


@dataclass(frozen=True, slots=True)
class Offer:
    """A language in the switch: its own name, and the address of the same page in it."""

    tag: str
    name: str
    url: str


def catalogue_file(tag: str) -> Path:
    """Where the catalogue of a language lies."""
    return FOLDER / tag.replace("-", "_") / "LC_MESSAGES" / "messages.po"


@lru_cache
def catalogue(tag: str) -> NullTranslations:
    """The translations into a language; fuzzy entries do not count."""
    if tag == SOURCE:
        return NullTranslations()
    with open(catalogue_file(tag), "rb") as file:
        read = read_po(file, locale=base_of(tag))
    compiled = BytesIO()
    write_mo(compiled, read)
    compiled.seek(0)
    return Translations(compiled)


@lru_cache
def locale_of(tag: str) -> Locale:
    """The Babel locale that dates, numbers and direction of a language follow."""
    return Locale.parse(base_of(tag))


@lru_cache
def direction(tag: str) -> str:
    """ "ltr" or "rtl"; "auto" for a language that Babel does not know."""
    try:
        return str(locale_of(tag).text_direction)
    except (ValueError, LookupError):
        return "auto"


def speaking() -> str:
    """The language of what is being written now: of the page, or of the letter."""
    tag: str | None = g.get("lang")
    return tag or best_guess()


def best_guess() -> str:
    """The language an address begins with even where it leads nowhere, else the browser's preferred
    one among those offered, else the city's first. Nobody is led to plain language who did not choose it."""
    offered = door().city.languages
    if not request:
        return offered[0]
    begins = request.path.split("/")[1]
    if begins in offered:
        return begins
    g.lang_guessed = True
    plain = [tag for tag in offered if base_of(tag) == tag or base_of(tag) not in offered]
    return request.accept_languages.best_match(plain, plain[0])


@contextmanager
def in_language(tag: str) -> Iterator[None]:
    """Write in that language, for letters; falls back to the city's first."""
    before, offered = g.get("lang"), door().city.languages
    g.lang = tag if tag in offered else offered[0]
    try:
        with force_locale(str(locale_of(g.lang))):
            yield
    finally:
        g.lang = before


class _ByTag(Domain):  # type: ignore[misc]
    """Looks texts up by the page's tag, where Flask-Babel would by its locale (de-simple is not de)."""

    def get_translations(self) -> Any:
        return catalogue(speaking())


def check_languages(city: City) -> None:
    """Raises Unsafe when the city offers a language that has no catalogue."""
    for tag in city.languages:
        if tag != SOURCE and not catalogue_file(tag).exists():
            raise Unsafe("no_catalogue", what=f"the city file offers “{tag}”, but {catalogue_file(tag).name} for it "
                                              f"is missing in translations/{tag.replace('-', '_')}/LC_MESSAGES")


def offers() -> list[Offer]:
    """The languages of the switch, each leading to the very same page."""
    city, endpoint, values = door().city, request.endpoint, dict(request.view_args or {})
    query = urlencode(list(request.args.items(multi=True))) if request.method == "GET" else ""
    translatable = endpoint is not None and current_app.url_map.is_endpoint_expecting(endpoint, "lang")
    found = []
    for tag in city.languages:
        if translatable and endpoint is not None and g.get("lang_offered", True):
            # Behind it, not through url_for, which takes names like `endpoint` or `_scheme` for its own.
            url = url_for(endpoint, **{**values, "lang": tag}) + (f"?{query}" if query else "")
        else:
            url = url_for("home.index", lang=tag)
        found.append(Offer(tag, name_of_language(tag, tag), url))
    return found


def apart(words: str | None) -> str:
    """What somebody wrote or is called, for the middle of a sentence: kept together whichever way it runs."""
    return isolated(words or "", direction(speaking()))


@lru_cache(maxsize=1024)
def name_of_language(tag: str, into: str) -> str:
    """What a language is called in another; the tag itself for one that Babel does not know."""
    if tag.endswith("-simple"):
        words: str = catalogue(into).gettext("%(language)s in plain language")
        return words % {"language": name_of_language(base_of(tag), into)}
    try:
        name = Locale.parse(tag, sep="-").get_display_name(locale_of(into))
    except (ValueError, LookupError):
        return tag
    return (name or tag)[:1].upper() + (name or tag)[1:]


def whole(path: str) -> str:
    """The whole address of a path on this site, by PUBLIC_URL."""
    return door().settings.public_url.rstrip("/") + path


def canonical(**kept: Any) -> str:
    """The one address of this page in this language, for search engines: without a query, but for what is `kept`.
    "" for a page that is none of a language or was not asked for by its address, and for one whose address is a
    secret: a browser that shares a page hands on its canonical address."""
    if request.endpoint is None or request.method != "GET" or not g.get("lang_offered", True) or (
            "token" in (request.view_args or {})) or (
            not current_app.url_map.is_endpoint_expecting(request.endpoint, "lang")):
        return ""
    return whole(url_for(request.endpoint, **{**(request.view_args or {}), "lang": speaking(),
                                              **{name: value for name, value in kept.items() if value}}))


@blueprint.get("/")
@open_to_all
def choose() -> Response:
    """The bare address leads to the browser's language."""
    return redirect(url_for("home.index", lang=best_guess()), 302)


def teach(app: Flask, city: City) -> None:
    """Give the application its languages: catalogues, the prefix of every page's address."""
    check_languages(city)
    Babel(app, locale_selector=lambda: str(locale_of(speaking())), timezone_selector=lambda: city.time_zone)
    app.extensions["babel"].instance.domain_instance = _ByTag()
    # Templates ask the catalogue itself: Flask-Babel's way there costs a third of a page.
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        lambda text: catalogue(speaking()).gettext(text),
        lambda one, many, count: catalogue(speaking()).ngettext(one, many, count), newstyle=True,
        pgettext=lambda context, text: catalogue(speaking()).pgettext(context, text),
        npgettext=lambda context, one, many, count: catalogue(speaking()).npgettext(context, one, many, count))

    @app.url_value_preprocessor
    def take_language(_endpoint: str | None, values: dict[str, Any] | None) -> None:
        if values is None or "lang" not in values:
            return
        tag = values.pop("lang")
        if tag not in city.languages:
            g.lang_offered = False
            raise NotThere("unknown_language")
        g.lang = tag

    @app.url_defaults
    def give_language(endpoint: str, values: dict[str, Any]) -> None:
        if "lang" not in values and app.url_map.is_endpoint_expecting(endpoint, "lang"):
            values["lang"] = speaking()
