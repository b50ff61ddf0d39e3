"""Converts between domain objects and their lines in a backup."""

from dataclasses import asdict
from typing import Annotated, Any, Final, Literal

from pydantic import AwareDatetime, BaseModel, Field, ValidationError

from app.domain.backups import FORMAT, BackupError, BackupInfo, Source
from app.domain.boxes import MAX_DRAWN
from app.domain.capture_times import dump_capture_time, load_capture_time
from app.domain.corrections import Correction, DrawnBox
from app.domain.errors import PixTagError
from app.domain.file_names import clean_file_name
from app.domain.ids import ID
from app.domain.images import STORED, Image, ImageState, RequestId
from app.domain.query import MAX_TEXT
from app.domain.stored_queries import read_stored
from app.domain.subscriptions import ID_CHARACTERS, MAX_TITLE, Choices, Frequency, Subscription, clean_title
from app.domain.tags import MAX_COUNT, MAX_TAGS, TagEdit, tag_name
from app.services.backups.lines import Owner, Record, Text, dump_line, parse_line
from app.services.backups.members import DAMAGED, NO_BACKUP
from app.services.backups.metadata_records import MetadataRecord, dump_metadata, load_metadata
from detector import BoundingBox, Detection

MAX_LINE_BYTES: Final = 16 * 2**20
MAX_INFO_BYTES: Final = 2**16

_MAX_NUMBER: Final = 2**53
_MAX_EDGE: Final = 1e6

Number = Annotated[int, Field(ge=0, le=_MAX_NUMBER)]
Edge = Annotated[float, Field(ge=-_MAX_EDGE, le=_MAX_EDGE, allow_inf_nan=False)]
Box = tuple[Edge, Edge, Edge, Edge]


class InfoRecord(Record):
    """The description of a backup: `backup.json`."""

    format: Annotated[int, Field(ge=1, le=FORMAT)]
    id: Annotated[str, Field(pattern=f"^{ID}$")]
    pixtag: Text
    source: Source
    created_at: AwareDatetime


class _AnyInfo(BaseModel):
    """The part of the description that every version of the format has."""

    format: Annotated[int, Field(ge=1)]
    pixtag: Text


class DetectionRecord(Record):
    """A detection of an image."""

    label: Text
    confidence: Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
    box: Box


class CorrectionRecord(Record):
    """A correction to a detection."""

    detected_label: Text
    box: Box
    label: Text | None
    at: AwareDatetime
    moved: Box | None = None  # since format 4
    renamed: bool = False  # since format 4


class DrawnRecord(Record):
    """A box that a person drew."""

    id: Annotated[str, Field(pattern=f"^{ID}$")]
    label: Text
    box: Box
    at: AwareDatetime


class EditRecord(Record):
    """An edit to the count of a tag."""

    tag: Text
    count: Annotated[int, Field(ge=0, le=MAX_COUNT)]
    at: AwareDatetime
    certain: Annotated[int, Field(ge=0, le=MAX_COUNT)] | None = None  # since format 4
    renamed_to: Text | None = None  # since format 5


class ImageRecord(Record):
    """An image: a line of `images.jsonl`. Tags are not stored, because they are derived.

    Format 1 has no metadata. Its capture times come from EXIF.
    """

    owner: Owner
    id: Annotated[str, Field(pattern=f"^{ID}$")]
    state: Literal[ImageState.PENDING, ImageState.READY, ImageState.FAILED, ImageState.TRASHED]
    name: Text
    media_type: Annotated[str, Field(pattern=r"^[ -~]{0,255}$")]
    size: Number
    width: Number
    height: Number
    taken_at: Text | None
    reason: Text
    damage: Text = ""
    trashed_at: AwareDatetime | None
    version: Annotated[int, Field(ge=1, le=_MAX_NUMBER)]
    sha256: Annotated[str, Field(pattern="^([0-9a-f]{64})?$")]
    model: Text
    metadata: MetadataRecord = MetadataRecord()
    sidecar: MetadataRecord = MetadataRecord()  # since format 6
    detections: list[DetectionRecord]
    corrections: list[CorrectionRecord]
    drawn: Annotated[tuple[DrawnRecord, ...], Field(max_length=MAX_DRAWN)] = ()  # since format 4
    edits: list[EditRecord]
    requests: list[tuple[Text, Text]]
    redetection: Text
    file_time: AwareDatetime | None = None  # since format 2
    favourite: bool = False  # since format 5
    albums: Annotated[tuple[Annotated[str, Field(pattern=f"^{ID}$")], ...], Field(max_length=MAX_TAGS)] = ()
    picture_hash: Annotated[str, Field(pattern="^([0-9a-f]{16}(0[0-9a-f]|1[0-7]){5})?$")] = ""  # since format 5


class SubscriptionRecord(Record):
    """A subscription: a line of `subscriptions.jsonl`."""

    owner: Owner
    id: Annotated[str, Field(pattern=f"^[0-9a-f]{{{ID_CHARACTERS}}}$")]
    query: Annotated[Text, Field(max_length=MAX_TEXT)]
    created_at: AwareDatetime
    title: Annotated[Text, Field(max_length=MAX_TITLE)] = ""  # the following fields since format 5
    pinned: bool = False
    email: bool = True
    paused: bool = False
    digest: Frequency = Frequency.AT_ONCE


def dump_info(info: BackupInfo) -> bytes:
    """Return the description of a backup."""
    return dump_line(InfoRecord.model_validate(info, from_attributes=True))


def load_info(data: bytes) -> BackupInfo:
    """Return the description of a backup.

    Raises:
        BackupError: it is not a backup, or a later version of PixTag wrote it.
    """
    try:
        begin = _AnyInfo.model_validate_json(data)
        if begin.format > FORMAT:
            raise BackupError(
                f"PixTag {begin.pixtag} wrote this backup, in a later format. Install that version of PixTag or a later"
                " one, then restore the backup with it."
            )
        return BackupInfo(**InfoRecord.model_validate_json(data).model_dump())
    except ValidationError as error:
        raise BackupError(NO_BACKUP) from error


def dump_subscription(owner: str, subscription: Subscription) -> bytes:
    """Return a subscription as a line."""
    return dump_line(
        SubscriptionRecord(
            owner=owner,
            id=subscription.id,
            query=subscription.text,
            created_at=subscription.created_at,
            **asdict(subscription.choices),
        )
    )


def load_subscription(line: bytes) -> tuple[str, Subscription]:
    """Return the owner and the subscription in a line. Its query may be one that is no longer valid."""
    record = parse_line(SubscriptionRecord, line)
    query, fault = read_stored(record.query)
    choices = Choices(clean_title(record.title), record.pinned, record.email, record.paused, record.digest)
    invalid_text = "" if query else record.query
    return record.owner, Subscription(
        record.id, query, record.created_at, choices=choices, invalid_text=invalid_text, fault=fault
    )


def dump_image(image: Image) -> bytes:
    """Return an image as a line."""
    derived = {"taken_at", "metadata", "sidecar", "detections", "corrections", "drawn", "edits", "requests"}
    names = ImageRecord.model_fields.keys() - derived
    return dump_line(
        ImageRecord(
            **{name: getattr(image, name) for name in names},
            taken_at=dump_capture_time(image.taken),
            metadata=dump_metadata(image.metadata),
            sidecar=dump_metadata(image.sidecar),
            detections=[
                DetectionRecord(label=each.label, confidence=each.confidence, box=each.box.edges)
                for each in image.detections
            ],
            corrections=[
                CorrectionRecord(
                    detected_label=each.detected_label,
                    box=each.box.edges,
                    label=each.label,
                    at=each.at,
                    moved=each.moved.edges if each.moved else None,
                    renamed=each.renamed,
                )
                for each in image.corrections
            ],
            drawn=tuple(
                DrawnRecord(id=each.id, label=each.label, box=each.box.edges, at=each.at) for each in image.drawn
            ),
            edits=[
                EditRecord(tag=tag, count=edit.count, at=edit.at, certain=edit.certain, renamed_to=edit.renamed_to)
                for tag, edit in image.edits.items()
            ],
            requests=[(request.key, request.body) for request in image.requests],
        )
    )


def load_image(line: bytes) -> Image:
    """Return the image in a line."""
    record = parse_line(ImageRecord, line)
    is_trashed = record.state is ImageState.TRASHED
    if (record.state in STORED and not record.sha256) or bool(record.trashed_at) != is_trashed:
        raise BackupError(DAMAGED)
    fields: dict[str, Any] = {name: getattr(record, name) for name in ImageRecord.model_fields if name != "taken_at"}
    try:
        return Image(
            **fields
            | {
                "name": clean_file_name(record.name),
                "taken": load_capture_time(record.taken_at),
                "metadata": load_metadata(record.metadata),
                "sidecar": load_metadata(record.sidecar),
                "detections": tuple(
                    Detection(each.label, each.confidence, BoundingBox(*each.box)) for each in record.detections
                ),
                "corrections": tuple(
                    Correction(
                        each.detected_label,
                        BoundingBox(*each.box),
                        each.label,
                        each.at,
                        moved=BoundingBox(*each.moved) if each.moved else None,
                        renamed=each.renamed,
                    )
                    for each in record.corrections
                ),
                "drawn": tuple(
                    DrawnBox(each.id, tag_name(each.label), BoundingBox(*each.box), each.at) for each in record.drawn
                ),
                "edits": {
                    tag_name(each.tag): TagEdit(
                        each.count, each.at, each.certain, each.renamed_to and tag_name(each.renamed_to)
                    )
                    for each in record.edits
                },
                "requests": tuple(RequestId(*each) for each in record.requests),
            }
        )
    except (PixTagError, ValueError) as error:
        raise BackupError(DAMAGED) from error
