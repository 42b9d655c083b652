"""The words that the idea pool adds to the `participation` command: files and tokens, out and in."""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import NoReturn

import click
from sqlalchemy.orm import Session

from participation.commands import Roof, bar, honest
from participation.database import now
from participation.errors import Trouble, Unsafe
from participation.people import tokens
from participation.pool import fetching, files, loading, queries, sheets
from participation.pool.checking import Check
from participation.pool.loading import Problems
from participation.web.door import Door


def words(cli: click.Group, roof: Roof) -> None:
    """Add the groups `pool` and `token` to a command."""
    door = roof.door

    @cli.group()
    def pool() -> None:
        """The idea pool."""

    @pool.command()
    @click.option("--format", "kind", type=click.Choice(list(files.MEDIA_TYPES)), default="jsonl", show_default=True)
    @click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="the file to write")
    @click.option("--since", default=0, type=click.IntRange(min=0), help="only records after this sequence number")
    @click.option("--from", "origin", type=click.Choice(["site", "pool"]), default="site", show_default=True,
                  help="what this site wrote, or what its pool received")
    @click.option("--site", help="with --from pool: the site whose records are meant, where there are several")
    @honest
    def export(kind: str, out: Path, since: int, origin: str, site: str | None) -> None:
        """Write records to a file; nothing half written remains when it fails."""
        with door().database.reading() as session:
            bodies = (queries.received_bodies(session, _site(session, site), since) if origin == "pool"
                      else queries.bodies(session, since))
            done = _write_whole(out, files.written(bodies, kind))
        click.echo(f"{out} written, {done} bytes.")

    @pool.command("import")
    @click.argument("source", metavar="FILE|ADDRESS")
    @click.option("--token-file", type=click.Path(path_type=Path, dir_okay=False),
                  help="for an address: the file that holds the token; else it is read from POOL_TOKEN")
    @honest
    def import_(source: str, token_file: Path | None) -> None:
        """Load records into the pool built in: from a JSONL, CSV or XLSX file, or from the pull address of another
        site (https://…/api/v1/pool/records). Safe to run twice; a file with anything wrong is not loaded at all."""
        if fetching.is_address(source):
            loaded, known = _from_address(door(), source, _token(token_file))
        else:
            loaded, known = _from_file(door(), Path(source))
        click.echo(f"{loaded} loaded, {known} known already, 0 refused.")

    @cli.group()
    def token() -> None:
        """The tokens with which programs fetch records."""

    @token.command()
    @click.argument("name")
    @click.option("--scope", "scopes", multiple=True, default=[str(tokens.SCOPES[0])], show_default=True,
                  type=click.Choice([str(tokens.SCOPES[0])]), help="what it may do")
    @honest
    def add(name: str, scopes: tuple[str, ...]) -> None:
        """Issue a token and print its secret, which cannot be shown again."""
        with door().database.change() as session:
            _, secret = tokens.issue(session, None, name, scopes, now())
        click.echo(secret)

    @token.command("list")
    @honest
    def list_() -> None:
        """The tokens, newest first."""
        before: int | None = None
        while before != 0:
            with door().database.reading() as session:
                rows, behind = tokens.listed(session, before, 100)
            for row in rows:
                click.echo(f"{row.id}\t{row.hint}…\t{row.name}\t{' '.join(row.scopes)}\t{_last(row)}")
            before = behind or 0

    @token.command()
    @click.argument("which", metavar="NUMBER|BEGINNING")
    @honest
    def revoke(which: str) -> None:
        """End a token, named by its number or by its beginning as `token list` shows them."""
        with door().database.change() as session:
            row = tokens.revoke(session, None, tokens.named(session, which.rstrip("…")), now())
            click.echo(f"Revoked: {row.name} ({row.hint}…).")


def _last(row: tokens.TokenRow) -> str:
    if row.revoked_at:
        return f"revoked {row.revoked_at:%Y-%m-%d}"
    return f"used {row.last_used_at:%Y-%m-%d %H:%M} UTC" if row.last_used_at else "never used"


def _site(session: Session, asked: str | None) -> str:
    """The site meant: the one asked for, or the only one there is."""
    there = loading.sites(session)
    if asked is None and len(there) == 1:
        return there[0]
    if asked in there:
        return asked
    if not there:
        raise Unsafe("empty", what="The pool holds no records.")
    raise Unsafe("which_site", what=f"Which site's records? Name one with --site: {', '.join(there)}")


def _token(file: Path | None) -> str:
    try:
        found = (file.read_text("utf-8") if file else os.environ.get("POOL_TOKEN", "")).strip()
    except (OSError, UnicodeDecodeError) as trouble:
        raise Unsafe("unreadable", what=f"{file} cannot be read as a token: {trouble}") from trouble
    if not found.isascii() or not found.isprintable() or " " in found or not 1 <= len(found) <= 200:
        raise Unsafe("no_token", what="This address needs a token of the other site. Set POOL_TOKEN to it, or put it "
                                      "into a file and name that with --token-file.")
    return found


def _from_file(made_of: Door, path: Path) -> tuple[int, int]:
    """Look at the whole file, then keep it; says how many records are new and how many were known."""
    with bar(None, "Checking") as progress:
        check = _looked(made_of, sheets.read_records(path), loading.placed(path), progress)
    loaded = done = 0
    with bar(check.records, "Importing") as progress:
        for batch in loading.batches(sheets.read_records(path), check):
            with made_of.database.change() as session:
                loaded += loading.keep(session, batch, now())
            done += len(batch)
            progress(done)
    return loaded, done - loaded


def _from_address(made_of: Door, address: str, token: str) -> tuple[int, int]:
    """Fetch page after page, each looked at whole before it is kept; goes on where the pool's records end."""
    def where(line: int) -> str:
        return f"{address}, line {line} of the page"

    first = fetching.page(fetching.behind(address, 0, 1), token)
    check, loaded = _looked(made_of, first.lines, where), 0
    with made_of.database.reading() as session:
        after = known = max((loading.upto(session, site) for site in check.sites), default=0)
    if 0 <= first.last < after:
        raise Unsafe("set_back", what=f"{address} has {first.last} records, and the pool holds {after} of it already. "
                                      "Was that site set back to an older state? Nothing was imported.")
    url = fetching.behind(address, after)
    with bar(first.last if first.last > 0 else None, "Fetching") as progress:
        while url:
            page = fetching.page(url, token)
            check = _looked(made_of, page.lines, where, loaded=loaded)
            for batch in loading.batches(page.lines, check):
                with made_of.database.change() as session:
                    kept = loading.keep(session, batch, now())
                loaded, known = loaded + kept, known + len(batch) - kept
            progress(loaded + known)
            if page.further and check.highest <= after:
                raise Unsafe("stuck", what=f"{address} names a next page behind one that brings nothing new. Is it a "
                                           "site like this?")
            url, after = page.further, check.highest
    return loaded, known


def _looked(made_of: Door, lines: Iterable[sheets.Line], where: Callable[[int], str],
            progress: Callable[[int], None] = lambda records: None, loaded: int = 0) -> Check:
    """Look at every record, by itself, among the others and against the pool. Where anything is wrong, that is named
    and the command ends, with nothing of them kept."""
    check, problems = Check(), Problems()
    loading.look(lines, where, check, problems, progress)
    with made_of.database.reading() as session:
        for line, why in check.compared(session):
            problems.add(f"{where(line)}: {why}")
    if problems.count:
        _refuse(problems, loaded)
    return check


def _refuse(problems: Problems, loaded: int) -> NoReturn:
    for what in problems.told:
        click.echo(what, err=True)
    if problems.count > len(problems.told):
        click.echo(f"… and {problems.count - len(problems.told)} more.", err=True)
    click.echo(f"{loaded} loaded, {problems.count} refused; nothing else was imported.", err=True)
    sys.exit(2)


def _write_whole(out: Path, pieces: Iterator[bytes]) -> int:
    """Write a file beside its place and move it there when it is whole; says how many bytes."""
    part = out.with_name(out.name + ".part")
    done = 0
    try:
        with open(part, "wb") as file:
            for piece in pieces:
                done += file.write(piece)
        part.replace(out)
    except BaseException as trouble:  # also when the database goes, or somebody presses Ctrl-C
        with suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(trouble, OSError):
            raise Trouble("unwritable", what=f"{out} cannot be written: {trouble.strerror}") from trouble
        raise
    return done
