"""`make chaos`: 2,000 acceptances on each database while everything is killed. ARGS="--backend sqlite --seed 7"."""

import argparse
import random
import tempfile
from pathlib import Path

from participation.city import read_city
from participation.settings import HOUSE
from tests.chaos.proof import Proof, Size, ground


def main() -> None:
    """Prove it on one database after the other; what is asserted and fails ends the run."""
    words = argparse.ArgumentParser(prog="make chaos ARGS=…")
    words.add_argument("--backend", choices=("sqlite", "postgresql"), help="both one after the other otherwise")
    words.add_argument("--ideas", type=int, default=2000)
    words.add_argument("--seed", type=int, default=random.randrange(10**6))
    asked = words.parse_args()
    size = Size(ideas=asked.ideas, corrections=max(asked.ideas // 5, 1), moderators=2, kills_every=(4.0, 12.0),
                faulty=0.3, settle_seconds=900)
    city = read_city(HOUSE / "cities" / "mainz.toml")
    for backend in [asked.backend] if asked.backend else ["sqlite", "postgresql"]:
        with tempfile.TemporaryDirectory() as name, ground(backend, Path(name)) as (url, server):
            Proof(Path(name), url, server, city, size, asked.seed, lambda line: print(line, flush=True)).prove()


if __name__ == "__main__":
    main()
