"""Reads, decodes, scales and encodes photos. This is the interface of the modules below it."""

from detector.decoding import convert_to_srgb, decode, estimate_memory
from detector.headers import Header, read_header
from detector.photo_errors import MAX_PIXELS, BrokenPhoto, NotAPhoto, TooManyPixels, UnreadablePhoto
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
    "MAX_PIXELS",
    "PREVIEW_DECODE_SIDE",
    "PREVIEW_SIDE",
    "THUMBNAIL_SIDE",
    "BrokenPhoto",
    "Header",
    "NotAPhoto",
    "Pixels",
    "TooManyPixels",
    "UnreadablePhoto",
    "choose_interpolation",
    "convert_to_srgb",
    "decode",
    "estimate_memory",
    "halve",
    "make_thumbnail",
    "read_header",
    "reduce",
]
