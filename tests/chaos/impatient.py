"""The platform's own command, with pauses that a test can wait for: `python -m tests.chaos.impatient worker`.

What takes a day in a city (growing pauses, a lease of a minute, twenty seconds for a receiver) takes seconds here.
These are the house's own constants, set from outside, so that no switch for it exists in the product.
"""

from datetime import timedelta

import wsgi
from participation import outbox, reaching
from participation.pool import delivery

for module, name, value in ((outbox, "PAUSES", (0.2, 0.5, *(1,) * 200)), (outbox, "LEASE", timedelta(seconds=8)),
                            (delivery, "SILENT", timedelta(seconds=0.5)), (reaching, "TIMEOUT", (2, 3))):
    assert hasattr(module, name)
    setattr(module, name, value)

if __name__ == "__main__":
    wsgi.cli()
