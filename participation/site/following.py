"""Following an idea: the button on its page, the list of what I am told of, and the link in a letter that ends it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from participation.database import now
from participation.ideas.actions import idea_by_ref
from participation.ideas.model import Idea
from participation.notices import following
from participation.people.rights import Right
from participation.site import pending
from participation.site.ideas import number, visible
from participation.web.door import changing, door, needs, open_to_all, person, reading, viewer
from participation.web.headers import secret_page
from participation.web.limits import SUPPORT, carried_out, limiter, somebody

blueprint = Blueprint("following", __name__)


@blueprint.get("/ideas/<ref>/follow")
@open_to_all
def back(ref: str) -> ResponseReturnValue:
    """Somebody reloads a page, or switches its language, that stands where something was sent to."""
    return redirect(url_for("ideas.show", ref=ref), 303)


@blueprint.post("/ideas/<ref>/follow")
@limiter.limit(SUPPORT, key_func=somebody, deduct_when=carried_out)
@open_to_all
def follow(ref: str) -> ResponseReturnValue:
    """Follow an idea (`on` = 1) or be told no more (0): the state to reach, so that pressing twice is harmless."""
    idea, _ = visible(ref)
    on, someone = request.form.get("on", "1") != "0", viewer()
    if someone is None:
        if on:
            pending.keep("follow", idea.id)
            flash(gettext("Please sign in to follow this idea. You follow it as soon as you have."), "info")
            return redirect(url_for("signing_in.email"), 303)
        return redirect(url_for("signing_in.email", next=url_for("ideas.show", ref=ref, _anchor="follow")), 303)
    with changing() as session:
        following.follow(session, someone, idea_by_ref(session, ref), on, now())
    if on:
        flash(gettext("You follow this idea. You are told what becomes of it."), "success")
    elif following.is_own(reading(), someone.id, idea):
        flash(gettext("You are told no more of milestones. What is decided on your own idea is still sent to you."),
              "success")
    else:
        flash(gettext("You are told no more of this idea."), "success")
    if request.form.get("from") == "list":
        return redirect(url_for("following.mine"), 303)
    return redirect(url_for("ideas.show", ref=ref, _anchor="follow"), 303)


@blueprint.get("/me/following")
@needs(Right.IDEA_SUPPORT)
def mine() -> str:
    """The ideas that I am told of, the newest first."""
    before = number(request.args.get("before"))
    found, after = following.mine(reading(), person(), before)
    return render_template(
        "site/following.html", found=found, supported_too=person().tells_supported,
        first_url=url_for("following.mine") if before else None,
        next_url=url_for("following.mine", before=after) if after else None)


@blueprint.get("/unfollow/<token>")
@open_to_all
def unfollow(token: str) -> ResponseReturnValue:
    """The page behind the link in a letter. Opening it changes nothing: programs open links, too."""
    session = reading()
    notice = following.opened(session, token, door().settings.secret_key)
    idea = session.get_one(Idea, notice.idea_id)
    return secret_page(render_template("site/unfollow.html", idea=idea, token=token,
                                       own=following.is_own(session, notice.person_id, idea),
                                       stopped=following.stopped(session, notice)))


@blueprint.post("/unfollow/<token>")
@open_to_all  # the right is the token; a mail program posts here by itself and has none of ours (RFC 8058)
def stop(token: str) -> ResponseReturnValue:
    """End the letters about this idea."""
    with changing() as session:
        notice = following.opened(session, token, door().settings.secret_key)
        following.stop(session, notice, now())
    if "List-Unsubscribe" in request.form:
        return unfollow(token)  # such a program does not follow a redirect
    return redirect(url_for("following.unfollow", token=token), 303)
