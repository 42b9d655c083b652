"""The words of the `participation` command. Bad input names the file, the line and what to do, and
exits with 2; long work shows a progress bar on a terminal."""

import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import ParamSpec, TypeVar

import click
from flask import Flask
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from sqlalchemy.exc import SQLAlchemyError

from participation import catalogues, importing, running, schema, worker
from participation.city import CityFileError, read_city
from participation.database import now
from participation.errors import Trouble, Unsafe
from participation.jobs import Timed
from participation.people.actions import add_person, limit
from participation.people.rights import MEANING, ROLES, Right
from participation.statements import missing
from participation.web.door import Door
from participation.web.logs import speak_json

P = ParamSpec("P")
R = TypeVar("R")
err = Console(stderr=True)

SENTENCES = {
    "known_person": "There is somebody with the address {email} already; nothing was changed.",
    "unknown_person": "Nobody here has the address {email}. Add them first: participation person add {email}",
    "unknown_key": "The city has no {key!r}. It has: {offered}.",
    "required": "The name is missing.",
    "known_token": "There is a token named {name!r} already. Revoke it first, or name the new one otherwise.",
    "unknown_token": "There is no such token. `participation token list` shows them all.",
    "several_tokens": "Several tokens begin with {hint}. Name the one meant by its number.",
    "not_an_email": "This is no e-mail address. One looks like name@example.org.",
}


@dataclass(frozen=True, slots=True)
class Roof:
    """What only the roof knows and hands to the command."""

    app: Callable[[], Flask]
    followers: Mapping[str, Sequence[str]]
    timetable: Sequence[Timed]

    def door(self) -> Door:
        """What the application is made of. Raises Unsafe when it cannot be made on this machine."""
        try:
            made: Door = self.app().extensions["door"]
        except (OSError, ImportError) as trouble:  # a folder that cannot be made, a database without its driver
            raise Unsafe("not_here", what=f"The site cannot be set up here: {trouble}. Is DATABASE_URL right, and "
                                          "may this user write to DATA_DIR?") from trouble
        return made


def honest(function: Callable[P, R]) -> Callable[P, R]:
    """Turn what the house foresees into one clear message and exit code 2."""

    @wraps(function)
    def told(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return function(*args, **kwargs)
        except (CityFileError, Trouble) as trouble:
            shown = str(trouble) if isinstance(trouble, CityFileError) else _words(trouble)
        except SQLAlchemyError as trouble:
            shown = (f"The database does not do this: {type(trouble).__name__}. Is DATABASE_URL right, and was "
                     "`participation db upgrade` run?")
        click.echo(shown, err=True)
        sys.exit(2)

    return told


def _words(trouble: Trouble) -> str:
    if sentence := SENTENCES.get(trouble.why):
        return sentence.format(**trouble.values)
    facts = ", ".join(f"{name}: {value}" for name, value in trouble.values.items())
    return str(trouble.values.get("what") or f"{trouble.why.replace('_', ' ')} ({facts})")


def in_order(file: Path) -> str:
    """What a city file holds, when nothing is wrong with it, and what it needs before going public. Raises
    CityFileError."""
    city = read_city(file)
    return "\n".join([f"{city.name.own}: {len(city.fields)} fields of action, {len(city.districts)} districts, "
                      f"languages {', '.join(city.languages)}. The file is in order.",
                      *(f"Before the site goes public, add: {name}" for name in missing(city.accessibility))])


@contextmanager
def bar(total: int | None, what: str) -> Iterator[Callable[[int], None]]:
    """A progress bar on a terminal, nothing elsewhere; yields what tells it how much is done. The
    total may be unknown."""
    with Progress(TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(),
                  console=err, disable=not err.is_terminal) as progress:
        task = progress.add_task(what, total=total)
        yield lambda done: progress.update(task, completed=done)


def command(roof: Roof) -> click.Group:
    """The `participation` command."""

    door = roof.door

    @click.group(context_settings={"help_option_names": ["-h", "--help"]})
    def cli() -> None:
        """A platform through which a city's people shape it."""

    @cli.command()
    @click.option("--port", default=8000, envvar="PORT", show_default=True, help="where the site listens")
    @click.option("--host", default="127.0.0.1", show_default=True, help="the address it listens on")
    @click.option("--demo", "with_demo", is_flag=True, help="fill an empty database with the demo city")
    @honest
    def run(port: int, host: str, with_demo: bool) -> None:
        """Start everything on this machine: database, Redis, site, worker, scheduler."""
        sys.exit(running.run(port, host, with_demo))

    @cli.command("worker")
    @honest
    def worker_() -> None:
        """Run jobs from the queue until stopped."""
        speak_json()
        made_of = door()
        with roof.app().app_context():
            worker.work(made_of.database, made_of.settings.redis)

    @cli.command()
    @honest
    def scheduler() -> None:
        """Relay the outbox to the queue and keep the timetable until stopped."""
        speak_json()
        made_of = door()
        worker.schedule(made_of.database, made_of.settings.redis, roof.followers, roof.timetable)

    @cli.group()
    def db() -> None:
        """The database."""

    @db.command()
    @honest
    def upgrade() -> None:
        """Bring the database up to date."""
        made_of = door()
        schema.upgrade(made_of.database.engine)
        running.require_own(made_of.database, made_of.city)
        click.echo(f"The database stands at revision {schema.head()}.")

    @cli.group()
    def person() -> None:
        """People and their roles."""

    @person.command()
    @click.argument("email")
    @click.option("--name", default="", help="the name shown beside what they write")
    @click.option("--role", type=click.Choice(list(ROLES)), default="resident", show_default=True)
    @honest
    def add(email: str, name: str, role: str) -> None:
        """Add somebody with a role."""
        with door().database.change() as session:
            add_person(session, email, name, role, now())
        click.echo(f"Added {email} as {role}.")

    @person.command("limit")
    @click.argument("email")
    @click.option("--field", "fields", multiple=True, help="a field of action; may be given several times")
    @click.option("--district", "districts", multiple=True, help="a district; may be given several times")
    @honest
    def limit_(email: str, fields: tuple[str, ...], districts: tuple[str, ...]) -> None:
        """Limit a moderator to fields of action or districts, or name the fields that somebody of the idea pool's
        office coordinates, to whom the records of these fields can be given; without any, lift that."""
        made_of = door()
        with made_of.database.change() as session:
            limit(session, made_of.city, email, fields, districts)
        click.echo(f"{email} is responsible for {', '.join((*fields, *districts)) or 'everything'}.")

    @person.command()
    @click.argument("email")
    @honest
    def link(email: str) -> None:
        """Print an address with which that person signs in once, within 24 hours."""
        made_of = door()
        click.echo(running.sign_in_address(made_of.settings, made_of.city, made_of.database, email))

    @person.command()
    def roles() -> None:
        """Print what each role may do."""
        for role, rights in ROLES.items():
            more = rights - ROLES["resident"]
            click.echo(f"{role}, as every resident, and:" if more else f"{role}:")
            for right in (right for right in Right if right in (more or rights)):
                click.echo(f"  {MEANING[right]} ({right})")

    @cli.group("ideas")
    def ideas_() -> None:
        """Ideas."""

    @ideas_.command("import")
    @click.argument("file", type=click.Path(path_type=Path))
    @click.option("--published", is_flag=True, help="publish them at once instead of queueing them for moderation")
    @honest
    def import_(file: Path, published: bool) -> None:
        """Load contributions from elsewhere, one JSON object a line; safe to run twice."""
        made_of = door()
        with bar(importing.count_lines(file), "Importing") as progress:
            report = importing.load(made_of.database, made_of.city, file, published, now(), progress)
        for line, reason in report.refused:
            click.echo(f"{file.name}, line {line}: {reason}", err=True)
        click.echo(f"{report.ideas} ideas and {report.comments} comments loaded, {report.known} known already, "
                   f"{len(report.refused)} refused.")
        if report.refused:
            sys.exit(2)

    @cli.group()
    def translations() -> None:
        """The catalogues."""

    @translations.command()
    @click.option("--add", metavar="TAG", help="Begin a catalogue for one more language, as 'fr'.")
    def update(add: str | None) -> None:
        """Collect the texts of code and templates into every catalogue."""
        if add:
            catalogues.add(add)
        catalogues.update()

    @translations.command("check")
    def check_() -> None:
        """Name every text that a catalogue lacks or gets wrong."""
        found = catalogues.problems()
        for line in found:
            click.echo(line, err=True)
        click.echo(f"{sum(1 for _ in catalogues.catalogues())} catalogues, {len(found)} problems.")
        if found:
            sys.exit(2)

    @cli.group("city")
    def city_() -> None:
        """The city file."""

    @city_.command()
    @click.argument("file", type=click.Path(path_type=Path))
    @honest
    def check(file: Path) -> None:
        """Read a city file and name everything that is wrong with it."""
        click.echo(in_order(file))

    return cli

