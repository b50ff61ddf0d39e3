"""Images: the library, newest first, and one image with all that was found on it."""

from fastapi import APIRouter, Response, status

from app import errors
from app.answers import Cursor, ImageDetails, ImagePage, Limit, details, page
from app.auth import UserDep
from app.images import State
from app.problems import responses
from app.wiring import BucketDep, TableDep

router = APIRouter(prefix="/images", tags=["images"], responses=responses(errors.InvalidToken))


@router.get("", operation_id="listImages", summary="List your images", responses=responses(errors.InvalidCursor))
def list_images(
    user: UserDep, table: TableDep, bucket: BucketDep, limit: Limit = 50, cursor: Cursor = None
) -> ImagePage:
    """Your images, newest first, with those that are pending or failed."""
    return page(table.list_images(user.owner, limit, cursor), bucket)


@router.get(
    "/{image_id}",
    operation_id="getImage",
    summary="Read an image",
    responses=responses(errors.ImageNotFound)
    | {202: {"model": ImageDetails, "description": "It is pending: ask again after `Retry-After` seconds."}},
)
def get_image(image_id: str, user: UserDep, table: TableDep, bucket: BucketDep, response: Response) -> ImageDetails:
    """One image: its state, tags and detections, and links to its original, preview and thumbnail."""
    image = table.get_image(user.owner, image_id)
    if image.state is State.PENDING:
        response.status_code = status.HTTP_202_ACCEPTED
        response.headers["Retry-After"] = "1"
    return details(image, bucket)
