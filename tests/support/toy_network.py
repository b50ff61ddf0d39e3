"""A tiny Darknet network with two labels and every kind of section. Its weights are random but always the same."""

import struct

import numpy as np

LABELS = ["this", "that"]
CFG = """
[net]
width=416
height=416
channels=3

[convolutional]
batch_normalize=1
filters=8
size=3
stride=2
pad=1
activation=leaky

[maxpool]
size=2
stride=2

[convolutional]
batch_normalize=1
filters=8
size=3
groups=8
pad=1
activation=relu

[convolutional]
filters=8
size=1
activation=linear

[dropout]
probability=.15

[shortcut]
from=-4
activation=linear

[maxpool]
size=4
stride=4
padding=0

[route]
layers=-1
groups=2
group_id=1

[convolutional]
filters=4
size=1
activation=leaky

[upsample]
stride=2

[maxpool]
size=2
stride=2

[route]
layers=-1,-5

[maxpool]
size=2
stride=2

[convolutional]
filters=7
size=1
activation=linear

[yolo]
mask=1
anchors=10,14, 81,82
classes=2
num=2
scale_x_y=1.05
"""
_NORMALIZED, _PLAIN = True, False
_KERNELS = [(_NORMALIZED, (8, 3, 3, 3)), (_NORMALIZED, (8, 1, 3, 3)), (_PLAIN, (8, 8, 1, 1)), (_PLAIN, (4, 4, 1, 1))]
_HEAD = (7, 12, 1, 1)


def weights() -> bytes:
    """Return the content of the weights file."""
    random = np.random.default_rng(7)
    file = struct.pack("<iiiq", 0, 2, 0, 0)
    for normalized, shape in [*_KERNELS, (_PLAIN, _HEAD)]:
        numbers = [random.normal(0, 0.5, shape[0])]
        if normalized:
            numbers += [
                random.normal(1, 0.2, shape[0]),
                random.normal(0, 0.2, shape[0]),
                random.uniform(0, 2, shape[0]),
            ]
        numbers.append(random.normal(0, 1.5 / np.sqrt(np.prod(shape[1:])), shape))
        file += b"".join(part.astype("<f4").tobytes() for part in numbers)
    return file
