"""Defines operations: changes of many images, in one or more requests, that can be undone together for an hour."""

import hashlib
import json
import re
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Final
from uuid import UUID, uuid4

from app.domain.errors import OperationEnded, OperationNotFound
from app.domain.images import Image

UNDO_LIFE: Final = timedelta(hours=1)  # after the latest request of the operation
MAX_DURATION: Final = timedelta(hours=2)  # between the first and the latest request of an operation
UNDO_DURATION: Final = timedelta(hours=1)  # to complete an undo that has begun
ROW_LIFE: Final = MAX_DURATION + UNDO_LIFE + UNDO_DURATION

OPERATION_ID: Final = "[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}|[0-7][0-9A-HJKMNP-TV-Za-hjkmnp-tv-z]{25}"
"""A UUID or a ULID."""

_DIGEST_BYTES: Final = 16


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a person. Times are in Unix time (seconds).

    Attributes:
        owner: The owner of the images.
        id: A UUID or a ULID in lower case, which the client chose.
        started_at: The time of its first request.
        continued_at: The time of its latest request.
    """

    owner: str
    id: str
    started_at: int
    continued_at: int

    @property
    def expires_at(self) -> int:
        """The time after which the stores may delete its rows. It is the same during the whole operation."""
        return self.started_at + _seconds(ROW_LIFE)

    def can_be_undone(self, now: int, *, has_begun: bool = False) -> bool:
        """Return whether an undo can begin, or whether an undo that has begun can continue."""
        life = UNDO_LIFE + UNDO_DURATION if has_begun else UNDO_LIFE
        return now < self.continued_at + _seconds(life)

    def includes(self, row: "UndoRow") -> bool:
        """Return whether a row with the operation's id is not that of an earlier, expired operation."""
        return row.expires_at > self.started_at


@dataclass(frozen=True, slots=True)
class UndoRow:
    """What an operation replaced in one image. It is written together with each change of the image by the operation.

    Attributes:
        owner: The owner of the image.
        operation: The id of the operation.
        image_id: The id of the image.
        version: The version of the image after the operation, or after its undo.
        first: The version of the image before the operation. If that was an undo, the version that it restored.
        values: The values before the operation, in JSON (`undo_values.py`).
        expires_at: `Operation.expires_at`.
        undone: Whether the change was undone.
    """

    owner: str
    operation: str
    image_id: str
    version: int
    first: int
    values: str
    expires_at: int
    undone: bool = False


@dataclass(frozen=True, slots=True)
class ImageChange:
    """A change of an image by a request that changes many. `undo` is the row to write with it, or None."""

    before: Image
    after: Image
    undo: UndoRow | None = None

    @property
    def result(self) -> Image:
        """The image as it is written, with its next version."""
        undone_to = self.undo.first if self.undo and self.undo.undone else 0
        return replace(self.after, version=self.before.version + 1, undone_to=undone_to)


def parse_operation_id(text: str) -> str:
    """Return the id of an operation in lower case.

    Raises:
        OperationNotFound: the text is neither a UUID nor a ULID.
    """
    if not re.fullmatch(OPERATION_ID, text):
        raise OperationNotFound
    return text.lower()


def make_operation_id(idempotency_key: str | None) -> str:
    """Return an id for an operation whose client sent none. A request that is repeated with its key has the same id."""
    if not idempotency_key:
        return str(uuid4())
    return str(UUID(bytes=hashlib.sha256(idempotency_key.encode()).digest()[:_DIGEST_BYTES], version=4))


def continue_operation(stored: Operation | None, owner: str, operation_id: str, now: int) -> Operation:
    """Return the operation after another request.

    Args:
        stored: The operation as it is stored, or None before its first request.
        owner: The owner of the images.
        operation_id: The id of the operation.
        now: The current time in Unix time (seconds).

    Raises:
        OperationEnded: the operation can no longer be undone, or its first request was too long ago.
    """
    if stored is None or now >= stored.expires_at:
        return Operation(owner, operation_id, now, now)
    if not stored.can_be_undone(now) or now >= stored.started_at + _seconds(MAX_DURATION):
        raise OperationEnded
    return replace(stored, continued_at=now)


def merge_undo_row(stored: UndoRow | None, row: UndoRow) -> UndoRow:
    """Return the row to store for a change, whose row is `row`.

    If the operation changes an image twice, each value before its first change stays. If the image changed between
    the two, the stored row stays as it is, so that an undo finds out.
    """
    is_of_earlier = stored is not None and stored.expires_at <= row.expires_at - _seconds(ROW_LIFE)
    if stored is None or stored.undone or row.undone or is_of_earlier:
        return row
    if stored.version != row.version - 1:
        return stored
    values = json.loads(row.values) | json.loads(stored.values)
    text = json.dumps(values, ensure_ascii=False, separators=(",", ":"))
    return replace(stored, version=row.version, values=text)


def _seconds(duration: timedelta) -> int:
    return int(duration.total_seconds())
