"""Reads, decodes, scales and encodes photos. This is the interface of the modules below it."""

from detector.decoding import convert_to_srgb, decode, estimate_memory
from detector.headers import Header, read_header
from detector.photo_errors import MAX_PIXELS, BrokenPhoto, NotAPhoto, TooManyPixels, UnreadablePhoto
from detector.scaling import (
    LARGE_THUMBNAIL,
    PREVIEW,
    THUMBNAIL,
    Pixels,
    PreviewSize,
    choose_interpolation,
    encode_jpeg,
    find_decode_side,
    halve,
    reduce,
)

__all__ = [
    "LARGE_THUMBNAIL",
    "MAX_PIXELS",
    "PREVIEW",
    "THUMBNAIL",
    "BrokenPhoto",
    "Header",
    "NotAPhoto",
    "Pixels",
    "PreviewSize",
    "TooManyPixels",
    "UnreadablePhoto",
    "choose_interpolation",
    "convert_to_srgb",
    "decode",
    "encode_jpeg",
    "estimate_memory",
    "find_decode_side",
    "halve",
    "read_header",
    "reduce",
]
