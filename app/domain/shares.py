"""Defines shares: links with which people without an account see some photos of a library."""

import hmac
from base64 import urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Final

from app.domain.owner_tokens import TokenForm

MAX_SHARES: Final = 100  # of an owner
MAX_IMAGES: Final = 500  # of a share of single photos
MAX_TITLE: Final = 100  # characters
MIN_PASSWORD: Final = 8  # characters
MAX_PASSWORD: Final = 128
SECRET_BYTES: Final = 32
COPY_DAYS: Final = 7  # for which a copy of an original without metadata is kept
PRIVATE: Final = "private"  # the tag of photos that no share includes
TOKENS: Final = TokenForm("")  # without a prefix, because links should be short


class ShareKind(StrEnum):
    """What a share contains."""

    IMAGES = "images"  # single photos
    ALBUM = "album"
    SUBSCRIPTION = "subscription"  # a saved search


@dataclass(frozen=True, slots=True)
class Share:
    """What the owner sees of a share.

    Attributes:
        id: A ULID.
        title: The title of its page. If it is empty, the page has a general one.
        kind: What the share contains.
        source: The id of the album or of the saved search. It is empty for single photos.
        image_count: The number of single photos. It is 0 for other kinds.
        created_at: When it was created.
        expires_at: When it ends. None if it does not end by itself.
        has_password: Whether visitors need a password.
        originals: Whether visitors can download the originals, without their metadata.
        views: How often visitors have opened its page.
        last_viewed: The day (UTC) of the last view. None if there was none.
    """

    id: str
    title: str
    kind: ShareKind
    source: str
    image_count: int
    created_at: datetime
    expires_at: datetime | None
    has_password: bool
    originals: bool
    views: int = 0
    last_viewed: date | None = None

    def has_ended(self, now: datetime) -> bool:
        """Return whether the share has expired."""
        return self.expires_at is not None and self.expires_at <= now


@dataclass(frozen=True, slots=True)
class StoredShare:
    """A share and its secrets.

    Attributes:
        share: The share.
        token_hash: The hash of the token in its link.
        secret: Random bytes that no visitor knows. They sign the cookies and encrypt the cursors of this share.
        password_hash: The hash of its password. It is empty if there is none.
    """

    share: Share
    token_hash: str = field(repr=False)
    secret: bytes = field(repr=False)
    password_hash: str = field(default="", repr=False)

    @property
    def pass_value(self) -> str:
        """The cookie of visitors who have entered the password. It is worth nothing for any other share."""
        signature = hmac.digest(self.secret, f"share-pass:{self.password_hash}".encode(), "sha256")
        return urlsafe_b64encode(signature).rstrip(b"=").decode()

    def admits(self, pass_value: str) -> bool:
        """Return whether a visitor with this cookie can see the photos. It is empty if the visitor has none."""
        expected, received = self.pass_value.encode(), pass_value.encode(errors="replace")
        return not self.password_hash or hmac.compare_digest(expected, received)
