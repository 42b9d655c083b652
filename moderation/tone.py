"""Finds what was said in a tone that may hurt: shouting, and words of a list of rude ones."""

import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from participation.text import fold

ENOUGH = 60  # letters a text must have before the share of its capitals says anything
SHARE = 0.4  # of capitals among the letters; German prose has about 0.1
RUN_WORDS, RUN_LETTERS = 3, 16  # words in capitals one after the other: ÖPNV, LED and WLAN are no shouting
_MARKS = re.compile(r"(?:(?<![^\W\d_])[^\W\d_]{1,40}+)?[ \u00a0]?(?<![!?؟！？])"
                    r"[!?؟！？]{0,20}([!?؟！？])\1{2}[!?؟！？]{0,40}")
_WORD = re.compile(r"[^\W\d_]+")
_BETWEEN = re.compile(r"[ \u00a0,-]{1,2}")

_PART = re.compile(r"[^\W_]+(?:[@$]+[^\W_]+)*|[@$][^\W_]+")
_SPELLED = re.compile(r"(?<![^\W_])[^\W_](?:[ .*_·-]{1,2}[^\W_](?![^\W_])){3,20}")
_HIDDEN = re.compile(r"(?<!\w)[^\W\d_][\w*!|]{0,30}[*!|]\w{0,30}(?:\*{0,10})(?!\w)")
_LOOKALIKES = [str.maketrans("0134578@$!|", letters) for letters in ("oieastbasii", "oleastbasll")]
_ODD = re.compile(r"[0-9@$!|]")
_LONG = re.compile(r"(\w)\1{2,}")
_TATWEEL = "\u0640"  # stretches Arabic words and means nothing

# What a word of a language may end in and still be that word; such a form is compared whole.
_ENDINGS = {
    "de": "e en er es em ern s n in innen st t te ten isch ische ischer ischen isches",
    "en": "s es ed ing er ers y ish", "fr": "s e es x", "it": "a e i o he hi", "es": "s es a o as os",
    "pl": "y i a e em ow ami om u o ie owi ego ach", "ru": "ы и а у ом ов ам ами е ой ей я ю ах",
    "tr": "ler lar sin siniz in i u un lik luk im a e ca ce dir sun", "uk": "и і а у ом ів ам ами е ою я ю",
    "ar": "ون ين ات ة ه ي",
}
_BEGINNINGS = {"ar": "ال وال و يا"}  # Arabic writes the, and, o! as one word with what follows


@dataclass(frozen=True, slots=True)
class _List:
    """A language's rude words, folded: every form of the single ones, also by their length, and the phrases."""

    forms: frozenset[str]
    by_shape: Mapping[tuple[str, int], Sequence[str]]
    phrases: Mapping[str, Sequence[tuple[tuple[str, ...], frozenset[str]]]]


def shouting(text: str) -> list[str]:
    """Where a text shouts: "" for capitals all over it, otherwise runs of words in capitals; and runs of !!!
    or ???. Capitals are counted where a script has them, and only in texts long enough to tell."""
    marks = [m[0].strip() for m in _MARKS.finditer(text)] if any(mark * 3 in text for mark in "!?؟！？") else []
    capitals = sum(map(str.isupper, text))
    if capitals < RUN_LETTERS:
        return marks
    letters = capitals + sum(map(str.islower, text))
    return (["", *marks] if letters >= ENOUGH and capitals >= SHARE * letters else [*_runs(text), *marks])


def rude_words(text: str, lists: Mapping[str, Sequence[str]]) -> list[str]:
    """The words of a text that are on a list (by language), as they were written, also thinly disguised:
    1d10t, i-d-i-o-t, idiooot, id*ot. A word inside another is never one: no rude word is in Marschweg."""
    known = [_prepared(tag.partition("-")[0].casefold(), tuple(words)) for tag, words in lists.items() if words]
    if not known:
        return []
    found: dict[int, int] = {}
    parts = [m.span() for m in _PART.finditer(text)]
    words = [_fold(text[start:end]) for start, end in parts]
    forms = frozenset[str]().union(*(one.forms for one in known))
    for word, (start, end) in zip(words, parts, strict=True):
        if word in forms or any(reading in forms for reading in _readings(word)):
            found[start] = end
    for one in known:
        for at, word in enumerate(words):
            for middle, last in one.phrases.get(word, ()) if one.phrases else ():
                until = at + len(middle) + 1
                if until < len(words) and words[until] in last and tuple(words[at + 1:until]) == middle:
                    found[parts[at][0]] = parts[until][1]
    for m in _SPELLED.finditer(text):
        word = "".join(_PART.findall(_fold(m[0])))
        if word in forms or any(reading in forms for reading in _readings(word)):
            found[m.start()] = m.end()
    for m in _HIDDEN.finditer(text):
        if any(_shows(_fold(m[0]), one) for one in known):
            found.setdefault(m.start(), m.end())
    return [text[start:found[start]] for start in sorted(found)]


def _runs(text: str) -> Iterator[str]:
    """Runs of words in capitals. One of them must be long, or they are a list of abbreviations."""
    run: list[re.Match[str]] = []
    for m in [*_WORD.finditer(text), None]:
        if m and m[0].isupper() and (not run or _BETWEEN.fullmatch(text, run[-1].end(), m.start())):
            run.append(m)
            continue
        lengths = [w.end() - w.start() for w in run]
        if len(run) >= RUN_WORDS and sum(lengths) >= RUN_LETTERS and max(lengths) >= 5:
            yield text[run[0].start():run[-1].end()]
        run = [m] if m and m[0].isupper() else []


def _fold(word: str) -> str:
    """As `fold`, quicker for the words that need little of it."""
    return word.lower() if word.isascii() else fold(word).replace(_TATWEEL, "")


def _readings(word: str) -> Iterator[str]:
    """What a disguised word may mean: digits and signs for letters, letters repeated for emphasis."""
    shortened = {word, *(_LONG.sub(by, word) for by in (r"\1", r"\1\1"))} if _LONG.search(word) else {word}
    for one in shortened:
        yield one
        if _ODD.search(one) and not one.isdecimal():
            yield one.lstrip("@$")
            yield from (one.translate(table) for table in _LOOKALIKES)


def _shows(word: str, known: _List) -> bool:
    """Whether a word with stars or exclamation marks inside shows at least half of a rude one, and its beginning."""
    if any(word.translate(table) in known.forms for table in _LOOKALIKES):
        return True
    hidden = word.count("*")
    return 0 < hidden <= len(word) / 2 + 1 and len(word) - hidden >= 2 and any(
        all(sign in ("*", letter) for sign, letter in zip(word, form, strict=True))
        for form in known.by_shape.get((word[0], len(word)), ()))


@lru_cache(maxsize=64)
def _prepared(language: str, words: tuple[str, ...]) -> _List:
    endings = ["", *(fold(ending) for ending in _ENDINGS.get(language, "").split())]
    beginnings = ["", *(fold(beginning) for beginning in _BEGINNINGS.get(language, "").split())]
    forms: set[str] = set()
    phrases: defaultdict[str, list[tuple[tuple[str, ...], frozenset[str]]]] = defaultdict(list)
    for word in words:
        first, *more = _PART.findall(_fold(word)) or [""]
        if more:
            phrases[first].append((tuple(more[:-1]), frozenset(more[-1] + ending for ending in endings)))
        elif first:
            forms |= {beginning + first + ending for beginning in beginnings for ending in endings}
    by_shape: defaultdict[tuple[str, int], list[str]] = defaultdict(list)
    for form in forms:
        by_shape[form[0], len(form)].append(form)
    return _List(frozenset(forms), dict(by_shape), dict(phrases))
