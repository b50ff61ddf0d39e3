#!/usr/bin/env bash
# A guess about links to folders below a folder that watchfiles watches, and what really happens.
#
# Versions: watchfiles 1.3.0, Python 3.11, Linux (inotify).
# Expected: a tree contains the folder `photos` and links to it. A change of `photos/a.jpg` is reported with this path,
#           perhaps with those through the links too. If a link is removed, `photos` is still watched.
# Seen:     the change is reported only once, with the path that was found last, which can be that of a link. After this
#           link was removed, no change in `photos` is reported any more, and there is no error.
# Why:      watchfiles follows links. inotify has one watch for each folder, and returns the same number again for the
#           second path. notify keeps the last path of a number, and removes the watch together with this path.
# Remedy:   compare real paths, and walk the tree from time to time.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check watchfiles==1.3.0 anyio==4.14.0

cat >links.py <<'PYTHON'
import os
import tempfile
import threading
import time
from pathlib import Path

from watchfiles import watch


class Watcher:
    """Records the paths that are reported below a new folder, which contains `photos` and links to it."""

    def __init__(self, links, roots=(".",)):
        self.folder = Path(os.path.realpath(tempfile.mkdtemp(dir=".")))
        (self.folder / "photos").mkdir()
        for link in links:
            (self.folder / link).symlink_to("photos")
        self._roots = [self.folder / root for root in roots]
        self._stop, self._seen = threading.Event(), set()
        self._thread = threading.Thread(target=self._run)

    def __enter__(self):
        self._thread.start()
        time.sleep(1)
        return self

    def __exit__(self, *_):
        self._stop.set()
        self._thread.join()

    def _run(self):
        for changes in watch(
            *self._roots, stop_event=self._stop, force_polling=False, rust_timeout=100, yield_on_timeout=True
        ):
            self._seen.update(str(Path(path).relative_to(self.folder)) for _, path in changes)

    def write(self, name):
        """Write a file in `photos`. Return the paths that are reported."""
        self._seen.clear()
        (self.folder / "photos" / name).touch()
        time.sleep(1.5)
        return sorted(self._seen)


for roots in (("photos", "album"), ("album", "photos")):
    with Watcher(["album"], roots) as watcher:
        seen = watcher.write("a.jpg")
    print(f"watch{roots}, a change in photos:", seen)
    assert seen == [f"{roots[1]}/a.jpg"]

for _ in range(5):  # the order of the entries in the folder decides which path is found last
    with Watcher([f"link{number}" for number in range(20)]) as watcher:
        (path,) = watcher.write("a.jpg")
        link = Path(path).parent.name
        print("watch(tree), a change in photos:", path)
        if link != "photos":
            (watcher.folder / link).unlink()
            time.sleep(0.5)
            seen = watcher.write("b.jpg")
            print("the link is removed, then a change in photos:", seen)
            assert seen == []
            break
else:
    raise AssertionError("no change is reported with the path of a link")
PYTHON
venv/bin/python links.py
