#!/usr/bin/env bash
# OpenCV (opencv-python-headless 5.0.0.93), IMREAD_REDUCED_COLOR_2, _4 and _8.
#
# Expected: the flag divides width and height by 2, 4 or 8 in the same way for every format, as the documentation says
# nothing else, and never below one pixel.
# Seen: JPEG rounds the quotient up, because libjpeg scales while it decodes. PNG, WebP, BMP, TIFF and AVIF round it
# down, because OpenCV resizes after the decode. So a picture of 1001 pixels gives 126 or 125 pixels. A side that is
# shorter than the divisor becomes one pixel in JPEG, and an exception in all other formats.
#
# Consequence: compute the expected size per format, and use the flag for JPEG only.
set -euo pipefail
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
python3 -m venv venv
venv/bin/pip install --quiet --disable-pip-version-check numpy==2.4.6 opencv-python-headless==5.0.0.93

cat >reduce.py <<'PYTHON'
import cv2
import numpy as np

FLAGS = {2: cv2.IMREAD_REDUCED_COLOR_2, 4: cv2.IMREAD_REDUCED_COLOR_4, 8: cv2.IMREAD_REDUCED_COLOR_8}
ENDINGS = (".jpg", ".png", ".webp", ".bmp", ".tiff", ".avif")


def reduced_sides(ending, side):
    data = cv2.imencode(ending, np.full((side, side, 3), 127, np.uint8))[1]
    sides = []
    for flag in FLAGS.values():
        try:
            sides.append(cv2.imdecode(data, flag).shape[0])
        except cv2.error as error:
            sides.append(error.err)
    return sides


print("OpenCV", cv2.__version__)
for side in (1001, 7):
    for ending in ENDINGS:
        sides = reduced_sides(ending, side)
        print(f"{ending:6} {side:5} /2 /4 /8: {sides}")
        if ending == ".jpg":
            assert sides == [-(-side // divisor) for divisor in FLAGS]
        else:
            whole = [side // divisor for divisor in FLAGS]
            assert [each for each in sides if isinstance(each, int)] == [each for each in whole if each]
            assert all(isinstance(each, str) == (quotient == 0) for each, quotient in zip(sides, whole))
PYTHON
venv/bin/python reduce.py
