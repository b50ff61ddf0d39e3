"""Defines the schemas of detections and drawn boxes, and converts domain objects to them."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated

from pydantic import BaseModel, Field

from app.domain.corrections import CorrectedDetection, DrawnBox
from app.domain.images import Image
from detector import BoundingBox as Box


class BoundingBox(BaseModel):
    """The edges of a bounding box in pixels of the upright original. The origin is the top left corner."""

    x1: float = Field(description="The left edge.", examples=[812.4])
    y1: float = Field(description="The top edge.", examples=[240.0])
    x2: float = Field(description="The right edge.", examples=[1630.9])
    y2: float = Field(description="The bottom edge.", examples=[2980.5])


Edge = Annotated[float, Field(allow_inf_nan=False)]


class NewBox(BaseModel, extra="forbid", strict=True):
    """The edges of a box in pixels of the upright original. The origin is the top left corner.

    They are rounded to 0.1 pixels. The box must be inside the photo, and at least one pixel wide and high.
    """

    x1: Edge = Field(description="The left edge, at least 0.", examples=[812.4])
    y1: Edge = Field(description="The top edge, at least 0.", examples=[240.0])
    x2: Edge = Field(description="The right edge, at most the width of the image.", examples=[1630.9])
    y2: Edge = Field(description="The bottom edge, at most the height of the image.", examples=[2980.5])

    def to_box(self) -> Box:
        """Return the box as the domain needs it."""
        return Box(self.x1, self.y1, self.x2, self.y2)


class BoxSource(StrEnum):
    """Who found an object."""

    MODEL = "model"
    PERSON = "person"


class Detection(BaseModel):
    """An object in a photo: one that the model detected, with your correction, or one that you drew."""

    id: str = Field(
        description="Stays the same while the model detects the same label in the same place. That of a drawn box never"
        " changes.",
        examples=["5f2b0c1d9e8a"],
    )
    source: BoxSource = Field(
        description="`model` if the model detected the object, `person` if you drew the box.", examples=["model"]
    )
    label: str = Field(description="The label after your correction.", examples=["person"])
    detected_label: str | None = Field(
        description="The label that the model detected. Null for a drawn box.", examples=["person"]
    )
    confidence: float | None = Field(
        description="The model's confidence, from 0 to 1. Null for a drawn box.", examples=[0.87]
    )
    certain: bool = Field(
        description="Whether the object counts as certain: you confirmed, relabeled, moved or drew the box, or the"
        " model is confident.",
        examples=[True],
    )
    corrected_at: datetime | None = Field(
        description="When you confirmed, relabeled, moved or dismissed the detection. For a drawn box, when you drew or"
        " last changed it.",
        examples=["2026-02-01T09:30:00Z"],
    )
    box: BoundingBox = Field(description="The bounding box after your correction.")
    detected_box: BoundingBox | None = Field(description="The bounding box of the model if you moved it.")


def list_detections(image: Image) -> list[Detection]:
    """Return the visible detections, most confident first, and then the drawn boxes, oldest first."""
    detected = [_to_detection(each) for each in image.corrected_detections if each.label is not None]
    return detected + [_to_drawn(each) for each in image.drawn]


def list_dismissed(image: Image) -> list[Detection]:
    """Return the dismissed detections, most confident first."""
    return [_to_detection(each) for each in image.corrected_detections if each.label is None]


def _to_detection(corrected: CorrectedDetection) -> Detection:
    detection = corrected.detection
    return Detection(
        id=corrected.id,
        source=BoxSource.MODEL,
        label=corrected.label or detection.label,
        detected_label=detection.label,
        confidence=detection.confidence,
        certain=corrected.is_certain,
        corrected_at=corrected.correction.at if corrected.correction else None,
        box=_to_schema(corrected.box),
        detected_box=_to_schema(detection.box) if corrected.moved else None,
    )


def _to_drawn(drawn: DrawnBox) -> Detection:
    return Detection(
        id=drawn.id,
        source=BoxSource.PERSON,
        label=drawn.label,
        detected_label=None,
        confidence=None,
        certain=True,
        corrected_at=drawn.at,
        box=_to_schema(drawn.box),
        detected_box=None,
    )


def _to_schema(box: Box) -> BoundingBox:
    return BoundingBox(x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2)
