"""Supporting an idea and commenting on it. Who is not signed in may press the button all the same: what
they meant is kept, and carried out when they have signed in."""

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from participation import support as supports
from participation.comments import actions as comments
from participation.database import now
from participation.errors import Conflict, Invalid, NotThere, Trouble
from participation.ideas.actions import idea_by_ref
from participation.ideas.journey import IDEA
from participation.site import pending
from participation.site.ideas import comment_form, idea_page, number, visible
from participation.web.door import changing, door, open_to_all, put, viewer
from participation.web.limits import COMMENT, SUPPORT, carried_out, limiter, somebody
from participation.web.words import sentence

blueprint = Blueprint("taking_part", __name__)


@blueprint.get("/<ref>/support")
@blueprint.get("/<ref>/carry")
@blueprint.get("/<ref>/comments")
@open_to_all
def back(ref: str) -> ResponseReturnValue:
    """Somebody reloads a page, or switches its language, that stands where something was sent to."""
    return redirect(url_for("ideas.show", ref=ref), 303)


@blueprint.post("/<ref>/support")
@limiter.limit(SUPPORT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def support(ref: str) -> ResponseReturnValue:
    """Support an idea (`on` = 1) or take that back (0): the state to reach, so that pressing twice is harmless."""
    idea, _ = visible(ref)
    give, someone = request.form.get("on", "1") != "0", viewer()
    here = url_for("ideas.show", ref=ref, _anchor="support")
    if request.form.get("then") == "propose":  # from the similar ideas that are shown before one writes on
        here = url_for("proposing.new", step="similar")
    if someone is None:
        if not IDEA.state(idea.state).takes_support:
            raise Conflict("takes_no_support")
        if not give:
            return redirect(url_for("signing_in.email", next=here), 303)
        pending.keep("support", idea.id)
        flash(gettext("Please sign in to support this idea. Your support is given as soon as you have."), "info")
        return redirect(url_for("signing_in.email"), 303)
    with changing() as session:
        idea = idea_by_ref(session, ref)
        if give:
            supports.give(session, door().city, someone, idea, now())
        else:
            supports.take_back(session, someone, idea)
    flash(gettext("You support this idea. Thank you.") if give else gettext("Your support is taken back."), "success")
    return redirect(here, 303)


@blueprint.post("/<ref>/carry")
@limiter.limit(SUPPORT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def carry(ref: str) -> ResponseReturnValue:
    """Carry one's support of a merged idea over to the one it was merged into."""
    visible(ref)
    someone = viewer()
    if someone is None:
        return redirect(url_for("signing_in.email", next=url_for("ideas.show", ref=ref)), 303)
    with changing() as session:
        into = supports.carry_over(session, door().city, someone, idea_by_ref(session, ref), now()).ref
    flash(gettext("Your support is carried over. Thank you."), "success")
    return redirect(url_for("ideas.show", ref=into, _anchor="support"), 303)


@blueprint.post("/<ref>/comments")
@limiter.limit(COMMENT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def comment(ref: str) -> ResponseReturnValue:
    """Comment on an idea, or answer a comment; public once a moderator has read it."""
    seen, author = visible(ref)
    form, someone, city = comment_form(), viewer(), door().city
    words = (form.body.data or "", form.comment_language.data or "", number(form.answer.data))
    try:
        with changing() as session:
            idea = idea_by_ref(session, ref)
            kept = (comments.say(session, city, someone, idea, *words, now()) if someone
                    else comments.keep_draft(session, city, idea, *words, now()))
            key = kept.id
    except Invalid as trouble:
        put(form, trouble)
        return idea_page(seen, author, form), 422
    except (Conflict, NotThere) as trouble:  # what was commented on has gone: the words must not go with it
        form.form_errors.append(sentence(trouble))
        return idea_page(seen, author, form), _status(trouble)
    if someone is None:
        pending.keep("comment", key)
        flash(gettext("Your comment is kept. Please sign in, then it is sent."), "info")
        return redirect(url_for("signing_in.email"), 303)
    flash(gettext("Thank you. A moderator reads your comment, then everyone can see it."), "success")
    return redirect(url_for("ideas.show", ref=ref, _anchor=f"comment-{key}"), 303)


def _status(trouble: Trouble) -> int:
    return 409 if isinstance(trouble, Conflict) else 422
