"""How clients see an image: the JSON shapes that several routers answer with, and the links made for them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Query, Response
from pydantic import BaseModel, Field, WithJsonSchema

from app.adapters.aws.bucket import Bucket
from app.adapters.aws.table import Page
from app.domain.corrections import Finding
from app.domain.images import EXAMPLE_ID, KEPT, Card, Image, Rendition, State, Tags, created_at, tag_name, tags_of

Limit = Annotated[int, Query(ge=1, le=100, description="How many images to answer with, at most.", examples=[50])]
Cursor = Annotated[str | None, Query(description="The `next` of the previous answer.", examples=[EXAMPLE_ID])]

LOCATION: Final[dict[str, Any]] = {
    "Location": {
        "description": "Where it is.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference", "examples": [f"/images/{EXAMPLE_ID}"]},
    }
}

# RFC 3339, and with it the format date-time, wants a zone, and few cameras know theirs.
CameraTime = Annotated[datetime, WithJsonSchema({"type": "string"})]


class CountedTag(BaseModel):
    """A tag and how many of it the image shows."""

    tag: str = Field(examples=["person"])
    count: int = Field(examples=[2])


class TagSource(CountedTag):
    """A tag and where it comes from: what the model saw, and what you said."""

    detected: int = Field(description="How many the model saw.", examples=[1])
    confidence: float | None = Field(description="The model's, of the surest of them, 0 to 1.", examples=[0.87])
    edited_at: datetime | None = Field(
        description="When you last set its count or corrected a box of it.", examples=["2026-02-01T09:30:00Z"]
    )


class Box(BaseModel):
    """Edges in pixels of the original, upright; the origin is its top left corner."""

    x1: float = Field(examples=[812.4])
    y1: float = Field(examples=[240.0])
    x2: float = Field(examples=[1630.9])
    y2: float = Field(examples=[2980.5])


class DetectedObject(BaseModel):
    """One object that the model found, and what you said of it."""

    id: str = Field(description="Stays the same as long as the model finds it there.", examples=["5f2b0c1d9e8a"])
    label: str = Field(description="What it is.", examples=["person"])
    detected_label: str = Field(description="What the model took it for.", examples=["person"])
    confidence: float = Field(description="The model's, 0 to 1.", examples=[0.87])
    corrected_at: datetime | None = Field(
        description="When you said what it is, or that it is nothing.", examples=["2026-02-01T09:30:00Z"]
    )
    box: Box


class SmallLinks(BaseModel):
    """Links that work for half an hour to an hour, for whoever has them."""

    preview: str = Field(
        description="A JPEG with a long side of at most 1600 pixels.", examples=[f"https://…/previews/…/{EXAMPLE_ID}?…"]
    )
    thumbnail: str = Field(
        description="A JPEG with a long side of at most 256 pixels.",
        examples=[f"https://…/thumbnails/…/{EXAMPLE_ID}?…"],
    )


class Links(SmallLinks):
    """The small ones, and one to the untouched original."""

    original: str = Field(
        description="The bytes that were uploaded.", examples=[f"https://…/originals/…/{EXAMPLE_ID}?…"]
    )


class ImageSummary(BaseModel):
    """An image as lists and search results show it."""

    id: str = Field(examples=[EXAMPLE_ID])
    state: State = Field(description="`pending` until its objects have been looked for.")
    reason: str = Field(
        description="Why it failed; empty otherwise.", examples=["", "This photograph is damaged or cut off."]
    )
    name: str = Field(examples=["beach.jpg"])
    type: str = Field(examples=["image/jpeg"])
    size: int = Field(description="Bytes of the original.", examples=[2_204_176])
    width: int = Field(description="Pixels, upright; 0 until it is ready.", examples=[4032])
    height: int = Field(description="Pixels, upright; 0 until it is ready.", examples=[3024])
    created_at: datetime = Field(description="When it was added.", examples=["2026-01-31T16:20:00Z"])
    trashed_at: datetime | None = Field(
        description="When it was put into the trash, from where 30 days restore it.", examples=[None]
    )
    taken_at: CameraTime | None = Field(
        description="When the camera says it was taken; without a zone if it says none.",
        examples=["2025-08-17T14:03:21"],
    )
    tags: Sequence[CountedTag] = Field(description="The most frequent first.")
    links: SmallLinks | None = Field(description="None until it is ready.")


class ImageDetails(ImageSummary):
    """An image with all that was found on it."""

    model: str = Field(
        description="Name and version of the model that looked at it.", examples=["yolov3-tiny@dccea06f"]
    )
    tags: Sequence[TagSource] = Field(description="The most frequent first.")
    rejected: list[TagSource] = Field(
        description="What the model saw and is not there: you took it away, or there are too many."
    )
    detections: list[DetectedObject] = Field(description="The most confident first.")
    dismissed: list[DetectedObject] = Field(description="Those that you deleted; PATCH one to bring it back.")
    links: Links | None = Field(description="None until it is ready.")


class ImagePage(BaseModel):
    """Images, newest first."""

    images: list[ImageSummary]
    next: str | None = Field(
        description="Pass it as `cursor` to read on; null at the end. A page can be short, or empty, and not the last.",
        examples=[EXAMPLE_ID],
    )


def page(found: Page[Card], bucket: Bucket) -> ImagePage:
    """A page of results with links to their thumbnails and previews."""
    return ImagePage(
        images=[summary(card, bucket) for card in found.cards],
        next=found.cursor,
    )


def summary(card: Card, bucket: Bucket) -> ImageSummary:
    """One result with links to its thumbnail and preview."""
    return ImageSummary(**_facts(card), links=_small_links(card, bucket))


def details(image: Image, bucket: Bucket, response: Response) -> ImageDetails:
    """One image with links to all its objects; its version becomes the answer's `ETag`."""
    response.headers["ETag"] = f'"{image.version}"'
    rejected = [tag for tag in tags_of(image.detections) if tag not in image.tags]
    return ImageDetails(
        **_facts(image) | {"tags": [_source(image, tag.tag) for tag in counted(image.tags)]},
        rejected=[_source(image, tag) for tag in rejected],
        links=_links(image, bucket),
        model=image.model,
        detections=[_detected(one) for one in image.findings if one.label is not None],
        dismissed=[_detected(one) for one in image.findings if one.label is None],
    )


def counted(tags: Tags) -> list[CountedTag]:
    """Tags with their counts, the most frequent first."""
    return [
        CountedTag(tag=tag, count=count) for tag, count in sorted(tags.items(), key=lambda pair: (-pair[1], pair[0]))
    ]


def _facts(card: Card) -> dict[str, Any]:
    return {
        "id": card.id,
        "state": card.state,
        "reason": card.reason,
        "name": card.name,
        "type": card.media_type,
        "size": card.size,
        "width": card.width,
        "height": card.height,
        "created_at": created_at(card.id),
        "taken_at": card.taken_at,
        "trashed_at": card.trashed_at,
        "tags": counted(card.tags),
    }


def _small_links(card: Card, bucket: Bucket) -> SmallLinks | None:
    if card.state not in KEPT:
        return None
    return SmallLinks(
        preview=bucket.link(Rendition.PREVIEW.key(card.owner, card.id)),
        thumbnail=bucket.link(Rendition.THUMBNAIL.key(card.owner, card.id)),
    )


def _links(image: Image, bucket: Bucket) -> Links | None:
    small = _small_links(image, bucket)
    original = Rendition.ORIGINAL.key(image.owner, image.id)
    return Links(**small.model_dump(), original=bucket.link(original, download=image.name)) if small else None


def _source(image: Image, tag: str) -> TagSource:
    confidences = [one.confidence for one in image.detections if tag_name(one.label) == tag]
    return TagSource(
        tag=tag,
        count=image.tags.get(tag, 0),
        detected=len(confidences),
        confidence=max(confidences, default=None),
        edited_at=image.edited_at(tag),
    )


def _detected(finding: Finding) -> DetectedObject:
    detection, correction = finding.detection, finding.correction
    edges = detection.box
    return DetectedObject(
        id=finding.id,
        label=finding.label or detection.label,
        detected_label=detection.label,
        confidence=detection.confidence,
        corrected_at=correction.at if correction else None,
        box=Box(x1=edges.x1, y1=edges.y1, x2=edges.x2, y2=edges.y2),
    )
