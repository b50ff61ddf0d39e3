"""PixTag on one machine, in the process of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from app import wiring
from detector import Detector

if TYPE_CHECKING:
    from app.adapters.local.stores import LocalStores


@contextmanager
def use_local_stores(data: Path, detector: Detector) -> Iterator["LocalStores"]:
    """Connect `wiring` to stores in the folder and to the detector while the context lasts. Yield the stores."""
    factories = [member for member in vars(wiring).values() if hasattr(member, "cache_clear")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PIXTAG_DATA", str(data))
        patch.setattr(wiring, "detector", lambda: detector)
        for factory in factories:
            factory.cache_clear()
        stores = wiring.local_stores()
        try:
            yield stores
        finally:
            stores.database.close()
            for factory in factories:
                factory.cache_clear()
