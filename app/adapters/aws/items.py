"""Converts between domain objects and DynamoDB items. `row_keys.py` defines the keys."""

from collections.abc import Sequence
from dataclasses import fields
from datetime import datetime
from decimal import Decimal
from typing import Final

from app.adapters.aws.attribute_values import Attributes
from app.adapters.aws.row_keys import Item, image_key, outbox_key, review_key, state_key
from app.domain.announcements import Announcement
from app.domain.capture_times import dump_capture_time, load_capture_time
from app.domain.corrections import Correction, DrawnBox
from app.domain.images import Image, ImageState, ImageSummary, RequestId, find_expiry
from app.domain.marks import MARK
from app.domain.metadata import dump_metadata, load_metadata
from app.domain.outbox import OutboxKind, OutboxRow
from app.domain.picture_hashes import load_hash
from app.domain.snapshots import Snapshot, dump_taken, load_snapshot
from app.domain.tag_counts import StoredCounts, dump_counts, load_counts
from app.domain.tags import TagEdit
from detector import BoundingBox, Detection

FIRST_ATTRIBUTES: Final = ("created_at", "before", "before_taken", "was_ready")  # of an announcement

_OTHER_FIELDS: Final = {"owner", "certain", "marks"}  # the partition key contains the owner, and `tags` the others

SUMMARY_ATTRIBUTES: Final = tuple(
    {"taken": "taken_at"}.get(field.name, field.name)
    for field in fields(ImageSummary)
    if field.name not in _OTHER_FIELDS
)


def summary_item(image: ImageSummary) -> Item:
    """Return the attributes that an image's row and its index rows share."""
    return {
        "id": image.id,
        "state": str(image.state),
        "name": image.name,
        "media_type": image.media_type,
        "size": image.size,
        "width": image.width,
        "height": image.height,
        "taken_at": dump_capture_time(image.taken),
        "reason": image.reason,
        **({"damage": image.damage} if image.damage else {}),
        "trashed_at": image.trashed_at.isoformat() if image.trashed_at else None,
        "tags": dump_counts(image.indexed_tags, image.certain),
    }


def to_summary(owner: str, attributes: Attributes) -> ImageSummary:
    """Convert the attributes of an image's row, or of its row in a view, to a summary.

    Lists and searches convert many rows. So this reads their attributes directly, without an item.
    """
    tags: dict[str, int] = {}
    certain: dict[str, int] = {}
    marks: dict[str, int] = {}
    for tag, stored in attributes["tags"]["M"].items():
        count, certain_count = (int(each["N"]) for each in stored["L"]) if "L" in stored else (int(stored["N"]), 0)
        (marks if tag.startswith(MARK) else tags)[tag] = count
        if certain_count:
            certain[tag] = certain_count
    return ImageSummary(
        owner=owner,
        id=attributes["id"]["S"],
        state=ImageState(attributes["state"]["S"]),
        name=attributes["name"]["S"],
        media_type=attributes["media_type"]["S"],
        size=int(attributes["size"]["N"]),
        width=int(attributes["width"]["N"]),
        height=int(attributes["height"]["N"]),
        taken=load_capture_time(attributes["taken_at"].get("S")),
        reason=attributes["reason"]["S"],
        damage=attributes["damage"]["S"] if "damage" in attributes else "",
        trashed_at=_to_datetime(attributes["trashed_at"].get("S")),
        tags=tags,
        certain=certain,
        marks=marks,
    )


def image_item(image: Image) -> Item:
    """Convert an image to its row. DynamoDB may delete the row after `expires_at`."""
    expiry = find_expiry(image)
    return {
        **image_key(image.owner, image.id),
        **state_key(image),
        **review_key(image),
        **summary_item(image),
        "version": image.version,
        "sha256": image.sha256,
        "duplicate_of": image.duplicate_of,
        "model": image.model,
        "metadata": dump_metadata(image.metadata),
        **({"sidecar": sidecar} if (sidecar := dump_metadata(image.sidecar)) else {}),
        "detections": [_detection_item(detection) for detection in image.detections],
        "corrections": [_correction_item(correction) for correction in image.corrections],
        **({"drawn": [_drawn_item(drawn) for drawn in image.drawn]} if image.drawn else {}),
        "edits": {tag: _edit_item(edit) for tag, edit in image.edits.items()},
        "requests": [[request.key, request.body] for request in image.requests],
        "redetection": image.redetection,
        **({"upload_id": image.upload_id} if image.upload_id else {}),
        "file_time": image.file_time.isoformat() if image.file_time else None,
        **({"favourite": True} if image.favourite else {}),
        **({"albums": list(image.albums)} if image.albums else {}),
        **({"undone_to": image.undone_to} if image.undone_to else {}),
        **({"picture_hash": image.picture_hash} if image.picture_hash else {}),
        **({"expires_at": int(expiry.timestamp())} if expiry else {}),
    }


def to_image(owner: str, item: Item) -> Image:
    """Convert an image's row to the image."""
    return Image(
        owner=owner,
        id=item["id"],
        state=ImageState(item["state"]),
        name=item["name"],
        media_type=item["media_type"],
        size=int(item["size"]),
        width=int(item["width"]),
        height=int(item["height"]),
        taken=load_capture_time(item["taken_at"]),
        reason=item["reason"],
        damage=item.get("damage", ""),
        trashed_at=_to_datetime(item["trashed_at"]),
        version=int(item["version"]),
        sha256=item["sha256"],
        duplicate_of=item["duplicate_of"],
        model=item["model"],
        metadata=load_metadata(item.get("metadata", "")),  # earlier versions wrote none
        sidecar=load_metadata(item.get("sidecar", "")),
        detections=tuple(_to_detection(detection) for detection in item["detections"]),
        corrections=tuple(_to_correction(correction) for correction in item["corrections"]),
        drawn=tuple(_to_drawn(drawn) for drawn in item.get("drawn", [])),
        edits={tag: _to_edit(edit) for tag, edit in item["edits"].items()},
        requests=tuple(RequestId(*request) for request in item["requests"]),
        redetection=item["redetection"],
        upload_id=item.get("upload_id", ""),
        file_time=_to_datetime(item.get("file_time")),
        favourite=item.get("favourite", False),
        albums=tuple(item.get("albums", ())),
        undone_to=int(item.get("undone_to", 0)),
        picture_hash=load_hash(item.get("picture_hash", "")),
    )


def outbox_item(row: OutboxRow) -> Item:
    """Convert an outbox row to an item."""
    return {
        **outbox_key(row),
        "owner": row.owner,
        "kind": str(row.kind),
        "image": row.image_id,
        "version": row.version,
        "due_at": row.due_at,
    }


def to_outbox_row(item: Item) -> OutboxRow:
    """Convert an item to an outbox row."""
    return OutboxRow(
        owner=item["owner"],
        id=item["sk"].removeprefix("OUT#"),
        kind=OutboxKind(item["kind"]),
        image_id=item["image"],
        version=int(item["version"]),
        due_at=int(item["due_at"]),
    )


def announcement_item(announcement: Announcement) -> Item:
    """Return the attributes of an announcement without its key. Those of `FIRST_ATTRIBUTES` do not change later."""
    return {
        "version": announcement.version,
        "created_at": announcement.created_at,
        "before": _dump_tags(announcement.before),
        "before_taken": dump_taken(announcement.before) if announcement.before else None,
        "was_ready": announcement.was_ready,
        "after": _dump_tags(announcement.after),
        "after_taken": dump_taken(announcement.after) if announcement.after else None,
        "is_ready": announcement.is_ready,
    }


def to_announcement(owner: str, item: Item) -> Announcement:
    """Convert an item to an announcement."""
    announcement_id = item["sk"].removeprefix("ANNOUNCE#")
    return Announcement(
        owner=owner,
        id=announcement_id,
        version=int(item["version"]),
        created_at=int(item["created_at"]),
        before=_to_snapshot(announcement_id, item, "before"),
        was_ready=item["was_ready"],
        after=_to_snapshot(announcement_id, item, "after"),
        is_ready=item["is_ready"],
    )


def _to_snapshot(announcement_id: str, item: Item, name: str) -> Snapshot | None:
    if item[name] is None:
        return None
    image_id = announcement_id.partition("#")[0]
    return load_snapshot(image_id, *load_counts(item[name]), item.get(f"{name}_taken"))  # earlier ones have no time


def _dump_tags(image: Snapshot | None) -> StoredCounts | None:
    return None if image is None else dump_counts(image.tags, image.certain)


def _to_datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _detection_item(detection: Detection) -> Item:
    return {
        "label": detection.label,
        "confidence": Decimal(f"{detection.confidence:.4f}"),
        "box": _box_item(detection.box),
    }


def _to_detection(item: Item) -> Detection:
    return Detection(item["label"], float(item["confidence"]), _to_box(item["box"]))


def _edit_item(edit: TagEdit) -> Item:
    before = _edit_item(edit.before) if edit.before else None
    optional = {"certain": edit.certain, "renamed_to": edit.renamed_to, "before": before}
    more = {name: value for name, value in optional.items() if value is not None}
    return {"count": edit.count, "at": edit.at.isoformat(), **more}


def _to_edit(item: Item) -> TagEdit:
    certain = int(item["certain"]) if "certain" in item else None
    before = _to_edit(item["before"]) if "before" in item else None
    return TagEdit(int(item["count"]), datetime.fromisoformat(item["at"]), certain, item.get("renamed_to"), before)


def _correction_item(correction: Correction) -> Item:
    return {
        "detected_label": correction.detected_label,
        "box": _box_item(correction.box),
        "label": correction.label,
        "at": correction.at.isoformat(),
        **({"moved": _box_item(correction.moved)} if correction.moved else {}),
        **({"renamed": True} if correction.renamed else {}),
    }


def _to_correction(item: Item) -> Correction:
    return Correction(
        item["detected_label"],
        _to_box(item["box"]),
        item["label"],
        datetime.fromisoformat(item["at"]),
        moved=_to_box(item["moved"]) if "moved" in item else None,
        renamed=item.get("renamed", False),
    )


def _drawn_item(drawn: DrawnBox) -> Item:
    return {"id": drawn.id, "label": drawn.label, "box": _box_item(drawn.box), "at": drawn.at.isoformat()}


def _to_drawn(item: Item) -> DrawnBox:
    return DrawnBox(item["id"], item["label"], _to_box(item["box"]), datetime.fromisoformat(item["at"]))


def _box_item(box: BoundingBox) -> list[Decimal]:
    return [Decimal(f"{edge:.1f}") for edge in box.edges]


def _to_box(edges: Sequence[Decimal]) -> BoundingBox:
    return BoundingBox(*map(float, edges))
