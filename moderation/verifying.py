"""Verifying a downloaded decision log: every kind of tampering is found and named, with the number of the entry.

It reads the log once and keeps a few numbers, never the log: what it remembers of gaps, strays and problems is
limited. After a problem it goes on from what most likely happened, so that one change yields one or two messages,
and the same problem of neighbouring entries is told once. The format is described in `chain.py`.

How it tells one thing from another: an entry whose number is not the next one is *held* until the entry after it is
known. Does that one have the number that was due, the held one had no business here; does it go on from the held
one, entries are missing; does it leave out just one, the held one stands in the place of another. And when an entry
does not name the one before it, the entry *after* it shows which of the two was changed and sealed anew.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TextIO

from moderation.chain import LINE_MAX, ZEROS, ChainError, Line, check_head, digest_of, from_json

MOST = 100  # problems are told, and ten times as many gaps and strays remembered; the rest is only counted
_SAID = {  # one entry, and several
    "changed": ("was changed: its digest does not fit its contents",
                "were changed: their digests do not fit their contents"),
    "resealed": ("was changed and given a new digest: the entries beside it do not fit to it",
                 "were changed and given new digests: they do not fit to each other"),
    "undecided": ("does not name the entry before it: one of the two was changed and given a new digest",
                  "do not name the entries before them: they were changed and given new digests"),
    "signed": ("is not the one that the head has signed: it, or entries before it, were changed and given new digests",
               ""),
    "missing": ("is missing", "are missing"),
    "cut": ("is missing: the head has signed a log up to it", "are missing: the log ends before the head's number"),
    "renamed": ("is not there: in its place stands one that calls itself entry {}",
                "are not there: in their places stand others, the first of which calls itself entry {}"),
    "displaced": ("stands in the wrong place, after entry {}", "stand in the wrong place, after entry {}"),
    "twice": ("was put in once more, after entry {}", "were put in once more, after entry {}"),
    "unreadable": ("cannot be read (line {})", "cannot be read (from line {})"),
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """What was found: how many entries, what is wrong with which (0 is the head), and how many are newer than the
    head, so that no head vouches for them yet."""

    entries: int
    problems: list[tuple[int, str]]
    newer: int

    @property
    def ok(self) -> bool:
        """Nothing is wrong."""
        return not self.problems


def verify(lines: Iterator[str], head: dict[str, Any] | None, public_key: str | None = None) -> Verdict:
    """Verify a log against itself, and against a head if there is one. With `public_key` the head must be signed
    with that key; without, the head may be signed with any."""
    problems: list[tuple[int, str]] = []
    if head is not None:
        try:
            check_head(head, public_key)
        except ChainError as trouble:  # a head that says nothing is no reason not to look at the log
            problems, head = [(0, trouble.why)], None
    walk = _Walk((head["number"], head["digest"]) if head else None)
    for place, text in enumerate(lines, start=1):
        if not text.strip("\r\n\t "):
            continue
        try:
            line = from_json(text, place)
        except ChainError as trouble:
            walk.unreadable(place, trouble.why)
        else:
            walk.take(line)
    walk.end()
    newer = max(0, walk.due - 1 - head["number"]) if head else 0
    return Verdict(walk.entries, problems + walk.told(), newer)


def lines_of(file: TextIO) -> Iterator[str]:
    """The lines of a file; of one that is too long only so much that it is seen to be, so no file fills the memory.

    Open the file with newline="\\n" (no other sign ends a line) and errors="surrogateescape" (what is not UTF-8
    is then found to be wrong line by line).
    """
    while line := file.readline(LINE_MAX + 2):
        yield line
        while not line.endswith("\n") and (line := file.readline(LINE_MAX)):
            pass


@dataclass(slots=True)
class _Run:
    """The same problem of neighbouring entries."""

    kind: str
    first: int
    last: int
    after: int  # which entry or line the sentence names
    why: str

    def told(self) -> tuple[int, str]:
        one, many = _SAID[self.kind]
        if self.first == self.last:
            return self.first, one.format(self.after) + self.why
        return self.first, f"entries {self.first} to {self.last} {many.format(self.after)}{self.why}"


class _Walk:
    """One way through a log. `due` is the number that comes next, `previous` what it must name as the digest before
    (None: anything, because what came before is known to be wrong)."""

    def __init__(self, head: tuple[int, str] | None) -> None:
        self.head = head
        self.entries = 0
        self.due = 1
        self.previous: str | None = ZEROS
        self.held: Line | None = None
        self.suspect = 0  # it did not name the one before it; the next one shows which of the two is wrong
        self.strays: dict[int, tuple[str, int]] = {}  # came too early: digest, and after which entry
        self.swapped: dict[int, str] = {}  # whose place another took, and who took it: digest if it is known
        self.gaps: list[tuple[int, int]] = []  # missing so far
        self.unread = 0  # lines since the last entry that could not be read
        self.runs: list[_Run] = []
        self.latest: dict[str, _Run] = {}
        self.hidden = 0

    def take(self, line: Line) -> None:
        """The next entry of the file."""
        self.entries += 1
        if self.unread and line.number >= self.due:
            if line.number > self.due:  # the unreadable ones stood where entries are due
                self.due = min(self.due + self.unread, line.number)
                self.previous = None
            self.unread = 0
        if self.held is not None:
            self._settle(self.held, line)
        if line.number > self.due:
            self._absorb()
        if line.number == self.due:
            self._place(line)
        else:
            self.held = line

    def unreadable(self, place: int, why: str) -> None:
        """A line of the file that is no entry; what its number would be is known from where it stands."""
        if self.held is not None:
            self._settle(self.held, None)
        self._undecided()
        self._add("unreadable", self.due + self.unread, place, f": {why}")
        self.unread += 1

    def end(self) -> None:
        """The file is over."""
        if self.held is not None:
            self._settle(self.held, None)
        self._absorb()
        self._undecided()
        while digest := self.swapped.pop(self.due, ""):  # it was told already where this one stands
            self._compare(self.due, digest)
            self.due += 1
        for number, (_, after) in self.strays.items():
            self._add("displaced", number, after)
        for first, last in self.gaps:
            self._add("missing", first, last=last)
        self.due += self.unread
        if self.head and self.head[0] >= self.due:
            self._add("cut", self.due, last=self.head[0])

    def told(self) -> list[tuple[int, str]]:
        """Everything that was found, in the order of the entries."""
        found = sorted((run.told() for run in self.runs), key=lambda problem: problem[0])
        if self.hidden:
            found.append((self.due - 1, f"and {self.hidden} further problems, which are not listed"))
        return found

    def _place(self, line: Line) -> None:
        """An entry whose number is due."""
        self.held = None
        if line.number in self.strays:
            self._add("twice", line.number, self.strays.pop(line.number)[1])
        named = self.previous is None or line.previous == self.previous
        if self.suspect:
            # Named by the next one, the suspect is true, and the one before it false.
            self._add("resealed", max(1, self.suspect - named))
            self.suspect = 0
        fits = line.digest == digest_of(line)
        if not fits:
            self._add("changed", line.number)
        elif not named:
            self.suspect = line.number
        self.previous = line.digest if fits else None
        self._compare(line.number, line.digest, fits)
        self.due = line.number + 1

    def _compare(self, number: int, digest: str, fits: bool = True) -> None:
        """Is it what the head has signed?"""
        if self.head and number == self.head[0]:
            if digest == self.head[1]:
                if self.suspect == number and fits:
                    self._add("resealed", max(1, number - 1))
                    self.suspect = 0
            elif fits:
                self._add("signed", number)
                self.suspect, self.previous = 0, None

    def _settle(self, held: Line, line: Line | None) -> None:
        """Decide what the held entry is, now that the next one is known; None when that is not to be had."""
        self.held = None
        broken = held.digest != digest_of(held)
        if line is not None and line.number == self.due:
            if held.number < self.due:
                self._behind(held, broken)
            elif held.number in self.strays:
                self._add("twice", held.number, self.due - 1)
            else:
                self.strays[held.number] = (held.digest, self.due - 1)
                if broken:
                    self._add("changed", held.number)
                if len(self.strays) > 10 * MOST:
                    oldest = next(iter(self.strays))
                    self._add("displaced", oldest, self.strays.pop(oldest)[1])
        elif (line.number == self.due + 1 and line.digest != held.digest if line is not None
              else broken and held.previous == self.previous):
            self._undecided()
            self._add("renamed", self.due, held.number)
            if not broken and len(self.swapped) < 10 * MOST:
                self.swapped |= {self.due: "", held.number: held.digest}
            self.due, self.previous = self.due + 1, None
        elif held.number > self.due:
            self._undecided()
            self._absorb(held.number)
            if held.number > self.due:
                self.gaps.append((self.due, held.number - 1))
                self.due, self.previous = held.number, None
                if len(self.gaps) > 10 * MOST:
                    first, last = self.gaps.pop(0)
                    self._add("missing", first, last=last)
            self._place(held)
        else:
            self._behind(held, broken)

    def _behind(self, held: Line, broken: bool) -> None:
        """An entry with a number that was due earlier: it fills a gap, or it is there for a second time."""
        number = held.number
        for place, (first, last) in enumerate(self.gaps):
            if first <= number <= last:
                halves = ((first, number - 1), (number + 1, last))
                self.gaps[place:place + 1] = [half for half in halves if half[0] <= half[1]]
                self._add("displaced", number, self.due - 1)
                if broken:
                    self._add("changed", number)
                self._compare(number, held.digest, not broken)
                return
        kind = "displaced" if self.swapped.pop(number, None) == "" else "twice"
        self._add(kind, number, self.due - 1)
        if number == self.due - 1 and held.digest != self.previous:
            self.suspect, self.previous = 0, None  # which of the two is the true one cannot be known

    def _absorb(self, until: int = 0) -> None:
        """Entries that are due now but came too early: they were only in the wrong place."""
        while self.due in self.strays and self.due != until:
            digest, after = self.strays.pop(self.due)
            self._undecided()
            self._add("displaced", self.due, after)
            self._compare(self.due, digest)
            self.due, self.previous = self.due + 1, None

    def _undecided(self) -> None:
        """Nothing shows any more which of the two entries is the false one; unless one is known for it."""
        known = self.latest.get("resealed")
        if self.suspect and not (known and known.last == self.suspect - 1):
            self._add("undecided", self.suspect)
        self.suspect = 0

    def _add(self, kind: str, number: int, after: int = 0, why: str = "", last: int = 0) -> None:
        last = last or number
        run = self.latest.get(kind)
        if run and run.first - 1 <= last and number <= run.last + 1:
            run.first, run.last = min(run.first, number), max(run.last, last)
        elif len(self.runs) == MOST:
            self.hidden += 1
        else:
            self.latest[kind] = _Run(kind, number, last, after, why)
            self.runs.append(self.latest[kind])
