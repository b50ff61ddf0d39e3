"""How many cases of a large matrix run: a fixed sample in `make test`, all of them in `make torture`."""

import os
from typing import Final

TORTURE: Final = os.environ.get("TORTURE") == "1"


def rounds(quick: int, whole: int) -> int:
    """Return the first number in `make test`, and the second in `make torture`."""
    return whole if TORTURE else quick
