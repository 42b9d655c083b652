"""Whole stories in a real browser, on the real thing: web server, worker, scheduler, Redis, letters."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.access.stage import NARROW
from tests.journeys.conftest import Visitors, german, until
from tests.journeys.proposing import to_the_preview

pytestmark = pytest.mark.browser

FIELD = "Mobility, environment and urban development"
TITLE = "A drinking fountain beside the cathedral"
BODY = "On hot days there is no water anywhere on the market square. A fountain like the one in Wiesbaden would help."
BENEFIT = "Whoever is thirsty drinks without having to buy anything."


def code_for(page: Page, address: str) -> str:
    """Read the code in the letter, as the page of letters shows it."""
    return str(re.findall(r"\b\d{6}\b", letter(page, address))[0])


def letter(page: Page, address: str, about: str = "") -> str:
    """The newest letter to an address whose subject has these words; it comes when the worker has written it."""
    row = page.get_by_role("listitem").filter(has_text=address).filter(has_text=about).filter(
        has=page.get_by_role("heading")).first

    def arrived() -> bool:
        page.goto("/dev/mail")
        return row.is_visible()

    until(arrived, 20, f"a letter to {address} about {about!r}")
    row.get_by_role("link").click()
    return page.locator("pre").inner_text()


def sign_in(page: Page, visitors: Visitors, address: str, email: str, button: str, code: str, enter: str) -> None:
    """From the page that asks for the address to the one after the code; the labels are the page's."""
    page.get_by_label(email).fill(address)
    page.get_by_role("button", name=button, exact=True).click()
    page.get_by_label(code).fill(code_for(visitors.come(), address))
    page.get_by_role("button", name=enter, exact=True).click()


def decide(page: Page, move: str, **fields: str) -> None:
    """Choose a decision, fill in what it needs, send it."""
    page.get_by_role("radio", name=move, exact=True).check()
    for label, words in fields.items():
        page.get_by_label(label.replace("_", " ")).fill(words)
    page.get_by_role("button", name="Decide and open the next").click()


def answer(page: Page, move: str, words: str = "") -> None:
    """Move an idea on in the pool, on the German page."""
    page.get_by_role("radio", name=german(move), exact=True).check()
    if words:
        page.get_by_label(german("Public answer")).fill(words)
    page.get_by_role("button", name=german("Publish this step")).click()
    expect(page.get_by_role("status").filter(has_text=TITLE)).to_be_visible()


def test_an_idea_goes_from_a_guest_to_the_plan_of_the_city(visitors: Visitors) -> None:
    author = visitors.come()
    author.goto("/")
    expect(author).to_have_url(f"{visitors.url}/de/")
    author.get_by_role("navigation", name=german("Main pages")).get_by_role(
        "link", name=german("Propose an idea")).click()
    author.locator("summary").filter(has_text="Deutsch").click()
    author.get_by_role("link", name="English").click()
    expect(author).to_have_url(f"{visitors.url}/en/ideas/new")

    to_the_preview(author, TITLE, BODY, BENEFIT, FIELD)
    author.get_by_role("button", name="Send my idea").click()
    sign_in(author, visitors, "nadia@example.org", "Your e-mail address", "Send me a code", "Code from the e-mail",
            "Sign in")
    expect(author.get_by_role("heading", level=1)).to_have_text("Thank you for your idea")
    found = re.search(r"MZ-\d{4}-\d{5}", author.get_by_role("main").inner_text())
    assert found
    ref = found.group(0)

    moderator = visitors.come("moderator")
    moderator.goto("/en/moderation/")
    expect(moderator.get_by_role("link", name=TITLE)).to_be_visible()
    moderator.get_by_role("link", name=TITLE).click()
    decide(moderator, "Publish")
    expect(moderator.get_by_role("status").filter(has_text=f"Published: {TITLE}")).to_be_visible()

    supporter = visitors.come("resident")
    supporter.goto(f"/en/ideas/{ref}")
    supporter.evaluate("() => { window.stayed = true; }")
    supporter.get_by_role("button", name="Support this idea").click()
    expect(supporter.get_by_role("button", name="Take my support back")).to_be_focused()
    assert supporter.evaluate("() => window.stayed"), "the page was loaded anew"
    expect(supporter.locator("#announcement")).to_have_text("You support this idea.")
    supporter.get_by_role("textbox", name="Your comment").fill("There is a water pipe under the square already.")
    supporter.get_by_role("button", name="Send my comment").click()
    expect(supporter.get_by_role("heading", name="Your comments that are not public")).to_be_visible()

    moderator.goto("/en/moderation/?kind=comment")
    moderator.get_by_role("listitem").filter(has_text="There is a water pipe").get_by_role("link").first.click()
    decide(moderator, "Publish")
    moderator.goto(f"/en/ideas/{ref}")
    expect(moderator.get_by_role("heading", name="1 comment", exact=True)).to_be_visible()
    moderator.get_by_role("link", name="Decide on this idea").click()
    decide(moderator, "Accept for the idea pool", Who_benefits="Everyone who crosses the square in summer")
    expect(moderator.get_by_role("status").filter(has_text=f"Accepted for the idea pool: {TITLE}")).to_be_visible()

    officer = visitors.come("cdo")

    def arrived() -> bool:
        officer.goto("/de/pool/")
        return officer.get_by_role("link", name=ref).is_visible()

    until(arrived, 20, "the record is in the pool")
    officer.get_by_role("link", name=ref).click()
    answer(officer, "First check passed", "Die Idee erfüllt alle Grundkriterien.")
    answer(officer, "Rated", "Die Idee steht jetzt in der Rangfolge.")
    answer(officer, "Plan as a project", "Der Brunnen wird im Frühjahr gebaut.")

    author.goto(f"/en/ideas/{ref}")
    journey = author.get_by_role("region", name="What became of it")
    expect(journey.get_by_role("listitem").first).to_contain_text("Planned as a project")
    expect(journey.get_by_role("listitem").first).to_contain_text("Der Brunnen wird im Frühjahr gebaut.")
    until(lambda: "Der Brunnen wird im Frühjahr gebaut." in letter(author, "nadia@example.org", ref), 20,
          "the author is told of the answer")


def focused(page: Page) -> str:
    """What has the focus, by its words; it must be seen that it has."""
    seen = page.evaluate("""() => {
        const it = document.activeElement, style = getComputedStyle(it);
        const ring = style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0;
        return {words: (it.innerText || it.getAttribute("aria-label") || it.id).trim(), body: it === document.body,
                seen: ring || style.boxShadow !== "none"};
    }""")
    assert seen["body"] or seen["seen"], f"nothing shows that {seen['words']!r} has the focus"
    return str(seen["words"])


def tab_to(page: Page, words: str, most: int = 40) -> None:
    """Press Tab until that has the focus."""
    for _ in range(most):
        page.keyboard.press("Tab")
        if focused(page) == words:
            return
    raise AssertionError(f"{words!r} is not reached with {most} times Tab on {page.url}")


def test_a_keyboard_and_a_narrow_screen_are_enough(visitors: Visitors) -> None:
    page = visitors.come(viewport=NARROW, locale="en-GB")
    page.goto("/")
    tab_to(page, "Skip to the content", 1)
    tab_to(page, "Propose an idea")
    page.keyboard.press("Enter")
    heading = page.get_by_role("heading", level=1)
    expect(heading).to_have_text("What is your idea, in one sentence?")
    tab_to(page, "Go on")
    page.keyboard.press("Enter")
    expect(page.get_by_role("group", name="Something is missing or not right yet")).to_be_focused()
    page.keyboard.press("Tab")
    focused(page)
    page.keyboard.press("Enter")
    expect(page.get_by_label("What is your idea, in one sentence?")).to_be_focused()
    page.keyboard.type("Qxyz at the tram stop of the clinic")
    page.keyboard.press("Enter")
    for question, words in (("What should change?", "Whoever has to wait there stands, even with crutches."),
                            ("What do residents gain?", "People who are ill can sit.")):
        expect(page.get_by_label(question)).to_be_visible()
        while page.evaluate("() => document.activeElement.localName") != "textarea":
            page.keyboard.press("Tab")
            focused(page)
        page.keyboard.type(words)
        tab_to(page, "Go on", 1)
        page.keyboard.press("Enter")
    expect(heading).to_have_text("Where does it belong?")
    while page.evaluate("() => document.activeElement.id") != "field":
        page.keyboard.press("Tab")
        focused(page)
    page.keyboard.type("Mobil")
    tab_to(page, "Go on and see how it looks")
    page.keyboard.press("Enter")
    expect(heading).to_have_text("This is how your idea will look")
    tab_to(page, "Send my idea")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    expect(page.get_by_text("Your idea is kept.")).to_be_visible()


def test_the_way_back_leads_to_the_list_as_it_was(visitors: Visitors) -> None:
    page = visitors.come(locale="en-GB")
    page.goto("/en/ideas")
    first = page.get_by_role("article").first.get_by_role("heading").inner_text()
    page.get_by_label("Order").select_option("Most supported first")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_role("article").first.get_by_role("heading")).not_to_have_text(first)
    expect(page).to_have_url(re.compile("sort=supported"))
    page.go_back()
    expect(page.get_by_role("article").first.get_by_role("heading")).to_have_text(first)
    expect(page.get_by_label("Order")).to_have_value("newest")


def test_everything_works_without_scripts(visitors: Visitors) -> None:
    page = visitors.come(java_script_enabled=False, locale="en-GB")
    page.goto("/")
    page.get_by_role("link", name="Read all ideas").click()
    page.get_by_label("Field of action").select_option(FIELD)
    page.get_by_label("Order").select_option("Most supported first")
    page.get_by_role("button", name="Show").click()
    expect(page.get_by_text(f"Shown: {FIELD}")).to_be_visible()
    open_idea = page.get_by_role("article").filter(has_text="Gathering support").first
    title = open_idea.get_by_role("heading").inner_text()
    open_idea.get_by_role("link").click()
    before = int(page.locator(".support-box__number").inner_text())
    here = page.url

    page.get_by_role("button", name="Support this idea").click()
    sign_in(page, visitors, "noscript@example.org", "Your e-mail address", "Send me a code", "Code from the e-mail",
            "Sign in")
    expect(page.get_by_role("heading", level=1)).to_have_text(title)
    expect(page.get_by_text("You support this idea.", exact=True)).to_be_visible()
    expect(page.locator(".support-box__number")).to_have_text(str(before + 1))

    page.get_by_role("textbox", name="Your comment").fill("I would use this every day.")
    page.get_by_role("button", name="Send my comment").click()
    expect(page.get_by_role("status").filter(has_text="A moderator reads your comment")).to_be_visible()

    page.get_by_role("button", name="Take my support back").click()
    expect(page.locator(".support-box__number")).to_have_text(str(before))
    assert page.url.startswith(here)
