"""The browser's files: built into static/ with their digest in the name, served compressed for a year;
and the city's colours, as the one stylesheet that comes from the city file, and the icon in them."""

import json
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from wsgiref.headers import Headers

from flask import Blueprint, Flask, Response, url_for
from whitenoise import WhiteNoise

from participation.city import City
from participation.errors import Unsafe
from participation.settings import HOUSE
from participation.web.door import door, open_to_all
from participation.web.headers import ALWAYS

STATIC = HOUSE / "static"
FOREVER = 31_536_000
_OF_PARTS = ("X-Content-Type-Options", "Referrer-Policy", "Cross-Origin-Resource-Policy")
ICON_COLOUR = "#000001"  # what participation/assets/favicon.svg writes where the city's colour belongs

blueprint = Blueprint("assets", __name__)


@lru_cache
def manifest(folder: Path = STATIC) -> dict[str, str]:
    """Which built file stands for which name; raises Unsafe where nothing was built."""
    try:
        read: dict[str, str] = json.loads((folder / "manifest.json").read_text())
    except FileNotFoundError:
        raise Unsafe("no_assets", what="the browser's files are not built: run `make assets`") from None
    return read


@lru_cache
def colours(city: City) -> str:
    """The city's colours as custom properties; on paper the light one."""
    return (f":root{{--city-accent:{city.accent}}}"
            f"@media screen and (prefers-color-scheme:dark){{:root{{--city-accent:{city.accent_dark}}}}}")


@lru_cache
def icon(city: City) -> str:
    """The site's icon in the city's colour."""
    drawn = (STATIC / manifest()["favicon.svg"]).read_text(encoding="utf-8")
    return drawn.replace(ICON_COLOUR, city.accent)


@blueprint.get("/city-<digest>.svg")
@open_to_all
def city_icon(digest: str) -> Response:
    """The site's icon."""
    answer = Response(icon(door().city), mimetype="image/svg+xml")
    answer.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
    return answer


@blueprint.get("/city-<digest>.css")
@open_to_all
def city_css(digest: str) -> Response:
    """The city's colours."""
    answer = Response(colours(door().city), mimetype="text/css")
    answer.headers["Cache-Control"] = f"public, max-age={FOREVER}, immutable"
    return answer


def serve(app: Flask, city: City) -> None:
    """Serve static/ in front of the application, with the compressed twin where the browser takes it and
    with the headers of every answer."""
    served = WhiteNoise(app.wsgi_app, root=STATIC if STATIC.exists() else None, prefix="static/",
                        max_age=FOREVER, immutable_file_test=lambda _path, _url: True, allow_all_origins=False,
                        add_headers_function=_dress)
    app.wsgi_app = served  # type: ignore[method-assign]
    digest = sha256(colours(city).encode()).hexdigest()[:12]

    def asset(name: str) -> str:
        if name == "city.css":
            return url_for("assets.city_css", digest=digest)
        if name == "favicon.svg":
            return url_for("assets.city_icon", digest=sha256(icon(city).encode()).hexdigest()[:12])
        return "/static/" + manifest()[name]

    app.jinja_env.globals["asset"] = asset


def _dress(headers: Headers, path: str, _url: str) -> None:
    # What can be no page and no worker needs no policy for those: half a kilobyte with each file of a first visit.
    for name in _OF_PARTS if path.endswith((".css", ".woff2")) else ALWAYS:
        headers[name] = ALWAYS[name]
