"""Reads the versions in entity tags."""


def read_version(tag: str) -> int:
    """Return the version of an image or an album in the `ETag` of a response."""
    return int(tag.removeprefix("W/").strip('"').partition(".")[0])
