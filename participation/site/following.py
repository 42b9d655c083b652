"""Following an idea: the button on its page, the list of what I am told of, and the link in a letter that ends it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext, lazy_gettext
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from wtforms import RadioField

from participation.database import now
from participation.errors import NotThere
from participation.ideas.actions import idea_by_ref
from participation.ideas.model import Idea
from participation.notices import following
from participation.notices.model import Notice
from participation.people import actions
from participation.people.model import NEVER, Person
from participation.people.rights import Right
from participation.site import pending
from participation.site.ideas import number, visible
from participation.web.door import changing, door, needs, open_to_all, person, reading, viewer
from participation.web.headers import secret_page
from participation.web.limits import SUPPORT, carried_out, limiter, somebody
from participation.web.words import RHYTHMS

blueprint = Blueprint("following", __name__)


class RhythmForm(FlaskForm):  # type: ignore[misc]
    """How often somebody is written to, from the link in a letter."""

    digest = RadioField(lazy_gettext("How often we write to you about ideas you support or follow"),
                        choices=list(RHYTHMS.items()), validate_choice=False, render_kw={"aria-required": "true"})


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
    if on and someone.digest == NEVER:
        flash(gettext("You follow this idea. You get no e-mails about it, as you chose in your settings."), "success")
    elif on:
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
        "site/following.html", found=found, supported_too=person().tells_supported, rhythm=person().digest,
        first_url=url_for("following.mine") if before else None,
        next_url=url_for("following.mine", before=after) if after else None)


@blueprint.get("/unfollow/<token>")
@open_to_all
def unfollow(token: str) -> ResponseReturnValue:
    """The page behind the link in a letter. Opening it changes nothing: programs open links, too."""
    session = reading()
    notice = following.opened(session, token, door().settings.secret_key)
    if notice.letter == "digest":
        rhythm = session.get_one(Person, notice.person_id).digest
        return secret_page(render_template("site/rhythm.html", token=token, rhythm=rhythm,
                                           form=RhythmForm(formdata=None, digest=rhythm)))
    idea = session.get_one(Idea, notice.idea_id)
    return secret_page(render_template("site/unfollow.html", idea=idea, token=token,
                                       own=following.is_own(session, notice.person_id, idea),
                                       stopped=following.stopped(session, notice)))


@blueprint.post("/unfollow/<token>")
@open_to_all  # the right is the token; a mail program posts here by itself and has none of ours (RFC 8058)
def stop(token: str) -> ResponseReturnValue:
    """End such letters, or with `on` = 1 undo that; after a digest, choose with `digest` how often they come."""
    with changing() as session:
        notice = following.opened(session, token, door().settings.secret_key)
        if "List-Unsubscribe" not in request.form and request.form.get("on") == "1":
            following.resume(session, notice, now())
        elif "List-Unsubscribe" not in request.form and "digest" in request.form:
            _choose(session, notice)
            flash(gettext("Your settings are kept."), "success")
        else:
            following.stop(session, notice, now())
    if "List-Unsubscribe" in request.form:
        return unfollow(token)  # such a program does not follow a redirect
    return redirect(url_for("following.unfollow", token=token), 303)


def _choose(session: Session, notice: Notice) -> None:
    """Keep the rhythm that was chosen on the page of a letter; of a letter about one idea, nothing was asked."""
    if notice.letter != "digest" or notice.person_id is None:
        raise NotThere("unknown_letter")
    actions.choose_rhythm(session, notice.person_id, request.form["digest"])

