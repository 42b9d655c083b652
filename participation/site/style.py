"""The living page of parts: every component in every state, in both directions of writing. For those who build and
test the site; there is no such page in production."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, abort, render_template
from flask_wtf import FlaskForm
from wtforms import BooleanField, EmailField, RadioField, SelectField, StringField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation.assessment.projects_queries import Watched
from participation.assessment.promises import Promised
from participation.comments.queries import CommentCard
from participation.database import now
from participation.ideas.journey import IDEA
from participation.ideas.queries import IdeaCard
from participation.site.ideas import Told
from participation.translations import Original
from participation.web.door import door, open_to_all
from participation.web.signs import move_icon
from participation.web.words import move_done

blueprint = Blueprint("style", __name__)

# A fixed day, so that a picture of the page is the same tomorrow.
DAY = datetime(2026, 3, 14, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Sample:
    """The words that the parts are shown with: of one language and its direction. No text of the pages, so none of
    them is translated; a number keeps the ids of the two apart."""

    language: str
    direction: str
    number: int
    title: str
    long_title: str
    text: str
    author: str
    label: str
    hint: str


SAMPLES = (
    Sample("de", "ltr", 1, "Schatten für die Haltestelle am Münsterplatz",
           "Donaudampfschifffahrtsgesellschaftskapitänsmützenständer und 47 weitere Fundstücke, die in einem digitalen "
           "Fundbüro der Stadt auffindbar sein sollten",
           "Im Sommer steht man dort in der prallen Sonne. Ein paar Bäume würden genügen, und wer auf den Bus wartet, "
           "hätte es leichter. Mehr dazu: https://www.example.org/schatten",
           "Jonas", "Ihre Idee in einem Satz", "Was soll sich ändern, und wo?"),
    Sample("ar", "rtl", 2, "ظلّ لمحطة الحافلات في ميدان مونستر", "خريطة رقمية لأماكن باردة ومظللة في المدينة، فيها 47 "
           "مكانًا مثل المكتبات والكنائس ومراكز الأحياء التي تفتح أبوابها في أيام الحر", "في الصيف نقف هناك تحت الشمس "
           "الحارقة. تكفي بضع أشجار ليصبح انتظار الحافلة أسهل. المزيد: https://www.example.org/schatten", "ليلى",
           "فكرتك في جملة واحدة", "ما الذي ينبغي أن يتغير، وأين؟"),
)


class SampleForm(FlaskForm):  # type: ignore[misc]
    """A field of every kind."""

    title = StringField(render_kw={"aria-required": "true"})
    body = TextAreaField()
    mail = EmailField(render_kw={"aria-required": "true"})
    code = StringField(render_kw={"aria-required": "true"})
    field = SelectField(choices=[SelectChoice("a", "Mobilität"), SelectChoice("b", "Bildung")])
    kind = RadioField(choices=[SelectChoice("a", "A"), SelectChoice("b", "B")], validate_choice=False)
    agreed = BooleanField()


@blueprint.get("/style")
@open_to_all
def show() -> str:
    """Every part in every state."""
    if door().settings.production:
        abort(404)
    return render_template("style.html", samples=[(sample, _things(sample)) for sample in SAMPLES],
                           states=[state.key for state in IDEA.states], day_shown=DAY)


def _things(sample: Sample) -> dict[str, Any]:
    """What the parts are shown with, in one language."""
    return {"cards": _cards(sample), "told": _told(sample), "milestones": _milestones(sample),
            "promises": _promises(sample), "comments": _comments(sample), "form": _form(sample),
            "wrong": _form(sample, wrong=True), "soon": now() + timedelta(days=12, hours=1)}


def _cards(sample: Sample) -> list[IdeaCard]:
    fields = [field.key for field in door().city.fields]
    return [IdeaCard(number, f"XX-2026-{sample.number}000{number}", title, sample.text, language,
                     fields[number % len(fields)], None, state, DAY, supports, comments, imported,
                     Original(language, ()), translated)
            for number, (title, language, state, supports, comments, imported, translated) in enumerate((
                (sample.title, sample.language, "published", 84, 3, False, ""),
                (sample.long_title, sample.language, "done", 1204, 128, True, "machine"),
                (sample.title, "uk", "declined", 0, 0, False, "")))]


def _told(sample: Sample) -> list[Told]:
    """A journey with every sign there is, the last step being the present; the city explains some."""
    moves = ("submit", "return", "publish", "merge", "accept", "receive", "fail", "plan", "start", "complete")
    return [Told(move_done(key), DAY + timedelta(days=place), by="city" if place else "author", reason_text="",
                 statement=sample.text if place % 3 == 0 else "", statement_language=sample.language, original="",
                 original_language="", origin="", missing=False, outcome="", promised=None,
                 current=place == len(moves) - 1, icon=move_icon(key))
            for place, key in reversed(tuple(enumerate(moves)))]


def _milestones(sample: Sample) -> list[Watched]:
    return [Watched(number, sample.title, sample.language, due, reached, standing)
            for number, (due, reached, standing) in enumerate((
                (date(2026, 2, 1), date(2026, 1, 20), "reached"), (date(2026, 2, 1), date(2026, 3, 1), "reached_late"),
                (date(2026, 3, 1), None, "overdue"), (date(2027, 3, 1), None, "due"), (None, None, "open")))]


def _promises(sample: Sample) -> list[Promised]:
    def one(late: bool, moved_to: date | None = None) -> Promised:
        return Promised(date(2026, 4, 1), DAY, None, None, late, moved_to, sample.text, sample.language, {})

    return [one(False, date(2026, 5, 1)), one(False), one(True)]


def _comments(sample: Sample) -> list[CommentCard]:
    """A thread as deep as they grow, answered by the city."""
    number = sample.number * 1000
    return [CommentCard(number + depth + 10 * official, "" if official else sample.author, sample.text, sample.language,
                        DAY, official, imported=False, masked=depth == 3, depth=depth,
                        answer_to=sample.author if depth else "")
            for depth, official in ((0, False), (1, True), (1, False), (2, False), (3, False), (4, False), (0, True))]


def _form(sample: Sample, wrong: bool = False) -> SampleForm:
    prefix = f"{sample.direction}-{'wrong' if wrong else 'right'}-"
    form = SampleForm(None, prefix=prefix, title=sample.title if wrong else "")
    for field in form:
        field.label.text = sample.label
        if wrong and field.short_name != "csrf_token":
            field.errors = [sample.hint]
    return form
