"""Sampling of large test matrices: `make test` runs a fixed sample, `make torture` runs all cases."""

import os
from typing import Final

TORTURE: Final = os.environ.get("TORTURE") == "1"


def rounds(quick: int, full: int) -> int:
    """Return the first number in `make test` and the second in `make torture`."""
    return full if TORTURE else quick
