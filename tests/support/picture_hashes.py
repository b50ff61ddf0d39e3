"""Makes picture hashes for tests of stores."""

import hashlib
from collections.abc import Iterable


def make_hash(seed: int, changed: Iterable[int] = (), weak: Iterable[int] = (0, 1, 2)) -> str:
    """Return a hash with these changed and weak bits, of which the first is 0. Each seed gives another picture."""
    bits = int.from_bytes(hashlib.sha256(bytes([seed])).digest()[:8]) ^ sum(1 << (63 - number) for number in changed)
    return f"{bits:016x}" + bytes(weak).hex()
