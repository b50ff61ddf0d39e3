"""Contains words for cameras, and the words that cameras write into their photos instead.

The names of makers are those for which ExifTool reads maker notes (https://exiftool.org/TagNames/). The texts of models
are those of its sample images (https://exiftool.org/sample_images.html). A Galaxy, for example, writes `SM-G991B`.
"""

from collections.abc import Mapping
from typing import Final

_MAKERS: Final = (
    *(
        "apple",
        "canon",
        "casio",
        "dji",
        "fujifilm",
        "google",
        "gopro",
        "hasselblad",
        "htc",
        "huawei",
        "kodak",
        "konica",
    ),
    *("kyocera", "leica", "minolta", "motorola", "nikon", "nokia", "olympus", "oneplus", "panasonic", "pentax"),
    *("phase one", "polaroid", "ricoh", "samsung", "sanyo", "sigma", "sony", "xiaomi", "yashica"),
)
_MODELS: Final = ("coolpix", "eos", "finepix", "ipad", "iphone", "ixus", "pixel", "powershot", "rebel")
_OTHER_WORDS: Final = {
    "fuji": "fujifilm",
    "lumix": "panasonic",
    "galaxy": "samsung",
    "mavic": "dji",
    "cyber shot": "sony",
    "cybershot": "sony",
    "redmi": "xiaomi",
}

NUMBERED: Final = frozenset({"ipad", "iphone", "pixel"})
"""The models whose names end with a number: iPhone 12."""

CAMERAS: Final[Mapping[tuple[str, ...], str]] = {
    tuple(name.split()): text for name, text in {**{each: each for each in _MAKERS + _MODELS}, **_OTHER_WORDS}.items()
}
"""The text to look for in the name of the camera, by the words of a sentence."""

CAMERA_WORDS: Final = frozenset({"camera", "cameras", "phone", "smartphone", "dslr", "cam"})
"""Words that may follow the name of a camera: my Canon camera."""
