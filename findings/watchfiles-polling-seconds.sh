#!/usr/bin/env bash
# A guess about watchfiles that polls, and what really happens.
#
# Versions: watchfiles 1.3.0, Python 3.11, Linux.
# Expected: where there are no events, as on network file systems, `force_polling=True` reports a file whenever its size
#           or its time differs from the last poll, as rsync and make do.
# Seen:     only a later second is a change. A file is not reported if it is replaced by a longer one with an older or
#           equal time, as `cp -p`, `mv`, rsync and the restore of a backup do. Nor is a second change in the same second.
# Why:      the poller of notify, the library below, compares whole seconds, asks whether the new one is greater, and
#           does not look at the size.
# Remedy:   walk the folder from time to time, and compare size, time in nanoseconds and inode.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check watchfiles==1.3.0 anyio==4.14.0

cat >poll.py <<'PYTHON'
import os
import tempfile
import threading
import time
from pathlib import Path

from watchfiles import watch

OLD, NEW = 1_700_000_000 * 10**9, 1_700_000_100 * 10**9


def write(path, text, moment):
    temporary = path.with_suffix(".tmp")
    temporary.write_text(text)
    os.utime(temporary, ns=(moment, moment))
    temporary.replace(path)


def is_reported(before, after, *, polls):
    """Return whether a file is reported that is replaced by a longer one. Both times are in nanoseconds."""
    folder = Path(tempfile.mkdtemp(dir="."))
    file = folder / "photo.jpg"
    write(file, "short", before)
    stop, seen = threading.Event(), set()

    def collect():
        for changes in watch(
            folder, stop_event=stop, force_polling=polls, poll_delay_ms=50, rust_timeout=100, yield_on_timeout=True
        ):
            seen.update(Path(path).name for _, path in changes)

    thread = threading.Thread(target=collect)
    thread.start()
    time.sleep(1)
    write(file, "a longer text", after)
    time.sleep(1.5)
    stop.set()
    thread.join()
    return file.name in seen


for name, before, after, expected in [
    ("a newer file", OLD, NEW, True),
    ("an older file", NEW, OLD, False),
    ("a file with the same time", OLD, OLD, False),
    ("a file that is 0.9 s newer", OLD, OLD + 900_000_000, False),
]:
    polled, event = is_reported(before, after, polls=True), is_reported(before, after, polls=False)
    print(f"replaced by {name:27} polling: {polled}, events of the system: {event}")
    assert (polled, event) == (expected, True)
PYTHON
venv/bin/python poll.py
