"""Reads, decodes, scales and encodes photos. This is the interface of the modules below it."""

from detector.decoding import DecodedPhoto, decode, decode_photo
from detector.headers import Header, read_header
from detector.limits import MAX_BYTES, estimate_memory
from detector.photo_errors import BrokenPhoto, NotAPhoto, TooManyPixels, UnreadablePhoto
from detector.scaling import (
    PREVIEW_DECODE_SIDE,
    PREVIEW_SIDE,
    THUMBNAIL_SIDE,
    Pixels,
    choose_interpolation,
    halve,
    make_thumbnail,
    reduce,
)

__all__ = [
    "MAX_BYTES",
    "PREVIEW_DECODE_SIDE",
    "PREVIEW_SIDE",
    "THUMBNAIL_SIDE",
    "BrokenPhoto",
    "DecodedPhoto",
    "Header",
    "NotAPhoto",
    "Pixels",
    "TooManyPixels",
    "UnreadablePhoto",
    "choose_interpolation",
    "decode",
    "decode_photo",
    "estimate_memory",
    "halve",
    "make_thumbnail",
    "read_header",
    "reduce",
]
