"""A moderator who accepts ideas on the site's own pages, and tries again when the site is away."""

import re
import threading
import time
from collections import Counter

import requests

PATIENCE_SECONDS = 240  # for one idea
_TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
_VERSION = re.compile(r'name="version"[^>]*value="(\d+)"|value="(\d+)"[^>]*name="version"')


class Away(Exception):
    """The site does not answer, or says that it cannot just now."""


class Accepting(threading.Thread):
    """Accepts one idea after the other from a shared list, until it is empty."""

    def __init__(self, url: str, link: str, refs: list[str], values: dict[str, str]) -> None:
        super().__init__(daemon=True)
        self.url, self.link, self.refs, self.values = url, link, refs, values
        self.browser = requests.Session()
        self.answers: Counter[str] = Counter()
        self.trouble = ""

    def run(self) -> None:
        """Accept until nothing is left."""
        try:
            while self.refs:
                try:
                    ref = self.refs.pop()
                except IndexError:  # somebody else took the last one
                    return
                self._patiently(ref)
        except Exception as trouble:
            self.trouble = f"{type(trouble).__name__}: {trouble}"
        finally:
            self.browser.close()

    def _patiently(self, ref: str) -> None:
        until = time.monotonic() + PATIENCE_SECONDS
        while True:
            try:
                self._accept(ref)
                return
            except (Away, requests.RequestException) as trouble:
                self.answers[str(trouble) if isinstance(trouble, Away) else type(trouble).__name__] += 1
                if time.monotonic() > until:
                    raise
                time.sleep(0.3)

    def sign_in(self) -> None:
        """Use the link, which works once; so this is done before anything is killed."""
        page = self._said(self.browser.get(self.link, timeout=15))
        self._said(self.browser.post(self.link, data={"csrf_token": _found(_TOKEN, page)}, timeout=15,
                                     allow_redirects=False))

    def _accept(self, ref: str) -> None:
        """Open the idea and press the button. When the answer to that was lost, the page offers it no more."""
        address = f"{self.url}/en/moderation/ideas/{ref}"
        page = self._said(self.browser.get(address, timeout=15))
        if 'value="accept"' not in page:
            self.answers["accepted already"] += 1
            return
        self._said(self.browser.post(address, timeout=15, allow_redirects=False, data=self.values | {
            "csrf_token": _found(_TOKEN, page), "version": _found(_VERSION, page), "move": "accept",
            "benefit": f"Shade {ref}", "who_benefits": "Everyone"}))
        self.answers["accepted"] += 1

    def _said(self, answer: requests.Response) -> str:
        if answer.status_code >= 500 or answer.status_code in (409, 429):
            raise Away(f"HTTP {answer.status_code}")
        if answer.status_code not in (200, 303):
            raise AssertionError(f"HTTP {answer.status_code} from {answer.url}: {answer.text[-3000:]}")
        return answer.text


def _found(what: re.Pattern[str], page: str) -> str:
    match = what.search(page)
    assert match is not None, f"{what.pattern} is not on the page"
    return next(group for group in match.groups() if group)
