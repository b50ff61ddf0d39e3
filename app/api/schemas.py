"""Defines schemas that several routers share, and converts domain objects to image schemas."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final

from fastapi import Response
from pydantic import BaseModel, Field

from app.api.conditional_requests import format_version
from app.api.detection_schemas import Detection, list_detections, list_dismissed
from app.api.metadata_schemas import ImageMetadata, to_image_metadata
from app.api.tag_schemas import TagCount, TagSource, sort_tags, to_tag_counts, to_tag_source
from app.domain import images
from app.domain.capture_times import format_capture_time
from app.domain.file_names import make_download_name
from app.domain.ids import EXAMPLE_ID, EXAMPLE_KEY, Rendition, created_at
from app.domain.images import STORED, Image, ImageState
from app.domain.pages import Page
from app.domain.ports import Objects
from app.domain.tags import tally_tags
from detector import CERTAIN_CONFIDENCE
from detector.metadata.values import TimeSource

LOCATION: Final[dict[str, Any]] = {
    "Location": {
        "description": "The resource's path.",
        "required": True,
        "schema": {"type": "string", "format": "uri-reference", "examples": [f"/images/{EXAMPLE_ID}"]},
    }
}

CAPTURE_TIME_FORMS: Final = (
    "It is the time that a clock at the place showed: `2019-07-28T01:03:00+09:00`, without the UTC offset if that is"
    " unknown, or only a date."
)

Members = dict[str, Any]
"""The members of a JSON object, as a schema says."""

MailboxPage = Annotated[
    str | None,
    Field(
        description="The page that shows e-mails when PixTag runs on one machine. Null if PixTag sends e-mails.",
        examples=[None],
    ),
]


class PreviewLinks(BaseModel):
    """Links to the preview and thumbnails. They work for 30 to 60 minutes without signing in.

    They are not enlarged. Those of panoramas are longer, so that the short side has enough pixels.
    """

    preview: str = Field(
        description="A JPEG with a long side of 1600 pixels, or more for panoramas.",
        examples=[f"https://…/previews/…/{EXAMPLE_ID}?…"],
    )
    large_thumbnail: str = Field(
        description="A JPEG with a long side of 512 pixels, or a short side of 256, for screens of high density.",
        examples=[f"https://…/large-thumbnails/…/{EXAMPLE_ID}?…"],
    )
    thumbnail: str = Field(
        description="A JPEG with a long side of 256 pixels, or a short side of 128.",
        examples=[f"https://…/thumbnails/…/{EXAMPLE_ID}?…"],
    )


class ImageLinks(PreviewLinks):
    """Links to the preview, thumbnails and original. They work for 30 to 60 minutes without signing in."""

    original: str = Field(
        description="The original file, exactly as uploaded.", examples=[f"https://…/originals/…/{EXAMPLE_ID}?…"]
    )


class ImageSummary(BaseModel):
    """An image as lists and search results show it."""

    id: str = Field(description="The id of the image.", examples=[EXAMPLE_ID])
    state: ImageState = Field(description="The state is `pending` until detection is complete.", examples=["ready"])
    reason: str = Field(
        description="Why the image failed. Otherwise empty.", examples=["", "This photo is damaged or cut off."]
    )
    damage: str = Field(
        description="What is wrong with a photo that could be decoded only in part. Otherwise empty.",
        examples=["", "Damaged: about the upper half could be read."],
    )
    name: str = Field(description="The name of the file.", examples=["beach.jpg"])
    type: str = Field(description="The media type of the original.", examples=["image/jpeg"])
    size: int = Field(description="The size of the original in bytes.", examples=[2_204_176])
    width: int = Field(
        description="The width of the upright image in pixels. 0 until the image is ready.", examples=[4032]
    )
    height: int = Field(
        description="The height of the upright image in pixels. 0 until the image is ready.", examples=[3024]
    )
    created_at: datetime = Field(description="When the image was added.", examples=["2026-01-31T16:20:00Z"])
    trashed_at: datetime | None = Field(
        description="When the image was moved to the trash. You can restore it for 30 days.", examples=[None]
    )
    taken_at: str | None = Field(
        description=f"When the photo was taken, or uploaded if that is unknown. Null until the image is ready."
        f" {CAPTURE_TIME_FORMS}",
        examples=["2019-07-28T01:03:00+09:00"],
    )
    taken_source: TimeSource | None = Field(
        description="Where `taken_at` comes from: `exif`, `xmp`, `iptc`, `png` or `gps` in the photo, the `file` as the"
        " uploading device stored it, the file `name`, or the time of the `upload`. `person` means that you set it, and"
        " `sidecar` that it was sent with the upload. For `gps` and `upload`, it is UTC.",
        examples=["exif"],
    )
    taken_plausible: bool = Field(
        description="False if `taken_at` was before 1826 or after tomorrow when PixTag read the photo. Lists contain"
        " such images after all others.",
        examples=[True],
    )
    tags: Sequence[TagCount] = Field(description="Highest count first. The counts include uncertain objects.")
    certain: dict[str, int] = Field(
        description="The certain part of each count, by tag. Objects are certain if you counted or checked them, if the"
        f" model's confidence is at least {CERTAIN_CONFIDENCE}, or if the file names them in a keyword. Tags without"
        " certain objects are left out.",
        examples=[{"person": 1}],
    )
    favourite: bool = Field(description="Whether you marked it as a favourite.", examples=[True])
    links: PreviewLinks | None = Field(description="Null until the image is ready.")


class ImageDetails(ImageSummary):
    """An image with its tags and detections."""

    model: str = Field(
        description="The name and version of the model that detected the objects.", examples=["yolov3-tiny@dccea06f"]
    )
    tags: Sequence[TagSource] = Field(description="Highest count first.")
    rejected: list[TagSource] = Field(
        description="Tags of detections and drawn boxes that the image does not have, for example because you removed"
        " them. Then the removed tags of the file's keywords."
    )
    albums: list[str] = Field(description="The ids of the albums that contain the image.", examples=[[EXAMPLE_ID]])
    metadata: ImageMetadata = Field(description="What the file and its upload say about the photo.")
    detections: list[Detection] = Field(
        description="Detections, highest confidence first, and then the boxes that you drew, oldest first. A detection"
        " is left out if a box that you drew has the same label and nearly the same place."
    )
    dismissed: list[Detection] = Field(description="Detections that you dismissed. Use PATCH to restore a detection.")
    links: ImageLinks | None = Field(description="Null until the image is ready.")
    original: str | None = Field(
        description="A link to the original file, also of a failed image. It works for 30 to 60 minutes without signing"
        " in. Null if PixTag does not have the file.",
        examples=[f"https://…/originals/…/{EXAMPLE_ID}?…"],
    )


class ImagePage(BaseModel):
    """A page of images."""

    images: list[ImageSummary] = Field(description="The images of this page.")
    next: str | None = Field(
        description="Send this value as `cursor` to get the next page. Null on the last page. A page can have few or no"
        " images even if it is not the last page.",
        examples=[EXAMPLE_KEY],
    )


def to_image_page(page: Page[images.ImageSummary], objects: Objects) -> Members:
    """Return the members of an `ImagePage` with links."""
    return {"images": [to_image_summary(image, objects) for image in page.images], "next": page.cursor}


def to_image_summary(image: images.ImageSummary, objects: Objects) -> Members:
    """Return the members of an `ImageSummary` with links to the preview and thumbnails."""
    members = _summary_members(image)
    members["links"] = link_previews(image, objects)
    return members


def to_image_details(image: Image, objects: Objects, response: Response) -> ImageDetails:
    """Return an image's details with all its links. Set the response's `ETag` to the image's version."""
    response.headers["ETag"] = format_version(image.version)
    found = [*tally_tags(image.detections), *tally_tags(image.drawn)]
    found += [tag for tag in image.keyword_tags if tag in image.edits]
    rejected = [tag for tag in dict.fromkeys(found) if tag not in image.tags]
    links = _image_links(image, objects)
    return ImageDetails(
        **_summary_members(image) | {"tags": [to_tag_source(image, tag) for tag, _ in sort_tags(image.tags)]},
        rejected=[to_tag_source(image, tag) for tag in rejected],
        links=links,
        original=links.original if links else find_original(image, objects),
        albums=list(image.albums),
        metadata=to_image_metadata(image.metadata),
        model=image.model,
        detections=list_detections(image),
        dismissed=list_dismissed(image),
    )


def _summary_members(image: images.ImageSummary) -> Members:
    """Return the members of an `ImageSummary` in its order, without the links."""
    taken = image.capture_time if image.state in STORED else None
    return {
        "id": image.id,
        "state": str(image.state),
        "reason": image.reason,
        "damage": image.damage,
        "name": image.name,
        "type": image.media_type,
        "size": image.size,
        "width": image.width,
        "height": image.height,
        "created_at": created_at(image.id),
        "trashed_at": image.trashed_at,
        "taken_at": format_capture_time(taken) if taken else None,
        "taken_source": str(taken.source) if taken else None,
        "taken_plausible": taken is None or taken.plausible,
        "tags": to_tag_counts(image.tags),
        "certain": image.certain,
        "favourite": image.is_favourite,
    }


def link_previews(image: images.ImageSummary, objects: Objects) -> dict[str, str] | None:
    """Return the members of `PreviewLinks`, or None if the image has no preview and no thumbnails."""
    if image.state not in STORED:
        return None
    return {
        "preview": objects.link(Rendition.PREVIEW.key(image.owner, image.id)),
        "large_thumbnail": objects.link(Rendition.LARGE_THUMBNAIL.key(image.owner, image.id)),
        "thumbnail": objects.link(Rendition.THUMBNAIL.key(image.owner, image.id)),
    }


def _image_links(image: Image, objects: Objects) -> ImageLinks | None:
    links = link_previews(image, objects)
    return ImageLinks(**links, original=_link_original(image, objects)) if links else None


def _link_original(image: Image, objects: Objects) -> str:
    return objects.link(Rendition.ORIGINAL.key(image.owner, image.id), download=make_download_name(image))


def find_original(image: Image, objects: Objects) -> str | None:
    """Return a link to the original, or None if PixTag does not have it. A failed image may have one."""
    key = Rendition.ORIGINAL.key(image.owner, image.id)
    has_original = image.state in STORED or (image.state is ImageState.FAILED and objects.find_entry(key))
    return _link_original(image, objects) if has_original else None
