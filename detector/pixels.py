"""Reads, decodes, scales and encodes photos. This is the interface of the modules below it."""

from detector.decoding import DecodedPhoto, convert_to_srgb, decode, decode_photo
from detector.headers import Header, read_header
from detector.limits import MAX_BYTES, estimate_memory
from detector.photo_errors import BrokenPhoto, NotAPhoto, TooManyPixels, UnreadablePhoto
from detector.picture_hash import find_hash_side, hash_picture
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
    "MAX_BYTES",
    "PREVIEW",
    "THUMBNAIL",
    "BrokenPhoto",
    "DecodedPhoto",
    "Header",
    "NotAPhoto",
    "Pixels",
    "PreviewSize",
    "TooManyPixels",
    "UnreadablePhoto",
    "choose_interpolation",
    "convert_to_srgb",
    "decode",
    "decode_photo",
    "encode_jpeg",
    "estimate_memory",
    "find_decode_side",
    "find_hash_side",
    "halve",
    "hash_picture",
    "read_header",
    "reduce",
]
