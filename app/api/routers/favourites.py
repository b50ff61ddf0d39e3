"""Marks many images as favourites."""

from fastapi import APIRouter
from pydantic import BaseModel, Field

from app.api.auth import EDIT, CurrentUser
from app.api.bulk import BULK_ERRORS, BulkResponse, BulkRunnerDep, ImageSelection
from app.api.operations import OperationId, OperationStarterDep
from app.api.problems import responses
from app.api.request_validation import StrictRoute
from app.domain import errors
from app.domain.images import ImageState

router = APIRouter(route_class=StrictRoute, prefix="/images", tags=["images"], responses=responses(errors.InvalidToken))


class FavouritesRequest(BaseModel, extra="forbid", strict=True):
    """The images, and whether they are favourites."""

    images: ImageSelection = Field(description="The images to mark.")
    favourite: bool = Field(description="Whether they become favourites.", examples=[True])
    operation: OperationId = None


@router.post(
    "/favourite",
    operation_id="markFavourites",
    summary="Mark images as favourites",
    responses=responses(*BULK_ERRORS),
    dependencies=EDIT,
)
def mark_favourites(
    request: FavouritesRequest,
    user: CurrentUser,
    runner: BulkRunnerDep,
    starter: OperationStarterDep,
) -> BulkResponse:
    """Make up to 100 images per request favourites, or no longer. Select them by ids, by links or by a query.

    The query `is:favourite` finds favourites. Images in the trash cannot be changed. A mark counts as one of the 22
    tags that an image can have.
    """
    operation = starter.proceed(request.operation, dry_run=request.images.dry_run)
    return runner.run(
        request.images,
        lambda library, image_id: library.mark_favourite(
            user.owner, image_id, favourite=request.favourite, operation=operation
        ),
        operation=operation,
        would_change=lambda image: image.state is ImageState.READY and image.is_favourite is not request.favourite,
    )
