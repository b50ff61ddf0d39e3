"""How often each thing is broken: a few times in `make test`, and as often as it takes when TORTURE=1."""

import os
from typing import Final

from hypothesis import settings

settings.register_profile("pixtag", deadline=None)
settings.load_profile("pixtag")

TORTURE: Final = os.environ.get("TORTURE") == "1"


def rounds(quick: int, whole: int) -> int:
    """So many by default, so many under torture."""
    return whole if TORTURE else quick
