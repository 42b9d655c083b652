"""Fetching records from another site's pull address, page by page; its token goes to that site and nowhere else."""

import time
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests
from requests.auth import AuthBase

from participation.errors import Unsafe
from participation.pool.sheets import Line
from participation.pool.strict import Wrong, record_of
from participation.settings import LOOPBACK
from participation.text import plain

LIMIT = 500
PAGE_MAX = 64 * 1024 * 1024  # bytes of one page; a site of this kind ends a page after eight million
TIMEOUT = (5, 60)  # seconds to connect, and between two pieces of an answer
PAUSES = (1, 5, 20, 60)  # seconds, where the other site is away or asks to wait
_MEDIA_TYPE = "application/x-ndjson"


@dataclass(frozen=True, slots=True)
class Fetched:
    """A page: its records, the highest number the site has (-1 when it does not say), and where the next page is (""
    at the end)."""

    lines: list[Line]
    last: int
    further: str


class _Bearer(AuthBase):
    """The token, so that no .netrc of the machine takes its place."""

    def __init__(self, token: str) -> None:
        self.token = token

    def __call__(self, request: requests.PreparedRequest) -> requests.PreparedRequest:
        request.headers["Authorization"] = f"Bearer {self.token}"
        return request


def is_address(text: str) -> bool:
    """Whether what somebody wants to import is an address and no file."""
    return text.lower().startswith(("https://", "http://"))


def behind(address: str, after: int, limit: int = LIMIT) -> str:
    """The address of the page behind a number."""
    return f"{address.partition('?')[0].partition('#')[0]}?after={after}&limit={limit}"


def page(url: str, token: str) -> Fetched:
    """The records at an address. Raises Unsafe, saying what to do, for whatever is not such an answer."""
    parts = urlsplit(url)
    if parts.scheme != "https" and parts.hostname not in LOOPBACK:
        raise Unsafe("insecure", what=f"{url}: everybody on the way could read the token. Use https://.")
    return _read(url.partition("?")[0], _asked(url, token))


def _asked(url: str, token: str) -> requests.Response:
    for pause in (*PAUSES, None):
        try:
            answer = requests.get(url, auth=_Bearer(token), headers={"Accept": _MEDIA_TYPE}, timeout=TIMEOUT,
                                  allow_redirects=False, stream=True)
        except requests.RequestException as trouble:
            why, wait = f"does not answer ({type(trouble).__name__})", None
        else:
            if answer.status_code != 429 and answer.status_code < 500:
                return answer
            why, wait = f"answers HTTP {answer.status_code}", answer.headers.get("Retry-After", "")
            answer.close()
        if pause is None:
            raise Unsafe("away", what=f"{url} {why}. Is the address right? What was fetched so far is kept; run the "
                                      "import again later.")
        time.sleep(min(int(wait), max(PAUSES)) if wait and wait.isdecimal() else pause)
    raise AssertionError("the last pause is None")


def _read(address: str, answer: requests.Response) -> Fetched:
    with answer:
        if answer.is_redirect:
            target = urljoin(answer.url, answer.headers["Location"])
            raise Unsafe("redirects", what=f"{address} leads on to {plain(target)[:300]}. The token was not sent "
                                           "there. If that is the right place, import from it.")
        if answer.status_code in (401, 403):
            raise Unsafe("refused", what=f"{address} refuses the token: {_detail(answer)}")
        if answer.status_code != 200 or answer.headers.get("Content-Type", "").partition(";")[0] != _MEDIA_TYPE:
            raise Unsafe("no_records", what=f"{address} gives no records (HTTP {answer.status_code}). The address of a "
                                            "site ends in /api/v1/pool/records.")
        lines = list(_lines(address, answer))
        last = answer.headers.get("Pool-Last-Sequence", "")
        further = urljoin(answer.url, answer.links["next"]["url"]) if "next" in answer.links else ""
        if further and urlsplit(further)[:2] != urlsplit(answer.url)[:2]:
            raise Unsafe("leads_away", what=f"{address} names a next page on another site: {plain(further)[:300]}. "
                                            "The token was not sent there. If that is the right place, import from it.")
    return Fetched(lines, int(last) if last.isdecimal() and len(last) < 11 else -1, further)


def _lines(address: str, answer: requests.Response) -> Iterator[Line]:
    """The records of a page; the whole page is held, because nothing of a broken one may be kept."""
    body = bytearray()
    try:
        for piece in answer.iter_content(64 * 1024):
            body += piece
            if len(body) > PAGE_MAX:
                raise Unsafe("too_large", what=f"{address}: one page is larger than {PAGE_MAX // 2**20} MB, which none "
                                               "of a site like this is.")
    except requests.RequestException as trouble:
        raise Unsafe("cut", what=f"{address}: the answer was cut off ({type(trouble).__name__}). What was fetched so "
                                 "far is kept; run the import again.") from trouble
    for number, raw in enumerate(bytes(body).split(b"\n"), start=1):
        if raw:
            try:
                yield Line(number, record_of(raw.decode())[1])
            except (Wrong, UnicodeDecodeError) as trouble:
                yield Line(number, trouble=f"{address}, line {number} of the page: {trouble}")


def _detail(answer: requests.Response) -> str:
    try:
        said: Any = answer.json()["detail"]
    except (ValueError, KeyError, TypeError, requests.RequestException):
        said = f"HTTP {answer.status_code}"
    return plain(str(said)[:500])
