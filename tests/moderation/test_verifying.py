"""Whatever is done to a decision log, the verifier finds it and names the entry."""

import io
import tracemalloc
from collections.abc import Callable, Iterator
from dataclasses import replace
from random import Random
from typing import Any

import pytest

from moderation.chain import LINE_MAX, ZEROS, Line, check_head, from_json, head, public, to_json
from moderation.verifying import MOST, lines_of, verify
from tests.moderation.logs import KEY, NOON, OTHER_KEY, SITE, a_head, a_log, raw, rebuilt, resealed, verdict

LOG = a_log()
HEAD = a_head(LOG[-1])
OTHER = a_log(seed=2)
EVERYWHERE = [1, 2, 3, 24, 25, 26, 48, 49, 50]
CHANGES: list[dict[str, Any]] = [
    {"at": NOON}, {"kind": "edit"}, {"move": "restore"}, {"reason": "spam"}, {"rule": "dsa:14"}, {"automated": None},
    {"entry_digest": "a" * 64}, {"text_digest": "b" * 64}, {"previous": "c" * 64}]


def _changed(number: int, change: dict[str, Any]) -> dict[str, Any]:
    line = LOG[number - 1]
    made = {"automated": not line.automated} if "automated" in change else change
    return made if made != {"kind": line.kind} else {"kind": "person"}


def _with(number: int, *lines: Line) -> list[Line]:
    return [*LOG[:number - 1], *lines, *LOG[number:]]


def _told(lines: list[Line], head: dict[str, Any] | None = HEAD) -> list[tuple[int, str]]:
    return verdict(lines, head).problems


def test_a_log_in_order() -> None:
    found = verdict(LOG, HEAD)
    assert (found.entries, found.problems, found.newer, found.ok) == (50, [], 0, True)
    assert verdict(LOG).ok


@pytest.mark.parametrize("number", [0, *EVERYWHERE])
def test_a_log_may_be_longer_than_the_head(number: int) -> None:
    found = verdict(LOG, a_head(LOG[number - 1] if number else None))
    assert found.ok and found.newer == 50 - number


def test_an_empty_log() -> None:
    assert verdict([]).ok and verdict([], a_head(None)).ok
    assert _told([]) == [(1, "entries 1 to 50 are missing: the log ends before the head's number")]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_changed_entry(number: int, change: dict[str, Any]) -> None:
    changed = replace(LOG[number - 1], **_changed(number, change))
    assert _told(_with(number, changed)) == [(number, "was changed: its digest does not fit its contents")]
    assert _told(_with(number, changed), None) == _told(_with(number, changed))


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: next(iter(change)))
@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_changed_entry_with_a_new_digest(number: int, change: dict[str, Any]) -> None:
    """The entry after it gives it away; the last one only the head."""
    lines = _with(number, resealed(LOG[number - 1], **_changed(number, change)))
    [(named, why)] = _told(lines)
    assert named == number
    assert "given a new digest" in why or (number == 50 and "not the one that the head has signed" in why)
    if number < 49:
        assert _told(lines, None) == [(number, why)]
    elif number == 49:  # nobody can know which of the last two it was
        assert _told(lines, None) in ([(50, "does not name the entry before it: one of the two was changed and given "
                                            "a new digest")], [(49, why)])


@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_changed_digest(number: int) -> None:
    lines = _with(number, replace(LOG[number - 1], digest="a" * 64))
    assert _told(lines) == [(number, "was changed: its digest does not fit its contents")]


@pytest.mark.parametrize("seal", [replace, resealed])
@pytest.mark.parametrize("new", [1, 7, 40, 99, 2**53 - 1])
@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_changed_number(number: int, new: int, seal: Callable[..., Line]) -> None:
    if new == number:
        return
    found = verdict(_with(number, seal(LOG[number - 1], number=new)), HEAD)
    assert not found.ok and len(found.problems) <= 2
    if number < 50 or seal is replace:
        assert found.problems == [(number, f"is not there: in its place stands one that calls itself entry {new}")]


@pytest.mark.parametrize("count", [1, 2, 10])
@pytest.mark.parametrize("number", [1, 2, 25, 38, 39, 40])
def test_removed_entries(number: int, count: int) -> None:
    lines = LOG[:number - 1] + LOG[number - 1 + count:]
    said = "is missing" if count == 1 else f"entries {number} to {number + count - 1} are missing"
    assert _told(lines) == [(number, said)] == _told(lines, None)


@pytest.mark.parametrize("count", [1, 2, 10, 49])
def test_a_log_cut_off(count: int) -> None:
    lines = LOG[:50 - count]
    [(number, why)] = _told(lines)
    assert number == 51 - count and ("missing" in why)
    assert _told(lines, None) == []  # the chain alone cannot show it


@pytest.mark.parametrize("number", EVERYWHERE[:-1])
def test_a_removed_entry_bridged_over(number: int) -> None:
    """The entry after the gap is made to name the one before the gap."""
    bridge = resealed(LOG[number], previous=LOG[number - 2].digest if number > 1 else ZEROS)
    [missing, *more] = _told([*LOG[:number - 1], bridge, *LOG[number + 1:]])
    assert missing == (number, "is missing") and [where for where, _ in more] == [number + 1]


@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_removed_entry_and_everything_after_it_made_anew(number: int) -> None:
    lines = rebuilt(LOG[:number - 1] + LOG[number:])
    assert verdict(lines).ok
    assert [where for where, _ in _told(lines)] == [50]
    signed_then = verdict(lines, a_head(LOG[39]))  # an older head finds what was done before it
    assert signed_then.ok == (number > 40)


@pytest.mark.parametrize("where", [0, 1, 2, 24, 25, 48, 49, 50])
@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_doubled_entry(number: int, where: int) -> None:
    lines = [*LOG[:where], LOG[number - 1], *LOG[where:]]
    assert _told(lines) == [(number, f"was put in once more, after entry {_last(lines, number, where)}")]


def _last(lines: list[Line], number: int, where: int) -> int:
    """After which entry the second copy stands, as far as it can be known which copy is the second."""
    return number if where in (number - 1, number) else where


@pytest.mark.parametrize("number", EVERYWHERE)
def test_an_entry_put_in(number: int) -> None:
    before = LOG[number - 2].digest if number > 1 else ZEROS
    forged = resealed(OTHER[number - 1], previous=before)
    problems = _told([*LOG[:number - 1], forged, *LOG[number - 1:]])
    assert {where for where, _ in problems} == {number} and len(problems) <= 2
    assert "was put in once more" in " ".join(why for _, why in problems)


@pytest.mark.parametrize("seal", [replace, resealed])
@pytest.mark.parametrize("number", EVERYWHERE)
def test_an_entry_put_in_and_those_after_it_renumbered(number: int, seal: Callable[..., Line]) -> None:
    """One deed, one or two messages, though every later entry was changed."""
    later = [seal(line, number=line.number + 1) for line in LOG[number - 1:]]
    problems = _told([*LOG[:number - 1], resealed(OTHER[number - 1]), *later])
    assert problems and len(problems) <= 3
    # One put in as the very first looks like a first entry; it is the next that does not fit to it.
    assert min(where for where, _ in problems) == max(2, number)


@pytest.mark.parametrize("number", EVERYWHERE)
@pytest.mark.parametrize("to", EVERYWHERE)
def test_a_moved_entry(number: int, to: int) -> None:
    lines = [line for line in LOG if line.number != number]
    lines.insert(to - 1, LOG[number - 1])
    if number == to:
        assert _told(lines) == []
        return
    [(first, why)] = _told(lines)
    assert "stand" in why and "in the wrong place" in why
    assert first == min(number, to + 1) if to < number - 1 and "entries" in why else first in (number, to)


@pytest.mark.parametrize(("one", "two"), [(1, 2), (1, 3), (1, 50), (25, 26), (25, 27), (20, 30), (48, 50), (49, 50)])
def test_two_swapped_entries(one: int, two: int) -> None:
    lines = list(LOG)
    lines[one - 1], lines[two - 1] = lines[two - 1], lines[one - 1]
    for problems in (_told(lines), _told(lines, None)):
        assert 1 <= len(problems) <= 2
        assert problems[0][0] in (one, two)


def test_a_log_back_to_front() -> None:
    assert _told(LOG[::-1]) == [(1, "entries 1 to 49 stand in the wrong place, after entry 50")]


def test_a_log_twice_over() -> None:
    assert _told(LOG + LOG) == [(1, "entries 1 to 50 were put in once more, after entry 50")]


@pytest.mark.parametrize("number", EVERYWHERE)
def test_another_log_from_some_entry_on(number: int) -> None:
    before = LOG[number - 2].digest if number > 1 else ZEROS
    lines = [*LOG[:number - 1], *a_log(51 - number, seed=3, previous=before, start=number)]
    assert verdict(lines).ok
    assert [where for where, _ in _told(lines)] == [50]


@pytest.mark.parametrize("text", [
    "{", "no JSON", "\udcff", "[]", "1", "\x00", "9" * 5000, "x" * 10 * LINE_MAX, "[" * 9000,
    raw(LOG[5], author="Anna"), raw(LOG[5], kind=None)], ids=lambda text: ascii(text)[:20])
@pytest.mark.parametrize("number", EVERYWHERE)
def test_a_line_that_cannot_be_read(number: int, text: str) -> None:
    good = [to_json(line) for line in LOG]
    for lines in ([*good[:number - 1], text, *good[number:]], [*good[:number - 1], text, *good[number - 1:]]):
        found = verify(iter(lines), HEAD)
        [(where, why)] = found.problems
        assert where == number and why.startswith(f"cannot be read (line {number}): it ") and len(why) < 200


def test_a_page_of_errors_instead_of_a_log() -> None:
    assert verify(iter(["<html>"] * 100_000), None).problems == [
        (1, "entries 1 to 100000 cannot be read (from line 1): it is not JSON, or is cut off")]


def test_blank_lines_mean_nothing_but_places_are_counted() -> None:
    lines = ["", *[to_json(line) + "\r\n\n" for line in LOG], " \n", "{"]
    [(number, why)] = verify(iter(lines), HEAD).problems
    assert number == 51 and "(line 53)" in why


@pytest.mark.parametrize(("changed", "why"), [({"number": 49}, "signature"), ({"digest": "a" * 64}, "signature"),
                                              ({"signature": "?"}, "64 bytes"), ({"number": None}, "number")])
def test_a_wrong_head_is_named_and_the_log_looked_at_all_the_same(changed: dict[str, Any], why: str) -> None:
    [(zero, said), missing] = verdict(LOG[1:], HEAD | changed).problems
    assert zero == 0 and why in said and missing == (1, "is missing")


def test_a_head_of_somebody_else() -> None:
    forged = head(LOG[-1], NOON, OTHER_KEY, SITE)
    check_head(forged)
    lines = [to_json(line) for line in LOG]
    assert verify(iter(lines), HEAD, public(KEY)).ok
    assert [number for number, _ in verify(iter(lines), forged, public(KEY)).problems] == [0]


def test_long_lines_of_a_file_are_not_read_whole() -> None:
    good = [to_json(line) + "\n" for line in LOG]
    file = io.StringIO("".join([*good[:9], "x" * 10_000_000 + "\n", *good[10:]]), newline="\n")
    read = list(lines_of(file))
    assert max(map(len, read)) == LINE_MAX + 2 and len(read) == 50
    assert [number for number, _ in verify(iter(read), HEAD).problems] == [10]
    assert list(lines_of(io.StringIO(""))) == []


def test_a_long_log_takes_no_memory_and_many_problems_few_words() -> None:
    """Every second entry of twenty thousand is changed, and the log is made while it is read."""
    def lines() -> Iterator[str]:
        for line in a_log(10, seed=4):
            yield to_json(line)
        changed = to_json(replace(LOG[20], move="restore"))
        for number in range(11, 20_000, 2):
            yield changed.replace('"number":21', f'"number":{number}')
    tracemalloc.start()
    found = verify(lines(), None)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert len(found.problems) <= MOST + 1 and found.problems[-1][1].endswith("which are not listed")
    assert peak < 2_000_000


@pytest.mark.parametrize("seed", range(300))
def test_no_tampering_goes_unseen(seed: int) -> None:
    """One to four random deeds: always found while a head vouches for the whole, and never in many words."""
    random = Random(seed)
    lines = list(LOG)
    deeds = random.randint(1, 4)
    for _ in range(deeds):
        place = random.randrange(len(lines))
        change = random.choice([*CHANGES[:5], *CHANGES[6:], {"number": random.randint(1, 60)}])
        match random.randrange(6):
            case 0:
                lines[place] = replace(lines[place], **change)
            case 1:
                lines[place] = resealed(lines[place], **change)
            case 2:
                del lines[place]
            case 3:
                lines.insert(random.randrange(len(lines)), random.choice([lines[place], OTHER[place % 50]]))
            case 4:
                lines.insert(random.randrange(len(lines)), lines.pop(place))
            case _:
                lines[place:] = rebuilt(lines)[place:]
    for_sure = [line for line in lines if line.number <= 50] != LOG
    found = verdict(lines, HEAD)
    assert found.ok != for_sure
    assert len(found.problems) <= 4 * deeds
    assert all(number >= 1 for number, _ in found.problems)
    assert from_json(to_json(lines[0])) == lines[0]
