"""The nouns of a library: images, their tags and where those come from, ids and object keys. Pure, no I/O."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import PurePath
from typing import Final

from ulid import ULID

from app.domain.corrections import Correction, Finding, findings
from app.domain.errors import DetectionNotFound, ImageNotFound, InvalidTag, KeyReused, NotReady, TooManyTags
from detector import BoundingBox, Detection, tally

MAX_UPLOAD_BYTES: Final = 50 * 2**20
MAX_TAGS: Final = 24  # replacing all of them still fits in one transaction of 100 actions
MAX_COUNT: Final = 999
MAX_TAG_LENGTH: Final = 64
MAX_REQUESTS: Final = 8
MAX_CORRECTIONS: Final = 200
MAX_REJECTED: Final = 200  # tags that are remembered as not being there
MAX_NAME_BYTES: Final = 255  # what file systems allow; percent-encoded it fits S3's 2 KB of metadata
MEDIA_TYPES: Final = frozenset(
    {"image/jpeg", "image/png", "image/webp", "image/gif", "image/heic", "image/heif", "image/avif"}
)
OPERATORS: Final = frozenset(",|:=<>")  # of the query language: a tag with one could not be searched for
EXAMPLE_ID: Final = "01jd8xk3v5m0z8q4n2c7r9t1wy"  # of the image that the API's documentation shows
RESERVED_NAMES: Final = frozenset({"untagged"})

_JOINERS: Final = frozenset({"\u200c", "\u200d"})  # Persian needs the one, emoji the other
_FLAG_LETTERS: Final = range(0xE0020, 0xE0080)  # the flags of England, Scotland and Wales end in them
ID: Final = "[0-7][0-9a-hjkmnp-tv-z]{25}"
_EPOCH: Final = datetime.fromtimestamp(0, UTC)
_KEY: Final = re.compile(rf"([a-z]+)/([0-9a-f-]{{36}})/({ID})")

Tags = Mapping[str, int]


class State(StrEnum):
    """Where an image is in its life. Only `ready` ones are searched."""

    PENDING = "pending"  # its bytes are awaited, or being looked at
    READY = "ready"
    FAILED = "failed"  # with a reason
    TRASHED = "trashed"
    GONE = "gone"  # a tombstone: a late notification must bring nothing back


SHOWN: Final = frozenset({State.PENDING, State.READY, State.FAILED})
KEPT: Final = frozenset({State.READY, State.TRASHED})


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


@dataclass(frozen=True, slots=True)
class Change:
    """A person adds `count` of a tag, or takes that many away; None takes away all of it."""

    tag: str
    count: int | None
    removes: bool = False

    def applied(self, count: int) -> int:
        """How many there are after the change, of `count` before it; taking away what is not there is no error."""
        if self.removes:
            return 0 if self.count is None else max(0, count - self.count)
        return count + (self.count or 1)


@dataclass(frozen=True, slots=True)
class RequestId:
    """Which request it was, should it be sent again: digests of the key that its sender chose, and of its body."""

    key: str
    body: str


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
    trashed_at: datetime | None = None
    tags: Tags = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Image(Card):
    """The whole record. `tags` always follow from `detections`, `corrections` and `edits`.

    `version` is what the table holds: 0 means that it holds no row yet. `duplicate_of` is the id of the image
    that had the same bytes already, if that is why this one is gone. `requests` are the latest that changed its tags
    and could be sent again; `redetection` is the latest of the library in which it was looked at.
    """

    tags: Tags = field(init=False)
    version: int = 0
    sha256: str = ""
    duplicate_of: str = ""
    model: str = ""
    detections: tuple[Detection, ...] = ()
    corrections: tuple[Correction, ...] = ()
    edits: Mapping[str, Edit] = field(default_factory=dict)
    requests: tuple["RequestId", ...] = ()
    redetection: str = ""

    def __post_init__(self) -> None:
        object.__setattr__(self, "tags", corrected(tags_of(self.objects), self.edits))

    @property
    def findings(self) -> list[Finding]:
        """What the model saw, most confident first, and what a person said of it."""
        return findings(self.detections, self.corrections)

    @property
    def objects(self) -> list[Detection]:
        """What it shows, box by box: what the model saw, as people corrected it."""
        return [shown for one in self.findings if (shown := one.object)]

    def edited_at(self, tag: str) -> datetime | None:
        """When a person last set how many of the tag there are, or corrected a box of it."""
        said = [self.edits[tag].at] if tag in self.edits else []
        said += [one.at for one in self.corrections if tag in {one.label, tag_name(one.seen)}]
        return max(said, default=None)


def new_id() -> str:
    """A lower-case ULID: ids sort by the time they were made."""
    return str(ULID()).lower()


def valid_id(text: str) -> str:
    """The text if it can be an image's id, else `ImageNotFound`: what cannot be is not there."""
    if not re.fullmatch(ID, text):
        raise ImageNotFound
    return text


def created_at(image_id: str) -> datetime:
    """When the id was made, in UTC, to the millisecond."""
    return ULID.from_str(image_id.upper()).datetime


def first_id(moment: datetime) -> str:
    """The smallest id that can be made at the moment: a bound for ranges of ids."""
    return str(ULID.from_datetime(max(moment, _EPOCH)))[:10].lower() + "0" * 16


def owner_and_id(key: str, *renditions: Rendition) -> tuple[str, str] | None:
    """Whose object a key is, and of which image; None for a key of none of these renditions."""
    found = _KEY.fullmatch(key)
    return (found[2], found[3]) if found and found[1] in renditions else None


def tag_name(text: str) -> str:
    """The one spelling under which a tag is kept, so that equal text gives an equal tag.

    Canonical caseless form (Unicode 3.13, D145) in NFC, white space folded. Idempotent.

    Raises:
        InvalidTag: the text is empty, longer than 64 characters, has control, bidirectional or
            invisible characters, or one that the query language keeps for itself.
    """
    name = fold(text).strip()
    if not 1 <= len(name) <= MAX_TAG_LENGTH:
        raise InvalidTag(f"A tag has 1 to {MAX_TAG_LENGTH} characters, this one has {len(name)}.")
    if unfit := next((letter for letter in name if _unfit(letter)), None):
        raise InvalidTag(f"A tag cannot contain the character {unfit!a}.")
    if name.startswith("!") or name in RESERVED_NAMES:
        raise InvalidTag(f"A tag cannot be called {name!r}: in a search it stands alone, without ! or |.")
    return name


def fold(text: str) -> str:
    """Text in the spelling of tags, whether or not it can be one: canonical caseless form, white space folded."""
    folded = unicodedata.normalize("NFD", text).casefold()
    return re.sub(r"\s+", " ", unicodedata.normalize("NFC", folded))


def _unfit(letter: str) -> bool:
    category = unicodedata.category(letter)
    invisible = category == "Cf" and letter not in _JOINERS and ord(letter) not in _FLAG_LETTERS
    return invisible or category in {"Cc", "Cs", "Co", "Zl", "Zp"} or letter in OPERATORS


def file_name(text: str) -> str:
    """A name for display and download: no folders, nothing invisible, never empty, 255 bytes of UTF-8 at most."""
    last = re.split(r"[/\\]", text)[-1]
    name = "".join(letter for letter in last if not unicodedata.category(letter).startswith(("C", "Zl", "Zp")))
    return name.strip(" .").encode()[:MAX_NAME_BYTES].decode(errors="ignore") or "photo"


def media_type(said: str | None, name: str) -> str:
    """The media type that a client said a file has; if it could not tell, the one that the name's ending says.

    Many clients know no HEIC, WebP or AVIF and send `application/octet-stream`.
    """
    known = {f".{kind.removeprefix('image/')}": kind for kind in MEDIA_TYPES} | {".jpg": "image/jpeg"}
    by_name = known.get(PurePath(name).suffix.lower())
    return by_name if by_name and said in {None, "", "application/octet-stream"} else said or "unknown"


def rounded(detections: Iterable[Detection]) -> tuple[Detection, ...]:
    """Detections as precise as they are kept: boxes to a tenth of a pixel, confidences to four digits."""
    return tuple(
        Detection(
            one.label,
            round(one.confidence, 4),
            BoundingBox(*(round(edge, 1) for edge in (one.box.x1, one.box.y1, one.box.x2, one.box.y2))),
        )
        for one in detections
    )


def tags_of(detections: Iterable[Detection]) -> Tags:
    """Labels counted and named as tags; the most frequent `MAX_TAGS` of them."""
    counted = tally(detections)
    return {tag_name(label): min(count, MAX_COUNT) for label, count in list(counted.items())[:MAX_TAGS]}


def corrected(detected: Tags, edits: Mapping[str, Edit]) -> Tags:
    """The tags after hand edits: an edit replaces the detected count, and 0 rejects the tag.

    Should a new model see so much that there would be more than `MAX_TAGS`, those by hand are kept first.
    """
    by_hand = {tag: edit.count for tag, edit in edits.items() if edit.count > 0}
    seen = {tag: count for tag, count in detected.items() if tag not in edits}
    return dict([*by_hand.items(), *seen.items()][:MAX_TAGS])


def retagged(image: Image, changes: Iterable[Change], at: datetime) -> Image:
    """The image after a person's changes to its tags, made in their order at that time.

    Raises:
        NotReady: it is pending, failed or in the trash.
        TooManyTags: it would have more than `MAX_TAGS` tags, or more than `MAX_COUNT` of one.
    """
    if image.state is not State.READY:
        raise NotReady(image.state)
    counts = recounted(image.tags, changes)
    changed = {tag: Edit(count, at) for tag, count in counts.items() if count != image.tags.get(tag, 0)}
    return replace(image, edits=_with_edits(image, changed))


def _with_edits(image: Image, changed: Mapping[str, Edit]) -> Mapping[str, Edit]:
    """The image's edits and these: but taking away what only a person has seen leaves nothing to remember."""
    seen = {*tags_of(image.detections), *tags_of(image.objects)}
    edits = {**image.edits, **{tag: edit for tag, edit in changed.items() if edit.count or tag in seen}}
    undone = {tag for tag, edit in changed.items() if not edit.count and tag not in seen}
    kept = [(tag, edit) for tag, edit in edits.items() if tag not in undone]
    there = [(tag, edit) for tag, edit in kept if edit.count]
    rejected = sorted(((tag, edit) for tag, edit in kept if not edit.count), key=lambda pair: pair[1].at)
    return dict([*there, *rejected[-MAX_REJECTED:]])


def retagged_once(image: Image, changes: Iterable[Change], at: datetime, request: RequestId) -> Image:
    """As `retagged`, unless this very request has changed the image before: then the image as it is.

    Raises:
        KeyReused: another request came with the same key.
        NotReady, TooManyTags: as `retagged`.
    """
    if request in image.requests:
        return image
    if any(known.key == request.key for known in image.requests):
        raise KeyReused
    after = retagged(image, changes, at)
    return replace(after, requests=(*image.requests, request)[-MAX_REQUESTS:]) if after != image else image


def relabelled(image: Image, finding_id: str, label: str | None, at: datetime) -> Image:
    """The image after a person said what a box shows: a tag's name, or None for nothing. The counts follow.

    They follow as well where they were set by hand.

    Raises:
        DetectionNotFound: it has no such box.
        NotReady: it is pending, failed or in the trash.
        TooManyTags: it would have more than `MAX_TAGS` tags, or `MAX_CORRECTIONS` corrections.
    """
    if image.state is not State.READY:
        raise NotReady(image.state)
    finding = next((one for one in image.findings if one.id == finding_id), None)
    if finding is None:
        raise DetectionNotFound
    before = None if finding.label is None else tag_name(finding.label)
    if label == before:
        return image
    after = replace(image, corrections=_called(image, [finding], label, at))
    boxes = tags_of(image.objects), tags_of(after.objects)
    moved = {
        tag: Edit(_followed(image.edits[tag].count, *(counts.get(tag, 0) for counts in boxes)), at)
        for tag in (before, label)
        if tag is not None and tag in image.edits
    }
    after = replace(after, edits=_with_edits(after, moved))
    rejected = {tag for tag, edit in after.edits.items() if not edit.count}
    shown = {tag_name(one.label) for one in after.objects} & {*image.tags, label}
    if shown - rejected - after.tags.keys():
        raise TooManyTags(f"An image has at most {MAX_TAGS} tags.")
    return after


def _followed(count: int, boxes: int, boxes_now: int) -> int:
    """A count by hand after the number of boxes of the tag changed, so that no object is counted, or taken, twice."""
    if boxes_now > boxes:
        return count + boxes_now - boxes if count <= boxes else max(count, boxes_now)
    return count - (boxes - boxes_now) if count >= boxes else count


def renamed(image: Image, old: str, new: str, at: datetime) -> Image:
    """The image with a tag, and its boxes, under another name; one that has both has their sum. Without it, as it is.

    Raises:
        NotReady, TooManyTags: as `retagged`.
    """
    if old == new or old not in image.tags:
        return image
    after = retagged(image, [Change(old, None, removes=True), Change(new, image.tags[old])], at)
    boxes = [one for one in image.findings if one.label is not None and tag_name(one.label) == old]
    return replace(after, corrections=_called(image, boxes, new, at))


def _called(image: Image, boxes: Sequence[Finding], label: str | None, at: datetime) -> tuple[Correction, ...]:
    """The corrections of an image after a person said what these boxes of it show.

    Raises:
        TooManyTags: there would be more than `MAX_CORRECTIONS`.
    """
    before = [box.correction for box in boxes]
    others = [one for one in image.corrections if one not in before]
    said = [
        Correction(box.detection.label, box.detection.box, label, at)
        for box in boxes
        if label != tag_name(box.detection.label)
    ]
    if len(others) + len(said) > MAX_CORRECTIONS:
        raise TooManyTags(f"At most {MAX_CORRECTIONS} boxes of an image can be corrected.")
    return (*others, *said)


def recounted(tags: Tags, changes: Iterable[Change]) -> Tags:
    """The tags after the changes, made in their order; those that are taken away count 0.

    Raises:
        TooManyTags: there would be more than `MAX_TAGS` tags, or more than `MAX_COUNT` of one.
    """
    counts = dict(tags)
    for change in changes:
        counts[change.tag] = change.applied(counts.get(change.tag, 0))
    if sum(count > 0 for count in counts.values()) > MAX_TAGS or max(counts.values(), default=0) > MAX_COUNT:
        raise TooManyTags(f"An image has at most {MAX_TAGS} tags, and at most {MAX_COUNT} of each.")
    return {tag: count for tag, count in counts.items() if count or tag in tags}


def tombstone(image: Image, *, duplicate_of: str = "") -> Image:
    """What stays of an image for good: that it was there, and nothing of what it showed."""
    return Image(
        owner=image.owner,
        id=image.id,
        state=State.GONE,
        name="",
        media_type="",
        size=0,
        version=image.version,
        duplicate_of=duplicate_of,
    )
