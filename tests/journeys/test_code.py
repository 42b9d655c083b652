"""The one-time code, pasted in a real browser as people paste it."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Visitors, german
from tests.journeys.test_journeys import code_for

pytestmark = pytest.mark.browser

AS_COPIED = ("{} {}", "\n  {}{}  \n", "{}\u00a0{}", "Ihr Code: {}{}", "{}-{}")


def _ask(page: Page, address: str) -> None:
    page.goto("/de/sign-in")
    page.get_by_label(german("Your e-mail address")).fill(address)
    page.get_by_role("button", name=german("Send me a code"), exact=True).click()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_code_is_pasted(visitors: Visitors, javascript: bool) -> None:
    address = f"paste-{javascript}@example.org".lower()
    page = visitors.come(viewport={"width": 360, "height": 740}, java_script_enabled=javascript)
    _ask(page, address)
    other = visitors.come()
    code = code_for(other, address)
    other.goto("/de/accessibility")
    source, field = other.locator("textarea"), page.get_by_label(german("Code from the e-mail"))
    for copied in AS_COPIED:
        source.fill(copied.format(code[:3], code[3:]))
        source.press("ControlOrMeta+a")
        source.press("ControlOrMeta+c")
        field.press("ControlOrMeta+a")
        field.press("ControlOrMeta+v")
        assert re.sub(r"\D", "", field.input_value()) == code, f"the paste of {copied!r} was cut"
    assert "-" in field.input_value()
    field.press("Enter")
    expect(page.get_by_role("button", name=german("Sign out"))).to_be_visible()
