"""What the page of one record shows beside the record itself: who works on it, its revisions, comments and steps."""

from typing import Any

from flask import request

from participation.assessment.revisions import revisions
from participation.desk.words import part_words, reason_words
from participation.ideas.queries import timeline
from participation.people.model import Person
from participation.pool import record
from participation.pool.queries import PoolRecord
from participation.web.door import reading

COMMENTS = 100  # of a record on one page


def facts_of(found: PoolRecord) -> dict[str, Any]:
    """The facts for desk/record.html."""
    session, item, content = reading(), found.item, found.content
    made, earlier = revisions(session, item, _number("revision") or None)
    begin, comments = _number("comments"), content["comments"]["published"]
    assignee = session.get(Person, item.assignee_id) if item.assignee_id else None
    return {
        "whole": record.digest(content) == content["provenance"]["digest"],
        "entries": list(reversed(timeline(session, found.idea.id))) if found.idea is not None else [],
        "assignee": (assignee.name or assignee.email or "") if assignee else "",
        "revisions": made, "earlier": earlier, "reason_words": reason_words, "part_words": part_words,
        "comments": comments[begin:begin + COMMENTS], "comments_from": begin,
        "comments_next": begin + COMMENTS if len(comments) > begin + COMMENTS else None,
    }


def _number(name: str) -> int:
    """A number of the address; 0 for none and for nonsense."""
    given = request.args.get(name, "")
    return int(given) if given.isascii() and given.isdecimal() and len(given) < 10 else 0
