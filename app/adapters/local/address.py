"""Holds the address at which the current client reaches PixTag. Links and upload forms begin with this address."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Final

DEFAULT: Final = "http://127.0.0.1:8000"
OBJECTS_PATH: Final = "/objects"  # of links and forms

_address: Final[ContextVar[str]] = ContextVar("address", default=DEFAULT)


def address() -> str:
    """Return the scheme and host at which the current client reaches PixTag, without a slash at the end."""
    return _address.get()


@contextmanager
def use_address(url: str) -> Iterator[None]:
    """Use this address until the context ends. Other requests, which run at the same time, keep their own address."""
    token = _address.set(url)
    try:
        yield
    finally:
        _address.reset(token)
