"""Darknet networks with the layers of published ones, but only a few filters. They have two classes."""

from collections.abc import Iterable

LABELS = ("this", "that")

_NET = "[net]\nchannels=3\n"
_BOX_NUMBERS = 7  # x, y, width, height, objectness and two classes
_V7_ANCHORS = "10,13, 16,30, 33,23, 30,61, 62,45, 59,119, 116,90, 156,198, 373,326"


def _convolve(filters: int, size: int = 3, stride: int = 1, activation: str = "leaky") -> str:
    return (
        f"[convolutional]\nbatch_normalize=1\nfilters={filters}\nsize={size}\nstride={stride}\npad=1\n"
        f"activation={activation}\n"
    )


def _head(anchors: int, activation: str) -> str:
    return f"[convolutional]\nfilters={anchors * _BOX_NUMBERS}\nsize=1\nactivation={activation}\n"


def _route(*layers: int) -> str:
    return f"[route]\nlayers = {', '.join(map(str, layers))}\n"


def yolov2_tiny() -> str:
    """Return YOLOv2-tiny with the passthrough of YOLOv2. It uses short names, comments and options without effect."""
    body = "".join(_convolve(filters) + "[max]\nsize=2\nstride=2\n" for filters in (4, 6, 8, 8))
    return (
        f"; YOLOv2\n{_NET}{body}{_convolve(8)}[maxpool]\nsize=2\nstride=2\n{_convolve(16)}"
        f"[maxpool]\nsize=2\nstride=1\n{_convolve(12).replace('convolutional', 'conv')}"
        f"{_route(-5)}{_convolve(4, size=1)}[reorg]\nstride=2\nreverse=0\n{_route(-1, -4)}{_convolve(16)}"
        f"{_head(5, 'linear')}stopbackward=1\ndilation=1\n[region]\n"
        "anchors = 0.57273, 0.677385, 1.87446, 2.06253, 3.33843, 5.47434, 7.88282, 3.52778, 9.77052, 9.16828\n"
        "bias_match=1\nclasses=2\ncoords=4\nnum=5\nsoftmax=1\njitter=.2\nrescore=1\nobject_scale=5\nnoobject_scale=1\n"
        "class_scale=1\ncoord_scale=1\nabsolute=1\nthresh=.6\nrandom=1\n"
    )


def _split_block(filters: int) -> str:
    half = _convolve(filters // 2, activation="mish")
    return (
        f"{_convolve(filters, activation='mish')}[route]\nlayers=-1\ngroups=2\ngroup_id=1\n{half}{half}"
        f"{_route(-1, -2)}{_convolve(filters, size=1, activation='mish')}{_route(-6, -1)}[maxpool]\nsize=2\nstride=2\n"
    )


def yolov4_tiny() -> str:
    """Return YOLOv4-tiny with a shortcut and mish."""
    heads = (
        f"[yolo]\nmask = {mask}\nanchors = 10,14, 23,27, 37,58, 81,82, 135.5,169, 344,319\nclasses=2\nnum=6\n"
        "jitter=.3\nscale_x_y = 1.05\ncls_normalizer=1.0\niou_loss=ciou\nfocal_loss=0\ncounters_per_class=5,6\n"
        for mask in ("3,4,5", "1,2,3")
    )
    large, small = heads
    return (
        f"{_NET}{_convolve(4, stride=2)}{_convolve(8, stride=2)}{_split_block(8)}{_split_block(8)}{_split_block(12)}"
        f"{_convolve(16)}{_convolve(12, size=1)}{_convolve(12)}[shortcut]\nfrom=-2\n{_head(3, 'linear')}{large}"
        f"{_route(-5)}{_convolve(8, size=1)}[upsample]\nstride=2\n{_route(-1, 23)}{_convolve(12)}"
        f"{_head(3, 'linear')}{small}"
    )


def _elan(filters: int, output: int) -> str:
    thin = _convolve(filters, size=1, activation="swish")
    wide = _convolve(filters, activation="swish")
    return (
        f"{thin}{_route(-2)}{thin}{wide}{wide}{_route(-5, -3, -2, -1)}{_convolve(output, size=1, activation='swish')}"
    )


def yolov7_tiny() -> str:
    """Return YOLOv7-tiny with swish. Its heads have `new_coords`, and the last one has no mask."""
    thin = _convolve(6, size=1, activation="swish")
    pool = "[maxpool]\nsize=2\nstride=2\n"
    pyramid = (
        f"{thin}{_route(-2)}{thin}[maxpool]\nstride=1\nsize=5\n{_route(-2)}[maxpool]\nstride=1\nsize=9\n{_route(-4)}"
        f"[maxpool]\nstride=1\nsize=13\n{_route(-1, -3, -5, -6)}{thin}{_route(-10, -1)}{thin}"
    )
    up = f"{thin}[upsample]\nstride=2\n"
    down = _convolve(6, stride=2)
    body = (
        f"{_NET}{_convolve(4, stride=2)}{_convolve(6, stride=2)}"
        f"{_elan(4, 6)}{pool}{_elan(4, 8)}{pool}{_elan(4, 8)}{pool}{_elan(4, 12)}{pyramid}"
        f"{up}{_route(24)}{thin}{_route(-1, -3)}{_elan(4, 6)}{up}{_route(16)}{thin}"
        f"{_route(-1, -3)}{_elan(4, 6)}{down}{_route(-1, 56)}{_elan(4, 6)}{down}{_route(-1, 44)}{_elan(4, 8)}"
    )
    return body + "".join(_v7_heads((68, 77, 86)))


def _v7_heads(layers: Iterable[int]) -> Iterable[str]:
    numbers = _V7_ANCHORS.split(", ")
    for head, layer in enumerate(layers):
        mask = f"mask = {3 * head},{3 * head + 1},{3 * head + 2}\nnum=9\n"
        options = f"{mask}anchors = {_V7_ANCHORS}" if head < 2 else f"num=3\nanchors = {', '.join(numbers[6:])}"
        yield (
            f"{_route(layer)}{_convolve(8, activation='swish')}{_head(3, 'logistic')}[yolo]\n{options}\nclasses=2\n"
            "scale_x_y = 2.0\nobjectness_smooth=1\nnew_coords=1\nmax_delta=2\nnms_kind=diounms\nbeta_nms=0.6\n"
        )
