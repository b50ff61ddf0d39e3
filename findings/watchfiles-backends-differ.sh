#!/usr/bin/env bash
# A guess about the two ways in which watchfiles finds changes, and what really happens.
#
# Versions: watchfiles 1.3.0, Python 3.11, Linux (inotify).
# Expected: `force_polling` changes the speed and the cost, but not the changes that `watch` yields.
# Seen:     - A folder with files is moved in: inotify reports the folder only, polling reports its files too.
#           - The watched folder is deleted and made again: polling reports its new files. inotify reports nothing more,
#             and `watch` does not end.
#           - A relative path: polling reports it as it was given, inotify makes it absolute.
#           - A file is added: polling reports its folder as modified too.
# Remedy:   treat each path as a hint: make it absolute, and walk it if it is a folder.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check watchfiles==1.3.0 anyio==4.14.0

cat >differ.py <<'PYTHON'
import os
import shutil
import tempfile
import threading
import time
from pathlib import Path

from watchfiles import watch


def collect(act, *, polls):
    """Return the changes of the relative path `tree` that are reported when `act` changes it."""
    folder = Path(os.path.realpath(tempfile.mkdtemp(dir=top)))
    os.chdir(folder)
    Path("tree").mkdir()
    Path("outside").mkdir()
    Path("outside/photo.jpg").touch()
    stop, seen = threading.Event(), set()

    def run():
        for changes in watch(
            "tree", stop_event=stop, force_polling=polls, poll_delay_ms=50, rust_timeout=100, yield_on_timeout=True
        ):
            seen.update((kind.name, path.replace(str(folder), "/folder")) for kind, path in changes)

    thread = threading.Thread(target=run)
    thread.start()
    time.sleep(1)
    act()
    time.sleep(1.5)
    is_alive = thread.is_alive()
    stop.set()
    thread.join()
    assert is_alive
    return sorted(seen)


def move_in():
    os.rename("outside", "tree/album")


def make_again():
    shutil.rmtree("tree")
    time.sleep(1)
    os.mkdir("tree")
    time.sleep(1)
    Path("tree/a.jpg").touch()


top = os.getcwd()
cases = {
    move_in: (
        [("added", "/folder/tree/album")],
        [("added", "tree/album"), ("added", "tree/album/photo.jpg"), ("modified", "tree")],
    ),
    make_again: (
        [("deleted", "/folder/tree")],
        [("added", "tree"), ("added", "tree/a.jpg"), ("deleted", "tree"), ("modified", "tree")],
    ),
}
for act, expected in cases.items():
    for polls in (False, True):
        seen = collect(act, polls=polls)
        print(f"{act.__name__:10} {'polling' if polls else 'inotify'}: {seen}")
        assert seen == expected[polls]
PYTHON
venv/bin/python differ.py
