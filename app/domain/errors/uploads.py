"""Defines the errors of uploads."""

from app.domain.errors.base import PixTagError


class UnsupportedType(PixTagError):
    """The media type is not supported."""

    def __init__(self, media_type: str, supported: frozenset[str]) -> None:
        super().__init__(f"{media_type!r} is not supported. Send one of: {', '.join(sorted(supported))}.")


class WrongSize(PixTagError):
    """The file is empty, the file or request is too large, or the file does not have the declared size."""


class InvalidForm(PixTagError):
    """The upload form was altered or is incomplete."""

    def __init__(self) -> None:
        super().__init__(
            "This upload form was altered or is incomplete. Get a new form from POST /uploads. Send each of its fields"
            " once, and then the field `file`."
        )


class FormExpired(PixTagError):
    """The upload form has expired."""

    def __init__(self) -> None:
        super().__init__("This upload form has expired. Get a new form from POST /uploads.")


class UploadExpired(PixTagError):
    """The parts of this upload were removed, because it was not completed within a day."""

    def __init__(self) -> None:
        super().__init__(
            "The parts of this upload were removed, because it was not completed within a day. Start again with"
            " POST /uploads."
        )


class UploadHasNoParts(PixTagError):
    """The upload has a form and no parts."""

    def __init__(self) -> None:
        super().__init__("This upload has no parts. Send the file with the form from POST /uploads.")


class UploadIncomplete(PixTagError):
    """Parts of the upload are missing. Nothing was changed."""

    def __init__(self, numbers: list[int]) -> None:
        missing = ", ".join(map(str, numbers))
        super().__init__(
            f"These parts have not arrived: {missing}. Get their links from GET /uploads/{{id}}, and send them."
        )


class UploadStalled(PixTagError):
    """No part of the upload arrived for a minute. Nothing was stored."""

    def __init__(self) -> None:
        super().__init__("No part of the upload arrived for a minute, so it was stopped. Send it again.")


class UnreadableForm(PixTagError):
    """The request is not a complete multipart form whose last field is the file."""
