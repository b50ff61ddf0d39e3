"""Measures how long writers wait while `pixtag backup` reads a library."""

import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import cycle
from typing import Final

from app.adapters.local.stores import LocalStores
from app.domain.edits import TagChange, retag
from app.domain.errors import ImageChanged
from app.domain.ids import DERIVED, Rendition
from app.services.library import Library
from app.settings import LocalSettings
from tests.bench.local.instances import DataFolder

WRITERS: Final = 10
MAX_WAIT_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True)
class Waits:
    """The seconds that each write took, and the seconds from the first write to the last."""

    seconds: Sequence[float]
    duration: float

    @property
    def longest(self) -> float:
        """The longest wait in seconds."""
        return max(self.seconds)

    def describe(self) -> str:
        """Return the rate of writes, and their median wait."""
        middle = sorted(self.seconds)[len(self.seconds) // 2]
        return f"{len(self.seconds) / self.duration:,.0f} writes/s, median {1000 * middle:.0f} ms"


def measure_waits(library: DataFolder, ids: Sequence[str]) -> tuple[Waits, Waits]:
    """Let writers edit photos while `pixtag backup` runs, and for the same time without it.

    Returns:
        The waits during the backup, and the waits without it.
    """
    _fill_objects(library, ids)
    during = _write_while(library, ids, lambda: _back_up(library))
    without = _write_while(library, ids, lambda: time.sleep(during.duration))
    return during, without


def _fill_objects(library: DataFolder, ids: Sequence[str]) -> None:
    """Write bytes to the files of the photos. The files of a rendition are links to each other."""
    for rendition in (Rendition.ORIGINAL, *DERIVED):
        (library.path / "objects" / rendition.key(library.owner, ids[0])).write_bytes(bytes(4_000))


def _back_up(library: DataFolder) -> None:
    """Run `pixtag backup`. It warns that the originals are not those that were uploaded."""
    file = library.path.with_suffix(".backup")
    variables = {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "PIXTAG_"))}
    result = subprocess.run(
        [sys.executable, "-m", "app.cli", "backup", file, "--data", library.path],
        env=variables,
        check=False,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    if not file.exists():
        raise RuntimeError(f"The backup failed: {result.stderr}")
    file.unlink()


def _write_while(library: DataFolder, ids: Sequence[str], act: Callable[[], None]) -> Waits:
    """Return the waits of writers that edit photos until the call ends."""
    ending = threading.Event()
    stores = LocalStores(LocalSettings(data=library.path))
    service = Library(stores.images, stores.objects, stores.preferences)

    def write(number: int) -> list[float]:
        waits: list[float] = []
        for image_id in cycle(ids[number::WRITERS]):
            if ending.is_set():
                return waits
            start = time.perf_counter()
            with suppress(ImageChanged):
                service.change(
                    library.owner, image_id, lambda image: retag(image, [TagChange("bench", None)], datetime.now(UTC))
                )
            waits.append(time.perf_counter() - start)
        raise AssertionError

    with ThreadPoolExecutor(WRITERS) as pool:
        start = time.perf_counter()
        writers = [pool.submit(write, number) for number in range(WRITERS)]
        try:
            act()
        finally:
            ending.set()
        waits = [wait for writer in writers for wait in writer.result()]
        duration = time.perf_counter() - start
    stores.database.close()
    return Waits(waits, duration)
