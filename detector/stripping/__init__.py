"""Removes the metadata of photos without decoding them."""

from detector.stripping.stripper import strip_metadata

__all__ = ["strip_metadata"]
