"""Continues with other work after a failure."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from app.domain.errors import ObjectUnreadable, RowDamaged, StartFailed, StorageFull, Unavailable

_EXPECTED: Final = (
    ObjectUnreadable,
    RowDamaged,
    StartFailed,
    StorageFull,
    Unavailable,
)  # their messages say what to do

logger: Final = logging.getLogger(__name__)


@contextmanager
def contain_failure(
    kind: str, name: str, failures: list[str] | None = None, *, uncontained: tuple[type[Exception], ...] = ()
) -> Iterator[None]:
    """Log an exception and add the name to `failures`, if given, so that other work continues.

    Failed work is repeated: a message is delivered again, and scheduled work is tried again a minute later. Exceptions
    of the types in `uncontained` are raised.
    """
    try:
        yield
    except uncontained:
        raise
    except Exception as error:  # the only place where PixTag continues after any exception
        if isinstance(error, _EXPECTED):
            logger.error("%s %s failed: %s", kind, name, error)  # noqa: TRY400 - no bug
        else:
            logger.exception("%s %s failed", kind, name)
        if failures is not None:
            failures.append(name)
