"""Staff pages: entering an idea for somebody who wrote, called or came to a workshop."""

from moderation.pages.queue import blueprint
from participation.people.rights import Right
from participation.web.door import needs


@blueprint.get("/enter")
@needs(Right.IDEA_ENTER)
def enter() -> str:
    """The form."""
    return ""
