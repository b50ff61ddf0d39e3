"""Creates and checks image ids, and builds the keys of images' objects in the bucket."""

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Final

from ulid import ULID

from app.domain.errors import ImageNotFound

ID: Final = "[0-7][0-9a-hjkmnp-tv-z]{25}"
MIN_ID: Final = "0"
MAX_ID: Final = "~"
EXAMPLE_ID: Final = "01jd8xk3v5m0z8q4n2c7r9t1wy"  # for the API documentation
EXAMPLE_KEY: Final = f"2019-07-28T01:03:00#{EXAMPLE_ID}"

_PACKED_BYTES: Final = 16
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_MILLISECOND: Final = timedelta(milliseconds=1)
_TIME_CHARACTERS: Final = 10  # of a ULID, in Crockford's base 32
_TO_DIGITS: Final = str.maketrans("abcdefghjkmnpqrstvwxyz", "abcdefghijklmnopqrstuv")  # the digits of `int`
_KEY: Final = re.compile(rf"([a-z-]+)/([0-9a-f-]{{36}})/({ID})")


class Rendition(StrEnum):
    """The S3 objects of an image. Each value is the prefix of the object's key."""

    INCOMING = "incoming"
    ORIGINAL = "originals"
    PREVIEW = "previews"
    LARGE_THUMBNAIL = "large-thumbnails"
    THUMBNAIL = "thumbnails"
    SHARED_ORIGINAL = "shared-originals"  # without metadata, for some days

    def key(self, owner: str, image_id: str) -> str:
        """Return the object's key. It contains only `[A-Za-z0-9/-]`, so URL encoding does not change it."""
        return f"{self}/{owner}/{image_id}"


DERIVED: Final = frozenset({Rendition.PREVIEW, Rendition.LARGE_THUMBNAIL, Rendition.THUMBNAIL})
"""The renditions that PixTag makes from the original."""


def new_id() -> str:
    """Return a new lower-case ULID. Ids sort by creation time."""
    return str(ULID()).lower()


def is_id(text: str) -> bool:
    """Return whether the text has the form of an image id."""
    return re.fullmatch(ID, text) is not None


def require_id(text: str) -> str:
    """Return the text if it has the form of an image id.

    Raises:
        ImageNotFound: the text does not have the form of an image id.
    """
    if not is_id(text):
        raise ImageNotFound
    return text


def pack_ids(ids: Iterable[str]) -> bytes:
    """Return ids in their order, with 16 bytes for each."""
    return b"".join(ULID.from_str(each.upper()).bytes for each in ids)


def unpack_ids(data: bytes) -> list[str]:
    """Return the ids that `pack_ids` has packed."""
    parts = (data[start : start + _PACKED_BYTES] for start in range(0, len(data), _PACKED_BYTES))
    return [str(ULID.from_bytes(part)).lower() for part in parts]


def created_at(image_id: str) -> datetime:
    """Return an id's creation time in UTC with millisecond precision."""
    return _EPOCH + int(image_id[:_TIME_CHARACTERS].translate(_TO_DIGITS), 32) * _MILLISECOND


def min_id_at(moment: datetime) -> str:
    """Return the smallest possible id for this creation time. It is a bound for id ranges."""
    milliseconds = (max(moment, _EPOCH) - _EPOCH) // _MILLISECOND  # exact, unlike a float
    return str(ULID.from_timestamp(milliseconds))[:10].lower() + "0" * 16


def parse_key(key: str, *renditions: Rendition) -> tuple[str, str] | None:
    """Return the owner and image id in the key of one of these renditions. Return None for any other key."""
    match = _KEY.fullmatch(key)
    return (match[2], match[3]) if match and match[1] in renditions else None
