"""Moderators in a real browser, on the real queue: how many keys each decision takes, undoing, many at once."""

import re

import pytest
from playwright.sync_api import Page, expect

from participation.settings import HOUSE
from tests.access.stage import everywhere
from tests.journeys.conftest import Visitors, until
from tests.journeys.proposing import to_the_preview
from tests.journeys.test_journeys import letter, sign_in

pytestmark = pytest.mark.browser

WORDS = "We have looked at it together."


class Keys:
    """Counts the keys that are pressed; what is typed into a field is not counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pressed = 0

    def press(self, *keys: str) -> None:
        """Press keys, one after the other."""
        for key in keys:
            self.page.keyboard.press(key)
            self.pressed += 1

    def type(self, words: str) -> None:
        """Write into the field that has the focus."""
        self.page.keyboard.type(words)


def documented() -> dict[str, int]:
    """The table of the README: decision and keys."""
    text = (HOUSE.parent / "README.md").read_text(encoding="utf-8")
    table = text[text.index("| decision | keys |"):].split("\n\n")[0]
    return {row[1]: int(row[2]) for row in re.finditer(r"\| ([a-z ,]+) \| (\d+) \|", table)}


def at(page: Page, path: str) -> Keys:
    """Open an entry and begin to count."""
    page.goto(path)
    return Keys(page)


def went_on(page: Page, what: str, path: str) -> None:
    """The decision is told, and another page is open."""
    expect(page.get_by_role("status").filter(has_text=what)).to_be_visible()
    assert not page.url.endswith(path), page.url


def test_how_many_keys_each_decision_takes(visitors: Visitors) -> None:
    page = visitors.come("moderator", locale="en-GB")
    counted: dict[str, int] = {}

    def waiting() -> str:
        page.goto("/en/moderation/?kind=idea")
        found = page.get_by_role("region", name="Most urgent first").get_by_role("link").first
        return str(found.get_attribute("href")).partition("?")[0]

    page.goto("/en/moderation/")
    keys = Keys(page)
    keys.press("n")
    page.wait_for_url(re.compile(r"/moderation/(ideas|comments)/"))
    counted["open the most urgent"] = keys.pressed

    path = waiting()
    keys = at(page, path)
    keys.press("p")
    went_on(page, "Published", path)
    counted["publish"] = keys.pressed
    keys = Keys(page)
    keys.press("u")
    expect(page.get_by_role("status").filter(has_text="Undone. Nothing was sent.")).to_be_visible()
    assert path in page.url
    counted["undo"] = keys.pressed
    keys.press("p")
    went_on(page, "Published", path)
    published = path

    path = waiting()
    keys = at(page, path)
    keys.press("e")
    keys.type(WORDS)
    keys.press("Control+Enter")
    went_on(page, "Returned to the author with a question", path)
    counted["return with a question"] = keys.pressed

    path = waiting()
    keys = at(page, path)
    keys.press("r")
    keys.type("Not clear")
    keys.press("Tab", "Tab")
    keys.type(WORDS)
    keys.press("Control+Enter")
    went_on(page, "Not published", path)
    counted["reject"] = keys.pressed

    path = waiting()
    keys = at(page, path)
    keys.press("m")
    keys.type(published.rpartition("/")[2])
    keys.press("Control+Enter")
    went_on(page, "Merged into another idea", path)
    counted["merge"] = keys.pressed

    keys = at(page, published)
    keys.press("a", "Tab")
    keys.type("Everyone who lives there")
    keys.press("Control+Enter")
    went_on(page, "Accepted for the idea pool", published)
    counted["accept"] = keys.pressed

    path = waiting()
    at(page, path).press("p")
    went_on(page, "Published", path)
    keys = at(page, path)
    keys.press("h")
    keys.type("Insult")
    keys.press("Tab", "Tab")
    keys.type(WORDS)
    keys.press("Control+Enter")
    went_on(page, "Hidden", path)
    counted["hide"] = keys.pressed

    page.goto("/en/moderation/")
    keys = Keys(page)
    keys.press("?")
    expect(page.get_by_role("heading", level=1)).to_have_text("Keys")
    assert counted == documented()


def test_keys_do_nothing_while_somebody_writes(visitors: Visitors) -> None:
    page = visitors.come("moderator", locale="en-GB")
    page.goto("/en/moderation/next")
    here = page.url
    page.get_by_label("What you say to the author").fill("")
    page.get_by_label("What you say to the author").focus()
    page.keyboard.type("pehrqu?")
    expect(page.get_by_label("What you say to the author")).to_have_value("pehrqu?")
    assert page.url == here


def test_several_comments_at_once_on_the_real_queue(visitors: Visitors) -> None:
    page = visitors.come("moderator", locale="en-GB")
    page.goto("/en/moderation/?kind=comment")
    boxes = page.get_by_role("checkbox")
    chosen = min(boxes.count(), 3)
    assert chosen >= 2
    for number in range(chosen):
        boxes.nth(number).check()
    page.get_by_role("button", name="Decide on the chosen ones together").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(f"Decide on {chosen} entries")
    page.get_by_role("radio", name="Reject", exact=True).check()
    page.get_by_label("Reason").select_option("Advertising")
    page.get_by_label("What you say to each author").fill("This is advertising.")
    page.get_by_role("button", name="Decide on all of them").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Decision for several entries")
    until(lambda: page.get_by_text("All entries are done.").first.is_visible(), 20, "the job has decided on all")
    expect(page.get_by_text(f"{chosen} of {chosen} decided: Reject")).to_be_visible()


def address_in(text: str, part: str) -> str:
    """The address in a letter that has this part."""
    found = re.search(rf"https?://\S*{part}\S*", text)
    assert found, text
    return found[0]


def test_a_report_a_statement_of_reasons_and_an_appeal(visitors: Visitors) -> None:
    author = visitors.come(locale="en-GB")
    author.goto("/en/ideas/new")
    to_the_preview(author, "Benches in the shade of the old lime trees",
                   "There is not one bench along the whole of the avenue.", "Older people can walk further.")
    author.get_by_role("button", name="Send my idea").click()
    sign_in(author, visitors, "lime@example.org", "Your e-mail address", "Send me a code", "Code from the e-mail",
            "Sign in")
    expect(author.get_by_role("heading", level=1)).to_have_text("Thank you for your idea")
    ref = author.url.rpartition("/")[2]

    moderator = visitors.come("moderator", locale="en-GB")
    moderator.goto(f"/en/moderation/ideas/{ref}")
    moderator.keyboard.press("p")
    expect(moderator.get_by_role("status").filter(has_text="Published: Benches")).to_be_visible()

    reader = visitors.come(locale="en-GB")
    reader.goto(f"/en/ideas/{ref}")
    reader.get_by_role("link", name="Report this idea").click()
    found = everywhere(reader)
    reader.get_by_role("radio", name="Advertising").check()
    reader.get_by_label("What is wrong with it?").fill("It advertises a carpenter whom everybody here knows.")
    reader.get_by_label("Your e-mail address").fill("reader@example.org")
    reader.get_by_role("button", name="Send the report").click()
    expect(reader.get_by_role("status").filter(has_text="Your report has arrived")).to_be_visible()
    found += everywhere(reader)

    moderator.goto("/en/moderation/?kind=report")
    moderator.get_by_role("region", name="Most urgent first").get_by_role("link").first.click()
    found += everywhere(moderator)
    moderator.get_by_role("radio", name="The reports are right: hide it").check()
    moderator.get_by_label("Reason").select_option("Advertising")
    moderator.get_by_label("What you say to the author").fill("It names a shop.")
    moderator.get_by_role("button", name="Decide and open the next").click()
    expect(moderator.get_by_role("status").filter(has_text="Hidden after a report")).to_be_visible()
    assert "Hidden after a report" in letter(reader, "reader@example.org", "Hidden after a report")

    author.goto(address_in(letter(author, "lime@example.org", "Hidden"), "/statements/"))
    expect(author.get_by_text("It names a shop.").first).to_be_visible()
    found += everywhere(author)
    author.get_by_label("Why should it be decided differently?").fill("There is no shop in it at all. Read it again.")
    author.get_by_role("button", name="Send the appeal").click()
    expect(author.get_by_role("status").filter(has_text="Your appeal has arrived")).to_be_visible()
    moderator.goto("/en/moderation/?kind=appeal")
    moderator.get_by_role("region", name="Most urgent first").get_by_role("link").first.click()
    # The one moderator of the demo decided it: somebody else has to.
    expect(moderator.get_by_text("There is nothing for you to decide where it stands now.")).to_be_visible()
    found += everywhere(moderator)
    reader.goto("/en/decisions")
    expect(reader.get_by_text("Hidden after a report").first).to_be_visible()
    found += everywhere(reader)
    assert not found, "\n".join(found)
