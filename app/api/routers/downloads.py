"""Returns what a client needs to save the originals of many images."""

from typing import Annotated, Final

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser
from app.api.bulk import MAX_IMAGES
from app.api.dependencies import ImagesDep, ObjectsDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.api.schemas import find_original
from app.api.tag_schemas import sort_tags
from app.domain import errors
from app.domain.capture_times import format_capture_time
from app.domain.file_names import make_saved_name
from app.domain.ids import EXAMPLE_ID, is_id
from app.domain.images import Image, ImageState
from app.domain.xmp import SidecarValues, write_sidecar
from detector.metadata.values import TimeSource

MAX_ID: Final = 64  # the characters of an id that may be another one's

router = APIRouter(route_class=StrictRoute, prefix="/images", tags=["images"], responses=responses(errors.InvalidToken))


class DownloadRequest(BaseModel, extra="forbid", strict=True):
    """The images to save."""

    ids: list[Annotated[str, Field(max_length=MAX_ID)]] = Field(
        min_length=1, max_length=MAX_IMAGES, description="At most 100 ids.", examples=[[EXAMPLE_ID]]
    )


class Download(BaseModel):
    """An original, and the text of its sidecar."""

    id: str = Field(description="The id of the image.", examples=[EXAMPLE_ID])
    file_name: str = Field(
        description="A name that is safe on all systems. Several images can have the same one. There is room for a"
        " number and for the ending of the sidecar.",
        examples=["beach.jpg"],
    )
    size: int = Field(description="The size of the original in bytes.", examples=[2_204_176])
    original: str = Field(
        description="A link to the original file. It works for 30 to 60 minutes without signing in.",
        examples=[f"https://…/originals/…/{EXAMPLE_ID}?…"],
    )
    sidecar: str = Field(
        description="XMP with the tags, date, title, description, rating and position. Save it beside the original,"
        " with its name and the ending `.xmp`.",
        examples=['<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>…'],
    )


class DownloadResponse(BaseModel):
    """The originals, in the order of the request."""

    downloads: list[Download] = Field(description="One for each image that has an original.")


@router.post("/downloads", operation_id="prepareDownloads", summary="Get the originals of many images with sidecars")
def prepare_downloads(
    request: DownloadRequest, user: CurrentUser, images: ImagesDep, objects: ObjectsDep
) -> DownloadResponse:
    """Return links to the originals of up to 100 images, with a file name and a sidecar for each.

    Images without an original are left out: those that are unknown, pending or in the trash. The originals of failed
    images are included if PixTag has them. To save more images, send further requests shortly before their links are
    used.
    """
    ids = [image_id for image_id in dict.fromkeys(request.ids) if is_id(image_id)]
    found = {image.id: image for image in images.find_images(user.owner, ids)}
    downloads = []
    for image in (found[image_id] for image_id in ids if image_id in found):
        original = find_original(image, objects) if image.state is not ImageState.TRASHED else None
        if original:
            downloads.append(_to_download(image, original))
    return DownloadResponse(downloads=downloads)


def _to_download(image: Image, original: str) -> Download:
    return Download(
        id=image.id,
        file_name=make_saved_name(image.name, image.media_type),
        size=image.size,
        original=original,
        sidecar=write_sidecar(_to_sidecar_values(image)),
    )


def _to_sidecar_values(image: Image) -> SidecarValues:
    taken = image.capture_time
    return SidecarValues(
        tags=[tag for tag, _ in sort_tags(image.tags)],
        taken_at=None if taken.source is TimeSource.UPLOAD else format_capture_time(taken),
        title=image.metadata.title,
        description=image.metadata.description,
        rating=image.metadata.rating,
        position=image.metadata.position,
    )
