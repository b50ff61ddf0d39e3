"""Converts between the metadata of an image and its record in a backup."""

from dataclasses import asdict
from typing import Annotated, Any, Final

from pydantic import Field

from app.domain.capture_times import dump_capture_time, load_capture_time
from app.services.backups.lines import Record, Text
from detector.metadata.values import Metadata, Position

MAX_LIST: Final = 10_000

Measure = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Altitude = Annotated[float, Field(allow_inf_nan=False)]


class PositionRecord(Record):
    """Where a photo was taken."""

    latitude: Annotated[float, Field(ge=-90, le=90, allow_inf_nan=False)]
    longitude: Annotated[float, Field(ge=-180, le=180, allow_inf_nan=False)]
    altitude: Altitude | None


class MetadataRecord(Record):
    """The metadata of a photo."""

    taken: Text | None = None
    camera_make: Text = ""
    camera_model: Text = ""
    lens: Text = ""
    exposure_seconds: Measure | None = None
    f_number: Measure | None = None
    iso: Annotated[int, Field(ge=0)] | None = None
    focal_length: Measure | None = None
    focal_length_35mm: Measure | None = None
    position: PositionRecord | None = None
    title: Text = ""
    description: Annotated[str, Field(max_length=65_536)] = ""
    rating: Annotated[int, Field(ge=-1, le=5)] | None = None
    keywords: list[Text] = Field(default_factory=list, max_length=MAX_LIST)


def dump_metadata(metadata: Metadata) -> MetadataRecord:
    """Return the record of an image's metadata."""
    values: dict[str, Any] = asdict(metadata)
    values |= {"taken": dump_capture_time(metadata.taken), "keywords": list(metadata.keywords)}
    return MetadataRecord.model_validate(values)


def load_metadata(record: MetadataRecord) -> Metadata:
    """Return the metadata in a record.

    Raises:
        ValueError: the capture time is not a time.
    """
    position = record.position and Position(**record.position.model_dump())
    return Metadata(
        **record.model_dump()
        | {"taken": load_capture_time(record.taken), "keywords": tuple(record.keywords), "position": position}
    )
