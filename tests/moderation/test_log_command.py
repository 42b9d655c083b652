"""The words `log verify`: what somebody reads who downloaded the decision log."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import click
import pytest
from click.testing import CliRunner, Result

from moderation.chain import Line, public, to_json
from moderation.commands import words
from tests.moderation.logs import KEY, OTHER_KEY, a_head, a_log

LOG = a_log()
HEAD = a_head(LOG[-1])


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with log.jsonl and head.json, both in order."""
    monkeypatch.chdir(tmp_path)
    _write(LOG)
    _write_head(HEAD)
    return tmp_path


def _write(lines: list[Line]) -> None:
    Path("log.jsonl").write_text("".join(to_json(line) + "\n" for line in lines), encoding="utf-8")


def _write_head(head: dict[str, Any]) -> None:
    Path("head.json").write_text(json.dumps(head), encoding="utf-8")


def _log(*arguments: str) -> Result:
    @click.group()
    def cli() -> None:
        """A command of its own."""

    words(cli)
    return CliRunner().invoke(cli, ["log", *arguments])


def _refused(result: Result) -> str:
    assert result.exit_code == 2, result.output
    assert result.stdout == "" and "Traceback" not in result.output
    return result.stderr


def test_a_log_in_order(folder: Path) -> None:
    result = _log("verify", "log.jsonl", "--head", "head.json", "--key", public(KEY))
    assert (result.exit_code, result.stdout, result.stderr) == (0, "50 entries, in order.\n", "")


def test_entries_newer_than_the_head_are_counted(folder: Path) -> None:
    _write_head(a_head(LOG[46]))
    result = _log("verify", "log.jsonl", "--head", "head.json")
    assert (result.exit_code, result.stdout) == (0, "50 entries, in order. 3 of them are newer than the head.\n")


def test_without_a_head_it_says_what_it_cannot_know(folder: Path) -> None:
    result = _log("verify", "log.jsonl")
    assert result.exit_code == 0 and result.stdout.startswith("50 entries, in order. Without a head")


def test_one_entry_and_none(folder: Path) -> None:
    _write(LOG[:1])
    assert _log("verify", "log.jsonl").stdout.startswith("1 entry, in order.")
    _write([])
    assert _log("verify", "log.jsonl").stdout.startswith("0 entries, in order.")


def test_each_problem_names_file_and_entry(folder: Path) -> None:
    _write([*LOG[:16], replace(LOG[16], move="restore"), *LOG[17:29], *LOG[31:]])
    assert _refused(_log("verify", "log.jsonl", "--head", "head.json")) == (
        "log.jsonl, entry 17: was changed: its digest does not fit its contents\n"
        "log.jsonl, entry 30: entries 30 to 31 are missing\n"
        "48 entries, not in order.\n")


def test_a_log_cut_off_is_found_with_the_head_alone(folder: Path) -> None:
    _write(LOG[:-1])
    assert _log("verify", "log.jsonl").exit_code == 0
    assert "log.jsonl, entry 50: is missing" in _refused(_log("verify", "log.jsonl", "--head", "head.json"))


@pytest.mark.parametrize("content", [b"\xff\xfe{", b"\x00" * 100, b"[]\n", "ü".encode() * 20_000, b"\xc3"])
def test_a_file_that_is_no_log(folder: Path, content: bytes) -> None:
    Path("log.jsonl").write_bytes(content)
    assert "log.jsonl, entry 1: cannot be read (line 1): it " in _refused(_log("verify", "log.jsonl"))


def test_a_byte_order_mark_and_windows_line_ends_do_no_harm(folder: Path) -> None:
    text = "\ufeff" + "".join(to_json(line) + "\r\n" for line in LOG)
    Path("log.jsonl").write_bytes(text.encode())
    assert _log("verify", "log.jsonl", "--head", "head.json").exit_code == 0


def test_a_wrong_head_is_named_with_its_file_and_the_log_all_the_same(folder: Path) -> None:
    _write_head(HEAD | {"number": 49})
    _write(LOG[1:])
    said = _refused(_log("verify", "log.jsonl", "--head", "head.json"))
    assert "head.json: the head's signature is wrong" in said and "log.jsonl, entry 1: is missing" in said


def test_a_head_signed_with_another_key(folder: Path) -> None:
    said = _refused(_log("verify", "log.jsonl", "--head", "head.json", "--key", public(OTHER_KEY)))
    assert "head.json: the head is signed with another key than the one expected" in said


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 9000, b"[]", b"x" * 100_000])
def test_a_file_that_is_no_head(folder: Path, content: bytes) -> None:
    Path("head.json").write_bytes(content)
    assert _refused(_log("verify", "log.jsonl", "--head", "head.json")).startswith("head.json: the head ")


def test_files_that_are_not_there_and_a_key_without_a_head(folder: Path) -> None:
    assert "none.jsonl cannot be read: No such file" in _refused(_log("verify", "none.jsonl"))
    assert "none.json cannot be read: No such file" in _refused(_log("verify", "log.jsonl", "--head", "none.json"))
    assert "directory" in _refused(_log("verify", str(folder)))
    assert "give the head, too" in _refused(_log("verify", "log.jsonl", "--key", public(KEY)))
