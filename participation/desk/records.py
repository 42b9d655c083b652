"""One record: what it says, the evidence, where it comes from."""

from participation.desk.answering import answer_form, shown
from participation.desk.frame import blueprint, held
from participation.people.rights import Right
from participation.web.door import needs


@blueprint.get("/<ref>", endpoint="record")
@needs(Right.RECORDS_SEE)
def show_record(ref: str) -> str:
    """One record with its evidence and provenance, and the form of the answer."""
    found = held(ref)
    return shown(found, answer_form(found))
