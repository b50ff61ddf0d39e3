"""Connects the requests that change many images with operations, which can be undone."""

from typing import Annotated, Final

from fastapi import Depends
from pydantic import Field

from app.api.auth import CurrentUser
from app.api.dependencies import OperationsDep
from app.domain.errors import OperationEnded
from app.domain.operations import OPERATION_ID, Operation, make_operation_id, parse_operation_id
from app.domain.ports import Operations

EXAMPLE_OPERATION: Final = "3f2504e0-4f89-41d3-9a0c-0305e82c3301"

OperationId = Annotated[
    str | None,
    Field(
        pattern=f"^({OPERATION_ID})$",
        max_length=36,
        description="A UUID or a ULID for the operation. Requests with the same id are one operation, which"
        " `POST /operations/{operation}/undo` undoes. By default, each request is an operation of its own.",
        examples=[EXAMPLE_OPERATION],
    ),
]
AppliedOperation = Annotated[
    str | None,
    Field(
        description="The id of the operation, which can be undone for an hour after its latest request. Null if"
        " nothing can be undone: after a dry run or a permanent deletion.",
        examples=[EXAMPLE_OPERATION],
    ),
]


class OperationStarter:
    """Begins or continues the operation that a request of the caller belongs to."""

    def __init__(self, owner: str, operations: Operations) -> None:
        self._owner = owner
        self._operations = operations

    def proceed(
        self, operation_id: str | None, *, dry_run: bool, idempotency_key: str | None = None
    ) -> Operation | None:
        """Return the operation of a request, or None for a dry run.

        Args:
            operation_id: The id in the request. If it is None, the operation gets an id.
            dry_run: Whether the request changes nothing.
            idempotency_key: The key of the request. A repeated request belongs to the same operation until this has
                ended.

        Raises:
            OperationEnded: see `Operations.proceed`. Only an operation with an id in the request raises it.
        """
        if dry_run:
            return None
        if operation_id:
            return self._operations.proceed(self._owner, parse_operation_id(operation_id))
        try:
            return self._operations.proceed(self._owner, make_operation_id(idempotency_key))
        except OperationEnded:
            return self._operations.proceed(self._owner, make_operation_id(None))


async def operation_starter(user: CurrentUser, operations: OperationsDep) -> OperationStarter:
    """Return what begins the caller's operations."""
    return OperationStarter(user.owner, operations)


OperationStarterDep = Annotated[OperationStarter, Depends(operation_starter)]
