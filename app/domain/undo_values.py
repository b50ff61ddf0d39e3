"""Records which values of an image a change replaced, and restores them."""

import json
from collections.abc import Callable, Mapping
from dataclasses import fields, replace
from datetime import datetime
from typing import Any, Final

from app.domain.capture_times import dump_capture_time, load_capture_time
from app.domain.corrections import Correction, DrawnBox
from app.domain.errors import ChangedSinceOperation, ImageNotFound
from app.domain.images import Image, ImageState, move_to_trash, restore_from_trash
from app.domain.operations import Operation, UndoRow
from app.domain.tags import TagEdit
from detector import BoundingBox

_TAKEN: Final = "taken"
_STATE: Final = "state"

_LOAD: Final[Mapping[str, Callable[[Any], Any]]] = {
    "edits": lambda edits: {tag: TagEdit(**_load_members(edit)) for tag, edit in edits.items()},
    "corrections": lambda corrections: tuple(Correction(**_load_members(each)) for each in corrections),
    "favourite": bool,
    "albums": tuple,
    "drawn": lambda drawn: tuple(DrawnBox(**_load_members(each)) for each in drawn),
    _TAKEN: load_capture_time,
    _STATE: ImageState,
}
"""Converts the JSON value of each field that an operation can change."""


def make_undo_row(operation: Operation, before: Image, after: Image) -> UndoRow | None:
    """Return the row that undoes a change of an image. Return None for a purge, which cannot be undone."""
    if after.state is ImageState.GONE:
        return None
    values = {name: getattr(before, name) for name in _LOAD if getattr(before, name) != getattr(after, name)}
    if _TAKEN in values:
        values[_TAKEN] = dump_capture_time(before.taken)
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"), default=_dump)
    return UndoRow(
        owner=before.owner,
        operation=operation.id,
        image_id=before.id,
        version=before.version + 1,
        first=before.undone_to or before.version,
        values=text,
        expires_at=operation.expires_at,
    )


def is_move(row: UndoRow) -> bool:
    """Return whether the change only moved an image to the trash or from there."""
    return set(json.loads(row.values)) == {_STATE}


def undo_change(image: Image, row: UndoRow, now: datetime) -> Image:
    """Return the image with the values that it had before the operation.

    Later operations that were undone do not count as changes.
    An image that the operation restored returns to the trash for the whole time, as if it was deleted now.

    Raises:
        ChangedSinceOperation: the image was changed after the operation.
        ImageNotFound: the image was deleted permanently.
    """
    if image.state is ImageState.GONE:
        raise ImageNotFound
    if row.version not in {image.version, image.undone_to}:
        raise ChangedSinceOperation
    values = {name: _LOAD[name](value) for name, value in json.loads(row.values).items()}
    state = values.pop(_STATE, None)
    restored = replace(image, **values)
    if state is None:
        return restored
    return restore_from_trash(restored) if state is ImageState.READY else move_to_trash(restored, now)


def _dump(value: TagEdit | Correction | DrawnBox | BoundingBox | datetime) -> str | dict[str, Any]:
    """Return what JSON contains instead of a dataclass or a time."""
    if isinstance(value, datetime):
        return value.isoformat()
    return {each.name: getattr(value, each.name) for each in fields(value) if each.compare}


def _load_members(members: Mapping[str, Any]) -> dict[str, Any]:
    """Convert the members of a dataclass. A mapping is a box."""
    boxes = {name: BoundingBox(**value) for name, value in members.items() if isinstance(value, dict)}
    return {**members, **boxes, "at": datetime.fromisoformat(members["at"])}
