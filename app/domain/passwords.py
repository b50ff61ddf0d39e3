"""Hashes passwords with argon2id.

Each hash needs 64 MiB of memory, so PixTag computes only one at a time. A password for an unknown address is verified
against a hash that no password has, so that the response takes as long as for a known address.
"""

from base64 import b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from threading import BoundedSemaphore, Lock
from typing import Final

import argon2
from argon2.exceptions import InvalidHashError, VerificationError

from app.domain.errors import TooManyRequests

PARAMETERS: Final = argon2.profiles.RFC_9106_LOW_MEMORY
MAX_CALLS: Final = 16  # hashed or waiting; more calls would occupy all threads of the API
RETRY_SECONDS: Final = 5


class Passwords:
    """Hashes and verifies passwords.

    Both operations raise TooManyRequests if too many other calls are waiting. This limit is the same for all addresses.

    Source: https://www.rfc-editor.org/rfc/rfc9106#section-4
    """

    def __init__(self, parameters: argon2.Parameters = PARAMETERS) -> None:
        self._hasher = argon2.PasswordHasher.from_parameters(parameters)
        self._nobody = _make_unmatched_hash(parameters)
        self._calls = BoundedSemaphore(MAX_CALLS)
        self._lock = Lock()

    def hash(self, password: str) -> str:
        """Return the password's hash. It contains the salt and the parameters."""
        with self._turn():
            return self._hasher.hash(_encode(password))

    def verify(self, password_hash: str | None, password: str) -> bool:
        """Return whether the hash is of this password. For None, do the same work and return False."""
        with self._turn():
            try:
                return self._hasher.verify(password_hash or self._nobody, _encode(password))
            except (InvalidHashError, VerificationError):
                return False

    def is_outdated(self, password_hash: str) -> bool:
        """Return whether the hash has other parameters than new hashes."""
        return self._hasher.check_needs_rehash(password_hash)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._calls.acquire(blocking=False):
            raise TooManyRequests("Too many people are signing in.", RETRY_SECONDS)
        try:
            with self._lock:
                yield
        finally:
            self._calls.release()


def _encode(password: str) -> bytes:
    """Return the password in UTF-8. Surrogates are encoded too, because they can occur in command-line arguments."""
    return password.encode("utf-8", "surrogatepass")


def _make_unmatched_hash(parameters: argon2.Parameters) -> str:
    """Return a hash with these parameters that no known password has. It is not computed."""
    salt, digest = (
        b64encode(bytes(length)).decode().rstrip("=") for length in (parameters.salt_len, parameters.hash_len)
    )
    costs = f"m={parameters.memory_cost},t={parameters.time_cost},p={parameters.parallelism}"
    return f"$argon2id$v={parameters.version}${costs}${salt}${digest}"
