"""Converts between domain objects and rows of the database. Lists and mappings are stored as JSON."""

import json
import logging
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import fields
from datetime import datetime
from types import MappingProxyType
from typing import Any, Final

from app.domain.announcements import Announcement
from app.domain.capture_times import dump_capture_time, load_capture_time
from app.domain.corrections import Correction, DrawnBox
from app.domain.errors import DAMAGE, ImageDamaged, RowDamaged
from app.domain.images import Image, ImageState, ImageSummary, RequestId, find_expiry
from app.domain.metadata import dump_metadata, load_metadata
from app.domain.outbox import OutboxKind, OutboxRow
from app.domain.picture_hashes import load_hash
from app.domain.snapshots import Snapshot, dump_taken, load_snapshot
from app.domain.tag_counts import dump_counts, load_counts
from app.domain.tags import TagEdit, Tags
from app.domain.texts import dump_texts, read_texts
from detector import BoundingBox, Detection

SUMMARY_COLUMNS: Final = tuple({"taken": "taken_at"}.get(field.name, field.name) for field in fields(ImageSummary))

NOTHING: Final[Mapping[str, Any]] = MappingProxyType({})

Value = str | int | None


logger: Final = logging.getLogger(__name__)


@contextmanager
def name_damage(name: str, make_error: Callable[[str], RowDamaged] = ImageDamaged) -> Iterator[None]:
    """Raise and log an error that names an image, or another row, that cannot be converted or has invalid UTF-8.

    Without a name, the error is not logged.

    Close the cursor in the block. The error can keep it alive, and while a cursor is in the middle of its rows, the
    next transactions of its connection see the old state and cannot write
    (`findings/sqlite3-error-keeps-snapshot.sh`).

    Raises:
        RowDamaged: the row is damaged.
    """
    try:
        yield
    except (*DAMAGE, sqlite3.OperationalError) as error:
        if hasattr(error, "sqlite_errorcode"):  # SQLite failed, and not the conversion of a text
            raise
        damage = make_error(name)
        if name:
            logger.error("%s", damage)  # noqa: TRY400 - no bug
        raise damage from error


def image_row(image: Image) -> dict[str, Value]:
    """Convert an image to its row, without the columns that the database computes."""
    expiry = find_expiry(image)
    return {
        "owner": image.owner,
        "id": image.id,
        "state": str(image.state),
        "name": image.name,
        "media_type": image.media_type,
        "size": image.size,
        "width": image.width,
        "height": image.height,
        "taken_at": dump_capture_time(image.taken),
        "reason": image.reason,
        "damage": image.damage,
        "trashed_at": _from_datetime(image.trashed_at),
        "sorted_at": image.sorted_at,
        "tags": _dump(dict(image.tags)),
        "certain": _dump(dict(image.certain)),
        "marks": _dump(dict(image.marks)),
        "review_key": image.review_key,
        "version": image.version,
        "sha256": image.sha256,
        "duplicate_of": image.duplicate_of,
        "model": image.model,
        "metadata": dump_metadata(image.metadata),
        "sidecar": dump_metadata(image.sidecar),
        "redetection": image.redetection,
        "upload_id": image.upload_id,
        "file_time": _from_datetime(image.file_time),
        "favourite": image.favourite,
        "albums": _dump(list(image.albums)),
        "texts": dump_texts(read_texts(image.name, image.metadata)),
        "undone_to": image.undone_to,
        "picture_hash": image.picture_hash,
        "expires_at": int(expiry.timestamp()) if expiry else None,
        "requests": _dump([[request.key, request.body] for request in image.requests]),
        "edits": _dump({tag: _dump_edit(edit) for tag, edit in image.edits.items()}),
        "corrections": _dump([_dump_correction(correction) for correction in image.corrections]),
        "drawn": _dump([_dump_drawn(drawn) for drawn in image.drawn]),
        "detections": _dump([_dump_detection(detection) for detection in image.detections]),
    }


def to_summary(row: sqlite3.Row) -> ImageSummary:
    """Convert a row with the columns of a summary."""
    tags, certain, marks = (to_tags(row[name]) for name in ("tags", "certain", "marks"))
    return ImageSummary(**_summary_fields(row), tags=tags, certain=certain, marks=marks)


def to_image(row: sqlite3.Row) -> Image:
    """Convert a row with all columns."""
    return Image(
        **_summary_fields(row),
        version=row["version"],
        sha256=row["sha256"],
        duplicate_of=row["duplicate_of"],
        model=row["model"],
        metadata=load_metadata(row["metadata"]),
        sidecar=load_metadata(row["sidecar"]),
        redetection=row["redetection"],
        upload_id=row["upload_id"],
        file_time=_to_datetime(row["file_time"]),
        favourite=bool(row["favourite"]),
        albums=tuple(json.loads(row["albums"])),
        undone_to=row["undone_to"],
        picture_hash=load_hash(row["picture_hash"]),
        requests=tuple(RequestId(*request) for request in json.loads(row["requests"])),
        edits={tag: _load_edit(*edit) for tag, edit in json.loads(row["edits"]).items()},
        corrections=tuple(_load_correction(*correction) for correction in json.loads(row["corrections"])),
        drawn=tuple(_load_drawn(*drawn) for drawn in json.loads(row["drawn"])),
        detections=tuple(_load_detection(*detection) for detection in json.loads(row["detections"])),
    )


def outbox_row(row: OutboxRow) -> dict[str, Value]:
    """Convert an outbox row to a row of the database."""
    return {
        "owner": row.owner,
        "id": row.id,
        "kind": str(row.kind),
        "image": row.image_id,
        "version": row.version,
        "due_at": row.due_at,
    }


def to_outbox_row(row: sqlite3.Row) -> OutboxRow:
    """Convert a row of the database to an outbox row."""
    return OutboxRow(
        owner=row["owner"],
        id=row["id"],
        kind=OutboxKind(row["kind"]),
        image_id=row["image"],
        version=row["version"],
        due_at=row["due_at"],
    )


def announcement_row(announcement: Announcement) -> dict[str, Value]:
    """Convert an announcement to its row."""
    return {
        "owner": announcement.owner,
        "id": announcement.id,
        "version": announcement.version,
        "created_at": announcement.created_at,
        "before": _dump_tags(announcement.before),
        "before_taken": _dump_taken(announcement.before),
        "was_ready": announcement.was_ready,
        "after": _dump_tags(announcement.after),
        "after_taken": _dump_taken(announcement.after),
        "is_ready": announcement.is_ready,
    }


def to_announcement(row: sqlite3.Row) -> Announcement:
    """Convert a row to an announcement."""
    return Announcement(
        owner=row["owner"],
        id=row["id"],
        version=row["version"],
        created_at=row["created_at"],
        before=_to_snapshot(row, "before"),
        was_ready=bool(row["was_ready"]),
        after=_to_snapshot(row, "after"),
        is_ready=bool(row["is_ready"]),
    )


def to_tags(text: str) -> Tags:
    """Convert the JSON text of tags."""
    if text == "{}":  # most images have no marks
        return {}
    tags: Tags = json.loads(text)
    if not (isinstance(tags, dict) and all(isinstance(count, int) for count in tags.values())):
        raise TypeError("tags have counts")
    return tags


def _summary_fields(row: sqlite3.Row) -> dict[str, Any]:
    """Return a summary's fields without counts. An `Image` derives them."""
    return {
        "owner": row["owner"],
        "id": row["id"],
        "state": ImageState(row["state"]),
        "name": row["name"],
        "media_type": row["media_type"],
        "size": row["size"],
        "width": row["width"],
        "height": row["height"],
        "taken": load_capture_time(row["taken_at"]),
        "reason": row["reason"],
        "damage": row["damage"],
        "trashed_at": _to_datetime(row["trashed_at"]),
    }


def _dump(value: Mapping[str, Any] | list[Any]) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _dump_tags(image: Snapshot | None) -> str | None:
    return None if image is None else _dump(dump_counts(image.tags, image.certain))


def _dump_taken(image: Snapshot | None) -> str | None:
    return None if image is None else dump_taken(image)


def _to_snapshot(row: sqlite3.Row, name: str) -> Snapshot | None:
    if row[name] is None:
        return None
    tags, certain = load_counts(json.loads(row[name]))
    return load_snapshot(row["id"].partition("#")[0], tags, certain, row[f"{name}_taken"])


def _from_datetime(moment: datetime | None) -> str | None:
    return moment.isoformat() if moment else None


def _to_datetime(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None


def _dump_detection(detection: Detection) -> list[Any]:
    return [detection.label, round(detection.confidence, 4), _dump_box(detection.box)]


def _load_detection(label: str, confidence: float, edges: list[float]) -> Detection:
    return Detection(label, confidence, BoundingBox(*edges))


def _dump_edit(edit: TagEdit) -> list[Any]:
    before = _dump_edit(edit.before) if edit.before else None
    values = [edit.count, edit.at.isoformat(), edit.certain, edit.renamed_to, before]
    while values[-1] is None:
        values.pop()
    return values


def _load_edit(
    count: int, at: str, certain: int | None = None, renamed_to: str | None = None, before: list[Any] | None = None
) -> TagEdit:
    return TagEdit(count, datetime.fromisoformat(at), certain, renamed_to, _load_edit(*before) if before else None)


def _dump_correction(correction: Correction) -> list[Any]:
    more = {
        **({"moved": _dump_box(correction.moved)} if correction.moved else {}),
        **({"renamed": True} if correction.renamed else {}),
    }
    values = [correction.detected_label, _dump_box(correction.box), correction.label, correction.at.isoformat()]
    return [*values, more] if more else values


def _load_correction(
    detected_label: str, edges: list[float], label: str | None, at: str, more: Mapping[str, Any] = NOTHING
) -> Correction:
    return Correction(
        detected_label,
        BoundingBox(*edges),
        label,
        datetime.fromisoformat(at),
        moved=BoundingBox(*more["moved"]) if "moved" in more else None,
        renamed=more.get("renamed", False),
    )


def _dump_drawn(drawn: DrawnBox) -> list[Any]:
    return [drawn.id, drawn.label, _dump_box(drawn.box), drawn.at.isoformat()]


def _load_drawn(box_id: str, label: str, edges: list[float], at: str) -> DrawnBox:
    return DrawnBox(box_id, label, BoundingBox(*edges), datetime.fromisoformat(at))


def _dump_box(box: BoundingBox) -> list[float]:
    return [round(edge, 1) for edge in box.edges]
