"""Defines the errors of shares."""

from app.domain.errors.base import PixTagError


class ShareNotFound(PixTagError):
    """You have no share with this id. It may have been revoked."""

    def __init__(self) -> None:
        super().__init__("There is no such share. It may have been revoked.")


class ShareLinkInvalid(PixTagError):
    """The link of the share does not work.

    It may have ended, or it never existed. Visitors do not learn which.
    """

    def __init__(self) -> None:
        super().__init__("This link does not work. It may have expired, or the owner has ended it.")


class SharedPhotoNotFound(PixTagError):
    """The share does not contain this photo, or no longer."""

    def __init__(self) -> None:
        super().__init__("This photo is not shared, or no longer. Go back to all photos.")


class SharePasswordRequired(PixTagError):
    """The share has a password that the visitor has not entered."""

    def __init__(self) -> None:
        super().__init__("This link has a password. Open the page of the link, and enter the password.")


class OriginalNotShared(PixTagError):
    """The original of a shared photo cannot be downloaded."""

    def __init__(self) -> None:
        super().__init__("The original of this photo cannot be downloaded here. You can save the large preview.")


class TooManyShares(PixTagError):
    """You already have the maximum number of shares."""

    def __init__(self, maximum: int) -> None:
        super().__init__(f"You can have at most {maximum} shares. Delete one first.")
