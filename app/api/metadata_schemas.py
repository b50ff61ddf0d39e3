"""Defines the schema of the metadata of a photo."""

from pydantic import BaseModel, Field

from app.domain.capture_times import format_capture_time
from detector.metadata.values import Metadata, Position


class GpsPosition(BaseModel):
    """A place in WGS 84."""

    latitude: float = Field(description="Degrees north of the equator, from -90 to 90.", examples=[35.658581])
    longitude: float = Field(description="Degrees east of Greenwich, from -180 to 180.", examples=[139.745433])
    altitude: float | None = Field(description="Metres above sea level.", examples=[17.5])


class ImageMetadata(BaseModel):
    """The metadata of the original, from EXIF, XMP or IPTC. Unknown values are null or empty."""

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
    title: str = Field(examples=["Tokyo Tower"])
    description: str = Field(examples=["The tower at night"])
    rating: int | None = Field(description="0 to 5 stars, or -1 for a rejected photo.", examples=[4])
    keywords: list[str] = Field(
        description="The keywords as they are in the file. The image has a tag for each, up to the maximum number of"
        " tags.",
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
