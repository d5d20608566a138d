"""The product's promises; a journey names those that it shows with `@pytest.mark.promise("APR-03")`."""

from typing import Final

PROMISES: Final = {
    "INT-05": "A platform's re-sent event opens nothing twice.",
}
"""A sentence per promise, by its id; each has at least one journey."""
