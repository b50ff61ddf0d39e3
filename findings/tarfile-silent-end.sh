#!/usr/bin/env bash
# Python's tarfile, seen with Python 3.11.7, 3.12.1 and 3.13.0. No packages are needed.
#
# Expected: reading an archive to its end raises tarfile.ReadError if the archive is damaged or incomplete. The module
# does so if it ends within the bytes of a member, and if the first header is damaged.
# Seen: if a later header is damaged, or if the archive ends between two members or within a header, the iteration ends
# without an error, as at a regular end. All later members are missing. This is so for seekable files (`r:`) and for
# streams (`r|`), with any `errorlevel`. Data behind the end is ignored too. GNU tar reports the damaged header.
#
# Consequence: a program that must notice lost members needs its own list of them, or must read the headers itself with
# TarInfo.frombuf, which does raise an error.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

cat >read.py <<'PYTHON'
import io
import subprocess
import sys
import tarfile

BLOCK = tarfile.BLOCKSIZE
MEMBER = 2 * BLOCK  # a header and a block of data


def write_archive():
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:", format=tarfile.PAX_FORMAT) as archive:
        for name in ("one", "two", "three"):
            info = tarfile.TarInfo(name)
            info.size = BLOCK
            archive.addfile(info, io.BytesIO(b"x" * BLOCK))
    return file.getvalue()


def list_names(data, mode):
    try:
        with tarfile.open(fileobj=io.BytesIO(data), mode=mode, errorlevel=2) as archive:
            return [(member.name, len(archive.extractfile(member).read()))[0] for member in archive]
    except tarfile.TarError as error:
        return type(error).__name__


def list_with_gnu_tar(data):
    return subprocess.run(["tar", "-tf", "-"], input=data, capture_output=True).returncode


whole = write_archive()
damaged = whole[:MEMBER] + b"\xff" + whole[MEMBER + 1 :]
cases = {
    "complete": (whole, ["one", "two", "three"]),
    "first header damaged": (b"\xff" + whole[1:], "ReadError"),
    "ends within data": (whole[: 2 * MEMBER - 1], "ReadError"),
    "second header damaged": (damaged, ["one"]),
    "ends between members": (whole[:MEMBER], ["one"]),
    "ends within a header": (whole[: MEMBER + 100], ["one"]),
    "data behind the end": (whole + b"more", ["one", "two", "three"]),
}
print("Python", sys.version.split()[0])
for name, (data, expected) in cases.items():
    seen = [list_names(data, mode) for mode in ("r:", "r|")]
    print(f"{name:22} tarfile: {seen[0]}, status of GNU tar: {list_with_gnu_tar(data)}")
    assert seen == [expected, expected], (name, seen)
try:
    tarfile.TarInfo.frombuf(damaged[MEMBER : MEMBER + BLOCK], "utf-8", "strict")
    raise AssertionError("TarInfo.frombuf accepts the damaged header")
except tarfile.InvalidHeaderError as error:
    print("TarInfo.frombuf:", error)
PYTHON
python3 read.py
