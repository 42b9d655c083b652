"""What a browser keeps for when there is no connection: the service worker, and the page that it shows then.

The worker keeps files whose names change with their content and the offline page, which is nobody's: no page with
anything personal. It is written anew whenever one of those files is, and browsers look for it at every visit, so that
nothing stale is shown. OFFLINE_PAGE=no sends a worker instead that deletes what was kept and takes itself away.
"""

import json
from collections.abc import Callable
from functools import lru_cache
from hashlib import sha256
from typing import cast

from flask import Blueprint, Response, current_app, render_template

from participation.web.assets import STATIC, manifest
from participation.web.door import door, open_to_all

blueprint = Blueprint("offline", __name__)
root = Blueprint("offline_root", __name__)

_FILES = ("site.css", "city.css", "site.js", "propose.js", "favicon.svg")
_FAREWELL = """addEventListener("install", () => skipWaiting());
addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) await caches.delete(name);
  await registration.unregister();
})()));
"""


@root.get("/sw.js")
@open_to_all
def worker() -> Response:
    """The service worker, or its farewell."""
    asset = cast("Callable[[str], str]", current_app.jinja_env.globals["asset"])
    text = _worker(tuple(asset(name) for name in _FILES)) if door().settings.keeps_offline else _FAREWELL
    return Response(text, mimetype="text/javascript", headers={"Cache-Control": "no-cache"})


@blueprint.get("/offline")
@open_to_all
def page() -> str:
    """What is shown without a connection: a place to begin an idea, which stays on the device."""
    return render_template("site/offline.html")


@blueprint.app_context_processor
def offered() -> dict[str, bool]:
    """Whether pages ask the browser to keep something."""
    return {"keeps_offline": door().settings.keeps_offline}


@lru_cache(maxsize=8)
def _worker(files: tuple[str, ...]) -> str:
    script = (STATIC / manifest()["sw.js"]).read_text(encoding="utf-8")
    kept = "site-" + sha256("\n".join((*files, script)).encode()).hexdigest()[:12]
    return f"const SITE={json.dumps({'files': files, 'kept': kept})};\n{script}"
