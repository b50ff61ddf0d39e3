"""Makes picture hashes for tests of stores, and leaves out their links."""

import hashlib
from collections.abc import Iterable

import pytest

from app.domain.ports import Images


def make_hash(seed: int, changed: Iterable[int] = (), weak: Iterable[int] = (0, 1, 2)) -> str:
    """Return a hash with these changed and weak bits, of which the first is 0. Each seed gives another picture."""
    bits = int.from_bytes(hashlib.sha256(bytes([seed])).digest()[:8]) ^ sum(1 << (63 - number) for number in changed)
    return f"{bits:016x}" + bytes(weak).hex()


def skip_links(patch: pytest.MonkeyPatch, images: Images) -> None:
    """Let the store end each change before it links copies, as if the process ended there."""
    package = type(images).__module__.rpartition(".")[0]
    for module in ("images", "image_groups"):
        patch.setattr(f"{package}.{module}.link_similar", lambda *_: None, raising=False)
