"""Showing the scenes in a browser: one window for each person on each site."""

from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page

from participation.settings import HOUSE
from tests.access.scenes import Scene
from tests.access.site import Sites
from tests.people import Mailbox
from tests.working import work_off

AXE = (HOUSE.parent / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
LOOK = (Path(__file__).parent / "look.js").read_text(encoding="utf-8")
NARROW, WIDE = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
ZOOMED = {"width": 320, "height": 256}  # 1280 × 1024 at 400 %
MODES: dict[str, dict[str, Any]] = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
_RULES = {  # the size of targets (WCAG 2.5.8) is not asked for by default
    "": "{resultTypes: ['violations'], rules: {'target-size': {enabled: true}}}",
    "colours": "{resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block']}",
    "layout": "{resultTypes: ['violations'], runOnly: ['color-contrast', 'link-in-text-block', 'target-size', "
              "'scrollable-region-focusable', 'meta-viewport']}",
}
_SEND = """([part, values, pressed]) => {
    const path = (form) => new URL(form.action, location.href).pathname;
    const forms = [...document.forms].filter((form) => form.method === "post" && path(form).includes(part));
    forms.sort((one, other) => path(other).endsWith(part) - path(one).endsWith(part)
        || other.elements.length - one.elements.length);
    const form = forms[0];
    if (!form) throw new Error(`no form with ${part}`);
    for (const [name, value] of Object.entries(values)) {
        const field = form.querySelector(`[name="${name}"]`);
        if (field.type === "checkbox" || field.type === "radio") field.checked = true;
        else field.value = value;
    }
    form.requestSubmit(form.querySelector(pressed));
}"""
_ANSWERS = tuple(f"status of {code}" for code in (400, 403, 404, 409, 422, 429, 500, 503))


class Stage:
    """A browser before the sites. `troubles` holds what pages complained of, `kept` the HTML of each page as it came,
    `titles` what each is called, by scene and language."""

    def __init__(self, browser: Browser, sites: Sites) -> None:
        self.sites = sites
        self.troubles: list[str] = []
        self.kept: dict[tuple[str, str], str] = {}
        self.titles: dict[tuple[str, str], str] = {}
        self._browser = browser
        self._windows: dict[tuple[str, str], Page] = {}

    def window(self, scene: Scene) -> Page:
        """The window of the scene's person."""
        key = scene.site, scene.who
        if key not in self._windows:
            context = self._browser.new_context(base_url=self.sites.of(scene.site).url, locale="en-GB",
                                                reduced_motion="reduce",
                                                viewport={"width": WIDE["width"], "height": WIDE["height"]})
            self._watch(context)
            if scene.who not in ("guest", "visitor"):
                context.add_cookies([self.sites.cookies[scene.site][scene.who]])  # type: ignore[list-item]
            self._windows[key] = context.new_page()
        return self._windows[key]

    def show(self, scene: Scene, tag: str, size: dict[str, int] = WIDE, mode: str = "light") -> Page:
        """Go where the scene plays, in that language; do what it does. Raises AssertionError for another status."""
        page = self.window(scene)
        resize(page, size)
        page.emulate_media(**MODES[mode], reduced_motion="reduce")
        path = scene.path.format_map(self.sites.names)
        answer = page.goto(path if path.startswith("/dev/") else f"/{tag}{path}")
        if scene.sends:
            with page.expect_navigation() as loading:
                page.evaluate(_SEND, [scene.sends.format_map(self.sites.names), dict(scene.fills), scene.presses])
            answer = loading.value
        assert answer is not None and answer.status == scene.status, \
            f"{scene.name} ({page.url}): {answer and answer.status}, expected {scene.status}"
        self.kept[scene.name, tag] = answer.text()
        self.titles[scene.name, tag] = page.title()
        if scene.opens:
            page.locator(scene.opens).click()
        page.evaluate(LOOK)
        return page

    def code(self, address: str) -> str:
        """The one-time code in the newest letter to that address."""
        app = self.sites.full.app
        mailbox = Mailbox(Path(self.sites.full.settings.mail_url.removeprefix("file://")), lambda: work_off(app))
        return mailbox.code(address)

    def leave(self) -> None:
        """Close every window."""
        for page in self._windows.values():
            page.context.close()
        self._windows.clear()

    def _watch(self, context: BrowserContext) -> None:
        context.set_default_timeout(10_000)
        context.on("console", self._console)
        context.on("weberror", lambda error: self.troubles.append(f"script: {error.error}"))

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning") and not any(part in message.text for part in _ANSWERS):
            self.troubles.append(f"console of {message.page and message.page.url}: {message.text}")


def resize(page: Page, size: dict[str, int]) -> None:
    """Give the window another size."""
    page.set_viewport_size({"width": size["width"], "height": size["height"]})


def axe(page: Page, only: str = "") -> list[str]:
    """What axe finds on the page as it stands; quicker, `only` by the rules that depend on "colours" or "layout"."""
    if not page.evaluate("() => Boolean(window.axe)"):
        page.evaluate(AXE)  # by the debugger's way in: the page's policy lets no script in
    result: dict[str, Any] = page.evaluate(f"() => axe.run({_RULES[only]})")
    assert only or len(result["passes"]) > 10, f"axe has hardly looked at {page.url}"
    return [f"{each['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for each in result["violations"] for node in each["nodes"][:3]]


def everywhere(page: Page) -> list[str]:
    """What axe finds on the page broad and narrow, light and dark; the window stays narrow."""
    found = []
    for size in (WIDE, NARROW):
        resize(page, size)
        for mode in ("light", "dark"):
            page.emulate_media(color_scheme=MODES[mode]["color_scheme"], reduced_motion="reduce")
            rules = "colours" if mode == "dark" else "" if size is WIDE else "layout"
            found += [f"{page.url} at {size['width']} px, {mode}: {each}" for each in axe(page, rules)]
    return found


def ask(page: Page, question: str) -> Any:
    """An answer of look.js."""
    return page.evaluate(f"() => look.{question}()")
