"""The first check at the desk: every criterion with a sentence, and the public answer that goes with it."""

from collections.abc import Callable
from typing import Any

from sqlalchemy import func, select

from participation.assessment.model import Act, Check
from participation.city import City
from participation.database import Database
from participation.ideas.model import Idea
from participation.pool.model import Item, Received
from tests.counting import counted
from tests.desk.assessing import check, criteria
from tests.people import Moderator, Officer, Resident
from tests.pool.making import accepted


def test_a_passed_check_is_answered_with_the_citys_text(officer: Officer, resident: Resident, database: Database,
                                                        city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    page = officer.open(f"/pool/{ref}/checks")
    assert page.has("Nobody has checked this record yet.", "Is it a technology-oriented solution?")
    assert not page.all(".//input[@checked]"), "nothing is preset"
    assert "meets all basic criteria" in page.form("/checks").values["statement"]
    officer.send("/checks", **criteria(city, why="It is an app."))
    assert officer.page.has("The check is recorded and answered publicly.", "All criteria hold", "It is an app.", "Ode",
                            "First check passed")
    assert resident.open(f"/ideas/{ref}").has("First check passed", "meets all basic criteria")
    assert not resident.page.has("It is an app."), "the sentences are the office's"
    with database.reading() as session:
        assert session.scalars(select(Act.kind)).all() == ["checked"]


def test_a_failed_check_comes_back_as_a_draft_of_its_answer(officer: Officer, resident: Resident, database: Database,
                                                            city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    fields = criteria(city, holds_networking="no", why_networking="One department alone does it.")
    check(officer, ref, fields, 422)
    draft = officer.page.form("/checks").values
    assert "does not meet all basic criteria" in draft["statement"]
    assert "Networking: One department alone does it." in draft["statement"]
    assert "Digital character:" not in draft["statement"]
    assert draft["holds_networking"] == "no" and draft["why_use"] == "Because it is so."
    assert officer.page.has("Below is a draft that fits the result.")
    assert _checks(database) == 0
    officer.send("/checks", statement=draft["statement"] + "\n\nPlease find a partner.")
    assert officer.page.has("Not all criteria hold", "First check not passed")
    assert resident.open(f"/ideas/{ref}").has("First check not passed", "Please find a partner.")


def test_an_answer_for_the_other_result_is_not_sent(officer: Officer, database: Database, city: City,
                                                    deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    check(officer, ref, criteria(city, holds_use="no", statement="My own kind words."), 422)
    assert officer.page.has("was written for the other result")
    assert officer.page.form("/checks").values["statement"] == "My own kind words."
    officer.send("/checks", statement="It is of no use.", holds_use="yes", status=422)
    assert officer.page.form("/checks").values["statement"] == "It is of no use."
    officer.send("/checks", statement="", status=422)
    assert "meets all basic criteria" in officer.page.form("/checks").values["statement"]
    assert _checks(database) == 0


def test_every_criterion_needs_an_answer_and_a_sentence(officer: Officer, database: Database, city: City,
                                                        deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    fields = criteria(city, why_digital="  ", why_use="x" * 501)
    del fields["holds_guidelines"]
    check(officer, ref, fields | {"holds_networking": "perhaps"}, 422)
    assert officer.page.has("Why: Digital character – Please fill this in.", "Guidelines – Please fill this in.",
                            "Networking – Please fill this in.", "This is 1 character too long.")
    kept = officer.page.form("/checks").values
    assert kept["why_use"] == "x" * 501 and "holds_guidelines" not in kept
    assert _checks(database) == 0


def test_two_check_at_once_and_nothing_typed_is_lost(officer: Officer, someone: Callable[..., Any], database: Database,
                                                     city: City, deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.open(f"/pool/{ref}/checks")
    form = officer.page.form("/checks")
    colleague = someone(Officer, "colleague@example.org", role="cdo", name="Col")
    check(colleague, ref, criteria(city))
    officer.send(form, status=409, **criteria(city, why="My reason.", statement="My words."))
    assert officer.page.has("Somebody else has decided meanwhile", "My words.", "My reason.", "This was not sent.")
    assert _checks(database) == 1
    officer.send("/checks", **criteria(city, why="Once more."))
    assert officer.page.has("The check is recorded.", "Once more.", "Check of") and _checks(database) == 2
    # A failed one would need an answer, which cannot be given from here.
    check(officer, ref, criteria(city, holds="no"), 409)
    assert officer.page.has("the check was not recorded") and _checks(database) == 2


def test_a_failed_idea_is_checked_again_after_its_answer(officer: Officer, database: Database, city: City,
                                                         deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    officer.answer(ref, "fail", "Not yet.")
    check(officer, ref, criteria(city, holds="no"))
    assert officer.page.has("The check is recorded.")
    officer.answer(ref, "recheck", "We look again.")
    check(officer, ref, criteria(city))
    assert officer.page.has("First check passed")


def test_another_sites_record_is_checked_without_an_answer(officer: Officer, database: Database, city: City,
                                                           deliver: Callable[[], int]) -> None:
    accepted(database, city)
    deliver()
    with database.change() as session:
        kept, item = session.scalars(select(Received)).one(), session.scalars(select(Item)).one()
        kept.site, kept.ref = "https://elsewhere.example", "XX-2026-00001"
        item.site, item.ref, item.idea_id, item.stage = kept.site, kept.ref, None, ""
    assert officer.open("/pool/XX-2026-00001/checks").has("belongs to another site")
    check(officer, "XX-2026-00001", criteria(city, holds="no"))
    assert officer.page.has("The check is recorded.", "Not all criteria hold")
    with database.reading() as session:
        assert session.scalars(select(Idea.state)).one() == "received"


def test_tags_are_boxes_and_bounded(officer: Officer, moderator: Moderator, database: Database, city: City,
                                    deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    page = officer.open(f"/pool/{ref}/checks")
    assert page.has("No tag yet.", "Needs of the field Digital administration", "17 Partnerships for the goals")
    send = officer.client.post
    token = page.form("/tags").values["csrf_token"]
    boxes = ["guideline:cooperate", "goal:goal-11", "need:digital-services"]
    send(f"/en/pool/{ref}/tags", data={"csrf_token": token, "tags": boxes})
    page = officer.open(f"/pool/{ref}/checks")
    assert page.has("The tags are kept.", "Enter into cooperation", "11 Sustainable cities")
    assert {box.get("value") for box in page.all(".//input[@checked]")} == set(boxes)
    answer = send(f"/en/pool/{ref}/tags", data={"csrf_token": token, "tags": ["goal:goal-18"]})
    assert answer.status_code == 422 and b"Please choose one of the offered answers." in answer.data
    officer.open(f"/pool/{ref}/checks")
    send(f"/en/pool/{ref}/tags", data={"csrf_token": token})
    assert officer.open(f"/pool/{ref}/checks").has("No tag yet.")
    moderator.open(f"/pool/{ref}/checks", 403)


def test_a_boards_decision_is_entered(officer: Officer, database: Database, city: City,
                                      deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    with database.reading() as session:
        today = session.scalars(select(func.max(Item.received_at))).one().astimezone(city.zone).date().isoformat()
    officer.open(f"/pool/{ref}/checks")
    officer.send("/decisions", status=422, note="Kept.", url="http://council.example/1", decided_on="soon")
    assert officer.page.has("Board – Please fill this in.", "Day of the decision – Please fill this in.",
                            "Decision – Please fill this in.", "begins with https://")
    kept = officer.page.form("/decisions").values
    assert kept["note"] == "Kept." and kept["url"] == "http://council.example/1" and kept["decided_on"] == "soon"
    for day, words in (("2999-01-01", "still to come"), ("2020-01-01", "before the idea was accepted")):
        officer.send("/decisions", status=422, board="council", outcome="for", decided_on=day, url="")
        assert officer.page.has(words)
    officer.send("/decisions", board="council", outcome="deferred", decided_on=today,
                 url="https://rats.mainz.example/si?id=7")
    assert officer.page.has("City council: Deferred", "rats.mainz.example", "Kept.", "Entered by Ode")
    assert "https://rats.mainz.example/si?id=7" in officer.page.links()


def test_the_page_costs_few_queries(officer: Officer, database: Database, city: City,
                                    deliver: Callable[[], int]) -> None:
    ref = accepted(database, city)
    deliver()
    check(officer, ref, criteria(city))
    with counted(database) as seen:
        officer.open(f"/pool/{ref}/checks")
    assert len(seen) <= 6, seen


def _checks(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count()).select_from(Check)) or 0
