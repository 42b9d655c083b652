"""`participation run`: everything on this machine as one process tree, on the embedded defaults."""

import os
import sys
import time
import urllib.error
import urllib.request
from pathlib import Path

import click

from participation import demo, demo_office, schema
from participation.city import City, read_city
from participation.database import Database, now
from participation.errors import Unsafe
from participation.ideas import queries
from participation.jobs import House
from participation.people.signing_in import link_token
from participation.redis_server import EmbeddedRedis
from participation.settings import Settings, read_settings
from participation.supervisor import Child, locked, require_free_port, supervise

WEB_PROCESSES, WEB_THREADS = 2, 4  # measured: notes/stack.md section 5
READY_SECONDS = 60
LOG = "log.jsonl"


def run(port: int, host: str, with_demo: bool) -> int:
    """Start the whole tree and stay until it is told to stop; returns the exit code.

    Raises Unsafe for a taken port, a folder in use or unsafe settings, before anything is started.
    """
    environ = {"PUBLIC_URL": f"http://{'127.0.0.1' if host == '0.0.0.0' else host}:{port}", **os.environ}
    settings = read_settings(environ)
    city = read_city(Path(settings.city_file))
    require_free_port(host, port)
    with locked(settings.data):
        redis = None if settings.redis_url else EmbeddedRedis(settings.data)
        if redis is not None:
            redis.start()
            environ["REDIS_URL"] = redis.url
        try:
            database = Database(settings.database)
            schema.upgrade(database.engine)
            require_own(database, city)
            if with_demo:
                _fill(database, settings, city)
            environ |= {"SECRET_KEY": settings.secret_key, "POOL_SECRET": settings.pool_secret,
                        "LOCAL_URL": settings.local_url or f"http://{host}:{port}"}
            return supervise(_children(port, host, environ), redis,
                             lambda: _tell(settings, city, database, host, port), settings.data / LOG)
        finally:
            if redis is not None:
                redis.stop()


def require_own(database: Database, city: City) -> None:
    """Raises Unsafe where the database belongs to another city than the city file's."""
    with database.reading() as session:
        ref = queries.of_another_city(session, city)
    if ref:
        raise Unsafe("another_city", what=f"The database belongs to another city: its newest idea is {ref}, and "
                                          f"{city.name.own} writes {city.ref_prefix}-… Name another folder in DATA_DIR "
                                          "(or another database in DATABASE_URL), or the city's own file in CITY_FILE.")


def sign_in_address(settings: Settings, city: City, database: Database, email: str) -> str:
    """A one-time sign-in address for somebody known; raises NotThere for an unknown one."""
    with database.change() as session:
        token = link_token(session, email, settings.secret_key, now())
    return f"{settings.public_url.rstrip('/')}/{city.languages[0]}/sign-in/link/{token}"


def _children(port: int, host: str, environ: dict[str, str]) -> list[Child]:
    web = [sys.executable, "-m", "granian", "--interface", "wsgi", "--workers", str(WEB_PROCESSES),
           "--blocking-threads", str(WEB_THREADS), "--no-ws", "--respawn-failed-workers", "--log-level", "warning",
           "--host", host, "--port", str(port), "wsgi:app"]
    command = [sys.executable, "-c", "import wsgi; wsgi.cli()"]
    return [Child("web", web, environ), Child("worker", [*command, "worker"], environ),
            Child("scheduler", [*command, "scheduler"], environ)]


def _fill(database: Database, settings: Settings, city: City) -> None:
    with database.reading() as session:
        empty = demo.is_empty(session)
    if empty:
        with database.change() as session:
            made = demo.fill(session, city, now())
            demo_office.fill(session, House(settings, city, now()))
        click.echo(f"Filled the empty database with {made} demo ideas." if made else
                   f"There are no demo ideas in the languages of {city.name.own}: the site begins empty.")


def _tell(settings: Settings, city: City, database: Database, host: str, port: int) -> None:
    """When the site answers: where it is, and how to get in as each kind of person."""
    if not _answers(f"http://{host}:{port}/healthz"):
        click.echo(f"The site has not answered yet; {settings.data / LOG} tells why.", err=True)
        return
    click.echo(f"\n  {city.name.own} takes part at {settings.public_url}/\n")
    with database.reading() as session:
        known = [role for role in demo.STAFF if demo.is_known(session, role)]
    for role in known:
        address = sign_in_address(settings, city, database, demo.address_of(role))
        click.echo(f"  sign in once as {role:10} {address}")
    if settings.mail.startswith("file:") and not settings.production:
        click.echo(f"  letters are shown at       {settings.public_url}/dev/mail")
    click.echo(f"  the log is written to      {settings.data / LOG}")
    click.echo("\n  Ctrl-C stops everything.\n")
    sys.stdout.flush()


def _answers(url: str) -> bool:
    until = time.monotonic() + READY_SECONDS
    while time.monotonic() < until:
        try:
            with urllib.request.urlopen(url, timeout=2) as answer:
                return bool(answer.status == 200)
        except (urllib.error.URLError, OSError):
            time.sleep(0.1)
    return False


