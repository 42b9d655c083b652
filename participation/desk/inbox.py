"""The CDO office's inbox: the records that the pool holds, narrowed down and ordered, and all of them as a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from typing import Any
from urllib.parse import parse_qsl, urlencode

from flask import Response, render_template, request, stream_with_context, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice

from participation.assessment import inbox as listing
from participation.assessment.inbox import ELSEWHERE, Wanted
from participation.assessment.views import NAME_MAX, views
from participation.assessment.working import COORDINATOR, Colleague, office
from participation.database import now
from participation.desk.frame import blueprint
from participation.desk.words import ATTENTION, COLUMNS, NUMBERS, ORDERS, TAG_KINDS, USUAL
from participation.errors import NotThere
from participation.ideas.journey import POOL_STATES
from participation.people.rights import Right
from participation.pool import files, queries, runs
from participation.pool.items import today
from participation.web.door import door, needs, person, reading, typed
from participation.web.language import name_of_language, speaking

Q_MAX = 200  # characters of a search


class SaveForm(FlaskForm):  # type: ignore[misc]
    """A name for the list that is shown."""

    name = StringField(lazy_gettext("Name of this list"), filters=[typed], render_kw={"aria-required": "true"})


class TogetherForm(FlaskForm):  # type: ignore[misc]
    """What is done with the chosen records."""

    assignee = SelectField(lazy_gettext("Give them to"), validate_choice=False)
    due_on = StringField(lazy_gettext("To be done by"), filters=[typed], render_kw={"type": "date"})


@dataclass(frozen=True, slots=True)
class Present:
    """The list that is shown: what it is narrowed down to, and its columns."""

    wanted: Wanted
    columns: tuple[str, ...]

    def query(self) -> dict[str, Any]:
        """The same as the query of an address."""
        return self.wanted.query() | ({"cols": list(self.columns)} if self.columns != USUAL else {})

    def text(self) -> str:
        """The query, written out."""
        return urlencode(self.query(), doseq=True)

    def with_(self, **changes: Any) -> str:
        """The address of this list with something else in it; None takes away."""
        return url_for("desk.inbox", **self.query() | changes)


def present_of(values: MultiDict[str, str]) -> Present:
    """The list that an address describes; what we do not offer counts for nothing."""
    city = door().city
    offered: dict[str, Any] = {
        "attention": listing.ATTENTION, "stage": {*POOL_STATES, ELSEWHERE}, "field": {f.key for f in city.fields},
        "district": {d.key for d in city.districts}, "language": {*city.content_languages},
        "priority": {p.key for p in city.priorities}, "project": {"yes", "no"}, "order": listing.ORDERS,
        "tag": {value for _, tags in offered_tags() for value, _ in tags}}
    chosen = {name: value if (value := values.get(name, "")) in known else "" for name, known in offered.items()}
    assignee = values.get("assignee", "")
    if not (assignee.isascii() and assignee.isdecimal() and len(assignee) < 10):
        assignee = ""
    columns = tuple(key for key in COLUMNS if key in values.getlist("cols"))
    return Present(Wanted(q=typed(values.get("q", ""))[:Q_MAX], assignee=assignee, **chosen), columns or USUAL)


def present_in(text: str) -> Present:
    """The list that a query describes which a form has carried along."""
    try:
        return present_of(MultiDict(parse_qsl(text, max_num_fields=100)))
    except ValueError:
        return present_of(MultiDict())


def offered_tags() -> list[tuple[str, list[tuple[str, str]]]]:
    """What records can be tagged with, by kind: (name of the kind, [("kind:key", name)])."""
    city, tag = door().city, speaking()
    kinds: dict[str, Sequence[Any]] = {"guideline": city.guidelines, "theme": city.themes, "goal": city.goals,
                                       "need": [need for field in city.fields for need in field.needs]}
    return [(str(TAG_KINDS[kind]), [(f"{kind}:{each.key}", each.name.in_(tag)) for each in known])
            for kind, known in kinds.items() if known]


@blueprint.get("/", strict_slashes=False)
@needs(Right.RECORDS_SEE)
def inbox() -> str:
    """The records the pool holds, and whether everything accepted has arrived."""
    return shown(present_of(request.args), request.args.get("after", ""))


def shown(present: Present, after: str = "", save: SaveForm | None = None) -> str:
    """The inbox's page with this list on it."""
    session, me, city, tag = reading(), person(), door().city, speaking()
    day = today(city, now())
    counts = listing.counts(session, me, day)
    rows, behind = listing.listed(session, present.wanted, me, day, after, elsewhere=ELSEWHERE in counts.stages)
    colleagues = office(session)
    offered = {
        "field": [(each.key, each.name.in_(tag)) for each in city.fields],
        "district": [(each.key, each.name) for each in city.districts],
        "language": [(each, name_of_language(each, tag)) for each in city.content_languages],
        "priority": [(each.key, each.name.in_(tag)) for each in city.priorities],
        "assignee": [(str(each.id), each.name) for each in colleagues],
    }
    return render_template(
        "desk/inbox.html", present=present, wanted=present.wanted, rows=rows, offered=offered, tags=offered_tags(),
        counts=counts, views=views(session, me), save=save or SaveForm(formdata=None),
        name_max=NAME_MAX, form=together_form(colleagues, formdata=None), states=(*POOL_STATES, ELSEWHERE),
        attention=ATTENTION, orders=ORDERS, columns=COLUMNS, numbers=NUMBERS, kinds=files.MEDIA_TYPES, **delivery(),
        first_url=present.with_() if after else None, next_url=present.with_(after=behind) if behind else None)


def delivery() -> dict[str, Any]:
    """The facts of desk/_delivery_line.html: whether everything that was accepted has arrived."""
    session = reading()
    receiver = queries.receiver_id(session, door().settings.receivers[0])
    line = queries.delivery_line(session, receiver)
    return {"line": line, "compared": runs.last_line(session, receiver),
            "missing": queries.unconfirmed(session, receiver) if line.confirmed < line.accepted else []}


def together_form(colleagues: Sequence[Colleague], **given: Any) -> TogetherForm:
    """The form for the chosen records, with everybody they can be given to."""
    form = TogetherForm(**given)
    form.assignee.choices = assignees(colleagues)
    return form


def assignees(colleagues: Sequence[Colleague]) -> list[SelectChoice]:
    """Whom a record can be given to."""
    return [SelectChoice("", gettext("Nobody")), SelectChoice(COORDINATOR, gettext("Whoever coordinates its field")),
            *(SelectChoice(str(each.id), each.name) for each in colleagues)]


@blueprint.get("/records.<kind>")
@needs(Right.RECORDS_EXPORT)
def download(kind: str) -> Response:
    """All current records as a file, streamed: the session of its own lives as long as the stream."""
    if kind not in files.MEDIA_TYPES:
        raise NotThere("unknown_page")
    session = door().database.reading()

    def pieces() -> Any:
        with session:
            yield from files.written(queries.kept_bodies(session), kind)

    name = f"{door().city.key}-idea-pool-{now().astimezone(UTC):%Y-%m-%d}.{kind}"
    return Response(stream_with_context(pieces()), mimetype=files.MEDIA_TYPES[kind], headers={
        "Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "private, no-store"})
