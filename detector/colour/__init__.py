"""Finds the colour space of photos, and converts their pixels to sRGB."""

from detector.colour.cmyk import decode_cmyk
from detector.colour.conversion import affects_detection, convert_to_srgb
from detector.colour.png_and_gif import remove_png_chunks
from detector.colour.signals import Colour, find_colour

__all__ = ["Colour", "affects_detection", "convert_to_srgb", "decode_cmyk", "find_colour", "remove_png_chunks"]
