"""Rules that change images in operations, and that undo operations page by page."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import rule

from app.domain.albums import Album
from app.domain.dates import set_date
from app.domain.edits import TagChange
from app.domain.errors import ChangedSinceOperation, ImageNotFound, OperationNotFound
from app.domain.ids import EXAMPLE_ID
from app.domain.images import Image, ImageState
from app.domain.operations import Operation, UndoRow
from app.services.library import Library
from app.services.undo import Undo
from tests.property.date_rules import TIMES, DateRules
from tests.property.library_model import images, owners

OPERATIONS: Final = ("3f2504e0-4f89-41d3-9a0c-0305e82c3301", "01jd8xk3v5m0z8q4n2c7r9t1wy")

ALBUM: Final = Album(EXAMPLE_ID, "Summer", datetime(2026, 1, 31, tzinfo=UTC))

Key = tuple[str, str]
Change = Callable[[Library, Key, Operation], object]

CHANGES: Final[dict[str, Change]] = {
    "add": lambda library, key, operation: library.retag(*key, [TagChange("dog", 1)], operation=operation),
    "remove": lambda library, key, operation: library.retag(
        *key, [TagChange("cat", None, removes=True)], operation=operation
    ),
    "rename": lambda library, key, operation: library.rename_tag(*key, "dog", "person", operation=operation),
    "date": lambda library, key, operation: library.change_date(
        *key, lambda image: set_date(image, TIMES[0], datetime.now(UTC)), operation=operation
    ),
    "favourite": lambda library, key, operation: library.mark_favourite(*key, favourite=True, operation=operation),
    "no favourite": lambda library, key, operation: library.mark_favourite(*key, favourite=False, operation=operation),
    "album": lambda library, key, operation: library.change_album(*key, ALBUM.id, operation=operation),
    "no album": lambda library, key, operation: library.change_album(*key, ALBUM.id, removes=True, operation=operation),
    "trash": lambda library, key, operation: library.trash(*key, operation=operation),
    "restore": lambda library, key, operation: library.restore(*key, operation=operation),
}


@dataclass(frozen=True)
class Undoable:
    """The image before an operation, and the version that it had after the operation or its undo.

    `first` is the version whose contents the image had before the operation.
    """

    before: Image
    version: int
    first: int
    undone: bool = False


class UndoRules(DateRules):
    """Changes in operations, and their undo.

    Attributes:
        undoable: What each operation has changed, by owner and id.
        undone: The version of each image after its last undo, and the version whose contents it has had since then.
    """

    def __init__(self) -> None:
        super().__init__()
        self.operations = self.services.operations
        self.undoable: dict[tuple[str, str], dict[str, Undoable]] = {}
        self.undone: dict[Key, tuple[int, int]] = {}

    def find_first_version(self, key: Key) -> int:
        """Return the version that first had the contents of the image."""
        version = self.expected[key].version
        after_undo, first = self.undone.get(key, (0, 0))
        return first if version == after_undo else version

    @rule(key=images, operation_id=st.sampled_from(OPERATIONS), kind=st.sampled_from(sorted(CHANGES)))
    def change_in_operation(self, key: Key, operation_id: str, kind: str) -> None:
        if not self.services.albums.list(key[0]):
            self.services.albums.put(key[0], ALBUM)
        before = self.expected[key]
        if before.state is not (ImageState.TRASHED if kind == "restore" else ImageState.READY):
            return
        changes = self.undoable.setdefault((key[0], operation_id), {})
        first, contents = changes.get(key[1]), self.find_first_version(key)

        CHANGES[kind](self.library, key, self.operations.proceed(key[0], operation_id))

        now = self.learn(key)
        if now == before:
            return
        if first is None or first.undone:
            changes[key[1]] = Undoable(before, now.version, contents)
        elif first.version == before.version:
            changes[key[1]] = replace(first, version=now.version)

    @rule(owner=owners, operation_id=st.sampled_from(OPERATIONS), limit=st.integers(1, 3))
    def undo_operation(self, owner: str, operation_id: str, limit: int) -> None:
        changes = self.undoable.get((owner, operation_id))
        if changes is None:
            with pytest.raises(OperationNotFound):
                self.operations.get(owner, operation_id)
            return
        operation = self.operations.get(owner, operation_id)
        undone: list[str] = []
        while rows := self.operations.list_rows(operation, limit, undone[-1] if undone else ""):
            undo = Undo(self.services.images, self.operations, rows)
            for row in rows:
                changes[row.image_id] = self._undo(undo, row, changes[row.image_id])
                undone.append(row.image_id)

        assert undone == sorted(changes)

    def _undo(self, undo: Undo, row: UndoRow, change: Undoable) -> Undoable:
        key = row.owner, row.image_id
        current = self.expected[key]
        if change.undone:
            assert not undo.undo(row)
        elif current.state is ImageState.GONE:
            with pytest.raises(ImageNotFound):
                undo.undo(row)
        elif change.version not in {current.version, self.find_first_version(key)}:
            with pytest.raises(ChangedSinceOperation):
                undo.undo(row)
        else:
            assert undo.undo(row)
            now = self.learn(key)
            self.undone[key] = now.version, change.first
            assert now == replace(
                change.before,
                version=current.version + 1,
                requests=current.requests,
                trashed_at=now.trashed_at if change.before.trashed_at else None,
                undone_to=change.first,
            )
            assert not undo.undo(row)
            return replace(change, version=now.version, undone=True)
        assert self.read_image(key) == current
        return change
