"""Defines the errors of images, their tags, dates and detections."""

from typing import Final

from app.domain.errors.base import PixTagError


class ImageNotFound(PixTagError):
    """Your library has no image with this id. An image of another account gives the same error."""

    def __init__(self) -> None:
        super().__init__("There is no such image in your library.")


class ImageChanged(PixTagError):
    """Another request changed the image at the same time. Nothing was written."""

    def __init__(self) -> None:
        super().__init__("Another request changed the image at the same time. Read it again, then retry.")


class RowDamaged(PixTagError):
    """A database entry is damaged. It was not changed."""

    def __init__(
        self, name: str, advice: str = "Go back to a copy of the database with `pixtag recover COPY`."
    ) -> None:
        super().__init__(f"The database entry of {name} is damaged. PixTag has not changed it. {advice}")


class ImageDamaged(RowDamaged):
    """The database entry of the image is damaged. It was not changed."""

    def __init__(self, image_id: str, *advice: str) -> None:
        super().__init__(f"image {image_id}", *advice)


class VersionOutdated(PixTagError):
    """The image or the album no longer has the version in `If-Match`. Nothing was written."""

    def __init__(self, subject: str = "image") -> None:
        super().__init__(
            f"The {subject} has changed since you read it. Read it again and send its `ETag` as `If-Match`."
        )


class DetectionNotFound(PixTagError):
    """The image has no detection with this id."""

    def __init__(self) -> None:
        super().__init__("The image has no such detection. Read it again: `detections` contains the current ids.")


class DuplicatesNotFound(PixTagError):
    """No group of duplicates has this id."""

    def __init__(self) -> None:
        super().__init__("There is no such group. List the groups again: the images may be in the trash.")


class RedetectionNotFound(PixTagError):
    """You have started no redetection job in the last 30 days."""

    def __init__(self) -> None:
        super().__init__("You have started no redetection job in the last 30 days. Start one with POST /redetection.")


class InvalidState(PixTagError):
    """The operation is not possible in the image's current state."""

    def __init__(self, state: str) -> None:
        super().__init__(f"This is not possible while the image is {state}.")


class PhotoExists(PixTagError):
    """Your library already has an image with exactly these bytes."""

    def __init__(self) -> None:
        super().__init__("This photo is already in your library.")


class InvalidTag(PixTagError):
    """The text is not a valid tag."""


class InvalidBox(PixTagError):
    """The box is outside the photo or too small, or an edge is not a number."""


class InvalidDate(PixTagError):
    """The date or the shift is not valid, or the image has no date that can be shifted."""


class ImplausibleDate(PixTagError):
    """No photo can have been taken at this time."""

    def __init__(self, text: str) -> None:
        super().__init__(f"{text} is not between 1826 and tomorrow.")


class TooManyTags(PixTagError):
    """The image would have too many tags, too high a count or too many corrections."""


class TooManyBoxes(PixTagError):
    """The image already has the maximum number of drawn boxes."""


class InvalidPhoto(PixTagError):
    """The file is not a photo that PixTag can read.

    The message is shown to the owner as the reason why the image failed.
    """


DAMAGE: Final = (ArithmeticError, AttributeError, InvalidTag, LookupError, RecursionError, TypeError, ValueError)
"""What the conversion of a damaged database entry can raise."""
