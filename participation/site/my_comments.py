"""What I wrote beneath ideas: where each comment stands, what was decided, and changing or withdrawing it."""

from flask import Blueprint, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext

from participation import waiting
from participation.comments import actions, queries
from participation.comments.journey import COMMENT
from participation.comments.model import Comment
from participation.database import now
from participation.errors import Conflict, Invalid, NotAllowed, NotThere
from participation.people.rights import Right
from participation.site.ideas import CommentForm, comment_form, number
from participation.waiting import find
from participation.web.door import changing, door, needs, person, put, reading
from participation.web.limits import COMMENT as LIMIT
from participation.web.limits import carried_out, limiter, somebody
from participation.web.words import sentence

blueprint = Blueprint("my_comments", __name__)


@blueprint.get("")
@needs(Right.IDEA_COMMENT)
def comments() -> str:
    """My comments, newest first."""
    before = number(request.args.get("before"))
    found = queries.mine(reading(), person().id, before)
    more = len(found) > queries.THREADS
    return render_template(
        "site/my_comments.html", comments=found[:queries.THREADS], changeable=COMMENT.keys(author_changes=True),
        first_url=url_for(".comments") if before else None,
        next_url=url_for(".comments", before=found[queries.THREADS - 1].id) if more else None)


@blueprint.get("/<int(max=2147483647):number_>")
@needs(Right.IDEA_COMMENT)
def show(number_: int) -> str:
    """One comment: its place in the queue, its text to be changed."""
    comment = _mine(number_)
    form = comment_form()
    form.body.data, form.comment_language.data = comment.body, comment.language
    return _page(comment, form)


@blueprint.post("/<int(max=2147483647):number_>")
@limiter.limit(LIMIT, key_func=somebody, deduct_when=carried_out)
@needs(Right.IDEA_COMMENT)
def change(number_: int) -> ResponseReturnValue:
    """Change it; a returned or rejected one is sent again by that."""
    form, comment = comment_form(), _mine(number_)
    try:
        with changing() as session:
            actions.change(session, door().city, person(), session.get_one(Comment, number_), form.body.data or "",
                           form.comment_language.data or "", now())
    except Invalid as trouble:
        put(form, trouble)
        return _page(comment, form), 422
    except (Conflict, NotAllowed) as trouble:
        form.form_errors.append(sentence(trouble))
        return _page(_mine(number_), form), 409
    flash(gettext("Your change is kept. A moderator reads the new text."), "success")
    return redirect(url_for("my_comments.show", number_=number_), 303)


@blueprint.post("/<int(max=2147483647):number_>/withdraw")
@needs(Right.IDEA_COMMENT)
def withdraw(number_: int) -> ResponseReturnValue:
    """Take it back."""
    _mine(number_)
    with changing() as session:
        actions.withdraw(session, person(), session.get_one(Comment, number_), now())
    flash(gettext("Your comment is withdrawn."), "success")
    return redirect(url_for("my_comments.comments"), 303)


def _mine(number_: int) -> Comment:
    """My comment with that number; raises NotThere alike for another's and for none."""
    comment = reading().get(Comment, number_)
    if comment is None or comment.author_id != person().id:
        raise NotThere("unknown_comment")
    return comment


def _page(comment: Comment, form: CommentForm) -> str:
    session = reading()
    row = find(session, COMMENT.name, comment.id)
    place, length = waiting.place(session, row) if row is not None else (0, 0)
    found = next((each for each in queries.mine(session, person().id, comment.id + 1, 1)), None)
    return render_template(
        "site/my_comment.html", comment=comment, own=found, form=form, place=place, queue_length=length,
        decided_by=row.due if row is not None else None, can_change=COMMENT.state(comment.state).author_changes,
        can_withdraw="withdraw" in {move.key for move in COMMENT.open_to(person(), comment)})
