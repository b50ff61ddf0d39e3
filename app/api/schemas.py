"""JSON schemas of images that several routers share, and the conversions from domain objects."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Query, Response
from pydantic import BaseModel, Field, WithJsonSchema

from app.adapters.aws.bucket import Bucket
from app.adapters.aws.paging import Page
from app.domain import images
from app.domain.corrections import CorrectedDetection
from app.domain.ids import EXAMPLE_ID, Rendition, created_at
from app.domain.images import STORED, Image, ImageState
from app.domain.tags import Tags, tag_name, tally_tags

Limit = Annotated[int, Query(ge=1, le=100, description="Maximum number of images in the response.", examples=[50])]
Cursor = Annotated[str | None, Query(description="The `next` of the previous response.", examples=[EXAMPLE_ID])]

LOCATION: Final[dict[str, Any]] = {
    "Location": {
        "description": "The path of the resource.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference", "examples": [f"/images/{EXAMPLE_ID}"]},
    }
}

# RFC 3339, and so the format date-time, requires a time zone. Few cameras know theirs.
CameraTime = Annotated[datetime, WithJsonSchema({"type": "string"})]


class TagCount(BaseModel):
    """A tag and its count."""

    tag: str = Field(examples=["person"])
    count: int = Field(examples=[2])


class TagSource(TagCount):
    """A tag, its count, and where the count comes from."""

    detected: int = Field(description="How many the model detected.", examples=[1])
    confidence: float | None = Field(description="Highest confidence of the detections, 0 to 1.", examples=[0.87])
    edited_at: datetime | None = Field(
        description="When you last edited the count or corrected a detection.", examples=["2026-02-01T09:30:00Z"]
    )


class BoundingBox(BaseModel):
    """Edges in pixels of the upright original. The origin is the top left corner."""

    x1: float = Field(examples=[812.4])
    y1: float = Field(examples=[240.0])
    x2: float = Field(examples=[1630.9])
    y2: float = Field(examples=[2980.5])


class Detection(BaseModel):
    """An object that the model detected, with your correction."""

    id: str = Field(
        description="Stays the same as long as the model detects it in this place.", examples=["5f2b0c1d9e8a"]
    )
    label: str = Field(description="The label after correction.", examples=["person"])
    detected_label: str = Field(description="The label that the model gave.", examples=["person"])
    confidence: float = Field(description="The model's confidence, 0 to 1.", examples=[0.87])
    corrected_at: datetime | None = Field(
        description="When you corrected or dismissed it.", examples=["2026-02-01T09:30:00Z"]
    )
    box: BoundingBox


class PreviewLinks(BaseModel):
    """Links that work without signing in, for 30 to 60 minutes."""

    preview: str = Field(
        description="A JPEG with a long side of at most 1600 pixels.", examples=[f"https://…/previews/…/{EXAMPLE_ID}?…"]
    )
    thumbnail: str = Field(
        description="A JPEG with a long side of at most 256 pixels.",
        examples=[f"https://…/thumbnails/…/{EXAMPLE_ID}?…"],
    )


class ImageLinks(PreviewLinks):
    """Links to preview, thumbnail and original."""

    original: str = Field(
        description="The uploaded bytes, unchanged.", examples=[f"https://…/originals/…/{EXAMPLE_ID}?…"]
    )


class ImageSummary(BaseModel):
    """An image as lists and search results show it."""

    id: str = Field(examples=[EXAMPLE_ID])
    state: ImageState = Field(description="`pending` until objects have been detected.")
    reason: str = Field(
        description="Why it failed; empty otherwise.", examples=["", "This photo is damaged or incomplete."]
    )
    name: str = Field(examples=["beach.jpg"])
    type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes of the original.", examples=[2_204_176])
    width: int = Field(description="Pixels, upright; 0 until it is ready.", examples=[4032])
    height: int = Field(description="Pixels, upright; 0 until it is ready.", examples=[3024])
    created_at: datetime = Field(description="When it was uploaded.", examples=["2026-01-31T16:20:00Z"])
    trashed_at: datetime | None = Field(
        description="When it was moved to the trash. It can be restored for 30 days.", examples=[None]
    )
    taken_at: CameraTime | None = Field(
        description="When the photo was taken, from EXIF; without a time zone if there is none.",
        examples=["2025-08-17T14:03:21"],
    )
    tags: Sequence[TagCount] = Field(description="Highest count first.")
    links: PreviewLinks | None = Field(description="Null until it is ready.")


class ImageDetails(ImageSummary):
    """An image with its tags and detections."""

    model: str = Field(
        description="Name and version of the model that detected the objects.", examples=["yolov3-tiny@dccea06f"]
    )
    tags: Sequence[TagSource] = Field(description="Highest count first.")
    rejected: list[TagSource] = Field(
        description="Detected tags that the image does not have: you removed them, or there are too many."
    )
    detections: list[Detection] = Field(description="Highest confidence first.")
    dismissed: list[Detection] = Field(description="Detections that you dismissed. PATCH restores one.")
    links: ImageLinks | None = Field(description="Null until it is ready.")


class ImagePage(BaseModel):
    """Images, newest first."""

    images: list[ImageSummary]
    next: str | None = Field(
        description="Pass it as `cursor` to get the next page; null on the last page. A page can be short or empty"
        " although more follow.",
        examples=[EXAMPLE_ID],
    )


def to_image_page(page: Page[images.ImageSummary], bucket: Bucket) -> ImagePage:
    """Return a page of summaries with links."""
    return ImagePage(images=[to_image_summary(image, bucket) for image in page.images], next=page.cursor)


def to_image_summary(image: images.ImageSummary, bucket: Bucket) -> ImageSummary:
    """Return a summary with links to preview and thumbnail."""
    return ImageSummary(**_summary_fields(image), links=_preview_links(image, bucket))


def to_image_details(image: Image, bucket: Bucket, response: Response) -> ImageDetails:
    """Return an image with all its links. The response gets the version as `ETag`."""
    response.headers["ETag"] = f'"{image.version}"'
    rejected = [tag for tag in tally_tags(image.detections) if tag not in image.tags]
    return ImageDetails(
        **_summary_fields(image) | {"tags": [_to_source(image, tag.tag) for tag in to_tag_counts(image.tags)]},
        rejected=[_to_source(image, tag) for tag in rejected],
        links=_image_links(image, bucket),
        model=image.model,
        detections=[_to_detection(each) for each in image.corrected_detections if each.label is not None],
        dismissed=[_to_detection(each) for each in image.corrected_detections if each.label is None],
    )


def to_tag_counts(tags: Tags) -> list[TagCount]:
    """Return tags with their counts, highest count first."""
    return [TagCount(tag=tag, count=count) for tag, count in sorted(tags.items(), key=lambda pair: (-pair[1], pair[0]))]


def _summary_fields(image: images.ImageSummary) -> dict[str, Any]:
    return {
        "id": image.id,
        "state": image.state,
        "reason": image.reason,
        "name": image.name,
        "type": image.media_type,
        "size": image.size,
        "width": image.width,
        "height": image.height,
        "created_at": created_at(image.id),
        "taken_at": image.taken_at,
        "trashed_at": image.trashed_at,
        "tags": to_tag_counts(image.tags),
    }


def _preview_links(image: images.ImageSummary, bucket: Bucket) -> PreviewLinks | None:
    if image.state not in STORED:
        return None
    return PreviewLinks(
        preview=bucket.link(Rendition.PREVIEW.key(image.owner, image.id)),
        thumbnail=bucket.link(Rendition.THUMBNAIL.key(image.owner, image.id)),
    )


def _image_links(image: Image, bucket: Bucket) -> ImageLinks | None:
    links = _preview_links(image, bucket)
    original = Rendition.ORIGINAL.key(image.owner, image.id)
    return ImageLinks(**links.model_dump(), original=bucket.link(original, download=image.name)) if links else None


def _to_source(image: Image, tag: str) -> TagSource:
    confidences = [detection.confidence for detection in image.detections if tag_name(detection.label) == tag]
    return TagSource(
        tag=tag,
        count=image.tags.get(tag, 0),
        detected=len(confidences),
        confidence=max(confidences, default=None),
        edited_at=image.edited_at(tag),
    )


def _to_detection(corrected: CorrectedDetection) -> Detection:
    detection, correction = corrected.detection, corrected.correction
    box = detection.box
    return Detection(
        id=corrected.id,
        label=corrected.label or detection.label,
        detected_label=detection.label,
        confidence=detection.confidence,
        corrected_at=correction.at if correction else None,
        box=BoundingBox(x1=box.x1, y1=box.y1, x2=box.x2, y2=box.y2),
    )
