"""Hashes passwords with the cheapest parameters, because a hash of PixTag needs 0.2 s of CPU time.

The processes that tests start hash as PixTag does.
"""

from typing import Final

import argon2

from app.domain.passwords import Passwords

CHEAP: Final = argon2.profiles.CHEAPEST
REAL: Final = Passwords.__init__.__defaults__
"""The default parameters of PixTag."""


def speed_up() -> None:
    """Change the default parameters for the rest of the process."""
    Passwords.__init__.__defaults__ = (CHEAP,)
