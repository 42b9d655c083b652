"""What messengers and networks show of a link to this site (Open Graph): words in the page's head, and a picture. Only
ever of what is public, and nothing is asked of anybody else for it."""

import hashlib
from typing import Any
from urllib.parse import quote

from babel.core import get_global
from flask import Blueprint, Response, request, url_for

from participation.assessment import projects_queries
from participation.database import now
from participation.errors import NotThere
from participation.ideas import queries
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.pool.items import today
from participation.site.picture import Card, draw, readable
from participation.text import excerpt
from participation.web.door import door, open_to_all, reading
from participation.web.language import base_of, direction, speaking, whole
from participation.web.limits import CARD, limiter
from participation.web.words import state_words

blueprint = Blueprint("cards", __name__)

KEPT_SECONDS = 300  # so long a cache may show what was changed or hidden meanwhile


@blueprint.get("/card.png")
@limiter.limit(CARD)
@open_to_all
def city() -> Response:
    """The picture of the site itself."""
    return _picture("", door().city.name.in_(speaking()))


@blueprint.get("/ideas/<ref>/card.png")
@limiter.limit(CARD)
@open_to_all
def idea(ref: str) -> Response:
    """The picture of a public idea; whoever asks, there is none of any other."""
    found = public_idea(ref)
    return _picture(found.title, f"{found.ref} · {state_words(found.state).name}")


@blueprint.get("/projects/<int(max=2147483647):number>/card.png")
@limiter.limit(CARD)
@open_to_all
def project(number: int) -> Response:
    """The picture of a public project; raises NotThere as its page does."""
    made_of = door()
    found = projects_queries.whole(reading(), number, today(made_of.city, now()), public=True)
    return _picture(found.title, made_of.city.name.in_(speaking()))


def public_idea(ref: str) -> Idea:
    """The idea with this reference as everybody may see it. Raises NotThere for one that is not public."""
    found, _ = queries.one(reading(), ref)
    if not IDEA.state(found.state).public:
        raise NotThere("unknown_idea")
    return found


def _picture(title: str, facts: str) -> Response:
    """The claim stands where there is no title, or one in letters that cannot be drawn."""
    made_of, tag = door().city, speaking()
    body = draw(Card(made_of.site_name.in_(tag), readable(title) or made_of.claim.in_(tag), facts, made_of.accent,
                     direction(tag) == "rtl"))
    answer = Response(body, mimetype="image/png")
    answer.headers["Cache-Control"] = f"public, max-age={KEPT_SECONDS}"
    answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"  # it is made to be shown elsewhere
    answer.set_etag(hashlib.sha256(body).hexdigest()[:32])
    answer.make_conditional(request)
    return answer


@blueprint.app_template_global("card_locales")
def locales() -> list[str]:
    """The languages of the site as Open Graph writes them, "de_DE"; that of the page stands first."""
    tags = [speaking(), *door().city.languages]
    found = (str(get_global("likely_subtags").get(base_of(tag), "")).split("_") for tag in tags)
    return list(dict.fromkeys(f"{parts[0]}_{parts[-1]}" for parts in found if len(parts) > 1))


@blueprint.app_template_global("card_words")
def words(text: str) -> str:
    """The beginning of a text, for a description."""
    return excerpt(text, 200)


@blueprint.app_template_global("card_picture")
def picture(endpoint: str, **values: Any) -> str:
    """The whole address of a picture; with `v`, another one after every change, so no network keeps the old one."""
    return whole(url_for(endpoint, **values))


@blueprint.app_template_global("mail_to")
def mail_to(subject: str, body: str) -> str:
    """An address that opens a letter with these words, to whomever one likes."""
    return f"mailto:?subject={quote(subject)}&body={quote(body)}"
