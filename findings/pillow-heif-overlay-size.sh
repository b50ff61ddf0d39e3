#!/usr/bin/env bash
# A guess about the memory of a small HEIC photo whose size a program has checked, and what really happens.
#
# Versions: pillow-heif 1.8.1 (libheif 1.23.6), Pillow 13.0.0, Python 3.11.
# Expected: `Image.open` reads the size of a HEIC photo, and `Image.MAX_IMAGE_PIXELS` limits it. So a photo of 64 x 64
#           pixels needs little memory to decode.
# Seen:     a file of 457 bytes, which Pillow opens as 64 x 64 pixels, takes 300 MB, and is refused only then. Another
#           file took 2 GB.
# Why:      the photo is an overlay (the item type `iovl`). Its size is in two places: in its properties (`ispe`), which
#           Pillow shows, and in its own content, by which libheif allocates the canvas.
# Remedy:   read the content of all grids and overlays, and check their sizes too, as detector/heif_canvases.py does.
#
# The script exits with 1 if the behaviour changes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check pillow==13.0.0 pillow-heif==1.8.1

cat >overlay.py <<'PYTHON'
import io
import resource
import struct

import pillow_heif
from PIL import Image

CANVAS = 10_000

pillow_heif.register_heif_opener()


def box(kind, *contents):
    content = b"".join(contents)
    return struct.pack(">I4s", 8 + len(content), kind) + content


def make_overlay(heic):
    """Return a file whose primary item is an overlay of the picture in a HEIC file of libheif."""
    picture = heic[heic.index(b"mdat") + 4 :]
    codec = heic[heic.index(b"hvcC") - 4 :]
    codec = codec[: struct.unpack_from(">I", codec)[0]]
    recipe = struct.pack(">BB4H2H2H", 0, 0, *[0xFFFF] * 4, CANVAS, CANVAS, 0, 0)
    start = 0
    for _ in range(2):  # the length of the head does not depend on the position of the picture
        places = struct.pack(">BBHHHHHII", 0x44, 0, 2, 1, 0, 0, 1, start, len(picture))
        head = box(b"ftyp", b"heic", bytes(4), b"mif1heic") + box(
            b"meta",
            bytes(4),
            box(b"hdlr", bytes(8), b"pict", bytes(13)),
            box(b"pitm", bytes(4), b"\0\2"),
            box(b"iloc", b"\1\0\0\0", places, struct.pack(">HHHHII", 2, 1, 0, 1, 0, len(recipe))),
            box(
                b"iinf",
                bytes(4),
                b"\0\2",
                box(b"infe", b"\2\0\0\0", b"\0\1\0\0hvc1\0"),
                box(b"infe", b"\2\0\0\0", b"\0\2\0\0iovl\0"),
            ),
            box(b"iref", bytes(4), box(b"dimg", struct.pack(">HHH", 2, 1, 1))),
            box(
                b"iprp",
                box(b"ipco", codec, box(b"ispe", bytes(4), struct.pack(">II", 64, 64))),
                box(b"ipma", bytes(4), struct.pack(">IHBBBHBB", 2, 1, 2, 0x81, 2, 2, 1, 2)),
            ),
            box(b"idat", recipe),
        )
        start = len(head) + 8
    return head + box(b"mdat", picture)


def measure():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 // 10**6


file = io.BytesIO()
Image.new("RGB", (64, 64), "red").save(file, "HEIF")
data = make_overlay(file.getvalue())
picture = Image.open(io.BytesIO(data))
print("bytes of the file:", len(data), " size in Pillow:", *picture.size)
before = measure()
try:
    picture.load()
    print("decoded as", *picture.size)
except Exception as error:
    print("refused:", error)
extra = measure() - before
print("extra MB:", extra)
raise SystemExit(0 if picture.size == (64, 64) and extra > 200 else 1)
PYTHON

venv/bin/python overlay.py
