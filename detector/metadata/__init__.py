"""Reads the metadata of photos: EXIF, XMP, IPTC and the texts of PNG files, in all containers."""

from detector.metadata.file_names import parse_file_name_time
from detector.metadata.reader import read_metadata
from detector.metadata.values import CaptureTime, Metadata, Position, TimeSource

__all__ = ["CaptureTime", "Metadata", "Position", "TimeSource", "parse_file_name_time", "read_metadata"]
