"""Defines the schemas of the metadata of a photo and of the metadata that a client sends with an upload."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, Field

from app.domain.capture_times import MAX_TEXT as MAX_TIME
from app.domain.capture_times import format_capture_time
from app.domain.dates import parse_date, require_plausible
from app.domain.sidecars import clean_sidecar
from detector.metadata.text import MAX_KEYWORD, MAX_KEYWORDS, MAX_TEXT
from detector.metadata.values import Metadata, Position, TimeSource


class UploadPosition(BaseModel, extra="forbid", strict=True):
    """A place in WGS 84."""

    latitude: float = Field(ge=-90, le=90, description="Degrees north of the equator.", examples=[35.658581])
    longitude: float = Field(ge=-180, le=180, description="Degrees east of Greenwich.", examples=[139.745433])
    altitude: float | None = Field(None, ge=-11_000, le=100_000, description="Metres above sea level.", examples=[17.5])


class UploadMetadata(BaseModel, extra="forbid", strict=True):
    """What you know about the photo besides its file, for example from the program that you move it from.

    These values come before those in the file. A redetection keeps them.
    """

    taken_at: str | None = Field(
        None,
        max_length=MAX_TIME,
        description="When the photo was taken: a date `2019-07-28`, or with the time at the place `2019-07-28T01:03`,"
        " also with the UTC offset `2019-07-28T01:03:00+09:00`. If it is in UTC (`Z`) and the file has the same moment,"
        " the image has the date of the file, because that shows the time at the place.",
        examples=["2019-07-28T01:03:00+09:00"],
    )
    title: str = Field("", max_length=MAX_TEXT, description="The title of the photo.", examples=["Tokyo Tower"])
    description: str = Field(
        "", max_length=MAX_TEXT, description="What the photo shows.", examples=["The tower at night"]
    )
    keywords: list[Annotated[str, Field(max_length=MAX_KEYWORD)]] = Field(
        default_factory=list,
        max_length=MAX_KEYWORDS,
        description="The image has a tag for each, as for the keywords in the file, up to the maximum number of tags.",
        examples=[["Tokyo", "night"]],
    )
    rating: int | None = Field(None, ge=-1, le=5, description="0 to 5 stars, or -1 for a rejected photo.", examples=[4])
    position: UploadPosition | None = Field(None, description="Where the photo was taken.")

    def to_sidecar(self, now: datetime) -> Metadata:
        """Return the metadata as it is stored.

        Raises:
            ImplausibleDate: the photo was taken before 1826 or after tomorrow.
            InvalidDate: see `parse_date`.
        """
        taken = None if self.taken_at is None else parse_date(self.taken_at, TimeSource.SIDECAR)
        position = Position(**self.position.model_dump()) if self.position else None
        return clean_sidecar(
            Metadata(
                taken=taken and require_plausible(taken, now),
                position=position,
                title=self.title,
                description=self.description,
                rating=self.rating,
                keywords=tuple(self.keywords),
            )
        )


class GpsPosition(BaseModel):
    """A place in WGS 84."""

    latitude: float = Field(description="Degrees north of the equator, from -90 to 90.", examples=[35.658581])
    longitude: float = Field(description="Degrees east of Greenwich, from -180 to 180.", examples=[139.745433])
    altitude: float | None = Field(description="Metres above sea level.", examples=[17.5])


class ImageMetadata(BaseModel):
    """The metadata of the original, from EXIF, XMP or IPTC, and of its upload. Unknown values are null or empty."""

    taken_at: str | None = Field(
        description="The capture time in the photo. See `taken_at` of the image.",
        examples=["2019-07-28T01:03:00+09:00"],
    )
    camera: str = Field(description="The manufacturer and the model of the camera.", examples=["FUJIFILM X-T4"])
    camera_make: str = Field(description="The manufacturer of the camera.", examples=["FUJIFILM"])
    camera_model: str = Field(description="The model of the camera.", examples=["X-T4"])
    lens: str = Field(description="The model of the lens.", examples=["XF35mmF2 R WR"])
    exposure_seconds: float | None = Field(description="The exposure time.", examples=[0.004])
    f_number: float | None = Field(description="The f-number of the aperture.", examples=[2.8])
    iso: int | None = Field(description="The sensitivity.", examples=[200])
    focal_length: float | None = Field(description="The focal length in millimetres.", examples=[35.0])
    focal_length_35mm: float | None = Field(
        description="The focal length in millimetres with the same field of view on 35 mm film.", examples=[53.0]
    )
    position: GpsPosition | None = Field(description="Where the photo was taken.")
    title: str = Field(description="The title of the photo.", examples=["Tokyo Tower"])
    description: str = Field(description="What the photo shows.", examples=["The tower at night"])
    rating: int | None = Field(description="0 to 5 stars, or -1 for a rejected photo.", examples=[4])
    keywords: list[str] = Field(
        description="The keywords as they are in the file and in its upload. The image has a tag for each, up to the"
        " maximum number of tags.",
        examples=[["Tokyo", "night"]],
    )


def to_image_metadata(metadata: Metadata) -> ImageMetadata:
    """Return the schema of metadata."""
    return ImageMetadata(
        taken_at=format_capture_time(metadata.taken) if metadata.taken else None,
        camera=metadata.camera,
        camera_make=metadata.camera_make,
        camera_model=metadata.camera_model,
        lens=metadata.lens,
        exposure_seconds=metadata.exposure_seconds,
        f_number=metadata.f_number,
        iso=metadata.iso,
        focal_length=metadata.focal_length,
        focal_length_35mm=metadata.focal_length_35mm,
        position=_to_position(metadata.position),
        title=metadata.title,
        description=metadata.description,
        rating=metadata.rating,
        keywords=list(metadata.keywords),
    )


def _to_position(position: Position | None) -> GpsPosition | None:
    if position is None:
        return None
    return GpsPosition(latitude=position.latitude, longitude=position.longitude, altitude=position.altitude)
