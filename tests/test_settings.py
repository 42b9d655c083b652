"""The environment: safe defaults on one machine, nothing unsafe in production."""

import re
from dataclasses import fields
from pathlib import Path

import pytest

from participation.errors import Unsafe
from participation.settings import BUILT_IN, HOUSE, Settings, read_settings

GOOD = {"PUBLIC_URL": "https://ideen.mainz.example", "SECRET_KEY": "k" * 16 + "0123456789abcdefgh",
        "REDIS_URL": "redis://r", "POOL_SECRET": "0123456789abcdefghijklmnopqrstuvwxyz", "MAIL_URL": "smtp://mail.example"}


def test_one_machine_makes_and_keeps_its_secrets(tmp_path: Path) -> None:
    first = read_settings({"DATA_DIR": str(tmp_path / "data")})
    assert first == read_settings({"DATA_DIR": str(tmp_path / "data")})
    assert not first.production and len(first.secret_key) >= 32 and first.secret_key != first.pool_secret
    assert (tmp_path / "data" / "secret_key").stat().st_mode & 0o077 == 0
    assert first.database.startswith("sqlite:///") and first.receivers == (BUILT_IN,)
    assert first.address_of(BUILT_IN) == "http://127.0.0.1:8000/api/v1/pool/inbox"


def test_production_starts_with_everything_set() -> None:
    assert read_settings(GOOD).production


@pytest.mark.parametrize(("change", "named"), [
    ({"SECRET_KEY": ""}, "SECRET_KEY"), ({"SECRET_KEY": "short"}, "SECRET_KEY"),
    ({"SECRET_KEY": "a" * 40}, "SECRET_KEY"),
    ({"POOL_SECRET": ""}, "POOL_SECRET"), ({"MAIL_URL": ""}, "MAIL_URL"), ({"MAIL_URL": "file:///tmp"}, "MAIL_URL"),
    ({"POOL_SECRET_OLD": "short"}, "POOL_SECRET_OLD"), ({"POOL_URL": "http://pool.example/inbox"}, "https://"),
    ({"REDIS_URL": ""}, "REDIS_URL"), ({"PUBLIC_URL": "http://ideen.mainz.example"}, "https://"),
])
def test_production_refuses_what_is_unsafe(change: dict[str, str], named: str) -> None:
    with pytest.raises(Unsafe) as trouble:
        read_settings(GOOD | change)
    assert named in str(trouble.value)


@pytest.mark.parametrize(("url", "named"), [
    ("ftp://pool.example", "addresses that begin with https://"), ("pool.example", "addresses that begin with https://"),
    ("https://", "addresses that begin with https://"), ("https://pool.example/" + "x" * 300, "at most 300"),
    ("built-in https://ode:secret@pool.example", "name or a password"),
])
def test_receivers_that_are_no_addresses_are_refused_everywhere(tmp_path: Path, url: str, named: str) -> None:
    with pytest.raises(Unsafe) as trouble:
        read_settings({"DATA_DIR": str(tmp_path), "POOL_URL": url})
    assert "POOL_URL" in str(trouble.value) and named in str(trouble.value) and "ode:secret" not in str(trouble.value)


def test_two_secrets_count_while_one_replaces_the_other(tmp_path: Path) -> None:
    settings = read_settings({"DATA_DIR": str(tmp_path), "POOL_SECRET": "new", "POOL_SECRET_OLD": "old"})
    assert settings.pool_secrets == ("new", "old")
    assert read_settings(GOOD | {"POOL_URL": "built-in https://pool.example/in"}).receivers[1].endswith("/in")


def test_the_readme_names_every_setting() -> None:
    readme = (HOUSE.parent / "README.md").read_text(encoding="utf-8")
    for setting in fields(Settings):
        row = re.search(rf"^\| `{setting.name.upper()}` \| (.+?) \|", readme, re.M)
        assert row and row[1] == setting.metadata["help"], f"README.md: {setting.name.upper()}"
