"""Pages for everyone about the moderation: the public decision log, and the figures of each half-year.

The log is a chain of digests (`moderation/chain.py` describes the format and how to verify it). Nothing here names a
person: a line has no name, and its entry is shown only while that entry itself is public.
"""

from collections.abc import Iterator
from datetime import UTC

from flask import Blueprint, Response, jsonify, render_template, request, url_for
from sqlalchemy.orm import Session

from moderation import log
from moderation.chain import key_of, public, to_json
from moderation.figures import Figures, figures, half_of, half_years
from moderation.pages import transparency as told
from participation.database import Database, now
from participation.errors import Invalid, NotThere
from participation.web.door import door, open_to_all, reading
from participation.web.language import speaking

blueprint = Blueprint("openness", __name__)
api = Blueprint("openness_api", __name__)

MOST = 1000  # lines of one answer
LINES = "application/x-ndjson"
HEADS = 31


@blueprint.get("/decisions")
@open_to_all
def decisions() -> str:
    """The decision log, newest first, a page at a time, and how to check it."""
    asked = request.args.get("before", "")
    session = reading()
    rows, behind = log.page(session, _number(asked) if asked else None)
    return render_template(
        "moderation/decisions.html", rows=rows, count=log.count(session), head=log.newest_head(session), asked=asked,
        done=told.done, kind_of=told.kind_of, rule_of=lambda line: door().city.rule(line.reason, speaking()),
        first_url=url_for(".decisions") if asked else None,
        next_url=url_for(".decisions", before=behind) if behind else None)


@blueprint.get("/transparency")
@open_to_all
def transparency() -> str:
    """The figures of a half-year."""
    found, halves = _asked(reading())
    return render_template(
        "moderation/transparency.html", found=found, halves=halves, sections=told.sections(door().city, found),
        last=told.last_moment(found), complete=found.ends <= found.counted_at)


@blueprint.get("/transparency.<kind>")
@open_to_all
def transparency_file(kind: str) -> Response:
    """The same figures as a file: csv for people, json for programs."""
    city = door().city
    if kind not in ("csv", "json"):
        raise NotThere("unknown_page")
    found, _ = _asked(reading())
    if kind == "json":
        return jsonify(told.as_json(city, found))
    name = f"{city.key}-transparency-{found.period}.csv"
    return Response(told.as_csv(city, found), content_type="text/csv; charset=utf-8",
                    headers={"Content-Disposition": f'attachment; filename="{name}"'})


@api.get("/decisions", endpoint="log")
@open_to_all
def log_lines() -> Response:
    """Lines of the log behind a number, as JSON Lines; `?all=1` gives the whole log."""
    if request.args.get("all") == "1":
        name = f"{door().city.key}-decision-log-{now().astimezone(UTC):%Y-%m-%d}.jsonl"
        return Response(_whole(door().database), mimetype=LINES,
                        headers={"Content-Disposition": f'attachment; filename="{name}"'})
    after, limit = _number(request.args.get("after", "0")), _number(request.args.get("limit", str(MOST)))
    if not 1 <= limit <= MOST:
        raise Invalid("limit", "not_offered")
    found = log.lines(reading(), after, limit + 1)
    answer = Response("".join(f"{to_json(line)}\n" for line in found[:limit]), mimetype=LINES)
    if len(found) > limit:
        further = url_for(".log", after=found[limit - 1].number, limit=limit)
        answer.headers["Link"] = f'<{further}>; rel="next"'
    return answer


@api.get("/decisions/head")
@open_to_all
def head() -> Response:
    """The newest signed head."""
    found = log.newest_head(reading())
    if found is None:
        raise NotThere("no_head_yet")
    return jsonify(found)


@api.get("/decisions/heads")
@open_to_all
def heads() -> Response:
    """The signed heads of the last days, newest first, each as `head` gives it."""
    return jsonify([{"day": row.day, "head": row.head} for row in log.heads(reading(), HEADS)])


@api.get("/decisions/key")
@open_to_all
def key() -> Response:
    """The public key that heads are signed with. Who compares heads with it should have it from an earlier day."""
    return jsonify({"public_key": public(key_of(door().settings.secret_key))})


def _whole(database: Database) -> Iterator[bytes]:
    """The whole log, a thousand lines in memory at a time. Each thousand is read in a session of its own: lines never
    change, so nothing is missed between two, and whoever reads slowly holds no connection to the database."""
    after = 0
    while True:
        with database.reading() as session:
            found = log.lines(session, after, MOST)
        if not found:
            return
        yield "".join(f"{to_json(line)}\n" for line in found).encode()
        after = found[-1].number


def _number(text: str) -> int:
    """A number of an address. Raises NotThere for what is none, or larger than a log can have."""
    if not (text.isascii() and text.isdecimal() and len(text) < 10):
        raise NotThere("unknown_page")
    return int(text)


def _asked(session: Session) -> tuple[Figures, list[str]]:
    """The half-year asked for, and all there are; raises NotThere for one that is not among them."""
    city, at = door().city, now()
    current = half_of(city, at)
    halves = half_years(session, city, at) or [current]
    asked = request.args.get("half", "") or current
    if asked not in halves:
        raise NotThere("unknown_page")
    return figures(session, city, asked, at), halves
