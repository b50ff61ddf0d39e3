"""The nouns of a library: images, their tags and where those come from, ids and object keys. Pure, no I/O."""

import re
import unicodedata
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final

from ulid import ULID

from app.errors import ImageNotFound, InvalidTag
from detector import Detection, tally

MAX_UPLOAD_BYTES: Final = 50 * 2**20
MAX_TAGS: Final = 24  # replacing all of them still fits in one transaction of 100 actions
MAX_COUNT: Final = 999
MAX_TAG_LENGTH: Final = 64
MAX_NAME_BYTES: Final = 255  # what file systems allow; percent-encoded it fits S3's 2 KB of metadata
MEDIA_TYPES: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/heif", "image/avif"}
)
OPERATORS: Final = frozenset(",|:=<>")  # of the query language: a tag with one could not be searched for
RESERVED_NAMES: Final = frozenset({"untagged"})

_JOINERS: Final = frozenset({"\u200c", "\u200d"})  # Persian needs the one, emoji the other
_FLAG_LETTERS: Final = range(0xE0020, 0xE0080)  # the flags of England, Scotland and Wales end in them
_ID: Final = "[0-7][0-9a-hjkmnp-tv-z]{25}"
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_INCOMING_KEY: Final = re.compile(rf"incoming/([0-9a-f-]{{36}})/({_ID})")

Tags = Mapping[str, int]


class State(StrEnum):
    """Where an image is in its life. Only `ready` ones are searched."""

    PENDING = "pending"  # its bytes are awaited, or being looked at
    READY = "ready"
    FAILED = "failed"  # with a reason
    TRASHED = "trashed"
    GONE = "gone"  # a tombstone: a late notification must bring nothing back


class Rendition(StrEnum):
    """The objects of an image; the value is the prefix of its key."""

    INCOMING = "incoming"
    ORIGINAL = "originals"
    PREVIEW = "previews"
    THUMBNAIL = "thumbnails"

    def key(self, owner: str, image_id: str) -> str:
        """The object's key in the bucket; of `[A-Za-z0-9/._-]` only, so no event has to quote it."""
        return f"{self}/{owner}/{image_id}"


@dataclass(frozen=True, slots=True)
class Edit:
    """What a person said of one tag: it is there `count` times (0: it is not), since `at`."""

    count: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Card:
    """An image as lists and search results show it. Width and height in pixels, upright; size in bytes."""

    owner: str
    id: str
    state: State
    name: str
    media_type: str
    size: int
    width: int = 0
    height: int = 0
    taken_at: datetime | None = None
    reason: str = ""
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Card):
    """The whole record. `tags` always follow from `detections` and `edits`.

    `version` is what the table holds: 0 means that it holds no row yet.
    """

    tags: Tags = field(init=False)
    version: int = 0
    sha256: str = ""
    model: str = ""
    detections: tuple[Detection, ...] = ()
    edits: Mapping[str, Edit] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", corrected(tags_of(self.detections), self.edits))


def new_id() -> str:
    """A lower-case ULID: ids sort by the time they were made."""
    return str(ULID()).lower()


def valid_id(text: str) -> str:
    """The text if it can be an image's id, else `ImageNotFound`: what cannot be is not there."""
    if not re.fullmatch(_ID, text):
        raise ImageNotFound
    return text


def created_at(image_id: str) -> datetime:
    """When the id was made, in UTC, to the millisecond."""
    return ULID.from_str(image_id.upper()).datetime


def first_id(moment: datetime) -> str:
    """The smallest id that can be made at the moment: a bound for ranges of ids."""
    return str(ULID.from_datetime(max(moment, _EPOCH)))[:10].lower() + "0" * 16


def owner_and_id(key: str) -> tuple[str, str] | None:
    """Whose upload an incoming key is, and of which image; None for any other key."""
    found = _INCOMING_KEY.fullmatch(key)
    return (found[1], found[2]) if found else None


def tag_name(text: str) -> str:
    """The one spelling under which a tag is kept, so that equal text gives an equal tag.

    Canonical caseless form (Unicode 3.13, D145) in NFC, white space folded. Idempotent.

    Raises:
        InvalidTag: the text is empty, longer than 64 characters, has control, bidirectional or
            invisible characters, or one that the query language keeps for itself.
    """
    folded = unicodedata.normalize("NFD", text).casefold()
    name = " ".join(unicodedata.normalize("NFC", folded).split())
    if not 1 <= len(name) <= MAX_TAG_LENGTH:
        raise InvalidTag(f"A tag has 1 to {MAX_TAG_LENGTH} characters, this one has {len(name)}.")
    if unfit := next((letter for letter in name if _unfit(letter)), None):
        raise InvalidTag(f"A tag cannot contain the character {unfit!a}.")
    if name.startswith("!") or name in RESERVED_NAMES:
        raise InvalidTag(f"A tag cannot be called {name!r}: it would mean something else in a search.")
    return name


def _unfit(letter: str) -> bool:
    category = unicodedata.category(letter)
    invisible = category == "Cf" and letter not in _JOINERS and ord(letter) not in _FLAG_LETTERS
    return invisible or category in {"Cc", "Cs", "Co", "Zl", "Zp"} or letter in OPERATORS


def file_name(text: str) -> str:
    """A name for display and download: no folders, nothing invisible, never empty, 255 bytes of UTF-8 at most."""
    last = re.split(r"[/\\]", text)[-1]
    name = "".join(letter for letter in last if not unicodedata.category(letter).startswith("C"))
    return name.strip(" .").encode()[:MAX_NAME_BYTES].decode(errors="ignore") or "photo"


def tags_of(detections: Iterable[Detection]) -> Tags:
    """Labels counted and named as tags; the most frequent `MAX_TAGS` of them."""
    counted = tally(detections)
    return {tag_name(label): min(count, MAX_COUNT) for label, count in list(counted.items())[:MAX_TAGS]}


def corrected(detected: Tags, edits: Mapping[str, Edit]) -> Tags:
    """The tags after hand edits: an edit replaces the detected count, and 0 rejects the tag."""
    counts = {**detected, **{tag: edit.count for tag, edit in edits.items()}}
    return {tag: count for tag, count in counts.items() if count > 0}
