"""The worker processes of a running PixTag."""

from contextlib import suppress
from pathlib import Path


def list_workers(data: Path) -> list[int]:
    """Return the ids of the worker processes that use the folder."""
    setting = f"PIXTAG_DATA={data.resolve()}".encode()
    workers = []
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            is_worker = b"app.local_worker" in (process / "cmdline").read_bytes()
            if is_worker and setting in (process / "environ").read_bytes().split(b"\0"):
                workers.append(int(process.name))
    return workers
