"""The public list of ideas, and the page of one idea with its journey, its supporters and its talk."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, render_template, request, url_for
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from wtforms import HiddenField, SelectField, TextAreaField
from wtforms.fields.choices import SelectChoice

from participation import support, translations
from participation.assessment import projects_queries, promises
from participation.assessment.outcomes import reached
from participation.assessment.promises import Promised
from participation.city import City
from participation.comments import queries as comments
from participation.comments.model import Comment
from participation.database import now
from participation.errors import NotThere
from participation.ideas import queries
from participation.ideas.journey import IDEA
from participation.ideas.model import Idea
from participation.ideas.queries import Entry, IdeaList, Wanted
from participation.notices import following
from participation.people.rights import Right, may
from participation.pool.items import today
from participation.text import excerpt, one_line
from participation.translations import CITY, MACHINE, Reading, base_of, original_of, understood
from participation.web.door import door, open_to_all, reading, typed, viewer
from participation.web.language import apart, name_of_language, speaking
from participation.web.signs import move_icon
from participation.web.words import move_done

blueprint = Blueprint("ideas", __name__)

_REF = re.compile(r"[A-Z]{2,4}-[0-9]{4}-[0-9]{5,9}")
_LONGEST_QUERY = 200


class CommentForm(FlaskForm):  # type: ignore[misc]
    """A comment on an idea; `answer` is the number of the comment it answers."""

    body = TextAreaField(lazy_gettext("Your comment"), filters=[typed], render_kw={"aria-required": "true"})
    comment_language = SelectField(lazy_gettext("Language of your comment"), validate_choice=False,
                                   render_kw={"aria-required": "true"})
    answer = HiddenField()


@dataclass(frozen=True, slots=True)
class Words:
    """An idea's own words as the page shows them; `reading` is the translation that they are from, None for the
    original."""

    title: str
    body: str
    benefit: str
    language: str
    reading: Reading | None


@dataclass(frozen=True, slots=True)
class Told:
    """An entry of an idea's timeline, in words."""

    title: str
    at: datetime
    by: str
    reason_text: str
    statement: str  # in the page's language where there is a translation
    statement_language: str
    original: str  # "" where the statement is the original
    original_language: str
    origin: str  # of the translation
    missing: bool  # the city said it in another language only
    outcome: str  # the benefit recorded with it, if its translation is there
    promised: Promised | None  # the promise that it kept
    current: bool
    icon: str  # KERN's, for the mark on the line


@blueprint.get("")
@open_to_all
def index() -> str:
    """The list: searched, narrowed down, sorted, a page at a time."""
    wanted, offered, names = asked()
    # What the city does not have cannot be found: nothing to ask the database, and no error either.
    found = queries.listed(reading(), wanted) if None not in names.values() else IdeaList((), "")
    [cards] = queries.reading_in(reading(), speaking(), found.cards)
    kept = narrowing(wanted)
    if wanted.sort != "newest":
        kept["sort"] = wanted.sort
    return render_template(
        "site/ideas.html", found=IdeaList(cards, found.after), wanted=wanted, offered=offered, narrowed=bool(names),
        chosen=in_words(wanted, names), narrowing=narrowing(wanted),
        first_url=url_for(".index", **kept) if wanted.after else None,
        next_url=url_for(".index", **kept, after=found.after) if found.after else None,
    )


def asked() -> tuple[Wanted, dict[str, tuple[tuple[str, str], ...]], dict[str, str | None]]:
    """What the address asks a list of ideas for, what it can be narrowed down to, and the names of what was chosen:
    None for what the city does not have."""
    offered = _offered(door().city, speaking())
    values = {name: request.args.get(name, "") for name in ("field", "district", "language", "sort", "after")}
    values["sort"] = values["sort"] if values["sort"] in queries.SORTS else "newest"
    wanted = Wanted(q=one_line(request.args.get("q", ""))[:_LONGEST_QUERY], **values)
    return wanted, offered, {name: dict(choices).get(values[name]) for name, choices in offered.items() if values[name]}


def narrowing(wanted: Wanted) -> dict[str, Any]:
    """What a list is narrowed down to, as an address says it."""
    return {name: getattr(wanted, name) for name in ("q", "field", "district", "language") if getattr(wanted, name)}


def in_words(wanted: Wanted, names: dict[str, str | None]) -> list[str]:
    """What a list is narrowed down to, in words."""
    searched = [gettext("“%(words)s”", words=apart(wanted.q))] if wanted.q else []
    return searched + [name for name in names.values() if name]


@blueprint.get("/<ref>")
@open_to_all
def show(ref: str) -> str:
    """One idea; `?answer=7` opens the form to answer comment 7, `?comments=40` the talk behind comment 40."""
    idea, author = visible(ref)
    return idea_page(idea, author, comment_form(number(request.args.get("answer", ""))))


def _offered(city: City, tag: str) -> dict[str, tuple[tuple[str, str], ...]]:
    """What the list can be narrowed down to, as key and name."""
    return {
        "field": tuple((field.key, field.name.in_(tag)) for field in city.fields),
        "district": tuple((district.key, district.name) for district in city.districts),
        "language": tuple((language, name_of_language(language, language)) for language in city.content_languages),
    }


def visible(ref: str) -> tuple[Idea, str]:
    """The idea and its author's name, as far as the person in front of the page may know of it.

    Raises NotThere alike for one that does not exist and for another's that is not public.
    """
    if not _REF.fullmatch(ref):
        raise NotThere("unknown_idea")
    idea, author = queries.one(reading(), ref)
    someone = viewer()
    if idea.public or may(someone, Right.QUEUE_SEE) or (someone is not None and idea.author_id == someone.id):
        return idea, author
    raise NotThere("unknown_idea")


def words_of(idea: Idea) -> Words:
    """An idea's words in the language of the page, where somebody who chose it needs a translation and one fits."""
    original = {"title": idea.title, "body": idea.body, "benefit": idea.benefit}
    found = translations.readings(reading(), IDEA.name, {idea.id: original_of(idea.language, original)},
                                  speaking()).get(idea.id)
    texts = original if found is None else {part: found.part(part) for part in original}
    return Words(**texts, language=found.language if found else idea.language, reading=found)


def number(text: str | None) -> int | None:
    """The number of a comment as an address or a form names it; None for anything else."""
    return int(text) if text and text.isdecimal() and len(text) < 10 else None


def comment_form(answer: int | None = None) -> CommentForm:
    """The form for a comment, holding what was sent with the request, else set to the page's language."""
    city, tag = door().city, speaking()
    mine = next((t for t in (tag, tag.partition("-")[0]) if t in city.content_languages), city.content_languages[0])
    form = CommentForm(comment_language=mine, answer=answer)
    form.comment_language.choices = [SelectChoice(t, name_of_language(t, t)) for t in city.content_languages]
    return form


def idea_page(idea: Idea, author: str, form: CommentForm) -> str:
    """The whole page of an idea, with this form for a comment on it."""
    city, session, someone = door().city, reading(), viewer()
    entries = queries.timeline(session, idea.id)
    made = {entry.move for entry in entries}
    made_promises = promises.public(session, city, idea.id, now()) if "accept" in made and idea.public else ()
    talk = comments.reading_in(session, speaking(),
                               comments.threads(session, idea.id, number(request.args.get("comments"))))
    here = url_for("ideas.show", ref=idea.ref)
    stands = IDEA.state(idea.state)
    supported, told_of = following.concern(session, someone, idea) if someone is not None else (False, False)
    return render_template(
        "site/idea.html", idea=idea, words=words_of(idea), author=author, stands=stands, form=form, here=here,
        own=someone is not None and idea.author_id == someone.id,
        source_url=idea.source_url if urlsplit(idea.source_url).scheme in ("http", "https") else "",
        entries=[told(city, idea, entry, entry is entries[-1], made_promises) for entry in reversed(entries)],
        promises=made_promises, reached=reached(session, idea.id) if "complete" in made else None,
        in_pool="receive" in made, acceptance=queries.acceptance(session, idea.id) if "accept" in made else None,
        supported=supported, told=told_of,
        project=projects_queries.became(session, idea.id, today(city, now())) if "receive" in made else None,
        into=session.get(Idea, idea.merged_into_id) if idea.merged_into_id else None,
        can_carry=someone is not None and support.can_carry(session, someone, idea),
        merged_here=queries.merged_here(session, idea.id) if idea.public else [],
        quorum_open=stands.gathers and idea.quorum_until is not None and idea.quorum_until >= now(),
        talk=talk, answered=_answered(idea, form),
        mine=comments.mine_waiting(session, someone.id, idea.id) if someone else [],
        first_url=f"{here}#comments" if request.args.get("comments") else None,
        next_url=f"{here}?comments={talk.after}#comments" if talk.after else None,
    )


def told(city: City, idea: Idea, entry: Entry, current: bool, kept: Sequence[Promised] = ()) -> Told:
    """An entry of the timeline in words, with the city's own text for the reason that was given. `kept` are the idea's
    promises, of which it may have kept one."""
    text = city.explain(entry.reason, speaking(), idea.title)
    order = understood(speaking(), entry.statement_language)
    tag = next((each for each in order if entry.translated.get(each, {}).get("statement")), speaking())
    words = entry.translated.get(tag, {})
    translated = words.get("statement", "") if order else ""
    return Told(
        move_done(entry.move), entry.at, entry.by, text, translated or entry.statement,
        tag if translated else entry.statement_language, entry.statement if translated else "",
        entry.statement_language, MACHINE if tag in entry.machine else CITY,
        missing=bool(entry.statement) and not translated and entry.by == "city"
        and base_of(entry.statement_language) not in ("", base_of(speaking())),
        outcome=words.get("outcome", ""), promised=next((each for each in kept if each.kept_step_id == entry.id), None),
        current=current, icon=move_icon(entry.move))


def _answered(idea: Idea, form: CommentForm) -> dict[str, Any] | None:
    """The beginning of the public comment that the form answers; without one the form is for the idea."""
    key = number(str(form.answer.data or ""))
    comment = reading().get(Comment, key) if key else None
    if comment is None or comment.idea_id != idea.id or not comment.public:
        form.answer.data = ""
        return None
    return {"words": excerpt(comment.body), "language": comment.language}
