"""Pictures of the living style page, to compare with those that somebody has looked at. `make style` renews them:
look at what it wrote before committing it.

A picture is half the size of the screen and has few colours, so that it is small and the edges of letters, which each
machine draws a little differently, weigh little.
"""

import sys
import tempfile
from io import BytesIO
from pathlib import Path

from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, sync_playwright

from tests.journeys.real_site import Site, chromium, launch

HERE = Path(__file__).parent / "style"
PARTS = ("type", "signs", "list", "idea", "journey", "thread", "forms", "staff")
DIRECTIONS = ("ltr", "rtl")
WIDTHS = (360, 1280)
LARGEST = 40_000  # bytes: they are committed
ARABIC = "Noto Sans Arabic"  # the system's font in the pictures from right to left (Debian: fonts-noto-core)
_COLOURS = 16
_VISIBLE = 64  # of 255: how far a pixel must be off to count as another one


def open_page(browser: Browser, url: str, width: int) -> Page:
    """The style page in German, light, with its fonts, and without what differs from one look to the next."""
    page = browser.new_context(locale="de-DE", viewport={"width": width, "height": 900}, color_scheme="light",
                               reduced_motion="reduce").new_page()
    page.goto(f"{url}/de/style", wait_until="networkidle")
    # No focus to be seen, no room for a scrollbar that only some machines show.
    page.evaluate("""() => {
        document.documentElement.style.scrollbarGutter = 'auto';
        document.activeElement.blur();
        return document.fonts.ready;
    }""")
    return page


def picture(page: Page, part: str, direction: str) -> Image.Image:
    """How a part looks, at half its size."""
    taken = page.locator(f"#{part}-{direction}").screenshot(
        animations="disabled", mask=page.locator("[data-changes]").all(), mask_color="#808080")
    image = Image.open(BytesIO(taken)).convert("RGB")
    return image.resize((image.width // 2, image.height // 2), Image.Resampling.BOX)


def difference(one: Image.Image, other: Image.Image) -> tuple[float, Image.Image]:
    """The share of pixels in which two pictures visibly differ, 0 to 1, and a picture of where: black on white. What
    one of them is larger by differs."""
    size = max(one.width, other.width), max(one.height, other.height)
    sheets = []
    for image, ground in ((one, "white"), (other, "black")):
        sheet = Image.new("RGB", size, ground)
        sheet.paste(image)
        sheets.append(sheet)
    differing = ImageChops.difference(*sheets).convert("L").point(lambda value: 0 if value > _VISIBLE else 255)
    return differing.histogram()[0] / (size[0] * size[1]), differing


def name_of(part: str, direction: str, width: int) -> str:
    """The file of a picture."""
    return f"{part}-{direction}-{width}.png"


def arabic_font(page: Page) -> str:
    """What this machine writes Arabic with; the pictures from right to left are worth something with theirs only."""
    wire = page.context.new_cdp_session(page)
    for command in ("DOM.enable", "CSS.enable"):
        wire.send(command)
    node = wire.send("DOM.querySelector", {"nodeId": wire.send("DOM.getDocument")["root"]["nodeId"],
                                           "selector": "#type-rtl .kern-heading-large"})["nodeId"]
    fonts = wire.send("CSS.getPlatformFontsForNode", {"nodeId": node})["fonts"]
    return str(max(fonts, key=lambda font: font["glyphCount"])["familyName"]) if fonts else ""


def main() -> None:
    """Take every picture anew; exits 2 without Chromium or without the font."""
    executable = chromium()
    if executable is None:
        print("Chromium is needed for the pictures. On Debian: apt install chromium", file=sys.stderr)
        sys.exit(2)
    HERE.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        site = Site(Path(folder))
        try:
            site.wait()
            browser = launch(playwright, executable)
            for width in WIDTHS:
                page = open_page(browser, site.url, width)
                if (font := arabic_font(page)) != ARABIC:
                    print(f"Arabic is written with “{font}” here; the pictures need {ARABIC}. "
                          "On Debian: apt install fonts-noto-core", file=sys.stderr)
                    sys.exit(2)
                for part in PARTS:
                    for direction in DIRECTIONS:
                        file = HERE / name_of(part, direction, width)
                        taken = picture(page, part, direction)
                        taken.quantize(_COLOURS, dither=Image.Dither.NONE).save(file, optimize=True)
                        print(f"{file.name}: {file.stat().st_size // 1000} KB")
            browser.close()
        finally:
            site.stop()


if __name__ == "__main__":
    main()
