"""Returns the usage and the limits of an account."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.auth import CurrentUser
from app.api.dependencies import DiskDep, QuotasDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.quotas import (
    MAX_BYTES,
    MAX_BYTES_PER_DAY,
    MAX_DETECTIONS_PER_MINUTE,
    MAX_EDITS_PER_MINUTE,
    MAX_IMAGES,
    MAX_KEY_REQUESTS_PER_MINUTE,
    MAX_REQUESTS_PER_MINUTE,
    MAX_UPLOADS_PER_MINUTE,
)

router = APIRouter(route_class=StrictRoute, tags=["uploads"], responses=responses(errors.InvalidToken))


class UsageResponse(BaseModel):
    """Your usage and limits."""

    images: int = Field(description="Images that are ready, failed or in the trash.", examples=[1_204])
    bytes: int = Field(description="The total size of the originals in bytes.", examples=[2_653_184_512])
    free_bytes: int | None = Field(
        description="The free space of the disk in bytes, for all accounts together. `null` on AWS.",
        examples=[120_034_123_776],
    )
    uploaded_today: int = Field(
        description="The bytes that you have uploaded today (UTC). Files that you have deleted count too.",
        examples=[2_204_176],
    )
    max_images: int = Field(description="The maximum number of images.", examples=[MAX_IMAGES])
    max_bytes: int = Field(description="The maximum size of all originals in bytes.", examples=[MAX_BYTES])
    max_bytes_per_day: int = Field(description="The bytes that you may upload per day.", examples=[MAX_BYTES_PER_DAY])
    max_uploads_per_minute: int = Field(
        description="The maximum number of uploads per minute.", examples=[MAX_UPLOADS_PER_MINUTE]
    )
    max_edits_per_minute: int = Field(
        description="The maximum number of image edits per minute.", examples=[MAX_EDITS_PER_MINUTE]
    )
    max_detections_per_minute: int = Field(
        description="The maximum number of picture searches and single redetections per minute.",
        examples=[MAX_DETECTIONS_PER_MINUTE],
    )
    max_requests_per_minute: int = Field(
        description="The maximum number of requests with your access tokens and API keys per minute.",
        examples=[MAX_REQUESTS_PER_MINUTE],
    )
    max_key_requests_per_minute: int = Field(
        description="The maximum number of requests with one API key per minute.",
        examples=[MAX_KEY_REQUESTS_PER_MINUTE],
    )


@router.get("/usage", operation_id="getUsage", summary="Get your usage and limits")
def get_usage(user: CurrentUser, quotas: QuotasDep, disk: DiskDep) -> UsageResponse:
    """Return the number and size of your images, and your limits. Beyond a limit, the response is 429."""
    usage, limits = quotas.usage(user.owner), quotas.limits
    return UsageResponse(
        images=usage.images,
        bytes=usage.bytes,
        free_bytes=disk.free_bytes if disk else None,
        uploaded_today=quotas.received(user.owner),
        max_images=limits.images,
        max_bytes=limits.bytes,
        max_bytes_per_day=limits.bytes_per_day,
        max_uploads_per_minute=limits.uploads_per_minute,
        max_edits_per_minute=limits.edits_per_minute,
        max_detections_per_minute=limits.detections_per_minute,
        max_requests_per_minute=limits.requests_per_minute,
        max_key_requests_per_minute=limits.key_requests_per_minute,
    )
