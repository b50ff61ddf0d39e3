"""The metadata that PixTag reads from a photo."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class TimeSource(StrEnum):
    """Where a capture time comes from: a person, a sidecar, the photo itself (five sources), or around it."""

    PERSON = "person"
    SIDECAR = "sidecar"
    EXIF = "exif"
    XMP = "xmp"
    IPTC = "iptc"
    PNG = "png"
    GPS = "gps"
    FILE = "file"
    NAME = "name"
    UPLOAD = "upload"


@dataclass(frozen=True, slots=True)
class CaptureTime:
    """When a photo was taken.

    Attributes:
        local: The time that a clock at the place showed, without a time zone. Midnight if only the date is known.
            If the source only contains UTC, as GPS does, it is UTC, and the offset is 0.
        source: Where the time comes from.
        offset: The difference from UTC, if the source contains it. It is between -12 and +14 hours.
        date_only: Whether the time of day is unknown.
        plausible: Whether a photo can have been taken at this time.
    """

    local: datetime
    source: TimeSource
    offset: timedelta | None = None
    date_only: bool = False
    plausible: bool = True


@dataclass(frozen=True, slots=True)
class Position:
    """A place in WGS 84: degrees north and east, and metres above sea level."""

    latitude: float
    longitude: float
    altitude: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Metadata:
    """The metadata of a photo. Unknown values are None or empty.

    Texts contain no control characters except line breaks in descriptions. They have at most 2,000 characters, and the
    names of cameras and lenses at most 100.

    Attributes:
        taken: The capture time that the photo contains.
        camera_make: The manufacturer of the camera.
        camera_model: The model of the camera.
        lens: The model of the lens.
        exposure_seconds: The exposure time.
        f_number: The aperture, as focal length divided by diameter.
        iso: The sensitivity.
        focal_length: In millimetres.
        focal_length_35mm: The equivalent focal length on 35 mm film, in millimetres.
        position: Where the photo was taken.
        title: A short title.
        description: A caption.
        rating: 0 to 5 stars, or -1 for a rejected photo.
        keywords: Keywords in the order of the file, without duplicates. At most 200 of at most 100 characters.
    """

    taken: CaptureTime | None = None
    camera_make: str = ""
    camera_model: str = ""
    lens: str = ""
    exposure_seconds: float | None = None
    f_number: float | None = None
    iso: int | None = None
    focal_length: float | None = None
    focal_length_35mm: float | None = None
    position: Position | None = None
    title: str = ""
    description: str = ""
    rating: int | None = None
    keywords: tuple[str, ...] = ()

    @property
    def camera(self) -> str:
        """The make and the model of the camera. Most models start with the make, which is not repeated."""
        brand = self.camera_make.partition(" ")[0].casefold()
        if self.camera_model.casefold().startswith(brand):
            return self.camera_model or self.camera_make
        return f"{self.camera_make} {self.camera_model}".strip()
