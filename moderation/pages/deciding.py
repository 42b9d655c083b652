"""Staff pages: one entry and the decision on it, undoing, confirming, notes."""

from typing import Any

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext
from sqlalchemy.orm import Session

from moderation import appeals, claims, decisions, hints, history, queue, reports
from moderation.entries import Entered, Entry, entry
from moderation.model import Decision, Proposal
from moderation.pages.forms import (
    ConfirmForm,
    DecisionForm,
    NoteForm,
    colleague_of,
    confirm_form,
    decision_form,
    entered,
    note_form,
)
from moderation.pages.queue import address, blueprint, wanted_of
from moderation.queue import Wanted
from participation.database import now
from participation.errors import Conflict, Invalid, NotThere
from participation.people.model import Person
from participation.people.rights import Right
from participation.waiting import find
from participation.web.door import changing, door, needs, person, put, reading
from participation.web.language import apart, speaking
from participation.web.words import move_done, sentence

_RULE = "/<entries:kind>/<key>"


@blueprint.get(_RULE, endpoint="entry")
@needs(Right.ENTRY_DECIDE)
def show(kind: str, key: str) -> str:
    """An entry to decide on; opening it claims it for a while, for whoever could decide."""
    found = entry(reading(), person(), kind, key)
    if found.waiting is not None and found.moves:
        with changing() as changes:
            row = find(changes, kind, found.thing.id)
            if row is not None:
                claims.take(changes, door().city, row, person(), now())
    return _page(kind, key)


@blueprint.post(_RULE)
@needs(Right.ENTRY_DECIDE)
def decide(kind: str, key: str) -> ResponseReturnValue:
    """Decide, then open the next entry; whatever is refused keeps what was typed."""
    city, tag = door().city, speaking()
    shown = entry(reading(), person(), kind, key)
    form = decision_form(city, shown, tag)
    what = entered(form, shown, tag)
    if not what.move:
        put(form, Invalid("move", "required"))
        return _page(kind, key, form), 422
    try:
        with changing() as changes:
            found = entry(changes, person(), kind, key)
            made = decisions.decide(changes, city, person(), found, what, now())
            done, number = _told(made)
    except Invalid as trouble:
        put(form, trouble)
        return _page(kind, key, form), 422
    except Conflict as trouble:
        # The page shows what stands there now, so that is what its form offers and what is decided on next.
        standing = entry(reading(), person(), kind, key)
        form = decision_form(city, standing, tag)
        form.version.data = str(standing.version)
        form.form_errors.append(sentence(trouble))
        return _page(kind, key, form), 409
    session["undo"] = number
    flash(gettext("%(what)s: %(title)s", what=done, title=apart(shown.title or shown.name)), "success")
    return _onward()


@blueprint.post(f"{_RULE}/correct")
@needs(Right.ENTRY_DECIDE)
def correct(kind: str, key: str) -> ResponseReturnValue:
    """Correct where an entry belongs, without deciding on it."""
    city, shown = door().city, entry(reading(), person(), kind, key)
    form = decision_form(city, shown, speaking())
    what = entered(form, shown, speaking())
    try:
        with changing() as changes:
            decisions.correct(changes, city, person(), entry(changes, person(), kind, key), what, now())
    except Invalid as trouble:
        put(form, trouble)
        return _page(kind, key, form), 422
    except Conflict as trouble:
        form.form_errors.append(sentence(trouble))
        return _page(kind, key, form), 409
    flash(gettext("The corrections are kept."), "success")
    return redirect(address(kind, key, _behind()), 303)


@blueprint.get(f"{_RULE}/hold")
@needs(Right.ENTRY_DECIDE)
def hold_back(kind: str, key: str) -> ResponseReturnValue:
    """Somebody reloads a page, or switches its language, that stands where something was sent to."""
    return redirect(address(kind, key, _behind()), 303)


@blueprint.post(f"{_RULE}/hold")
@needs(Right.ENTRY_DECIDE)
def hold(kind: str, key: str) -> ResponseReturnValue:
    """Claim it for longer (WCAG 2.2.1): the page comes back with what was typed into the form, as often as it takes."""
    shown = entry(reading(), person(), kind, key)
    form = decision_form(door().city, shown, speaking())
    with changing() as changes:
        row = find(changes, kind, shown.thing.id)
        kept = row is not None and claims.take(changes, door().city, row, person(), now())
    if not kept:
        form.form_errors.append(sentence(Conflict("moved_on" if shown.waiting is None else "claimed")))
    else:
        flash(gettext("The entry is yours for longer."), "success")
    return _page(kind, key, form), 200 if kept else 409


@blueprint.post(f"{_RULE}/checked")
@needs(Right.ENTRY_DECIDE)
def checked(kind: str, key: str) -> ResponseReturnValue:
    """What a trusted author published stays."""
    with changing() as changes:
        decisions.checked(changes, person(), entry(changes, person(), kind, key), now())
    flash(gettext("Checked; it stays as it is."), "success")
    return _onward()


@blueprint.post(f"{_RULE}/confirm")
@needs(Right.ENTRY_DECIDE)
def confirm(kind: str, key: str) -> ResponseReturnValue:
    """The second moderator confirms a proposed decision or sends it back."""
    form = confirm_form()
    try:
        if form.agrees.data not in ("0", "1"):
            raise Invalid("agrees", "required")
        with changing() as changes:
            made = decisions.confirm(changes, door().city, person(), entry(changes, person(), kind, key),
                                     form.agrees.data == "1", form.note.data or "", now())
            session["undo"] = made.id if made is not None else 0
    except Invalid as trouble:
        put(form, trouble)
        return _page(kind, key, confirming=form), 422
    flash(gettext("The decision is confirmed.") if form.agrees.data == "1" else gettext("It is sent back."), "success")
    return _onward()


@blueprint.post(f"{_RULE}/note")
@needs(Right.ENTRY_DECIDE)
def note(kind: str, key: str) -> ResponseReturnValue:
    """Keep an internal note, or hand the entry over with it."""
    form = note_form(claims.moderators(reading()), person())
    to = colleague_of(form)
    try:
        with changing() as changes:
            found = entry(changes, person(), kind, key)
            if to and found.waiting is not None:
                claims.hand_over(changes, found.waiting, person(), to, form.note.data or "", now())
            else:
                claims.add_note(changes, kind, found.thing.id, person(), form.note.data or "", now())
    except Invalid as trouble:
        put(form, trouble)
        return _page(kind, key, noting=form), 422
    flash(gettext("The entry is handed over.") if to else gettext("The note is kept."), "success")
    return _onward() if to else redirect(address(kind, key, _behind()), 303)


@blueprint.post("/undo/<int(max=2147483647):number>")
@needs(Right.ENTRY_DECIDE)
def undo(number: int) -> ResponseReturnValue:
    """Take one's last decision back, while nothing has been sent."""
    with changing() as changes:
        made = changes.get(Decision, number)
        if made is None:
            raise NotThere("unknown_entry")
        decisions.undo(changes, door().city, person(), made, now())
        kind, key = made.kind, queue.ref_of(changes, made.thing_id) if made.kind == "idea" else str(made.thing_id)
    session.pop("undo", None)
    flash(gettext("Undone. Nothing was sent."), "success")
    return redirect(address(kind, key), 303)


@blueprint.app_context_processor
def undoing() -> dict[str, Any]:
    """What can still be undone, asked for by staff pages alone."""
    return {"undo_of": _undo_of}


def _undo_of() -> tuple[int, int] | None:
    """The number of this moderator's last decision, and the seconds left to undo it."""
    number = session.get("undo")
    made = reading().get(Decision, number) if isinstance(number, int) and number else None
    if made is None or made.undone_at is not None:
        return None
    left = int((made.undo_until - now()).total_seconds())
    return (made.id, left) if left > 0 else None


def _told(made: Decision | Proposal) -> tuple[str, int]:
    if isinstance(made, Proposal):
        return gettext("Proposed; a second moderator confirms it"), 0
    return move_done(made.move), made.id


def _behind() -> Wanted:
    """The filters of the queue that the page of an entry was opened from."""
    return wanted_of({**request.args, "kind": request.args.get("of", "")})


def _onward() -> ResponseReturnValue:
    """On to the next entry that fits the filters."""
    return redirect(url_for("moderation.following", **_behind().query()), 303)


def _page(kind: str, key: str, form: DecisionForm | None = None, *, confirming: ConfirmForm | None = None,
          noting: NoteForm | None = None) -> str:
    changes, city, tag, me = reading(), door().city, speaking(), person()
    found = entry(changes, me, kind, key)
    row, at = found.waiting, now()
    held = row is not None and row.holder_id not in (None, me.id) and row.held_until is not None \
        and row.held_until > at
    noticed = hints.lines(changes, kind, found.thing.id)
    form = form or decision_form(city, found, tag, **_begun(noticed))
    offered = {choice.value for choice in form.reason.choices}
    return render_template(
        f"moderation/{kind}.html", entry=found, idea=found.idea, form=form, held=held,
        holder=changes.get(Person, row.holder_id) if held and row is not None else None,
        tone=queue.urgency(row.since, row.due, at) if row is not None else "",
        confirming=confirming or confirm_form(), noting=noting or note_form(claims.moderators(changes), me),
        notes=claims.notes(changes, kind, found.thing.id), hints=noticed, to_mask=hints.to_mask(noticed),
        history=history.author_history(changes, found.thing.author_id), own_proposal=_own(found, me),
        reasons=[reason for reason in city.reasons if reason.key in offered], behind=_behind().query_behind(),
        proposed=Entered.read(found.proposal.entered) if found.proposal else None, **_facts(changes, found))


def _begun(noticed: list[hints.HintLine]) -> dict[str, str]:
    """What a link of this very page has asked to fill in; the moderator still decides."""
    target = request.args.get("target", "")[:20]
    if target:
        return {"move": "merge", "target": target}
    return {"move": "publish", "mask": "\n".join(hints.to_mask(noticed))} if request.args.get("mask") else {}


def _own(found: Entry, me: Person) -> bool:
    return found.proposal is not None and found.proposal.by_id == me.id


def _facts(changes: Session, found: Entry) -> dict[str, Any]:
    """What the page of each kind shows besides."""
    thing: Any = found.thing
    if found.kind == "idea":
        return {"versions": history.versions(changes, thing), "steps": history.steps(changes, "idea", thing.id),
                "alike": hints.alike(changes, thing.id)}
    facts: dict[str, Any] = {"steps": history.steps(changes, found.kind, thing.id)}
    if found.kind == "comment":
        facts["versions"] = history.comment_versions(changes, thing)
    if found.kind == "edit":
        facts["changes"] = history.edit_changes(thing, found.idea)
    if found.kind == "report":
        facts |= {"reports": reports.of_case(changes, thing.id),
                  "categories": reports.categories_of_case(changes, thing.id)}
    if found.kind == "appeal" and found.appealed is not None:
        facts |= {"statement": appeals.statement(changes, found.appealed, now())}
    return facts
