"""Giving the `participation` command in a test, as an operator would."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from click.testing import CliRunner, Result

import wsgi
from participation.web.limits import limiter

Run = Callable[..., Result]
_UNSET = ("REDIS_URL", "SECRET_KEY", "POOL_SECRET", "MAIL_URL", "CITY_FILE", "POOL_URL", "PORT", "POOL_TOKEN")


@contextmanager
def commanding(folder: Path, database_url: str) -> Iterator[Run]:
    """The command on this database, with its files in this folder."""
    kept = dict(vars(limiter))

    def give(*words: str, **env: str | None) -> Result:
        _forget()
        known = {"DATABASE_URL": database_url, "DATA_DIR": str(folder / "data"),
                 "PUBLIC_URL": "http://localhost:8000", **dict.fromkeys(_UNSET)}
        result = CliRunner().invoke(wsgi.cli, list(words), env=known | env)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exception
        assert "Traceback" not in result.output
        return result

    yield give
    _forget()
    vars(limiter).update(kept)


def _forget() -> None:
    """The command makes one application for its process; in a test each run has its own."""
    if wsgi.the_app.cache_info().currsize:
        wsgi.the_app().extensions["door"].database.engine.dispose()
    wsgi.the_app.cache_clear()
