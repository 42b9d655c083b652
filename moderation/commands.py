"""The words that moderation adds to the `participation` command: verifying a downloaded decision log."""

import sys
from pathlib import Path
from typing import Any

import click

from moderation.chain import LINE_MAX, ChainError, head_from_json
from moderation.verifying import Verdict, lines_of, verify
from participation.commands import honest
from participation.errors import Trouble

_FILE = click.Path(path_type=Path, dir_okay=False)


def words(cli: click.Group) -> None:
    """Add the group `log` to a command."""

    @cli.group()
    def log() -> None:
        """The public decision log."""

    @log.command("verify")
    @click.argument("file", type=_FILE)
    @click.option("--head", "head_file", type=_FILE, help="a signed head of this log, the older the better")
    @click.option("--key", help="the public key, in base64, with which the head must be signed")
    @honest
    def verify_(file: Path, head_file: Path | None, key: str | None) -> None:
        """Name every entry of a downloaded log that was changed, removed, put in or moved.

        Needs neither database nor network. With --head it also finds what was done to the end of the log.
        """
        if key is not None and head_file is None:
            raise Trouble("no_head", what="--key says who must have signed the head; give the head, too: --head FILE")
        head = _head(head_file) if head_file else None
        try:
            with open(file, encoding="utf-8-sig", errors="surrogateescape", newline="\n") as opened:
                verdict = verify(lines_of(opened), head, key)
        except OSError as trouble:
            raise _unreadable(file, trouble) from trouble
        for number, problem in verdict.problems:
            where = f"{file}, entry {number}" if number else str(head_file)
            click.echo(f"{where}: {problem}", err=True)
        if not verdict.ok:
            click.echo(f"{_count(verdict.entries)}, not in order.", err=True)
            sys.exit(2)
        click.echo(_praise(verdict, head))


def _praise(verdict: Verdict, head: dict[str, Any] | None) -> str:
    """What to say of a log in order, and what that does not mean."""
    said = f"{_count(verdict.entries)}, in order."
    if head is None:
        return f"{said} Without a head (--head) nobody can tell whether entries at the end are missing or new."
    if verdict.newer:
        return f"{said} {verdict.newer} of them {'is' if verdict.newer == 1 else 'are'} newer than the head."
    return said


def _head(file: Path) -> dict[str, Any]:
    """A head from a file; whether it is one is for `verify` to say, which looks at the log all the same."""
    try:
        with open(file, encoding="utf-8-sig", errors="surrogateescape") as opened:
            return head_from_json(opened.read(LINE_MAX + 2))
    except ChainError as trouble:  # most likely another file than the one that was meant
        raise ChainError(0, f"{file}: {trouble.why}") from trouble
    except OSError as trouble:
        raise _unreadable(file, trouble) from trouble


def _unreadable(file: Path, trouble: OSError) -> Trouble:
    return Trouble("unreadable", what=f"{file} cannot be read: {trouble.strerror}")


def _count(entries: int) -> str:
    return "1 entry" if entries == 1 else f"{entries} entries"
