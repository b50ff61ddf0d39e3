"""Defines schemas of tags that several routers share, and converts the tags of images to them."""

from datetime import datetime
from enum import StrEnum
from operator import itemgetter
from typing import Annotated, Any

from pydantic import BaseModel, Field

from app.domain.images import Image
from app.domain.tags import MAX_TAG_LENGTH, MAX_TAG_TEXT, Tags, tag_name

TagName = Annotated[
    str,
    Field(
        max_length=MAX_TAG_TEXT,
        description=f"At most {MAX_TAG_TEXT} characters, and at most {MAX_TAG_LENGTH} after Unicode normalization.",
    ),
]


class TagCount(BaseModel):
    """A tag and its count."""

    tag: str = Field(description="The name of the tag.", examples=["person"])
    count: int = Field(description="How many of them the image shows.", examples=[2])


class TagOrigin(StrEnum):
    """Where a tag comes from."""

    HAND = "hand"  # a person edited the count, corrected a detection of the tag, or drew a box with it
    DETECTED = "detected"
    FILE = "file"  # a keyword in the file


class TagSource(TagCount):
    """A tag, its count and the source of the count."""

    source: TagOrigin = Field(
        description="`hand` if you edited the tag, `detected` if the model detected it, `file` if only the file"
        " contains it as a keyword.",
        examples=["detected"],
    )
    in_file: bool = Field(description="Whether the file contains the tag as a keyword.", examples=[False])
    detected: int = Field(description="The number of objects that the model detected.", examples=[1])
    confidence: float | None = Field(
        description="The highest confidence of the detections, from 0 to 1.", examples=[0.87]
    )
    edited_at: datetime | None = Field(
        description="When you last edited the count, relabeled or dismissed a detection of this tag, or drew one.",
        examples=["2026-02-01T09:30:00Z"],
    )


def to_tag_counts(tags: Tags) -> list[dict[str, Any]]:
    """Return the members of a `TagCount` for each tag, highest count first."""
    return [{"tag": tag, "count": count} for tag, count in sort_tags(tags)]


def sort_tags(tags: Tags) -> list[tuple[str, int]]:
    """Return tags with their counts, highest count first."""
    return sorted(sorted(tags.items()), key=itemgetter(1), reverse=True)  # tags with equal counts stay in their order


def to_tag_source(image: Image, tag: str) -> TagSource:
    """Return a tag of an image with its count and the source of the count."""
    confidences = [detection.confidence for detection in image.detections if tag_name(detection.label) == tag]
    edited_at, in_file = image.edited_at(tag), tag in image.keyword_tags
    return TagSource(
        tag=tag,
        source=TagOrigin.HAND if edited_at else TagOrigin.DETECTED if confidences else TagOrigin.FILE,
        in_file=in_file,
        count=image.tags.get(tag, 0),
        detected=len(confidences),
        confidence=max(confidences, default=None),
        edited_at=edited_at,
    )
