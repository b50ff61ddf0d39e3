#!/usr/bin/env bash
# Pillow 13.0.0, PNG files with a large ICC profile.
#
# Expected: Pillow opens every valid PNG. A profile that it does not want to decompress is left out of `info`, as a
# profile with damaged zlib data is.
# Seen: the limit for texts of 1 MiB (`PngImagePlugin.MAX_TEXT_CHUNK`) also holds for profiles. A valid PNG whose
# profile is larger, such as that of a printer, cannot be opened at all: `Image.open` raises ValueError. The same holds
# for a chunk `gAMA` of 3 bytes. A JPEG with the same profile is opened.
#
# Consequence: remove the chunks about colours, and try again. Read the profile without Pillow.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pillow==13.0.0

cat >profile.py <<'PYTHON'
import io
import struct
import zlib

from PIL import Image, __version__


def encode(kind, **options):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), "red").save(file, kind, **options)
    return file.getvalue()


def insert(png, name, content):
    chunk = struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
    return png[:33] + chunk + png[33:]


def opens(data):
    try:
        return "opened" if Image.open(io.BytesIO(data)).size == (8, 8) else "another picture"
    except ValueError as error:
        return f"refused: {error}"


print("Pillow", __version__)
seen = {
    "PNG, profile of 1 MiB": opens(encode("PNG", icc_profile=bytes(2**20))),
    "PNG, profile of 1 MiB and 1 byte": opens(encode("PNG", icc_profile=bytes(2**20 + 1))),
    "JPEG, profile of 1 MiB and 1 byte": opens(encode("JPEG", icc_profile=bytes(2**20 + 1))),
    "PNG, profile with damaged zlib data": opens(insert(encode("PNG"), b"iCCP", b"name\0\0damaged")),
    "PNG, gAMA of 3 bytes": opens(insert(encode("PNG"), b"gAMA", b"\0\1\2")),
}
for name, outcome in seen.items():
    print(f"{name:40} {outcome}")
assert [outcome == "opened" for outcome in seen.values()] == [True, False, True, True, False]
PYTHON
venv/bin/python profile.py
