"""Answers that are prepared: on a record's page, and published one by one or many together."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from sqlalchemy import select, update

from participation.assessment import preparing
from participation.assessment.model import PreparedAnswer, Promise
from participation.city import City
from participation.database import Database, now
from participation.ideas.model import IdeaStep
from participation.people.model import Person
from participation.pool.items import today
from participation.pool.model import Item
from tests.counting import counted
from tests.people import AN_IDEA, Guest, Officer
from tests.pool.making import accepted


def prepare(officer: Officer, ref: str, then: str = "ready", status: int = 200, **values: Any) -> None:
    """Write an answer on the record's page "Answer"."""
    officer.open(f"/pool/{ref}/answer")
    officer.send(f"/pool/{ref}/answer", status=status, then=then,
                 **({"move": "pass", "statement": f"Good: {ref}."} | values))


def chosen(officer: Officer) -> list[str]:
    """What can be chosen on the list."""
    return [box.get("value") or "" for box in officer.page.all(".//input[@name='answers']")]


def moves(database: Database) -> list[str]:
    """The desk's moves made so far."""
    with database.reading() as session:
        return [move for move in session.scalars(select(IdeaStep.move).order_by(IdeaStep.id))
                if move not in ("submit", "publish", "accept", "receive")]


def test_what_is_prepared_is_internal_until_it_is_published(officer: Officer, guest: Guest, database: Database,
                                                            ref: str) -> None:
    prepare(officer, ref, "keep", statement="", statement_de="Gut.")
    assert officer.page.has("An answer is being prepared.", "Kept as a draft")
    prepare(officer, ref, "ready", 422, statement="")
    assert officer.page.has("Public answer – Please fill this in.")
    prepare(officer, ref, "ready", statement="It is good.", statement_de="Gut.")
    form = officer.page.form(f"/pool/{ref}/answer")
    assert (form.values["statement"], form.values["statement_de"], form.values["move"]) == ("It is good.", "Gut.",
                                                                                            "pass")
    assert officer.page.has("An answer is prepared and ready to be published.")
    assert officer.open(f"/pool/{ref}").has("An answer is prepared and ready", "To the prepared answer")
    assert not guest.open(f"/ideas/{ref}").has("It is good.") and moves(database) == []
    officer.open(f"/pool/{ref}/answer")
    officer.send(officer.page.form(f"/pool/{ref}/answer"), then="publish")
    assert officer.page.has("Published: Shade", "Only the office sees what is prepared here")
    assert guest.open(f"/ideas/{ref}").has("It is good.") and moves(database) == ["pass"]


def test_publishing_from_the_page_twice_publishes_once(officer: Officer, database: Database, ref: str) -> None:
    officer.open(f"/pool/{ref}/answer")
    form = officer.page.form(f"/pool/{ref}/answer")
    officer.send(form, then="publish", move="pass", statement="Yes.")
    officer.send(form, status=409, then="publish", move="pass", statement="Yes.")
    assert officer.page.form(f"/pool/{ref}/answer").values["statement"] == "Yes."
    assert moves(database) == ["pass"]


def test_two_colleagues_prepare_at_once(officer: Officer, someone: Callable[..., Any], ref: str) -> None:
    colleague = someone(Officer, "colleague@example.org", role="cdo")
    colleague.open(f"/pool/{ref}/answer")
    prepare(officer, ref, statement="The officer's words.")
    colleague.send(f"/pool/{ref}/answer", status=409, then="keep", move="fail", statement="The colleague's words.")
    assert colleague.page.has("A colleague has changed the prepared answer meanwhile", "The officer's words.")
    form = colleague.page.form(f"/pool/{ref}/answer")
    assert (form.values["statement"], form.values["move"]) == ("The colleague's words.", "fail")
    colleague.send(form, then="keep")  # having read the other, they mean it
    assert colleague.page.form(f"/pool/{ref}/answer").values["statement"] == "The colleague's words."


def test_a_prepared_answer_is_discarded(officer: Officer, ref: str) -> None:
    prepare(officer, ref)
    officer.send("/answer/discard")
    assert officer.page.has("The prepared answer is discarded.", "Only the office sees")
    officer.open(f"/pool/{ref}/answer")
    assert officer.page.form(f"/pool/{ref}/answer").values["statement"] == ""


def test_many_are_published_together_and_those_that_cannot_be_are_named(
        officer: Officer, someone: Callable[..., Any], guest: Guest, database: Database, city: City,
        deliver: Callable[[], int], ref: str) -> None:
    refs = [ref, *(accepted(database, city) for _ in range(4))]
    deliver()
    for each in refs[:4]:
        prepare(officer, each)
    prepare(officer, refs[4], "keep")
    page = officer.open("/pool/answers")
    boxes = chosen(officer)
    assert page.has(*refs, "Not ready yet", "Next step: First check passed") and len(boxes) == 4
    form = officer.page.form("/pool/answers")
    colleague = someone(Officer, "colleague@example.org", role="cdo")
    colleague.answer(refs[1], "fail", "A colleague was faster.")
    prepare(colleague, refs[2], statement="Changed meanwhile.")
    officer.send(form, answers=boxes)
    assert officer.page.has("2 answers are published.", "2 answers could not be published")
    assert officer.page.has(f"{refs[1]} Shade for the bus stops on the square: Somebody else has decided meanwhile",
                            f"{refs[2]} Shade for the bus stops on the square: A colleague has changed")
    assert officer.page.has("First check passed (not possible from where the idea stands)")
    assert sorted(moves(database)) == ["fail", "pass", "pass"]
    assert guest.open(f"/ideas/{refs[3]}").has(f"Good: {refs[3]}.")
    officer.send(form, answers=boxes)  # a double click
    assert officer.page.has("4 answers could not be published", "This answer has been published already.")
    assert sorted(moves(database)) == ["fail", "pass", "pass"]


def test_what_the_list_does_not_take(officer: Officer, database: Database, ref: str) -> None:
    prepare(officer, ref)
    officer.open("/pool/answers")
    form = officer.page.form("/pool/answers")
    for boxes in ([], ["x"], ["1"], ["1.x"], ["-1.2"], [f"{number}.1" for number in range(101)]):
        officer.send(form, status=422, answers=boxes)
    assert officer.page.has("These are too many at once.")
    officer.send(form, answers=["99999.1"])
    assert not officer.page.has("could not be published") and moves(database) == []
    for query in ("not=x.y&not=&not=1&not=1.nonsense", "after=x&ready=7&move=x&field=y", "after=9999999999999999999"):
        assert officer.open(f"/pool/answers?{query}").has(ref)


def test_the_list_is_narrowed_down_and_pages(officer: Officer, database: Database, city: City, ref: str) -> None:
    prepare(officer, ref)
    with database.change() as session:
        number = session.scalars(select(Item.id)).one()
        by = session.scalars(select(Person.id).where(Person.role == "cdo")).one()
        session.add_all(PreparedAnswer(item_id=number, move="fail", language="en", texts={"en": f"No {turn}."},
                                       by_id=by, at=now()) for turn in range(preparing.PAGE))
    assert officer.open("/pool/answers?ready=1").has(f"Good: {ref}.")
    assert not officer.page.has("No 0.")
    assert officer.open("/pool/answers?move=fail").has("No 0.") and not officer.page.has(f"Good: {ref}.")
    other = next(field.key for field in city.fields if field.key != AN_IDEA["field"])
    assert officer.open(f"/pool/answers?field={other}&ready=1").has("No prepared answer fits.")
    page = officer.open("/pool/answers")
    assert not page.has(f"No {preparing.PAGE - 1}.")
    with counted(database) as seen:
        page = officer.open(page.link("after="))
    assert page.has(f"No {preparing.PAGE - 1}.") and len(seen) <= 4, seen


def test_the_list_of_nothing(officer: Officer) -> None:
    assert officer.open("/pool/answers").has("No answer is prepared.")


def test_a_date_that_has_passed_meanwhile_is_not_promised(officer: Officer, database: Database, city: City,
                                                          ref: str) -> None:
    prepare(officer, ref)
    with database.change() as session:
        session.execute(update(PreparedAnswer).values(promised_on=today(city, now())))
    officer.open("/pool/answers")
    officer.send("/pool/answers", answers=chosen(officer))
    assert officer.page.has("Please choose a day after today.") and moves(database) == []


def test_another_date_is_promised_openly(officer: Officer, guest: Guest, database: Database, city: City,
                                         ref: str) -> None:
    later = today(city, now()) + timedelta(days=200)
    officer.open(f"/pool/{ref}/answer")
    form = officer.page.form(f"/pool/{ref}/promise")
    for values, field in (({"due_on": ""}, "New date – Please fill this in."),
                          ({"due_on": "soon"}, "New date – Please enter a day"),
                          ({"due_on": "2020-01-01"}, "New date – Please choose a day after today."),
                          ({"due_on": later.isoformat(), "reason": ""}, "Public reason – Please fill this in.")):
        officer.send(form, status=422, **({"reason": "The council meets later."} | values))
        assert officer.page.has(field)
    assert officer.page.form(f"/pool/{ref}/promise").values["due_on"] == later.isoformat()
    officer.send(form, due_on=later.isoformat(), reason="The council meets later.", reason_language="en")
    assert officer.page.has("The new date stands on the idea’s page.")
    officer.send(form, status=409, due_on=later.isoformat(), reason="Again.", reason_language="en")
    assert officer.page.form(f"/pool/{ref}/promise").values["reason"] == "Again."
    page = guest.open(f"/ideas/{ref}")
    assert page.has("The city has promised another date 1 time", "Moved from", "The council meets later.")
    guest.lang = "de"
    assert {"en"} <= {element.get("lang") for element in guest.open(f"/ideas/{ref}").all(".//details//div")}
    with database.change() as session:
        session.execute(update(Promise).where(Promise.replaced_at.is_(None)).values(due_on=today(city, now())
                                                                                    - timedelta(days=2)))
    assert officer.open(f"/pool/{ref}/answer").has("The public was promised an answer by", "It is late.")
