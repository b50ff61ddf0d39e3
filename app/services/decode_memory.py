"""Limits the memory of photos that one process decodes at the same time.

Several people can search by pictures at once. Without a limit, a few large photos would use all memory.
"""

import ctypes
from collections import deque
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from threading import Condition
from typing import Final

from app.domain.errors import Unavailable
from app.domain.images import Image

MAX_BYTES: Final = 800_000_000
BYTES_PER_PHOTO: Final = 32_000_000  # of the model, in addition to the photo
MAX_WAITING: Final = 8  # more would occupy the threads of the API
WAIT_SECONDS: Final = 10.0
TRIMMED_BYTES: Final = 100_000_000  # smaller photos leave little memory behind; trimming takes up to 30 ms


def trim_memory() -> None:
    """Return freed memory to the system, if the C library is glibc.

    Otherwise, each thread that has decoded a large photo would keep about 100 MB (`findings/pillow-freed-memory.sh`).
    """
    if trim := getattr(ctypes.CDLL(None), "malloc_trim", None):
        trim(0)


class DecodeMemory:
    """A budget of memory, which callers use in the order in which they request it.

    Attributes:
        max_bytes: The budget.
        used: The reserved bytes.
    """

    def __init__(
        self, max_bytes: int = MAX_BYTES, *, max_waiting: int = MAX_WAITING, wait_seconds: float = WAIT_SECONDS
    ) -> None:
        self.max_bytes = max_bytes
        self._max_waiting = max_waiting
        self._wait_seconds = wait_seconds
        self._changed = Condition()
        self._tickets: deque[object] = deque()  # of the waiting calls
        self.used = 0

    def reserve_for(self, photo: bytes) -> AbstractContextManager[None]:
        """Reserve memory for an encoded photo. For other bytes, reserve little, because they are not decoded."""
        from detector import pixels

        with suppress(pixels.UnreadablePhoto):
            return self.reserve(len(photo) + pixels.read_header(photo).decode_bytes)
        return self.reserve(len(photo))

    def reserve_for_original(self, image: Image) -> AbstractContextManager[None]:
        """Reserve memory for the original of a ready image, before it is read."""
        from detector import pixels

        return self.reserve(image.size + pixels.estimate_memory(image.media_type, image.width * image.height))

    @property
    def waiting(self) -> int:
        """The number of calls that wait for memory."""
        return len(self._tickets)

    @contextmanager
    def reserve(self, size: int | None = None) -> Iterator[None]:
        """Reserve memory while the context lasts. Wait for it if necessary. Calls cannot be nested.

        Args:
            size: The bytes of a photo and its pixels. None means that the size is unknown. A photo of unknown size, or
                one that needs more than the whole budget, is processed alone.

        Raises:
            Unavailable: too many other calls are waiting, or there is not enough memory for a while.
        """
        size = self.max_bytes if size is None else min(size + BYTES_PER_PHOTO, self.max_bytes)
        with self._changed:
            self._wait_for(size)
            self.used += size
        try:
            yield
        finally:
            if size >= TRIMMED_BYTES:
                trim_memory()
            with self._changed:
                self.used -= size
                self._changed.notify_all()

    def _wait_for(self, size: int) -> None:
        if len(self._tickets) >= self._max_waiting:
            raise _overload_error()
        ticket = object()
        self._tickets.append(ticket)
        try:
            if not self._changed.wait_for(
                lambda: self._tickets[0] is ticket and self.used + size <= self.max_bytes, self._wait_seconds
            ):
                raise _overload_error()
        finally:
            self._tickets.remove(ticket)
            self._changed.notify_all()


def _overload_error() -> Unavailable:
    return Unavailable("PixTag is processing too many large photos. Try again in a few seconds.")
