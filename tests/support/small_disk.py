"""A small file system that tests can fill."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

import pytest

MIB: Final = 2**20


@contextmanager
def small_disk(folder: Path, size: int) -> Iterator[Path]:
    """Mount a file system with this size in bytes in a new folder. Yield the folder. Skip the test without root."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)]
    if os.geteuid() or not shutil.which("mount") or subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("Only root can mount a file system.")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@contextmanager
def filled(disk: Path, free_bytes: int) -> Iterator[None]:
    """Let another program fill the disk while the block runs, so that this much space is free."""
    file = disk / "other"
    with suppress(OSError), file.open("wb", buffering=0) as other:  # the disk may be full earlier
        while (missing := shutil.disk_usage(disk).free - free_bytes) > 0:
            other.write(bytes(min(missing, MIB)))
    try:
        yield
    finally:
        file.unlink()
