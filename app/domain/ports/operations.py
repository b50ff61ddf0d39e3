"""Defines the interface of the store of operations."""

from collections.abc import Sequence
from typing import Protocol

from app.domain.operations import Operation, UndoRow


class Operations(Protocol):
    """Reads and writes operations, and reads their undo rows. `Images.save` writes the undo rows."""

    def proceed(self, owner: str, operation_id: str) -> Operation:
        """Begin or continue an operation, and return it.

        Raises:
            OperationEnded: see `continue_operation`.
        """

    def get(self, owner: str, operation_id: str, *, has_begun: bool = False) -> Operation:
        """Return an operation that can be undone.

        Args:
            owner: The owner.
            operation_id: The id of the operation.
            has_begun: Whether its undo has begun, so that the undo can continue for a further hour.

        Raises:
            OperationNotFound: the owner has no such operation, or it can no longer be undone.
        """

    def list_rows(self, operation: Operation, limit: int, after: str = "") -> Sequence[UndoRow]:
        """Return up to `limit` undo rows whose image ids are greater than `after`, by image id.

        Expired rows of an earlier operation with the same id can be among them, see `Operation.includes`. DynamoDB can
        keep them for days. The read is strongly consistent.
        """

    def find_row(self, row: UndoRow) -> UndoRow | None:
        """Return the stored row of the same operation and image, or None. The read is strongly consistent."""
