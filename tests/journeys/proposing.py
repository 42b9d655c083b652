"""Proposing in a browser: from question to question, as far as the page that shows how the idea will look."""

import re

from playwright.sync_api import Page, expect

GO_ON = re.compile("^(Go on|Mine is different)")


def to_the_preview(page: Page, title: str, body: str, benefit: str, field: str | None = None) -> None:
    """From the first question, on an English page; the field of action is the first one where none is named."""
    page.get_by_label("What is your idea, in one sentence?").fill(title)
    page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_role("heading", level=1)).not_to_have_text("What is your idea, in one sentence?")
    if page.get_by_role("heading", level=1).inner_text() == "Is it here already?":
        page.get_by_role("button", name=GO_ON).click()
    page.get_by_label("What should change?").fill(body)
    page.get_by_role("button", name=GO_ON).click()
    page.get_by_label("What do residents gain?").fill(benefit)
    page.get_by_role("button", name=GO_ON).click()
    fields = page.get_by_label("Which field of action does it belong to?")
    fields.select_option(field) if field else fields.select_option(index=1)
    page.get_by_role("button", name=GO_ON).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("This is how your idea will look")
