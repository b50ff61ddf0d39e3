"""Defines the errors of operations, which can be undone."""

from app.domain.errors.base import PixTagError


class OperationNotFound(PixTagError):
    """You have no operation with this id that can be undone. That of another account gives the same error."""

    def __init__(self) -> None:
        super().__init__("There is no such change that can be undone. A change can be undone for an hour.")


class OperationEnded(PixTagError):
    """The operation began more than two hours ago, or it can no longer be undone, so it cannot continue."""

    def __init__(self) -> None:
        super().__init__("This operation has ended. Send a new id as `operation`.")


class ChangedSinceOperation(PixTagError):
    """The image was changed after the operation. It stays as it is."""

    def __init__(self) -> None:
        super().__init__("This photo was changed afterwards, so it stays as it is.")
