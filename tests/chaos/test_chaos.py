"""The chaos test in its short form; `make chaos` runs it in full (`python -m tests.chaos`)."""

import os
import random
from pathlib import Path

import pytest

from participation.city import City
from tests.chaos.proof import Proof, Size, ground
from tests.conftest import BACKENDS

SHORT = Size(ideas=50, corrections=12, moderators=2, kills_every=(1.5, 3.0), faulty=0.4, settle_seconds=120)


@pytest.mark.parametrize("backend", BACKENDS)
def test_nothing_is_lost_and_nothing_comes_twice(backend: str, tmp_path: Path, city: City) -> None:
    seed = int(os.environ.get("CHAOS_SEED") or random.randrange(10**6))
    with ground(backend, tmp_path) as (url, server):
        Proof(tmp_path, url, server, city, SHORT, seed, print).prove()
