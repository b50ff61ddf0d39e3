"""Measures the memory and the disk space of PixTag while photos are uploaded."""

import re
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from tests.bench.frame import progress
from tests.bench.local.instances import DataFolder, Instance
from tests.bench.local.photos import Photos
from tests.bench.local.uploading import ingest

FILES: Final = "programs and libraries"
KIB: Final = 1024
BLOCK: Final = 512  # bytes of a block in `st_blocks`
WAVE: Final = 50  # photos per step of the progress bar


@dataclass(frozen=True, slots=True)
class Footprint:
    """The memory in MB some time after the last photo, and the disk space per byte of photos."""

    memory_by_process: dict[str, float]
    memory: float
    peak: float
    disk_ratio: float
    photos: int
    bytes: int
    seconds: float

    def to_figures(self) -> dict[str, Any]:
        """Return the figures as JSON can represent them."""
        return asdict(self)


def upload_and_rest(
    folder: DataFolder, instance: Instance, photos: Photos, size: str, count: int, rest: float
) -> Footprint:
    """Upload photos, wait for `rest` seconds, and measure. The memory is also measured after each wave of photos."""
    before = measure_disk(folder.path)
    start = time.perf_counter()
    sent, peak = 0, 0.0
    with progress(f"Photos of {size}", -(-count // WAVE)) as step:
        for first in range(0, count, WAVE):
            wave = list(photos.take(size, min(WAVE, count - first)))
            ingest(instance, wave)
            sent += sum(map(len, wave))
            del wave
            peak = max(peak, sum(measure_memory(instance.pid).values()))
            next(step)
    seconds = time.perf_counter() - start
    time.sleep(rest)
    memory = measure_memory(instance.pid)
    return Footprint(
        memory_by_process=memory,
        memory=sum(memory.values()),
        peak=peak,
        disk_ratio=(measure_disk(folder.path) - before) / sent,
        photos=count,
        bytes=sent,
        seconds=seconds,
    )


def measure_disk(folder: Path) -> int:
    """Return the bytes that the files and folders in a folder occupy on the disk. PixTag may be running."""
    total = folder.stat().st_blocks * BLOCK
    for path in folder.rglob("*"):
        try:
            total += path.stat().st_blocks * BLOCK
        except FileNotFoundError:
            continue
    return total


def measure_memory(pid: int) -> dict[str, float]:
    """Return the memory in MB of a process and its descendants, as if no other process ran on the machine.

    This is the proportional set size (PSS), except that `FILES` has the pages of programs and libraries. In the PSS,
    these count only in part if an unrelated process, such as this one, uses the same files.
    """
    memory: dict[str, float] = {}
    files: dict[str, int] = {}
    for process in find_processes(pid):
        anonymous, mapped = _read_pages(Path(f"/proc/{process}/smaps").read_text())
        memory[f"{_read_command(process)} {process}"] = anonymous * KIB / 1e6
        for mapping, size in mapped.items():
            files[mapping] = max(size, files.get(mapping, 0))
    return {**memory, FILES: sum(files.values()) * KIB / 1e6}


def _read_pages(smaps: str) -> tuple[int, dict[str, int]]:
    """Return the KiB of anonymous memory, and the KiB in memory of each mapping of a file."""
    anonymous, mapped = 0, dict[str, int]()
    for block in re.split(r"^(?=[0-9a-f]+-[0-9a-f]+ )", smaps, flags=re.MULTILINE)[1:]:
        header, _, fields = block.partition("\n")
        sizes = {name: int(size) for name, size in re.findall(r"^(\w+): +(\d+) kB$", fields, re.MULTILINE)}
        mapping = " ".join(header.split()[1:])  # without its address
        anonymous += sizes["Anonymous"]
        mapped[mapping] = mapped.get(mapping, 0) + sizes["Rss"] - sizes["Anonymous"]
    return anonymous, mapped


def find_processes(pid: int) -> list[int]:
    """Return the id of the process and of all its descendants."""
    parents = dict(_read_parents())
    processes = [pid]
    for parent in processes:
        processes += [child for child, its_parent in parents.items() if its_parent == parent]
    return processes


def _read_parents() -> Iterator[tuple[int, int]]:
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                stat = (entry / "stat").read_text()
            except (FileNotFoundError, ProcessLookupError):
                continue
            yield int(entry.name), int(stat.rpartition(")")[2].split()[1])


def _read_command(pid: int) -> str:
    words = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    return words[words.index("-m") + 1] if "-m" in words else Path(words[0]).name
