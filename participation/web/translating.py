"""The form of a translation: a field for each part that the original has, in the original's order."""

from collections.abc import Iterable, Mapping

from flask_babel import lazy_gettext
from flask_wtf import FlaskForm
from wtforms import StringField, TextAreaField

from participation.web.door import typed

_ASKED = {"aria-required": "true"}


class TextsForm(FlaskForm):  # type: ignore[misc]
    """An idea's text, or a comment's, in another language."""

    title = StringField(lazy_gettext("Title"), filters=[typed], render_kw=_ASKED)
    body = TextAreaField(lazy_gettext("Idea"), filters=[typed], render_kw=_ASKED)
    benefit = TextAreaField(lazy_gettext("What residents gain"), filters=[typed], render_kw=_ASKED)


def texts_form(parts: Iterable[str], texts: Mapping[str, str] | None = None) -> TextsForm:
    """The form with these parts: as it was sent, else holding these texts."""
    form, asked = TextsForm(**dict(texts or {})), set(parts)
    for name in ("title", "body", "benefit"):
        if name not in asked:
            del form[name]
    return form


def entered(form: TextsForm) -> dict[str, str]:
    """What was entered, by part."""
    return {name: str(form[name].data or "") for name in ("title", "body", "benefit") if name in form}
