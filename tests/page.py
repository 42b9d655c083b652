"""Each page a test fetches is read as a person's browser would, and inspected."""

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any
from urllib.parse import urljoin, urlsplit
from xml.etree.ElementTree import Element

import html5lib
from werkzeug.test import TestResponse

from participation.web.assets import STATIC, manifest

_INPUTS = ("input", "textarea", "select")
_UNLABELLED = {"hidden", "submit", "button"}


@dataclass
class Form:
    """A form of a page with what is filled in already."""

    action: str
    method: str
    values: dict[str, str] = field(default_factory=dict)


class Page:
    """An answer in HTML: its words, links and forms."""

    def __init__(self, response: TestResponse) -> None:
        self.response = response
        self.status = response.status_code
        self.html = response.get_data(as_text=True)
        self.path = response.request.path
        parser = html5lib.HTMLParser(namespaceHTMLElements=False, tree=html5lib.getTreeBuilder("etree"))
        self.root: Element = parser.parse(self.html)
        self.mistakes = [code for _, code, _ in parser.errors]

    def all(self, path: str) -> list[Element]:
        """Elements by an ElementTree path, as ".//a[@href]"."""
        return self.root.findall(path)

    @property
    def text(self) -> str:
        """Every word of the page's body, in reading order, white space folded."""
        body = self.root.find("body")
        return words(body) if body is not None else ""

    @property
    def title(self) -> str:
        """The text of its first heading."""
        found = self.root.find(".//h1")
        return words(found) if found is not None else ""

    def has(self, *texts: str) -> bool:
        """Whether all these words stand on the page."""
        return all(text in self.text for text in texts)

    def links(self) -> list[str]:
        """Where the page's links lead."""
        return [a.get("href", "") for a in self.all(".//a[@href]")]

    def link(self, part: str) -> str:
        """The first link whose address or words contain that part."""
        for a in self.all(".//a[@href]"):
            if part in a.get("href", "") or part in words(a):
                return urljoin(self.path, a.get("href", ""))
        raise AssertionError(f"no link with {part!r} on {self.path}: {self.links()}")

    def forms(self) -> list[Form]:
        """Every form, filled in as the page is."""
        return [_form(element, self.path) for element in self.all(".//form")]

    def form(self, part: str = "", method: str = "post") -> Form:
        """The form of that method whose action contains that part: the one whose path ends with it, and of several
        to the same address the one that asks most."""
        found = [form for form in self.forms() if form.method == method and part in form.action]
        if found:
            return max(found, key=lambda form: (urlsplit(form.action).path.endswith(part), len(form.values)))
        raise AssertionError(f"no {method} form with {part!r} on {self.path}: {[f.action for f in self.forms()]}")


def words(element: Element) -> str:
    """An element's text on one line."""
    return re.sub(r"\s+", " ", "".join(element.itertext())).strip()


def _form(element: Element, path: str) -> Form:
    form = Form(urljoin(path, element.get("action") or ""), (element.get("method") or "get").lower())
    for each in element.iter():
        name = each.get("name")
        if not name or each.tag not in _INPUTS:
            continue
        if each.tag == "textarea":
            form.values[name] = (each.text or "").removeprefix("\n")
        elif each.tag == "select":
            options = list(each.iter("option"))
            chosen = next((o for o in options if o.get("selected") is not None), options[0] if options else None)
            form.values[name] = "" if chosen is None else chosen.get("value", words(chosen))
        elif each.get("type") in ("checkbox", "radio"):
            if each.get("checked") is not None:
                form.values[name] = each.get("value", "on")
        else:
            form.values[name] = each.get("value", "")
    return form


def inspect(page: Page) -> None:
    """What must hold on every page: valid HTML, one h1, a title, languages, labels, a token in each form."""
    where = page.path
    assert not page.mistakes, f"{where}: {page.mistakes}"
    html = page.root
    assert html.get("lang") and html.get("dir") in ("ltr", "rtl"), f"{where}: html has no lang and dir"
    title = html.find("head/title")
    assert title is not None and (title.text or "").strip(), f"{where}: no title"
    assert len(page.all(".//h1")) == 1, f"{where}: {len(page.all('.//h1'))} h1"
    assert len(page.all(".//main")) == 1, f"{where}: not exactly one main"
    ids = [e.get("id", "") for e in html.iter() if e.get("id")]
    assert len(ids) == len(set(ids)), f"{where}: doubled ids {sorted({i for i in ids if ids.count(i) > 1})}"
    levels = [int(e.tag[1]) for e in html.iter() if re.fullmatch("h[1-6]", str(e.tag))]
    for before, after in zip([0, *levels], levels, strict=False):
        assert after <= before + 1, f"{where}: heading h{after} follows h{before}"
    for form in page.forms():
        if form.method == "post":
            assert form.values.get("csrf_token"), f"{where}: form {form.action} has no token"
    assert not _unruled(html), f"{where}: styled elsewhere: {_unruled(html)}"
    labelled = {e.get("for") for e in page.all(".//label")} | _wrapped(html)
    for e in html.iter():
        if e.tag in _INPUTS and e.get("type") not in _UNLABELLED:
            assert e.get("id") in labelled or e.get("aria-label") or e.get("aria-labelledby"), \
                f"{where}: {e.get('name')} has no label"
        assert e.get("style") is None, f"{where}: inline style on {e.tag}"
        assert not any(name.startswith("on") for name in e.attrib), f"{where}: inline script on {e.tag}"
        for pointer in ("aria-describedby", "aria-labelledby", "aria-controls"):
            for target in (e.get(pointer) or "").split():
                assert target in ids, f"{where}: {pointer} points to nothing ({target})"
        if e.tag == "script":
            assert e.get("src") and not (e.text or "").strip(), f"{where}: inline script"
        for attribute in ("src", "href"):
            value = e.get(attribute, "")
            if e.tag in ("script", "link", "img") and e.get("rel") not in ("canonical", "alternate"):
                assert not urlsplit(value).netloc, f"{where}: {e.tag} asks another host: {value}"


@lru_cache
def _ruled() -> dict[str, frozenset[str]]:
    """The classes that each built stylesheet has rules for."""
    return {name: frozenset(re.findall(r"\.([A-Za-z][\w-]*)", re.sub(r"url\([^)]*\)", "", (STATIC / file).read_text())))
            for name, file in manifest().items() if name.endswith(".css")}


def _unruled(html: Element) -> set[str]:
    """The classes on a page that only a stylesheet has rules for which the page does not load."""
    loaded = {name for name, file in manifest().items() for link in html.iter("link")
              if link.get("rel") == "stylesheet" and link.get("href", "").endswith(file)}
    known = frozenset[str]().union(*(_ruled()[name] for name in loaded))
    elsewhere = frozenset[str]().union(*_ruled().values()) - known
    return {each for e in html.iter() for each in (e.get("class") or "").split() if each in elsewhere}


def _wrapped(html: Element) -> set[Any]:
    return {e.get("id") for label in html.iter("label") for e in label.iter() if e.tag in _INPUTS}
