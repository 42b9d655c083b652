"""One record: what it says, the evidence, where it comes from."""

from participation.assessment import working
from participation.desk.answering import answer_form, shown
from participation.desk.frame import blueprint, held
from participation.people.rights import Right, may
from participation.web.door import changing, needs, person


@blueprint.get("/<ref>", endpoint="record")
@needs(Right.RECORDS_SEE)
def show_record(ref: str) -> str:
    """One record with its evidence and provenance, and the form of the answer. The first of the office who opens a
    revision marks it as seen for all."""
    found = held(ref)
    if may(person(), Right.RECORD_WORK) and found.item.seen_revision < found.item.revision:
        with changing() as session:
            working.seen(session, found.item)
    return shown(found, answer_form(found))
