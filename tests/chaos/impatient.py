"""The platform's own command, with pauses that a test can wait for: `python -m tests.chaos.impatient worker`.

What takes a day in a city (growing pauses, a lease of a minute, twenty seconds for a receiver) takes seconds here.
These are the house's own constants, set from outside, so that no switch for it exists in the product.
"""

import sys
from datetime import timedelta

import wsgi
from participation import outbox
from participation.pool import delivery

setattr(outbox, "PAUSES", (0.2, 0.5, *(1,) * 200))  # noqa: B010 - constants to mypy
setattr(outbox, "LEASE", timedelta(seconds=8))  # noqa: B010
for module in [delivery, *(each for name, each in sys.modules.items() if name == "participation.pool.sending")]:
    if hasattr(module, "TIMEOUT"):
        setattr(module, "TIMEOUT", (2, 3))  # noqa: B010

if __name__ == "__main__":
    wsgi.cli()
