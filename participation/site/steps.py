"""The questions of an idea, one on each page, and what is kept between them.

Every page holds the whole form: the questions of its step are seen, what was answered before goes along hidden. So
nothing depends on the draft in the database; it is there for whoever leaves and comes back.
"""

from dataclasses import dataclass
from typing import Any

from flask import render_template, request, session
from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import Field

from participation import support
from participation.database import now
from participation.errors import Invalid
from participation.ideas import drafts, queries
from participation.ideas.actions import Draft
from participation.ideas.drafts import IdeaDraft
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.ideas.similar import similar
from participation.site import pending
from participation.web.door import changing, door, put, reading, viewer
from participation.web.language import base_of, speaking

ALIKE_SHOWN = 4
ALIKE_SHORTEST = 8  # characters of a title, below which nothing is looked for
ALIKE_LEAST = 0.3  # of likeness: a title has few words, and what shares just one of them is no likeness
LONGEST_ASKED = 300
_ALONG = ("csrf_token", "version", "step", "draft")  # of the form, but no answers


@dataclass(frozen=True, slots=True)
class Step:
    """One page of the form: the names of the fields that it shows, its question, and its name in the progress."""

    key: str
    fields: tuple[str, ...]
    question: Any
    name: Any


STEPS = (
    Step("title", ("title",), lazy_gettext("What is your idea, in one sentence?"), lazy_gettext("Your idea")),
    Step("body", ("body",), lazy_gettext("What should change?"), lazy_gettext("What changes")),
    Step("benefit", ("benefit",), lazy_gettext("What do residents gain?"), lazy_gettext("Who gains")),
    Step("where", ("field", "district", "place", "latitude", "longitude"), lazy_gettext("Where does it belong?"),
         lazy_gettext("Where it belongs")),
    Step("preview", ("idea_language",), lazy_gettext("This is how your idea will look"),
         lazy_gettext("Check and send")),
)
FIRST, PREVIEW = STEPS[0], STEPS[-1]
# A page of the first step, seen only when there are similar ideas.
ALIKE = Step("similar", (), lazy_gettext("Is it here already?"), FIRST.name)


def step(key: str | None) -> Step:
    """The step with that key; the first one for any other."""
    return next((each for each in (*STEPS, ALIKE) if each.key == key), FIRST)


def going() -> str:
    """Where a button of a step leads: "next", "back", a step's key, "keep", "afresh" or "in-" with a language of the
    pages; "" where the idea is sent."""
    return request.form.get("go", "")


def answers(form: FlaskForm) -> list[Field]:
    """The form's fields that hold what somebody has answered."""
    return [field for field in form if field.name not in _ALONG]


def target(form: FlaskForm, here: Step, go: str) -> Step:
    """The step that a button leads to. Behind the first one, ideas like it are shown, unless it stands as it was when
    its author went on before."""
    if go not in ("next", "back"):
        return step(go)
    if here is FIRST and go == "next":
        before = begun()
        seen = before is not None and before.entered.get("title") == form.title.data and "body" in before.entered
        return STEPS[1] if seen else ALIKE
    if here is ALIKE:
        return STEPS[1] if go == "next" else FIRST
    at = STEPS.index(here) + (1 if go == "next" else -1)
    return STEPS[max(0, min(at, len(STEPS) - 1))]


def passes(form: FlaskForm, draft: Draft, here: Step, there: Step) -> bool:
    """Whether one may go on from here to there; what is wrong is put beside its field. The preview asks for
    everything, going on for the present questions, going back for nothing."""
    onwards = there is ALIKE or _place(there) > _place(here)
    names = [field.name for field in answers(form)] if there is PREVIEW else here.fields if onwards else ()
    wrong = [problem for problem in problems(draft) if problem.field in names]
    for problem in wrong:
        problem.others = ()
        put(form, problem)
    return not wrong


def problems(draft: Draft) -> list[Invalid]:
    """Everything that is missing or wrong so far."""
    try:
        draft.cleaned(door().city)
    except Invalid as trouble:
        return list(trouble.all)
    return []


def begun() -> IdeaDraft | None:
    """What this browser, or the person, has begun to write."""
    return drafts.kept(reading(), session.get("draft", ""), viewer()) if "draft" in session or viewer() else None


def keep(form: FlaskForm, at: Step) -> None:
    """Keep what was typed. An idea that waits for its author to sign in is not sent any more once it is changed."""
    entered = {field.name: str(field.data) for field in answers(form) if field.data}
    before = begun()
    if before is None and not entered:
        return
    if before is None or before.entered != entered:
        pending.drop("idea")
    with changing() as changes:
        session["draft"] = drafts.keep(changes, session.get("draft", ""), viewer(), at.key, entered, now())
    session.permanent = True  # as long as the draft itself: who closes the browser finds it again


def start_afresh() -> None:
    """Throw away what was begun."""
    with changing() as changes:
        drafts.forget(changes, session.get("draft", ""), viewer())
    session.pop("draft", None)
    pending.drop("idea")


def alike(title: str, limit: int = ALIKE_SHOWN) -> list[queries.IdeaCard]:
    """The public ideas like a title, most alike first, as cards in the reader's language where there is a translation;
    nothing for a title too short to tell."""
    if len(title) < ALIKE_SHORTEST:
        return []
    found = similar(reading(), title[:LONGEST_ASKED], "", base_of(speaking()), limit=limit, least=ALIKE_LEAST,
                    public=True)
    found = [each for each in found if each.score > found[0].score / 2]
    if not found:
        return []
    rows = reading().execute(queries.card_columns().where(Idea.id.in_([each.id for each in found])))
    cards = {row.id: queries.card(row) for row in rows}
    [read] = queries.reading_in(reading(), speaking(), [cards[each.id] for each in found if each.id in cards])
    return list(read)


def page(form: FlaskForm, here: Step, draft: Draft, came_back: IdeaDraft | None = None) -> str:
    """The page of a step; with errors beyond its own questions, a page of all questions that need another look."""
    found: list[queries.IdeaCard] = []
    if here is ALIKE and not form.errors:
        found = alike(form.title.data or "")
        here = ALIKE if found else STEPS[1]
    someone, wrong = viewer(), [field.name for field in answers(form) if field.errors]
    mends = any(name not in here.fields for name in wrong)
    ours = support.supported(reading(), someone, [card.id for card in found]) if someone and found else set()
    takes_support = {card.id for card in found if IDEA.state(card.state).takes_support}
    form.step.data, form.draft.data = here.key, form.draft.data or session.get("draft", "")
    return render_template(
        "site/propose/step.html", form=form, step=here, steps=STEPS, place=_place(here), mends=mends,
        shown=wrong if mends else here.fields, answers=answers(form), draft=draft, complete=not problems(draft),
        alike=found, supported=ours, open_to_support=takes_support,
        came_back=came_back, begun=bool(form.draft.data), signed_out=someone is None)


def _place(here: Step) -> int:
    return 0 if here is ALIKE else STEPS.index(here)
