"""Entering ideas for others: one at a time, a workshop's cards at once."""

import json
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select

from participation.city import City
from participation.database import Database, now
from participation.errors import Invalid
from participation.ideas.model import Idea, IdeaStep, IdeaVersion, RefCounter
from participation.ideas.revising import NAME_MAX, enter
from participation.text import plain
from participation.waiting import Waiting
from tests.making import a_draft, staff
from tests.page import Page, words
from tests.people import AN_IDEA, Guest, Moderator, Officer, Resident

ENTERED: dict[str, Any] = AN_IDEA | {"origin": "letter", "consent": "y"}
SHARED: dict[str, Any] = {"field": AN_IDEA["field"], "district": "neustadt", "idea_language": "en", "consent": "y"}


def a_card(number: int, **changes: str) -> dict[str, Any]:
    """The fields of one card."""
    parts = {"title": f"An idea from card number {number}", "body": AN_IDEA["body"], "benefit": AN_IDEA["benefit"]}
    return {f"{part}-{number}": text for part, text in (parts | changes).items()}


def ideas(database: Database) -> list[Idea]:
    """Every idea, in the order in which they were entered."""
    with database.reading() as session:
        return list(session.scalars(select(Idea).order_by(Idea.id)))


def summary(page: Page) -> list[str]:
    """What the error summary says."""
    return [words(each) for each in page.all(".//*[@id='error-summary']//li")]


@pytest.mark.parametrize("origin", ["letter", "call", "workshop"])
def test_entering_one_and_the_next(moderator: Moderator, database: Database, origin: str) -> None:
    moderator.open("/moderation/")
    moderator.open(moderator.page.link("Enter an idea for somebody"))
    page = moderator.send("/enter", **(ENTERED | {"origin": origin, "name": "  Frau\tBerta  Kern "}))
    [idea] = ideas(database)
    assert page.has(f"Its number is {idea.ref}.") and page.path == "/en/moderation/enter"
    form = page.form("/enter")
    assert form.values["origin"] == origin, "the way it came is kept for the next one"
    assert not any(form.values[name] for name in ("title", "body", "benefit", "name", "field"))
    assert "consent" not in form.values, "each author is asked on their own"
    assert (idea.origin, idea.author_name, idea.author_id, idea.state) == (origin, "Frau Berta Kern", None, "submitted")
    assert idea.entered_by_id is not None and not idea.public
    with database.reading() as session:
        step = session.scalars(select(IdeaStep).where(IdeaStep.idea_id == idea.id)).one()
        assert (step.move, step.by) == ("enter", "city")
        assert session.scalars(select(Waiting.idea_id)).one() == idea.id
        assert session.scalars(select(IdeaVersion.title)).one() == AN_IDEA["title"]
    entry = moderator.open(page.link("Decide on this idea"))
    way = {"letter": "By letter", "call": "By telephone", "workshop": "At a workshop"}[origin]
    assert entry.has(AN_IDEA["title"], "How it came", way)
    assert not moderator.open("/moderation/enter").has("Its number is"), "it is told once"


def test_where_it_is_about(moderator: Moderator, database: Database) -> None:
    moderator.open("/moderation/enter")
    told = {"place": "dom", "latitude": "1", "longitude": "8,27421"}
    page = moderator.send("/enter", status=422, **(ENTERED | told | {"district": ""}))
    assert len(summary(page)) == 1 and page.form("/enter").values["longitude"] == "8,27421"
    moderator.send("/enter", latitude="49.99876", consent="y")
    [idea] = ideas(database)
    assert (idea.place, idea.latitude, idea.longitude, idea.district) == ("dom", 49.99876, 8.27421, "altstadt")


def test_it_can_be_decided_and_shows_who_proposed_it(moderator: Moderator, guest: Guest, database: Database) -> None:
    moderator.open("/moderation/enter")
    moderator.send("/enter", **ENTERED, name="Berta <b>Kern</b>")
    [idea] = ideas(database)
    moderator.decide(f"ideas/{idea.ref}", "publish")
    page = guest.open(f"/ideas/{idea.ref}")
    assert page.has("Proposed by", "Berta <b>Kern</b>", "Entered by the city for its author")
    assert not page.has("By letter")


def test_without_a_name_nobody_is_named(moderator: Moderator, guest: Guest, database: Database) -> None:
    moderator.open("/moderation/enter")
    moderator.send("/enter", **ENTERED)
    [idea] = ideas(database)
    moderator.decide(f"ideas/{idea.ref}", "publish")
    assert not guest.open(f"/ideas/{idea.ref}").has("Proposed by")


@pytest.mark.parametrize(("changes", "told"), [
    ({"title": ""}, "The idea, in one sentence – Please fill this in."),
    ({"title": "Short"}, "The idea, in one sentence – Please write at least 10 characters."),
    ({"title": "t" * 121}, "The idea, in one sentence – This is 1 character too long. At most 120 characters fit."),
    ({"body": "Short"}, "What should change? – Please write at least 30 characters."),
    ({"benefit": ""}, "What do residents gain? – Please fill this in."),
    ({"field": ""}, "Field of action – Please fill this in."),
    ({"field": "none-such"}, "Field of action – Please choose one of the offered answers."),
    ({"district": "none-such"}, "District – Please choose one of the offered answers."),
    ({"idea_language": "xx"}, "Language of the text – Please choose one of the offered answers."),
    ({"origin": None}, "How did it come? – Please fill this in."),
    ({"origin": "fax"}, "How did it come? – Please choose one of the offered answers."),
    ({"name": "n" * (NAME_MAX + 1)}, "Name of the author, as they want it shown – This is 1 character too long. "
                                     "At most 80 characters fit."),
    ({"consent": None}, "The author agrees that the city publishes the idea on this site – "
                        "Please confirm that its author agreed."),
])
def test_each_error_is_told_and_nothing_is_lost(moderator: Moderator, database: Database, changes: dict[str, Any],
                                                told: str) -> None:
    moderator.open("/moderation/enter")
    sent = ENTERED | {"name": "Berta"} | changes
    page = moderator.send("/enter", status=422, **sent)
    assert summary(page) == [told]
    kept = page.form("/enter").values
    offered = {"field": "", "district": "", "idea_language": "", "origin": None}
    for name, value in sent.items():
        assert kept.get(name) == (offered[name] if value in ("none-such", "xx", "fax") else value), name
    assert not ideas(database)


def test_all_errors_come_at_once(moderator: Moderator) -> None:
    moderator.open("/moderation/enter")
    page = moderator.send("/enter", status=422)
    assert len(summary(page)) == 6
    for link in page.all(".//*[@id='error-summary']//a"):
        assert page.all(f".//*[@id='{link.get('href', '').removeprefix('#')}']"), link.get("href")


def test_the_language_is_recognised(moderator: Moderator, database: Database) -> None:
    moderator.open("/moderation/enter")
    moderator.send("/enter", **(ENTERED | {
        "idea_language": "", "district": "", "title": "Mehr Schatten an den Haltestellen der Neustadt",
        "body": "Die Haltestellen liegen den ganzen Nachmittag in der Sonne. Zwei Bäume würden allen helfen.",
        "benefit": "Ältere Menschen und Familien können dort warten, ohne krank zu werden."}))
    [idea] = ideas(database)
    assert (idea.language, idea.district) == ("de", None)


def test_the_rule_itself_asks_for_consent(database: Database, city: City) -> None:
    with database.change() as session, pytest.raises(Invalid) as trouble:
        enter(session, city, staff(session), a_draft(title=""), now(), origin="letter", consent=False)
    assert [(each.field, each.why) for each in trouble.value.all] == [
        ("title", "required"), ("consent", "consent_missing")]


def test_thirty_cards(moderator: Moderator, database: Database) -> None:
    moderator.open("/moderation/enter")
    page = moderator.open(moderator.page.link("Enter the cards of a workshop"))
    assert len(page.all(".//fieldset")) == 30
    [folded] = page.all(".//main//details")
    assert folded.get("open") is None
    cards: dict[str, Any] = {}
    for number in range(1, 31):
        cards |= a_card(number)
    page = moderator.send("/workshop", **SHARED, **cards)
    assert page.has("30 ideas are entered.") and page.path == "/en/moderation/enter/workshop"
    entered = ideas(database)
    assert [idea.title for idea in entered] == [f"An idea from card number {n}" for n in range(1, 31)]
    assert {(idea.origin, idea.author_name, idea.district, idea.language) for idea in entered} == {
        ("workshop", "", "neustadt", "en")}
    assert len({idea.ref for idea in entered}) == 30
    assert not any(page.form("/workshop").values[name] for name in cards)
    assert moderator.open(page.link("To what waits for moderation")).has("Everything (30)")


def test_empty_cards_are_left_out(moderator: Moderator, database: Database) -> None:
    moderator.open("/moderation/enter/workshop")
    page = moderator.send("/workshop", **SHARED, **a_card(2), **a_card(17),
                          **a_card(5, title=" ", body="\r\n", benefit="\t"))
    assert page.has("2 ideas are entered.")
    assert [idea.title[-2:].strip() for idea in ideas(database)] == ["2", "17"]
    page = moderator.send("/workshop", **SHARED, **a_card(1))
    assert page.has("1 idea is entered.")


def test_one_wrong_card_keeps_all_and_enters_nothing(moderator: Moderator, database: Database) -> None:
    moderator.open("/moderation/enter/workshop")
    cards = a_card(1) | a_card(3, title="Short") | a_card(4) | a_card(12, body="") | a_card(30, benefit="b" * 2001)
    page = moderator.send("/workshop", status=422, **SHARED, **cards)
    assert summary(page) == [
        "Card 3: The idea, in one sentence – Please write at least 10 characters.",
        "Card 12: What should change? – Please fill this in.",
        "Card 30: What do residents gain? – This is 1 character too long. At most 2000 characters fit."]
    for field in ("title-3", "body-12", "benefit-30"):
        assert page.all(f".//*[@id='{field}-error']"), "it stands beside the field, too"
        assert page.all(f".//*[@id='{field}'][@aria-invalid='true']")
    [folded] = page.all(".//main//details")
    assert folded.get("open") is not None, "what is wrong is not folded away"
    kept = page.form("/workshop").values
    assert {name: kept.get(name) for name in SHARED | cards} == SHARED | cards
    assert not ideas(database)
    with database.reading() as session:
        assert session.scalar(select(func.count()).select_from(RefCounter)) == 0, "no number is used up"
    mended: dict[str, Any] = {"title-3": "A title that is long enough",
                              "body-12": AN_IDEA["body"], "benefit-30": AN_IDEA["benefit"]}
    assert moderator.send("/workshop", **mended).has("5 ideas are entered.")
    assert len(ideas(database)) == 5


def test_what_the_cards_share_is_asked_for_once(moderator: Moderator, database: Database) -> None:
    moderator.open("/moderation/enter/workshop")
    cards = a_card(1) | a_card(2)
    page = moderator.send("/workshop", status=422, **cards, idea_language="xx", district="none-such")
    assert summary(page) == [
        "Field of action – Please fill this in.",
        "District – Please choose one of the offered answers.",
        "Language of the text – Please choose one of the offered answers.",
        "The authors of all these cards agree that the city publishes their ideas on this site – "
        "Please confirm that its author agreed."]
    kept = page.form("/workshop").values
    assert {name: kept[name] for name in cards} == cards and not ideas(database)


def test_no_card_and_more_than_thirty(moderator: Moderator, database: Database) -> None:
    moderator.open("/moderation/enter/workshop")
    page = moderator.send("/workshop", status=422, **SHARED)
    assert summary(page) == ["Card 1: The idea, in one sentence – Please fill in at least one card."]
    page = moderator.send("/workshop", status=422, **SHARED, **a_card(1), **a_card(31))
    assert summary(page) == ["At most 30 cards can be entered at once."]
    assert page.form("/workshop").values["title-1"] == "An idea from card number 1"
    assert not ideas(database)


def test_only_those_who_may(guest: Guest, resident: Resident, officer: Officer, database: Database) -> None:
    for path in ("/moderation/enter", "/moderation/enter/workshop"):
        for visitor in (resident, officer):
            visitor.open(path, 403)
            visitor.open("/ideas/new")
            token = visitor.page.form("ideas/new").values["csrf_token"]
            answer = visitor.client.post(f"/en{path}", data=ENTERED | a_card(1) | {"csrf_token": token})
            assert answer.status_code == 403
        assert guest.client.get(f"/en{path}").status_code == 303
    assert not ideas(database)


def test_hostile_words_on_cards(moderator: Moderator, database: Database, shared: Path) -> None:
    lines = (shared / "hostile_strings.jsonl").read_text("utf-8").splitlines()
    texts = [text for line in lines if 0 < len(plain(text := json.loads(line)["text"])) < 1500]
    assert len(texts) > 400
    for begin in range(0, len(texts), 30):
        some = texts[begin:begin + 30]
        cards: dict[str, Any] = {}
        for number, text in enumerate(some, 1):
            cards |= a_card(number, title=f"A card from the wall {text}"[:100], body=f"{AN_IDEA['body']} {text}",
                            benefit=f"{text} {AN_IDEA['benefit']}")
        moderator.open("/moderation/enter/workshop")
        # Once with a fault, so that all of it comes back in the form; then as it came back.
        page = moderator.send("/workshop", status=422, **SHARED, **(cards | {"title-1": "Short"}))
        assert len(summary(page)) == 1
        kept = page.form("/workshop").values
        for number, text in enumerate(some, 1):
            assert kept[f"body-{number}"] == plain(f"{AN_IDEA['body']} {text}")
        count = f"{len(some)} idea{'s are' if len(some) > 1 else ' is'} entered."
        mended: dict[str, Any] = {"title-1": "A card from the wall"}
        assert moderator.send("/workshop", **mended).has(count)
    entered = ideas(database)
    assert len(entered) == len(texts)
    for idea, text in zip(entered, texts, strict=True):
        assert idea.body == plain(f"{AN_IDEA['body']} {text}")
