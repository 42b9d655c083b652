"""The door every page is reached through: who is asking, what they may, one transaction per change.

A view says in one line above it who it is for: `@open_to_all` or `@needs(Right.…)`. One that says
nothing does not start (create_app refuses), so no staff page is ever open by forgetting.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar, cast

from flask import Flask, current_app, g, redirect, request, session, url_for
from flask_login import LoginManager, UserMixin, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from participation.city import City
from participation.database import Database
from participation.errors import Invalid, NotAllowed
from participation.people.model import Person
from participation.people.rights import Right, may
from participation.settings import Settings
from participation.text import plain
from participation.web.words import sentence

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Door:
    """What the application was made of."""

    settings: Settings
    city: City
    database: Database


class Visitor(UserMixin):  # type: ignore[misc]
    """A signed-in person as Flask-Login knows them; the epoch ends sessions everywhere at once."""

    def __init__(self, person: Person) -> None:
        self.person = person

    def get_id(self) -> str:
        return f"{self.person.id}:{self.person.epoch}"


def door() -> Door:
    """Settings, city and database of this application."""
    return cast(Door, current_app.extensions["door"])


def reading() -> Session:
    """The request's session to read with."""
    if "reading" not in g:
        g.reading = door().database.reading()
    return cast(Session, g.reading)


@contextmanager
def changing() -> Iterator[Session]:
    """One transaction for one change: committed when nothing was raised, else nothing happened."""
    try:
        with door().database.writing() as changes, changes.begin():
            changes.info["request_id"] = g.get("request_id", "")
            yield changes
    finally:
        _close_reading()  # what was read before is old now; the next look sees what stands


def _close_reading() -> None:
    kept = g.pop("reading", None)
    if kept is not None:
        kept.close()


def has_session() -> bool:
    """Whether this browser has a session at all; where not, none is looked into, so that the page is
    everybody's and may be kept by caches."""
    return current_app.config["SESSION_COOKIE_NAME"] in request.cookies


def viewer() -> Person | None:
    """The signed-in person; None for everybody else, and where the database could not be asked."""
    if g.get("database_gone") or not (has_session() or "_login_user" in g):
        return None
    return current_user.person if current_user.is_authenticated else None


def person() -> Person:
    """The signed-in person of a view that needs a right."""
    someone = viewer()
    if someone is None:
        raise NotAllowed("signed_out")
    return someone


def needs(right: Right) -> Callable[[View], View]:
    """The view is for people with that right; who is signed out is led to signing in and back."""

    def mark(view: View) -> View:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> Any:
            answer = may(viewer(), right)
            if not answer:
                if answer.why == "signed_out" and request.method == "GET":
                    return redirect(url_for("signing_in.email", next=request.full_path.rstrip("?")), 303)
                raise NotAllowed(answer.why, right=str(right))
            return view(*args, **kwargs)

        guarded.who = right  # type: ignore[attr-defined]
        return cast(View, guarded)

    return mark


def open_to_all(view: View) -> View:
    """The view is for everybody."""
    view.who = "all"  # type: ignore[attr-defined]
    return view


def who_may(view: Callable[..., Any]) -> Right | str | None:
    """What the line above a view says: a right, "all", or None where there is no such line."""
    return getattr(view, "who", None)


def sign_in(someone: Person) -> None:
    """Begin a new session for this person; nothing of the old one survives (session fixation)."""
    kept = {key: session[key] for key in ("pending", "draft") if key in session}
    session.clear()
    session.update(kept)
    session.permanent = True
    login_user(Visitor(someone))
    g.pop("_login_user", None)
    g._login_user = Visitor(someone)


def sign_out() -> None:
    """End this session and everything kept in it."""
    logout_user()
    session.clear()


def typed(text: str | None) -> str:
    """The filter of every text field: what was typed, without what HTML cannot show."""
    return plain(text or "")


def put(form: FlaskForm, trouble: Invalid) -> None:
    """Show what a rule refused beside the fields it belongs to."""
    for problem in trouble.all:
        name = problem.field if problem.field in form else next(iter(form._fields))
        field = form[name]
        field.errors = [*field.errors, sentence(problem)]


def local_path(target: str, otherwise: str) -> str:
    """A place to go back to, only inside this site."""
    # A browser drops tabs and line breaks from an address, so "/<tab>/elsewhere" would leave the site.
    if target.startswith("/") and not target.startswith(("//", "/\\")) and target.isprintable():
        return target
    return otherwise


def open_door(app: Flask, made_of: Door) -> None:
    """Hang the door: sessions, signing in, the rights in templates, and the check that no view is unmarked."""
    app.extensions["door"] = made_of
    manager = LoginManager()
    # Not init_app: it looks into every visitor's session, for a remember cookie that we do not use, and
    # loads the person into every page, also into the one that says that the database is away.
    app.login_manager = manager  # type: ignore[attr-defined]
    manager.session_protection = None  # it would sign people out whose phone changes networks

    @manager.user_loader  # type: ignore[untyped-decorator]
    def load(key: str) -> Visitor | None:
        number, _, epoch = key.partition(":")
        try:
            someone = reading().get(Person, int(number)) if number.isdecimal() else None
        except SQLAlchemyError:
            _close_reading()  # whoever asks again must hear the same trouble, not that of a spent transaction
            raise
        return Visitor(someone) if someone is not None and str(someone.epoch) == epoch else None

    @app.teardown_appcontext
    def close(_trouble: BaseException | None) -> None:
        _close_reading()

    @app.context_processor
    def asking() -> dict[str, Any]:
        return {"viewer": viewer(), "has_session": has_session(), "city": made_of.city,
                "may": lambda right, thing=None: bool(may(viewer(), Right(right), thing))}


def check_marks(app: Flask) -> None:
    """Refuse to start while a view does not say who it is for."""
    for name, view in app.view_functions.items():
        if who_may(view) is None:
            raise RuntimeError(f"the view {name} says neither @open_to_all nor @needs(…)")
