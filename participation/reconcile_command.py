"""The word `participation pool reconcile`: what was accepted here beside what each receiver holds."""

import sys
from collections.abc import Callable, Iterator
from typing import cast

import click
from flask import Flask

from participation.commands import honest
from participation.database import now
from participation.errors import Trouble
from participation.jobs import House
from participation.pool import reconciling
from participation.pool.record import receivers
from participation.pool.runs import Found
from participation.web.door import Door

_WHAT_TO_DO = {
    "different": "another record has this number there",
    "extra": "this site has never written it; find out why before anything is deleted there",
}


def words(cli: click.Group, app: Callable[[], Flask]) -> None:
    """Add `reconcile` to the command's group `pool`."""
    pool = cast(click.Group, cli.commands["pool"])

    @pool.command("reconcile")
    @click.option("--repair", is_flag=True, help="write what was not written, send again what is missing or different")
    @click.option("--thorough", is_flag=True, help="read every record again on both sides, to find damaged copies")
    @click.option("--receiver", "only", default="", help="one of the receivers in POOL_URL instead of all of them")
    @honest
    def reconcile(repair: bool, thorough: bool, only: str) -> None:
        """Compare what was accepted with what each receiver holds; exits with 1 when something differs."""
        made_of: Door = app().extensions["door"]
        known = made_of.settings.receivers
        if only and only not in known:
            raise Trouble("unknown_receiver", what=f"Nothing is delivered to {only}. POOL_URL has: {', '.join(known)}")
        equal = True
        for key in [only] if only else known:
            found = compared(made_of, key, repair, thorough)
            for line in _told(found, repair):
                click.echo(line)
            equal = equal and found.equal
        if not equal:
            sys.exit(1)


def compared(made_of: Door, key: str, repair: bool, thorough: bool) -> Found:
    """Compare one receiver, with no transaction open while it is asked."""
    house = House(made_of.settings, made_of.city, now())
    with made_of.database.change() as session:
        [receiver] = receivers(session, [key])
    with made_of.database.reading() as session:
        comparison = reconciling.begin(session, receiver, house, repair=repair, thorough=thorough)
    comparison.send()
    with made_of.database.change() as session:
        return comparison.name(session, now())


def _told(found: Found, repair: bool) -> Iterator[str]:
    """One line for each finding, and the sum of it."""
    for ref in found.unwritten:
        yield f"{ref}: accepted, but its record is not written" + (", it is written now" if repair else "")
    again = ", it is sent again" if repair else ""
    for each in found.missing:
        why = "missing there although it was confirmed" if each.confirmed else "not there yet"
        why = f"refused there ({each.refused})" if each.refused else why
        yield f"{each.ref}, record {each.seq}: {why}{again}"
    for each in found.different:
        yield f"{each.ref}, record {each.seq}: {_WHAT_TO_DO['different']}{again}"
    for each in found.extra:
        yield f"record {each.seq}: only there; {_WHAT_TO_DO['extra']}"
    if found.trouble:
        yield f"{found.receiver}: {found.accepted} accepted; not compared, {found.trouble}."
        return
    kinds = (("not written", found.unwritten), ("different", found.different), ("extra", found.extra))
    more = [f"{len(which)} {name}" for name, which in kinds if which]
    if not found.equal:
        more.append(f"{found.repaired} repaired; compare again in a few minutes" if repair else
                    "nothing was changed (--repair does that)")
    yield (f"{found.receiver}: {found.accepted} accepted, {found.received} received, {len(found.missing)} missing"
           f"{', ' if more else ''}{', '.join(more)}.")
