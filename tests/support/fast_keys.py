"""Checks each private RSA key only once, because the check takes longer than signing a hundred tokens.

Most tests use the same few keys.
"""

from functools import cache
from typing import Final

import jose.backends.cryptography_backend
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

load: Final = serialization.load_pem_private_key


@cache
def _load(data: bytes, password: bytes | None) -> PrivateKeyTypes:
    return load(data, password)


def load_pem_private_key(data: bytes, password: bytes | None, backend: object = None) -> PrivateKeyTypes:
    """Return the key in PEM. Errors are not kept."""
    return _load(data, password)


@cache
def speed_up() -> None:
    """Patch cryptography and python-jose for the rest of the process."""
    for module in (serialization, jose.backends.cryptography_backend):
        vars(module)["load_pem_private_key"] = load_pem_private_key
