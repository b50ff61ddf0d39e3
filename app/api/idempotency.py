"""Identifies requests that a client may repeat, by the header `Idempotency-Key`."""

import hashlib
from typing import Annotated, Final

from fastapi import Header
from pydantic import BaseModel

from app.domain.images import RequestId

DIGEST_CHARACTERS: Final = 32  # 128 bits, so that two texts practically never have the same digest

IdempotencyKey = Annotated[
    str | None,
    Header(
        min_length=1,
        max_length=255,
        description="A unique key for the request. If you repeat the request with the key, no image changes twice.",
        examples=["8e03978e-40d5-43e8-bc93-6894a57f9324"],
    ),
]


def identify_request(key: str | None, request: BaseModel) -> RequestId | None:
    """Return the id of a request with this key, or None if it has no key."""
    return RequestId(_digest(key), _digest(request.model_dump_json())) if key else None


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:DIGEST_CHARACTERS]
